# SPDX-License-Identifier: GPL-2.0
"""What any driver on any device that is emulated has to be able to do.

The tests of the oracles run these on every pair of a driver and a device;
each function works on a scene.Scene and fails through tap.check().
"""

import json
import time

from . import flow, paths
from .scene import GUEST, PEER
from .tap import check, check_equal, note


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
        out = s.guest.run(f"ping -q -c {count} -i 0.005 -W 2 -s {size} {PEER}",
                          timeout=60)
        check(f"{count} packets transmitted, {count} received" in out, out)
        check("+" not in out.split("transmitted")[1].split("loss")[0], out)


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
    check(min(rates) > 20, f"TCP crawls: {rates} Mbit/s")
    return rates


def _full_sockets(end):
    """UDP packets that an end dropped because a program was slow to read."""
    names, values = end.run("grep Udp: /proc/net/snmp").splitlines()
    return int(values.split()[names.split().index("RcvbufErrors")])


def iperf_udp(s, seconds=4, rate="10M"):
    """UDP runs both ways; what is lost is lost in full sockets, not on the way.

    iperf3 cannot ask for buffers that outlast a busy machine's pauses.
    """
    for receiver, reverse in ((s.peer, ""), (s.guest, "--reverse")):
        before = _full_sockets(receiver)
        end = _iperf(s, f"--udp --bitrate {rate} --time {seconds} {reverse}")
        lost, packets = end["sum"]["lost_packets"], end["sum"]["packets"]
        lost -= _full_sockets(receiver) - before
        check(packets > 100, f"iperf3 moved {packets} UDP packets only")
        check(lost <= 0, f"{lost} of {packets} UDP packets lost on the way "
              f"({reverse or 'from the guest'})")


def numbered_udp(s, seconds=4, rate=1000):
    """Numbered UDP both ways: nothing lost, doubled or out of order."""
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
        check(traffic.packets > 0.8 * rate * seconds, f"{way}: {traffic}")
        check_equal((traffic.lost, traffic.reordered, traffic.duplicates),
                    (0, 0, 0), f"lost, reordered, duplicates {way}")


def offloads(s):
    """Content survives with checksum offload and TSO on, and with all off."""
    for state in ("on", "off"):
        s.guest.run(f"ethtool -K {s.netdev} tx {state} sg {state} "
                    f"tso {state} gro {state} 2>&1 || :")
        _content(s)
    s.guest.run(f"ethtool -K {s.netdev} tx on sg on tso on gro on 2>&1 || :")


def _content(s, megabytes=4):
    """A file of noise crosses both ways by TCP and comes out the same."""
    s.guest.run(f"head -c {megabytes << 20} /dev/urandom > /tmp/noise")
    wanted = s.guest.run("sha256sum < /tmp/noise").split()[0]
    server = s.peer.spawn(f"python3 {paths.SELFTEST}/lib/npa/blob.py 7001")
    server.wait_output("ready")
    s.guest.run(f"bash -c 'cat /tmp/noise > /dev/tcp/{PEER}/7001'", timeout=60)
    server.wait_output("\n", timeout=10)
    got = s.guest.run(f"bash -c 'cat < /dev/tcp/{PEER}/7001' | sha256sum",
                      timeout=60).split()[0]
    server.wait(10)
    check(wanted in server.stdout, "content from the guest has changed")
    check_equal(got, wanted, "content to the guest")


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
    for _ in range(times):
        s.guest.run(f"ip link set {s.netdev} down")
        s.guest.run(f"ip link set {s.netdev} up")
        s.guest.run(f"ping -q -c 3 -i 0.05 -W 5 {PEER}")


def reload(s, parameters="", times=2):
    """The module goes and comes back and works each time."""
    for _ in range(times):
        s.guest.run(f"rmmod {s.guest.module}")
        s.guest.load(parameters)
        s.guest.up(f"{GUEST}/24")
        s.guest.run(f"ping -q -c 5 -i 0.2 -W 5 {PEER}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
