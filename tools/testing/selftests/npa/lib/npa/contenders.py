# SPDX-License-Identifier: GPL-2.0
"""Ways to move a guest's traffic between a paravirtual NIC and a VF.

Each is a context manager with the ends (peer, guest), the kinds of switches it
knows in the order in which they follow each other, and do(kind), which makes
one and returns when the guest says that it has happened: begin() and look().

All of them have the same peer: a bridge in a namespace with the TAPs of the
guest's NICs as its ports.
"""

import contextlib
import time

from .agent import GuestError
from .net import Peer
from .npad import Npad
from .scene import GUEST, PEER
from .vm import Guest, npad_device

MAC = "52:54:00:12:34:56"


def _bridge(peer, *taps):
    """Join TAPs to a bridge with the peer's address."""
    peer.run("ip link add br0 type bridge stp_state 0 forward_delay 0")
    for tap in taps:
        peer.run(f"sysctl -qw net.ipv6.conf.{tap}.disable_ipv6=1 || :; "
                 f"ip link set {tap} txqueuelen 10000 master br0 up")
    peer.up("br0", f"{PEER}/24")


def _reach_peer(guest):
    guest.run(f"for i in $(seq 50); do ping -c 1 -W 1 {PEER} && exit 0; "
              "sleep 0.1; done; exit 1", timeout=60)


class Contender:
    """What all have in common; close() undoes what open() has begun."""

    title = ""
    kernel = "full"
    # Switches that follow each other, and the seconds that one may take.
    kinds = ("to VF", "from VF")
    window = 1

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self.peer = self.npad = self.guest = None

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *what):
        return self._stack.__exit__(*what)

    def open(self):
        """Bring the guest up; its address is reachable afterwards."""
        raise NotImplementedError

    def begin(self, kind):
        """Make one switch, or have it made without looking on.

        Who looks takes time from what is looked at.
        """
        raise NotImplementedError

    def look(self, kind):
        """Once it has happened: a dictionary with what is known of it.

        "moved_ms" is when the traffic went over, after begin() had begun.
        """
        del kind
        return {}

    def do(self, kind):
        """Make one switch and wait for it."""
        self.begin(kind)
        return self.look(kind)


class Npa(Contender):
    """The data path of our vmxnet3 moves to the VF and back."""

    kernel = "newest"
    kinds = ("to VF", "to emulated")

    def __init__(self, model):
        super().__init__()
        self.title = f"NPA, VF {model}"
        self._model = model

    def open(self):
        self.peer = self._stack.enter_context(Peer())
        self.npad = self._stack.enter_context(
            Npad(netns=self.peer.name, vf=self._model))
        _bridge(self.peer, self.npad.tap)
        self.guest = self._stack.enter_context(
            Guest(kernel=self.kernel,
                  device=npad_device(self.npad.socket_path)))
        self.guest.load()
        self.guest.up(f"{GUEST}/24")
        _reach_peer(self.guest)

    def begin(self, kind):
        (self.npad.attach if kind == "to VF" else
         self.npad.detach)(wait=False)

    def look(self, kind):
        path, step = ("vf", "activated") if kind == "to VF" else \
            ("emulated", "returned")
        steps = self.npad.wait_path(path)["message_ms"]
        # The message follows the command at once.
        return {"steps_ms": steps, "moved_ms": steps[step]}


