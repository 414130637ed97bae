# SPDX-License-Identifier: GPL-2.0
"""Tests that report in TAP, as the kernel's selftests do.

A test file calls main() with functions; each is one test, named after itself
and described by its docstring's first line. A function may raise Skip, fail by
any exception, and leave clean-up with defer().
"""

import re
import signal
import sys
import time
import traceback

from . import paths

_deferred = []


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


class Failure(AssertionError):
    """A check that did not hold."""


class Timeout(Exception):
    """A test took longer than its limit."""


def defer(function, *arguments):
    """Call a function when the test is over, the last one deferred first."""
    _deferred.append((function, arguments))


def note(text):
    """Print a comment line (or several)."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def check(condition, text):
    """Fail the test with a text unless the condition holds."""
    if not condition:
        raise Failure(text)


def check_equal(got, wanted, what):
    """Fail the test unless got is wanted."""
    if got != wanted:
        raise Failure(f"{what}: got {got!r}, wanted {wanted!r}")


def _clean_up():
    while _deferred:
        function, arguments = _deferred.pop()
        try:
            function(*arguments)
        except Exception as error:
            note(f"clean-up: {error}")


def _on_alarm(*_):
    raise Timeout("took too long")


def _one(function, limit):
    """Run a test; returns its result line without the number."""
    name = function.__name__.removeprefix("test_")
    directive = ""
    begin = time.monotonic()
    signal.alarm(limit * paths.SLOW)
    try:
        function()
        result = "ok"
    except Skip as reason:
        result, directive = "ok", f" # SKIP {reason}"
    except (Exception, KeyboardInterrupt) as error:
        result = "not ok"
        note(f"{type(error).__name__}: {error}")
        if not isinstance(error, (Failure, Timeout)):
            note(traceback.format_exc())
    finally:
        signal.alarm(0)
        _clean_up()
    return result, name, directive, time.monotonic() - begin


def main(*functions, limit=300):
    """Run tests and exit: 0 all passed, 4 all skipped, 1 otherwise.

    limit: seconds that each may take. Arguments of the command line are
    regular expressions that select tests by name.
    """
    signal.signal(signal.SIGALRM, _on_alarm)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = sys.argv[1:]
    functions = [f for f in functions if not wanted or
                 any(re.search(w, f.__name__) for w in wanted)]
    print("TAP version 13")
    print(f"1..{len(functions)}", flush=True)
    counts = {"ok": 0, "not ok": 0, "skip": 0}
    for number, function in enumerate(functions, 1):
        result, name, directive, took = _one(function, limit)
        counts["skip" if directive else result] += 1
        print(f"{result} {number} {name}{directive or f' # {took:.1f} s'}",
              flush=True)
    if counts["not ok"]:
        sys.exit(1)
    sys.exit(4 if counts["skip"] == len(functions) and functions else 0)
