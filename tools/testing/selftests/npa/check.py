#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run all tests, one program after the other, and add up what they report.

Each step is a program that prints TAP. Its whole output goes to a file; what
failed is shown. The last line is "N passed, N failed, N skipped".
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
from npa import paths  # noqa: E402

RESULT = re.compile(r"^(ok|not ok)\b[ \t]*\d*[ \t]*(?:-[ \t]*)?([^#\n]*)"
                    r"(#[ \t]*SKIP\b.*)?", re.M | re.I)
PLAN = re.compile(r"^1\.\.(\d+)", re.M)


def steps():
    """Name, command line and limit in seconds of each step, in order."""
    make = ["make", "--no-print-directory", "-s", "-C"]
    build = paths.BUILD
    yield "static", [HERE / "tests/static.py"], 1200
    yield "npad", [*make, HERE / "npad", f"O={build / 'npad'}", "check"], 600
    yield "plugins", [*make, HERE / "plugins", f"O={build / 'plugins'}",
                      "check"], 600
    yield "harness", [HERE / "tests/harness.py"], 300
    yield "kit", [HERE / "tests/kit.py"], 600
    yield "kunit", [HERE / "kunit/run"], 3600
    # The rest boots guests; the order is from the general to the special.
    order = ["oracle_upstream", "oracle_stock"]
    others = {p.stem for p in HERE.glob("tests/*.py")} - \
        {"static", "harness", "kit", "demo_asserts", *order}
    for name in [*order, *sorted(others)]:
        yield name, [HERE / f"tests/{name}.py"], 1800
    yield "demo", [HERE / "tests/demo_asserts.py"], 600


def long_steps():
    """What "make check-full" adds: as steps()."""
    for name in ("switches", "traffic"):
        yield f"{name}_lts", ["env", "NPA_KERNEL=lts",
                              HERE / f"tests/{name}.py"], 1800
    yield "kunit_big_endian", [HERE / "kunit/run", "--big-endian"], 5400
    # These build a kernel, if they are the first to want it.
    limits = {"big_endian": 5400, "debug_kernel": 14400,
              "kernel_selftests_all": 5400}
    for path in sorted(HERE.glob("tests/full/*.py")):
        yield path.stem, [path], limits.get(path.stem, 2400)


class Totals:
    """Counts of results."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def add(self, step, text, status):
        """Count the TAP of one step; returns (passed, failed, skipped)."""
        passed = failed = skipped = 0
        for result, name, skip in RESULT.findall(text):
            if skip:
                skipped += 1
            elif result == "ok":
                passed += 1
            else:
                failed += 1
                self.failures.append(f"{step}: {name.strip()}")
        plan = PLAN.search(text)
        count = passed + failed + skipped
        # A program that died must not count as one that passed.
        incomplete = plan and int(plan.group(1)) > count
        if incomplete or not plan or (status not in (0, 4) and not failed):
            failed += 1
            self.failures.append(f"{step}: ended with {status} after {count} "
                                 "results")
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        return passed, failed, skipped


class Heartbeat(threading.Thread):
    """How long this machine stood still, as a thread that sleeps sees it.

    Who looks for the cause of a failure wants to know; tests do not ask.
    """

    PAUSE = 0.1

    def __init__(self):
        super().__init__(daemon=True)
        self._longest = 0.0

    def run(self):
        """Sleep for PAUSE seconds again and again."""
        last = time.monotonic()
        while True:
            time.sleep(self.PAUSE)
            now = time.monotonic()
            self._longest = max(self._longest, now - last - self.PAUSE)
            last = now

    def take(self):
        """The longest delay in seconds since the last call."""
        longest, self._longest = self._longest, 0.0
        return longest


def run(argv, limit, log):
    """Run a step with a time limit; its output goes to the file log."""
    with open(log, "wb") as out:
        process = subprocess.Popen([str(a) for a in argv], stdout=out,
                                   stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            return process.wait(limit)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                out.write(f"\nnot ok limit of {limit} s\n".encode())
                return 124
            raise


def show_failure(text):
    """Print what belongs to the failed results of a step."""
    block = []
    for line in text.splitlines():
        if line.startswith("not ok"):
            for previous in block[-60:]:
                print(f"    {previous}")
            print(f"    {line}")
            block = []
        elif line.startswith("ok "):
            block = []
        else:
            block.append(line)
    # What came after the last result may tell why it was the last.
    for previous in block[-20:]:
        print(f"    {previous}")


def main():
    """Run the wanted steps; returns the exit status."""
    parser = argparse.ArgumentParser(description="Run all tests.")
    parser.add_argument("step", nargs="*", help="only these (default: all)")
    parser.add_argument("--list", action="store_true", help="list the steps")
    parser.add_argument("--full", action="store_true",
                        help="and the long ones (make check-full)")
    options = parser.parse_args()
    known = [*steps(), *(long_steps() if options.full else ())]
    names = [name for name, _, _ in known]
    if options.list:
        print("\n".join(names))
        return 0
    for name in options.step:
        if name not in names:
            parser.error(f"no step '{name}'; there are: {' '.join(names)}")
    logs = paths.BUILD / "check"
    logs.mkdir(parents=True, exist_ok=True)
    totals = Totals()
    heartbeat = Heartbeat()
    heartbeat.start()
    begin = time.monotonic()
    for name, argv, limit in known:
        if options.step and name not in options.step:
            continue
        log = logs / f"{name}.log"
        start = time.monotonic()
        heartbeat.take()
        status = run(argv, limit, log)
        text = log.read_text(errors="replace")
        counts = totals.add(name, text, status)
        took = time.monotonic() - start
        print(f"{'not ok' if counts[1] else 'ok':6} {name:16} {counts[0]:4} "
              f"passed {counts[1]:3} failed {counts[2]:3} skipped "
              f"{took:7.1f} s", flush=True)
        if (still := heartbeat.take()) > 1:
            print(f"       the machine stood still for {still:.1f} s")
        if counts[1]:
            show_failure(text)
    print(f"\nlogs: {logs}; {time.monotonic() - begin:.0f} s")
    for failure in totals.failures:
        print(f"FAILED {failure}")
    print(f"{totals.passed} passed, {totals.failed} failed, "
          f"{totals.skipped} skipped")
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    sys.exit(main())
