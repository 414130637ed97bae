#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""All kinds of sleep on QEMU's own vmxnet3."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import scene, sleep  # noqa: E402
from npa.qmp import Qmp  # noqa: E402
from npa.suite import Suite  # noqa: E402

STEPS = [(how, "emulated") for how in ("idle", "wake on LAN", "hibernate",
                                       "S3")]
QMP = Qmp()


def suspend(s):
    """Asleep and awake again, with the same settings."""
    sleep.sleep_and_wake(s, QMP, STEPS)


if __name__ == "__main__":
    with QMP, sleep.disk() as disk:
        disk["options"] += QMP.arguments()
        Suite(lambda: scene.stock_scene(**disk)).main(suspend, limit=300)
