#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What npactl and npad are told in error: a message, a status, nothing else."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import paths, scene, tap  # noqa: E402
from npa.npad import Npad, npactl  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402

GOOD = "intel-82576vf"
STORE = tempfile.TemporaryDirectory(prefix="npa-store-")
TOO_LARGE = 5 * 1024 * 1024  # npad reads 4 MiB


def fill_store():
    """The good image, and files that are none."""
    store = Path(STORE.name)
    shutil.copy(paths.PLUGINS / f"{GOOD}.npa", store)
    (store / "empty.npa").touch()
    (store / "directory.npa").mkdir()
    with open(store / "sparse.npa", "wb") as file:
        file.truncate(TOO_LARGE)


def unchanged(function):
    """A test after which status is as before and the guest still pings."""
    def test(s):
        before = s.npad.status()
        function(s)
        check_equal(s.npad.status(), before, "status")
        check(s.npad.alive(), "npad has ended")
        s.guest.run(f"ping -q -c 3 -i 0.02 -W 2 {scene.PEER}")
        check_equal(s.guest.alarms(), [], "alarms in the kernel log")

    test.__name__, test.__doc__ = function.__name__, function.__doc__
    return test


class Raw:
    """A client of the control socket that may say anything."""

    def __init__(self, npad):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(str(npad.control_path))
        self._lines = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lines.close()
        self._socket.close()

    def send(self, data):
        """Send bytes as they are."""
        self._socket.sendall(data)

    def reply(self):
        """The next line as JSON; None at the end of the connection."""
        line = self._lines.readline()
        return json.loads(line) if line else None


# What is sent, and the code of the error that has to come back.
REQUESTS = (
    (b"hello", "bad-json"),
    (b'{"cmd": "status"', "bad-json"),
    (b'{"cmd": "status"} x', "bad-json"),
    (b'{"cmd": "stat\xff"}', "bad-json"),
    (b'{"cmd": "status"}\x00', "bad-json"),
    (b"[" * 1000, "bad-json"),
    (b"[]", "bad-json"),
    (b"null", "bad-json"),
    (b"17", "bad-json"),
    (b"{}", "bad-request"),
    (b'{"cmd": 1}', "bad-request"),
    (b'{"cmd": "status", "args": []}', "bad-request"),
    (b'{"cmd": "explode"}', "unknown-command"),
    (b'{"cmd": ""}', "unknown-command"),
    (b'{"cmd": "link"}', "bad-argument"),
    (b'{"cmd": "link", "args": {"state": 1}}', "bad-argument"),
    (b'{"cmd": "link", "args": {"state": "sideways"}}', "bad-argument"),
    (b'{"cmd": "attach", "args": {"plugin": {}}}', "bad-argument"),
    (b'{"cmd": "attach", "args": {"plugin": "nowhere"}}', "no-plugin"),
    (b'{"cmd": "attach", "args": {"plugin": "../x"}}', "no-plugin"),
    (b'{"cmd": "attach", "args": {"plugin": "/etc/passwd"}}', "no-plugin"),
    (b'{"cmd": "attach", "args": {"plugin": ""}}', "no-plugin"),
    (b'{"cmd": "attach", "args": {"plugin": "empty"}}', "no-plugin"),
    (b'{"cmd": "attach", "args": {"plugin": "directory"}}', "no-plugin"),
    (b'{"cmd": "attach", "args": {"plugin": "sparse"}}', "no-plugin"),
    (b'{"cmd": "revoke"}', "no-vf"),
    (b'{"cmd": "fault"}', "bad-argument"),
    (b'{"cmd": "status", "args": {"vnic": "nobody"}}', "unknown-vnic"),
    (b'{"cmd": "status", "args": {"vnic": 5}}', "bad-argument"),
    (b'{"cmd": "policy", "args": {"vlan": 5}}', "bad-argument"),
    (b'{"cmd": "policy", "args": {"vlan": "9-8"}}', "bad-argument"),
    (b'{"cmd": "policy", "args": {"default-vlan": "4095"}}', "bad-argument"),
    (b'{"cmd": "policy", "args": {"mac-add": "1:2"}}', "bad-argument"),
    (b'{"cmd": "mirror", "args": {"to": "nowhere"}}', "no-mirror"),
    (b'{"cmd": "mirror", "args": {"to": "pcap:/proc/x"}}', "no-mirror"),
    (b'{"cmd": "fault", "args": {"name": "load-fail"}}', "bad-argument"),
)


