#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Move a guest's data path to a VF and back, under traffic, and measure.

Boots Debian's stock kernel with our vmxnet3 on npad, runs numbered UDP streams
both ways and TCP streams both ways, and switches several times. Each round has
the phases

  emulated     the emulated device carries the traffic
  control      as long as a switch, but nothing is switched
  to VF        from the attach command until the VF carries everything
  VF           the VF carries the traffic
  to emulated  from the detach command until the device carries everything

Exit status 0: no packet was lost or reordered by a switch, every switch
happened, and the VF phases trapped no per-packet register access.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from npa import paths, scene  # noqa: E402
from npa.flow import Phase, PhaseList, Traffic  # noqa: E402
from npa.net import CommandError  # noqa: E402
from npa.npad import NpadError  # noqa: E402
from npa.streams import Streams  # noqa: E402
from npa.agent import GuestError  # noqa: E402

PHASES = ["emulated", "control", "to VF", "VF", "to emulated"]
SWITCHES = ["to VF", "to emulated"]
BEGIN = time.monotonic()


def say(text):
    """A line of progress."""
    print(f"[{time.monotonic() - BEGIN:6.1f} s] {text}", flush=True)


class Recorder:
    """Marks phases while the demo runs, with npad's counters at each mark."""

    def __init__(self, npad):
        self._npad = npad
        self._open = None
        self.phases = []
        self.counters = []

    def mark(self, name, number):
        """End the phase that is open and begin another; None only ends."""
        stats = self._npad.stats()
        now = time.time_ns()
        if self._open:
            last_name, last_number, start, before = self._open
            self.phases.append(Phase(last_name, last_number, start, now))
            self.counters.append(_difference(before, stats))
        self._open = (name, number, now, stats) if name else None


def _difference(before, after):
    """Trapped accesses and packets between two replies to "stats"."""
    packets = 0
    for port in ("emulated", "vf"):
        for counter in ("tx_packets", "rx_packets"):
            packets += after["ports"].get(port, {}).get(counter, 0) - \
                before["ports"].get(port, {}).get(counter, 0)
    registers = {}
    for name, count in after["traps"]["by_register"].items():
        change = count - before["traps"]["by_register"].get(name, 0)
        if change:
            registers[name] = change
    return {
        "packets": packets,
        "traps": after["traps"]["total"] - before["traps"]["total"],
        "per_packet_traps": after["traps_per_packet_registers"] -
        before["traps_per_packet_registers"],
        "by_register": registers,
    }


def switch(recorder, command, name, number, settle):
    """Do one switch; returns how long it took in milliseconds."""
    recorder.mark(name, number)
    start = time.monotonic()
    command()
    took = (time.monotonic() - start) * 1000
    # Packets that were on their way belong to the switch.
    time.sleep(settle)
    return took


def rounds(npad, options):
    """The phases, in order; returns the Recorder and each switch's time."""
    recorder = Recorder(npad)
    times = []
    for number in range(1, options.rounds + 1):
        recorder.mark("emulated", number)
        time.sleep(options.hold)
        recorder.mark("control", number)
        time.sleep(options.settle + 0.05)
        there = switch(recorder, npad.attach, "to VF", number, options.settle)
        recorder.mark("VF", number)
        time.sleep(options.hold)
        back = switch(recorder, npad.detach, "to emulated", number,
                      options.settle)
        times += [{"round": number, "phase": "to VF", "ms": there},
                  {"round": number, "phase": "to emulated", "ms": back}]
        say(f"round {number} of {options.rounds}: to the VF in {there:.0f} ms, "
            f"back in {back:.0f} ms")
    recorder.mark("emulated", options.rounds + 1)
    time.sleep(min(options.hold, 1))
    recorder.mark(None, 0)
    return recorder, times


def collect(streams, recorder):
    """One dictionary per phase in time."""
    details = streams.analyse(PhaseList(recorder.phases))
    for detail, counters in zip(details, recorder.counters):
        detail.update(counters)
    return details


