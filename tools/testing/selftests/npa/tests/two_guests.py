#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Two guests on one npad: who hears whom, and what the hypervisor forbids.

Every rule is tried with the guest on the emulated device and on the VF: it has
to hold, and to be counted, in the same way.
"""

import contextlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import paths, tap  # noqa: E402
from npa.net import Peer  # noqa: E402
from npa.npad import Npad  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402
from npa.vm import Guest, npad_device  # noqa: E402

MAC_A, MAC_B = "52:54:00:12:34:0a", "52:54:00:12:34:0b"
FORGED = "52:54:00:66:66:66"
GROUP, FOREIGN_GROUP = "01:00:5e:7f:00:01", "01:00:5e:7f:00:02"
EVERYONE = "ff:ff:ff:ff:ff:ff"
PEER, GUEST_A, GUEST_B = "192.0.2.1", "192.0.2.2", "192.0.2.3"
COUNT = 20
# Far more than a switch takes, and still worth waiting for.
ANSWER_S = 10


class Station:
    """A guest with its vNIC, or the peer: sends frames and hears them."""

    def __init__(self, machine, netdev, program, vnic=None, mac=None):
        self.machine = machine
        self.netdev = netdev
        self.vnic = vnic
        self.mac = mac
        self._program = program

    def send(self, dst, mark, src=None, vlan=0, count=COUNT):
        """Send frames with a mark."""
        self.machine.run(f"{self._program} send {self.netdev} {dst} "
                         f"{src or self.mac} {vlan} {mark} {count}")

    @contextlib.contextmanager
    def hears(self, group=""):
        """A dictionary: after the block, frames by (mark, VLAN)."""
        heard = {}
        listener = self.machine.spawn(f"{self._program} listen {self.netdev} "
                                      f"{group}")
        try:
            listener.wait_output("ready")
            # The group has to get to the device, and frames out of it.
            time.sleep(0.1)
            yield heard
            time.sleep(0.2)
        finally:
            text = listener.stop()
        for line in text.splitlines()[1:]:
            mark, vlan, count = map(int, line.split())
            heard[mark, vlan] = count

    def pings(self, address):
        """Does an address answer?"""
        self.machine.run(f"ping -q -c 3 -i 0.05 -W 2 {address}")


class Scene:
    """Two guests and the peer on one npad; guest is the first one."""

    def __init__(self, npad, a, b, peer):
        self.npad = npad
        self.a = a
        self.b = b
        self.peer = peer
        self.guest = a.machine


@contextlib.contextmanager
def open_scene():
    """Boot both guests on one npad."""
    small = {"smp": 1, "memory": 320}
    program = str(paths.GUEST_PROGRAMS / "npa-frame")
    with Peer() as peer, \
            Npad(netns=peer.name, mac=MAC_A, more={"b": MAC_B},
                 arguments=["--answer-timeout", str(ANSWER_S)]) as npad:
        peer.up(npad.tap, f"{PEER}/24")
        a, b = npad.vnic("vnic0"), npad.vnic("b")
        with Guest(device=npad_device(a.socket_path), **small) as guest_a, \
                Guest(device=npad_device(b.socket_path), **small) as guest_b:
            stations = []
            for guest, vnic, mac, address in (
                    (guest_a, a, MAC_A, GUEST_A), (guest_b, b, MAC_B, GUEST_B)):
                guest.load()
                guest.run("modprobe 8021q")
                netdev = guest.up(f"{address}/24")
                guest.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 || :")
                stations.append(Station(guest, netdev, "exec npa-frame", vnic,
                                        mac))
                guest.run(f"for i in $(seq 50); do ping -c 1 -W 1 {PEER} && "
                          "exit 0; sleep 0.1; done; exit 1", timeout=60)
            mac = peer.run(f"cat /sys/class/net/{npad.tap}/address").strip()
            yield Scene(npad, *stations, Station(peer, npad.tap, program,
                                                 mac=mac))


def go(station, path):
    """Bring a guest to a data path, if it is not there."""
    status = station.vnic.status()
    if (status["path"], status["requested"]) != (path, path):
        (station.vnic.attach if path == "vf" else station.vnic.detach)()


def in_both_modes(function):
    """A test that runs with guest A on the emulated device and on the VF."""
    def test(s):
        for path in ("emulated", "vf"):
            go(s.a, path)
            try:
                function(s)
            except AssertionError as error:
                raise tap.Failure(f"on path {path}: {error}") from None
            check_equal(s.a.vnic.status()["path"], path, "path afterwards")

    test.__name__, test.__doc__ = function.__name__, function.__doc__
    return test


@contextlib.contextmanager
def policy(station, **changes):
    """Policies during a block; afterwards those that a vNIC starts with."""
    station.vnic.policy(**changes)
    try:
        yield
    finally:
        station.vnic.policy(antispoof="on", vlan="all", default_vlan="none")


def reach(s):
    """All reach all, by unicast and group frames, in every mix of paths."""
    for path_a, path_b in (("emulated", "emulated"), ("vf", "emulated"),
                           ("vf", "vf")):
        go(s.a, path_a)
        go(s.b, path_b)
        mix = f"{path_a} to {path_b}"
        s.a.pings(GUEST_B)
        s.a.pings(PEER)
        s.b.pings(PEER)
        with s.b.hears(GROUP) as at_b, s.peer.hears() as at_peer:
            s.a.send(s.b.mac, 1)
            s.a.send(EVERYONE, 2)
            s.a.send(GROUP, 3)
            s.a.send(FOREIGN_GROUP, 4)
            s.a.send(s.peer.mac, 5)
            s.peer.send(s.b.mac, 6)
            s.peer.send(GROUP, 7)
        check_equal(at_b, {(mark, 0): COUNT for mark in (1, 2, 3, 6, 7)},
                    f"{mix}: what B has heard")
        check_equal(at_peer, {(mark, 0): COUNT for mark in (2, 3, 4, 5)},
                    f"{mix}: what the peer has heard")
    go(s.b, "emulated")


@in_both_modes
def forged_source(s):
    """A frame with a forged source goes nowhere and is counted."""
    before = s.a.vnic.dropped("tx_spoofed")
    with s.b.hears() as at_b, s.peer.hears() as at_peer:
        s.a.send(s.b.mac, 1, src=FORGED)
        s.a.send(EVERYONE, 2, src=s.b.mac)
        s.a.send(EVERYONE, 3)
    check_equal((at_b, at_peer), ({(3, 0): COUNT}, {(3, 0): COUNT}),
                "what B and the peer have heard")
    check_equal(s.a.vnic.dropped("tx_spoofed") - before, 2 * COUNT,
                "tx_spoofed")
    with policy(s.a, antispoof="off"), s.b.hears() as at_b:
        s.a.send(s.b.mac, 4, src=FORGED)
    check_equal(at_b, {(4, 0): COUNT}, "what B hears without anti-spoofing")


@in_both_modes
def foreign_vlan(s):
    """Frames of a VLAN that is not allowed are dropped and counted."""
    sent, received = (s.a.vnic.dropped(name) for name in ("tx_vlan", "rx_vlan"))
    s.a.machine.run(f"ip link add link {s.a.netdev} name v10 type vlan id 10 "
                    f"&& ip link add link {s.a.netdev} name v11 type vlan "
                    "id 11 && ip link set v10 up && ip link set v11 up")
    tap.defer(s.a.machine.run, "ip link del v10; ip link del v11")
    with policy(s.a, vlan="0,10"), s.peer.hears() as at_peer, \
            s.a.hears() as at_a:
        s.a.send(s.peer.mac, 1, vlan=10)
        s.a.send(s.peer.mac, 2, vlan=11)
        s.peer.send(s.a.mac, 3, vlan=10)
        s.peer.send(s.a.mac, 4, vlan=11)
        s.peer.send(s.a.mac, 5)
    s.a.machine.run("ip link del v10; ip link del v11")
    check_equal(at_peer, {(1, 10): COUNT}, "what the peer has heard")
    check_equal(at_a, {(3, 10): COUNT, (5, 0): COUNT}, "what A has heard")
    check_equal((s.a.vnic.dropped("tx_vlan") - sent >= COUNT,
                 s.a.vnic.dropped("rx_vlan") - received),
                (True, COUNT), "dropped, tx_vlan and rx_vlan")


@in_both_modes
def default_vlan(s):
    """Its tag is put on and taken off; the guest's own tags are refused."""
    with policy(s.a, default_vlan="30"), policy(s.b, default_vlan="30"):
        s.a.pings(GUEST_B)
        before = s.a.vnic.dropped("tx_vlan")
        with s.peer.hears() as at_peer, s.a.hears() as at_a, \
                s.b.hears() as at_b:
            s.a.send(EVERYONE, 1)
            s.a.send(EVERYONE, 2, vlan=30)
            s.peer.send(s.a.mac, 3, vlan=30)
            s.peer.send(s.a.mac, 4)
        check_equal(at_peer, {(1, 30): COUNT}, "what the peer has heard")
        check_equal(at_b, {(1, 0): COUNT}, "what B has heard")
        check_equal(at_a, {(3, 0): COUNT}, "what A has heard")
        check_equal(s.a.vnic.dropped("tx_vlan") - before, COUNT, "tx_vlan")
    s.a.pings(PEER)


