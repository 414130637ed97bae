#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Look for inputs that hurt npad.

Runs fuzz targets (npad/fuzz/fuzz_*.c) one after the other, each for some time.
Inputs that reach new code are kept in build/fuzz/corpus, and the next run goes
on from there; an input that makes a target fail is kept in build/fuzz/found,
and "build/npad/fuzz/fuzz_TARGET FILE" carries it out again.

Exit status 0: nothing was found.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from npa import fuzzing, paths  # noqa: E402


def main():
    """Run the targets; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter,
        epilog="What follows -- goes to libFuzzer (-help=1 lists it).")
    parser.add_argument("target", nargs="*",
                        help=f"of {', '.join(fuzzing.targets())} "
                             "(default: all)")
    parser.add_argument("--seconds", type=int, default=60,
                        help="for each target (default: %(default)s)")
    arguments, more = sys.argv[1:], []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, more = arguments[:at], arguments[at + 1:]
    options = parser.parse_args(arguments)
    for target in options.target:
        if target not in fuzzing.targets():
            parser.error(f"no target '{target}'; there are: "
                         f"{' '.join(fuzzing.targets())}")
    try:
        fuzzing.build()
    except paths.MissingError as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 1
    failed = []
    for target in options.target or fuzzing.targets():
        print(f"--- {target}", flush=True)
        argv = fuzzing.command(target, fuzzing.OUTPUT / "corpus" / target,
                               [f"-max_total_time={options.seconds}", *more])
        if subprocess.run(argv, env=fuzzing.environment(),
                          check=False).returncode:
            failed.append(target)
    print(f"{len(failed)} of the targets failed: {' '.join(failed)}"
          if failed else "nothing was found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
