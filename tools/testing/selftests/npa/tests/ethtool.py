#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What ethtool and devlink say and set: on npad with a device of revision 6, on
QEMU's device of revision 1, and what a reset, an MTU change and a switch to a
VF and back leave of it.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402

REVISION = 6
OPTIONS = {"arguments": ["--revision", str(REVISION)]}


def ethtool(s, text):
    """ethtool in the guest, with NIC for the netdev's name."""
    return s.guest.run("ethtool " + text.replace("NIC", s.netdev), timeout=30)


def refused(s, text, reason):
    """ethtool fails and says why."""
    out = s.guest.try_run("ethtool " + text.replace("NIC", s.netdev))
    check(out.status != 0, f"ethtool {text} was taken")
    said = out.stderr + out.stdout
    check(reason in said, f"ethtool {text}: {said!r}, not {reason!r}")


def revision(s):
    """The device's revision, as the driver says."""
    return int(re.search(r"^firmware-version: (\d+)", ethtool(s, "-i NIC"),
                         re.M).group(1))


def identity(s):
    """Driver info and devlink agree on the revision."""
    text = ethtool(s, "-i NIC")
    check("driver: vmxnet3" in text, text)
    check_equal(revision(s), REVISION if s.npad else 1, "revision")
    bus = re.search(r"^bus-info: (\S+)", text, re.M).group(1)
    info = json.loads(s.guest.run(f"devlink -j dev info pci/{bus}"))
    versions = info["info"][f"pci/{bus}"]["versions"]
    check_equal(versions["fixed"]["asic.rev"], str(revision(s)), "devlink")
    check_equal(versions["running"]["npa.path"], "emulated", "devlink's path")


def link_settings(s):
    """Speed, duplex, port."""
    text = ethtool(s, "NIC")
    for line in ("Speed: ", "Duplex: Full", "Port: Twisted Pair",
                 "Auto-negotiation: off", "Link detected: yes"):
        check(line in text, f"no {line!r} in {text}")
    check(int(re.search(r"Speed: (\d+)Mb/s", text).group(1)) >= 1000, text)


def registers(s):
    """The dump is as long as documented and says what the device is."""
    raw = s.guest.run(f"ethtool -d {s.netdev} raw on | od -An -v -tu4")
    words = [int(word) for word in raw.split()]
    version, pairs, intrs = words[0], words[3], words[5]
    check_equal(version, revision(s), "revision")
    check_equal(len(words), 8 + words[6] + intrs + pairs * (11 + 7),
                "words of the dump")
    mac = words[8 + 4].to_bytes(4, "little") + words[8 + 5].to_bytes(4, "little")
    address = s.guest.run(f"cat /sys/class/net/{s.netdev}/address").strip()
    check_equal(mac[:6].hex(":"), address, "MAC address in the dump")
    tx = 8 + words[6] + intrs
    check_equal(words[tx], 512, "size of the first TX ring")


def self_tests(s):
    """Online and offline: all pass, and the NIC is there afterwards."""
    for kind in ("online", "offline"):
        out = s.guest.try_run(f"ethtool -t {s.netdev} {kind}", timeout=60)
        note(" ".join(out.stdout.split()))
        check("result is PASS" in out.stdout, out.stdout + out.stderr)
    # Nobody leaves the test's frames lying about.
    s.guest.run(f"ping -q -c 3 -i 0.1 -W 2 {scene.PEER}")


def time_stamps(s):
    """Software timestamps of what is sent and received."""
    text = ethtool(s, "-T NIC")
    for word in ("software-transmit", "software-receive"):
        check(word in text, f"no {word} in {text}")


def message_level(s):
    """It can be set and read."""
    ethtool(s, "-s NIC msglvl 0x7")
    check("0x00000007" in ethtool(s, "NIC"), "message level")


def wake_on_lan(s):
    """Unicast, ARP and magic packets, and no other."""
    text = ethtool(s, "NIC")
    check("Supports Wake-on: uag" in text, text)
    ethtool(s, "-s NIC wol ag")
    check("Wake-on: ag" in ethtool(s, "NIC"), "wake-on-LAN")
    out = s.guest.try_run(f"ethtool -s {s.netdev} wol p")
    check(out.status != 0, "wake on PHY activity was taken")
    check("\tWake-on: ag" in ethtool(s, "NIC"), "wake-on-LAN is lost")


def number(text, name):
    """A number of ethtool's output."""
    found = re.search(rf"^{name}:\s+(\d+)", text, re.M)
    check(found, f"no {name} in {text}")
    return int(found.group(1))


def coalesce_set(s, arguments, **want):
    """Set coalescing and read it back."""
    ethtool(s, f"-C NIC {arguments}")
    coalesce_is(s, **want)


