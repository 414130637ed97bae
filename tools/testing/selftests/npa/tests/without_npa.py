#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Our driver on a device without the NPA capability: not one NPA command.

QEMU's own device swallows commands that it does not know; npad --no-npa, which
knows no more of them, says so in its log.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402

OPTIONS = {"arguments": ["--no-npa"], "log_level": "debug"}


def reset(s):
    """A module that goes and comes back resets the device each time."""
    exercise.reload(s, times=1)


def no_unknown_command(s):
    """npad has seen activations, and no command that it does not know."""
    log = s.npad.log()
    # Otherwise it would not tell of unknown commands either.
    check("activated:" in log, f"no debug messages in npad's log:\n{log}")
    unknown = [line for line in log.splitlines() if "knows no" in line]
    check_equal(unknown, [], "commands that the device does not know")


def statistics(s):
    """The driver says itself that it is on the emulated path."""
    stats = s.guest.ethtool_stats()
    check_equal((stats["npa_path"], stats["npa_switches_to_vf"],
                 stats["npa_refusals"]), (0, 0, 0), "path, switches, refusals")


Suite(lambda: scene.npad_scene(npad_options=OPTIONS)).main(
    exercise.probe, exercise.ping, exercise.mtu, exercise.down_up, reset,
    statistics, no_unknown_command)