@in_both_modes
def vlan_filter(s):
    """The guest hears the VLANs that it has, and no other."""
    def heard():
        with s.a.hears() as at_a:
            s.peer.send(s.a.mac, 1, vlan=40)
            s.peer.send(s.a.mac, 2, vlan=41)
        return at_a

    s.a.machine.run(f"ip link add link {s.a.netdev} name v40 type vlan id 40")
    tap.defer(s.a.machine.run, "ip link del v40 2> /dev/null; :")
    check_equal(heard(), {(1, 40): COUNT}, "heard with VLAN 40")
    s.a.machine.run(f"ethtool -K {s.a.netdev} rx-vlan-offload off")
    check_equal(heard(), {(1, 40): COUNT}, "heard without tag removal")
    s.a.machine.run(f"ethtool -K {s.a.netdev} rx-vlan-offload on && "
                    "ip link del v40")
    check_equal(heard(), {}, "heard without VLANs")


@in_both_modes
def control(s):
    """Link, address and MTU: the same result whatever the path is."""
    carrier = f"cat /sys/class/net/{s.a.netdev}/carrier"
    before = s.a.vnic.dropped("tx_no_link")
    s.a.vnic.request("link", state="down")
    wait_for(lambda: s.a.machine.run(carrier).strip() == "0", "no carrier")
    s.b.pings(PEER)
    with s.peer.hears() as at_peer, s.a.hears() as at_a:
        s.peer.send(s.a.mac, 1)
    check_equal((at_a, at_peer), ({}, {}), "heard without a link")
    check(s.a.vnic.dropped("tx_no_link") >= before, "tx_no_link went back")
    s.a.vnic.request("link", state="up")
    wait_for(lambda: s.a.machine.run(carrier).strip() == "1", "carrier")
    s.a.pings(PEER)
    s.a.machine.run(f"ip link set {s.a.netdev} address {FORGED}")
    with s.a.hears() as at_a, s.peer.hears() as at_peer:
        s.peer.send(FORGED, 2)
        s.peer.send(MAC_A, 3)
        s.a.send(s.peer.mac, 4, src=FORGED)
        s.a.send(s.peer.mac, 5, src=MAC_A)
    check_equal((at_a, at_peer), ({(2, 0): COUNT}, {(4, 0): COUNT}),
                "heard with another address")
    s.a.machine.run(f"ip link set {s.a.netdev} address {MAC_A}")
    s.a.pings(PEER)


