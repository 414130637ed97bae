#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a switch costs: ours, bonding's and net_failover's, on one test bed.

Numbered UDP and TCP run both ways while a guest's traffic moves between a
paravirtual NIC and a VF, many times, in several ways. Each switch has a window
of time of its own, and before and after it lie control windows of the same
length in which nothing is done. Gaps are compared by ranks (Mann-Whitney U,
two-sided): the longest of a window with the longest of a stream that has as
much of either path but no switch, which the control windows around it make.

Exit status 0: in our windows no packet was lost, reordered or doubled.
"""

import argparse
import functools
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from npa import contenders, paths, ranks  # noqa: E402
from npa.agent import GuestError  # noqa: E402
from npa.flow import MS, Phase, PhaseList, Traffic  # noqa: E402
from npa.net import CommandError  # noqa: E402
from npa.npad import NpadError  # noqa: E402
from npa.streams import Streams  # noqa: E402
from npa.watch import queue_drops  # noqa: E402

WAYS = ("to_guest", "from_guest")
# Chance of calling two samples different that are not.
ALPHA = 0.01
WARM_UP = 2
BEGIN = time.monotonic()


def say(text):
    """A line of progress."""
    print(f"[{time.monotonic() - BEGIN:6.1f} s] {text}", flush=True)


def switch_many(contender, number):
    """Make switches between control windows.

    Returns the windows, in time, as phases: a control window, then a switch
    and a control window for each switch; and for each switch what
    contender.look() said. Nobody looks while the traffic moves, and the
    windows do not differ in what is asked at their ends.
    """
    marks, switches = [], []
    last = contender.kinds[1]

    def window(name, begin, look):
        start = time.monotonic()
        marks.append((time.time_ns(), name))
        begin()
        took = time.monotonic() - start
        time.sleep(max(contender.window - took, 0))
        return {"moved_ms": took * 1000, **contender.look(look)}

    for count in range(number):
        kind = contender.kinds[count % 2]
        window("control " + kind, lambda: None, last)
        switches.append({"kind": kind, **window(
            kind, functools.partial(contender.begin, kind), kind)})
        last = kind
    window("control " + contender.kinds[0], lambda: None, last)
    marks.append((time.time_ns(), "end"))
    return [Phase(name, n, start, marks[n + 1][0])
            for n, (start, name) in enumerate(marks[:-1])], switches


def cut(windows, switches):
    """The windows, control windows cut where the switches on either side of
    them moved the traffic; round is the window's number.
    """
    pieces = []
    for n, window in enumerate(windows):
        beside = switches[max(n // 2 - 1, 0):n // 2 + 1] if n % 2 == 0 else []
        edges = {window.start + int(s["moved_ms"] * MS) for s in beside}
        edges = [window.start, *sorted(e for e in edges if e < window.end),
                 window.end]
        pieces += [Phase(window.name, n, *ends)
                   for ends in itertools.pairwise(edges)]
    return pieces


def gaps_without(windows, switches, details):
    """For each switch, the longest gap each way of the same without it.

    Streams on the two paths differ, and a window with a switch has some of
    either: up to the moment at which the traffic moved this is the control
    window before it, from then on the one after it. details: of cut().
    """
    gaps = []
    for number, switch in enumerate(switches):
        moved = int(switch["moved_ms"] * MS)
        parts = [d for d in details for before, n in
                 ((True, 2 * number), (False, 2 * number + 2))
                 if d["round"] == n and before ==
                 (d["start_ns"] - windows[n].start < moved)]
        gaps.append({"kind": switch["kind"], **{
            way: max(d[way]["longest_gap_ms"] for d in parts)
            for way in WAYS}})
    return gaps


def summarise(kinds, details, without):
    """For each kind of switch: its windows beside their control windows.

    details: of the windows; without: of gaps_without().
    """
    table = []
    for kind in kinds:
        row = {"kind": kind}
        for which in (kind, "control " + kind):
            cells = [d for d in details if d["phase"] == which]
            part = {"windows": len(cells), "tcp_retransmits": sum(
                sum(d["tcp_retransmits"].values()) for d in cells)}
            for way in WAYS:
                total = Traffic()
                for cell in cells:
                    total.add(Traffic(**cell[way]))
                lost = [cell[way]["lost"] for cell in cells]
                part[way] = {
                    **total.dict(), "lost_most": max(lost),
                    "windows_with_loss": sum(map(bool, lost)),
                    "gap_ms": ranks.describe([cell[way]["longest_gap_ms"]
                                              for cell in cells])}
            row["switch" if which == kind else "control"] = part
        for way in WAYS:
            gaps = [[g[way] for g in without if g["kind"] == kind],
                    [d[way]["longest_gap_ms"] for d in details
                     if d["phase"] == kind]]
            row["switch"][way]["without_gap_ms"] = ranks.describe(gaps[0])
            row["switch"][way]["p"] = ranks.rank_sum_p(*gaps)
            row["switch"][way]["shift_ms"] = ranks.shift(*gaps)
        table.append(row)
    return table


def describe_steps(switches):
    """Median and maximum of the steps of our switches, ms after the message."""
    steps = {}
    for entry in switches:
        for name, value in entry.get("steps_ms", {}).items():
            if name != "seq":
                steps.setdefault(entry["kind"], {}).setdefault(name, []) \
                    .append(value)
    return {kind: {name: ranks.describe(values)
                   for name, values in of_kind.items()}
            for kind, of_kind in steps.items()}


def difference(before, after):
    """Packets and trapped accesses between two replies to "stats"."""
    packets = sum(after["ports"][port][name] - before["ports"][port][name]
                  for port in ("emulated", "vf")
                  for name in ("tx_packets", "rx_packets"))
    registers = {name: count - before["traps"]["by_register"].get(name, 0)
                 for name, count in after["traps"]["by_register"].items()}
    return {"packets": packets,
            "per_packet_registers": after["traps_per_packet_registers"] -
            before["traps_per_packet_registers"],
            "by_register": {name: count for name, count in registers.items()
                            if count}}


def count_traps(contender, seconds=5):
    """Trapped accesses while nothing is switched, on each path, and in the
    switches between them.
    """
    traps = {}
    for path, kind in (("emulated", "to VF"), ("vf", "to emulated")):
        # The guest looks at the old path's rings once more, and frees it.
        time.sleep(0.5)
        before = contender.npad.stats()
        time.sleep(seconds)
        after = contender.npad.stats()
        traps[path] = {**difference(before, after), "seconds": seconds}
        before = contender.npad.stats()
        contender.do(kind)
        traps[kind] = difference(before, contender.npad.stats())
    return traps


def run(contender, number, options):
    """One contender's result, as a dictionary."""
    begin = time.monotonic()
    with contender as c:
        say(f"{c.title}: {number} switches, kernel "
            f"{paths.kernel_release(c.kernel)}")
        # As distributions have it: a processor that writes a line to a serial
        # port does nothing else for milliseconds.
        c.guest.run("echo 4 > /proc/sys/kernel/printk")
        drops = queue_drops(c.guest)
        streams = Streams(c.peer, c.guest, options.rate)
        time.sleep(1)
        for count in range(WARM_UP):
            c.do(c.kinds[count % 2])
        windows, switches = switch_many(c, number)
        traps = count_traps(c) if c.kinds[1] == "to emulated" else None
        streams.stop()
        alarms = c.guest.alarms()
        drops = queue_drops(c.guest) - drops
        details = streams.analyse(PhaseList(windows))
        without = gaps_without(windows, switches, streams.analyse(
            PhaseList(cut(windows, switches))))
    return {"title": contender.title,
            "kernel": paths.kernel_release(contender.kernel),
            "what": contender.__doc__.split("\n", maxsplit=1)[0],
            "window_s": contender.window, "switches": switches,
            "steps_ms": describe_steps(switches), "traps": traps,
            "table": summarise(contender.kinds, details, without),
            "details": details, "without": without, "alarms": alarms, "qdisc_drops": drops, "seconds": time.monotonic() - begin}


