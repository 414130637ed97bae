#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What people do to a NIC in every phase of a switch: in the end it works.

Phases are held open by commands of the hypervisor that hang.
"""

import mmap
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, paths, scene, tap  # noqa: E402
from npa.qmp import Qmp  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Watch, undisturbed, wait_for  # noqa: E402

GOOD = "intel-82576vf"
MAC = "52:54:00:12:34:56"
OTHER_MAC = "52:54:00:65:43:21"
QMP = Qmp()
# The fault that holds a phase open; None: the phase lasts by itself.
PHASES = {"emulated": None, "loading": "load-hang",
          "activating": "activate-hang", "stopping": "stop-hang",
          "on the VF": None, "leaving": "quiesce-hang"}


def fault(s, name, state):
    """Set a fault."""
    s.npad.request("fault", name=name, state=state)


def is_hanging(s, name):
    """Has a fault that was to happen once happened?"""
    faults = s.npad.request("fault", list=True)["faults"]
    return {"name": name, "state": "off"} in faults


def enter(s, phase):
    """Bring a guest that is on the emulated path to a phase."""
    name = PHASES[phase]
    if phase in ("on the VF", "leaving"):
        s.npad.attach()
    if name is None:
        return
    fault(s, name, "once")
    s.npad.request("detach" if phase == "leaving" else "attach")
    wait_for(lambda: is_hanging(s, name), name)


def is_quiet(s):
    """The status if the path is what the operator wants, else None."""
    status = s.npad.status()
    wanted = {"vf": "vf-active", "emulated": "idle"}[status["requested"]]
    done = status["state"] == wanted and status["path"] == status["requested"]
    return status if done else None


def leave(s):
    """Back to the emulated path, with no fault, whatever the phase was."""
    for name in PHASES.values():
        if name:
            fault(s, name, "off")
    wait_for(lambda: is_quiet(s), "quiet", 20)
    s.npad.request("detach")
    wait_for(lambda: is_quiet(s), "emulated path", 20)


def works(s, size=56):
    """The NIC is there, carries packets, and nothing has complained."""
    s.peer.run("ip neigh flush dev npa0")
    out = s.guest.try_run(f"ping -q -c 5 -i 0.02 -W 2 -M do -s {size} "
                          f"{scene.PEER}")
    check("5 packets transmitted, 5 received" in out.stdout,
          f"ping says {out.stdout}{out.stderr}")
    check_equal(sorted(s.guest.run("ls /sys/class/net").split()),
                sorted(["lo", s.netdev]), "netdevs")
    alarms = s.guest.alarms()
    check(not alarms, f"alarms in the kernel log: {alarms}")


def ip(s, text):
    """ip in the guest, with NIC for the netdev's name."""
    s.guest.run("ip " + text.replace("NIC", s.netdev), timeout=20)


def mtu(s):
    """Change the MTU: smaller, jumbo, and back."""
    for value in (1400, 9000, 1500):
        ip(s, f"link set NIC mtu {value}")
        works(s, value - 28)


def mac(s):
    """Change the address and change it back."""
    for address in (OTHER_MAC, MAC):
        ip(s, f"link set NIC address {address}")
        works(s)


def vlan(s):
    """Add a VLAN, carry packets on it, remove it."""
    exercise.vlan(s)
    works(s)


def promisc(s):
    """Promiscuous mode, which a VF cannot have, on and off."""
    ip(s, "link set NIC promisc on")
    works(s)
    ip(s, "link set NIC promisc off")
    works(s)


def wait_link(s):
    """Wait until the link is up: it is looked at after the netdev is up."""
    wait_for(lambda: s.guest.run(f"cat /sys/class/net/{s.netdev}/carrier")
             == "1\n", "link")


def down_up(s):
    """Down and up."""
    ip(s, "link set NIC down")
    ip(s, "link set NIC up")
    wait_link(s)
    works(s)


def reload(s):
    """The module goes, the netdev with it, and comes back."""
    s.guest.run("rmmod vmxnet3", timeout=20)
    check_equal(s.guest.run("ls /sys/class/net").split(), ["lo"], "netdevs")
    s.guest.load()
    s.guest.up(f"{scene.GUEST}/24")
    wait_link(s)
    works(s)


def in_every_phase(operation):
    """A test that does something in every phase of a switch."""
    def test(s):
        wrong = []
        for phase in PHASES:
            begin = time.monotonic()
            try:
                enter(s, phase)
                operation(s)
                leave(s)
                works(s)
                s.npad.attach()
                works(s)
                s.npad.detach()
            except Exception as error:
                wrong.append(f"{phase}: {error}")
                recover(s)
            note(f"{phase}: {time.monotonic() - begin:.1f} s")
        check(not wrong, "\n".join(wrong))

    test.__name__ = operation.__name__ + "_in_every_phase"
    return test


