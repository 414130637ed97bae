# SPDX-License-Identifier: GPL-2.0
"""The usual scene: a peer in a namespace, npad, a guest with its NIC up."""

import contextlib

from .net import Peer
from .npad import Npad
from .vm import Guest, npad_device, stock_device

PEER = "192.0.2.1"
GUEST = "192.0.2.2"


class Scene:
    """What a test works with: peer, npad (or None), guest, netdev's name."""

    def __init__(self, peer, npad, guest, netdev):
        self.peer = peer
        self.npad = npad
        self.guest = guest
        self.netdev = netdev


@contextlib.contextmanager
def npad_scene(driver="ours", parameters="", load=True, npad_options=None,
               slot=False, **guest_options):
    """A guest on npad; driver as for Guest, parameters for modprobe.

    slot: as for npad_device().
    """
    with Peer() as peer, Npad(netns=peer.name, **(npad_options or {})) as npad:
        peer.up(npad.tap, f"{PEER}/24")
        with Guest(driver=driver, device=npad_device(npad.socket_path, slot),
                   **guest_options) as guest:
            netdev = bring_up(guest, parameters) if load else None
            yield Scene(peer, npad, guest, netdev)


def raw_vf_scene(model, driver, npad_options=None, **options):
    """A guest with a VF of its own and the kernel's driver for it."""
    npad_options = dict(npad_options or {})
    npad_options["arguments"] = ["--raw-vf", model,
                                 *npad_options.get("arguments", ())]
    return npad_scene(driver=driver, npad_options=npad_options,
                      **{"kernel": "full", **options})


@contextlib.contextmanager
def stock_scene(driver="ours", parameters="", load=True, slot=False,
                **guest_options):
    """A guest on QEMU's own vmxnet3 with a TAP; slot: see stock_device()."""
    with Peer() as peer:
        tap = peer.tap("npa0")
        peer.up("npa0", f"{PEER}/24")
        with Guest(driver=driver, device=stock_device(tap, slot=slot),
                   prefix=peer.prefix(), **guest_options) as guest:
            netdev = bring_up(guest, parameters) if load else None
            yield Scene(peer, None, guest, netdev)


def bring_up(guest, parameters=""):
    """Load the driver, give the NIC its address, wait for the peer."""
    guest.load(parameters)
    netdev = guest.up(f"{GUEST}/24")
    guest.run(f"for i in $(seq 50); do ping -c 1 -W 1 {PEER} && exit 0; "
              "sleep 0.1; done; exit 1", timeout=60)
    return netdev
