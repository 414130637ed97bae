# SPDX-License-Identifier: GPL-2.0
"""The host's end of the command channel into a guest (see guest/agent.c)."""

import os
import signal
import socket
import struct
import threading
import time

from . import paths

_HEADER = struct.Struct("<III")
_MAX_PAYLOAD = 32 * 1024
_RUN, _INPUT, _EOF, _KILL = 1, 2, 3, 4
_HELLO, _STDOUT, _STDERR, _EXIT = 16, 17, 18, 19


class GuestError(RuntimeError):
    """A command in the guest failed, or the guest did not answer in time."""


class Command:
    """A command that runs, or ran, in the guest.

    stdout and stderr grow while it runs; status is None until it ended, then
    its exit status, or minus the number of the signal that ended it.
    """

    def __init__(self, agent, ident, text):
        self.text = text
        self.status = None
        self._agent = agent
        self._id = ident
        self._out = bytearray()
        self._err = bytearray()
        self._changed = threading.Condition()

    @property
    def stdout(self):
        """What it has written so far, as text."""
        return bytes(self._out).decode(errors="replace")

    @property
    def stdout_bytes(self):
        """What it has written so far."""
        return bytes(self._out)

    @property
    def stderr(self):
        """What it has written to standard error so far, as text."""
        return bytes(self._err).decode(errors="replace")

    def wait(self, timeout=30):
        """Wait for the end; returns the status, GuestError when time is up."""
        timeout *= paths.SLOW
        with self._changed:
            if not self._changed.wait_for(lambda: self.status is not None,
                                          timeout):
                raise GuestError(f"guest command did not end in {timeout} s: "
                                 f"{self.text}\n{self.stdout}{self.stderr}"
                                 f"{self._agent.tail()}")
        return self.status

    def wait_output(self, text, timeout=10):
        """Wait until its standard output holds text."""
        timeout *= paths.SLOW
        def there():
            return text.encode() in self._out or self.status is not None

        with self._changed:
            self._changed.wait_for(there, timeout)
        if text.encode() not in self._out:
            raise GuestError(f"no '{text}' from guest command in {timeout} s: "
                             f"{self.text}\n{self.stdout}{self.stderr}")

    def kill(self, number=signal.SIGTERM):
        """Send a signal to the command and its children."""
        self._agent.send(self._id, _KILL, struct.pack("<I", number))

    def stop(self, timeout=15):
        """Ask it to end (SIGTERM) and wait; returns its standard output."""
        if self.status is None:
            self.kill()
        self.wait(timeout)
        return self.stdout

    def check(self):
        """Raise GuestError unless it ended with status 0; returns stdout."""
        if self.status:
            raise GuestError(f"guest command ended with {self.status}: "
                             f"{self.text}\n{self.stdout}{self.stderr}")
        return self.stdout

    def _frame(self, kind, data):
        with self._changed:
            if kind == _STDOUT:
                self._out += data
            elif kind == _STDERR:
                self._err += data
            elif kind == _EXIT:
                word = struct.unpack("<I", data)[0]
                self.status = os.waitstatus_to_exitcode(word)
            self._changed.notify_all()

    def _lost(self):
        with self._changed:
            if self.status is None:
                self._err += b"[connection to the guest lost]\n"
                self.status = 255
            self._changed.notify_all()


class Agent:
    """One guest's command channel: listen first, then start QEMU, then accept.

    tail: a function that returns text to add to errors (the console's end).
    """

    def __init__(self, path, tail=lambda: ""):
        self.path = path
        self.tail = tail
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._connection = None
        self._commands = {}
        self._next = 1
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._gone = threading.Event()

    def connect(self, timeout, alive):
        """Wait for the agent in the guest; alive() tells if QEMU still runs."""
        deadline = time.monotonic() + timeout * paths.SLOW
        self._listener.settimeout(0.2)
        while self._connection is None:
            try:
                self._connection = self._listener.accept()[0]
            except TimeoutError:
                self._still(deadline, alive)
        threading.Thread(target=self._read, daemon=True).start()
        while not self._up.wait(0.2):
            self._still(deadline, alive)

    def restart(self, text, timeout, alive):
        """Run a command after which another agent answers, of a new kernel."""
        self._up.clear()
        self.spawn(text)
        deadline = time.monotonic() + timeout * paths.SLOW
        while not self._up.wait(0.2):
            self._still(deadline, alive)
        # Nobody tells any more what became of what ran before.
        for command in list(self._commands.values()):
            command._lost()
        self._commands.clear()

    def _still(self, deadline, alive):
        if not alive():
            raise GuestError("QEMU ended before the guest was up" + self.tail())
        if time.monotonic() > deadline:
            raise GuestError("the guest's agent did not answer in time" +
                             self.tail())

    def send(self, ident, kind, data=b""):
        """Send one frame."""
        with self._lock:
            try:
                self._connection.sendall(
                    _HEADER.pack(len(data), ident, kind) + data)
            except OSError as error:
                raise GuestError(f"guest is gone: {error}" + self.tail()) \
                    from None

    def spawn(self, text, stdin=b""):
        """Start a shell command; returns its Command at once."""
        with self._lock:
            ident = self._next
            self._next += 1
            command = self._commands[ident] = Command(self, ident, text)
        if self._gone.is_set():
            command._lost()
            return command
        self.send(ident, _RUN, text.encode())
        for at in range(0, len(stdin), _MAX_PAYLOAD):
            self.send(ident, _INPUT, stdin[at:at + _MAX_PAYLOAD])
        self.send(ident, _EOF)
        return command

    def _receive(self, length):
        data = bytearray()
        while len(data) < length:
            piece = self._connection.recv(length - len(data))
            if not piece:
                raise ConnectionError("end of stream")
            data += piece
        return bytes(data)

    def _read(self):
        try:
            while True:
                length, ident, kind = _HEADER.unpack(
                    self._receive(_HEADER.size))
                data = self._receive(length)
                if kind == _HELLO:
                    self._up.set()
                elif ident in self._commands:
                    self._commands[ident]._frame(kind, data)
                    if kind == _EXIT:
                        del self._commands[ident]
        except OSError:
            self._gone.set()
            for command in list(self._commands.values()):
                command._lost()

    def close(self):
        """Close the channel."""
        self._listener.close()
        if self._connection:
            self._connection.close()
