#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's unmodified vmxnet3 driver has to be content with npad."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check_equal  # noqa: E402


def no_npa_command(s):
    """The upstream driver issued no NPA command."""
    guest = s.npad.status()["guest"]
    check_equal(guest["npa"], False, "npad's view of the guest")


def offer_not_heard(s):
    """A VF offered to a driver that knows no NPA waits, and does no harm."""
    s.npad.request("attach")
    exercise.ping(s, sizes=(56,))
    status = s.npad.status()
    check_equal((status["path"], status["state"]), ("emulated", "waiting"),
                "path and state")
    s.npad.request("detach")
    check_equal(s.npad.status()["state"], "idle", "state after the detach")
    exercise.ping(s, sizes=(56,))


Suite(lambda: scene.npad_scene(driver="in-tree")).main(
    exercise.probe, exercise.ping, exercise.iperf_tcp, exercise.iperf_udp,
    exercise.numbered_udp, exercise.offloads, exercise.mtu, exercise.down_up,
    exercise.reload, offer_not_heard, no_npa_command)
