#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""200 switches in one boot, under traffic: nothing lost, changed or leaked."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import flow, paths, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Watch, check_no_growth, undisturbed, wait_for  # noqa: E402

SWITCHES = 200
WARM_UP = 20
TCP_RATE = 250_000


def visible(s):
    """What user space can see of the netdev and must not change."""
    return s.guest.run(
        f"cd /sys/class/net/{s.netdev}; "
        "grep . ifindex address mtu carrier carrier_changes carrier_up_count "
        "carrier_down_count operstate speed tx_queue_len; ls queues; "
        f"ethtool -k {s.netdev}; ethtool -l {s.netdev}; "
        f"ethtool -g {s.netdev}; ip -4 -o addr show dev {s.netdev}; "
        "ls /sys/class/net; ls /proc/irq")


def carried(s, port):
    """Packets that a port of npad's switch has moved, both ways."""
    counters = s.npad.stats()["ports"][port]
    return counters["tx_packets"] + counters["rx_packets"]


def switches(s, number, packets=0, mark=lambda name: None):
    """Switch there and back; packets have to pass on each path between."""
    for _ in range(number // 2):
        for switch, port in ((s.npad.attach, "vf"),
                             (s.npad.detach, "emulated")):
            before = carried(s, port)
            mark("to " + port)
            switch()
            mark("on " + port)
            wait_for(lambda: carried(s, port) - before >= packets,
                     f"{packets} packets on {port}")


def longest_gaps(watch):
    """Longest gap per kind of phase, to and from the guest, in ms."""
    gaps = {}
    for name, *ways in watch.phases:
        gaps[name] = [max(gap, way.longest_gap_ms) for gap, way
                      in zip(gaps.get(name, (0, 0)), ways)]
    return ", ".join(f"{name} {to:.0f}/{back:.0f}"
                     for name, (to, back) in gaps.items())


def many(s):
    """Nothing is lost, reordered or changed by 200 switches under traffic."""
    before = visible(s)
    tcp = [flow.TcpFlow(s.peer, s.guest, scene.GUEST, TCP_RATE,
                        to_guest=True),
           flow.TcpFlow(s.guest, s.peer, scene.PEER, TCP_RATE)]
    with Watch(s) as watch:
        start = time.monotonic()
        switches(s, SWITCHES, 40, watch.mark)
        seconds = time.monotonic() - start
    for stream in tcp:
        stream.stop()
        moved = stream.bytes()
        check(moved > 0.7 * TCP_RATE * seconds / paths.SLOW,
              f"TCP moved only {moved} bytes in {seconds:.0f} s")
    note(f"{SWITCHES} switches in {seconds:.1f} s, TCP retransmits "
         f"{[stream.samples[-1][2] for stream in tcp]}")
    note(f"longest gaps to/from the guest, ms: {longest_gaps(watch)}")
    watch.check_intact()
    changed = set(before.splitlines()) ^ set(visible(s).splitlines())
    check(not changed, f"what user space sees has changed: {changed}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def no_growth(s):
    """200 switches later the kernel holds the memory that it held before."""
    switches(s, WARM_UP)
    # Every second one makes a path of the same kind.
    check_no_growth(s.guest, lambda: switches(s, SWITCHES), SWITCHES // 2)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def counted(s):
    """ethtool and npactl have counted every switch, and no refusal."""
    stats = s.guest.ethtool_stats()
    counts = s.npad.status()["switches"]
    number = counts["to_vf"]
    check(number >= SWITCHES, f"only {number} switches to the VF")
    check_equal(counts, {"to_vf": number, "to_emulated": number, "refused": 0,
                         "unanswered": 0}, "npactl status")
    check_equal((stats["npa_switches_to_vf"],
                 stats["npa_switches_to_emulated"], stats["npa_refusals"],
                 stats["npa_tx_lost"], stats["resets"]),
                (number, number, 0, 0, 0), "ethtool -S: to VF, to emulated, "
                "refusals, lost, resets")
    kinds = {name: value for name, value in stats.items()
             if name.startswith("npa_bad_") and value}
    check_equal(kinds, {}, "bad reports")


def vf_traps(s, seconds=3):
    """On the VF no doorbell is trapped, in either direction."""
    s.npad.attach()
    with Watch(s) as watch:
        before = s.npad.stats()
        time.sleep(seconds)
        after = s.npad.stats()
    watch.check_intact()
    packets = sum(after["ports"]["vf"][name] - before["ports"]["vf"][name]
                  for name in ("tx_packets", "rx_packets"))
    registers = {name: count - before["traps"]["by_register"].get(name, 0)
                 for name, count in after["traps"]["by_register"].items()
                 if count != before["traps"]["by_register"].get(name, 0)}
    note(f"{packets} packets on the VF, trapped: {registers or 'nothing'}")
    check(packets > 1000 * seconds / paths.SLOW, f"only {packets} packets on the VF")
    check_equal(after["traps_per_packet_registers"] -
                before["traps_per_packet_registers"], 0,
                "trapped per-packet registers")
    check_equal([name for name in registers if "txprod" in name or
                 "rxprod" in name or "tail" in name or "tdt" in name or
                 "rdt" in name], [], "trapped doorbells")
    s.npad.detach()


def example(s):
    """The kit's example does what the other plugin for that VF does."""
    with Watch(s) as watch:
        for _ in range(3):
            watch.mark("to VF")
            s.npad.attach("example")
            time.sleep(0.7)
            watch.mark("to emulated")
            s.npad.detach()
            time.sleep(0.3)
    watch.check_intact()
    stats = s.guest.ethtool_stats()
    kinds = {name: value for name, value in stats.items()
             if name.startswith("npa_bad_") and value}
    check_equal(kinds, {}, "bad reports")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


if __name__ == "__main__":
    Suite(scene.npad_scene).main(undisturbed(many), no_growth, counted,
                                  undisturbed(vf_traps), undisturbed(example))
