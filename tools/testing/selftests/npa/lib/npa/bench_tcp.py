# SPDX-License-Identifier: GPL-2.0
"""TCP bulk throughput: the kernel's own driver and ours, side by side.

Two guests on QEMU's own vmxnet3 are up at the same time and take turns, so that
whatever else this machine does hits both alike; the median counts.  Throughput
depends most of all on whether the program runs on the processor that takes the
NIC's interrupts or on the other one, which the guest's scheduler decides as it
likes: both are measured.

That is still a matter of luck on a busy machine, so there is another comparison,
of what does not depend on time: instructions for each KiB of payload, by a TCG
plugin, and how much goes up the stack, out and into interrupts at once.
"""

import json
import statistics

from . import insn, vm
from .agent import GuestError
from .net import Peer

DRIVERS = ("in-tree", "ours")
WAYS = {"from": "", "to": "--reverse"}
# Interrupts are for processor 0; where the program is.
PLACES = {"same": 0, "other": 1}
IRQS = "grep -E 'rxtx|rx-|tx-|vmxnet3|npa|eth0|ens' /proc/interrupts"


class _Side:
    """A guest with one driver, and its own network with the peer."""

    def __init__(self, peer, driver, number, kernel, **guest):
        self.driver = driver
        self._peer = peer
        self._netdev = f"npa{number}"
        self._address = f"198.18.{number}"
        self._guest = vm.Guest(driver=driver, kernel=kernel, device=[
            *vm.stock_device(peer.tap(self._netdev))],
            prefix=peer.prefix(), **guest)

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

    def _run(self, way, options, timeout):
        """One run of iperf3; returns what was received, in all."""
        server = self._peer.spawn("iperf3 --server --one-off --forceflush "
                                  f"--bind {self._address}.1")
        try:
            server.wait_output("listening")
            command = self._guest.try_run(
                f"iperf3 --client {self._address}.1 --json {options} "
                f"{WAYS[way]}", timeout=timeout)
            end = json.loads(command.check())["end"]
        finally:
            server.stop()
        return end["sum_received"]

    def rate(self, way, seconds, place="same"):
        """Mbit/s of one run."""
        end = self._run(way, f"--omit 1 --time {seconds} "
                        f"--affinity {PLACES[place]}", seconds + 60)
        return end["bits_per_second"] / 1e6

    def place_interrupts(self):
        """The NIC's are for processor 0 from now on."""
        self._guest.run(f"for irq in $({IRQS} | cut -d: -f1); do "
                        "echo 0 > /proc/irq/$irq/smp_affinity_list || exit 1; "
                        "done")

    def set_lro(self, on):
        """Merged segments or single ones."""
        self._guest.run(f"ethtool -K {self._guest.netdev()} lro {on}")

    def lro(self):
        """Is LRO on?"""
        return "large-receive-offload: on" in self._guest.run(
            f"ethtool -k {self._guest.netdev()}")

    def _counts(self):
        """What the guest has counted of packets and interrupts."""
        tables = {}
        lines = self._guest.run("cat /proc/net/snmp").splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            tables[names.split()[0]] = dict(zip(
                names.split()[1:], map(int, values.split()[1:])))
        irqs = sum(int(value) for value in self._guest.run(
            f"{IRQS} | awk '{{print $2}}'").split())
        return {"skbs": tables["Ip:"]["InReceives"],
                "segments in": tables["Tcp:"]["InSegs"],
                "segments out": tables["Tcp:"]["OutSegs"],
                "interrupts": irqs}

    def instructions(self, way, counters, megabytes):
        """Instructions by range, and counts, for each KiB of payload."""
        before = counters.read() | self._counts()
        got = self._run(way, f"--bytes {megabytes}M", 600)["bytes"]
        after = counters.read() | self._counts()
        return {name: (after[name] - before[name]) / (got / 1024)
                for name in after}

    def count_ranges(self, counters):
        """Have the guest's instructions counted by function."""
        insn.add_ranges(self._guest, counters)

    def alarms(self):
        """What the guest's kernel has complained of."""
        return self._guest.alarms()


def compare(options, say):
    """Run both in turns; returns medians in Mbit/s and their ratio."""
    kinds = [(way, place) for way in WAYS for place in PLACES]
    rates = {(driver, *kind): [] for driver in DRIVERS for kind in kinds}
    with Peer() as peer, \
            _Side(peer, DRIVERS[0], 0, options.kernel) as first, \
            _Side(peer, DRIVERS[1], 1, options.kernel) as second:
        for side in (first, second):
            side.place_interrupts()
        for number in range(options.rounds):
            # Who begins may find another machine than who follows.
            pair = (first, second) if number % 2 else (second, first)
            for kind in kinds:
                for side in pair:
                    rates[side.driver, *kind].append(
                        side.rate(kind[0], 3, kind[1]))
        for side in (first, second):
            if side.alarms():
                raise GuestError(f"{side.driver}: {side.alarms()}")
    result = {}
    for kind in kinds:
        theirs, ours = (rates[driver, *kind] for driver in DRIVERS)
        row = {"in-tree": statistics.median(theirs),
               "ours": statistics.median(ours),
               "in-tree runs": theirs, "ours runs": ours}
        row["ratio"] = row["ours"] / row["in-tree"]
        result[" ".join(kind)] = row
        say(f"  {kind[0]:4} the guest, {kind[1]:5} processor: in-tree "
            f"{row['in-tree']:.0f} ({min(theirs):.0f} to {max(theirs):.0f}), "
            f"ours {row['ours']:.0f} ({min(ours):.0f} to {max(ours):.0f}) "
            f"Mbit/s, ratio {row['ratio']:.2f}")
    return result


def compare_instructions(options, say):
    """Instructions for each KiB, both ways; returns them by driver."""
    result = {}
    for driver in DRIVERS:
        counters = insn.Counters(options.output / "counters")
        with Peer() as peer, \
                _Side(peer, driver, 0, options.kernel, smp=1,
                      options=counters.options) as side:
            side.count_ranges(counters)
            default = side.lro()
            say(f"  {driver:8} LRO is {'on' if default else 'off'} by default")
            for way, lro in (("from", "off"), ("to", "off"), ("to", "on")):
                side.set_lro(lro)
                side.rate(way, 1)
                row = side.instructions(way, counters, options.megabytes)
                name = f"{way} LRO {lro}"
                result.setdefault(name, {})[driver] = row
                _say_row(driver, name, row, options.symbols, say)
            if side.alarms():
                raise GuestError(f"{driver}: {side.alarms()}")
    for name, row in result.items():
        say(f"  {name:12} ours / in-tree: " + ", ".join(
            f"{kind} {_sum(row['ours'], kind) / _sum(row['in-tree'], kind):.2f}"
            for kind in ("kernel", "module")))
    return result


def _sum(row, kind):
    """Instructions: "module" of the driver, "kernel" with the driver."""
    groups = insn.totals(row)
    return groups["module"] + (groups["kernel"] if kind == "kernel" else 0)


def _say_row(driver, name, row, symbols, say):
    say(f"  {driver:8} {name:12} kernel {_sum(row, 'kernel'):6.0f} (module "
        f"{_sum(row, 'module'):5.0f}) per KiB, " + ", ".join(
            f"{kind} {row[kind] * 1024:.0f}" for kind in
            ("skbs", "segments in", "segments out", "interrupts")) + " per MiB")
    insn.say_symbols({key: value for key, value in row.items()
                      if key.split("/")[0] in ("module", "kernel")},
                     symbols, say)
