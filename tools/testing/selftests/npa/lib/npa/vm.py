# SPDX-License-Identifier: GPL-2.0
"""A guest: Debian's stock kernel under stock QEMU, with one NIC."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import initramfs, paths
from .agent import Agent, GuestError

# Lines in a kernel log that fail any test, whatever else it looks at.
ALARMS = ["BUG:", "WARNING:", "Oops", "Call Trace:", "KASAN", "UBSAN",
          "general protection", "Kernel panic", "possible recursive locking",
          "circular locking", "rcu_sched self-detected stall",
          "list_add corruption", "refcount_t:", "DMA-API:", "NETDEV WATCHDOG",
          "page_pool_release_retry"]
# What kernels with such checks say of them at their start.
HARMLESS = ["DMA-API: preallocated", "DMA-API: debugging enabled",
            "DMA-API: debugging disabled on kernel command line"]

# With these the kernel clears and copies memory byte by byte, as TCG counts and
# does it: a page took longer than a packet.  Without, by whole words.
CPU = "max,-erms,-fsrm,-fsrs"

BOOT_ATTEMPTS = 3

# What kmemleak reports is at least five seconds old and was there twice.
SCAN = ("echo scan > /sys/kernel/debug/kmemleak; sleep 6; "
        "echo scan > /sys/kernel/debug/kmemleak; "
        "cat /sys/kernel/debug/kmemleak")


class Guest:
    """A virtual machine under TCG; a context manager that always cleans up.

    driver: "ours", "in-tree" (which vmxnet3 it finds with modprobe), another
    module of the kernel, the path of a module, or None; it is not loaded by
    itself. device: a list of QEMU arguments for the NIC, see npad_device() and
    stock_device(). options: more QEMU arguments.
    kernel is a name for paths.kernel_release(), by default what $NPA_KERNEL
    says, or the newest. memory is in MiB; append is added to the kernel's
    command line. prefix is put before QEMU's command line (Peer.prefix() for a
    TAP in the namespace). interactive puts a shell on the console and the
    console on this program's terminal. extension: an initramfs.Extension, or
    None.
    """

    def __init__(self, driver="ours", device=(), kernel=None, smp=2,
                 memory=512, append="", options=(), accel="tcg,thread=multi",
                 boot_timeout=60, log=None, prefix=(), cpu=CPU,
                 interactive=False, extension=None):
        self.release = paths.kernel_release(
            kernel or os.environ.get("NPA_KERNEL", "newest"))
        self.accel = accel
        self._driver = driver
        self.module = "vmxnet3" if driver in ("ours", "in-tree", None) \
            else Path(driver).stem
        self._device = list(device)
        self._smp = smp
        # The debug kernel keeps freed memory, and notes on all of it.
        self._memory = memory * (2 if self.is_debug() else 1)
        # Checks of DMA take most of the debug kernel's time; KUnit has them too.
        self._append = append if not self.is_debug() or \
            os.environ.get("NPA_DMA_DEBUG") else f"{append} dma_debug=off"
        self._options = list(options)
        self._boot_timeout = boot_timeout
        self._prefix = list(prefix)
        # While the kernel finds out what its processor can do it thinks for a
        # moment that addresses have 48 bits; KASAN believes that.
        self._cpu = f"{cpu},la57=off" if self.is_debug() else cpu
        self._interactive = interactive
        self._extension = extension
        self._directory = tempfile.TemporaryDirectory(prefix="npa-vm-")
        self.directory = Path(self._directory.name)
        self.console_path = Path(log) if log else self.directory / "console"
        self._agent = None
        self._qemu = None
        self._netdev = None
        self._inspected = False

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def is_debug(self):
        """Is it the kernel that env/debug-kernel has built?"""
        return self.release.endswith("-npa-debug")

    def command_line(self):
        """The QEMU command, as a list."""
        driver = self._driver
        if driver == "ours":
            driver = paths.our_module(self.release)
        initrd = (self._extension or initramfs).image(self.release, driver)
        append = f"console=ttyS0 panic=-1 quiet loglevel=6 {self._append}"
        console = f"file,id=console,path={self.console_path}"
        if self._interactive:
            append += " npa.mode=shell"
            # Ctrl-C is for the guest; Ctrl-A X ends QEMU.
            console = "stdio,id=console,mux=on,signal=off"
        return [
            "qemu-system-x86_64", "-machine", "q35,memory-backend=ram0",
            "-accel", self.accel, "-cpu", self._cpu, "-smp", str(self._smp),
            "-m", f"{self._memory}M", "-object",
            f"memory-backend-memfd,id=ram0,size={self._memory}M,share=on",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", str(paths.kernel_image(self.release)),
            "-initrd", str(initrd), "-append", append,
            "-chardev", console,
            "-serial", "chardev:console",
            "-chardev", f"socket,id=agent,path={self.directory}/agent",
            "-device", "virtio-serial-pci",
            "-device", "virtserialport,chardev=agent,name=npa.agent",
            *self._device, *self._options]

    def start(self):
        """Boot and wait for the agent; returns self.

        TCG with several threads now and then runs half-patched kernel text
        during boot; a guest that dies before its agent answers is therefore
        booted again, twice at most.
        """
        for attempt in range(BOOT_ATTEMPTS):
            try:
                self._boot()
                return self
            except GuestError as error:
                self.kill()
                self._agent.close()
                if attempt + 1 == BOOT_ATTEMPTS or not self.console():
                    raise
                print(f"# guest did not boot, once more: {error}"[:2000]
                      .replace("\n", "\n# "), flush=True)
        return self

    def _boot(self):
        channel = self.directory / "agent"
        channel.unlink(missing_ok=True)
        self._agent = Agent(channel, self.tail)
        with open(self.directory / "qemu.log", "wb") as log:
            self._qemu = subprocess.Popen(
                self._prefix + self.command_line(), stderr=log,
                stdout=None if self._interactive else log,
                stdin=None if self._interactive else subprocess.DEVNULL)
        self._agent.connect(self._boot_timeout, self.alive)

    @property
    def pid(self):
        """The process id of QEMU."""
        return self._qemu.pid

    def alive(self):
        """Does QEMU run?"""
        return self._qemu is not None and self._qemu.poll() is None

    def console(self):
        """The guest's console log so far."""
        try:
            return self.console_path.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def tail(self, lines=25):
        """The end of the console and of QEMU's own messages, for errors."""
        qemu = (self.directory / "qemu.log").read_text(errors="replace") \
            if (self.directory / "qemu.log").exists() else ""
        end = "\n".join(self.console().splitlines()[-lines:])
        return f"\n--- console:\n{end}\n--- qemu:\n{qemu[-2000:]}"

    def spawn(self, text, stdin=b""):
        """Start a shell command in the guest; returns an agent.Command."""
        return self._agent.spawn(text, stdin)

    def try_run(self, text, timeout=30, stdin=b""):
        """Run a shell command to its end; returns the agent.Command."""
        command = self.spawn(text, stdin)
        command.wait(timeout)
        return command

    def run(self, text, timeout=30, stdin=b""):
        """Run a shell command that has to succeed; returns its output."""
        return self.try_run(text, timeout, stdin).check()

    def restart(self, text):
        """Run a command that starts another kernel; wait for its agent."""
        self._netdev = None
        self._agent.restart(text, self._boot_timeout, self.alive)

    def pull(self, path, timeout=60):
        """The bytes of a file in the guest."""
        command = self.try_run(f"cat '{path}'", timeout)
        command.check()
        return command.stdout_bytes

    def push(self, path, data, timeout=60):
        """Write bytes to a file in the guest."""
        self.run(f"cat > '{path}'", timeout, stdin=data)

    def dmesg(self):
        """The guest's kernel log."""
        return self.run("dmesg")

    def alarms(self):
        """Lines of the kernel log that mean trouble."""
        return [line for line in self.dmesg().splitlines()
                if any(alarm in line for alarm in ALARMS) and
                not any(harmless in line for harmless in HARMLESS)]

    def load(self, parameters="", timeout=30):
        """modprobe the driver; returns the netdev's name."""
        self.run(f"modprobe {self.module} {parameters}", timeout)
        return self.netdev(timeout)

    def netdev(self, timeout=30):
        """The name of the netdev of the driver."""
        find = ("for d in /sys/class/net/*/device/driver; do "
                f"case $(readlink \"$d\") in */{self.module}) "
                "d=${d%/device/driver}; "
                "echo ${d##*/};; esac; done")
        deadline = time.monotonic() + timeout * paths.SLOW
        while time.monotonic() < deadline:
            names = self.run(find).split()
            if names:
                self._netdev = names[0]
                return self._netdev
            time.sleep(0.2)
        raise GuestError(f"no netdev of driver {self.module}" + self.tail())

    def up(self, address, mtu=None):
        """Bring the NIC up with an address ("192.0.2.2/24")."""
        name = self._netdev or self.netdev()
        if mtu:
            self.run(f"ip link set {name} mtu {mtu}")
        self.run(f"ip addr add {address} dev {name} && "
                 f"ip link set {name} up")
        return name

    def ethtool_stats(self):
        """What ethtool -S says, as a dictionary of numbers."""
        stats = {}
        out = self.run(f"ethtool -S {self._netdev or self.netdev()}")
        for line in out.splitlines():
            name, _, value = line.strip().rpartition(":")
            if name and value.strip().lstrip("-").isdigit():
                # The in-tree driver uses some names once per queue.
                stats[name.strip()] = stats.get(name.strip(), 0) + int(value)
        return stats

    def json(self, text):
        """Run a command that prints JSON; returns the parsed value."""
        return json.loads(self.run(text))

    def wait(self):
        """Wait until QEMU ends (for an interactive guest)."""
        return self._qemu.wait()

    def stop(self, timeout=20):
        """Power off, or kill QEMU if it does not end by itself."""
        if self.alive():
            try:
                self.inspect()
                self.spawn("poweroff -f")
                self._qemu.wait(timeout)
            except (GuestError, AttributeError, subprocess.TimeoutExpired):
                pass
        self.kill()
        if self._agent:
            self._agent.close()
        self._directory.cleanup()

    def inspect(self, found=None):
        """Add to the file $NPA_INSPECT what the debug kernel has to say, once.

        found: what the agent need not be asked, with the same names.
        """
        report = os.environ.get("NPA_INSPECT")
        if not report or not self.is_debug() or self._inspected:
            return
        self._inspected = True
        if not found:
            found = {"alarms": self.alarms(),
                     # Lock proving stops after its first report.
                     "locks": self.run("cat /proc/lockdep_stats"),
                     "leaks": self.run(SCAN, 60)}
            if found["alarms"]:
                found["dmesg"] = self.dmesg()
        with open(report, "a", encoding="utf-8") as out:
            out.write(json.dumps(found) + "\n")

    def pause(self):
        """Stop the machine as if all of it hung; resume() ends that."""
        self._qemu.send_signal(signal.SIGSTOP)

    def resume(self):
        """Let a paused machine go on."""
        if self.alive():
            self._qemu.send_signal(signal.SIGCONT)

    def kill(self):
        """End QEMU at once."""
        if self.alive():
            self._qemu.kill()
            self._qemu.wait(10)


# A slot of its own, in which a NIC can be reset and unplugged.
SLOT = ["-device", "pcie-root-port,id=slot0,chassis=1"]


def npad_device(socket_path, slot=False):
    """QEMU arguments for the NIC that npad serves on a vfio-user socket.

    slot: put it into a SLOT.
    """
    device = {"driver": "vfio-user-pci",
              "socket": {"path": str(socket_path), "type": "unix"}}
    if slot:
        device["bus"] = "slot0"
    return [*(SLOT if slot else ()), "-device", json.dumps(device)]


def stock_device(netdev, mac="52:54:00:12:34:56", slot=False):
    """QEMU arguments for its own vmxnet3, which has the id nic0.

    netdev: QEMU's -netdev value; slot: put it into a SLOT.
    """
    bus = ",bus=slot0" if slot else ""
    return [*(SLOT if slot else ()), "-netdev", f"{netdev},id=net0",
            "-device", f"vmxnet3,netdev=net0,id=nic0,mac={mac}{bus}"]
