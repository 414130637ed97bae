#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""npad with sanitizers under a guest: it does nothing that C does not allow.

A condensed tour: traffic on both paths, switches, refusals, faults, revokes,
commands and rubbish on the control socket, a guest that dies. The program is
slow, so what gets lost meanwhile is not the point; it has to live, and to end
with nothing left in memory.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("NPA_BUILD", HERE.parents[3] / "build"))
PROGRAM = BUILD / "npad-san/npad"
os.environ["NPA_NPAD"] = str(PROGRAM)
os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1")
sys.path[:0] = [str(HERE / "lib"), str(HERE / "plugins")]
import badimage  # noqa: E402
from npa import paths, scene, tap  # noqa: E402
from npa.npad import REPORT, NpadError, Refused, npactl  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Watch, wait_for  # noqa: E402

GOOD = "intel-82576vf"
STORE = tempfile.TemporaryDirectory(prefix="npa-store-")
COMMANDS = ("status", "vnics", "stats", "events", "plugins", "ports",
            "policies", "top")


def build():
    """Make the program; the step may be the first one that is run."""
    done = subprocess.run(["make", "--no-print-directory", "-s", "-C",
                           str(HERE / "npad"), f"O={PROGRAM.parent}", "SAN=1",
                           "all"], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"npad does not build with sanitizers:\n{done.stdout}")


def is_quiet(s):
    """Nothing is under way."""
    return s.npad.status()["state"] in ("idle", "vf-active")


def attach(s, plugin=GOOD):
    """Attach, if that is possible now; what comes of it does not matter."""
    try:
        s.npad.request("attach", plugin=plugin)
    except Refused as error:
        check(error.code in ("already-attached", "no-plugin"), str(error))


def switches(s):
    """The path moves back and forth under traffic."""
    with Watch(s, rate=300):
        for _ in range(3):
            s.npad.attach()
            time.sleep(0.5)
            s.npad.detach()
            time.sleep(0.2)
    check_equal(s.npad.status()["switches"]["to_vf"], 3, "switches")


def refusals(s):
    """Bad images, commands that fail and that hang."""
    for bad in badimage.make(paths.PLUGINS, STORE.name):
        if bad.stage in ("verify", "start"):
            before = s.npad.refusal_number()
            s.npad.request("attach", plugin=bad.name)
            wait_for(lambda: is_quiet(s) and
                     s.npad.refusal_number() != before, bad.name, 15)
    for name in ("load-fail", "activate-fail", "stop-fail"):
        s.npad.request("fault", name=name, state="once")
        before = s.npad.refusal_number()
        s.npad.request("attach")
        wait_for(lambda: is_quiet(s) and
                 s.npad.refusal_number() != before, name, 15)
    refused = s.npad.status()["switches"]["refused"]
    note(f"{refused} switches were refused")
    check(refused > 20, "hardly any was")


def revokes(s):
    """The VF is taken away under load, and in the middle of a switch."""
    with Watch(s, rate=300):
        for delay in (0, 0.02, 0.3, 0.6):
            attach(s)
            time.sleep(delay)
            try:
                s.npad.request("revoke")
            except Refused as error:
                check_equal(error.code, "no-vf", "refusal")
            wait_for(lambda: is_quiet(s), "quiet", 15)


def control(s):
    """Everything that npactl can say, and everything that it cannot."""
    for name in COMMANDS:
        for arguments in ([name], [name, "--json"]):
            try:
                npactl(s.npad, *arguments, timeout=3)
            except subprocess.TimeoutExpired:
                pass			# a table that goes on for ever
    dice = random.Random(1)
    for _ in range(60):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(s.npad.control_path))
            line = bytearray(b'{"cmd":"fault","args":{"name":"x",'
                             b'"state":["once",{"a":1e400}]}}\n')
            for _ in range(dice.randrange(6)):
                line[dice.randrange(len(line))] = dice.randrange(256)
            client.sendall(line * dice.randrange(1, 40))
            client.settimeout(0.05)
            try:
                client.recv(dice.randrange(1, 4096))
            except TimeoutError:
                pass
    check(s.npad.alive(), "npad has ended")


def driver(s):
    """The driver goes and comes while a VF is there; link, MTU, address."""
    attach(s)
    s.npad.wait_path("vf")
    s.npad.request("link", state="down")
    s.npad.request("link", state="up")
    s.guest.run(f"ip link set {s.netdev} mtu 1400; "
                f"ip link set {s.netdev} promisc on; sleep 0.3; "
                f"ip link set {s.netdev} promisc off; sleep 0.3; "
                f"ip link set {s.netdev} down; "
                f"rmmod {s.guest.module}", timeout=60)
    s.guest.load()
    s.guest.up(f"{scene.GUEST}/24")
    wait_for(lambda: is_quiet(s), "quiet", 15)


def death(s):
    """The guest dies on the VF, with its memory; npad goes on."""
    attach(s)
    s.npad.wait_path("vf")
    s.guest.kill()
    wait_for(lambda: not s.npad.status()["guest"]["connected"],
             "the client is gone")


def no_report(s):
    """npad ends on SIGTERM, and no sanitizer has anything to say."""
    status = s.npad.stop(60)
    found = REPORT.search(s.npad.final_log)
    if found:
        note(s.npad.final_log[found.start():][:8000])
    check(not found, "a sanitizer's report")
    check_equal(status, 0, "exit status of npad")


def main():
    """Build, then the tour."""
    build()
    shutil.copy(paths.PLUGINS / f"{GOOD}.npa", STORE.name)
    Suite(lambda: scene.npad_scene(npad_options={
        "plugin_dir": STORE.name})).main(
            switches, refusals, revokes, control, driver, death, no_report,
            limit=120)


main()