class _Pair(Contender):
    """A guest with a virtio-net of QEMU and a VF, each a NIC of its own.

    The VF is an 82576's, with the kernel's igbvf.
    """

    failover = "off"

    def open(self):
        self.peer = self._stack.enter_context(Peer())
        self.npad = self._stack.enter_context(
            Npad(netns=self.peer.name, mac=MAC,
                 arguments=["--raw-vf", "82576"]))
        tap = self.peer.tap("virtio0")
        _bridge(self.peer, self.npad.tap, "virtio0")
        device = npad_device(self.npad.socket_path) + [
            "-netdev", f"{tap},id=net0", "-device",
            f"virtio-net-pci,netdev=net0,mac={MAC},failover={self.failover}"]
        self.guest = self._stack.enter_context(
            Guest(driver="igbvf", kernel=self.kernel, device=device,
                  prefix=self.peer.prefix()))
        self.guest.run("modprobe virtio_net")
        self.vf = self.guest.load()
        self.pci = self.guest.run("basename $(readlink /sys/class/net/"
                                  f"{self.vf}/device)").strip()
        self.join()
        _reach_peer(self.guest)

    def join(self):
        """Make one interface of the two."""
        raise NotImplementedError

    def _virtio(self):
        """The names of the netdevs of virtio_net."""
        return self.guest.run(
            "for d in /sys/class/net/*/device/driver; do "
            "case $(readlink $d) in */virtio_net) d=${d%/device/driver}; "
            "echo ${d##*/};; esac; done").split()

    def _wait(self, condition, what, timeout=20):
        """Wait in the guest until a shell command succeeds."""
        done = self.guest.try_run(
            f"for i in $(seq {timeout * 100}); do {condition} && exit 0; "
            "sleep 0.01; done; exit 1", timeout=2 * timeout)
        if done.status:
            raise GuestError(f"{self.title}: {what}: not in {timeout} s")

    def _wait_carrier(self, up=True):
        self._wait(f'[ "$(cat /sys/class/net/{self.vf}/carrier 2>&1)" = '
                   f"{int(up)} ]", f"carrier of {self.vf}")

    def _link(self, up):
        self.npad.request("link", state="up" if up else "down")
        self._wait_carrier(up)


class Bonding(_Pair):
    """Active-backup bonding; the operator names the active slave."""

    title = "bonding, planned"
    miimon = 10

    def join(self):
        virtio = self._virtio()[0]
        self.virtio = virtio
        self.guest.run(
            "modprobe bonding max_bonds=0; "
            f"ip link add bond0 type bond mode active-backup miimon "
            f"{self.miimon}; ip link set {self.vf} down; "
            f"ip link set {virtio} down; ip link set {virtio} master bond0; "
            f"ip link set {self.vf} master bond0; "
            f"ip addr add {GUEST}/24 dev bond0; ip link set bond0 up")
        self._wait_carrier()

    def _wait_active(self, name):
        self._wait("grep -qx " + name +
                   " /sys/class/net/bond0/bonding/active_slave",
                   f"active slave {name}")

    def begin(self, kind):
        name = self.vf if kind == "to VF" else self.virtio
        self.guest.run(f"echo {name} > "
                       "/sys/class/net/bond0/bonding/active_slave")
        self._wait_active(name)


class BondingLink(Bonding):
    """Active-backup bonding; the VF's link goes away and comes back."""

    title = "bonding, link loss"

    def join(self):
        super().join()
        self.guest.run(f"echo {self.vf} > /sys/class/net/bond0/bonding/primary")
        self._wait_active(self.vf)
        self.do("from VF")

    def begin(self, kind):
        self._link(kind == "to VF")
        self._wait_active(self.vf if kind == "to VF" else self.virtio)


class Failover(_Pair):
    """net_failover; the primary, the VF, loses its driver and gets it back.

    In place of hot-unplug, which QEMU does not survive for a vfio-user device.
    Nothing less will do: as long as a primary is registered, up or not,
    net_failover drops what the standby receives.
    """

    title = "net_failover, unplug"
    failover = "on"
    window = 2.5

    def join(self):
        masters = [name for name in self._virtio() if self.guest.try_run(
            f"[ -e /sys/class/net/{name}/master ]").status]
        if len(masters) != 1:
            raise GuestError(f"no failover netdev: {masters}")
        self.guest.run(f"ip addr add {GUEST}/24 dev {masters[0]}; "
                       f"ip link set {masters[0]} up")
        self._wait_carrier()
        self.do("from VF")

    def begin(self, kind):
        verb = "bind" if kind == "to VF" else "unbind"
        self.guest.run(f"echo {self.pci} > /sys/bus/pci/drivers/igbvf/{verb}")
        if kind == "to VF":
            deadline = time.monotonic() + 10
            while self.vf not in self.guest.run("ls /sys/class/net").split():
                if time.monotonic() > deadline:
                    raise GuestError(f"{self.title}: the VF does not come back")
            # net_failover sets it up.
            self._wait_carrier()