def coalesce_is(s, usecs=0, adaptive="off", rx=0, tx=0):
    """What ethtool -c says."""
    text = ethtool(s, "-c NIC")
    found = (number(text, "rx-usecs"), f"Adaptive RX: {adaptive}" in text,
             number(text, "rx-frames"), number(text, "tx-frames"))
    check_equal(found, (usecs, True, rx, tx), "coalescing")


def coalesce(s):
    """Each mode; what excludes each other is refused with the reason."""
    if revision(s) < 3:
        refused(s, "-c NIC", "revision 3")
        out = s.guest.try_run(f"ethtool -C {s.netdev} rx-usecs 50")
        check(out.status != 0, "coalescing was taken")
        return
    coalesce_set(s, "adaptive-rx off rx-usecs 0 rx-frames 0 tx-frames 0")
    coalesce_set(s, "rx-frames 16 tx-frames 32", rx=16, tx=32)
    refused(s, "-C NIC rx-usecs 50", "exclude each other")
    coalesce_is(s, rx=16, tx=32)
    coalesce_set(s, "rx-frames 0 tx-frames 0 adaptive-rx on", adaptive="on")
    coalesce_set(s, "adaptive-rx off rx-usecs 70", usecs=70)
    refused(s, "-C NIC rx-usecs 5", "from 10 to 10000")
    refused(s, "-C NIC rx-usecs 0 rx-frames 200", "at most 128")
    coalesce_is(s, usecs=70)


def hashed(s, flow):
    """Whether the ports of a kind of flow are hashed."""
    return "L4 bytes" in ethtool(s, f"-n NIC rx-flow-hash {flow}")


def flow_hash(s):
    """Fields can be chosen from revision 4 on."""
    check(hashed(s, "tcp4") and hashed(s, "tcp6"), "ports of TCP")
    if revision(s) < 4:
        check(not hashed(s, "udp4"), "ports of UDP")
        out = s.guest.try_run(f"ethtool -N {s.netdev} rx-flow-hash udp4 sdfn")
        check(out.status != 0, "fields were taken")
        return
    for flow in ("udp4", "udp6"):
        ethtool(s, f"-N NIC rx-flow-hash {flow} sdfn")
        check(hashed(s, flow), f"ports of {flow}")
    ethtool(s, "-N NIC rx-flow-hash udp6 sd")
    check(not hashed(s, "udp6"), "ports of udp6")
    out = s.guest.try_run(f"ethtool -N {s.netdev} rx-flow-hash tcp4 sd")
    check(out.status != 0, "TCP without ports was taken")
    check(hashed(s, "tcp4"), "ports of TCP")


def queue_statistics(s):
    """netdev's queue statistics: they are there and go with the packets."""
    names = ethtool(s, "-S NIC")
    for name in ("queue0_rx_dev_no_buffers", "queue0_tx_dev_errors"):
        check(name in names, f"no {name}")
    before = s.guest.ethtool_stats()["queue0_tx_packets"]
    s.guest.run(f"ping -q -c 20 -i 0.02 -W 2 {scene.PEER}")
    stats = s.guest.ethtool_stats()
    after = sum(value for name, value in stats.items()
                if re.fullmatch(r"queue\d+_tx_packets", name))
    check(after - before >= 20, f"{before} and {after} packets")


def set_threaded(s, on):
    """Threaded polling on or off; the guest has a limit for it."""
    s.guest.run(f"timeout 20 sh -c 'echo {on} > "
                f"/sys/class/net/{s.netdev}/threaded'", timeout=40)


def napi_threads(s):
    """How many of NAPI's threads the NIC has."""
    out = s.guest.try_run(
        f"cat /proc/[0-9]*/comm | grep -c '^napi/{s.netdev}-'")
    return int(out.stdout)


def threaded(s):
    """On and off at any time, for the pairs in use and no other."""
    pairs = int(re.findall(r"Combined:\s+(\d+)", ethtool(s, "-l NIC"))[1])
    set_threaded(s, 1)
    check_equal(napi_threads(s), pairs, "threads")
    if pairs > 1:
        ethtool(s, "-L NIC combined 1")
        check_equal(napi_threads(s), 1, "threads of one pair")
        # Instances that are disabled would be waited for.
        set_threaded(s, 0)
        check_equal(napi_threads(s), 0, "threads when off")
        set_threaded(s, 1)
        ethtool(s, f"-L NIC combined {pairs}")
        check_equal(napi_threads(s), pairs, "threads of all pairs")
    s.guest.run(f"ip link set {s.netdev} down", timeout=30)
    check_equal(napi_threads(s), 0, "threads when down")
    out = s.guest.try_run(f"timeout 20 sh -c 'echo 0 > "
                          f"/sys/class/net/{s.netdev}/threaded'", timeout=40)
    check("not supported" in out.stderr, f"when down: {out.stderr!r}")
    s.guest.run(f"ip link set {s.netdev} up", timeout=30)
    check_equal(napi_threads(s), pairs, "threads again")
    s.guest.run(f"ping -q -c 10 -i 0.05 -W 2 {scene.PEER}")
    set_threaded(s, 0)
    check_equal(napi_threads(s), 0, "threads at the end")
    s.guest.run(f"ping -q -c 10 -i 0.05 -W 2 {scene.PEER}")


