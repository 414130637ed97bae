# SPDX-License-Identifier: GPL-2.0
"""What can happen to a NIC besides traffic: tests of any scene.

Each function works on a scene.Scene; those that need the machine's monitor
are made with it.
"""

import functools
import time

from .scene import GUEST, PEER
from .tap import check, check_equal
from .watch import wait_for


def works(s):
    """The link is up, packets go both ways, and nothing has complained."""
    wait_for(lambda: s.guest.try_run(f"ping -q -c 1 -W 1 {PEER}").status == 0,
             "an answer to a ping", 20)
    s.guest.run(f"ping -q -c 20 -i 0.02 -W 2 -s 1400 {PEER}")
    s.peer.run(f"ping -q -c 20 -i 0.02 -W 2 -s 1400 {GUEST}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def on_both_paths(*tests):
    """Each test on the emulated path, then on the VF, where it has to end."""
    def on_vf(test):
        @functools.wraps(test)
        def run(s):
            s.npad.attach()
            try:
                test(s)
                s.npad.wait_path("vf")
                works(s)
            finally:
                s.npad.detach()

        run.__name__ += "_on_vf"
        return run

    return [version for test in tests for version in (test, on_vf(test))]


def pci_address(s):
    """The NIC's address on the bus."""
    return s.guest.run(f"basename $(readlink /sys/class/net/{s.netdev}/device)"
                       ).strip()


def settings(s):
    """What has to outlast everything."""
    return [s.guest.run(command) for command in (
        f"ip -br link show {s.netdev}", f"ethtool -x {s.netdev}",
        f"ethtool -g {s.netdev}", f"ethtool -l {s.netdev}",
        f"ethtool -k {s.netdev}")]


def pci_reset(s):
    """Somebody resets the function: the driver lets go, and goes on."""
    before = settings(s)
    s.guest.run(f"echo 1 > /sys/bus/pci/devices/{pci_address(s)}/reset")
    works(s)
    check_equal(settings(s), before, "settings")


def _reporter(s):
    device = f"pci/{pci_address(s)}"
    shown = s.guest.json(f"devlink health show {device} reporter reset -j")
    return device, shown["health"][device][0]


def health(s):
    """A reset is reported; without auto_recover it waits for somebody."""
    device, before = _reporter(s)
    name = f"{device} reporter reset"
    s.guest.run(f"devlink health test {name}")
    wait_for(lambda: _reporter(s)[1]["recover"] == before["recover"] + 1,
             "recovery", 20)
    works(s)
    s.guest.run(f"devlink health dump clear {name}")

    s.guest.run(f"devlink health set {name} auto_recover false")
    resets = s.guest.ethtool_stats()["resets"]
    s.guest.run(f"devlink health test {name}")
    wait_for(lambda: _reporter(s)[1]["state"] == "error", "state error", 30)
    time.sleep(0.3)
    check_equal(s.guest.ethtool_stats()["resets"], resets, "resets")
    dump = s.guest.run(f"devlink health dump show {name}")
    check("requested" in dump and "frames_sent" in dump, f"dump: {dump}")
    s.guest.run(f"devlink health recover {name}")
    check_equal(s.guest.ethtool_stats()["resets"], resets + 1, "resets")
    check_equal(_reporter(s)[1]["state"], "healthy", "state")
    check("running" in s.guest.run(f"devlink health diagnose {name}"),
          "diagnose says nothing")
    s.guest.run(f"devlink health dump clear {name}; "
                f"devlink health set {name} auto_recover true")
    works(s)


def device_errors(s):
    """Queues fail: a reset helps.  It does not start: it does when it can."""
    for fault in ("dev-tx-error", "dev-rx-error"):
        resets = s.guest.ethtool_stats()["resets"]
        s.npad.request("fault", name=fault, state="once")
        wait_for(lambda: s.guest.ethtool_stats()["resets"] == resets + 1,
                 f"a reset after {fault}", 20)
        works(s)
    carrier = f"cat /sys/class/net/{s.netdev}/carrier"
    s.npad.request("fault", name="dev-activate-fail", state="on")
    s.guest.run("devlink health test "
                f"pci/{pci_address(s)} reporter reset")
    wait_for(lambda: s.guest.run(carrier).strip() == "0", "no carrier", 20)
    time.sleep(1)
    s.npad.request("fault", name="dev-activate-fail", state="off")
    wait_for(lambda: s.guest.run(carrier).strip() == "1", "a carrier", 20)
    works(s)


def netconsole(s):
    """Messages of the kernel reach the peer, with interrupts off."""
    peer_mac = s.peer.run("cat /sys/class/net/npa0/address").strip()
    listener = s.peer.spawn("socat -u UDP-RECV:6666 STDOUT")
    try:
        wait_for(lambda: ":6666" in s.peer.run("ss -lnu"), "a listener", 20)
        s.guest.run(f"""
            modprobe netconsole
            mkdir -p /sys/kernel/config
            mountpoint -q /sys/kernel/config ||
                mount -t configfs none /sys/kernel/config
            cd /sys/kernel/config/netconsole
            mkdir -p npa && cd npa
            echo {s.netdev} > dev_name
            echo {GUEST} > local_ip
            echo {PEER} > remote_ip
            echo {peer_mac} > remote_mac
            echo 1 > enabled
            for i in $(seq 100); do echo "npa message $i" > /dev/kmsg; done""")
        listener.wait_output("npa message 100\n", 20)
        for number in range(1, 101):
            check(f"npa message {number}\n" in listener.stdout,
                  f"message {number} is missing")
    finally:
        listener.stop()
        s.guest.try_run("cd /sys/kernel/config/netconsole && "
                        "echo 0 > npa/enabled; rmdir npa; rmmod netconsole")
    works(s)


def reload(s):
    """The driver goes and comes back."""
    s.guest.run("rmmod vmxnet3", timeout=20)
    s.netdev = s.guest.load()
    s.guest.up(f"{GUEST}/24")


def processors(s):
    """The number of processors changes between probe and remove."""
    s.guest.run("echo 0 > /sys/devices/system/cpu/cpu1/online")
    reload(s)
    works(s)
    s.guest.run("echo 1 > /sys/devices/system/cpu/cpu1/online")
    reload(s)
    works(s)


def unplug(qmp):
    """A test: the NIC is unplugged under traffic, and plugged in again."""
    def hot_unplug(s):
        ping = s.guest.spawn(f"ping -f -q -w 60 {PEER}")
        time.sleep(0.5)
        qmp.command("device_del", id="nic0")
        wait_for(lambda: s.guest.run("ls /sys/class/net").split() == ["lo"],
                 "removal", 30)
        ping.kill()
        ping.wait()
        check_equal(s.guest.alarms(), [], "alarms in the kernel log")
        # The slot is empty some seconds later only.
        wait_for(lambda: _plugged_in(qmp), "an empty slot", 30)
        s.netdev = s.guest.netdev()
        s.guest.up(f"{GUEST}/24")
        works(s)

    return hot_unplug


def pci_error(qmp):
    """A test: the slot reports errors, and the kernel resets what is in it."""
    def errors_of_the_slot(s):
        before = settings(s)
        # Fatal, and not; twice: the second finds what the first has left.
        for number, error in enumerate(("DLP", "POISON_TLP", "DLP"), 1):
            said = qmp.command("human-monitor-command", **{
                "command-line": f"pcie_aer_inject_error slot0 {error}"})
            check(said.startswith("OK"), f"{error}: QEMU says {said}")
            wait_for(lambda: s.guest.dmesg().count(
                "device recovery successful") == number,
                f"recovery from {error}", 30)
            works(s)
            check_equal(s.guest.dmesg().count("PCI error, channel state"),
                        number, "errors that the driver heard of")
        check_equal(settings(s), before, "settings")

    return errors_of_the_slot


def _plugged_in(qmp):
    try:
        qmp.command("device_add", driver="vmxnet3", id="nic0", bus="slot0",
                    netdev="net0", mac="52:54:00:12:34:56")
    except RuntimeError:
        return False
    return True


def surprise_removal(qmp):
    """A test for a scene whose QEMU has that monitor."""
    def device_vanishes(s):
        """The device is gone: no carrier, no lock held, can be removed."""
        s.npad.attach()
        with qmp.stopped():
            s.npad.kill()
        carrier = f"/sys/class/net/{s.netdev}/carrier"
        ping = s.guest.spawn(f"ping -q -i 0.05 -w 60 {PEER}")
        wait_for(lambda: s.guest.run(f"cat {carrier}").strip() == "0",
                 "no carrier", 40)
        begin = time.monotonic()
        for command in (f"ip link set {s.netdev} mtu 1400",
                        f"ethtool -S {s.netdev}", f"ip link show {s.netdev}",
                        f"ethtool -G {s.netdev} rx 256",
                        f"ip link set {s.netdev} down"):
            s.guest.try_run(command, timeout=20)
        check(time.monotonic() - begin < 30, "something waits for the device")
        s.guest.try_run(f"ip link set {s.netdev} up", timeout=20)
        s.guest.run(f"echo 1 > /sys/bus/pci/devices/{pci_address(s)}/remove",
                    timeout=30)
        ping.kill()
        check_equal(s.guest.run("ls /sys/class/net").split(), ["lo"],
                    "netdevs")
        watchdog = [line for line in s.guest.alarms()
                    if "NETDEV WATCHDOG" not in line]
        check_equal(watchdog, [], "alarms in the kernel log")

    return device_vanishes
