# SPDX-License-Identifier: GPL-2.0
"""Revision x interrupts x queues x MTU x offloads: real traffic in each cell.

A cell is a NIC. A guest has many, all on one switch, and one more in a
namespace, which is the other end of all traffic: with all of its offloads off
it computes and checks every sum itself. Cells that agree in nothing but what a
pair of properties says are chosen so that every pair of values is in some cell.
"""

import contextlib
import itertools
import json
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path

from . import exercise, initramfs, kernel_tests, tap
from .net import Peer
from .npad import Npad
from .suite import Suite
from .tap import check, check_equal, note
from .vm import Guest, npad_device

PROGRAM = Path(__file__).with_name("in_guest.py")
NETNS = "remote"
VALUES = {
    "revision": (1, 2, 3, 4, 5, 6, 7, 8, 9),
    "interrupts": ("msix", "msi", "intx"),
    "mask": ("auto", "active", "lazy"),
    "queues": (1, 2, 4),
    "mtu": (1500, 9000, 9190, 576),
    "offloads": ("on", "off", "lro", "rx off", "tx off"),
    "rx_order": ("out", "in"),
}
# What "ethtool -K" is told for each.
OFFLOADS = {
    "on": "tx on sg on tso on rx on gro on lro off rxvlan on txvlan on",
    "off": "tx off sg off tso off rx off gro off lro off rxvlan off txvlan off",
    "lro": "tx on sg on tso on rx on gro on lro on rxvlan on txvlan on",
    "rx off": "tx on sg on tso on rx off gro on lro off rxvlan off txvlan on",
    "tx off": "tx off rx on gro off lro off rxvlan on txvlan off",
}


@dataclass(frozen=True)
class Cell:
    """One NIC of the guest and how it is used."""

    revision: int = 1
    interrupts: str = "msix"
    mask: str = "auto"
    queues: int = 2
    mtu: int = 1500
    offloads: str = "on"
    rx_order: str = "in"

    def possible(self):
        """Can there be such a NIC?"""
        return (self.mtu <= 9000 or self.revision >= 6) and \
            (self.queues == 1 or self.interrupts == "msix") and \
            (self.rx_order == "in" or self.revision >= 7)

    def __str__(self):
        return (f"revision {self.revision}, {self.interrupts}, {self.mask} "
                f"mask, {self.queues} queues, MTU {self.mtu}, offloads "
                f"{self.offloads}, buffers {self.rx_order} order")


def pairs(cell):
    """All pairs of values that are in a cell."""
    values = [(f.name, getattr(cell, f.name)) for f in fields(cell)]
    return set(itertools.combinations(values, 2))


def covering(values=None):
    """Cells with every possible pair of values; the same ones each time."""
    values = values or VALUES
    everything = [cell for words in itertools.product(*values.values())
                  if (cell := Cell(**dict(zip(values, words)))).possible()]
    wanted = set().union(*(pairs(cell) for cell in everything))
    cells = []
    while wanted:
        best = max(everything, key=lambda cell: len(pairs(cell) & wanted))
        cells.append(best)
        wanted -= pairs(best)
    return cells


