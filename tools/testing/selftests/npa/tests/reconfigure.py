#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What ethtool and ip can change while traffic flows: on the emulated path, on
the VF and while switches go on.
"""

import re
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import flow, paths, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Watch, undisturbed, wait_for  # noqa: E402

MAC = "52:54:00:12:34:56"
OTHER_MAC = "52:54:00:65:43:21"
KEY = ":".join(f"{byte:02x}" for byte in range(0x40, 0x68))
TABLE_LEN = 128


def ethtool(s, text):
    """ethtool in the guest, with NIC for the netdev's name."""
    return s.guest.run("ethtool " + text.replace("NIC", s.netdev), timeout=30)


def link(s, text):
    """ip link set in the guest."""
    s.guest.run(f"ip link set {s.netdev} {text}", timeout=30)


def rings(s):
    """Ring sizes as (rx, tx)."""
    current = ethtool(s, "-g NIC").split("Current hardware settings:")[1]
    return tuple(int(re.search(rf"^{way}:\s+(\d+)", current, re.M).group(1))
                 for way in ("RX", "TX"))


def channels(s):
    """Queue pairs in use."""
    current = ethtool(s, "-l NIC").split("Current hardware settings:")[1]
    return int(re.search(r"^Combined:\s+(\d+)", current, re.M).group(1))


def set_rings(s, rx, tx):
    """New ring sizes."""
    ethtool(s, f"-G NIC rx {rx} tx {tx}")
    check_equal(rings(s), (rx, tx), "ring sizes")


def set_channels(s, count):
    """Another number of queue pairs."""
    ethtool(s, f"-L NIC combined {count}")
    check_equal(channels(s), count, "queue pairs")
    queues = s.guest.run(f"ls /sys/class/net/{s.netdev}/queues").split()
    check_equal(len(queues), 2 * count, "queues of the netdev")


def rss(s):
    """The table, and the key as text."""
    text = ethtool(s, "-x NIC")
    table = [int(word) for row in re.findall(r"^ +\d+:((?: +\d+)+)$", text,
                                             re.M) for word in row.split()]
    return table, re.search(r"RSS hash key:\n(\S+)", text).group(1)


# Changes that need new rings: the emulated device pauses for them.
NEW_RINGS = (
    ("small rings", lambda s: set_rings(s, 128, 128)),
    ("odd rings", lambda s: set_rings(s, 512, 2048)),
    ("rings again", lambda s: set_rings(s, 1024, 512)),
    ("one queue", lambda s: set_channels(s, 1)),
    ("two queues", lambda s: set_channels(s, 2)),
    ("MTU 9000", lambda s: link(s, "mtu 9000")),
    ("MTU 1500", lambda s: link(s, "mtu 1500")),
)
# Those that do not. They move flows between rings that both have frames.
RSS = (
    ("all to queue 1", lambda s: ethtool(s, "-X NIC weight 0 1")),
    ("RSS key", lambda s: ethtool(s, f"-X NIC hkey {KEY}")),
    ("even spread", lambda s: ethtool(s, "-X NIC default")),
)


