#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The driver, built into a kernel of big endian, on QEMU's vmxnet3.

The machine is a 64-bit PowerPC (pseries), with an IOMMU. Its kernel is that of
"kunit/run --big-endian"; its only program is guest/echo_init.c.
"""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(HERE / "lib"))
from npa import kernel, paths, vlan_echo, vm  # noqa: E402
from npa.net import Peer  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402

PEER, GUEST, MAC = "192.0.2.1", "192.0.2.2", "52:54:00:12:34:56"
VLAN, VLAN_PEER, VLAN_GUEST = 5, "198.51.100.1", "198.51.100.2"
CROSS = "powerpc64-linux-gnu-"
PORT_ECHO, PORT_ORDER = 7, 8
ETH_P_ALL, ETH_P_ARP, ETH_P_IP, ETH_P_8021Q = 3, 0x0806, 0x0800, 0x8100


def build():
    """Build kernel and program; returns vmlinux and an initramfs."""
    output = paths.BUILD / "big-endian"
    output.mkdir(parents=True, exist_ok=True)
    tree = kernel.Tree("big-endian", HERE / "kunit/big_endian.config")
    make = ["ARCH=powerpc", f"CROSS_COMPILE={CROSS}"]
    with tree.locked(), open(output / "log", "w", encoding="utf-8") as log:
        tree.configure(*make, log=log)
        if tree.make(*make, "vmlinux", "headers", log=log):
            raise paths.MissingError(f"no kernel: see {output / 'log'}")
        root = output / "root"
        root.mkdir(exist_ok=True)
        nolibc = tree.tree / "tools/include/nolibc"
        done = subprocess.run(
            [CROSS + "gcc", "-Wall", "-Wextra", "-Werror", "-Os", "-static",
             "-nostdlib", "-fno-stack-protector", "-include",
             nolibc / "nolibc.h", "-I", nolibc, "-I",
             tree.build / "usr/include", "-o", root / "init",
             HERE / "guest/echo_init.c", "-lgcc"], check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(done.returncode == 0, done.stdout)
        # Another checkout may build there while the guest runs.
        shutil.copy(tree.build / "vmlinux", output / "vmlinux")
    with open(output / "initramfs", "wb") as out:
        kernel.run("cpio", "--create", "--format=newc", "--owner=0:0",
                   "--quiet", input=b"init\n", stdout=out, cwd=root)
    return output / "vmlinux", output / "initramfs"


class Guest:
    """The machine; what Suite expects of one."""

    def __init__(self, peer, directory):
        self.peer = peer
        self._console = Path(directory) / "console"
        self._log = Path(directory) / "qemu.log"
        self._qemu = None

    def start(self):
        """Boot and wait until the program listens."""
        vmlinux, initramfs = build()
        netdev = self.peer.tap("npa0")
        self.peer.up("npa0", f"{PEER}/24")
        append = ("console=hvc0 panic=-1 loglevel=7 kunit.enable=0 "
                  f"ip={GUEST}::{PEER}:255.255.255.0::eth0:off")
        with open(self._log, "wb") as log:
            self._qemu = subprocess.Popen(
                [*self.peer.prefix(), "qemu-system-ppc64", "-M", "pseries",
                 "-cpu", "power8", "-accel", "tcg,thread=multi", "-smp", "2",
                 "-m", "512M", "-nodefaults", "-no-user-config", "-display",
                 "none", "-no-reboot", "-kernel", str(vmlinux), "-initrd",
                 str(initramfs), "-append", append, "-serial",
                 f"file:{self._console}", *vm.stock_device(netdev, MAC)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 240
        while "echo_init: ready" not in self.console():
            check(self._qemu.poll() is None and time.monotonic() < deadline,
                  "the guest did not boot" + self.tail())
            time.sleep(0.2)

    def stop(self):
        """End QEMU."""
        if self._qemu:
            self._qemu.kill()
            self._qemu.wait(10)

    def console(self):
        """The console so far."""
        return self._console.read_text(errors="replace") \
            if self._console.exists() else ""

    def tail(self):
        """The end of the console and of QEMU's messages."""
        return "\n" + "\n".join(self.console().splitlines()[-40:]) + \
            self._log.read_text(errors="replace")[-2000:]

    def alarms(self):
        """Lines of the console that mean trouble, since there is a driver.

        Lock proving does not like how this machine starts, and gives up.
        """
        _, _, text = self.console().partition("vmxnet3 ")
        check(text, "no driver" + self.tail())
        return [line for line in text.splitlines()
                if any(alarm in line for alarm in vm.ALARMS)]


