# SPDX-License-Identifier: GPL-2.0
"""The outside of the guest: a network namespace with the peer in it."""

import os
import shlex
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from . import paths


class CommandError(RuntimeError):
    """A command outside the guest failed or did not end in time."""


def run(text, timeout=30):
    """Run a shell command that has to succeed; returns its output."""
    try:
        done = subprocess.run(text, shell=True, capture_output=True, text=True,
                              timeout=timeout * paths.SLOW, check=False,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise CommandError(f"did not end in {timeout} s: {text}") from None
    if done.returncode:
        raise CommandError(f"ended with {done.returncode}: {text}\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


class Process:
    """A program that runs beside the test; like agent.Command, but here."""

    def __init__(self, argv):
        self.text = shlex.join(argv)
        self._err = tempfile.TemporaryFile()
        self._out = bytearray()
        self._changed = threading.Condition()
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE,
                                         stderr=self._err,
                                         start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while data := os.read(self._process.stdout.fileno(), 65536):
            with self._changed:
                self._out += data
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def stdout(self):
        """What it has written so far, as text."""
        return bytes(self._out).decode(errors="replace")

    @property
    def stderr(self):
        """What it has written to standard error so far, as text."""
        self._err.seek(0)
        return self._err.read().decode(errors="replace")

    @property
    def status(self):
        """None while it runs, then its exit status."""
        return self._process.poll()

    def wait(self, timeout=30):
        """Wait for the end; returns the status, CommandError when time is up."""
        timeout *= paths.SLOW
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise CommandError(f"did not end in {timeout} s: {self.text}\n"
                               f"{self.stdout}{self.stderr}") from None
        self._reader.join(2)
        return status

    def wait_output(self, text, timeout=10):
        """Wait until its standard output holds text."""
        timeout *= paths.SLOW
        def there():
            return text.encode() in self._out or not self._reader.is_alive()

        with self._changed:
            self._changed.wait_for(there, timeout)
        if text.encode() not in self._out:
            raise CommandError(f"no '{text}' in {timeout} s: {self.text}\n"
                               f"{self.stdout}{self.stderr}")

    def kill(self, number=signal.SIGTERM):
        """Send a signal to it and its children."""
        if self.status is None:
            os.killpg(self._process.pid, number)

    def stop(self, timeout=15):
        """Ask it to end (SIGTERM), insist (SIGKILL); returns its output."""
        self.kill()
        try:
            self.wait(timeout)
        except CommandError:
            self.kill(signal.SIGKILL)
            raise
        return self.stdout

    def check(self):
        """Raise CommandError unless it ended with status 0."""
        if self.status:
            raise CommandError(f"ended with {self.status}: {self.text}\n"
                               f"{self.stdout}{self.stderr}")
        return self.stdout


class Peer:
    """A network namespace; the guest's TAP lies in it and has its address.

    A context manager: removes the namespace, ends what was started in it.
    """

    def __init__(self, name="peer"):
        self.name = name
        self._processes = []

    def __enter__(self):
        run(f"ip netns add {self.name}")
        run(f"ip -n {self.name} link set lo up")
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill(signal.SIGKILL)
        run(f"ip netns del {self.name}")

    def prefix(self):
        """The start of a command line that runs in the namespace."""
        return ["ip", "netns", "exec", self.name]

    def run(self, text, timeout=30):
        """Run a shell command in the namespace that has to succeed."""
        return run(f"ip netns exec {self.name} sh -c {shlex.quote(text)}",
                   timeout)

    def spawn(self, text):
        """Start a shell command in the namespace; returns a Process."""
        process = Process([*self.prefix(), "sh", "-c", "exec " + text])
        self._processes.append(process)
        return process

    def tap(self, name):
        """Make a TAP here for QEMU's own devices; returns its -netdev value."""
        self.run(f"ip tuntap add {name} mode tap vnet_hdr")
        return (f"tap,ifname={name},script=no,downscript=no,vnet_hdr=on")

    def up(self, name, address):
        """Give an interface an address and bring it up."""
        # No IPv6 chatter of our own: tests count packets.
        self.run(f"sysctl -qw net.ipv6.conf.{name}.disable_ipv6=1 || :")
        # A guest that has to wait for a processor makes packets wait here.
        self.run(f"ip addr add {address} dev {name} && "
                 f"ip link set {name} txqueuelen 10000 up")

    def pull(self, path):
        """The bytes of a file (as Guest.pull)."""
        return Path(path).read_bytes()
