#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Resets from outside, health, netpoll, removal: on npad, from both paths.

What QEMU's own device can do is in full/power_stock.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import life, scene  # noqa: E402
from npa.qmp import Qmp  # noqa: E402
from npa.suite import Suite  # noqa: E402

if __name__ == "__main__":
    with Qmp() as QMP:
        Suite(lambda: scene.npad_scene(slot=True, options=QMP.arguments())) \
            .main(*life.on_both_paths(life.pci_reset, life.health,
                                      life.netconsole),
                  life.device_errors, life.processors,
                  life.surprise_removal(QMP), limit=120)
