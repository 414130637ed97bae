#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""XDP on QEMU's device, on npad's emulated device, on VFs, and across switches."""

import functools
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import flow, paths, scene, tap, xdp  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, defer, note  # noqa: E402
from npa.watch import Watch, undisturbed, wait_for  # noqa: E402

SMALL = [18, 64, 256, 1000, 1472] * 8
JUMBO = [18, 1472, 3470, 3471, 3478, 3479, 3480, 5000, 6998, 7000, 8000,
         8972] * 2
VETH_NET = "198.51.100"


def prepare(s):
    """Programs in the guest, a veth for them, neighbours that do not change."""
    if s.guest.try_run(f"[ -e {xdp.FILE} ]").status == 0:
        return
    xdp.install(s.guest)
    check_equal(s.guest.run(f"cat /sys/class/net/{s.netdev}/ifindex"), "2\n",
                "interface's number")
    s.guest.run(
        "modprobe veth; "
        "ip link add name veth0 index 77 type veth peer name veth1; "
        f"ip addr add {VETH_NET}.2/24 dev veth1; "
        # With GRO it takes redirected frames; checksums have to be complete.
        "ethtool -K veth1 gro on tx off; "
        "ip link set veth0 up; ip link set veth1 up")
    dev = "npa0"
    mac = s.guest.run(f"cat /sys/class/net/{s.netdev}/address").strip()
    peer = s.peer.run(f"cat /sys/class/net/{dev}/address").strip()
    s.peer.run(f"ip addr add {VETH_NET}.1/24 dev {dev}; "
               f"ip neigh replace {scene.GUEST} lladdr {mac} dev {dev}")
    # Frames from elsewhere with another source address would be forged.
    s.guest.run(f"ip link set veth1 address {mac}; "
                f"ip neigh replace {VETH_NET}.1 lladdr {peer} dev veth1; "
                f"ip neigh replace {scene.PEER} lladdr {peer} "
                f"dev {s.netdev}")


def healthy(s):
    """Nothing has complained, no plugin misreported, the device was not reset."""
    stats = s.guest.ethtool_stats()
    check_equal({name: value for name, value in stats.items() if value and
                 (name.startswith("npa_bad_") or name == "resets")}, {},
                "misreports, resets")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def set_mtu(s, mtu):
    """MTU of both ends."""
    s.guest.run(f"ip link set {s.netdev} mtu {mtu}")
    s.peer.run(f"ip link set npa0 mtu {mtu}")
    settle(s)


def settle(s):
    """After a change of rings: back on the path that the hypervisor wants."""
    if s.npad:
        wait_for(lambda: s.npad.status()["state"] in ("idle", "vf-active"),
                 "rest")


def attach(s, program):
    """Attach a program, to be detached when the test is over."""
    if not xdp.attached(s):
        defer(xdp.detach, s)
    xdp.attach(s, program)
    settle(s)


def verdicts(s):
    """Each verdict does what it says, and is counted."""
    prepare(s)
    attach(s, "verdict")
    before = xdp.counters(s.guest)
    veth = int(s.guest.run(
        "cat /sys/class/net/veth1/statistics/rx_packets"))
    for port in (xdp.DROP, xdp.ABORTED, xdp.UNKNOWN, xdp.VETH, xdp.NOWHERE):
        check_equal(xdp.talk(s.peer, port, [100] * 40, wait=0.05), 0,
                    f"came back from {port}")
    check_equal(xdp.talk(s.peer, xdp.TX, SMALL), len(SMALL), "sent back")
    out = s.guest.run(f"ping -q -c 20 -i 0.02 -W 2 -s 1400 {scene.PEER}")
    check("20 received" in out, out)
    wait_for(lambda: int(s.guest.run(
        "cat /sys/class/net/veth1/statistics/rx_packets")) - veth >= 40,
             "redirected packets on the veth")
    got = xdp.grown(before, xdp.counters(s.guest))
    note(got)
    check(got.pop("pass") >= 20, "frames that passed")
    check_equal(got, {"drop": 40, "aborted": 80, "tx": len(SMALL),
                      "redirect": 40, "redirect_errors": 40}, "counters")
    healthy(s)


def to_us(s):
    """What is redirected to the device is sent: from itself, and from a veth."""
    prepare(s)
    before = xdp.counters(s.guest)
    attach(s, "redirect_self")
    check_equal(xdp.talk(s.peer, 7100, SMALL), len(SMALL), "redirected to us")
    xdp.detach(s)
    settle(s)
    # Without a program of its own the device takes them too.
    xdp.attach(s, "redirect_nic", "veth0")
    defer(xdp.detach, s, "veth0")
    stream = flow.UdpFlow(s.guest, s.peer, f"{VETH_NET}.1", 500, 1)
    time.sleep(0.6 * min(paths.SLOW, 5))
    stream.stop_sender()
    time.sleep(0.2)
    stream.stop_receiver()
    sent = stream.sent[0]["sent"]
    check(sent > 50, f"only {sent} packets")
    check_equal(len({record[1] for record in stream.records}), sent,
                "arrived from the veth")
    got = xdp.grown(before, xdp.counters(s.guest))
    note(got)
    check_equal(got["redirect"], len(SMALL), "redirected")
    check(got["xmit"] >= len(SMALL) + sent, f"sent for others: {got}")
    check("xmit_errors" not in got, f"{got}")
    healthy(s)


