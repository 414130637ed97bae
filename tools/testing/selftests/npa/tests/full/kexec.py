#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Another kernel takes over by kexec.

From either path of npad, and from QEMU's own device. Frames keep coming: what
the device still writes would land in the new kernel's memory.
"""

import contextlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import kexec, life, scene, tap  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check_equal  # noqa: E402


@contextlib.contextmanager
def noise(s):
    """Broadcasts for the guest, some hundreds a second."""
    ping = s.peer.spawn("ping -q -b -s 1000 -i 0.002 192.0.2.255")
    try:
        yield
    finally:
        ping.stop()


def comes_back(s, on_vf=False):
    """The new kernel has the device, on the path where it was."""
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    s.netdev = scene.bring_up(s.guest)
    life.works(s)
    if on_vf:
        s.npad.wait_path("vf")
        life.works(s)
        s.npad.detach()
        life.works(s)


def handed_over(s, on_vf=False):
    """kexec: shutdown() has made the device quiet before the new kernel."""
    with noise(s):
        kexec.start(s.guest)
        if s.npad:
            check_equal(s.npad.status()["path"], "none", "path")
        comes_back(s, on_vf)


def handed_over_on_vf(s):
    """The same from the VF."""
    s.npad.attach()
    handed_over(s, on_vf=True)


OPTIONS = {"extension": kexec.extension(), "memory": 1024}


def alone(opener, function, name):
    """A test with a guest of its own: the new kernel lacks what it needs."""
    suite = Suite(lambda: opener(**OPTIONS))
    test = suite.last(suite.test(function))
    test.__name__ = name
    return test


if __name__ == "__main__":
    tap.main(alone(scene.npad_scene, handed_over, "handed_over"),
             alone(scene.npad_scene, handed_over_on_vf, "handed_over_on_vf"),
             alone(scene.stock_scene, handed_over, "stock_handed_over"),
             limit=300)
