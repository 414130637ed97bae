#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A short run of each fuzz target, the same one every time.

"make fuzz" makes longer ones.
"""

import concurrent.futures
import functools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "lib"))
from npa import fuzzing, tap  # noqa: E402
from npa.tap import check  # noqa: E402

# Inputs to try (some ten seconds' worth), and how many edges of the code they
# have to reach: a target that no longer gets past its first actions finds
# nothing either.
RUNS = {
    "control": (600, 600),
    "image": (1500, 150),
    "raw_vf": (700, 900),
    "state": (350, 1000),
    "vf": (1000, 1400),
    "vfio_user": (1000, 600),
    "vmxnet3": (1500, 900),
}
JOBS = 2
LIMIT = 240


def run(target, directory):
    """One target; returns its exit status and what it printed."""
    runs = RUNS[target][0]
    argv = fuzzing.command(target, Path(directory) / target,
                           ["-seed=1", f"-runs={runs}"])
    done = subprocess.run(argv, stdout=subprocess.PIPE, timeout=LIMIT,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          env=fuzzing.environment(), check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def judge(target, future):
    """The target ran to its end and reached enough."""
    status, text = future.result()
    tail = "\n".join(line[:200] for line in text.splitlines()[-60:])
    check(status == 0, f"ended with {status}:\n{tail}")
    check(re.search(r"^Done \d+ runs", text, re.M), f"no end:\n{tail}")
    reached = max(map(int, re.findall(r"cov: (\d+)", text)))
    tap.note(f"{target}: {reached} edges")
    check(reached >= RUNS[target][1],
          f"only {reached} edges were reached, not {RUNS[target][1]}")


def test_all_are_run():
    """Each target that there is has its numbers here."""
    tap.check_equal(fuzzing.targets(), sorted(RUNS), "targets")


def main():
    """Build, start two at a time, report one after the other."""
    tests = [test_all_are_run]
    fuzzing.build()
    with tempfile.TemporaryDirectory(prefix="npa-fuzz-") as directory, \
            concurrent.futures.ThreadPoolExecutor(JOBS) as jobs:
        for target in RUNS:
            future = jobs.submit(run, target, directory)
            test = functools.partial(judge, target, future)
            test.__name__ = target
            tests.append(test)
        tap.main(*tests, limit=LIMIT)


main()
