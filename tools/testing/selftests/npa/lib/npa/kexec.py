# SPDX-License-Identifier: GPL-2.0
"""Another kernel in the place of the one that runs, by kexec.

The guest needs extension(). Its new kernel has the same initramfs and agent.
"""

import time
from pathlib import Path

from . import initramfs, kernel_tests, paths
from .tap import check

# A program for the guest: load KERNEL and INITRD for a kexec, or for a crash;
# with "now" it is started at once.
PROGRAM = """
import ctypes, os, sys
kernel, initrd, line, when = sys.argv[1:]
SYS_KEXEC_FILE_LOAD, ON_CRASH, REBOOT_KEXEC = 320, 2, 0x45584543
libc = ctypes.CDLL(None, use_errno=True)
line = line.encode() + b"\\0"
flags = ON_CRASH if when == "crash" else 0
files = [os.open(name, os.O_RDONLY) for name in (kernel, initrd)]
if libc.syscall(SYS_KEXEC_FILE_LOAD, files[0], files[1],
                ctypes.c_ulong(len(line)), line, ctypes.c_ulong(flags)):
    sys.exit("kexec_file_load: " + os.strerror(ctypes.get_errno()))
if when == "now":
    libc.reboot(REBOOT_KEXEC)
    sys.exit("kexec: " + os.strerror(ctypes.get_errno()))
"""


def extension():
    """What a guest needs for it."""
    return initramfs.Extension("kexec", kernel_tests.copy_python,
                               [Path(kernel_tests.__file__)])


def load(guest, when):
    """Load the guest's own kernel once more: "now" or for a "crash".

    "now" returns when the new kernel runs.
    """
    guest.push("/tmp/kernel", paths.kernel_image(guest.release).read_bytes())
    guest.push("/tmp/initrd", initramfs.image(
        guest.release, paths.our_module(guest.release)).read_bytes(), 120)
    guest.push("/tmp/kexec.py", PROGRAM.encode())
    line = "console=ttyS0 panic=-1 quiet loglevel=6 npa-kexec"
    if when == "crash":
        line += " nr_cpus=1 reset_devices"
    text = f"python3 /tmp/kexec.py /tmp/kernel /tmp/initrd '{line}' {when}"
    if when == "now":
        _reborn(guest, text)
    else:
        guest.run(text, timeout=60)


def crash(guest):
    """Let the kernel panic; returns when the one for crashes runs."""
    _reborn(guest, "echo c > /proc/sysrq-trigger")


def _reborn(guest, text):
    guest.restart(text)
    deadline = time.monotonic() + 60 * paths.SLOW
    while "npa-kexec" not in guest.run("cat /proc/cmdline"):
        check(time.monotonic() < deadline, "no other kernel")
        time.sleep(0.2)
