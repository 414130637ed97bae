#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's unmodified ixgbevf has to be content with npad's model of its VF."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene, vf_driver  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402

QUEUES = 2  # ixgbevf uses no more for RSS


def rss(s):
    """The PF spreads over the queues that the driver asks for."""
    def counters():
        stats = s.guest.ethtool_stats()
        return [stats[f"rx_queue_{i}_packets"] for i in range(QUEUES)]

    queues = s.guest.run(f"ls -d /sys/class/net/{s.netdev}/queues/rx-*")
    check_equal(len(queues.split()), QUEUES, "queues")
    before = counters()
    exercise.iperf_tcp(s, 2, streams=16)
    got = [b - a for a, b in zip(before, counters())]
    note(f"received by queue: {got}")
    check(min(got) > 100, f"RSS does not spread: {got}")
    # ethtool asks the PF, through the mailbox.
    table = s.guest.run(f"ethtool -x {s.netdev}")
    check("RSS hash key:" in table, table)
    check(f"with {QUEUES} RX ring(s)" in table, table)


Suite(lambda: scene.raw_vf_scene("82599", "ixgbevf")).main(
    exercise.probe, exercise.ping, rss, exercise.iperf_udp, exercise.offloads,
    exercise.mtu, vf_driver.traps, vf_driver.vlan, vf_driver.group,
    vf_driver.mac, vf_driver.statistics, vf_driver.link, exercise.down_up,
    exercise.reload)
