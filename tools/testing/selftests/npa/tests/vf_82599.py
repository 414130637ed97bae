#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The 82599 VF with four queue pairs: traffic, switches, spreading, traps."""

import functools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, flow, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Watch, undisturbed, wait_for  # noqa: E402

QUEUES = 4
SWITCHES = 20
PACKETS = 500  # between two of them
STREAMS = 16


def moved(s, port):
    """Packets that a port of npad's switch has moved, both ways."""
    counters = s.npad.stats()["ports"][port]
    return counters["tx_packets"] + counters["rx_packets"]


def switches(s):
    """Switches under traffic lose and reorder nothing, TCP goes on."""
    queues = s.guest.run(f"ls -d /sys/class/net/{s.netdev}/queues/rx-*")
    check_equal(len(queues.split()), QUEUES, "queue pairs")
    tcp = [flow.TcpFlow(s.peer, s.guest, scene.GUEST, 250_000, to_guest=True),
           flow.TcpFlow(s.guest, s.peer, scene.PEER, 250_000)]
    with Watch(s) as watch:
        for _ in range(SWITCHES // 2):
            for switch, port in ((s.npad.attach, "vf"),
                                 (s.npad.detach, "emulated")):
                before = moved(s, port)
                watch.mark("to " + port)
                switch()
                watch.mark("on " + port)
                wait_for(lambda: moved(s, port) - before >= PACKETS,
                         f"{PACKETS} packets on {port}")
    for stream in tcp:
        stream.stop()
        check(stream.bytes() > 0.7 * 250_000 * watch.seconds,
              f"TCP moved only {stream.bytes()} bytes")
    watch.check_intact()
    counts = s.npad.status()["switches"]
    check_equal((counts["to_vf"], counts["to_emulated"], counts["refused"]),
                (SWITCHES // 2, SWITCHES // 2, 0), "npactl status")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def per_queue(s):
    """Received packets by queue."""
    stats = s.guest.ethtool_stats()
    return [stats[f"queue{i}_rx_packets"] for i in range(QUEUES)]


def spread(s):
    """On the VF all queues work, RSS spreads over them, nothing is trapped."""
    s.npad.attach()
    before, queues = s.npad.stats(), per_queue(s)
    exercise.iperf_tcp(s, 2, STREAMS)
    after = s.npad.stats()
    got = [b - a for a, b in zip(queues, per_queue(s))]
    note(f"received by queue: {got}")
    # Ports that follow each other may agree in what the table looks at.
    check(sum(1 for n in got if n > 100) >= 2, f"RSS does not spread: {got}")
    registers = {name: count - before["traps"]["by_register"].get(name, 0)
                 for name, count in after["traps"]["by_register"].items()
                 if count != before["traps"]["by_register"].get(name, 0)}
    note(f"trapped: {registers or 'nothing'}")
    check_equal([name for name in registers if "vft" in name or
                 "vfr" in name], [], "trapped registers of queues")
    check_equal(after["traps_per_packet_registers"] -
                before["traps_per_packet_registers"], 0,
                "trapped per-packet registers")


def goes_on(s):
    """UDP in bulk, and down and up, which the list of traffic.py lacks."""
    exercise.iperf_udp(s, 2)
    exercise.down_up(s, 2)
    wait_for(lambda: s.npad.status()["path"] == "vf", "on the VF at the end")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    s.npad.detach()


if __name__ == "__main__":
    Suite(functools.partial(
        scene.npad_scene, smp=QUEUES,
        npad_options={"vf": "82599",
                      "arguments": ["--queues", str(QUEUES)]})).main(
        undisturbed(switches), spread, goes_on)
