# SPDX-License-Identifier: GPL-2.0
"""The kernel's own selftests of network drivers, unmodified, in a guest.

They come from the root's linux-source package. The guest has two NICs of the
same kind on one switch: one to test, and one in a namespace of the guest, which
plays the remote host.
"""

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

from . import initramfs, paths
from .net import Peer
from .npad import Npad
from .tap import note
from .vm import Guest, npad_device

# Where the guest has what it needs of the kernel's source, as in the source.
TOP = "/ksft"
SELFTESTS = "tools/testing/selftests"
DIRECTORIES = [f"{SELFTESTS}/net/lib", f"{SELFTESTS}/drivers/net/lib",
               f"{SELFTESTS}/drivers/net/hw", "tools/net/ynl/pyynl",
               "Documentation/netlink/specs"]
# Their programs: source, below the selftests.
PROGRAMS = ["net/lib/csum", "net/lib/gro", "net/lib/xdp_helper",
            "drivers/net/napi_id_helper"]
BPF_PROGRAMS = ["net/lib/xdp_dummy.bpf", "net/lib/xdp_native.bpf"]
TOOLS = ["socat", "bpftool", "iperf3"]
MODULES = ["sch_fq", "sch_ingress", "cls_flower", "cls_matchall", "cls_bpf",
           "act_skbedit", "vxlan", "geneve", "ipip", "ip6_tunnel", "sit",
           "ip_gre", "ip6_gre", "netconsole", "macvlan"]
# Parts of Python's library that no test needs.
NO_PYTHON = ["test", "idlelib", "tkinter", "ensurepip", "pydoc_data",
             "asyncio", "venv", "sqlite3", "turtle.py", "config-*"]

# What the NIC has to be like for a test, and how it becomes as it was.
PREPARED = {
    # It wants 4000 frames a second, of which merged ones would be too few.
    "hw/pp_alloc_fail": ("ethtool -K {} lro off", "ethtool -K {} lro on"),
}

# One that knows JSON for -l, as those of newer releases do and a test expects.
ETHTOOL = """#!/bin/sh
[ "$1 $2" = "--json -l" ] || exec /usr/bin/ethtool "$@"
/usr/bin/ethtool -l "$3" | awk -v name="$3" '
/^Current/ { now = 1 }
/^Combined:/ { key = now ? "combined" : "combined-max"; n[key] = $2 }
END { printf "[{\\"ifname\\": \\"%s\\", \\"combined\\": %d, " \
      "\\"combined-max\\": %d}]\\n", name, n["combined"], n["combined-max"] }'
"""

MAC, REMOTE_MAC = "52:54:00:12:34:0a", "52:54:00:12:34:0b"
NETNS = "remote"
# Four processors: one test moves an interrupt from some to others.
CPUS = 4
MEMORY = 1024

RESULT = re.compile(r"^(ok|not ok) \d+ (\S+)(?: # (SKIP|XFAIL)\b ?(.*))?$",
                    re.M)


def source():
    """The kernel's source."""
    done = subprocess.run([paths.SELFTEST / "env/linux-source"], check=True,
                          capture_output=True, text=True)
    return Path(done.stdout.splitlines()[-1])


def _ignored(*_):
    return shutil.ignore_patterns("__pycache__", "*.rst", "*.c", "*.h",
                                  *NO_PYTHON)(*_)


def _compile(linux, root):
    """Build the tests' programs into the guest's copy."""
    tests, out = linux / SELFTESTS, root / TOP[1:] / SELFTESTS
    for name in PROGRAMS:
        subprocess.run(["gcc", "-O2", "-static", "-w", "-Wl,-w", f"-I{tests}",
                        "-o", out / name, tests / f"{name}.c"], check=True)
    for name in BPF_PROGRAMS:
        subprocess.run(["clang", "-O2", "-g", "--target=bpf",
                        "-I/usr/include/x86_64-linux-gnu", "-c", "-o",
                        out / f"{name}.o", tests / f"{name}.c"], check=True)


def copy_python(root):
    """Python, its library and YAML for it."""
    library = next(Path("/usr/lib").glob("python3.*"))
    shutil.copytree(library, root / str(library)[1:], ignore=_ignored)
    # Built for Python, they name libraries of their own.
    for part in (root / str(library)[1:] / "lib-dynload").glob("*.so"):
        initramfs.add_program(root, library / "lib-dynload" / part.name,
                              f"{library}/lib-dynload/{part.name}")
    packages = Path("/usr/lib/python3/dist-packages")
    shutil.copytree(packages / "yaml", root / str(packages)[1:] / "yaml",
                    ignore=_ignored)
    for part in (packages / "yaml").glob("*.so"):
        initramfs.add_program(root, part, str(part))
    initramfs.add_tools(root, ["python3"])


def _populate(root):
    linux = source()
    top = root / TOP[1:]
    for directory in DIRECTORIES:
        shutil.copytree(linux / directory, top / directory, ignore=_ignored)
    for test in (linux / SELFTESTS / "drivers/net").glob("*.py"):
        shutil.copy2(test, top / SELFTESTS / "drivers/net")
    _compile(linux, root)
    copy_python(root)
    initramfs.add_tools(root, TOOLS)
    # Where the kernel looks for it when it wants a module.
    (root / "bin").mkdir()
    (root / "bin/modprobe").symlink_to("../usr/bin/kmod")
    (root / "usr/sbin").mkdir()
    (root / "usr/sbin/ethtool").write_text(ETHTOOL, encoding="ascii")
    (root / "usr/sbin/ethtool").chmod(0o755)
    # Under TCG compiling takes longer than running.
    subprocess.run(["python3", "-m", "compileall", "-q", "-j1", "-s", root,
                    "-p", "/", root], check=False, stdout=subprocess.DEVNULL)


