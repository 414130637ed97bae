# SPDX-License-Identifier: GPL-2.0
"""What any driver on any device that is emulated has to be able to do.

The tests of the oracles run these on every pair of a driver and a device;
each function works on a scene.Scene and fails through tap.check().
"""

import json
import os
import re
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from . import flow, paths
from .net import Peer
from .scene import GUEST, PEER
from .tap import check, check_equal, note
from .watch import wait_for

PEER_6 = "fd00::1"
GUEST_6 = "fd00::2"
GROUP = "239.1.2.3"


def probe(s):
    """The driver is bound, the link is up, no alarm in the kernel log."""
    info = s.guest.run(f"ethtool -i {s.netdev}")
    check(f"driver: {s.guest.module}\n" in info, f"ethtool -i says {info}")
    check_equal(s.guest.run(f"cat /sys/class/net/{s.netdev}/carrier").strip(),
                "1", "carrier")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def ping(s, count=100, sizes=(0, 1, 18, 56, 1000, 1472, 4000)):
    """Every ping of several sizes is answered, with the right bytes."""
    for size in sizes:
        ping_to(s.guest, PEER, count, f"-s {size}")


def ping_to(end, address, count, options=""):
    """Ping until there are so many answers; none of them may be missing.

    Told to send so many, ping would wait two round trips for the last ones,
    and a guest may stand still for longer.
    """
    text = f"ping -c {count} -w 30 -i 0.005 {options} {address}"
    out = end.run(f"{text} || :", timeout=60)
    answered = [int(n) for n in re.findall(r"icmp_seq=(\d+) ttl", out)]
    check(len(set(answered)) >= count, f"{text}: {out}")
    missing = set(range(1, max(answered))) - set(answered)
    check(not missing, f"{text}: no answer to {missing}\n{out}")
    check("DUP" not in out and "wrong" not in out, out)


def _iperf(s, arguments):
    """Run iperf3 in the guest against the peer; returns its JSON."""
    server = s.peer.spawn("iperf3 --server --one-off --forceflush")
    try:
        server.wait_output("listening")
        command = s.guest.try_run(f"iperf3 --client {PEER} --json "
                                  f"{arguments}", timeout=60)
        check(command.stdout.startswith("{"),
              f"iperf3 says {command.stdout}{command.stderr}")
        result = json.loads(command.stdout)
        check("error" not in result, f"iperf3: {result.get('error')}")
        return result["end"]
    finally:
        # The next server wants the same port.
        server.stop()


def iperf_tcp(s, seconds=4, streams=1):
    """TCP streams run both ways; returns Mbit/s from and to the guest."""
    rates = []
    for reverse in ("", "--reverse"):
        end = _iperf(s, f"--time {seconds} --parallel {streams} {reverse}")
        rates.append(end["sum_received"]["bits_per_second"] / 1e6)
    note("TCP from the guest %.0f Mbit/s, to it %.0f Mbit/s" % tuple(rates))
    check(min(rates) > (20 if paths.SLOW == 1 else 1),
          f"TCP crawls: {rates} Mbit/s")
    return rates


def full_sockets(end, name="RcvbufErrors"):
    """UDP packets that an end dropped because a program was slow to read.

    name: another counter of UDP's; SndbufErrors are dropped for want of room.
    """
    names, values = end.run("grep Udp: /proc/net/snmp").splitlines()
    return int(values.split()[names.split().index(name)])


def iperf_udp(s, seconds=4, rate="10M"):
    """UDP runs both ways; what is lost is lost in full sockets, not on the way.

    iperf3 cannot ask for buffers that outlast a busy machine's pauses.
    """
    for receiver, reverse in ((s.peer, ""), (s.guest, "--reverse")):
        before = full_sockets(receiver)
        end = _iperf(s, f"--udp --bitrate {rate} --time {seconds} {reverse}")
        lost, packets = end["sum"]["lost_packets"], end["sum"]["packets"]
        lost -= full_sockets(receiver) - before
        check(packets > 100, f"iperf3 moved {packets} UDP packets only")
        check(lost <= 0, f"{lost} of {packets} UDP packets lost on the way "
              f"({reverse or 'from the guest'})")


