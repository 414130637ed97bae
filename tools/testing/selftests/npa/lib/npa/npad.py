# SPDX-License-Identifier: GPL-2.0
"""npad, the device server: start it, talk to its control socket, stop it."""

import json
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import paths


class NpadError(RuntimeError):
    """npad did not start, did not answer, or refused a command."""


class Refused(NpadError):
    """npad answered a command with an error; code is its name."""

    def __init__(self, command, reply):
        self.code = reply.get("code")
        super().__init__(f"npad refused {command}: {reply.get('error')} "
                         f"({self.code})")


# Seconds that npad gives a guest by default to do what it was told.
ANSWER_S = 15

# How reports of the sanitizers begin, if npad was built with them.
REPORT = re.compile(r"^.*(?:ERROR: \w+Sanitizer|runtime error:).*$", re.M)


class Commands:
    """What can be asked of a vNIC; needs request(), log() and plugin."""

    def status(self):
        """The reply to "status"."""
        return self.request("status")

    def stats(self):
        """The reply to "stats"."""
        return self.request("stats")

    def wait_path(self, path, timeout=20):
        """Wait until the guest's data path is "vf" or "emulated" and quiet.

        Raises NpadError when the guest refused, or when time is up.
        """
        refused = self.refusal_number()
        deadline = time.monotonic() + timeout * paths.SLOW
        while True:
            status = self.status()
            # Until the emulation has stopped the guest may send by it.
            if status["path"] == path and \
                    status["state"] in ("idle", "vf-active") and \
                    (path != "vf" or "stopped" in status["message_ms"]):
                return status
            # A late refusal of an older message is not about this switch.
            if self.refusal_number(status) != refused and \
                    status["last_refusal"]["seq"] == \
                    status["message_ms"]["seq"]:
                raise NpadError(f"the switch was refused: "
                                f"{status['last_refusal']}")
            if time.monotonic() > deadline:
                raise NpadError(f"no path '{path}' in {timeout} s: {status}\n"
                                f"{self.log()[-2000:]}")
            time.sleep(0.01)

    def refusal_number(self, status=None):
        """A number that changes with each refused switch."""
        status = status or self.status()
        return status["switches"]["refused"]

    def attach(self, plugin=None, wait=True, timeout=20):
        """Attach the VF and ask the guest to switch to it."""
        self.request("attach", plugin=plugin or self.plugin)
        return self.wait_path("vf", timeout) if wait else None

    def detach(self, wait=True, timeout=20):
        """Ask the guest to switch back, then detach the VF."""
        self.request("detach")
        return self.wait_path("emulated", timeout) if wait else None