def in_pieces(s):
    """Frames in several buffers pass, go back and are redirected unchanged."""
    prepare(s)
    attach(s, "pass_frags")
    set_mtu(s, 9000)
    defer(set_mtu, s, 1500)
    out = s.guest.run(f"ping -q -c 10 -i 0.05 -W 2 -s 8972 -M do {scene.PEER}")
    check("10 received" in out and "wrong" not in out, out)
    for program in ("echo_frags", "redirect_self"):
        # Another program takes the first one's place.
        xdp.attach(s, program)
        check_equal(xdp.talk(s.peer, 7100, JUMBO), len(JUMBO), program)
    healthy(s)


def refusals(s):
    """What cannot be is refused, with a reason, and changes nothing."""
    prepare(s)

    def refused(command, why):
        out = s.guest.try_run(command)
        text = out.stdout + out.stderr
        check(out.status != 0, f"taken: {command}")
        check(why in text + s.guest.dmesg(), f"{command}: {text}")

    attach(s, "pass")
    refused(f"ip link set {s.netdev} mtu 9000", "no frags support")
    xdp.attach(s, "pass_frags")
    set_mtu(s, 9000)
    defer(set_mtu, s, 1500)
    refused(xdp.attach_command(s.netdev, "pass"), "without frags")
    xdp.detach(s)
    refused(xdp.attach_command(s.netdev, "pass"), "without frags")
    set_mtu(s, 1500)
    healthy(s)


def no_lro(s):
    """LRO is off while a program is attached, and as it was before after."""
    prepare(s)

    def lro():
        return "large-receive-offload: on" in s.guest.run(
            f"ethtool -k {s.netdev}")

    check(lro(), "LRO is not on by default")
    attach(s, "pass")
    check(not lro(), "LRO stays on with a program")
    xdp.detach(s)
    check(lro(), "LRO does not come back")
    healthy(s)


def there_and_back(s, number, watch):
    """Switches with some traffic between them."""
    for _ in range(number):
        watch("to VF")
        s.npad.attach()
        time.sleep(0.25)
        watch("to emulated")
        s.npad.detach()
        time.sleep(0.15)


def switches_pass(s):
    """With a program that passes all, switches lose and reorder nothing."""
    prepare(s)
    attach(s, "pass")
    before = xdp.counters(s.guest, ["pass"])
    with Watch(s) as watch:
        there_and_back(s, 6, watch.mark)
    watch.check_intact()
    got = xdp.grown(before, xdp.counters(s.guest, ["pass"]))
    check(got["pass"] >= watch.total(0).packets, f"the program saw {got}")
    healthy(s)


def switches_echo(s):
    """Nor do they of what is sent back by XDP_TX."""
    prepare(s)
    attach(s, "echo")
    before = xdp.counters(s.guest)
    start = time.time_ns()
    stream = flow.UdpFlow(s.peer, s.peer, scene.GUEST, 2000, 2, to_guest=True)
    there_and_back(s, 6, lambda _: None)
    stream.stop_sender()
    time.sleep(0.5)
    stream.stop_receiver()
    traffic, = stream.analyse(flow.PhaseList(
        [flow.Phase("all", 1, start, time.time_ns())]))
    got = xdp.grown(before, xdp.counters(s.guest))
    note(f"{traffic}, {got}")
    check(traffic.packets > 2000, "too few packets")
    check_equal((traffic.lost, traffic.reordered, traffic.duplicates),
                (0, 0, 0), "lost, reordered, doubled")
    check("tx_errors" not in got, f"{got}")
    healthy(s)


def under_traffic(s):
    """On a VF attaching, exchanging and detaching programs loses nothing."""
    prepare(s)
    s.npad.attach()
    try:
        with Watch(s) as watch:
            for _ in range(3):
                for name, change in (("attach", lambda: xdp.attach(s, "pass")),
                                     ("exchange",
                                      lambda: xdp.attach(s, "pass_frags")),
                                     ("detach", lambda: xdp.detach(s))):
                    watch.mark(name)
                    change()
                    settle(s)
                    wait_for(lambda: s.npad.status()["path"] == "vf", "VF")
    finally:
        # The test may be repeated.
        s.npad.detach()
    watch.check_intact()
    healthy(s)


def at_rest(s):
    """Nothing is attached at the end, and nothing has complained."""
    check(not xdp.attached(s), "a program is left")
    healthy(s)


def on_vf(function):
    """The same test on the VF."""
    def test(s):
        s.npad.attach()
        defer(s.npad.detach)
        function(s)
        check_equal(s.npad.status()["path"], "vf", "path at the end")

    test.__name__ = f"{function.__name__}_vf"
    test.__doc__ = function.__doc__
    return test


def tests():
    """A guest on QEMU's device, and one for each VF."""
    suites = ((scene.stock_scene,
               (verdicts, to_us, in_pieces, no_lro, at_rest)),
              (scene.npad_scene,
               (verdicts, to_us, in_pieces, on_vf(verdicts), on_vf(to_us),
                on_vf(in_pieces), refusals, undisturbed(switches_pass),
                undisturbed(switches_echo), undisturbed(under_traffic), at_rest)),
              (functools.partial(scene.npad_scene,
                                 npad_options={"vf": "82599"}),
               (on_vf(verdicts), on_vf(to_us), on_vf(in_pieces),
                undisturbed(switches_echo), at_rest)))
    for opener, functions in suites:
        suite = Suite(opener)
        mine = [suite.test(function) for function in functions]
        yield from mine[:-1]
        yield suite.last(mine[-1])


if __name__ == "__main__":
    tap.main(*tests(), limit=120)