def diagonal(values=None):
    """A few cells: as many as the longest list of values, each value in one."""
    values = values or VALUES
    cells = []
    for number in range(max(map(len, values.values()))):
        # Three of several properties: let them not go round together.
        turn = {"queues": number // 3, "mask": number + number // 3}
        cell = Cell(**{name: of[turn.get(name, number) % len(of)]
                       for name, of in values.items()})
        # What cannot be together: the interrupts and the revision are kept.
        if cell.revision < 7:
            cell = replace(cell, rx_order="in")
        if not cell.possible():
            cell = replace(cell, mtu=min(cell.mtu, 9000))
        if not cell.possible():
            cell = replace(cell, queues=1)
        cells.append(cell)
    return cells


def mac(number):
    """The address of a cell's NIC."""
    return f"52:54:00:12:35:{number:02x}"


class Bench:
    """A guest with a NIC for each cell, and the one in the namespace."""

    def __init__(self, guest, npad, cells):
        self.guest = guest
        self.npad = npad
        self._cells = cells
        self.remote = None

    def set_up(self):
        """Load the driver and find out which NIC is which."""
        guest = self.guest
        guest.push("/tmp/in_guest.py", PROGRAM.read_bytes())
        guest.run(f"modprobe {guest.module}; modprobe 8021q; "
                  "modprobe vxlan; modprobe geneve", timeout=90)
        self.remote = self.name(len(self._cells))
        guest.run(f"""
            for d in all default; do
                echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad
            done
            ip netns add {NETNS}
            ip link set {self.remote} netns {NETNS}
            ip -n {NETNS} link set lo up
            ip netns exec {NETNS} sh -c 'echo 0 | tee \
                /proc/sys/net/ipv6/conf/*/accept_dad' > /dev/null
            ip netns exec {NETNS} ethtool -K {self.remote} tx off rx off \
                sg off tso off gro off rxvlan off txvlan off || :
            ip -n {NETNS} link set {self.remote} up""", timeout=60)

    def name(self, number):
        """The name of a cell's NIC."""
        return self.guest.run(f"grep -l {mac(number)} "
                              "/sys/class/net/*/address | cut -d/ -f5").strip()

    def try_cell(self, number, length):
        """Traffic in a cell; length is what each TCP connection carries."""
        cell, name = self._cells[number], self.name(number)
        guest = self.guest
        # Both ends have the same MTU: neither is to get longer frames. There
        # is something to merge if the other end sends it in one piece.
        merge = "on" if cell.offloads == "lro" else "off"
        guest.run(f"""
            set -e
            ip netns exec {NETNS} ethtool -K {self.remote} tx {merge} \
                sg {merge} tso {merge} > /dev/null 2>&1 || :
            ip -n {NETNS} link set {self.remote} mtu {cell.mtu}
            ip link set {name} mtu {cell.mtu}
            ethtool -K {name} {OFFLOADS[cell.offloads]} > /dev/null 2>&1 || :
            ethtool -L {name} combined {cell.queues} 2> /dev/null || :
            ip link set {name} up""", timeout=60)
        tap.defer(guest.run, f"ip link set {name} down; "
                  f"ip -n {NETNS} addr flush dev {self.remote}; "
                  f"for d in vl0 vx0 gn0; do ip link del $d; "
                  f"ip -n {NETNS} link del $d; done 2> /dev/null; :")
        self._check_device(cell, name)
        before = self.faults(name)
        self.cross(name, self.remote, f"10.{number}.0", cell.mtu, length)
        # IPv6 ends below 1280.
        if cell.mtu >= 1280:
            self.cross(name, self.remote, f"fd00:{number}:", cell.mtu,
                       length // 4)
        for size in (0, 56, cell.mtu - 28, cell.mtu - 27, 4000, 20000):
            exercise.ping_to(guest, f"10.{number}.0.1", 3, f"-s {size}")
        self._iperf(f"10.{number}.0")
        for made, mtu, words in self._on_top(number, cell.mtu):
            with self.both(name, made, words):
                self.cross(made, made, f"198.18.{number}", mtu, length // 4)
        after = self.faults(name)
        if not self.npad and (cell.mtu > 1500 or cell.offloads == "lro"):
            # Where a ring is empty QEMU's device drops frames; of one that
            # found room for its first pieces it says that it is damaged.
            for key in [key for key in after if key.endswith("_rx_drops")]:
                if lost := after.pop(key) - before.pop(key):
                    note(f"{lost} frames found room for some pieces: {key}")
        check_equal(after, before, "drops and bad checksums")
        check_equal(guest.alarms(), [], "alarms in the kernel log")

    def cross(self, near, far, network, mtu, length):
        """Addresses, and everything that in_guest.py sends, both ways."""
        six = ":" in network
        local, remote = (f"{network}{':' if six else '.'}{n}" for n in (2, 1))
        tail = "/64 dev {} nodad" if six else "/24 dev {}"
        out = self.guest.run(f"""
            ip link set {near} mtu {mtu}
            ip -n {NETNS} link set {far} mtu {mtu}
            ip addr add {local}{tail.format(near)}
            ip -n {NETNS} addr add {remote}{tail.format(far)}
            for i in $(seq 100); do
                ping -c 1 -W 1 {remote} > /dev/null && break
                sleep 0.1
            done
            python3 /tmp/in_guest.py {NETNS} {local} {remote} {mtu} {length}
            """, timeout=120)
        note(f"{near}: {out.strip()}")

    @staticmethod
    def _on_top(number, mtu):
        """A VLAN, VXLAN, Geneve: their names, MTUs, words for both()."""
        network = f"10.{number}.0"
        return (
            ("vl0", mtu, lambda here, there, device:
             f"link {device} type vlan id 5"),
            ("vx0", mtu - 50, lambda here, there, device:
             f"type vxlan id 7 dstport 4789 local {network}.{here} "
             f"remote {network}.{there} dev {device}"),
            ("gn0", mtu - 50, lambda here, there, device:
             f"type geneve id 7 remote {network}.{there} udpcsum"))

    @contextlib.contextmanager
    def both(self, name, made, words):
        """A netdev on top of the NICs at both ends, under the same name.

        words(here, there, device) is what "ip link add" is told: the last
        numbers of the addresses of either end, and what it lies on.
        """
        ends = (("ip", words(2, 1, name)),
                (f"ip -n {NETNS}", words(1, 2, self.remote)))
        for ip, text in ends:
            self.guest.run(f"{ip} link add name {made} {text} && "
                           f"{ip} link set {made} up")
        try:
            yield
        finally:
            for ip, _ in ends:
                self.guest.run(f"{ip} link del {made}")

    def _iperf(self, network):
        """TCP on four connections, each way."""
        for reverse in ("", "--reverse"):
            out = self.guest.run(f"""
                ip netns exec {NETNS} iperf3 --server --one-off --daemon
                for i in $(seq 50); do
                    ip netns exec {NETNS} ss -ltn | grep -q :5201 && break
                    sleep 0.1
                done
                iperf3 --client {network}.1 --time 1 --parallel 4 --json \
                    {reverse}""", timeout=60)
            rate = json.loads(out)["end"]["sum_received"]["bits_per_second"]
            check(rate > 5e6, f"TCP crawls: {rate / 1e6:.1f} Mbit/s {reverse}")

    def _check_device(self, cell, name):
        """Is the NIC what the cell says?"""
        guest = self.guest
        device = Path(guest.run(f"readlink -f /sys/class/net/{name}/device")
                      .strip()).name
        vectors, kind = guest.run(
            f"ls /sys/bus/pci/devices/{device}/msi_irqs 2> /dev/null | wc -l; "
            f"sort -u /sys/bus/pci/devices/{device}/msi_irqs/* 2> /dev/null | "
            "grep . || echo intx").split()
        check_equal((kind, vectors != "0"),
                    (cell.interrupts, cell.interrupts != "intx"), "interrupts")
        text = guest.run(f"ethtool -l {name}")
        queues = int(re.findall(r"Combined:\s+(\d+)", text)[-1])
        check_equal(queues, cell.queues, "queue pairs")
        line = re.search(rf"{device} \S+: vmxnet3 device.*", guest.dmesg())
        check(line, "no line of the driver in the log")
        said = re.search(r"revision (\d+)", line.group(0))
        if said or cell.revision > 1:
            check_equal(said and int(said.group(1)), cell.revision, "revision")

    def faults(self, name):
        """What nobody may count: drops of the NIC, bad checksums anywhere."""
        stats = self.guest.run(f"ethtool -S {name}")
        found = {key: int(value) for key, value in
                 re.findall(r"(\w+): (\d+)", stats)
                 if "drop" in key or "bad" in key or key == "resets"}
        for where in ("", f"ip netns exec {NETNS} "):
            text = self.guest.run(f"{where}cat /proc/net/snmp /proc/net/snmp6")
            lines = [line.split() for line in text.splitlines()]
            for names, values in zip(lines, lines[1:]):
                if names[0] == values[0]:
                    found |= {f"{where}{names[0]}{key}": value for key, value
                              in zip(names, values) if "Csum" in key}
            found |= {f"{where}{line[0]}": line[1] for line in lines
                      if "Csum" in line[0]}
        return found


def extension():
    """What the guest needs: Python for in_guest.py, and tunnels."""
    return initramfs.Extension("matrix", kernel_tests.copy_python, [
        Path(__file__), Path(kernel_tests.__file__)], ["vxlan", "geneve"])


def vnic_words(cell, number, directory):
    """A cell as npad's --vnic has it; what is usual is not said."""
    text = (f"name=cell{number},socket={directory}/cell{number}.sock,"
            f"mac={mac(number)},queues={max(cell.queues, 2)},npa=off")
    for name, word in (("revision", "revision"), ("interrupts", "interrupts"),
                       ("mask", "mask-mode"), ("rx_order", "rx-order")):
        if getattr(cell, name) != getattr(Cell, name):
            text += f",{word}={getattr(cell, name)}"
    return text


@contextlib.contextmanager
def on_npad(cells):
    """A Bench on npad; the cells and the other end are vNICs of one switch."""
    other = Cell(revision=max(cell.revision for cell in cells))
    with Peer() as peer:
        npad = Npad(netns=peer.name, arguments=["--no-npa"])
        for number, cell in enumerate([*cells, other]):
            npad.add_arguments("--vnic",
                               vnic_words(cell, number, npad.directory))
        devices = []
        for number in range(len(cells) + 1):
            devices += npad_device(npad.directory / f"cell{number}.sock")
        with npad, boot(devices, cells) as guest:
            bench = Bench(guest, npad, cells)
            bench.set_up()
            yield bench


@contextlib.contextmanager
def on_stock(cells):
    """A Bench on QEMU's own vmxnet3, all on a hub; revision 1 and MSI-X."""
    devices = []
    for number in range(len(cells) + 1):
        devices += ["-netdev", f"hubport,id=net{number},hubid=0", "-device",
                    f"vmxnet3,netdev=net{number},mac={mac(number)}"]
    with boot(devices, cells) as guest:
        bench = Bench(guest, None, cells)
        bench.set_up()
        yield bench


def boot(devices, cells):
    """A guest with these NICs."""
    return Guest(device=devices, extension=extension(), memory=1024,
                 smp=max(2, *(cell.queues for cell in cells)))


def tests(open_bench, name, cells, length):
    """A test per cell; the first one boots the guest, the last one ends it."""
    suite = Suite(lambda: open_bench(cells))
    for number, cell in enumerate(cells):
        def one(bench, number=number):
            bench.try_cell(number, length)

        one.__name__ = f"{name}: {cell}"
        test = suite.test(one)
        yield suite.last(test) if number == len(cells) - 1 else test
