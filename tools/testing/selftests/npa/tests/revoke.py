#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The VF is taken away by force, at any moment: the guest is back by itself.

What was lost has to be what npad and the guest have counted: towards the
guest, frames in the VF's rings at that moment; from it, those and the ones
that it gave to the VF before it knew.
"""

import functools
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, flow, paths, scene, tap  # noqa: E402
from npa.npad import Refused  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import Failure, check, check_equal, note  # noqa: E402
from npa.watch import (Starved, Watch, queue_drops, undisturbed,  # noqa: E402
                       wait_for)

# npa.rst, "The VF is lost": how long the guest may need.
BOUND = 3
# Losses are placed between the packets before and after them.
MARGIN = 0.1
LOAD = 2000
HANGS = ("load-hang", "activate-hang", "stop-hang", "quiesce-hang")


def counters(s):
    """What has been counted so far: (in the rings to send, received, by the
    guest)."""
    vf = s.npad.stats()["vf"]
    return (vf["revoked_tx"], vf["revoked_rx"],
            s.guest.ethtool_stats()["npa_tx_lost"])


def is_back(s):
    """npad has the guest on the emulated path, and nothing is under way."""
    status = s.npad.status()
    return status["path"] == "emulated" and status["state"] == "idle"


def wait_back(s):
    """Wait until npad and the guest agree that the VF is gone."""
    start = time.monotonic()
    wait_for(lambda: is_back(s), "back on the emulated path", BOUND)
    seconds = time.monotonic() - start
    wait_for(lambda: s.guest.ethtool_stats()["npa_path"] == 0,
             "the guest says so too")
    return seconds


def revoke(s, watch, what):
    """Take the VF away, if there still is one; how long the guest needed.

    The caller has marked a phase that may have losses MARGIN ago.
    """
    try:
        s.npad.request("revoke")
    except Refused as error:
        check_equal(error.code, "no-vf", "code")
    seconds = wait_back(s)
    time.sleep(MARGIN)
    watch.mark(f"after {what}")
    return seconds


def lossy(watch, what):
    """Begin a phase that may have losses."""
    watch.mark(f"revoke {what}")
    time.sleep(MARGIN)


def overflows(s):
    """Packets from the guest that a queue could not take, before and behind it.

    While the VF is gone they pile up, and then they come all at once.
    """
    return exercise.full_sockets(s.guest, "SndbufErrors") + \
        exercise.full_sockets(s.peer, "RcvbufErrors")


def no_room(s):
    """Packets to and from the guest that a queue outside the VF dropped.

    A flood fills sockets and interfaces when the guest stands still; and npad
    does not hold packets for ever for one that does not come back.
    """
    tap_drops = int(s.peer.run("cat /sys/class/net/npa0/statistics/tx_dropped"))
    ports = s.npad.stats()["ports"]
    return (exercise.full_sockets(s.guest) + tap_drops +
            ports["uplink"]["tx_dropped"] + ports["emulated"]["rx_no_room"],
            overflows(s) + queue_drops(s.guest))


def judge(s, watch, before, what, extra=(0, 0), room=(0, 0)):
    """Nothing but what was counted is lost, and nothing is out of order.

    extra: what other streams have lost, to and from the guest; room: what
    no_room() has counted of it.
    """
    names = [name for name, *_ in watch.phases if name.startswith("revoke")]
    watch.check_intact(lossy=names)
    to, back = watch.total(0), watch.total(1)
    to.lost += extra[0]
    back.lost += extra[1]
    tx, rx, guest = (now - then for now, then in zip(counters(s), before))
    note(f"{what}: lost {to.lost} to and {back.lost} from the guest, {extra} of "
         f"them in other streams; in the rings were {rx} received, {tx} to "
         f"send; the guest dropped {guest}; full queues {room}")
    check_equal(to.reordered + back.reordered + to.duplicates +
                back.duplicates, 0, "reordered or doubled")
    check(to.lost <= rx + room[0],
          f"{to.lost} packets to the guest lost, {rx} counted")
    check(back.lost <= guest + room[1],
          f"{back.lost} packets from the guest lost, {guest} counted")
    check(tx <= guest, f"npad counted {tx} posted frames, the guest {guest}")


def works_again(s):
    """Another VF is taken, carries packets, and is left without loss."""
    refused = s.npad.status()["switches"]["refused"]
    with Watch(s) as watch:
        watch.mark("to VF")
        s.npad.attach()
        time.sleep(1)
        s.npad.detach()
    watch.check_intact()
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    check_equal(s.npad.status()["switches"]["refused"], refused, "refusals")


def streams(s, rate):
    """Traffic beside the numbered streams, both ways."""
    rate //= paths.SLOW
    bytes_a_second = 2_000_000 // paths.SLOW
    return [flow.UdpFlow(s.peer, s.guest, scene.GUEST, rate, 4, size=1000,
                         to_guest=True),
            flow.UdpFlow(s.guest, s.peer, scene.PEER, rate, 4, size=1000),
            flow.TcpFlow(s.peer, s.guest, scene.GUEST, bytes_a_second,
                         to_guest=True),
            flow.TcpFlow(s.guest, s.peer, scene.PEER, bytes_a_second)]


def end(extra):
    """Stop streams(); TCP has to have gone on. Packets lost to, from guest."""
    for stream in extra[:2]:
        stream.stop_sender()
    time.sleep(Watch.SETTLE)
    lost = []
    for stream in extra[:2]:
        stream.stop_receiver()
        sent = sum(flow["sent"] for flow in stream.sent)
        lost.append(sent - len({record[:2] for record in stream.records}))
    for stream in extra[2:]:
        stream.stop()
        check(stream.bytes() > 500_000 // paths.SLOW,
              f"TCP moved {stream.bytes()} bytes")
    return lost


def all_ones(s):
    """Do the registers that the guest has mapped read all-ones?"""
    directory = Path(f"/proc/{s.npad.pid}/fd")
    memory = next(fd for fd in directory.iterdir()
                  if "memfd:npa-window" in os.readlink(fd))
    return set(memory.read_bytes()) == {0xff}


def frames_sent(s):
    """Frames that the guest has sent so far."""
    return int(s.guest.run(
        f"cat /sys/class/net/{s.netdev}/statistics/tx_packets"))


def idle(s):
    """Revoke without traffic: the guest is back, nothing is counted lost.

    A guest that has just come up may have something to say by itself.
    """
    before, own = counters(s), frames_sent(s)
    s.npad.attach()
    s.npad.request("revoke")
    seconds = wait_back(s)
    lost, own = counters(s)[2] - before[2], frames_sent(s) - own
    note(f"back after {seconds * 1000:.0f} ms, {own} frames sent")
    check(lost <= own, f"{lost} frames dropped by the guest, {own} sent")
    works_again(s)


def under_load(s):
    """Revoke under traffic both ways, several times."""
    before = counters(s)
    times = []
    room = no_room(s)
    extra = streams(s, LOAD)
    with Watch(s) as watch:
        for number in range(5):
            s.npad.attach()
            time.sleep(0.2)
            lossy(watch, f"under load {number}")
            times.append(revoke(s, watch, f"under load {number}"))
        extra = end(extra)
    note("back after ms: " + ", ".join(f"{t * 1000:.0f}" for t in times))
    room = [now - then for now, then in zip(no_room(s), room)]
    try:
        judge(s, watch, before, "under load", extra, room)
    except Failure as error:
        # Nobody keeps a flood for a guest that stands still for so long.
        if max(watch.total(way).longest_gap_ms for way in (0, 1)) < \
                Watch.STILL_MS:
            raise
        raise Starved(str(error)) from None
    works_again(s)


def to_vf(s):
    """Revoke at many moments of a switch to the VF."""
    moments(s, "to the VF", lambda: None, "attach", range(0, 100, 5))


def to_emulated(s):
    """Revoke at many moments of a switch back from the VF."""
    moments(s, "back", s.npad.attach, "detach", range(0, 30, 2))


def moments(s, what, prepare, command, delays):
    """Revoke some milliseconds after a command, for each of delays."""
    before = counters(s)
    revokes = s.npad.stats()["vf"]["revokes"]
    times = []
    with Watch(s) as watch:
        for delay in delays:
            prepare()
            lossy(watch, f"{delay} ms {what}")
            s.npad.request(command)
            time.sleep(delay / 1000)
            times.append(revoke(s, watch, f"{delay} ms {what}"))
    revokes = s.npad.stats()["vf"]["revokes"] - revokes
    note(f"{revokes} of {len(times)} while the VF was in use")
    note("back after ms: " + ", ".join(f"{t * 1000:.0f}" for t in times))
    judge(s, watch, before, what)
    works_again(s)


def twice(s):
    """Two VFs in a row are lost, the second while the guest leaves the first."""
    before = counters(s)
    with Watch(s) as watch:
        for delay in (0, 1, 3, 10, 30):
            s.npad.attach()
            lossy(watch, f"twice {delay}")
            s.npad.request("revoke")
            s.npad.request("attach")
            time.sleep(delay / 1000)
            revoke(s, watch, f"again after {delay} ms")
            # Taken away, wished for again: the guest ends up on the new one.
            s.npad.attach()
            lossy(watch, f"and attach {delay}")
            s.npad.request("revoke")
            s.npad.attach()
            time.sleep(MARGIN)
            watch.mark("on another VF")
            wait_for(lambda: s.guest.ethtool_stats()["npa_path"] == 1,
                     "guest on the other VF")
            s.npad.detach()
    judge(s, watch, before, "twice")
    works_again(s)


def held(s):
    """Revoke while a command of the switch hangs; the guest is not stuck."""
    before = counters(s)
    with Watch(s) as watch:
        for name in HANGS:
            if name == "quiesce-hang":
                s.npad.attach()
            lossy(watch, f"at {name}")
            s.npad.request("fault", name=name, state="once")
            s.npad.request("detach" if name == "quiesce-hang" else "attach")
            wait_for(lambda: {"name": name, "state": "off"} in
                     s.npad.request("fault", list=True)["faults"], name)
            seconds = revoke(s, watch, f"at {name}")
            note(f"{name}: back after {seconds * 1000:.0f} ms")
    judge(s, watch, before, "in a command that hangs")
    works_again(s)


def window(s):
    """From the revoke on the registers read all-ones, and stay so."""
    s.npad.attach()
    s.npad.request("revoke")
    wait_back(s)
    wait_for(lambda: all_ones(s), "all-ones")
    s.npad.attach()
    check(not all_ones(s), "a VF's registers read all-ones")
    s.npad.request("revoke")
    # What the guest writes before it knows, and later to empty the rings,
    # does not last.
    for _ in range(20):
        time.sleep(0.01)
        wait_for(lambda: all_ones(s), "all-ones again", 1, 0.002)
    wait_back(s)
    works_again(s)


def silent(s):
    """The VF vanishes and nobody says so: the guest finds out by itself."""
    lost = s.guest.ethtool_stats()["npa_tx_lost"]
    full = overflows(s)
    with Watch(s) as watch:
        s.npad.attach()
        time.sleep(1.5)
        watch.mark("VF")
        # A VF that is at work is not asked whether it is there.
        before = s.npad.stats()["traps"]["by_register"]
        time.sleep(3)
        after = s.npad.stats()["traps"]["by_register"]
        check_equal({name: count for name, count in after.items()
                     if name.startswith("vf.") and
                     count != before.get(name, 0)}, {}, "traps on the VF")
        lossy(watch, "silent")
        s.npad.request("fault", name="revoke-silent", state="once")
        s.npad.request("revoke")
        seconds = wait_back(s)
        time.sleep(MARGIN)
        watch.mark("after it")
        time.sleep(0.5)
    lost = s.guest.ethtool_stats()["npa_tx_lost"] - lost
    full = overflows(s) - full
    watch.check_intact(lossy=["revoke silent"])
    back = watch.total(1)
    note(f"back after {seconds:.1f} s, lost {watch.total(0).lost} to and "
         f"{back.lost} from the guest; the guest dropped {lost}, full queues "
         f"{full}")
    check(0 < back.lost <= lost + full,
          f"{back.lost} lost, the guest counted {lost}")
    reports = [event["text"] for event in s.npad.request("events")["events"]
               if event["kind"] == "report"]
    check(reports and "vf-lost" in reports[-1], f"reports: {reports}")
    check_equal(s.guest.ethtool_stats()["npa_refused_vf_lost"], 1, "counter")
    # An idle VF is asked, and is there.
    s.npad.attach()
    time.sleep(3)
    check_equal(s.guest.ethtool_stats()["npa_path"], 1, "npa_path")
    s.npad.detach()
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def named(function, model):
    """A test with the VF's model in its name."""
    @functools.wraps(function)
    def test(s):
        function(s)

    test.__name__ = f"{function.__name__}_{model}"
    return test


def tests():
    """All on one model; on the other one what has to do with its rings."""
    load = undisturbed(under_load)
    for model, functions in (
            ("82576", (idle, window, load, *map(undisturbed, (
                to_vf, to_emulated, held, twice, silent)))),
            ("82599", (load, undisturbed(held)))):
        suite = Suite(functools.partial(scene.npad_scene,
                                        npad_options={"vf": model}))
        mine = [suite.test(named(function, model)) for function in functions]
        yield from mine[:-1]
        yield suite.last(mine[-1])


if __name__ == "__main__":
    tap.main(*tests(), limit=120)
