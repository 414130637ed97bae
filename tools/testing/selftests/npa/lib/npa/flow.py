# SPDX-License-Identifier: GPL-2.0
"""Steady traffic between guest and peer, and what became of it per phase.

The traffic comes from flow/npa-flow.c. Times are nanoseconds of the host's
clock: a packet towards the guest belongs to the phase in which the host sent
it, one from the guest to the phase in which the host received it.
"""

import bisect
import itertools
import json
import signal
import struct
import time
from dataclasses import asdict, dataclass

from . import paths

_RECORD = struct.Struct("<IIQQQ")
_SAMPLE = struct.Struct("<QQII")
_PORTS = itertools.count(5000)
MS = 1_000_000
SECOND = 1_000_000_000


@dataclass
class Phase:
    """A span of time with a name; round numbers the repetitions."""

    name: str
    round: int
    start: int
    end: int


@dataclass
class Traffic:
    """What became of the packets of one direction in one phase."""

    packets: int = 0
    lost: int = 0
    reordered: int = 0
    duplicates: int = 0
    longest_gap_ms: float = 0.0

    def add(self, other):
        """Add another phase's numbers to these."""
        self.packets += other.packets
        self.lost += other.lost
        self.reordered += other.reordered
        self.duplicates += other.duplicates
        self.longest_gap_ms = max(self.longest_gap_ms, other.longest_gap_ms)

    def dict(self):
        """For JSON."""
        return asdict(self)


class PhaseList:
    """Phases that follow each other without holes, found by time."""

    def __init__(self, phases):
        self.phases = sorted(phases, key=lambda p: p.start)
        self._starts = [p.start for p in self.phases]

    def index(self, time):
        """The number of the phase that holds a time; the nearest outside."""
        return max(bisect.bisect_right(self._starts, time) - 1, 0)

    def holds(self, time):
        """Does a time lie in any of the phases?"""
        return self.phases[0].start <= time < self.phases[-1].end

    def most_of(self, start, end):
        """The number of the phase that holds most of a span."""
        first, last = self.index(start), self.index(end)
        return max(range(first, last + 1),
                   key=lambda i: min(end, self.phases[i].end) -
                   max(start, self.phases[i].start))