def recover(s):
    """Make the best of it after a failure, so that others can run."""
    for name in PHASES.values():
        if name:
            fault(s, name, "off")
    s.npad.request("detach")
    s.guest.try_run("ip link del vlan5; "
                    f"ip link set {s.netdev} promisc off mtu 1500 "
                    f"address {MAC} up")


def quick_messages(s):
    """Attach and detach at once, and at all distances: nothing is lost."""
    at_once = [0] * (10 // paths.SLOW or 2)
    with Watch(s) as watch:
        for delay in [*at_once, *range(1, 60, 3 * paths.SLOW)]:
            watch.mark(f"detach {delay} ms after attach")
            s.npad.request("attach")
            time.sleep(delay / 1000)
            s.npad.request("detach")
            wait_for(lambda: is_quiet(s), "quiet after detach")
        for delay in [*at_once, *range(1, 30, 3 * paths.SLOW)]:
            watch.mark(f"attach {delay} ms after detach")
            s.npad.attach()
            s.npad.request("detach")
            time.sleep(delay / 1000)
            s.npad.request("attach")
            wait_for(lambda: is_quiet(s), "quiet after attach")
            s.npad.detach()
    watch.check_intact()
    works(s)


def change_of_mind(s):
    """The operator detaches while a command hangs: nothing is lost."""
    with Watch(s) as watch:
        for phase in ("loading", "activating", "stopping"):
            watch.mark(phase)
            enter(s, phase)
            s.npad.request("detach")
            wait_for(lambda: is_quiet(s), f"quiet after detach, {phase}")
            check_equal(s.npad.status()["path"], "emulated", "path")
            s.npad.attach()
            s.npad.detach()
    watch.check_intact()
    works(s)


def find_in_guest(s, data):
    """Addresses in the guest's memory where whole pages hold data."""
    directory = Path(f"/proc/{s.guest.pid}/fd")
    memory = next(fd for fd in directory.iterdir()
                  if "memory-backend-memfd" in os.readlink(fd) or
                  "memfd:ram0" in os.readlink(fd))
    found = []
    with open(memory, "rb") as file, \
            mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view:
        at = view.find(data)
        while at >= 0:
            if at % mmap.PAGESIZE == 0:
                found.append(at)
            at = view.find(data, at + 1)
    return found


def region_is_given_back(s):
    """After rmmod on the VF nobody writes to the region's pages any more."""
    page = (paths.PLUGINS / f"{GOOD}.npa").read_bytes()[:mmap.PAGESIZE]
    s.npad.attach()
    check(find_in_guest(s, page), "the image is not in the guest's memory")
    s.guest.run("rmmod vmxnet3")
    check_equal(s.npad.status()["guest"]["npa"], False, "guest offers NPA")
    # The operator still wants the VF; detach and ask again for good measure.
    s.npad.request("detach")
    wait_for(lambda: s.npad.status()["state"] == "idle", "VF released")
    loads = npad_loads(s)
    s.npad.request("attach")
    s.guest.run("modprobe dummy && rmmod dummy")
    check_equal(npad_loads(s), loads, "images loaded since rmmod")
    check_equal(find_in_guest(s, page), [], "places that hold the image")
    s.guest.load()
    s.guest.up(f"{scene.GUEST}/24")
    wait_link(s)
    s.npad.wait_path("vf")
    works(s)
    s.npad.detach()
    works(s)


def hypervisor_is_gone(s):
    """npad dies while the VF is in use: the guest can still get rid of it."""
    s.npad.attach()
    with QMP.stopped():
        s.npad.kill()
    ip(s, "link set NIC down")
    s.guest.run("rmmod vmxnet3", timeout=30)
    check_equal(s.guest.run("ls /sys/class/net").split(), ["lo"], "netdevs")
    alarms = s.guest.alarms()
    check(not alarms, f"alarms in the kernel log: {alarms}")
    probe = s.guest.try_run("modprobe vmxnet3", timeout=30)
    note(f"a new probe without a device: {probe.status}")
    alarms = s.guest.alarms()
    check(not alarms, f"alarms in the kernel log: {alarms}")


def npad_loads(s):
    """How often npad has finished a LOAD_PLUGIN."""
    events = s.npad.request("events")["events"]
    return len([event for event in events if event["kind"] == "load"])


def open_scene():
    """Our driver on npad; the peer takes jumbo frames."""
    class Manager:
        """Adds the MTU to what scene.npad_scene() does."""

        def __init__(self):
            self._inner = scene.npad_scene(options=QMP.arguments())

        def __enter__(self):
            s = self._inner.__enter__()
            s.peer.run("ip link set npa0 mtu 9000")
            return s

        def __exit__(self, *what):
            return self._inner.__exit__(*what)

    return Manager()


if __name__ == "__main__":
    with QMP:
        Suite(open_scene).main(
            *map(undisturbed, (quick_messages, change_of_mind)),
            *map(in_every_phase, (mtu, mac, vlan, promisc, down_up, reload)),
            region_is_given_back, hypervisor_is_gone, limit=180)
