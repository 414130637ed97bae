# SPDX-License-Identifier: GPL-2.0
"""Another kernel in the place of the one that runs, by kexec.

The guest needs extension(). Its new kernel has the same initramfs and agent.
"""

from pathlib import Path

from . import initramfs, kernel_tests, paths
from .tap import check

# A program for the guest: load KERNEL and INITRD, and start them.
PROGRAM = """
import ctypes, os, sys
kernel, initrd, line = sys.argv[1:]
SYS_KEXEC_FILE_LOAD, REBOOT_KEXEC = 320, 0x45584543
libc = ctypes.CDLL(None, use_errno=True)
line = line.encode() + b"\\0"
files = [os.open(name, os.O_RDONLY) for name in (kernel, initrd)]
if libc.syscall(SYS_KEXEC_FILE_LOAD, files[0], files[1],
                ctypes.c_ulong(len(line)), line, ctypes.c_ulong(0)):
    sys.exit("kexec_file_load: " + os.strerror(ctypes.get_errno()))
libc.reboot(REBOOT_KEXEC)
sys.exit("kexec: " + os.strerror(ctypes.get_errno()))
"""


def extension():
    """What a guest needs for it."""
    return initramfs.Extension("kexec", kernel_tests.copy_python,
                               [Path(kernel_tests.__file__)])


def start(guest):
    """Start the guest's own kernel once more; returns when that runs."""
    guest.push("/tmp/kernel", paths.kernel_image(guest.release).read_bytes())
    guest.push("/tmp/initrd", initramfs.image(
        guest.release, paths.our_module(guest.release)).read_bytes(), 120)
    guest.push("/tmp/kexec.py", PROGRAM.encode())
    guest.restart("python3 /tmp/kexec.py /tmp/kernel /tmp/initrd "
                  "'console=ttyS0 panic=-1 quiet loglevel=6 npa-kexec'")
    check("npa-kexec" in guest.run("cat /proc/cmdline"), "no other kernel")
