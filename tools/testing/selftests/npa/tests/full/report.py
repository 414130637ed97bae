#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What "make report" has to show, one test each, from one run of it."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE / "lib"))
from npa import paths, tap  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402

OUTPUT = paths.BUILD / "check/report"
SWITCHES = 100
RESULTS = []


def test_run():
    """The report runs to its end and writes its numbers."""
    done = subprocess.run([str(HERE / "report.py"), "--switches",
                           str(SWITCHES), "--output", str(OUTPUT)],
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=1500, check=False)
    tap.note(done.stdout)
    # Status 1 with numbers is judged by the tests below.
    check(done.returncode in (0, 1), f"ended with {done.returncode}")
    RESULTS.extend(json.loads((OUTPUT / "report.json").read_text()))
    check((OUTPUT / "gaps.svg").stat().st_size > 1000, "no picture")


def _ours():
    check(RESULTS, "the report did not run to its end")
    return [r for r in RESULTS if r["title"].startswith("NPA")]


def test_nothing_lost():
    """Our switches lost, reordered and doubled nothing."""
    for result in _ours():
        check_equal(len(result["switches"]), SWITCHES, "switches")
        for row in result["table"]:
            for way in ("to_guest", "from_guest"):
                part = row["switch"][way]
                check_equal((part["lost"], part["reordered"],
                             part["duplicates"]), (0, 0, 0),
                            f"lost, reordered, doubled: {row['kind']}, {way}")


def test_no_doorbell_trapped():
    """On the VF no doorbell was trapped; on the emulated device some were."""
    for result in _ours():
        check_equal(result["traps"]["vf"]["per_packet_registers"], 0, "traps")
        check(result["traps"]["emulated"]["per_packet_registers"] > 0,
              "no traps on the emulated device")


def test_others_ran():
    """Bonding and net_failover moved packets in all of their windows."""
    _ours()
    others = [r for r in RESULTS if not r["title"].startswith("NPA")]
    check_equal(len(others), 3, "others")
    for result in others:
        for row in result["table"]:
            for way in ("to_guest", "from_guest"):
                check(row["switch"][way]["packets"] > 1000,
                      f"{result['title']}, {row['kind']}: no packets")


tap.main(test_run, test_nothing_lost, test_no_doorbell_trapped,
         test_others_ran, limit=1600)