def extension():
    """What the guest's file system needs beside the usual."""
    return initramfs.Extension("ksft", _populate, [Path(__file__)], MODULES)


class Bench:
    """A guest whose NIC the kernel's selftests can be run on."""

    def __init__(self, guest, npad=None):
        self.guest = guest
        self.npad = npad
        self.netdev = None

    def set_up(self):
        """Load the driver, move the second NIC, give both addresses."""
        guest = self.guest
        guest.run(f"modprobe {guest.module}")
        find = "grep -l {} /sys/class/net/*/address | cut -d/ -f5"
        self.netdev = guest.run(find.format(MAC)).strip()
        remote = guest.run(find.format(REMOTE_MAC)).strip()
        guest.run(f"""
            modprobe netconsole
            mount -t configfs config /sys/kernel/config || exit
            # Tests take the NIC down; its addresses are to outlast that.
            for d in all default {self.netdev}; do
                echo 1 > /proc/sys/net/ipv6/conf/$d/keep_addr_on_down
                echo 0 > /proc/sys/net/ipv6/conf/$d/accept_dad
            done
            ip netns add {NETNS}
            ip link set {remote} netns {NETNS}
            ip -n {NETNS} link set lo up
            ip addr add 198.51.100.2/24 dev {self.netdev}
            ip addr add fd00::2/64 dev {self.netdev} nodad
            ip link set {self.netdev} up
            ip -n {NETNS} addr add 198.51.100.1/24 dev {remote}
            ip -n {NETNS} addr add fd00::1/64 dev {remote} nodad
            ip -n {NETNS} link set {remote} up
            for i in $(seq 50); do
                ping -c 1 -W 1 198.51.100.1 && ping -c 1 -W 1 fd00::1 && exit 0
                sleep 0.2
            done
            exit 1""", timeout=120)

    def run(self, test, cases=(), timeout=600):
        """Run a test ("ping", "hw/csum"), or only some cases of it.

        Returns its output and a dictionary: case to "pass", "fail", "skip" or
        "xfail" and what it says after that. The test itself is in it, under
        "", if it did not come to its end.
        """
        directory, _, name = f"drivers/net/{test}".rpartition("/")
        wanted = " ".join(f"-t '{case}'" for case in cases)
        before, after = (text.format(self.netdev)
                         for text in PREPARED.get(test, ("true", "true")))
        command = self.guest.try_run(
            f"{before} && trap '{after}' EXIT && "
            f"cd {TOP}/{SELFTESTS}/{directory} && "
            f"NETIF={self.netdev} LOCAL_V4=198.51.100.2 LOCAL_V6=fd00::2 "
            f"REMOTE_V4=198.51.100.1 REMOTE_V6=fd00::1 REMOTE_TYPE=netns "
            f"REMOTE_ARGS={NETNS} KSFT_MACHINE_SLOW=1 "
            f"python3 ./{name}.py {wanted} 2>&1", timeout)
        return command.stdout, self._results(name, command)

    @staticmethod
    def _results(name, command):
        results = {}
        for result, case, word, text in RESULT.findall(command.stdout):
            case = case.removeprefix(f"{name}.")
            results[case] = (word.lower() if word else
                             "pass" if result == "ok" else "fail", text)
        if "# Totals:" not in command.stdout:
            lines = command.stdout.strip().splitlines() or ["no output"]
            results[""] = ("fail", f"status {command.status}: {lines[-1]}")
        return results


@contextlib.contextmanager
def on_npad(driver="ours", vf="82599", arguments=()):
    """A Bench on two vNICs of one npad."""
    more = ("name=remote,socket={directory}/remote.sock,"
            f"mac={REMOTE_MAC},queues={CPUS},vf={vf}")
    with Peer() as peer:
        npad = Npad(netns=peer.name, mac=MAC, vf=vf, arguments=[
            "--queues", str(CPUS), *arguments])
        # Its directory is made with it.
        npad.add_arguments("--vnic", more.format(directory=npad.directory))
        with npad:
            devices = [*npad_device(npad.socket_path),
                       *npad_device(npad.directory / "remote.sock")]
            with Guest(driver=driver, device=devices, smp=CPUS, memory=MEMORY,
                       extension=extension()) as guest:
                bench = Bench(guest, npad)
                bench.set_up()
                yield bench


@contextlib.contextmanager
def on_stock(driver="ours"):
    """A Bench on two of QEMU's own vmxnet3, on a hub of QEMU's."""
    devices = []
    for number, mac in enumerate((MAC, REMOTE_MAC)):
        devices += ["-netdev", f"hubport,id=net{number},hubid=0", "-device",
                    f"vmxnet3,netdev=net{number},mac={mac}"]
    with Guest(driver=driver, device=devices, smp=CPUS, memory=MEMORY,
               extension=extension()) as guest:
        bench = Bench(guest)
        bench.set_up()
        yield bench


def show(output):
    """A test's output as comments."""
    for line in output.splitlines():
        # A test that fails shows what it sent: 64 KiB in a line.
        note(line[:200])
