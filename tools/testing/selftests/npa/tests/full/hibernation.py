#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Hibernation on npad, from both paths, twice each."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import scene, sleep  # noqa: E402
from npa.qmp import Qmp  # noqa: E402
from npa.suite import Suite  # noqa: E402

STEPS = [("hibernate", "emulated")] * 2 + [("hibernate", "vf")] * 2
QMP = Qmp()


def hibernate(s):
    """The image has the same settings and path when it runs."""
    sleep.sleep_and_wake(s, QMP, STEPS)


if __name__ == "__main__":
    with QMP, sleep.disk() as disk:
        disk["options"] += QMP.arguments()
        Suite(lambda: scene.npad_scene(**disk)).main(hibernate, limit=400)