def summarise(details):
    """One dictionary per kind of phase: all rounds together."""
    table = []
    for name in PHASES:
        rows = [d for d in details if d["phase"] == name]
        total = {"phase": name, "seconds": sum(d["end_ns"] - d["start_ns"]
                                               for d in rows) / 1e9}
        for way in ("to_guest", "from_guest"):
            traffic = Traffic()
            for row in rows:
                traffic.add(Traffic(**row[way]))
            total[way] = traffic.dict()
        total["tcp_retransmits"] = sum(sum(d["tcp_retransmits"].values())
                                       for d in rows)
        for counter in ("packets", "traps", "per_packet_traps"):
            total[counter] = sum(d[counter] for d in rows)
        total["traps_per_packet"] = total["traps"] / max(total["packets"], 1)
        total["per_packet_traps_per_packet"] = \
            total["per_packet_traps"] / max(total["packets"], 1)
        table.append(total)
    return table


def print_table(table):
    """The table that a person reads."""
    print()
    print("                         to the guest                 "
          "from the guest           TCP   trapped")
    print("phase        secs  packets lost reord  gap ms   "
          "packets lost reord  gap ms  retr  per packet")
    for row in table:
        cells = []
        for way in ("to_guest", "from_guest"):
            t = row[way]
            cells.append(f"{t['packets']:8} {t['lost']:4} "
                         f"{t['reordered']:5} {t['longest_gap_ms']:7.1f}")
        print(f"{row['phase']:11} {row['seconds']:5.1f} {cells[0]}  {cells[1]} "
              f"{row['tcp_retransmits']:5} "
              f"{row['per_packet_traps_per_packet']:11.3f}")
    print()


def verdict(table, options, times):
    """A list of what went wrong; empty is success."""
    wrong = []
    for row in table:
        for way in ("to_guest", "from_guest"):
            traffic = row[way]
            where = f"phase '{row['phase']}', {way.replace('_', ' the ')}"
            for what in ("lost", "reordered", "duplicates"):
                if traffic[what]:
                    wrong.append(f"{where}: {traffic[what]} {what}")
            if not traffic["packets"]:
                wrong.append(f"{where}: no packets at all")
        if row["phase"] == "VF" and row["per_packet_traps"]:
            wrong.append(f"the VF phase trapped {row['per_packet_traps']} "
                         "per-packet register accesses")
    # A sender that this machine has delayed catches up, in a later phase.
    seconds = sum(row["seconds"] for row in table)
    for way in ("to_guest", "from_guest"):
        packets = sum(row[way]["packets"] for row in table)
        if packets < 0.9 * options.rate * seconds:
            wrong.append(f"{way.replace('_', ' the ')}: only {packets} "
                         f"packets in {seconds:.1f} s")
    if len(times) != 2 * options.rounds:
        wrong.append(f"only {len(times)} of {2 * options.rounds} switches")
    return wrong


PLOT = r"""
set terminal svg size 1000,620 dynamic background 'white' font 'DejaVu Sans,12'
set output '{svg}'
set multiplot layout 2,1 title '{title}'
set xrange [0:{end}]
set grid ytics lc rgb '#dddddd'
set lmargin 9
{marks}
set key outside top right horizontal
set ylabel 'packets per second'
set yrange [0:*]
plot '{to}' u 1:2 w steps lw 1.5 lc rgb '#1f6fb4' t 'to the guest', \
     '{back}' u 1:2 w steps lw 1.5 lc rgb '#d1571b' t 'from the guest'
set ylabel 'longest gap, ms'
set xlabel 'seconds (shaded: the VF carries the traffic; lines: a switch begins)'
plot '{to}' u 1:3 w steps lw 1.5 lc rgb '#1f6fb4' t 'to the guest', \
     '{back}' u 1:3 w steps lw 1.5 lc rgb '#d1571b' t 'from the guest'
unset multiplot
"""


