#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One list of traffic for every path: the emulated device and each VF."""

import functools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene, tap  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import undisturbed  # noqa: E402

# Models, and the queue pairs that their guest has.
MODELS = {"82576": 2, "82599": 4}
# Counters of the guest that nothing here may move.
FAULTS = ("_drops", "resets", "npa_tx_lost", "npa_bad_", "npa_refused_",
          "_alloc_fails")


def pings(s):
    """Sizes from nothing to an MTU, and in fragments."""
    exercise.ping(s, 20, (0, 1, 17, 18, 56, 500, 1471, 1472, 1473, 4000,
                          20000))


def jumbo(s):
    """An MTU of 9000 and frames of that length, and back."""
    exercise.mtu(s)
    s.npad.wait_path(s.wanted)


def vlan(s):
    """Tagged frames, short and long."""
    exercise.vlan(s)


def ipv6(s):
    """IPv6: pings, fragments, TCP."""
    exercise.ipv6(s)


def multicast(s):
    """Multicast, with and without being a member."""
    exercise.multicast(s)


def udp(s):
    """Numbered UDP both ways: nothing lost, doubled or out of order."""
    undisturbed(exercise.numbered_udp)(s, 2)


def offloads(s):
    """TCP content both ways with offloads on and off, checksums verified."""
    exercise.offloads(s)


def queues(s):
    """TCP streams over all queues, both ways."""
    exercise.all_queues(s)


LIST = (pings, vlan, ipv6, multicast, udp, offloads, queues, jumbo)


def totals(s):
    """Frames by the counters of the guest and of npad's two ports."""
    stats = s.guest.ethtool_stats()
    ports = s.npad.stats()["ports"]

    def guest(way):
        return sum(value for name, value in stats.items()
                   if name.startswith("queue") and
                   name.endswith(f"_{way}_packets"))

    return {"faults": {name: value for name, value in stats.items()
                       if any(fault in name for fault in FAULTS)},
            "guest": (guest("rx"), guest("tx")),
            **{port: (ports[port]["rx_packets"], ports[port]["tx_packets"])
               for port in ("emulated", "vf")}}


def on_path(function, model, path):
    """A test that the traffic took the path, and that its counters agree."""
    @functools.wraps(function)
    def test(s):
        s.wanted = path
        if s.npad.status()["path"] != path:
            (s.npad.attach if path == "vf" else s.npad.detach)()
        # What the test before has changed may have ended in a switch.
        s.npad.wait_path(path)
        before = totals(s)
        function(s)
        after = totals(s)
        check_equal(s.npad.status()["path"], path, "path")
        check_equal(after["faults"], before["faults"], "ethtool -S")
        check_equal(s.guest.alarms(), [], "alarms in the kernel log")
        moved = {name: [now - then for now, then in
                        zip(after[name], before[name])]
                 for name in ("guest", "emulated", "vf")}
        note(f"frames to and from the guest: {moved}")
        check(min(moved["guest"]) > 5, f"too few frames: {moved}")
        check(min(moved[path]) > 0, f"no frames on {path}: {moved}")
        other = "emulated" if path == "vf" else "vf"
        # A new MTU takes a VF's guest back to the emulated device for a while.
        if function is not jumbo:
            check_equal(moved[other], [0, 0], f"frames on {other}")
            check_plausible(moved["guest"], moved[path])

    where = model if path == "vf" else path
    test.__name__ = f"{function.__name__}_{where}"
    return test


def check_plausible(guest, port):
    """The guest counts what the port does; a TSO frame is one for the port."""
    for way, ours, theirs in zip(("received", "sent"), guest, port):
        check(abs(ours - theirs) <= 20 or ours > theirs and way == "sent",
              f"the guest {way} {ours} frames, its port says {theirs}")


def tests():
    """All tests: a guest per model, the emulated path with the first."""
    for number, (model, count) in enumerate(MODELS.items()):
        suite = Suite(functools.partial(
            scene.npad_scene, smp=count,
            npad_options={"vf": model, "arguments": ["--queues", str(count)]}))
        paths = ("emulated", "vf") if not number else ("vf",)
        mine = [suite.test(on_path(function, model, path))
                for path in paths for function in LIST]
        yield from mine[:-1]
        yield suite.last(mine[-1])


if __name__ == "__main__":
    tap.main(*tests(), limit=120)
