#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Another kernel takes over: asked to, or because of a crash.

From either path of npad, and from QEMU's own device. Frames keep coming: what
the device still writes would land in the new kernel's memory.
"""

import contextlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import kexec, life, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402


@contextlib.contextmanager
def noise(s):
    """Broadcasts for the guest, some hundreds a second."""
    ping = s.peer.spawn("ping -q -b -s 1000 -i 0.002 192.0.2.255")
    try:
        yield
    finally:
        ping.stop()


def comes_back(s):
    """The new kernel has the device and whatever its path can be."""
    check("npa-kexec" in s.guest.run("cat /proc/cmdline"), "the old kernel")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    s.netdev = scene.bring_up(s.guest)
    life.works(s)
    if s.npad:
        s.npad.attach()
        life.works(s)
        s.npad.detach()


def handed_over(s):
    """kexec: shutdown() has made the device quiet before the new kernel."""
    with noise(s):
        kexec.load(s.guest, "now")
        if s.npad:
            check_equal(s.npad.status()["path"], "none", "path")
        comes_back(s)


def handed_over_on_vf(s):
    """The same from the VF."""
    s.npad.attach()
    handed_over(s)


def crashed(s):
    """A panic with the device at work: the next driver resets it."""
    with noise(s):
        kexec.load(s.guest, "crash")
        kexec.crash(s.guest)
        comes_back(s)


def crashed_on_vf(s):
    """The same from the VF, whose region is the old kernel's."""
    s.npad.attach()
    crashed(s)


OPTIONS = {"extension": kexec.extension(), "memory": 1024,
           "append": "crashkernel=320M sysrq_always_enabled"}


def tests():
    """Each needs a guest of its own for the crash; kexec goes before it."""
    for opener, functions in ((scene.npad_scene, (handed_over, crashed)),
                              (scene.npad_scene, (handed_over_on_vf,
                                                  crashed_on_vf)),
                              (scene.stock_scene, (handed_over, crashed))):
        suite = Suite(lambda opener=opener: opener(**OPTIONS))
        for function in functions:
            test = suite.test(function)
            if opener is scene.stock_scene:
                test.__name__ = "stock_" + test.__name__
            yield test if function is functions[0] else suite.last(test)


if __name__ == "__main__":
    from npa import tap
    tap.main(*tests(), limit=300)