def print_table(results):
    """The table that a person reads."""
    print("\nIn windows with a switch, in the control windows of the same "
          "length before them,\nand in what the control windows make of a "
          "stream that has as much of either path\nbut no switch (lost: "
          "total, most in a window; gap: median, 90th percentile,\nmost; p: "
          "chance that gaps with and without a switch differ so much)\n")
    print(f"{'':26} {'':7} {'to the guest':>38}   {'from the guest':>38} "
          f"{'TCP':>6}")
    cell = f"{'lost':>9} {'reord':>5} {'gap ms':>15} {'p':>6}"
    print(f"{'':26} windows {cell}   {cell} {'retr':>6}")
    for result in results:
        print(f"{result['title']} ({result['window_s']} s windows)")
        for row in result["table"]:
            for which, name in (("switch", row["kind"]),
                                ("control", "control")):
                print(f"  {name:24} {row[which]['windows']:7} " + "   ".join(
                    _cell(row[which][way]) for way in WAYS) +
                    f" {row[which]['tcp_retransmits']:6}")
            print(f"  {'without':24} {'':7} " + "   ".join(
                f"{'':15} {_gaps(row['switch'][way]['without_gap_ms']):>15} "
                f"{'':6}" for way in WAYS))
        if result["qdisc_drops"]:
            print(f"  ({result['qdisc_drops']} packets were dropped by the "
                  "guest's qdisc, for having waited)")
    print()


def _gaps(gap):
    return f"{gap['median']:.0f}, {gap['p90']:.0f}, {gap['max']:.0f}"


def _cell(part):
    p = f"{part['p']:6.3f}" if "p" in part else f"{'':6}"
    lost = f"{part['lost']}, {part['lost_most']}"
    gaps = _gaps(part["gap_ms"])
    return f"{lost:>9} {part['reordered']:5} {gaps:>15} {p:>6}"