class UdpFlow:
    """Numbered UDP packets from one end to the other.

    source and sink are a Guest and a Peer or the other way round; address is
    the sink's. rate is packets per second of all flows together; burst of
    them are sent at once. apart: a sender that is late does not catch up.
    """

    def __init__(self, source, sink, address, rate=1000, flows=1, size=64,
                 to_guest=False, burst=1, apart=False):
        self.to_guest = to_guest
        self.flows = flows
        self._source = source
        self._sink = sink
        port = next(_PORTS)
        self._file = f"/tmp/npa-flow-{port}"
        program = _program(sink)
        self._receiver = sink.spawn(f"{program} udp-receive --port {port} "
                                    f"--file {self._file}")
        self._receiver.wait_output("ready")
        program = _program(source)
        self._sender = source.spawn(
            f"{program} udp-send --to {address} --port {port} --rate {rate} "
            f"--flows {flows} --size {size} --burst {burst}"
            f"{' --apart' * apart}")
        self.records = []
        self.sent = []

    def hold(self, seconds):
        """Stop the sender, which runs on this machine, for a time."""
        self._sender.kill(signal.SIGSTOP)
        time.sleep(seconds)
        self._sender.kill(signal.SIGCONT)

    def stop_sender(self):
        """End the sender; packets on their way still arrive."""
        self.sent = json.loads(self._sender.stop())["flows"]

    def stop_receiver(self):
        """End the receiver and fetch its records."""
        self._receiver.stop()
        data = self._sink.pull(self._file)
        self.records = [(flow, seq, sent, received) for
                        flow, _, seq, sent, received
                        in _RECORD.iter_unpack(data)]

    def _time(self, record):
        return record[2] if self.to_guest else record[3]

    def analyse(self, phases):
        """A Traffic for each phase of a PhaseList."""
        result = [Traffic() for _ in phases.phases]
        for flow in range(self.flows):
            records = [r for r in self.records if r[0] == flow]
            self._analyse_flow(records, self.sent[flow]["sent"], phases,
                               result)
        return result

    def _analyse_flow(self, records, sent, phases, result):
        seen = {}
        highest = -1
        previous = None
        for record in records:
            _, seq, _, received = record
            now = self._time(record)
            traffic = result[phases.index(now)]
            traffic.packets += phases.holds(now)
            if seq in seen:
                traffic.duplicates += 1
            elif seq < highest:
                traffic.reordered += 1
            seen[seq] = now
            highest = max(highest, seq)
            if previous is not None:
                # A gap ends with this packet and is as long as the receiver
                # saw it; its place is in time of the host's clock.
                gap = (received - previous) / MS
                where = result[phases.most_of(now - max(received - previous, 0),
                                              now)]
                where.longest_gap_ms = max(where.longest_gap_ms, gap)
            previous = received
        for start, end in _missing(seen, sent):
            self._lost(seen, start, end, phases, result)

    @staticmethod
    def _lost(seen, start, end, phases, result):
        """Count the numbers start..end-1 as lost, evenly between neighbours."""
        before = seen.get(start - 1, phases.phases[0].start)
        after = seen.get(end, phases.phases[-1].end)
        step = (after - before) / (end - start + 1)
        for n in range(end - start):
            when = int(before + step * (n + 1))
            result[phases.index(when)].lost += 1

    def timeline(self, start, end, width=SECOND // 10):
        """Per slot of width ns: (seconds, packets per second, longest gap ms)."""
        slots = [[0, 0.0] for _ in range((end - start) // width + 1)]
        previous = {}
        for record in self.records:
            slot = (self._time(record) - start) // width
            if not 0 <= slot < len(slots):
                continue
            slots[slot][0] += 1
            flow, received = record[0], record[3]
            if flow in previous:
                slots[slot][1] = max(slots[slot][1],
                                     (received - previous[flow]) / MS)
            previous[flow] = received
        return [(i * width / SECOND, n * SECOND / width, gap)
                for i, (n, gap) in enumerate(slots)]

    def shortest_transit(self):
        """The least of received minus sent: delay plus clock difference."""
        return min(r[3] - r[2] for r in self.records)


def clock_difference(to_guest, from_guest):
    """Nanoseconds by which the guest's clock is ahead of the host's.

    The shortest transit holds the difference once with each sign; the delays
    are taken for equal.
    """
    return (to_guest.shortest_transit() - from_guest.shortest_transit()) // 2


class TcpFlow:
    """A paced TCP stream whose sender samples its retransmits."""

    def __init__(self, source, sink, address, rate=500_000, to_guest=False):
        port = next(_PORTS)
        self.to_guest = to_guest
        self._source = source
        self._file = f"/tmp/npa-flow-{port}"
        self._receiver = sink.spawn(f"{_program(sink)} tcp-receive "
                                    f"--port {port}")
        self._receiver.wait_output("ready")
        self._sender = source.spawn(
            f"{_program(source)} tcp-send --to {address} --port {port} "
            f"--rate {rate} --file {self._file}")
        self.samples = []

    def stop(self):
        """End the stream and fetch the samples."""
        self._sender.stop()
        self._sender.check()
        self.samples = list(_SAMPLE.iter_unpack(self._source.pull(self._file)))
        self._receiver.stop()

    def retransmits(self, phases, ahead=0):
        """Retransmits per phase; ahead: ns by which the sender's clock is."""
        result = [0 for _ in phases.phases]
        for before, after in itertools.pairwise(self.samples):
            if after[2] > before[2]:
                result[phases.index(after[0] - ahead)] += after[2] - before[2]
        return result

    def bytes(self):
        """Bytes that the receiver has acknowledged."""
        return self.samples[-1][1] if self.samples else 0


def _missing(seen, sent):
    """Spans (start, end) of numbers below sent that are not in seen."""
    start = None
    for seq in range(sent + 1):
        if seq < sent and seq not in seen:
            start = seq if start is None else start
        elif start is not None:
            yield start, seq
            start = None


def _program(end):
    """How an end calls npa-flow: by name in the guest, by path here."""
    if hasattr(end, "prefix"):
        return paths.GUEST_PROGRAMS / "npa-flow"
    return "exec npa-flow"