def bad_requests(s):
    """Every wrong line gets its error, on the same connection."""
    wrong = []
    with Raw(s.npad) as raw:
        for line, code in REQUESTS:
            raw.send(line + b"\n")
            reply = raw.reply()
            if not reply or reply.get("ok") is not False or \
                    reply.get("code") != code or not reply.get("error"):
                wrong.append(f"{line[:60]} got {reply}, wanted {code}")
        raw.send(b'{"cmd": "status"}\n')
        check_equal(raw.reply()["ok"], True, "a good request afterwards")
    check(not wrong, "\n".join(wrong))


def too_long(s):
    """A request without end is cut off; other clients do not notice."""
    with Raw(s.npad) as raw:
        raw.send(b"x" * 64 * 1024)
        check_equal(raw.reply()["code"], "too-long", "code")
        check_equal(raw.reply(), None, "next line")


def too_many_clients(s):
    """One client too many is turned away; the others are served."""
    clients = []
    try:
        while True:
            clients.append(Raw(s.npad))
            check(len(clients) < 100, "there is no limit")
            try:
                clients[-1].send(b'{"cmd": "status"}\n')
                reply = clients[-1].reply()
            except OSError:
                reply = None
            if not reply or not reply["ok"]:
                break
        check(len(clients) > 4, f"only {len(clients)} clients")
        clients[0].send(b'{"cmd": "status"}\n')
        check_equal(clients[0].reply()["ok"], True, "the first client's reply")
    finally:
        for client in clients:
            client.__exit__()


# Arguments of npactl, exit status, what it has to say.
CALLS = (
    ((), 2, "Usage: npactl"),
    (("explode",), 2, "'explode' is not a command"),
    (("--what",), 2, "'--what' is not understood"),
    (("status", "now"), 2, "'now' is too much"),
    (("attach", "it"), 2, "'it' is not understood"),
    (("attach", "--plugin"), 2, "'--plugin' is not understood"),
    (("attach", "--wait=soon"), 2, "--wait takes seconds"),
    (("detach", "--wait=-1"), 2, "--wait takes seconds"),
    (("link",), 2, "say 'up' or 'down'"),
    (("link", "sideways"), 2, "say 'up' or 'down'"),
    (("fault",), 2, "name a fault"),
    (("fault", "load-fail", "maybe"), 2, "'maybe' is not"),
    (("fault", "no-such-fault", "once"), 1, "no-such-fault"),
    (("stats", "--clear"), 2, "'--clear' is not understood"),
    (("attach", "--plugin", "nowhere"), 1, "No such file"),
    (("attach", "--plugin", "../escape"), 1, "bad name"),
    (("attach", "--plugin", "empty"), 1, "empty"),
    (("attach", "--plugin", "directory"), 1, "not a regular file"),
    (("attach", "--plugin", "sparse"), 1, "too large"),
    (("attach", "--plugin", "nowhere", "--wait"), 1, "No such file"),
    (("revoke",), 1, "there is no VF"),
    (("-n", "nobody", "status"), 1, "no vNIC \"nobody\""),
    (("policy", "explode"), 2, "neither 'show' nor 'set'"),
    (("policy", "set"), 2, "say what to set"),
    (("policy", "set", "antispoof"), 2, "say what to set"),
    (("policy", "set", "colour", "red"), 2, "'colour' is not understood"),
    (("policy", "set", "antispoof", "maybe"), 1, "on or off: maybe"),
    (("policy", "set", "vlan", "5-1"), 1, "0,10-20: 5-1"),
    (("policy", "set", "antispoof", "off", "default-vlan", "0"), 1, "1 to 4094"),
    (("ports", "all"), 2, "'all' is too much"),
    (("top", "--twice"), 2, "'--twice' is not understood"),
    (("top", "--interval", "0"), 2, "the interval is"),
    (("mirror", "elephant"), 1, "neither pcap:/PATH"),
    (("mirror", "off", "now"), 2, "'now' is too much"),
)


def npactl_errors(s):
    """npactl says what is wrong on standard error and in its exit status."""
    wrong = []
    for arguments, status, text in CALLS:
        done = npactl(s.npad, *arguments)
        if done.returncode != status or text not in done.stderr or \
                done.stdout:
            wrong.append(f"npactl {' '.join(arguments)}: {done.returncode}, "
                         f"'{done.stderr.strip()}', wanted {status}, '{text}'")
    check(not wrong, "\n".join(wrong))


