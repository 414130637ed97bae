# SPDX-License-Identifier: GPL-2.0
"""A guest with a NIC of each device revision, and what each has to carry."""

import contextlib
import time

from . import exercise, scene
from .net import Peer
from .npad import Npad
from .tap import check, check_equal
from .vm import Guest, npad_device

REVISIONS = range(1, 10)


class Nic:
    """A NIC of the guest.

    number: of its MAC and its subnet; revision, interrupts, mask_mode and more
    as for npad's --vnic.
    """

    def __init__(self, number, revision, interrupts="msix", mask_mode="auto",
                 more=""):
        self.number = number
        self.revision = revision
        self.interrupts = interrupts
        self.mask_mode = mask_mode
        self.name = f"n{number}"
        self.mac = f"52:54:00:12:35:{number:02x}"
        self.peer = f"10.9.{number}.1"
        self.address = f"10.9.{number}.2"
        self.netdev = None
        self._more = more

    def __str__(self):
        return (f"revision {self.revision}, {self.interrupts}, "
                f"{self.mask_mode}{self._more}")

    def words(self):
        """What --vnic says of it, from its address on."""
        return (f"{self.mac},npa=off,revision={self.revision},"
                f"interrupts={self.interrupts},mask-mode={self.mask_mode}"
                f"{self._more}")


class Scene(scene.Scene):
    """One guest with several NICs on one npad."""

    def __init__(self, peer, npad, guest, nics):
        super().__init__(peer, npad, guest, None)
        self.nics = nics

    def of(self, nic):
        """A scene as exercise's functions take it, of one NIC."""
        return scene.Scene(self.peer, self.npad.vnic(nic.name), self.guest,
                           nic.netdev)


def _netdevs(guest):
    """Names of network devices by their addresses."""
    return dict(line.split() for line in guest.run(
        "for d in /sys/class/net/*; do echo $(cat $d/address) ${d##*/}; done")
        .splitlines() if len(line.split()) == 2)


def bring_up(guest, nic):
    """Give the NIC its address and wait for the peer."""
    deadline = time.monotonic() + 30
    while nic.mac not in _netdevs(guest):
        check(time.monotonic() < deadline, f"{nic} has no netdev")
        time.sleep(0.2)
    nic.netdev = _netdevs(guest)[nic.mac]
    guest.run(f"ip addr add {nic.address}/24 dev {nic.netdev} && "
              f"ip link set {nic.netdev} up")
    guest.run(f"for i in $(seq 50); do ping -c 1 -W 1 {nic.peer} && exit 0; "
              "sleep 0.1; done; exit 1", timeout=60)


@contextlib.contextmanager
def open_scene(nics, driver="in-tree", **guest_options):
    """Boot a guest with these NICs; the first one's vNIC of npad is unused."""
    more = {nic.name: nic.words() for nic in nics}
    with Peer() as peer, Npad(netns=peer.name, more=more) as npad:
        peer.up(npad.tap, "10.9.0.1/24")
        for nic in nics:
            peer.run(f"ip addr add {nic.peer}/24 dev {npad.tap}")
        device = [word for nic in nics
                  for word in npad_device(npad.vnic(nic.name).socket_path)]
        with Guest(driver=driver, device=device,
                   **{"memory": 1024, **guest_options}) as guest:
            # All NICs are on one wire: each answers for its own address.
            guest.run("sysctl -qw net.ipv4.conf.all.arp_ignore=1 "
                      "net.ipv4.conf.all.arp_announce=2 "
                      "net.ipv4.conf.all.rp_filter=0 "
                      "net.ipv4.conf.default.rp_filter=0")
            guest.load()
            for nic in nics:
                bring_up(guest, nic)
            yield Scene(peer, npad, guest, nics)


def traffic(s, nic):
    """Pings of several sizes, and a file of noise both ways."""
    for size in (56, 200, 1472, 4000):
        exercise.ping_to(s.guest, nic.peer, 20, f"-s {size}")
    exercise.content(s.of(nic), 1, nic.peer)


def largest_mtu(s, nic):
    """The largest MTU of the revision, and not a byte more."""
    mtu = 9190 if nic.revision >= 6 else 9000
    failed = s.guest.try_run(f"ip link set {nic.netdev} mtu {mtu + 1}")
    check(failed.status, f"{nic}: MTU {mtu + 1}")
    s.peer.run(f"ip link set {s.npad.tap} mtu {mtu}")
    try:
        s.guest.run(f"ip link set {nic.netdev} mtu {mtu}")
        s.guest.run(f"ping -q -c 5 -i 0.05 -W 5 -M do -s {mtu - 28} "
                    f"{nic.peer}")
        exercise.content(s.of(nic), 1, nic.peer)
    finally:
        s.guest.run(f"ip link set {nic.netdev} mtu 1500")
        s.peer.run(f"ip link set {s.npad.tap} mtu 1500")


def negotiated(s, nic):
    """The driver has chosen what it was offered."""
    device = s.npad.vnic(nic.name).status()["device"]
    check_equal((device["revision"], device["interrupts"]),
                (nic.revision, nic.interrupts), f"{nic}: what was chosen")
    check_equal(device["rx_data_ring"] > 0, nic.revision >= 3,
                f"{nic}: RX data ring")
