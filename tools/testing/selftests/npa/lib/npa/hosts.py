# SPDX-License-Identifier: GPL-2.0
"""Several npads, as if on several hosts, and a guest that moves between them.

Each host has an uplink of its own; all uplinks are ports of one bridge, which
is the network, and the peer is on it.
"""

import contextlib
import time

from .net import Peer
from .npad import Npad, NpadError
from .scene import PEER, Scene, bring_up
from .tap import note
from .vm import Guest, npad_device

BRIDGE = "br0"
BRIDGE_MAC = "52:54:00:00:00:01"


class Host(Npad):
    """An npad that takes in guests of others; vf: model, or "none"."""

    def __init__(self, name, vf, netns, plugin_dir=None):
        super().__init__(netns=netns, tap=f"up-{name}", plugin_dir=plugin_dir,
                         arguments=["--vf", vf])
        self.name = name
        self.vf = vf
        self.migrate_path = self.directory / "migrate.sock"
        self._argv += ["--migrate-listen", str(self.migrate_path)]

    def plug(self, peer):
        """Connect the uplink, which npad has made, to the network."""
        peer.run(f"ip link set {self.tap} master {BRIDGE} "
                 "txqueuelen 10000 up")

    def restart(self, peer):
        """Start it again after it has died."""
        self.kill()
        self.disconnect()
        self.start()
        self.plug(peer)

    def guest_is_here(self):
        """Is a guest connected?"""
        return self.status()["guest"]["connected"]

    def move_to(self, other, timeout=20):
        """Migrate the guest; returns the reply to "migration" when it is over.
        """
        self.request("migrate", to=str(other.migrate_path))
        deadline = time.monotonic() + timeout
        while True:
            result = self.request("migration")["migration"]
            if result["state"] in ("done", "failed"):
                return result
            if time.monotonic() > deadline:
                raise NpadError(f"migration does not end: {result}\n"
                                f"{self.log()[-2000:]}")
            time.sleep(0.002)


class Hosts(Scene):
    """A scene of several hosts; npad is the one that has the guest."""

    def __init__(self, peer, hosts, guest, netdev):
        super().__init__(peer, hosts[0], guest, netdev)
        self.hosts = {host.name: host for host in hosts}

    def migrate(self, name):
        """Migrate the guest to a host, which has to work; returns the result.
        """
        target = self.hosts[name]
        for _ in range(3):
            result = self.npad.move_to(target)
            # A machine that is too busy: the guest has stayed, by design.
            if result.get("code") != "no-answer":
                break
            note(f"once more: {result['error']}")
        if result["state"] != "done":
            raise NpadError(f"migration to {name} failed: {result}\n"
                            f"{self.npad.log()[-2000:]}\n{target.log()[-2000:]}")
        self.npad = target
        return result


@contextlib.contextmanager
def hosts_scene(models, plugin_dirs=None, **guest_options):
    """A guest on the first host of several; models: {name: VF model}.

    plugin_dirs: {name: directory} where it is not the usual one.
    """
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(Peer())
        # With an address of its own: otherwise it has that of some port.
        peer.run(f"ip link add {BRIDGE} address {BRIDGE_MAC} type bridge "
                 "stp_state 0 forward_delay 0 mcast_snooping 0")
        hosts = []
        for name, vf in models.items():
            host = stack.enter_context(
                Host(name, vf, peer.name, (plugin_dirs or {}).get(name)))
            host.plug(peer)
            hosts.append(host)
        peer.up(BRIDGE, f"{PEER}/24")
        guest = stack.enter_context(
            Guest(device=npad_device(hosts[0].socket_path), **guest_options))
        yield Hosts(peer, hosts, guest, bring_up(guest))
