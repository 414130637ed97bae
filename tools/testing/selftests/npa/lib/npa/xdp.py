# SPDX-License-Identifier: GPL-2.0
"""XDP programs in the guest (bpf/npa-xdp.bpf.c), and who talks to them."""

import json
import shlex
import sys

from . import paths
from .scene import GUEST

FILE = "/root/npa-xdp.o"

# Ports of the program "verdict".
DROP, ABORTED, UNKNOWN, TX, VETH, NOWHERE = range(7001, 7007)

# Sends datagrams of the given sizes, each with bytes of its own, a few at a
# time, and counts those that come back as they were sent.
_ECHO = """
import os, socket, sys
host, port, *sizes = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
s.bind(("", int(port)))
s.settimeout(float(os.environ.get("WAIT", "5")))
good = 0
for i in range(0, len(sizes), 8):
    sent = [os.urandom(int(size)) for size in sizes[i:i + 8]]
    for data in sent:
        s.sendto(data, (host, int(port)))
    try:
        for data in sent:
            good += s.recv(65536) == data
    except TimeoutError:
        pass
print(good)
"""


def install(guest):
    """Copy the programs to the guest."""
    if not paths.XDP_PROGRAMS.exists():
        raise paths.MissingError(f"{paths.XDP_PROGRAMS} is missing: "
                                 "run 'make tools'")
    guest.push(FILE, paths.XDP_PROGRAMS.read_bytes())


def attach_command(netdev, program):
    """Attach a program by its name, or put it in another one's place."""
    return (f"ip -force link set dev {netdev} xdpdrv obj {FILE} "
            f"program {program}")


def attach(s, program, netdev=None):
    """Attach a program to a scene's netdev, or to another one of its guest."""
    s.guest.run(attach_command(netdev or s.netdev, program))


def detach(s, netdev=None):
    """Detach what is attached."""
    s.guest.run(f"ip link set dev {netdev or s.netdev} xdpdrv off")


def attached(s):
    """Is a program attached to the driver?"""
    link = s.guest.json(f"ip -j -d link show dev {s.netdev}")[0]
    return link.get("xdp", {}).get("mode") == 1


def counters(guest, kinds=None):
    """XDP's counters of all queues together, those named or all."""
    sums = {}
    for name, value in guest.ethtool_stats().items():
        _, _, kind = name.partition("_xdp_")
        if kind and (kinds is None or kind in kinds):
            sums[kind] = sums.get(kind, 0) + value
    return sums


def grown(before, after):
    """What has grown, without what has not."""
    return {name: after[name] - before[name] for name in after
            if after[name] != before[name]}


def talk(peer, port, sizes, wait=5, to=GUEST):
    """Datagrams from the peer; returns how many came back unchanged."""
    script = " ".join([f"WAIT={wait}", sys.executable, "-c",
                       shlex.quote(_ECHO), to, str(port),
                       *map(str, sizes)])
    return json.loads(peer.run(script, timeout=60))
