# SPDX-License-Identifier: GPL-2.0
"""Watch a scene while a test works on it: traffic, kernel log, memory."""

import functools
import re
import time

from . import flow, paths
from .scene import GUEST, PEER
from .tap import Failure, check, note


class Starved(Failure):
    """Packets were lost while the guest stood still."""


def undisturbed(function):
    """A test that is repeated once when the machine was too busy for it."""
    @functools.wraps(function)
    def test(*arguments):
        try:
            function(*arguments)
        except Starved as error:
            note(f"once more, the guest stood still: {error}")
            function(*arguments)
    return test


def queue_drops(guest):
    """Packets that queue disciplines of the guest have dropped.

    Debian's default, fq_codel, drops one by intent when packets had to wait
    for 100 ms, as behind a TX queue that a slow machine has kept stopped.
    """
    return sum(qdisc.get("drops", 0)
               for qdisc in guest.json("tc -s -j qdisc show")
               if qdisc["kind"] != "mq")


class Watch:
    """Numbered UDP both ways, cut into phases that the test names.

    A kernel that is so many times as slow gets that much less of it, and is
    not asked to send as regularly.

    A context manager; when it is left without an exception the streams have
    been stopped and phases holds [(name, Traffic to, Traffic from the guest)].
    """

    # What is still under way when the senders end has arrived after this.
    SETTLE = 0.5 * paths.SLOW
    # A virtual switch does not wait longer than that for a receiver.
    STILL_MS = 450

    def __init__(self, s, rate=1000, flows=2):
        rate //= paths.SLOW
        self.phases = []
        self.phase_list = None
        self.clock_ahead = 0
        self._marks = []
        self._streams = [
            flow.UdpFlow(s.peer, s.guest, GUEST, rate, flows, to_guest=True),
            flow.UdpFlow(s.guest, s.peer, PEER, rate, flows)]
        self._rate = rate
        self._guest = s.guest
        self._drops = queue_drops(s.guest)

    def __enter__(self):
        self.mark("start")
        return self

    def __exit__(self, kind, *_):
        end = time.time_ns()
        try:
            for stream in self._streams:
                stream.stop_sender()
            time.sleep(self.SETTLE)
            for stream in self._streams:
                stream.stop_receiver()
        except Exception:
            # What the test has failed of matters more.
            if kind is None:
                raise
        if kind is None:
            self._drops = queue_drops(self._guest) - self._drops
            self._analyse(end)

    def mark(self, name):
        """What happens from now on belongs to a phase of this name."""
        self._marks.append((time.time_ns(), name))

    def _analyse(self, end):
        starts = [time for time, _ in self._marks]
        phases = flow.PhaseList([
            flow.Phase(name, number, start, stop) for number,
            ((start, name), stop) in enumerate(zip(self._marks,
                                                   starts[1:] + [end]))])
        results = [stream.analyse(phases) for stream in self._streams]
        self.phase_list = phases
        self.clock_ahead = flow.clock_difference(*self._streams)
        self.phases = [(phase.name, *traffic) for phase, *traffic
                       in zip(phases.phases, *results)]
        self.seconds = (end - starts[0]) / flow.SECOND

    def total(self, way):
        """All phases together; way: 0 to the guest, 1 from it."""
        total = flow.Traffic()
        for phase in self.phases:
            total.add(phase[1 + way])
        return total

    def check_intact(self, lossy=(), moving=()):
        """Nothing lost, reordered or doubled, in phases not named lossy.

        In those named moving packets may be reordered.  A slow kernel stands
        still in each switch: what is lost then says nothing of the driver.
        """
        wrong = []
        starved = True
        enough = 0.8 if paths.SLOW == 1 else 0.1
        for name, *ways in self.phases:
            still = max(way.longest_gap_ms for way in ways) > self.STILL_MS
            for way, traffic in zip(("to", "from"), ways):
                bad = {what: getattr(traffic, what) for what in
                       ("lost", "reordered", "duplicates")
                       if getattr(traffic, what) and
                       not (what == "reordered" and name in moving)}
                if bad and name not in lossy:
                    wrong.append(f"'{name}', {way} the guest: {bad}")
                    queued = way == "from" and traffic.lost <= self._drops
                    starved &= (still or queued) and list(bad) == ["lost"]
        if self._drops:
            note(f"{self._drops} packets dropped by the guest's qdisc")
        for way, text in enumerate(("to", "from")):
            packets = self.total(way).packets
            note(f"{packets} packets {text} the guest in "
                 f"{self.seconds:.1f} s, longest gap "
                 f"{self.total(way).longest_gap_ms:.0f} ms")
            if not (lossy or moving) and \
                    packets < enough * self._rate * self.seconds:
                wrong.append(f"only {packets} packets {text} the guest")
                starved = False
        if wrong and starved and paths.SLOW > 1:
            note(f"the guest stood still: {'; '.join(wrong)}")
        elif wrong:
            raise (Starved if starved else Failure)("; ".join(wrong))


