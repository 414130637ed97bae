#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Suspend to idle and to RAM on npad, from both paths.

Hibernation is in full/hibernation.py, QEMU's own device in full/sleep_stock.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import scene, sleep  # noqa: E402
from npa.qmp import Qmp  # noqa: E402
from npa.suite import Suite  # noqa: E402

STEPS = [("idle", "emulated"), ("wake on LAN", "emulated"), ("idle", "vf"),
         ("S3", "vf")]
QMP = Qmp()


def suspend(s):
    """Asleep and awake again, with the same settings and path."""
    sleep.sleep_and_wake(s, QMP, STEPS)


if __name__ == "__main__":
    with QMP:
        Suite(lambda: scene.npad_scene(options=QMP.arguments())).main(
            suspend, limit=200)