class Scene:
    """Peer and guest."""

    npad = None

    def __init__(self, peer, guest):
        self.peer = peer
        self.guest = guest

    @contextlib.contextmanager
    def inside(self):
        """In the peer's namespace: sockets that are made here are there."""
        with open("/proc/thread-self/ns/net", "rb") as outside, \
                open(f"/run/netns/{self.peer.name}", "rb") as inside:
            os.setns(inside, os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(outside, os.CLONE_NEWNET)

    def socket(self, *arguments):
        """A socket of the peer that does not wait for ever."""
        with self.inside():
            sock = socket.socket(*arguments)
        sock.settimeout(20)
        return sock

    def order(self, text):
        """Have the guest do something; returns its answer."""
        with self.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(text.encode(), (GUEST, PORT_ORDER))
            return sock.recv(65536).decode(errors="replace")

    def get(self, path):
        """A number in a file of the guest."""
        return int(self.order(f"get {path}"))


@contextlib.contextmanager
def open_scene():
    """A guest that answers."""
    with Peer() as peer, \
            tempfile.TemporaryDirectory(prefix="npa-be-") as directory:
        guest = Guest(peer, directory)
        try:
            guest.start()
            yield Scene(peer, guest)
        finally:
            guest.stop()


def probe(s):
    """The driver is bound, its kernel is of big endian, nothing complains."""
    driver = s.order("get /sys/class/net/eth0/device/uevent")
    check("DRIVER=vmxnet3" in driver, f"no driver: {driver}")
    cpu = s.order("get /proc/cpuinfo")
    check("POWER8" in cpu, cpu)
    check_equal(s.order("get /sys/kernel/cpu_byteorder").strip(), "big",
                "byte order")
    note([line for line in s.guest.console().splitlines()
          if "vmxnet3" in line])


def pings(s):
    """Pings of many sizes, fragments too, come back with the right bytes."""
    for size in (0, 1, 17, 18, 56, 500, 1471, 1472, 1473, 4000, 20000):
        out = s.peer.run(f"ping -c 20 -i 0.02 -W 10 -p a55a0ff0 -s {size} "
                         f"{GUEST}", timeout=90)
        check(" 0% packet loss" in out and "wrong" not in out, out)


def numbers():
    """Datagram sizes around everything that could matter."""
    return [0, 1, 2, 3, 7, 8, 17, 18, 19, 63, 64, 127, 128, 129, 511, 1000,
            1471, 1472, 1473, 2048, 2959, 2960, 4096, 9000, 16384, 30000,
            65000]


def udp(s):
    """Datagrams come back byte for byte, with their checksums verified."""
    before = bad_checksums(s)
    with s.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((GUEST, PORT_ECHO))
        for size in numbers() * 3:
            data = os.urandom(size)
            sock.send(data)
            check(sock.recv(65536) == data, f"{size} bytes came back changed")
    check_equal(bad_checksums(s), before, "bad checksums")


def bad_checksums(s):
    """What guest and peer have thrown away for a checksum, by protocol."""
    found = []
    for text in (s.order("get /proc/net/snmp"),
                 s.peer.run("cat /proc/net/snmp")):
        lines = [line.split() for line in text.splitlines()]
        for names, values in zip(lines[::2], lines[1::2]):
            if "InCsumErrors" in names:
                found.append(int(values[names.index("InCsumErrors")]))
    check(len(found) >= 6, f"counters: {found}")
    return found


def tcp(s, megabytes=8):
    """A stream comes back byte for byte, sent with TSO."""
    data = os.urandom(megabytes << 20)
    got = bytearray()
    before = bad_checksums(s)
    counters = "cat /sys/class/net/npa0/statistics/rx_{packets,bytes}"
    start = [int(n) for n in s.peer.run(f"bash -c '{counters}'").split()]
    with s.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.connect((GUEST, PORT_ECHO))

        def send():
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        while part := sock.recv(1 << 20):
            got += part
        sender.join(20)
    end = [int(n) for n in s.peer.run(f"bash -c '{counters}'").split()]
    packets, size = (after - then for after, then in zip(end, start))
    note(f"{packets} frames of {size / packets:.0f} bytes from the guest")
    check(bytes(got) == data, f"{len(got)} of {len(data)} bytes, or others")
    check(size > 1514 * packets, "no frame longer than an MTU: no TSO")
    check_equal(bad_checksums(s), before, "bad checksums")


def jumbo(s):
    """An MTU of 9000, frames of that length, and back."""
    for mtu in (9000, 1500):
        s.peer.run(f"ip link set npa0 mtu {mtu}")
        # The answer may be lost in the change: ask what came of it.
        with contextlib.suppress(TimeoutError):
            s.order(f"mtu {mtu}")
        check_equal(s.get("/sys/class/net/eth0/mtu"), mtu, "MTU")
        for size in (0, 1400, mtu - 29, mtu - 28):
            out = s.peer.run(f"ping -c 5 -i 0.05 -W 10 -M do -s {size} "
                             f"-p 5aa50ff0 {GUEST}", timeout=60)
            check(" 0% packet loss" in out and "wrong" not in out, out)
        with s.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((GUEST, PORT_ECHO))
            data = os.urandom(mtu - 28)
            sock.send(data)
            check(sock.recv(65536) == data, "a full frame came back changed")


def vlan(s):
    """Tagged frames come back tagged, and with the right bytes."""
    check_equal(s.order(f"vlan {VLAN} {VLAN_GUEST.split('.')[3]}"), "ok",
                "adding a VLAN")
    ours = bytes.fromhex(s.peer.run("cat /sys/class/net/npa0/address")
                         .strip().replace(":", ""))
    theirs = bytes.fromhex(MAC.replace(":", ""))
    addresses = [socket.inet_aton(a) for a in (VLAN_PEER, VLAN_GUEST)]
    with s.socket(socket.AF_PACKET, socket.SOCK_RAW,
                  socket.htons(ETH_P_ALL)) as sock:
        sock.setsockopt(vlan_echo.SOL_PACKET, vlan_echo.PACKET_AUXDATA, 1)
        sock.bind(("npa0", 0))
        arp = struct.pack("!HHBBH6s4s6s4s", 1, ETH_P_IP, 6, 4, 1, ours,
                          addresses[0], bytes(6), addresses[1])
        reply = exchange(sock, b"\xff" * 6 + ours, ETH_P_ARP, arp)
        check_equal(reply[6:12], theirs, "who answers ARP")
        for size in (0, 1, 18, 56, 1000, 1471, 1472):
            payload = os.urandom(size)
            reply = exchange(sock, theirs + ours, ETH_P_IP,
                             echo_request(*addresses, payload))
            check(reply[42:42 + size] == payload,
                  f"{size} bytes came back changed")


def echo_request(source, destination, payload):
    """An IP packet with a ping."""
    icmp = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + payload
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0,
                     source, destination)
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + icmp


def checksum(data):
    """The Internet checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def exchange(sock, macs, protocol, packet):
    """Send a tagged packet; returns the tagged answer, its tag removed."""
    sock.send(macs + struct.pack("!HHH", ETH_P_8021Q, VLAN, protocol) + packet)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        frame, ancillary, _, address = sock.recvmsg(65536, 256)
        tci = vlan_echo.tag(ancillary)
        if address[2] != socket.PACKET_OUTGOING and tci is not None and \
                tci & 0xfff == VLAN and frame[6:12] != macs[6:] and \
                struct.unpack_from("!H", frame, 12)[0] == protocol:
            return frame
    raise TimeoutError("no tagged answer")


def quiet(s):
    """The kernel has nothing to complain of after all that."""
    check_equal(s.guest.alarms(), [], "alarms on the console")
    for name in ("rx_errors", "tx_errors", "rx_dropped", "tx_dropped"):
        check_equal(s.get(f"/sys/class/net/eth0/statistics/{name}"), 0, name)


if __name__ == "__main__":
    # The first one builds the kernel.
    Suite(open_scene).main(probe, pings, udp, tcp, jumbo, vlan, quiet,
                           limit=2400)
