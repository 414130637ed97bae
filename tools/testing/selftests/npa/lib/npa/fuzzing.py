# SPDX-License-Identifier: GPL-2.0
"""Fuzz targets of npad: build them, run them."""

import os
import random
import subprocess
from pathlib import Path

from . import paths

SOURCE = paths.SELFTEST / "npad"
PROGRAMS = paths.BUILD / "npad/fuzz"
OUTPUT = paths.BUILD / "fuzz"

# Bytes of the longest input: some hundred actions.
MAX_LEN = 600
SEEDS = 60


def targets():
    """The names of all targets."""
    return sorted(p.stem.removeprefix("fuzz_")
                  for p in SOURCE.glob("fuzz/fuzz_*.c"))


def build():
    """Build all targets; returns what make says."""
    done = subprocess.run(["make", "--no-print-directory", "-s", "-C",
                           str(SOURCE), f"O={paths.BUILD / 'npad'}", "fuzz"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise paths.MissingError(f"the targets do not build:\n{done.stdout}")
    return done.stdout


def environment():
    """Small quarantine: inputs are short, and there are many of them."""
    options = {"ASAN_OPTIONS": "quarantine_size_mb=8",
               "UBSAN_OPTIONS": "print_stacktrace=1"}
    return options | dict(os.environ)


def plant_seeds(corpus):
    """Inputs to begin with: any bytes are some actions, so any will do.

    From nothing libFuzzer would try short ones first, for a long time.
    """
    dice = random.Random(1)
    for number in range(SEEDS):
        length = dice.randrange(20, MAX_LEN)
        (corpus / f"seed-{number}").write_bytes(dice.randbytes(length))


def command(target, corpus, options=()):
    """The command line for a run that keeps its findings in OUTPUT."""
    found = OUTPUT / "found" / target
    found.mkdir(parents=True, exist_ok=True)
    corpus = Path(corpus)
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        plant_seeds(corpus)
    return [str(PROGRAMS / f"fuzz_{target}"), "-timeout=20",
            f"-max_len={MAX_LEN}", "-len_control=0", "-rss_limit_mb=1024",
            "-print_funcs=0", f"-artifact_prefix={found}/", *options,
            str(corpus)]