def unreachable(s):
    """Without npad npactl says so and exits with 3."""
    for path in ("/nowhere/npad.sock", "/etc/passwd", "x" * 200):
        done = subprocess.run([paths.NPACTL, "-s", path, "status"],
                              capture_output=True, text=True, check=False,
                              timeout=20)
        check_equal(done.returncode, 3, f"exit status with -s {path[:20]}")
        check(path in done.stderr, f"it says {done.stderr}")
    check(s.npad.alive(), "npad has ended")


def already_attached(s):
    """A second attach is refused, and the first one stays."""
    s.npad.attach()
    tap.defer(s.npad.detach)
    done = npactl(s.npad, "attach")
    check_equal(done.returncode, 1, "exit status")
    check("already" in done.stderr, f"it says {done.stderr}")
    check_equal(s.npad.status()["path"], "vf", "path")
    s.guest.run(f"ping -q -c 3 -i 0.02 -W 2 {scene.PEER}")


def second_client(s):
    """A second vfio-user client is turned away; the guest keeps its NIC."""
    with socket.socket(socket.AF_UNIX) as other:
        other.settimeout(10)
        other.connect(str(s.npad.socket_path))
        check_equal(other.recv(1), b"", "what it gets")
    check("refused a second client" in s.npad.log(), "npad did not log it")


def run_npad(*arguments):
    """Run npad with arguments that it has to refuse."""
    return subprocess.run([paths.NPAD, *map(str, arguments)],
                          capture_output=True, text=True, check=False,
                          timeout=20, stdin=subprocess.DEVNULL)


def npad_options(s):
    """Wrong options of npad: a message, the hint at --help, status 2."""
    good = ["--socket", "/tmp/v", "--control", "/tmp/c", "--tap", "x0"]
    wrong = []
    for arguments, text in (
            ((), "--socket, --control and --tap are needed"),
            ((*good, "--explode"), "--explode"),
            ((*good, "--mac"), "--mac"),
            ((*good, "--mac", "elephant"), "elephant"),
            ((*good, "--mac", "01:00:00:00:00:01"), "01:00:00:00:00:01"),
            ((*good, "--mac", "52:54:00:12:34:56:78"), "not a unicast"),
            ((*good, "--queues", "0"), "queues"),
            ((*good, "--queues", "9"), "revision 6"),
            ((*good, "--queues", "33", "--revision", "6"), "queues"),
            ((*good, "--queues", "two"), "queues"),
            ((*good, "--revision", "99"), "revision"),
            ((*good, "--interrupts", "nmi"), "interrupts"),
            ((*good, "--mask-mode", "never"), "mask mode"),
            ((*good, "--rx-order", "random"), "RX order"),
            ((*good, "--rx-order", "out"), "revision 7"),
            ((*good, "--speed", "9"), "speed"),
            ((*good, "--disable-offloads", "gro"), "tso and lro"),
            ((*good, "--disable-offloads", "tso"), "revision 9"),
            ((*good, "--sample-rate", "x"), "sample rate"),
            ((*good, "--vf", "82599999"), "VF"),
            ((*good, "--log-level", "loud"), "log level"),
            ((*good, "--answer-timeout", "0"), "answer timeout"),
            ((*good, "--vnic", "name=b"), "needs name, socket and mac"),
            ((*good, "--vnic", "colour=red"), "does not know"),
            ((*good, "--vnic", "name=a b,socket=/tmp/w,mac=2:0:0:0:0:1"),
             "not a name"),
            ((*good, "--vnic", "name=vnic0,socket=/tmp/w,mac=2:0:0:0:0:1"),
             "have the name"),
            ((*good, "--vnic", "name=b,socket=/tmp/v,mac=2:0:0:0:0:1"),
             "have the socket"),
            ((*good, "--vnic", "name=b,socket=/tmp/w,mac=00:50:56:00:00:01"),
             "another's"),
            ((*good, "more"), "unexpected argument")):
        done = run_npad(*arguments)
        if done.returncode != 2 or text not in done.stderr or \
                "--help" not in done.stderr or done.stdout:
            wrong.append(f"npad {' '.join(arguments)}: {done.returncode}, "
                         f"'{done.stderr.strip()}', wanted 2, '{text}'")
    check(not wrong, "\n".join(wrong))
    check(s.npad.alive(), "the other npad has ended")


