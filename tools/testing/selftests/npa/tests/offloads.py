#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Offloads in tunnels and of merged segments, seen from the other end.

The NICs of a guest leave to the device what they can. The other end, a NIC of
the same guest in a namespace, leaves nothing to anybody: its kernel computes
every checksum, inner and outer, and counts what is wrong. Everything is compared
byte for byte (in_guest.py).
"""

import contextlib
import re
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, matrix, scene, tap  # noqa: E402
from npa.net import Peer  # noqa: E402
from npa.npad import Npad  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.vm import npad_device  # noqa: E402

# With NPA; the offload mode of revisions 4 to 6; bits of revision 7 and later.
CELLS = (matrix.Cell(revision=9), matrix.Cell(revision=5),
         matrix.Cell(revision=9, rx_order="out"))
LENGTH = 256 << 10		# of each of two TCP connections
MTU = 1400			# in the tunnel
# In a tunnel: bits of "ethtool -K" for its segmentation.
SEGMENTATION = "tx-udp_tnl-segmentation {0} tx-udp_tnl-csum-segmentation {0}"


@contextlib.contextmanager
def opened():
    """A guest with a NIC of each kind, of which the first is vnic0."""
    with Peer() as peer:
        npad = Npad(netns=peer.name, mac=matrix.mac(0), arguments=[
            "--merged", "--revision", str(CELLS[0].revision)])
        devices = npad_device(npad.socket_path)
        for number, cell in enumerate([*CELLS, CELLS[0]][1:], 1):
            npad.add_arguments("--vnic", matrix.vnic_words(cell, number,
                                                           npad.directory))
            devices += npad_device(npad.directory / f"cell{number}.sock")
        with npad, matrix.boot(devices, CELLS) as guest:
            peer.up(npad.tap, f"{scene.PEER}/24")
            bench = matrix.Bench(guest, npad, CELLS)
            bench.set_up()
            bench.peer = peer
            yield bench


def cut(bench, name):
    """Frames that a NIC has left to somebody else to cut."""
    return sum(map(int, re.findall(r"_tx_tso_packets: (\d+)",
                                   bench.guest.run(f"ethtool -S {name}"))))


@contextlib.contextmanager
def up(bench, number):
    """A NIC with addresses; nothing may be dropped, no sum may be wrong."""
    guest, name = bench.guest, bench.name(number)
    netns = f"ip -n {matrix.NETNS}"
    guest.run(f"""
        ip addr add 10.{number}.0.2/24 dev {name}
        ip addr add fd00:{number}::2/64 dev {name} nodad
        {netns} addr add 10.{number}.0.1/24 dev {bench.remote}
        {netns} addr add fd00:{number}::1/64 dev {bench.remote} nodad
        ip link set {name} up
        for i in $(seq 100); do
            ping -c 1 -W 1 10.{number}.0.1 > /dev/null &&
            ping -c 1 -W 1 fd00:{number}::1 > /dev/null && break
            sleep 0.1
        done""", timeout=60)
    before = bench.faults(name)
    try:
        yield name
        check_equal(bench.faults(name), before, "drops and bad checksums")
        check_equal(guest.alarms(), [], "alarms in the kernel log")
    finally:
        guest.run(f"ip link set {name} down; ip addr flush dev {name}; "
                  f"{netns} addr flush dev {bench.remote}")


def tunnel(number, kind, port, checksum, six=False):
    """What both() is told about a tunnel over IPv4 or IPv6 (six)."""
    network = f"fd00:{number}::" if six else f"10.{number}.0."
    # What there is over IPv6 has a checksum unless asked not to have one.
    words = f"{'' if checksum else 'no'}udpcsum"

    def ends(here, there, device):
        where = f"local {network}{here} dev {device}" \
            if kind == "vxlan" else ""
        return (f"mtu {MTU} type {kind} id 9 dstport {port} "
                f"remote {network}{there} {where} {words}")

    return ends


def cross(bench, number, name, words, left, six=False):
    """Everything through a tunnel; are its segments left to the device?"""
    before = cut(bench, name)
    network = f"fd01:{number}:" if six else f"198.18.{number}"
    with bench.both(name, "tun0", words):
        bench.cross("tun0", "tun0", network, MTU, LENGTH)
    count = cut(bench, name) - before
    note(f"{words(2, 1, name)}: {count} frames left to the device to cut")
    # A frame has 64 KiB at most.
    if left:
        check(count >= 2 * LENGTH >> 16, "nothing was left to the device")
    else:
        check_equal(count, 0, "frames left to the device")


def tunnels(bench, number):
    """VXLAN and Geneve, IPv4 and IPv6, inside and outside, sums or none."""
    with up(bench, number) as name:
        features = bench.guest.run(f"ethtool -k {name}")
        check("tx-udp_tnl-segmentation: on" in features and
              "tx-udp_tnl-csum-segmentation: on" in features, features)
        for kind, port, checksum, outer, inner in (
                ("vxlan", 4789, False, False, False),
                ("vxlan", 8472, True, False, True),
                ("geneve", 6081, True, True, False),
                # A port that the device does not know.
                ("vxlan", 5555, True, False, False)):
            cross(bench, number, name,
                  tunnel(number, kind, port, checksum, outer), port != 5555,
                  inner)
        bench.guest.run(f"ethtool -K {name} {SEGMENTATION.format('off')}")
        cross(bench, number, name, tunnel(number, "vxlan", 4789, True), False)
        bench.guest.run(f"ethtool -K {name} {SEGMENTATION.format('on')}")


def tunnels_sent(bench, number):
    """The other end leaves its work to the device too, and merges."""
    both = ((f"ip netns exec {matrix.NETNS} ", bench.remote),
            ("", bench.name(number)))
    turn = "tx {0} sg {0} tso {0} rx {0} lro {0}"
    for prefix, name in both:
        bench.guest.run(f"{prefix}ethtool -K {name} {turn.format('on')}")
    try:
        with up(bench, number) as name:
            for kind, port in (("vxlan", 4789), ("geneve", 6081)):
                cross(bench, number, name, tunnel(number, kind, port, True),
                      True)
    finally:
        for prefix, name in both:
            bench.guest.run(f"{prefix}ethtool -K {name} {turn.format('off')}")
        bench.guest.run(f"ethtool -K {name} tx on sg on tso on rx on")


def forwarded(bench, number):
    """What was merged is cut by somebody else, with the right checksums."""
    name = bench.name(number)
    bench.guest.run(f"ip addr add {scene.GUEST}/24 dev {name}; "
                    f"ip link set {name} up; for i in $(seq 50); do "
                    f"ping -c 1 -W 1 {scene.PEER} && exit 0; done; exit 1")
    try:
        exercise.forwarded(SimpleNamespace(guest=SimpleNamespace(
            run=bench.guest.run, alarms=bench.guest.alarms,
            ethtool_stats=lambda: stats(bench, name)),
            peer=bench.peer, netdev=name))
    finally:
        bench.guest.run(f"ip link set {name} down; ip addr flush dev {name}")


def stats(bench, name):
    """The counters of one NIC."""
    return {key: int(value) for key, value in re.findall(
        r"(\w+): (\d+)", bench.guest.run(f"ethtool -S {name}"))}


def switches(bench, number):
    """The path changes under a tunnel's traffic; a VF cannot do its part."""
    with up(bench, number) as name:
        words = tunnel(number, "vxlan", 4789, False)
        stream = f"198.18.{number}"
        with bench.both(name, "tun0", words):
            bench.cross("tun0", "tun0", stream, MTU, LENGTH)
            loop = bench.guest.spawn(
                f"while [ ! -e /tmp/stop ]; do python3 /tmp/in_guest.py "
                f"{matrix.NETNS} {stream}.2 {stream}.1 {MTU} {4 * LENGTH} || "
                "exit 1; done")
            # So that they come in every phase of the traffic.
            for _ in range(30):
                bench.npad.attach()
                bench.npad.detach()
                if loop.stdout.count("lengths") >= 2:
                    break
            bench.guest.run("touch /tmp/stop")
            loop.wait(90)
            check_equal(loop.status, 0, f"traffic: {loop.stdout}{loop.stderr}")
            rounds = loop.stdout.count("lengths")
        count = stats(bench, name)["npa_switches_to_vf"]
        note(f"{rounds} rounds of traffic, {count} switches to the VF")
        check(rounds >= 2 and count >= 4, "too few to mean anything")
        bench.npad.attach()
        cross(bench, number, name, words, False)
        bench.npad.detach()
        cross(bench, number, name, words, True)


def tests():
    """All tests, in one guest."""
    suite = Suite(opened)
    made = []
    for function, numbers in ((tunnels, (1, 2)), (tunnels_sent, (2,)),
                              (forwarded, (1, 2)), (switches, (0,))):
        for number in numbers:
            def one(bench, function=function, number=number):
                function(bench, number)

            one.__name__ = f"{function.__name__}: {CELLS[number]}"
            made.append(suite.test(one))
    return [*made[:-1], suite.last(made[-1])]


if __name__ == "__main__":
    tap.main(*tests(), limit=120)