def numbered_udp(s, seconds=4, rate=1000):
    """Numbered UDP both ways: nothing lost, doubled or out of order."""
    enough = 0.8 if paths.SLOW == 1 else 0.3
    rate //= paths.SLOW
    # The sender has to come up on a slow guest, too.
    seconds *= min(paths.SLOW, 3)
    streams = [flow.UdpFlow(s.peer, s.guest, GUEST, rate, 4, to_guest=True),
               flow.UdpFlow(s.guest, s.peer, PEER, rate, 4)]
    start = time.time_ns()
    time.sleep(seconds)
    end = time.time_ns()
    for stream in streams:
        stream.stop_sender()
    time.sleep(0.5)
    phases = flow.PhaseList([flow.Phase("all", 1, start, end)])
    for stream in streams:
        stream.stop_receiver()
        traffic = stream.analyse(phases)[0]
        way = "to the guest" if stream.to_guest else "from the guest"
        check(traffic.packets > enough * rate * seconds,
              f"{way}: {traffic}")
        check_equal((traffic.lost, traffic.reordered, traffic.duplicates),
                    (0, 0, 0), f"lost, reordered, duplicates {way}")


def bad_checksums(end):
    """Packets that an end has thrown away for a checksum."""
    names, values = {}, {}
    for line in end.run("cat /proc/net/snmp").splitlines():
        protocol, *words = line.split()
        if protocol in names:
            values[protocol] = dict(zip(names[protocol], words))
        names[protocol] = words
    return [int(values[protocol]["InCsumErrors"])
            for protocol in ("Tcp:", "Udp:", "Icmp:")]


def offloads(s):
    """Content survives with checksum offload and TSO on, and with all off.

    With all off whoever receives computes every checksum itself.
    """
    before = [bad_checksums(end) for end in (s.guest, s.peer)]
    for state in ("on", "off"):
        s.guest.run(f"ethtool -K {s.netdev} tx {state} sg {state} "
                    f"tso {state} gro {state} rx {state} 2>&1 || :")
        content(s)
    s.guest.run(f"ethtool -K {s.netdev} tx on sg on tso on gro on rx on "
                "2>&1 || :")
    check_equal([bad_checksums(end) for end in (s.guest, s.peer)], before,
                "bad checksums in guest and peer: TCP, UDP, ICMP")


def ipv6(s):
    """IPv6: pings of several sizes, some in fragments, and content by TCP."""
    s.peer.run("sysctl -qw net.ipv6.conf.npa0.disable_ipv6=0; "
               f"ip addr add {PEER_6}/64 dev npa0 nodad")
    s.guest.run(f"ip addr add {GUEST_6}/64 dev {s.netdev} nodad")
    try:
        for size in (8, 1452, 4000):
            ping_to(s.guest, PEER_6, 20, f"-6 -s {size}")
        content(s, 2, PEER_6)
    finally:
        s.guest.run(f"ip addr del {GUEST_6}/64 dev {s.netdev}")
        s.peer.run(f"ip addr del {PEER_6}/64 dev npa0; "
                   "sysctl -qw net.ipv6.conf.npa0.disable_ipv6=1")


def multicast(s, count=20):
    """A group hears pings while it is joined, both ways, and not after it."""
    ends = ((s.guest, s.netdev), (s.peer, "npa0"))
    for end, device in ends:
        end.run("echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts; "
                f"ip route replace 224.0.0.0/4 dev {device}")
    for (member, device), (sender, _) in (ends, ends[::-1]):
        for joined in (True, False):
            verb = "add" if joined else "del"
            member.run(f"ip addr {verb} {GROUP}/32 dev {device} " +
                       ("autojoin" if joined else ""))
            if joined:
                ping_to(sender, GROUP, count)
                continue
            out = sender.run(f"ping -q -c {count} -i 0.02 -W 1 {GROUP} || :",
                             timeout=60)
            check(f"{count} packets transmitted, 0 received" in out,
                  f"heard at {device} without being joined: {out}")


