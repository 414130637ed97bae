#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Our driver has to work on QEMU's own vmxnet3, which knows nothing of NPA."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check_equal  # noqa: E402


def no_npa(s):
    """The driver knows that there is no NPA and never left the device."""
    stats = s.guest.ethtool_stats()
    check_equal(stats.get("npa_path"), 0, "npa_path")
    check_equal(stats.get("npa_switches_to_vf"), 0, "npa_switches_to_vf")


Suite(lambda: scene.stock_scene(driver="ours")).main(
    exercise.probe, exercise.ping, exercise.iperf_tcp, exercise.iperf_udp,
    exercise.numbered_udp, exercise.offloads, exercise.mtu, exercise.down_up,
    exercise.reload, no_npa)
