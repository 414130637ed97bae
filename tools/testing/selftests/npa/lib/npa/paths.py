# SPDX-License-Identifier: GPL-2.0
"""Where things are: the checkout, its build directory, the cache, kernels."""

import os
from pathlib import Path

SELFTEST = Path(__file__).resolve().parents[2]
TOP = SELFTEST.parents[3]
BUILD = Path(os.environ.get("NPA_BUILD", TOP / "build"))
CACHE = Path(os.environ.get("NPA_CACHE", Path.home() / ".cache" / "npa"))
GUEST_PROGRAMS = BUILD / "guest"
# NPA_NPAD: another one, for instance with sanitizers (make ... SAN=1).
NPAD = Path(os.environ.get("NPA_NPAD", BUILD / "npad" / "npad"))
NPACTL = BUILD / "npad" / "npactl"
PLUGINS = BUILD / "plugins"
# Waits are this many times as long: the debug kernel is slow.
SLOW = int(os.environ.get("NPA_SLOW") or
           (6 if os.environ.get("NPA_KERNEL") == "debug" else 1))
XDP_PROGRAMS = BUILD / "bpf" / "npa-xdp.o"


class MissingError(RuntimeError):
    """Something that had to be built or installed before is not there."""


def kernel_release(name="newest"):
    """The release of the root's "newest", "lts" or "full" kernel.

    "full" is as new as "newest", but has drivers for hardware, as igbvf;
    "debug" is what env/debug-kernel has built. Other names are returned
    unchanged.
    """
    if name == "debug":
        try:
            return (_debug_root() / "release").read_text(encoding="ascii")
        except FileNotFoundError:
            raise MissingError("no debug kernel: run env/debug-kernel") \
                from None
    if name not in ("newest", "lts", "full"):
        return name
    try:
        return Path("/npa", name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise MissingError("not inside the Debian root: "
                           "use env/enter or make") from None


def _debug_root():
    from . import kernel  # it needs this file

    return kernel.debug_tree().root


def kernel_root(release):
    """The directory with boot and lib/modules that a kernel is installed in."""
    return _debug_root() if release.endswith("-npa-debug") else Path("/")


def kernel_image(release):
    """The bootable image of an installed kernel."""
    image = kernel_root(release) / "boot" / f"vmlinuz-{release}"
    if not image.exists():
        raise MissingError(f"{image} is missing")
    return image


def our_module(release):
    """Our vmxnet3.ko built for the kernel; raises MissingError if it is not."""
    module = BUILD / "modules" / release / "vmxnet3.ko"
    if not module.exists():
        raise MissingError(f"{module} is missing: run 'make modules'")
    return module
