#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A running guest's device moves from npad to npad: nothing is lost.

Hosts a and b have a VF each, c has none. Nothing may be lost, reordered or
doubled, neither by a migration nor by one that fails half-way.
"""

import contextlib
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import flow, scene  # noqa: E402
from npa.hosts import hosts_scene  # noqa: E402
from npa.npad import npactl  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Watch, undisturbed, wait_for  # noqa: E402

MODELS = {"a": "82576", "b": "82599", "c": "none", "bare": "82576"}
# Ten migrations, through the host without a VF in both directions.
ROUTE = "bacbabacba"
TCP_RATE = 250_000
# Packets that have to pass on a host before the guest moves on.
PACKETS = 300


def carried(host):
    """Packets that the ports of the guest have moved on a host."""
    ports = host.stats()["ports"]
    return sum(ports[port][way] for port in ("emulated", "vf")
               for way in ("tx_packets", "rx_packets"))


def settle(s):
    """Wait until the guest is on the path that its host can give it."""
    path, state = ("emulated", "waiting") if s.npad.vf == "none" else \
        ("vf", "vf-active")

    def is_there():
        status = s.npad.status()
        return status["path"] == path and status["state"] == state

    wait_for(is_there, f"path {path} on host {s.npad.name}", 20)


def stay(s):
    """Stay on a host until packets have passed."""
    before = carried(s.npad)
    wait_for(lambda: carried(s.npad) - before >= PACKETS,
             f"{PACKETS} packets on host {s.npad.name}", 20)


def begin(s):
    """On host a, on its VF."""
    if s.npad.name != "a":
        s.migrate("a")
    if s.npad.status()["requested"] != "vf":
        s.npad.request("attach")
    settle(s)


def report(watch, tcp, results):
    """One line per step: what the network saw, and how long what took."""
    retransmits = [sum(n) for n in zip(
        tcp[0].retransmits(watch.phase_list),
        tcp[1].retransmits(watch.phase_list, watch.clock_ahead))]
    note("                to the guest            from the guest      TCP   "
         "milliseconds: leave  still  all")
    note("step        lost reord  gap ms     lost reord  gap ms     retr   ")
    for (name, to, back), again in zip(watch.phases, retransmits):
        line = (f"{name:10} {to.lost:5} {to.reordered:5} "
                f"{to.longest_gap_ms:7.1f}    {back.lost:5} "
                f"{back.reordered:5} {back.longest_gap_ms:7.1f}    {again:5}")
        if name in results:
            ms = results[name]["ms"]
            line += (f"               {ms['left'] - ms['asked']:6.1f} "
                     f"{ms['taken'] - ms['held']:6.1f} {ms['drained']:5.1f}"
                     f"  {results[name]['frames']} frames sent on")
        note(line)


def ten_migrations(s):
    """Ten migrations, on every kind of host: nothing lost or reordered."""
    begin(s)
    results = {}
    tcp = [flow.TcpFlow(s.peer, s.guest, scene.GUEST, TCP_RATE,
                        to_guest=True),
           flow.TcpFlow(s.guest, s.peer, scene.PEER, TCP_RATE)]
    with Watch(s) as watch:
        start = time.monotonic()
        for number, name in enumerate(ROUTE, 1):
            step = f"{number} {s.npad.name} to {name}"
            watch.mark(step)
            results[step] = s.migrate(name)
            settle(s)
            watch.mark(f"{number} on {name}")
            stay(s)
        seconds = time.monotonic() - start
    for stream in tcp:
        stream.stop()
    report(watch, tcp, results)
    watch.check_intact()
    for stream in tcp:
        check(stream.bytes() > 0.7 * TCP_RATE * seconds,
              f"TCP moved only {stream.bytes()} bytes in {seconds:.0f} s")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    check_equal([host.name for host in s.hosts.values()
                 if host.guest_is_here()], [s.npad.name], "host of the guest")


def in_a_switch(s):
    """A migration that begins in the middle of a switch loses nothing."""
    begin(s)
    with Watch(s) as watch:
        for delay in range(0, 60, 6):
            s.npad.detach()
            target = "b" if s.npad.name == "a" else "a"
            watch.mark(f"{delay} ms after attach")
            s.npad.request("attach")
            time.sleep(delay / 1000)
            s.migrate(target)
            settle(s)
            watch.mark(f"{delay} ms: on {target}")
    watch.check_intact()
    check_equal(s.npad.status()["switches"]["refused"], 0, "refusals")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def failed(s, name, code):
    """A migration that fails; the guest is back where it was."""
    result = s.npad.move_to(s.hosts[name])
    check_equal((result["state"], result.get("code")), ("failed", code),
                f"migration to {name}")
    settle(s)
    stay(s)
    check(s.npad.guest_is_here(), "the guest has gone")


def failures(s):
    """Whatever fails on the way, the guest stays, and nothing is lost."""
    begin(s)
    switches = s.npad.status()["switches"]["to_emulated"]
    with Watch(s) as watch:
        for fault, code in (("migrate-refuse", "fault"),
                            ("migrate-hang", "no-answer")):
            watch.mark(fault)
            s.hosts["b"].request("fault", name=fault, state="once")
            failed(s, "b", code)
        watch.mark("busy")
        s.hosts["b"].request("attach")
        failed(s, "b", "busy")
        s.hosts["b"].request("detach")
        # This one is refused before the guest leaves the VF.
        watch.mark("no plugin")
        failed(s, "bare", "no-plugin")
        check_equal(s.npad.status()["switches"]["to_emulated"], switches + 2,
                    "switches to the emulated path")
        watch.mark("died")
        s.hosts["b"].request("fault", name="migrate-die", state="once")
        try:
            failed(s, "b", "destination-died")
        finally:
            s.hosts["b"].restart(s.peer)
    watch.check_intact()
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def source_dies(s):
    """A source that dies after the guest has gone takes nothing along."""
    begin(s)
    source = s.npad
    try:
        with Watch(s) as watch:
            s.migrate("b")
            source.kill()
            settle(s)
            time.sleep(3)
            stay(s)
    finally:
        source.restart(s.peer)
    watch.check_intact()
    s.migrate("a")
    settle(s)
    s.guest.run(f"ping -c 3 -i 0.1 -W 2 {scene.PEER}")


def commands(s):
    """npactl migrates, saves state, and tells what is wrong with a file."""
    begin(s)
    file = s.npad.directory / "state"
    done = npactl(s.npad, "save", str(file))
    check_equal(done.returncode, 0, f"npactl save: {done.stderr}")
    again = npactl(s.npad, "save", str(file))
    check("File exists" in again.stderr, f"save again: {again.stderr}")
    shown = json.loads(npactl(s.npad, "inspect", str(file)).stdout)
    check_equal((shown["device"]["permanent_mac"], shown["device"]["active"],
                 shown["npa"]["requested"]), (s.npad.mac, True, "vf"),
                "what the file says")
    data = file.read_bytes()
    for bad, wrong in ((data[:-1], "bytes are there"),
                       (data[:200] + b"?" + data[201:], "checksum"),
                       (b"rubbish" * 20, "NPASTATE")):
        file.write_bytes(bad)
        done = npactl(s.npad, "inspect", str(file))
        check(done.returncode == 1 and wrong in done.stderr,
              f"inspect: {done.returncode}, {done.stderr}")
    done = npactl(s.npad, "migrate", "--to", "/nowhere")
    check(done.returncode == 1 and "No such file" in done.stderr,
          f"migrate: {done.returncode}, {done.stderr}")
    done = npactl(s.npad, "migrate", "--to",
                  str(s.hosts["bare"].migrate_path))
    check(done.returncode == 1 and "no-plugin" in done.stderr,
          f"migrate: {done.returncode}, {done.stderr}")
    done = npactl(s.npad, "migrate", "--to", str(s.hosts["c"].migrate_path))
    check(done.returncode == 0 and "stood still" in done.stdout,
          f"migrate: {done.returncode}, {done.stdout}{done.stderr}")
    s.npad = s.hosts["c"]
    settle(s)
    done = npactl(s.npad, "--json", "migrate", "--to",
                  str(s.hosts["a"].migrate_path))
    check_equal(json.loads(done.stdout)["migration"]["state"], "done",
                "migrate --json")
    s.npad = s.hosts["a"]
    settle(s)


@contextlib.contextmanager
def open_scene():
    """All hosts; "bare" has a VF, but no plugin for it."""
    with hosts_scene(MODELS, plugin_dirs={"bare": "/var/empty"}) as s:
        yield s


if __name__ == "__main__":
    Suite(open_scene).main(undisturbed(ten_migrations),
                           undisturbed(in_a_switch), undisturbed(failures),
                           undisturbed(source_dies), commands)