def all_queues(s, seconds=2, streams=16):
    """TCP streams and pings from many addresses: every queue has its share."""
    def counts(way):
        stats = s.guest.ethtool_stats()
        return [value for name, value in sorted(stats.items())
                if re.fullmatch(rf"queue\d+_{way}_packets", name)]

    before = counts("rx"), counts("tx")
    # A slow guest would need all of the time to begin that many.
    if paths.SLOW > 1:
        seconds, streams = 3 * seconds, streams // 4
    iperf_tcp(s, seconds, streams)
    # Ports that follow each other may agree in what the table looks at.
    others = [f"192.0.2.{8 + 13 * n}" for n in range(16)]
    for address in others:
        s.peer.run(f"ip addr add {address}/32 dev npa0")
    s.guest.run(f"for a in {' '.join(others)}; do "
                "ping -q -c 2 -i 0.01 -W 2 $a || exit 1; done", timeout=60)
    for address in others:
        s.peer.run(f"ip addr del {address}/32 dev npa0")
    rx, tx = ([new - old for old, new in zip(*pair)]
              for pair in zip(before, (counts("rx"), counts("tx"))))
    note(f"{streams} streams: received by queue {rx}, sent {tx}")
    check(len(rx) > 1, f"{len(rx)} queue pairs")
    check(all(rx), f"a queue received nothing: {rx}")
    check(all(tx), f"a queue sent nothing: {tx}")


def content(s, megabytes=4, address=PEER):
    """A file of noise crosses both ways by TCP and comes out the same."""
    s.guest.run(f"head -c {megabytes << 20} /dev/urandom > /tmp/noise")
    wanted = s.guest.run("sha256sum < /tmp/noise").split()[0]
    server = s.peer.spawn(f"python3 {paths.SELFTEST}/lib/npa/blob.py 7001")
    server.wait_output("ready")
    s.guest.run(f"bash -c 'cat /tmp/noise > /dev/tcp/{address}/7001'",
                timeout=60)
    server.wait_output("\n", timeout=10)
    got = s.guest.run(f"bash -c 'cat < /dev/tcp/{address}/7001' | sha256sum",
                      timeout=60).split()[0]
    server.wait(10)
    check(wanted in server.stdout, "content from the guest has changed")
    check_equal(got, wanted, "content to the guest")


def received(s):
    """Packets and bytes that the driver has received."""
    stats = s.guest.ethtool_stats()
    return [sum(value for name, value in stats.items()
                if name.endswith(end)) for end in ("rx_packets", "rx_bytes")]


