#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's unmodified ixgbevf has to be content with npad's model of its VF."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene, vf_driver  # noqa: E402
from npa.suite import Suite  # noqa: E402

Suite(lambda: scene.raw_vf_scene("82599", "ixgbevf")).main(
    exercise.probe, exercise.ping, exercise.iperf_tcp, exercise.iperf_udp,
    exercise.offloads, exercise.mtu, vf_driver.traps, vf_driver.vlan,
    vf_driver.group, vf_driver.mac, vf_driver.statistics, vf_driver.link,
    exercise.down_up, exercise.reload)