class Log:
    """What the driver says in the guest's kernel log, read piece by piece.

    The kernel says other things too, of a slow machine's clock for example;
    those that mean trouble are found by Guest.alarms().
    """

    def __init__(self, guest):
        self._guest = guest
        self._seen = len(guest.dmesg().splitlines())

    def new(self):
        """The lines since the last call, without their time stamps."""
        lines = self._guest.dmesg().splitlines()
        new, self._seen = lines[self._seen:], len(lines)
        return [re.sub(r"^\[ *[\d.]+\] ", "", line) for line in new
                if "vmxnet3" in line]


class Memory:
    """What the guest's kernel holds, counted while nothing goes on.

    Objects that are free but kept at hand per processor count as used, so
    caches are shrunk first; the shell that counts fills some of them again,
    and so the least of several counts is taken. Mappings of the kernel are
    released lazily: removing a module does it at once.
    """

    COUNTS = 3
    COUNT = ("for c in /sys/kernel/slab/*; do echo 1 > $c/shrink; done; "
             "tail -n +3 /proc/slabinfo; echo; cat /proc/meminfo; echo; "
             "awk '$1 == \"count:\" { n += $2 } END { print n }' "
             "/proc/zoneinfo; echo; "
             "grep -c 'vmxnet3\\|ioremap' /proc/vmallocinfo; echo; "
             "grep -c . /proc/interrupts")

    def __init__(self, guest):
        guest.run("modprobe dummy; rmmod dummy; sync; "
                  "echo 3 > /proc/sys/vm/drop_caches; "
                  "echo 1 > /proc/sys/vm/compact_memory")
        counts = [self._count(guest) for _ in range(self.COUNTS)]
        self.pages_kib, self.slab_kib, self.maps, self.irqs = (
            min(numbers) for numbers in zip(*(c[0] for c in counts)))
        self.objects = {name: min(c[1].get(name, 0) for c in counts)
                        for name in counts[0][1]}

    def _count(self, guest):
        slabs, info, at_hand, maps, irqs = guest.run(self.COUNT).split("\n\n")
        info = dict(re.findall(r"^(\S+): +(\d+)", info, re.M))
        # Pages of user space and of files come and go with the test's tools;
        # those at hand per processor (of 4 KiB) are free.
        pages = int(info["MemTotal"]) - 4 * int(at_hand) - sum(
            int(info[name]) for name in ("MemFree", "AnonPages", "Cached",
                                         "Buffers", "PageTables",
                                         "KernelStack", "Slab"))
        return ((pages, int(info["SUnreclaim"]), int(maps), int(irqs)),
                {line.split()[0]: int(line.split()[1])
                 for line in slabs.splitlines()})

    def growth(self, before, least):
        """What was taken since before that suggests a leak.

        least is how many objects even the rarest leak would have left; three
        quarters of that are suspicious. Of pages and slab memory 20 and 10
        KiB for each of them are; a ring with its buffers has more than 1 MiB.
        """
        grown = {name: count - before.objects.get(name, 0)
                 for name, count in self.objects.items()}
        most = sorted(grown, key=grown.get)[-3:]
        note(f"pages {before.pages_kib} -> {self.pages_kib} KiB, slab "
             f"{before.slab_kib} -> {self.slab_kib} KiB, mappings "
             f"{before.maps} -> {self.maps}; most objects more: " +
             ", ".join(f"{name} {grown[name]}" for name in most))
        grown = {name: count for name, count in grown.items()
                 if count > least * 3 // 4}
        for name, more, limit in (
                ("KiB of pages", self.pages_kib - before.pages_kib,
                 20 * least),
                ("KiB of slab", self.slab_kib - before.slab_kib, 10 * least),
                ("mappings", self.maps - before.maps, 0),
                ("interrupts", self.irqs - before.irqs, 0)):
            if more > limit:
                grown[name] = more
        return grown


def check_no_growth(guest, events, least):
    """Fail if what events() does leaks memory; least as for Memory.growth().

    What seems to have grown has to grow on when all is repeated: lists of
    objects per processor (60 each) that happen to be filled do not.  The debug
    kernel keeps what is free, and kmemleak looks for leaks there.
    """
    if guest.is_debug():
        events()
        return
    before = Memory(guest)
    events()
    once = Memory(guest).growth(before, least)
    if not once:
        return
    note(f"may have grown: {once}")
    events()
    twice = Memory(guest).growth(before, 2 * least)
    leaks = {name: more for name, more in twice.items() if name in once}
    check(not leaks, f"leaked: {leaks}")


def wait_for(condition, what, timeout=10, pause=0.01):
    """Poll condition() until it is true and return its value."""
    deadline = time.monotonic() + timeout * paths.SLOW
    while not (value := condition()):
        check(time.monotonic() < deadline, f"{what}: not in {timeout} s")
        time.sleep(pause)
    return value
