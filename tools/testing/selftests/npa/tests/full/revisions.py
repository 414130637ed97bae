#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's unmodified vmxnet3 driver on every device revision of npad.

Kinds of interrupts, mask modes and the order of buffers are mixed among them;
revisions_all.py has every combination.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import revisions  # noqa: E402
from npa.revisions import Nic  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402

NICS = [
    Nic(1, 1), Nic(2, 2, "msi"), Nic(3, 3, "intx"), Nic(4, 4, "msix", "active"),
    Nic(5, 5, "intx", "active"), Nic(6, 6), Nic(7, 7, "msi", "lazy"),
    Nic(8, 8, more=",rx-order=out"), Nic(9, 9),
]


def negotiated(s):
    """The driver has chosen every newest revision, and the best interrupts."""
    for nic in s.nics:
        revisions.negotiated(s, nic)
    out_of_order = s.npad.vnic("n8").status()["device"]["capabilities"]
    check(int(out_of_order, 16) & 1 << 17, f"capabilities {out_of_order}")


def traffic(s):
    """Pings of several sizes and content both ways, on each."""
    for nic in s.nics:
        revisions.traffic(s, nic)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def largest_mtu(s):
    """9190 bytes from revision 6 on, 9000 before."""
    for nic in (s.nics[0], s.nics[8]):
        revisions.largest_mtu(s, nic)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def coalescing(s):
    """What ethtool -C says is what the device does: fewer interrupts."""
    nic = s.nics[8]
    vnic = s.npad.vnic(nic.name)
    counts = []
    for usecs, mode in ((0, "disabled"), (10000, "rate")):
        s.guest.run(f"ethtool -C {nic.netdev} rx-usecs {usecs} || :")
        check_equal(vnic.status()["device"]["coalescing"], mode, "coalescing")
        before = vnic.stats()["interrupts"]["signalled"]
        s.guest.run(f"ping -q -f -c 300 -w 20 {nic.peer} || :", timeout=60)
        counts.append(vnic.stats()["interrupts"]["signalled"] - before)
    s.guest.run(f"ethtool -C {nic.netdev} rx-usecs 0 || :")
    check(min(counts) > 0, f"no interrupts: {counts}")


def rss_fields(s):
    """ethtool -N changes what is hashed, and reads it back."""
    for nic, word in ((s.nics[2], None), (s.nics[3], "0x7"), (s.nics[8], "0x7")):
        done = s.guest.try_run(f"ethtool -N {nic.netdev} rx-flow-hash udp4 "
                               "sdfn")
        check_equal(done.status == 0, word is not None,
                    f"{nic}: {done.stderr}")
        if word:
            device = s.npad.vnic(nic.name).status()["device"]
            check_equal(device["rss_fields"], word, f"{nic}: fields")


def again(s):
    """Down and up, and the module goes and comes: everything works again."""
    for nic in s.nics:
        s.guest.run(f"ip link set {nic.netdev} down && "
                    f"ip link set {nic.netdev} up && "
                    f"ping -q -c 3 -i 0.05 -W 5 {nic.peer}")
    s.guest.run("rmmod vmxnet3")
    s.guest.load()
    for nic in s.nics:
        revisions.bring_up(s.guest, nic)
        revisions.negotiated(s, nic)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


Suite(lambda: revisions.open_scene(NICS)).main(
    negotiated, traffic, largest_mtu, coalescing, rss_fields, again)
