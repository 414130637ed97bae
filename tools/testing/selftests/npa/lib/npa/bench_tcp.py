# SPDX-License-Identifier: GPL-2.0
"""TCP bulk throughput: the kernel's own driver and ours, side by side.

Two guests on QEMU's own vmxnet3 are up at the same time and take turns, so that
whatever else this machine does hits both alike; the median counts.
"""

import json
import statistics

from . import vm
from .agent import GuestError
from .net import Peer

DRIVERS = ("in-tree", "ours")
WAYS = {"from": "", "to": "--reverse"}


class _Side:
    """A guest with one driver, and its own network with the peer."""

    def __init__(self, peer, driver, number, kernel):
        self.driver = driver
        self._peer = peer
        self._netdev = f"npa{number}"
        self._address = f"198.18.{number}"
        self._guest = vm.Guest(driver=driver, kernel=kernel, device=[
            *vm.stock_device(peer.tap(self._netdev))],
            prefix=peer.prefix())

    def __enter__(self):
        self._peer.up(self._netdev, f"{self._address}.1/24")
        self._guest.start()
        self._guest.load()
        self._guest.up(f"{self._address}.2/24")
        self._guest.run(f"for i in $(seq 50); do ping -c 1 -W 1 "
                        f"{self._address}.1 && exit 0; sleep 0.1; done; "
                        "exit 1", timeout=60)
        return self

    def __exit__(self, *_):
        self._guest.stop()

    def rate(self, way, seconds):
        """Mbit/s of one run."""
        server = self._peer.spawn("iperf3 --server --one-off --forceflush "
                                  f"--bind {self._address}.1")
        try:
            server.wait_output("listening")
            command = self._guest.try_run(
                f"iperf3 --client {self._address}.1 --json --omit 1 "
                f"--time {seconds} {WAYS[way]}", timeout=seconds + 60)
            end = json.loads(command.check())["end"]
        finally:
            server.stop()
        return end["sum_received"]["bits_per_second"] / 1e6

    def alarms(self):
        """What the guest's kernel has complained of."""
        return self._guest.alarms()


def compare(options, say):
    """Run both in turns; returns medians in Mbit/s and their ratio."""
    rates = {(driver, way): [] for driver in DRIVERS for way in WAYS}
    with Peer() as peer, \
            _Side(peer, DRIVERS[0], 0, options.kernel) as first, \
            _Side(peer, DRIVERS[1], 1, options.kernel) as second:
        for number in range(options.rounds):
            # Who begins may find another machine than who follows.
            pair = (first, second) if number % 2 else (second, first)
            for way in WAYS:
                for side in pair:
                    rates[side.driver, way].append(side.rate(way, 3))
        for side in (first, second):
            if side.alarms():
                raise GuestError(f"{side.driver}: {side.alarms()}")
    result = {}
    for way in WAYS:
        theirs, ours = (rates[driver, way] for driver in DRIVERS)
        row = {"in-tree": statistics.median(theirs),
               "ours": statistics.median(ours),
               "in-tree runs": theirs, "ours runs": ours}
        row["ratio"] = row["ours"] / row["in-tree"]
        result[way] = row
        say(f"  {way:4} the guest: in-tree {row['in-tree']:.0f} "
            f"({min(theirs):.0f} to {max(theirs):.0f}), ours "
            f"{row['ours']:.0f} ({min(ours):.0f} to {max(ours):.0f}) Mbit/s, "
            f"ratio {row['ratio']:.2f}")
    return result