RX_BUF = "-G NIC rx-buf-len"


def ring_option(s, name):
    """One of the options of ethtool -g that are only in the last part."""
    current = ethtool(s, "-g NIC").split("Current hardware settings:")[1]
    return re.search(rf"^{name}:\s+(\S+)", current, re.M).group(1)


def buffers(s):
    """Receive buffers and entries of the TX data ring, each way and back."""
    check_equal(ring_option(s, "RX Buf Len"), "2048", "buffers")
    refused(s, f"{RX_BUF} 3000", "2048 or 4096")
    s.guest.run(f"ip link set {s.netdev} mtu 3000")
    s.peer.run("ip link set npa0 mtu 3000")
    for size in (4096, 2048):
        ethtool(s, f"{RX_BUF} {size}")
        check_equal(ring_option(s, "RX Buf Len"), str(size), "buffers")
        for length in (56, 1600, 1700, 2900):
            s.guest.run(f"ping -q -c 3 -i 0.02 -W 2 -s {length} -M do "
                        f"-p a5 {scene.PEER}")
    s.guest.run(f"ip link set {s.netdev} mtu 1500")
    s.peer.run("ip link set npa0 mtu 1500")
    if revision(s) < 3:
        refused(s, "-G NIC tx-push-buf-len 128", "exceeds")
        return
    most = ring_option(s, "TX push buff len")
    for size in ("0", "128", most):
        ethtool(s, f"-G NIC tx-push-buf-len {size}")
        check_equal(ring_option(s, "TX push buff len"), size, "TX data ring")
        for length in (20, 60, 1000):
            s.guest.run(f"ping -q -c 3 -i 0.02 -W 2 -s {length} {scene.PEER}")


def settings(s):
    """All that was set."""
    text = ethtool(s, "NIC")
    return (s.guest.try_run(f"ethtool -c {s.netdev}").stdout, hashed(s, "udp4"), hashed(s, "udp6"),
            re.search(r"\tWake-on: (\w+)", text).group(1),
            ethtool(s, "-x NIC"), napi_threads(s),
            ring_option(s, "RX Buf Len"))


def kept(s):
    """No change of path, MTU or rings and no ifdown loses a setting."""
    if revision(s) >= 3:
        coalesce_set(s, "adaptive-rx off rx-usecs 250 rx-frames 0 tx-frames 0",
                     usecs=250)
    ethtool(s, "-X NIC weight 1 3")
    ethtool(s, f"{RX_BUF} 4096")
    set_threaded(s, 1)
    before = settings(s)
    for name, step in (
            ("to the VF", s.npad.attach),
            ("MTU on the VF", lambda: s.guest.run(
                f"ip link set {s.netdev} mtu 2000")),
            ("back", s.npad.detach),
            ("MTU", lambda: s.guest.run(f"ip link set {s.netdev} mtu 1500")),
            ("rings", lambda: ethtool(s, "-G NIC rx 512 tx 1024")),
            ("self-test", lambda: ethtool(s, "-t NIC offline")),
            ("down and up", lambda: s.guest.run(
                f"ip link set {s.netdev} down; ip link set {s.netdev} up"))):
        step()
        check_equal(settings(s), before, f"settings after: {name}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


COMMON = (identity, link_settings, registers, self_tests, time_stamps,
          message_level, wake_on_lan, coalesce, flow_hash, queue_statistics, threaded,
          buffers)


def on_stock(function):
    """The same test on QEMU's device."""
    test = STOCK.test(function)
    test.__name__ = "stock_" + function.__name__
    return test


NPAD = Suite(lambda: scene.npad_scene(npad_options=OPTIONS))
STOCK = Suite(scene.stock_scene)

if __name__ == "__main__":
    from npa import tap
    try:
        tap.main(*[NPAD.test(f) for f in COMMON], NPAD.last(NPAD.test(kept)),
                 *[on_stock(f) for f in COMMON], limit=120)
    finally:
        NPAD.close()
        STOCK.close()