def works(s):
    """Pings pass, nothing has complained, the carrier has not moved."""
    s.peer.run("ip neigh flush dev npa0")
    out = s.guest.try_run(f"ping -q -c 5 -i 0.02 -W 2 -s 1400 {scene.PEER}")
    check("5 packets transmitted, 5 received" in out.stdout,
          f"ping says {out.stdout}{out.stderr}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def carrier_changes(s):
    """How often the carrier went up or down."""
    return int(s.guest.run(
        f"cat /sys/class/net/{s.netdev}/carrier_changes"))


def on_path(s, path):
    """Wait for both sides to be on a path, and at rest."""
    state = {"vf": "vf-active", "emulated": "idle"}[path]
    wait_for(lambda: (s.npad.status()["state"],
                      s.guest.ethtool_stats()["npa_path"]) ==
             (state, int(path == "vf")), path)


def changes_on(s, path):
    """All changes, one after the other, under traffic on one path."""
    before = carrier_changes(s)
    with Watch(s) as watch:
        for name, change in (*NEW_RINGS, *RSS):
            watch.mark(name)
            change(s)
            on_path(s, path)
    works(s)
    check_equal(carrier_changes(s), before, "changes of the carrier")
    lossy = [name for name, _ in (NEW_RINGS if path == "emulated" else ())]
    moving = [name for name, _ in RSS]
    watch.check_intact(lossy, moving)
    for name, *ways in watch.phases:
        for traffic in ways:
            if name not in moving:
                check_equal(traffic.reordered, 0, f"reordered: {name}")
            check_equal(traffic.duplicates, 0, f"duplicates: {name}")
    note("lost to/from the guest: " + (", ".join(
        f"{name} {to.lost}/{back.lost}" for name, to, back in watch.phases
        if to.lost or back.lost) or "nothing"))


def changes_on_emulated(s):
    """Changes on the emulated path: in order, and only the pause loses."""
    changes_on(s, "emulated")


def changes_on_vf(s):
    """Changes on the VF: nothing is lost."""
    s.npad.attach()
    try:
        changes_on(s, "vf")
    finally:
        s.npad.detach()


def by_queue(s, seconds=0.4):
    """Share of the packets that each queue receives."""
    def counts():
        stats = s.guest.ethtool_stats()
        return [stats[f"queue{i}_rx_packets"] for i in range(2)]
    before = counts()
    time.sleep(seconds)
    numbers = [b - a for a, b in zip(before, counts())]
    check(sum(numbers) * paths.SLOW > 50, f"only {sum(numbers)} packets")
    return [number / sum(numbers) for number in numbers]


def rss_is_kept(s):
    """A table and a key of the user's outlast everything, and have effect."""
    stream = flow.UdpFlow(s.peer, s.guest, scene.GUEST, 1000, 1,
                          to_guest=True)
    try:
        for queue, weights in ((0, "1 0"), (1, "0 1")):
            ethtool(s, f"-X NIC hkey {KEY} weight {weights}")
            wanted = ([queue] * TABLE_LEN, KEY)
            check_equal(rss(s), wanted, "RSS that was set")
            check(by_queue(s)[queue] > 0.9, "the table has no effect")
        out = s.guest.try_run(f"ethtool -L {s.netdev} combined 1")
        check(out.status != 0, "fewer queues than the table uses")
        for name, step in (
                ("to the VF", s.npad.attach),
                ("rings on the VF", lambda: set_rings(s, 512, 512)),
                ("MTU on the VF", lambda: link(s, "mtu 2000")),
                ("back", s.npad.detach),
                ("rings", lambda: set_rings(s, 1024, 512)),
                ("MTU", lambda: link(s, "mtu 1500")),
                ("down and up", lambda: (link(s, "down"), link(s, "up")))):
            step()
            check_equal(rss(s), wanted, f"RSS after: {name}")
            wait_for(lambda: s.npad.status()["state"] in
                     ("idle", "vf-active"), "rest")
            check(by_queue(s)[1] > 0.9, f"no effect after: {name}")
        ethtool(s, "-X NIC default")
        check_equal(rss(s)[0], [i % 2 for i in range(TABLE_LEN)], "default")
        set_channels(s, 1)
        check_equal(rss(s)[0], [0] * TABLE_LEN, "one queue")
        set_channels(s, 2)
        check_equal(rss(s)[0], [i % 2 for i in range(TABLE_LEN)], "spread")
    finally:
        stream.stop_sender()
        stream.stop_receiver()


def refusals(s):
    """What cannot be is refused, with a reason, and changes nothing."""
    before = rings(s), channels(s)
    for arguments, reason in (
            ("-G NIC rx 64", "128 entries at least"),
            ("-G NIC tx 100", "128 entries at least"),
            ("-G NIC rx 8192", "exceeds maximum"),
            ("-G NIC rx 512 rx-buf-len 3000", "2048 or 4096"),
            ("-L NIC combined 3", "exceeds maximum"),
            ("-L NIC other 0", "one channel for events")):
        out = s.guest.try_run("ethtool " +
                              arguments.replace("NIC", s.netdev))
        check(out.status != 0, f"ethtool {arguments} was taken")
        # Where the stack takes no message it is in the log.
        said = out.stderr + out.stdout + s.guest.run("dmesg | tail -n 2")
        check(reason in said, f"{arguments}: {said!r}")
    check_equal((rings(s), channels(s)), before, "rings, channels")
    works(s)


def promisc(s):
    """Promiscuous mode, which a VF does not have, on and off."""
    link(s, "promisc on")
    link(s, "promisc off")


def vlan(s):
    """A VLAN comes and goes."""
    s.guest.run("modprobe 8021q")
    s.guest.run(f"ip link add link {s.netdev} name vlan7 type vlan id 7 && "
                "ip link set vlan7 up && ip link del vlan7")


def mac(s):
    """Another address, and the old one."""
    link(s, f"address {OTHER_MAC}")
    link(s, f"address {MAC}")


def cable(s):
    """The hypervisor unplugs the cable and plugs it in."""
    s.npad.request("link", state="down")
    s.npad.request("link", state="up")


def during_switches(s):
    """All of it while the hypervisor switches as fast as it can."""
    stop = threading.Event()
    wrong = []

    def switch():
        rounds = 0
        try:
            while not stop.is_set():
                s.npad.request("attach")
                time.sleep(0.02 * (rounds % 7))
                s.npad.request("detach")
                time.sleep(0.01 * (rounds % 3))
                rounds += 1
        except Exception as error:
            wrong.append(error)
        wrong.append(f"only {rounds} rounds") if rounds < 10 else \
            note(f"{rounds} rounds of attach and detach")

    thread = threading.Thread(target=switch)
    thread.start()
    try:
        for _ in range(2):
            for _, change in (*NEW_RINGS, *RSS):
                change(s)
            for change in (promisc, vlan, mac, cable):
                change(s)
    finally:
        stop.set()
        thread.join()
    check(not wrong, f"{wrong}")
    s.npad.request("detach")
    on_path(s, "emulated")
    wait_for(lambda: s.guest.run(f"cat /sys/class/net/{s.netdev}/carrier")
             == "1\n", "link")
    works(s)
    s.npad.attach()
    on_path(s, "vf")
    works(s)
    s.npad.detach()
    stats = s.guest.ethtool_stats()
    bad = {name: value for name, value in stats.items()
           if name.startswith("npa_bad_") and value}
    check_equal((bad, stats["resets"]), ({}, 0), "misreports, resets")


if __name__ == "__main__":
    Suite(scene.npad_scene).main(
        undisturbed(changes_on_emulated), undisturbed(changes_on_vf),
        rss_is_kept, refusals, during_switches, limit=120)
