#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Interrupts that are not the best there are.

On npad: MSI-X with vectors that serve both directions, in each mask mode, and
MSI and lines that several NICs share. On QEMU's own vmxnet3: the line. Vectors
for each direction are what all other tests have; every kind with every mask
mode is in matrix.py.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, life, revisions, scene, tap  # noqa: E402
from npa.revisions import Nic  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import wait_for  # noqa: E402

CPUS = 4
# Five vectors: one for each of four pairs, and one for events.  From revision 6
# on the device says that it has but two pairs.
FEW = ",queues=2"
SHARED = [Nic(1, 3, "msix", "auto", FEW), Nic(2, 4, "msix", "active", FEW),
          Nic(3, 5, "msix", "lazy", FEW)]
SINGLE = [Nic(4, 4, "msi", "active"), Nic(5, 1, "intx", "auto"),
          Nic(6, 7, "intx", "active")]


def lines(s, netdev):
    """The NIC's lines of /proc/interrupts, each with its sum."""
    found = []
    for line in s.guest.run("cat /proc/interrupts").splitlines():
        words = line.split()
        if any(word.rstrip(",").split("-")[0] == netdev for word in words):
            numbers = [int(word) for word in words[1:CPUS + 1]
                       if word.isdigit()]
            found.append((line, sum(numbers)))
    return found


def pairs(s, netdev):
    """How many queue pairs the NIC has in use."""
    return int(s.guest.run(f"ls -d /sys/class/net/{netdev}/queues/rx-* "
                           "| wc -l"))


def carries(s, nic, kind, vectors, queues):
    """So many vectors of the kind, and all that packets need."""
    revisions.negotiated(s, nic)
    before = lines(s, nic.netdev)
    note(f"{nic}: {before}")
    check_equal(len(before), vectors, f"{nic}: vectors")
    check(all(kind in line for line, _ in before), f"{nic}: not {kind}")
    check_equal(pairs(s, nic.netdev), queues, f"{nic}: queue pairs")
    revisions.traffic(s, nic)
    count = sum(number for _, number in before)
    check(sum(number for _, number in lines(s, nic.netdev)) > count + 20,
          f"{nic}: no interrupt came")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def shared_vectors(s):
    """A vector per queue pair, for both directions."""
    for nic in SHARED:
        carries(s, nic, "PCI-MSI", CPUS + 1, CPUS)


def msi(s):
    """One vector for the queue pair and for events."""
    carries(s, SINGLE[0], "PCI-MSI", 1, 1)


def shared_line(s):
    """Several NICs on the lines of INTx: each knows what is its own."""
    for nic in SINGLE[1:]:
        carries(s, nic, "IO-APIC", 1, 1)


def together(s):
    """All NICs at once: no line is taken for one that nobody serves."""
    pings = [s.guest.spawn(f"ping -q -c 300 -w 30 -i 0.01 {nic.peer}")
             for nic in s.nics]
    for ping in pings:
        ping.wait(60)
        sent, got = map(int, re.search(r"(\d+) packets transmitted, "
                                       r"(\d+) received", ping.stdout).groups())
        # It ends with the 300th answer; a few more may be under way then.
        check(got >= 300 and sent - got <= 5, ping.stdout)
    for nic in SINGLE[1:]:
        number = lines(s, nic.netdev)[0][0].split(":")[0].strip()
        spurious = s.guest.run(f"cat /proc/irq/{number}/spurious").split()
        note(f"{nic}: {spurious}")
        # "count N unhandled N ...": the kernel ends it at 99.9 %.
        check(int(spurious[3]) * 10 <= int(spurious[1]),
              f"{nic}: nobody's interrupts: {spurious}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def link(s):
    """The one vector tells of events, too: the cable is pulled."""
    for nic in SINGLE:
        carrier = f"/sys/class/net/{nic.netdev}/carrier"
        for state, value in (("down", "0"), ("up", "1")):
            s.npad.vnic(nic.name).request("link", state=state)
            wait_for(lambda: s.guest.run(f"cat {carrier}").strip() == value,
                     f"{nic}: link {state}", 20)
        s.guest.run(f"ip link set {nic.netdev} down && "
                    f"ip link set {nic.netdev} up && "
                    f"ping -q -c 3 -i 0.05 -W 5 {nic.peer}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def line_of_stock(s):
    """QEMU's device without MSI: one line, one pair, packets make it fire."""
    before = lines(s, s.netdev)
    note(before)
    check_equal(len(before), 1, "lines")
    check("IO-APIC" in before[0][0], f"not INTx: {before}")
    check_equal(pairs(s, s.netdev), 1, "queue pairs")
    life.works(s)
    check(lines(s, s.netdev)[0][1] > before[0][1] + 20, "no interrupt came")


if __name__ == "__main__":
    NPAD = Suite(lambda: revisions.open_scene(SHARED + SINGLE, driver="ours",
                                              smp=CPUS))
    STOCK = Suite(lambda: scene.stock_scene(append="pci=nomsi"))
    try:
        tap.main(*[NPAD.test(f) for f in (shared_vectors, msi, shared_line,
                                          together)],
                 NPAD.last(NPAD.test(link)),
                 *[STOCK.test(f) for f in (
                     line_of_stock, exercise.ping, exercise.iperf_tcp,
                     exercise.numbered_udp, exercise.down_up, exercise.reload,
                     life.health)], limit=120)
    finally:
        NPAD.close()
        STOCK.close()
