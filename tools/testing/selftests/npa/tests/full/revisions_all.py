#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's unmodified vmxnet3 driver: device revision x interrupts x masks.

Each boot has one kind of interrupt and one mask mode, and a NIC of each device
revision.
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import revisions, tap  # noqa: E402
from npa.revisions import Nic  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check_equal  # noqa: E402


def everything(s):
    """What was chosen, traffic, the largest MTU, down and up."""
    for nic in s.nics:
        revisions.negotiated(s, nic)
        revisions.traffic(s, nic)
        revisions.largest_mtu(s, nic)
        s.guest.run(f"ip link set {nic.netdev} down && "
                    f"ip link set {nic.netdev} up && "
                    f"ping -q -c 3 -i 0.05 -W 5 {nic.peer}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def case(interrupts, mask_mode):
    """A boot and its test."""
    nics = [Nic(n, n, interrupts, mask_mode) for n in revisions.REVISIONS]
    suite = Suite(lambda: revisions.open_scene(nics))
    test = suite.last(suite.test(everything))
    test.__name__ = f"{interrupts}_{mask_mode}"
    return test


tap.main(*[case(*words) for words in
           itertools.product(("msix", "msi", "intx"),
                             ("auto", "active", "lazy"))], limit=900)