def print_ours(result):
    """Steps of the switches and trapped accesses."""
    print(f"{result['title']}: milliseconds from the message, median (most)")
    for kind, steps in result["steps_ms"].items():
        print(f"  {kind:12} " + ", ".join(
            f"{name} {value['median']:.1f} ({value['max']:.1f})"
            for name, value in steps.items()))
    print("  trapped register accesses")
    for name, traps in result["traps"].items():
        per = traps["per_packet_registers"] / max(traps["packets"], 1)
        registers = ", ".join(f"{register} {count}" for register, count
                              in sorted(traps["by_register"].items()))
        print(f"  {name:12} {traps['packets']} packets, {per:.3f} per packet; "
              f"all: {registers or 'none'}")
    print()


def verdict(results):
    """What is wrong with our switches, and what the gaps say."""
    wrong = []
    for result in results:
        wrong += [f"{result['title']}: kernel log: {line}"
                  for line in result["alarms"]]
        if not result["title"].startswith("NPA"):
            continue
        for row in result["table"]:
            for way in WAYS:
                part = row["switch"][way]
                where = f"{result['title']}, {row['kind']}, " \
                        f"{way.replace('_', ' the ')}"
                wrong += [f"{where}: {part[what]} {what}" for what in
                          ("lost", "reordered", "duplicates") if part[what]]
                differ = part["p"] < ALPHA
                print(f"{where}: longest gap {'differs' if differ else 'is not distinguishable'} "
                      f"from that without a switch (p = {part['p']:.3f}, "
                      f"shift {part['shift_ms']:+.1f} ms)")
        vf = result["traps"]["vf"]
        if vf["per_packet_registers"]:
            wrong.append(f"{result['title']}: the VF trapped "
                         f"{vf['per_packet_registers']} doorbells")
    return wrong


PLOT = r"""
set terminal svg size 1000,400 dynamic background 'white' font 'DejaVu Sans,12'
set output '{svg}'
set multiplot layout 1,2 title 'Longest gap of a window, share of windows'
set logscale x
set xrange [1:*]
set yrange [0:1]
set grid lc rgb '#dddddd'
set key bottom right
set xlabel 'ms'
{plots}
unset multiplot
"""


def draw(results, directory):
    """Cumulative distribution of the gaps, one picture for both directions."""
    plots = []
    for way in WAYS:
        curves = []
        for number, result in enumerate(results):
            for control in (False, True):
                gaps = sorted(d[way]["longest_gap_ms"]
                              for d in result["details"]
                              if d["phase"].startswith("control") == control)
                file = directory / f"gaps-{number}-{way}-{int(control)}.dat"
                file.write_text("".join(
                    f"{gap:.3f} {(n + 1) / len(gaps):.4f}\n"
                    for n, gap in enumerate(gaps)))
                curves.append(
                    f"'{file}' u 1:2 w steps lw 1.5 lc {number + 1} "
                    f"dt {2 if control else 1} t '{result['title']}"
                    f"{', control' if control else ''}'")
        plots.append(f"set title '{way.replace('_', ' the ')}'\nplot " +
                     ", \\\n".join(curves))
    svg = directory / "gaps.svg"
    subprocess.run(["gnuplot"], input=PLOT.format(svg=svg, plots="\n".join(
        plots)), text=True, check=True)
    return svg


def wanted(options):
    """The contenders and how many switches each is to make."""
    ours = [(contenders.Npa(model), options.switches)
            for model in options.vf]
    if options.ours:
        return ours
    return ours + [
        (contenders.Bonding(), options.others),
        (contenders.BondingLink(), options.others),
        (contenders.Failover(), min(options.others, 20))]


def even(text):
    """A number of switches: they come in pairs."""
    number = int(text)
    if number < 2 or number % 2:
        raise argparse.ArgumentTypeError("must be even and positive")
    return number


def main():
    """Parse options, run all, print, write JSON and picture."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--switches", type=even, default=100,
                        help="of ours (%(default)s)")
    parser.add_argument("--others", type=even, default=30,
                        help="of each of the others (%(default)s)")
    parser.add_argument("--ours", action="store_true", help="only ours")
    parser.add_argument("--vf", nargs="+", default=["82576"],
                        help="models of our VF (%(default)s)")
    parser.add_argument("--rate", type=int, default=1000,
                        help="UDP packets per second each way (%(default)s)")
    parser.add_argument("--output", type=Path, default=paths.BUILD / "report",
                        help="directory for JSON and SVG")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    try:
        results = [run(contender, number, options)
                   for contender, number in wanted(options)]
    except (NpadError, GuestError, CommandError, paths.MissingError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    target = options.output / "report.json"
    target.write_text(json.dumps(results, indent=1))
    print_table(results)
    for result in results:
        if result["traps"]:
            print_ours(result)
    wrong = verdict(results)
    print(f"numbers: {target}\npicture: {draw(results, options.output)}")
    for problem in wrong:
        print(f"WRONG: {problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
