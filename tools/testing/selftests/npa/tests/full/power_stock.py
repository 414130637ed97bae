#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Resets from outside, PCI errors, removal: on QEMU's own vmxnet3."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import life, scene  # noqa: E402
from npa.qmp import Qmp  # noqa: E402
from npa.suite import Suite  # noqa: E402

if __name__ == "__main__":
    with Qmp() as qmp:
        Suite(lambda: scene.stock_scene(slot=True, options=qmp.arguments())) \
            .main(life.pci_reset, life.health, life.netconsole,
                  life.processors, life.pci_error(qmp), life.unplug(qmp),
                  limit=120)
