#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Each fuzz target for a minute."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE / "lib"))
from npa import fuzzing, tap  # noqa: E402
from npa.tap import check  # noqa: E402

SECONDS = 60


def one(target):
    """A test that a target finds nothing."""
    def test():
        done = subprocess.run([str(HERE / "fuzz.py"), "--seconds",
                               str(SECONDS), target], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace", timeout=6 * SECONDS,
                              check=False)
        tail = "\n".join(line[:200] for line in done.stdout.splitlines()[-60:])
        check(done.returncode == 0, tail)

    test.__name__ = target
    return test


tap.main(*map(one, fuzzing.targets()), limit=7 * SECONDS)
