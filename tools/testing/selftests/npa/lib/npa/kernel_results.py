# SPDX-License-Identifier: GPL-2.0
"""What the kernel's selftests have to say, and whether they say it.

npa.rst has the table of results; it is read from there, so that document and
tests cannot differ.
"""

import fnmatch
import functools
import re
import time

from . import kernel_tests, paths

DOCUMENT = paths.TOP / "Documentation/networking/npa.rst"
# What the table calls the devices, and how to get one.
DEVICES = {"npad": kernel_tests.on_npad, "VF": kernel_tests.on_npad,
           "r9": functools.partial(kernel_tests.on_npad,
                                   arguments=["--revision", "9"]),
           "QEMU": kernel_tests.on_stock}
RESULTS = ("pass", "skip", "xfail", "fail")


class Row:
    """A row of the table: for which cases it is, the result, and why."""

    def __init__(self, line):
        words = re.split(r" {2,}", line.strip(), maxsplit=4)
        self.test, cases, devices, self.result = words[:4]
        self.why = words[4] if len(words) > 4 else ""
        self.used = False
        self._cases = cases.split(",")
        self._devices = devices.split(",")
        if self.result not in RESULTS or \
                not {*self._devices} <= {"all", *DEVICES} or \
                (self.result == "pass") == bool(self.why):
            raise ValueError(f"{DOCUMENT.name}: not a row: {line}")

    def is_for(self, test, case, device):
        """Does the row say something about a case?"""
        return test == self.test and \
            ("all" in self._devices or device in self._devices) and \
            any(fnmatch.fnmatchcase(case, name) for name in self._cases)


class Expected:
    """The table. The first row that is for a case is the one that counts."""

    def __init__(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        text = text[text.index(".. _Kernel selftests:"):]
        block = re.search(r"::\n\n((?:  .*\n)+)", text).group(1)
        self.rows = [Row(line) for line in block.splitlines()[1:]]

    def tests(self):
        """The tests of the table, in its order."""
        return list(dict.fromkeys(row.test for row in self.rows))

    def of(self, test, case, device):
        """Result and reason that are wanted; None if no row is for it."""
        for row in self.rows:
            if row.is_for(test, case, device):
                row.used = True
                return row.result, row.why
        return None


class Report:
    """TAP, a line for each case; how many there are comes at the end."""

    def __init__(self):
        self._number = 0
        self._failed = 0
        print("TAP version 13", flush=True)

    def line(self, good, name, comment=""):
        """One result."""
        self._number += 1
        self._failed += not good
        print(f"{'ok' if good else 'not ok'} {self._number} {name}"
              f"{' # ' if comment else ''}{comment}", flush=True)

    def end(self):
        """The plan; returns the exit status."""
        print(f"1..{self._number}", flush=True)
        return 1 if self._failed or not self._number else 0


def _as_wanted(got, wanted):
    return wanted and got[0] == wanted[0]


def _again(bench, test, case, wanted, got):
    """Once more, alone, what failed for a time limit made for real machines."""
    if got[0] != "fail" or not wanted or wanted[0] == "fail" or not case:
        return got, ""
    output, results = bench.run(test, [case])
    kernel_tests.show(output)
    return results.get(case, got), "at the second try"


def _one_test(report, expected, bench, device, test, cases):
    begin = time.monotonic()
    output, results = bench.run(test, cases)
    results = {case: got for case, got in results.items()}
    shown = False
    for case, got in results.items():
        wanted = expected.of(test, case, device)
        comment = ""
        if not _as_wanted(got, wanted):
            if not shown:
                kernel_tests.show(output)
                shown = True
            got, comment = _again(bench, test, case, wanted, got)
        good = _as_wanted(got, wanted)
        if not good:
            comment = f"{got[0]} ({got[1]}), wanted " \
                f"{' '.join(wanted) if wanted else 'nothing: not in npa.rst'}"
        elif got[0] == "skip":
            comment = f"SKIP {wanted[1]}"
        elif got[0] != "pass":
            comment = f"{got[0]} as it has to: {wanted[1]}"
        report.line(good, f"{device}: {test} {case}".strip(), comment)
    alarms = bench.guest.alarms()
    report.line(not alarms and bool(results),
                f"{device}: {test}: {len(results)} cases, no alarm",
                alarms[0] if alarms else f"{time.monotonic() - begin:.1f} s")


def run(device, wanted, report, expected):
    """Run tests on a device; wanted: their names with lists of cases."""
    with DEVICES[device]() as bench:
        for test, cases in wanted.items():
            if device == "VF":
                vnic = bench.npad.vnic("vnic0")
                if vnic.status()["path"] != "vf":
                    vnic.attach()
            try:
                _one_test(report, expected, bench, device, test, cases)
            except Exception as error:  # The others are to run as well.
                kernel_tests.show(str(error))
                report.line(False, f"{device}: {test}",
                            str(error).splitlines()[0][:150])
                if not bench.guest.alive():
                    return
            if device == "VF":
                vnic.wait_path("vf")
