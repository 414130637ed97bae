#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a guest wants and a VF cannot do: it is moved to the emulated device for
as long as it wants that, and back, and loses nothing by it.

The longest MTU that the device has is less than any VF's, it offers no more
queues than its VF has, and the driver's RSS table and hash are ones that every
VF has: these conflicts are for unit tests.
"""

import functools
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import scene, tap  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, defer, note  # noqa: E402
from npa.watch import Watch, undisturbed, wait_for  # noqa: E402

# VLANs that the models can filter by.
VLANS = {"82576": 32, "82599": 64}
FIRST_VLAN = 100
GROUPS = 40     # more than any VF can filter by one by one


def link(s, text):
    """ip link set in the guest."""
    s.guest.run(f"ip link set {s.netdev} {text}")


def vlans(s, first, last, add):
    """VLANs from first to last come or go."""
    if add:
        what = f"link add link {s.netdev} name v$i type vlan id $i"
    else:
        what = "link del v$i"
    s.guest.run(f"for i in $(seq {first} {last}); do echo {what}; done > "
                "/tmp/vlans; ip -batch /tmp/vlans; r=$?; rm /tmp/vlans; "
                "exit $r", timeout=60)


def on_emulated(s, conflict):
    """Wait until the guest is where a conflict sends it, at rest."""
    wait_for(lambda: (s.npad.status()["state"],
                      s.guest.ethtool_stats()["npa_path"]) ==
             ("waiting", 0), f"conflict: {conflict}")
    status = s.npad.status()
    check_equal((status["path"], status["conflict"]), ("emulated", conflict),
                "path and conflict")


def on_vf(s):
    """Wait until the guest is on the VF, at rest."""
    wait_for(lambda: (s.npad.status()["state"],
                      s.guest.ethtool_stats()["npa_path"]) ==
             ("vf-active", 1), "VF")
    check_equal(s.npad.status()["conflict"], None, "conflict on the VF")


def healthy(s):
    """Nothing has complained, misreported, been refused or been reset."""
    stats = s.guest.ethtool_stats()
    check_equal({name: value for name, value in stats.items() if value and
                 (name.startswith(("npa_bad_", "npa_refus")) or
                  name == "resets")}, {}, "misreports, refusals, resets")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    out = s.guest.run(f"ping -q -c 5 -i 0.02 -W 2 {scene.PEER}")
    check("5 received" in out, out)


def conflicts(s):
    """What the operator is told of conflicts that begin and end."""
    return [event["text"] for event in s.npad.request("events")["events"]
            if event["kind"] == "conflict"]


def comes_and_goes(s, conflict, begin, end):
    """A conflict, twice, under traffic: nothing is lost."""
    s.npad.attach()
    defer(s.npad.detach)
    told = len(conflicts(s))
    with Watch(s) as watch:
        for _ in range(2):
            watch.mark("begin")
            begin()
            on_emulated(s, conflict)
            time.sleep(0.1)
            watch.mark("end")
            end()
            on_vf(s)
            time.sleep(0.1)
    watch.check_intact()
    told = conflicts(s)[told:]
    note(told)
    # Who ends promiscuous mode goes back to his own VLANs after that: for a
    # moment it is all of them, and another conflict that ends.
    check_equal([sum(what in text for text in told) for what in
                 (f"{conflict}: not on", "no longer: ")], [2, 2],
                "how often it began, and ended")
    healthy(s)


def promiscuous(s, model):
    """Promiscuous mode, which no VF has."""
    comes_and_goes(s, "promiscuous mode", lambda: link(s, "promisc on"),
                   lambda: link(s, "promisc off"))


def all_vlans(s, model):
    """As many VLANs as the VF can filter by; returns one more."""
    last = FIRST_VLAN + VLANS[model]
    s.guest.run("modprobe 8021q")
    vlans(s, FIRST_VLAN, last - 1, True)
    defer(vlans, s, FIRST_VLAN, last - 1, False)
    return last


def many_vlans(s, model):
    """One VLAN more than the VF can filter by, and without it again."""
    last = all_vlans(s, model)
    comes_and_goes(s, "VLANs", lambda: vlans(s, last, last, True),
                   lambda: vlans(s, last, last, False))


def no_conflict(s, model):
    """All groups, more of them than filters, the longest MTU: the VF does it."""
    s.npad.attach()
    defer(s.npad.detach)
    told = len(conflicts(s))
    link(s, "allmulticast on")
    defer(link, s, "allmulticast off")
    s.guest.run(f"for i in $(seq {GROUPS}); do "
                f"ip maddr add 33:33:00:00:77:$(printf %02x $i) "
                f"dev {s.netdev}; done")
    on_vf(s)
    link(s, "allmulticast off")
    on_vf(s)
    link(s, "mtu 9000")
    on_vf(s)
    link(s, "mtu 1500")
    on_vf(s)
    check_equal(conflicts(s)[told:], [], "events")
    healthy(s)


def two_at_once(s, model):
    """Of two conflicts both have to end, and neither begins a switch of its own.
    """
    last = all_vlans(s, model)
    s.npad.attach()
    defer(s.npad.detach)
    before = s.npad.status()["switches"]
    link(s, "promisc on")
    on_emulated(s, "promiscuous mode")
    vlans(s, last, last, True)
    on_emulated(s, "promiscuous mode")
    link(s, "promisc off")
    on_emulated(s, "VLANs")
    vlans(s, last, last, False)
    on_vf(s)
    after = s.npad.status()["switches"]
    check_equal({name: after[name] - before[name] for name in after},
                {"to_vf": 1, "to_emulated": 1, "refused": 0,
                 "unanswered": 0}, "switches")
    healthy(s)


def at_rest(s, model):
    """Nothing is left of all that."""
    wait_for(lambda: s.guest.ethtool_stats()["npa_path"] == 0,
             "emulated path")
    status = s.npad.status()
    check_equal((status["path"], status["conflict"]), ("emulated", None),
                "path and conflict")
    healthy(s)


def on_model(function, model):
    """A test of one model."""
    def test(s):
        function(s, model)

    test.__name__ = f"{function.__name__}_{model}"
    test.__doc__ = function.__doc__
    return undisturbed(test)


def tests():
    """A guest for each VF."""
    for model, smp, functions in (
            ("82576", 2, (promiscuous, many_vlans, no_conflict,
                          two_at_once, at_rest)),
            ("82599", 2, (many_vlans, no_conflict, at_rest))):
        suite = Suite(functools.partial(scene.npad_scene, smp=smp,
                                        npad_options={"vf": model}))
        mine = [suite.test(on_model(function, model))
                for function in functions]
        yield from mine[:-1]
        yield suite.last(mine[-1])


if __name__ == "__main__":
    tap.main(*tests(), limit=120)