def wait_for(condition, what, seconds=20):
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < deadline, f"no {what} in {seconds} s")
        time.sleep(0.1)


def promiscuous(s):
    """A promiscuous guest is moved off the VF, hears all, and comes back."""
    go(s.a, "vf")
    go(s.b, "emulated")
    tap.defer(s.a.machine.run, f"ip link set {s.a.netdev} promisc off")
    s.a.machine.run(f"ip link set {s.a.netdev} promisc on")
    wait_for(lambda: s.a.vnic.status()["path"] == "emulated", "emulated path")
    wait_for(lambda: s.a.vnic.status()["state"] == "waiting", "quiet VF")
    check_equal(s.a.vnic.status()["conflict"], "promiscuous mode", "conflict")
    with s.a.hears() as at_a:
        s.b.send(s.peer.mac, 1)
        s.peer.send(s.b.mac, 2)
    check_equal(at_a, {(1, 0): COUNT, (2, 0): COUNT}, "heard when promiscuous")
    s.a.machine.run(f"ip link set {s.a.netdev} promisc off")
    s.a.vnic.wait_path("vf")
    with s.a.hears() as at_a:
        s.b.send(s.peer.mac, 3)
        s.b.send(s.a.mac, 4)
    check_equal(at_a, {(4, 0): COUNT}, "heard afterwards")
    events = s.a.vnic.request("events")["events"]
    conflicts = [e["text"] for e in events if e["kind"] == "conflict"]
    # The guest ends its mode first and goes back to its own VLANs then.
    check(conflicts[0].startswith("promiscuous mode: "), f"{conflicts}")
    check(conflicts[-1].startswith("no longer: "), f"{conflicts}")
    switched = [e for e in events if e["kind"] == "switched"][-1]
    check_equal(set(switched["phases_ms"]), {"react", "inject", "start",
                                             "drain"}, "phases of the switch")


def unanswered(s):
    """A guest that hangs loses the offer, or its VF, and is not harmed."""
    go(s.a, "emulated")
    stopped = s.a.vnic.status()["switches"]["unanswered"]
    s.guest.pause()
    tap.defer(s.guest.resume)
    s.a.vnic.attach(wait=False)
    wait_for(lambda: not s.a.vnic.status()["vf"]["attached"],
             "withdrawal of the offer", 3 * ANSWER_S)
    s.guest.resume()
    s.a.pings(PEER)
    check_equal(s.a.vnic.status()["requested"], "emulated", "wish")
    go(s.a, "vf")
    s.guest.pause()
    s.a.vnic.detach(wait=False)
    wait_for(lambda: not s.a.vnic.status()["vf"]["attached"],
             "loss of the VF", 3 * ANSWER_S)
    s.b.pings(PEER)
    s.guest.resume()
    s.a.vnic.wait_path("emulated")
    s.a.pings(PEER)
    check_equal(s.a.vnic.status()["switches"]["unanswered"] - stopped, 2,
                "messages without an answer")
    go(s.a, "vf")
    s.a.pings(GUEST_B)


def no_alarms(s):
    """Neither kernel has complained."""
    for station in (s.a, s.b):
        check_equal(station.machine.alarms(), [], "alarms in a kernel log")


if __name__ == "__main__":
    Suite(open_scene).main(reach, forged_source, foreign_vlan, default_vlan,
                           vlan_filter, control, promiscuous, unanswered,
                           no_alarms, limit=180)
