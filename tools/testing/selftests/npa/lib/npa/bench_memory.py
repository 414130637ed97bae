# SPDX-License-Identifier: GPL-2.0
"""Memory per queue pair: what the guest has less of while the NIC is up.

Free pages of all zones and of all processors' lists, with the NIC down and up,
several times; with one queue pair and with more, so that what does not belong to
a pair falls out.
"""

import re
import statistics

from . import vm

DRIVERS = ("in-tree", "ours")
# (rings, MTU): what both drivers have by themselves, and long ones.
CASES = {"default": ("", 1500), "rings of 4096": ("rx 4096 tx 4096", 1500),
         "MTU 9000": ("", 9000)}
COUNTS = (1, 4)
TURNS = 6


def _free(guest):
    """Free memory in KiB, what processors hold back included."""
    text = guest.run("echo 3 > /proc/sys/vm/drop_caches; sleep 0.3; "
                     "cat /proc/zoneinfo", timeout=60)
    pages = sum(int(n) for n in re.findall(r"^\s+nr_free_pages (\d+)", text,
                                           re.M))
    return 4 * (pages + sum(int(n) for n in
                            re.findall(r"^\s+count: +(\d+)", text, re.M)))


def _rings(guest, netdev):
    """Ring sizes in use."""
    now = guest.run(f"ethtool -g {netdev}").split("Current", 1)[1]
    return {name: int(size) for name, size in
            re.findall(r"^(RX|TX|RX Mini|RX Jumbo):\s+(\d+)", now, re.M)}


def _usage(driver, count, kernel):
    """KiB that an NIC with some queue pairs takes, by case, and its rings."""
    result = {}
    with vm.Guest(driver=driver, smp=count, kernel=kernel, memory=768,
                  device=vm.stock_device("hubport,hubid=0")) as guest:
        netdev = guest.load()
        guest.run("for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do "
                  "echo 1 > $f; done")
        for case, (rings, mtu) in CASES.items():
            guest.run(f"ip link set {netdev} down; "
                      f"ip link set {netdev} mtu {mtu}")
            if rings:
                guest.run(f"ethtool -G {netdev} {rings}")
            usage = []
            for _ in range(TURNS):
                down = _free(guest)
                guest.run(f"ip link set {netdev} up; sleep 0.5", timeout=60)
                usage.append(down - _free(guest))
                guest.run(f"ip link set {netdev} down", timeout=60)
            result[case] = (statistics.median(usage), _rings(guest, netdev))
            if rings:
                guest.run(f"rmmod {guest.module}")
                guest.load()
    return result


def compare(options, say):
    """Print and return KiB per queue pair of both drivers, and the ratio."""
    usage = {(driver, count): _usage(driver, count, options.kernel)
             for driver in DRIVERS for count in COUNTS}
    result = {}
    for case in CASES:
        row = {}
        for driver in DRIVERS:
            few, many = (usage[driver, count][case] for count in COUNTS)
            row[driver] = (many[0] - few[0]) / (COUNTS[1] - COUNTS[0])
            row[f"{driver} rings"] = many[1]
            row[f"{driver} all"] = {COUNTS[0]: few[0], COUNTS[1]: many[0]}
        row["ratio"] = row["ours"] / row["in-tree"]
        result[case] = row
        say(f"  {case:14} in-tree {row['in-tree']:.0f} KiB "
            f"({row['in-tree rings']}), ours {row['ours']:.0f} KiB "
            f"({row['ours rings']}), ratio {row['ratio']:.2f}")
    return result
