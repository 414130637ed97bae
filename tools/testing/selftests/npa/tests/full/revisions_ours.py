#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Our driver on every device revision of npad."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import revisions  # noqa: E402
from npa.revisions import Nic  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check_equal  # noqa: E402

NICS = [Nic(n, n) for n in range(1, 10)]


def traffic(s):
    """Pings of several sizes and content both ways, on each."""
    for nic in s.nics:
        revisions.negotiated(s, nic)
        revisions.traffic(s, nic)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def largest_mtu(s):
    """9190 bytes from revision 6 on, 9000 before."""
    for nic in s.nics:
        revisions.largest_mtu(s, nic)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


Suite(lambda: revisions.open_scene(NICS, driver="ours")).main(
    traffic, largest_mtu)
