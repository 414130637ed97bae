# SPDX-License-Identifier: GPL-2.0
"""QEMU's monitor: what is done to a machine from outside."""

import contextlib
import json
import socket
import tempfile
import time
from pathlib import Path


class QmpError(RuntimeError):
    """QEMU refused a command, or an event did not come."""


class Qmp:
    """A machine's monitor; give arguments() to QEMU, then use it.

    A context manager, which has to be entered before QEMU is started.
    """

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="npa-qmp-")
        self._path = Path(self._directory.name) / "qmp"
        self._socket = None
        self._lines = None
        self._events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._disconnect()
        self._directory.cleanup()

    def _disconnect(self):
        if self._socket:
            self._lines.close()
            self._socket.close()
        self._socket = None
        self._events = []

    def arguments(self):
        """QEMU arguments, of a machine that is about to be started."""
        self._disconnect()
        return ["-qmp", f"unix:{self._path},server=on,wait=off"]

    def _receive(self):
        line = self._lines.readline()
        if not line:
            raise QmpError("QEMU has closed its monitor")
        return json.loads(line)

    def command(self, name, **arguments):
        """Run a command; returns what it returns."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(20)
            self._socket.connect(str(self._path))
            self._lines = self._socket.makefile("rb")
            self._receive()
            self.command("qmp_capabilities")
        message = {"execute": name}
        if arguments:
            message["arguments"] = arguments
        self._socket.sendall(json.dumps(message).encode() + b"\n")
        while True:
            reply = self._receive()
            if "error" in reply:
                raise QmpError(f"{name}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]
            if "event" in reply:
                self._events.append(reply)

    @contextlib.contextmanager
    def stopped(self):
        """The machine's processors stand still, so no register access is on
        its way: QEMU 11.1 aborts (error_setv) if the server of a device goes
        while an answer is waited for."""
        self.command("stop")
        try:
            yield
        finally:
            self.command("cont")

    def wait_event(self, name, timeout=30):
        """Wait for an event ("SUSPEND") that was not waited for yet."""
        deadline = time.monotonic() + timeout
        while True:
            for number, event in enumerate(self._events):
                if event["event"] == name:
                    del self._events[:number + 1]
                    return event
            if time.monotonic() > deadline:
                raise QmpError(f"no event {name}, but {self._events}")
            time.sleep(0.1)
            # Whatever it answers: events come with it.
            self.command("query-status")
