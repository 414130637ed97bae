#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The kinds of interrupts that QEMU's own vmxnet3 has; MSI-X is elsewhere."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, life, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402


def counted(s):
    """The NIC's line of /proc/interrupts, and its sum."""
    line = next(line for line in s.guest.run("cat /proc/interrupts")
                .splitlines() if s.netdev in line)
    numbers = [int(word) for word in line.split()[1:] if word.isdigit()]
    return line, sum(numbers[:2])


def intx(s):
    """One line, shared with whoever has it too; packets make it fire."""
    line, before = counted(s)
    note(line)
    check("IO-APIC" in line and "MSI" not in line, f"not INTx: {line}")
    check_equal(s.guest.run(f"ls /sys/class/net/{s.netdev}/queues | wc -l")
                .strip(), "2", "queues of both directions")
    life.works(s)
    check(counted(s)[1] > before + 20, "no interrupt came")
    unhandled = s.guest.run(f"cat /proc/irq/{line.split(':')[0].strip()}"
                            "/spurious")
    note(f"spurious: {unhandled.split()}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


if __name__ == "__main__":
    Suite(lambda: scene.stock_scene(append="pci=nomsi")).main(
        intx, exercise.ping, exercise.iperf_tcp, exercise.numbered_udp,
        exercise.down_up, exercise.reload, life.health)