def draw(streams, phases, directory):
    """Write the timeline; returns its path."""
    start, end = phases[0]["start_ns"], phases[-1]["end_ns"]
    marks = []
    for phase in phases:
        left = (phase["start_ns"] - start) / 1e9
        right = (phase["end_ns"] - start) / 1e9
        if phase["phase"] == "VF":
            marks.append(f"set object rectangle from {left},graph 0 to "
                         f"{right},graph 1 behind fs solid noborder "
                         "fc rgb '#dcefdc'")
        elif phase["phase"] in SWITCHES:
            marks.append(f"set arrow from {left},graph 0 to {left},graph 1 "
                         "nohead lc rgb '#888888' dt 2")
    files = {}
    for name, udp in (("to", streams.to_guest), ("back", streams.from_guest)):
        files[name] = directory / f"timeline-{name}.dat"
        with open(files[name], "w", encoding="ascii") as out:
            # The last slot is not full.
            for slot in udp.timeline(start, end)[:-1]:
                out.write("%.3f %.1f %.3f\n" % slot)
    svg = directory / "timeline.svg"
    script = PLOT.format(svg=svg, end=(end - start) / 1e9,
                         title="UDP streams while the data path switches",
                         marks="\n".join(marks), **files)
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    return svg


def run(options):
    """The demo; returns what main() writes as JSON."""
    say(f"booting Debian's kernel {paths.kernel_release(options.kernel)} "
        "under QEMU (TCG), NIC from npad")
    with contextlib.ExitStack() as stack:
        s = stack.enter_context(scene.npad_scene(
            kernel=options.kernel, npad_options={"vf": options.vf}))
        streams = Streams(s.peer, s.guest, options.rate, options.flows,
                          options.tcp_rate)
        say(f"guest is up: {s.netdev}; UDP {options.rate}/s and TCP "
            f"{options.tcp_rate} B/s each way")
        time.sleep(1)
        try:
            recorder, times = rounds(s.npad, options)
        finally:
            dmesg = s.guest.dmesg()
            (options.output / "dmesg.txt").write_text(dmesg)
            (options.output / "npad.log").write_text(s.npad.log())
        streams.stop()
        say("traffic stopped; analysing")
        details = collect(streams, recorder)
        table = summarise(details)
        wrong = verdict(table, options, times)
        wrong += [f"kernel log: {line}" for line in s.guest.alarms()]
        svg = draw(streams, details, options.output)
        statistics = s.guest.ethtool_stats()
    return {"kernel": paths.kernel_release(options.kernel), "table": table,
            "switches": times, "details": details, "problems": wrong,
            "ethtool": {k: v for k, v in statistics.items()
                        if k.startswith("npa_")}, "svg": str(svg)}


def main():
    """Parse options, run, print the table, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hold", type=float, default=3.0,
                        help="seconds in each path (%(default)s)")
    parser.add_argument("--settle", type=float, default=0.3,
                        help="seconds that count to a switch after its end")
    parser.add_argument("--rate", type=int, default=1000,
                        help="UDP packets per second each way (%(default)s)")
    parser.add_argument("--flows", type=int, default=2,
                        help="UDP flows each way, sharing the rate")
    parser.add_argument("--tcp-rate", type=int, default=500_000,
                        help="TCP bytes per second each way (%(default)s)")
    parser.add_argument("--kernel", default="newest",
                        help="newest or lts (%(default)s)")
    parser.add_argument("--vf", default="82576", choices=["82576", "82599"],
                        help="the VF's model (%(default)s)")
    parser.add_argument("--output", type=Path, default=paths.BUILD / "demo",
                        help="directory for JSON, SVG and logs")
    options = parser.parse_args()
    if options.rounds < 1 or options.rate < 1 or options.hold <= 0:
        parser.error("--rounds, --rate and --hold must be positive")
    options.output.mkdir(parents=True, exist_ok=True)
    try:
        result = run(options)
    except (NpadError, GuestError, CommandError, paths.MissingError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    target = options.output / "demo.json"
    target.write_text(json.dumps(result, indent=1))
    print_table(result["table"])
    print(f"numbers:  {target}\ntimeline: {result['svg']}\n"
          f"logs:     {options.output}/dmesg.txt, npad.log")
    for problem in result["problems"]:
        print(f"WRONG: {problem}")
    if not result["problems"]:
        print(f"{len(result['switches'])} switches: nothing lost, nothing "
              "reordered, no per-packet trap on the VF")
    return 1 if result["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
