# SPDX-License-Identifier: GPL-2.0
"""What a vendor's own VF driver has to be able to do on a VF of npad's.

Besides the functions of exercise.py: whatever such a driver asks of the PF, and
what the VF counts. Each function works on a scene.Scene.
"""

import re

from . import exercise
from .scene import PEER
from .tap import check, check_equal, note
from .watch import wait_for

OTHER_MAC = "52:54:00:fe:dc:ba"
GROUP = "01:00:5e:01:02:03"
FRAMES = 50

# Sends frames that no protocol wants: argv is interface, destination, VLAN
# (0: none) and their number.
SEND = """
import socket, sys
name, dst, vid, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
tag = b"\\x81\\x00" + vid.to_bytes(2, "big") if vid else b""
frame = bytes.fromhex(dst.replace(":", "")) + b"\\x02\\0\\0\\0\\0\\x09" + tag + \\
    b"\\x88\\xb5" + bytes(60)
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
    s.bind((name, 0))
    for _ in range(int(count)):
        s.send(frame)
"""


def _received(s, dst, vid=0):
    """How many packets more the VF has counted after FRAMES frames."""
    before = s.guest.ethtool_stats()["rx_packets"]
    s.peer.run(f"python3 -c '{SEND}' npa0 {dst} {vid} {FRAMES}")
    s.guest.run(f"ping -q -c 2 -i 0.1 -W 5 {PEER}")
    return s.guest.ethtool_stats()["rx_packets"] - before


def _check_filter(what, closed, opened):
    note(f"{what}: {closed} packets before, {opened} after it was asked for")
    check(closed < FRAMES // 2, f"{what} came in without being asked for")
    check(opened >= FRAMES, f"{what}: {opened} of {FRAMES} frames came in")


def group(s):
    """Frames for a group come in when the driver has asked for it."""
    closed = _received(s, GROUP)
    multicast = s.guest.ethtool_stats()["multicast"]
    s.guest.run(f"ip maddr add {GROUP} dev {s.netdev}")
    opened = _received(s, GROUP)
    multicast = s.guest.ethtool_stats()["multicast"] - multicast
    s.guest.run(f"ip maddr del {GROUP} dev {s.netdev}")
    _check_filter("multicast", closed, opened)
    check(multicast >= FRAMES, f"the VF counted {multicast} multicasts")


def vlan(s):
    """VLANs work, and only those that the driver has asked for come in."""
    exercise.vlan(s)
    closed = _received(s, "ff:ff:ff:ff:ff:ff", 7)
    s.guest.run(f"ip link add link {s.netdev} name vlan7 type vlan id 7 && "
                "ip link set vlan7 up")
    opened = _received(s, "ff:ff:ff:ff:ff:ff", 7)
    s.guest.run("ip link del vlan7")
    _check_filter("VLAN 7", closed, opened)
    closed = _received(s, "ff:ff:ff:ff:ff:ff", 7)
    check(closed < FRAMES // 2, "VLAN 7 came in after it was removed")


def mac(s):
    """The address changes, with the PF's consent, and changes back."""
    for address in (OTHER_MAC, s.npad.mac):
        s.guest.run(f"ip link set {s.netdev} address {address}")
        check_equal(s.npad.status()["mac"], address, "address of the VF's port")
        s.peer.run("ip neigh flush dev npa0")
        s.guest.run(f"ping -q -c 3 -i 0.05 -W 5 {PEER}")


def link(s):
    """The driver sees the cable unplugged and plugged in again."""
    carrier = f"cat /sys/class/net/{s.netdev}/carrier"
    for state, value in (("down", "0"), ("up", "1")):
        s.npad.request("link", state=state)
        wait_for(lambda: s.guest.run(carrier).strip() == value,
                 f"carrier {value}", 15, 0.2)
    s.guest.run(f"ping -q -c 3 -i 0.2 -W 5 {PEER}")


def statistics(s, packets=200):
    """What the VF counts is what the switch has seen."""
    before, port = s.guest.ethtool_stats(), s.npad.stats()["ports"]["vf"]
    s.guest.run(f"ping -q -c {packets} -i 0.002 -W 5 {PEER}")
    after, new = s.guest.ethtool_stats(), s.npad.stats()["ports"]["vf"]
    for counter in ("rx_packets", "tx_packets", "rx_bytes", "tx_bytes"):
        grown = after[counter] - before[counter]
        seen = new[counter] - port[counter]
        note(f"{counter}: driver {grown}, switch {seen}")
        if "packets" in counter:
            check(packets <= grown < 1.2 * packets, f"{counter}: {grown}")
        # Something may go by between the two questions.
        check(abs(grown - seen) <= 0.05 * seen, f"{counter}: the driver says "
              f"{grown}, the switch {seen}")


def traps(s):
    """Tails of rings trap at no packet; interrupts cost what they cost."""
    s.npad.request("stats", reset=True)
    exercise.numbered_udp(s, seconds=3)
    stats = s.npad.stats()
    by_register = stats["traps"]["by_register"]
    packets = stats["ports"]["vf"]["rx_packets"] + \
        stats["ports"]["vf"]["tx_packets"]
    note(f"{stats['traps']['total'] / packets:.2f} accesses per packet trap, "
         f"by register: {by_register}")
    tails = [name for name in by_register if re.search("[rt]dt[0-9]", name)]
    check_equal(tails, [], "tail registers that trap")