class Npad(Commands):
    """A running npad; a context manager that always ends it.

    netns: where its TAP goes; vf: the VF's model, the plugin to attach by
    default is its; more: names and addresses of more vNICs, see vnic(), an
    address may be followed by more of what --vnic takes;
    arguments: more of its command line.
    """

    def __init__(self, netns="peer", tap="npa0", mac="52:54:00:12:34:56",
                 plugin_dir=None, log_level="info", vf="82576", more=None,
                 arguments=()):
        if not paths.NPAD.exists():
            raise paths.MissingError(f"{paths.NPAD} is missing: "
                                     "run 'make tools'")
        self._directory = tempfile.TemporaryDirectory(prefix="npad-")
        self.directory = Path(self._directory.name)
        self.socket_path = self.directory / "vfio.sock"
        self.control_path = self.directory / "control.sock"
        self.log_path = self.directory / "npad.log"
        self.tap = tap
        self.mac = mac
        self.plugin = f"intel-{vf}vf"
        self._argv = [
            str(paths.NPAD), "--socket", str(self.socket_path),
            "--control", str(self.control_path), "--tap", f"{tap}@{netns}",
            "--mac", mac, "--plugin-dir", str(plugin_dir or paths.PLUGINS),
            "--log-level", log_level, "--vf", vf,
            "--answer-timeout", str(ANSWER_S * paths.SLOW), *arguments]
        for name, address in (more or {}).items():
            self._argv += ["--vnic", f"name={name},mac={address},vf={vf},"
                           f"socket={self.directory / name}.sock"]
        self._process = None
        self._connection = None
        self._lines = None

    def add_arguments(self, *arguments):
        """More of the command line, before it is started."""
        self._argv += arguments

    def vnic(self, name):
        """One vNIC of several, by name; the first one is "vnic0"."""
        return Vnic(self, name)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        self.stop()
        found = REPORT.search(self.final_log)
        if found and kind is None:
            raise NpadError(f"a sanitizer's report:\n"
                            f"{self.final_log[found.start():][:6000]}")

    @property
    def pid(self):
        """The process id."""
        return self._process.pid

    def alive(self):
        """Does npad run?"""
        return self._process is not None and self._process.poll() is None

    def log(self):
        """What npad has logged so far."""
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text(errors="replace")

    def start(self, timeout=10):
        """Start npad and wait until both of its sockets listen."""
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(self._argv, stdout=log,
                                             stderr=log,
                                             stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + timeout
        while "npad: ready" not in self.log():
            if not self.alive() or time.monotonic() > deadline:
                raise NpadError(f"npad did not become ready:\n{self.log()}")
            time.sleep(0.02)

    def stop(self, timeout=10):
        """End npad (SIGTERM, then SIGKILL); returns its exit status."""
        self.disconnect()
        status = None
        if self._process is not None:
            self._process.terminate()
            try:
                status = self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
                status = self._process.wait(timeout)
        self.final_log = self.log()
        self._directory.cleanup()
        return status

    def kill(self):
        """End npad without giving it a chance (SIGKILL)."""
        self._process.kill()
        self._process.wait(10)

    def disconnect(self):
        """Close the control connection; the next command opens another."""
        if self._connection:
            self._lines.close()
            self._connection.close()
            self._connection = None

    def request(self, command, timeout=10, **arguments):
        """Send one command; returns the reply, raises Refused if not ok."""
        try:
            if self._connection is None:
                self._connection = socket.socket(socket.AF_UNIX)
                self._connection.settimeout(timeout)
                self._connection.connect(str(self.control_path))
                self._lines = self._connection.makefile("rb")
            self._connection.settimeout(timeout)
            message = {"cmd": command, "args": arguments}
            self._connection.sendall(json.dumps(message).encode() + b"\n")
            line = self._lines.readline()
        except OSError as error:
            self.disconnect()
            raise NpadError(f"npad does not answer '{command}': {error}\n"
                            f"{self.log()[-2000:]}") from None
        if not line:
            self.disconnect()
            raise NpadError(f"npad closed the connection at '{command}'\n"
                            f"{self.log()[-2000:]}")
        reply = json.loads(line)
        if not reply.get("ok"):
            raise Refused(command, reply)
        return reply


class Vnic(Commands):
    """One of npad's vNICs."""

    def __init__(self, npad, name):
        self._npad = npad
        self.name = name
        self.plugin = npad.plugin
        self.log = npad.log
        self.socket_path = npad.socket_path if name == "vnic0" else \
            npad.directory / f"{name}.sock"

    def request(self, command, timeout=10, **arguments):
        """Npad.request() about this vNIC."""
        return self._npad.request(command, timeout, vnic=self.name,
                                  **arguments)

    def port(self, kind):
        """What "ports" says of the port that is "emulated" or "vf"."""
        for port in self._npad.request("ports")["ports"]:
            if (port["vnic"], port["kind"]) == (self.name, kind):
                return port
        raise NpadError(f"{self.name} has no port '{kind}'")

    def dropped(self, counter):
        """A counter of drops, on whatever port they were."""
        return sum(self.port(kind)[counter] for kind in ("emulated", "vf"))

    def policy(self, **changes):
        """Change the policy (default_vlan="5") and return it."""
        arguments = {name.replace("_", "-"): value
                     for name, value in changes.items()}
        return self.request("policy", **arguments)["policy"]


def npactl(npad, *arguments, timeout=30):
    """Run npactl on an Npad; returns the subprocess.CompletedProcess."""
    return subprocess.run([str(paths.NPACTL), "-s", str(npad.control_path),
                           *arguments], capture_output=True, text=True,
                          timeout=timeout, check=False,
                          stdin=subprocess.DEVNULL)