def forwarded(s, megabytes=4):
    """What the device has merged goes on to somebody who computes all sums.

    The guest sends the peer's segments back to it, and it passes them to a
    namespace behind it. What was merged has the checksum of its first segment:
    whoever cuts it has to compute others, and that is the guest's kernel, or
    the device. Needs an uplink that gives merged segments.
    """
    far_address = "198.51.100.1"
    data = os.urandom(megabytes << 20)
    with Peer("far") as far, tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "noise"
        path.write_bytes(data)
        s.peer.run(f"""
            ip link add far0 type veth peer name far1 netns far
            ip link set far0 up
            sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.npa0.accept_local=1 \
                net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.npa0.rp_filter=0
            ip route add {far_address} via {GUEST} dev npa0
            ip rule add iif npa0 to {far_address} lookup 77
            ip route add {far_address} dev far0 table 77""")
        far.up("far1", f"{far_address}/32")
        far.run(f"ip route add {PEER} dev far1")
        s.guest.run(f"""
            echo 1 > /proc/sys/net/ipv4/ip_forward
            echo 0 | tee /proc/sys/net/ipv4/conf/*/send_redirects > /dev/null
            ip route add {far_address} via {PEER}""")
        # The stack does not want to forward what a device has merged.
        check("large-receive-offload: off" in
              s.guest.run(f"ethtool -k {s.netdev}"), "LRO stays on")
        s.guest.run(f"ethtool -K {s.netdev} lro on")
        try:
            for state in ("off", "on"):
                s.guest.run(f"ethtool -K {s.netdev} tx {state} sg {state} "
                            f"tso {state} 2>&1 || :")
                _merged_content(s, far, far_address, path,
                                sha256(data).hexdigest())
        finally:
            s.peer.run(f"ip rule del lookup 77; ip route del {far_address}; "
                       "sysctl -qw net.ipv4.ip_forward=0 "
                       "net.ipv4.conf.npa0.accept_local=0; ip link del far0")
            s.guest.run(f"ethtool -K {s.netdev} tx on sg on tso on; "
                        f"ip route del {far_address}; "
                        "echo 0 > /proc/sys/net/ipv4/ip_forward")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def _merged_content(s, far, address, path, wanted):
    """A file from the peer by way of the guest to the namespace far."""
    before = received(s), [bad_checksums(end) for end in (s.guest, far)]
    server = far.spawn(f"python3 {paths.SELFTEST}/lib/npa/blob.py 7002")
    server.wait_output("ready")
    s.peer.run(f"bash -c 'cat {path} > /dev/tcp/{address}/7002'")
    server.wait_output(wanted, timeout=20)
    server.stop()
    packets, size = (b - a for a, b in zip(before[0], received(s)))
    note(f"forwarded: {size // packets} bytes per received frame")
    check(size > 1.5 * 1500 * packets, "nothing was merged")
    check_equal([bad_checksums(end) for end in (s.guest, far)], before[1],
                "bad checksums in guest and namespace: TCP, UDP, ICMP")


def mtu(s, values=(9000, 1500)):
    """MTU changes while the link is up; full-sized packets pass each time."""
    for value in values:
        s.peer.run(f"ip link set npa0 mtu {value}")
        s.guest.run(f"ip link set {s.netdev} mtu {value}")
        s.guest.run(f"ping -q -c 5 -i 0.05 -W 5 -M do -s {value - 28} {PEER}")


def vlan(s, vid=5, sizes=(56, 1472)):
    """A VLAN is added, carries packets, and is removed."""
    s.peer.run("ip neigh flush dev npa0")
    echo = s.peer.spawn(f"python3 {paths.SELFTEST}/lib/npa/vlan_echo.py "
                        f"npa0 {vid}")
    try:
        echo.wait_output("ready")
        peer_mac = s.peer.run("cat /sys/class/net/npa0/address").strip()
        s.guest.run(f"""
            modprobe 8021q
            ip link add link {s.netdev} name vlan{vid} type vlan id {vid}
            ip addr add 198.51.100.2/24 dev vlan{vid}
            ip link set vlan{vid} up
            ip neigh add 198.51.100.1 lladdr {peer_mac} dev vlan{vid}""")
        for size in sizes:
            s.guest.run(f"ping -q -c 3 -i 0.02 -W 2 -M do -s {size} "
                        "198.51.100.1")
        s.guest.run(f"ip link del vlan{vid}")
    finally:
        echo.kill()


def down_up(s, times=5):
    """The interface goes down and up again and works each time."""
    carrier = f"cat /sys/class/net/{s.netdev}/carrier"
    for _ in range(times):
        s.guest.run(f"ip link set {s.netdev} down")
        s.guest.run(f"ip link set {s.netdev} up")
        # A VF's own driver sees its link at its next look.
        wait_for(lambda: s.guest.run(carrier).strip() == "1", "a carrier", 20)
        ping_to(s.guest, PEER, 3)


def reload(s, parameters="", times=2):
    """The module goes and comes back and works each time."""
    for _ in range(times):
        s.guest.run(f"rmmod {s.guest.module}")
        s.guest.load(parameters)
        s.guest.up(f"{GUEST}/24")
        s.guest.run(f"ping -q -c 5 -i 0.2 -W 5 {PEER}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
