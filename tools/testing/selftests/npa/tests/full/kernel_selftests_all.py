#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The kernel's own selftests for NIC drivers: on npad, on a VF, on QEMU's NIC.

Every result has to be the one that npa.rst says, and every row of its table has
to be about something.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import kernel_results, tap  # noqa: E402


def main():
    """Run all; an argument names a device, more of them tests."""
    expected = kernel_results.Expected()
    report = kernel_results.Report()
    devices = sys.argv[1:2] or list(kernel_results.DEVICES)
    tests = {test: [] for test in sys.argv[2:] or expected.tests()}
    for device in devices:
        tap.note(f"--- {device}")
        try:
            kernel_results.run(device, tests, report, expected)
        except Exception as error:  # The next device is to be tried.
            tap.note(error)
            report.line(False, f"{device}: to the end",
                        str(error).splitlines()[0][:150])
    if not sys.argv[1:]:
        idle = [f"{row.test}: {row.result}" for row in expected.rows
                if not row.used]
        report.line(not idle, "no row of the table is about nothing",
                    ", ".join(idle))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