def npad_start(s):
    """npad that cannot start: a message, status 1, nothing left behind."""
    with tempfile.TemporaryDirectory(prefix="npad-") as name:
        directory = Path(name)
        file = directory / "file"
        file.write_text("precious")
        vfio, control = directory / "v.sock", directory / "c.sock"
        tap_name = f"npa9@{s.peer.name}"
        wrong = []
        for vfio_path, control_path, uplink, text in (
                (vfio, control, f"npa0@{s.peer.name}", "npa0"),
                (vfio, control, f"{'x' * 40}@{s.peer.name}", "x" * 40),
                (vfio, control, "npa9@nowhere", "nowhere"),
                (vfio, control, f"a/b@{s.peer.name}", "a/b"),
                (s.npad.socket_path, control, tap_name, "in use"),
                (vfio, s.npad.control_path, tap_name, "in use"),
                (file, control, tap_name, str(file)),
                (vfio, file, tap_name, str(file)),
                (directory / "no/v.sock", control, tap_name, "no/v.sock"),
                (vfio, directory / "no/c.sock", tap_name, "no/c.sock"),
                (directory / ("y" * 120), control, tap_name, "too long"),
                (vfio, directory / ("y" * 120), tap_name, "too long")):
            done = run_npad("--socket", vfio_path, "--control", control_path,
                            "--tap", uplink)
            what = f"npad {vfio_path} {control_path} {uplink}: "
            if done.returncode != 1 or text not in done.stderr:
                wrong.append(what + f"{done.returncode}, "
                             f"'{done.stderr.strip()}', wanted 1, '{text}'")
            left = sorted(entry.name for entry in directory.iterdir())
            if left != ["file"]:
                wrong.append(what + f"left {left}")
                for path in (vfio, control):
                    path.unlink(missing_ok=True)
        check_equal(file.read_text(), "precious", "a file in the way")
        links = s.peer.run("ip -o link show")
        check("npa9" not in links, f"left an interface: {links}")
        check(not wrong, "\n".join(wrong))


def no_npa(s):
    """npad --no-npa has no VF to give, and says so."""
    with Npad(netns=s.peer.name, tap="npa8", arguments=["--no-npa"]) as npad:
        for command in (("attach",), ("detach",), ("revoke",)):
            done = npactl(npad, *command)
            check_equal(done.returncode, 1, f"exit status of {command}")
            check("--no-npa" in done.stderr, f"{command}: {done.stderr}")
        for command in (("status",), ("fault", "list")):
            done = npactl(npad, *command)
            check_equal((done.returncode, done.stderr), (0, ""),
                        f"npactl {command}")
        # Those that need no NPA are all that there are.
        check("dev-gone" in done.stdout and "load-fail" not in done.stdout,
              done.stdout)


def live_table(s):
    """npactl top --once, for people and in JSON."""
    done = npactl(s.npad, "top", "--once", "--interval", "0.1")
    check_equal(done.returncode, 0, "exit status")
    check("uplink" in done.stdout and "vnic0/emulated*" in done.stdout,
          done.stdout)
    done = npactl(s.npad, "top", "--once", "--interval", "0.1", "--json")
    table = json.loads(done.stdout)
    check_equal([port["port"] for port in table["ports"]],
                ["uplink", "vnic0/emulated*", "vnic0/vf"], "ports")


def json_everywhere(s):
    """What a command shows, it also says in JSON."""
    for command in ("status", "vnics", "stats", "ports", "policy", "mirror",
                    "events", "plugins"):
        done = npactl(s.npad, command, "--json")
        check_equal((done.returncode, json.loads(done.stdout)["ok"]),
                    (0, True), command)


def help_texts(s):
    """--help of npad, npactl and each of its commands; status 0."""
    texts = [subprocess.run([paths.NPAD, "--help"], capture_output=True,
                            text=True, check=True).stdout]
    texts.append(npactl(s.npad, "--help").stdout)
    check("Exit status" in texts[1], texts[1])
    for command in ("status", "attach", "detach", "revoke", "link", "stats",
                    "fault", "events", "plugins", "vnics", "ports", "top",
                    "policy", "mirror"):
        done = npactl(s.npad, command, "--help")
        check_equal((done.returncode, done.stderr), (0, ""), command)
        texts.append(done.stdout)
    for text in texts:
        check(text.startswith("Usage: "), text)


if __name__ == "__main__":
    fill_store()
    Suite(lambda: scene.npad_scene(npad_options={"plugin_dir": STORE.name})) \
        .main(*map(unchanged, (bad_requests, too_long, too_many_clients,
                               npactl_errors, unreachable, second_client,
                               npad_options, npad_start, no_npa, live_table,
                               json_everywhere, help_texts)),
              already_attached, limit=60)
