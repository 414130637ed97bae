#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The demo's promises, one test each, from one short run of it."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "lib"))
from npa import paths, tap  # noqa: E402
from npa.tap import check  # noqa: E402

OUTPUT = paths.BUILD / "check/demo"
RESULT = {}


def test_run():
    """The demo runs to its end and writes its numbers."""
    done = subprocess.run([str(HERE / "demo.py"), "--rounds", "5", "--hold",
                           "2", "--output", str(OUTPUT)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=280, check=False)
    tap.note(done.stdout)
    # Status 1 with numbers is judged by the tests below.
    check(done.returncode in (0, 1), f"ended with {done.returncode}")
    check((OUTPUT / "demo.json").exists(), "no demo.json")
    RESULT.update(json.loads((OUTPUT / "demo.json").read_text()))
    check((OUTPUT / "timeline.svg").stat().st_size > 1000, "no timeline")


def _rows():
    check(RESULT, "the demo did not run to its end")
    return RESULT["table"]


def _nothing(what):
    for row in _rows():
        for way in ("to_guest", "from_guest"):
            check(row[way][what] == 0, f"{row[way][what]} {what} in phase "
                  f"{row['phase']}, {way}")


def test_nothing_lost():
    """No packet was lost in any phase."""
    _nothing("lost")


def test_nothing_reordered():
    """No packet overtook another of its flow."""
    _nothing("reordered")


def test_nothing_doubled():
    """No packet came twice."""
    _nothing("duplicates")


def test_no_trap_on_vf():
    """The VF phases trapped no per-packet register access."""
    row = [r for r in _rows() if r["phase"] == "VF"][0]
    check(row["packets"] > 1000, f"only {row['packets']} packets on the VF")
    check(row["per_packet_traps"] == 0, f"{row['per_packet_traps']} traps")


def test_emulated_traps():
    """The emulated phases did trap, so that the count means something."""
    row = [r for r in _rows() if r["phase"] == "emulated"][0]
    check(row["per_packet_traps"] > 0, "no traps on the emulated device")


def test_statistics_agree():
    """ethtool -S counted the switches that the demo made."""
    _rows()
    wanted = len(RESULT["switches"]) // 2
    got = (RESULT["ethtool"].get("npa_switches_to_vf"),
           RESULT["ethtool"].get("npa_switches_to_emulated"))
    check(got == (wanted, wanted), f"{got}, wanted {wanted} each way")


def test_no_problems():
    """The demo itself found nothing wrong, the kernel log included."""
    _rows()
    check(not RESULT["problems"], "\n".join(RESULT["problems"]))


def test_lts_kernel():
    """One round on the oldest kernel that the driver supports."""
    done = subprocess.run([str(HERE / "demo.py"), "--kernel", "lts",
                           "--rounds", "1", "--hold", "2", "--output",
                           str(OUTPUT.with_name("demo-lts"))], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=280, check=False)
    check(done.returncode == 0, done.stdout)


tap.main(test_run, test_nothing_lost, test_nothing_reordered,
         test_nothing_doubled, test_no_trap_on_vf, test_emulated_traps,
         test_statistics_agree, test_no_problems, test_lts_kernel)
