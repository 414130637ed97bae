#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests with guests again, on a kernel that notices what others overlook.

Each test here is a whole file of tests: all of it has to pass, and what the
guests' kernels said in the end (lockdep, KASAN, UBSAN, DMA checks, leaks) has
to be nothing.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE / "lib"))
from npa import paths, tap  # noqa: E402
from npa.tap import check, note  # noqa: E402

# What is done to a guest's NIC, each in its own way.
FILES = ["lifecycle", "traffic", "reconfigure", "switches", "refusals",
         "revoke", "xdp", "ethtool", "interrupts", "power", "sleep",
         "offloads", "conflicts", "full/revisions_ours"]
# Where the kernel's own checks of DMA are on: they take longer than all else.
DMA_FILES = ["power", "sleep", "ethtool"]
# What a file provokes, and looks at by itself.
WANTED = {"refusals": "NETDEV WATCHDOG", "power": "NETDEV WATCHDOG"}


def test_kernel():
    """The kernel builds, and the driver in its tree."""
    done = subprocess.run([HERE / "env/debug-kernel"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    check(done.returncode == 0, done.stdout)
    note(done.stdout)


def leaks(text):
    """kmemleak's objects that have to do with the driver or the network."""
    return [part for part in re.split(r"^(?=unreferenced object)", text,
                                      flags=re.M)
            if re.search(r"vmxnet3|page_pool|skb|napi|netdev", part)]


def run_file(name):
    """A test that runs a file of tests on the debug kernel."""
    def test():
        log = paths.BUILD / f"check/debug_{Path(name).stem}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("r", prefix="npa-inspect-") as file, \
                open(log, "w", encoding="utf-8") as out:
            status = subprocess.run(
                [str(HERE / f"tests/{name}.py")], check=False,
                env={**os.environ, "NPA_KERNEL": "debug",
                     "NPA_INSPECT": file.name,
                     "NPA_DMA_DEBUG": "1" if name in DMA_FILES else ""},
                stdout=out, stderr=subprocess.STDOUT).returncode
            guests = [json.loads(line) for line in file]
        said = log.read_text(errors="replace")
        wrong = [line for line in said.splitlines()
                 if line.startswith("not ok")]
        for guest in guests:
            alarms = [line for line in guest["alarms"]
                      if name not in WANTED or WANTED[name] not in line]
            if alarms:
                note(guest["dmesg"])
            wrong += alarms + leaks(guest["leaks"])
            if not re.search(r"debug_locks: +1", guest["locks"]):
                wrong.append("lock proving is off")
        note(f"{name}: {len(guests)} guests asked")
        check(status == 0 and not wrong, "\n".join(wrong) or said[-3000:])
        check(guests, "no guest was asked what it has found")

    test.__name__ = Path(name).stem
    return test


tap.main(test_kernel, *map(run_file, FILES), limit=3600)
