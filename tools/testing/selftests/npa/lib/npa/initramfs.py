# SPDX-License-Identifier: GPL-2.0
"""The guest's file system: busybox, a few tools, modules and our programs.

An image is made once per kernel and driver and made anew when one of the files
that go into it is newer.
"""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths

# Found by PATH in the root, copied with the libraries that they name.
TOOLS = ["ip", "ss", "tc", "bridge", "ethtool", "devlink", "iperf3", "ping",
         "kmod", "tcpdump", "dash", "bash"]

# Modules of the stock kernel, with what they depend on. "vmxnet3" is the
# kernel's own driver and is left out when ours takes its place.
MODULES = ["dummy", "pktgen", "virtio_net", "bonding", "8021q", "netconsole",
           "sch_netem", "net_failover", "veth"]


def _is_stock(driver):
    """Is it a module of the kernel, not a path to one of ours?"""
    return bool(driver) and "/" not in str(driver)


def _module(driver):
    return "vmxnet3" if driver == "in-tree" else driver


def _shared_libraries(program):
    """The absolute paths of the libraries (and loader) that ldd names."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True,
                         check=False).stdout
    return [Path(p) for p in re.findall(r"(/\S+) \(0x", out)]


def _copy(source, root, target=None):
    """Copy a file to the same (or another) path below root, links resolved."""
    target = Path(root) / str(target or source).lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(os.path.realpath(source), target)


def _copy_tools(root):
    add_tools(root, TOOLS)
    # Not named by any: the C library loads it when a thread is cancelled.
    _copy("/lib/x86_64-linux-gnu/libgcc_s.so.1", root)
    for applet in ("modprobe", "insmod", "rmmod", "lsmod", "depmod", "modinfo"):
        (root / "usr/bin" / applet).symlink_to("kmod")


def _copy_busybox(root):
    busybox = shutil.which("busybox")
    _copy(busybox, root, "/bin/busybox")
    names = subprocess.run([busybox, "--list"], capture_output=True, text=True,
                           check=True).stdout.split()
    for name in names:
        if not (root / "usr/bin" / name).exists() and name != "busybox":
            (root / "bin" / name).symlink_to("busybox")
    # Busybox's own shell would prefer its applets to the tools above.
    (root / "bin/sh").unlink()
    (root / "bin/sh").symlink_to("/usr/bin/dash")


def _copy_modules(root, release, driver, more=()):
    """Copy modules and make their index; driver as for image()."""
    wanted = [*MODULES, *more]
    if _is_stock(driver):
        wanted.append(_module(driver))
    elif driver:
        depends = subprocess.run(["modinfo", "--field=depends", str(driver)],
                                 capture_output=True, text=True, check=True)
        wanted += depends.stdout.strip().replace(",", " ").split()
    base = paths.kernel_root(release) / "lib/modules" / release
    files = subprocess.run(
        ["modprobe", "--show-depends", "--all", "--set-version", release,
         "--dirname", str(paths.kernel_root(release)), *wanted],
        capture_output=True, text=True, check=True).stdout
    for path in re.findall(r"^insmod (\S+)", files, re.M):
        relative = Path(os.path.realpath(path)).relative_to(
            os.path.realpath(base))
        _copy(path, root, f"/usr/lib/modules/{release}/{relative}")
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        if (base / name).exists():
            _copy(base / name, root, f"/usr/lib/modules/{release}/{name}")
    if driver and not _is_stock(driver):
        _copy(driver, root, f"/usr/lib/modules/{release}/updates/"
              f"{Path(driver).name}")
    subprocess.run(["depmod", "--basedir", str(root), release], check=True)


def _populate(root, release, driver):
    for directory in ("bin", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64",
                      "proc", "sys", "dev", "tmp", "run", "root", "etc",
                      "var/run"):
        (root / directory).mkdir(parents=True)
    (root / "sbin").symlink_to("bin")
    (root / "lib").symlink_to("usr/lib")
    (root / "lib64").symlink_to("usr/lib64")
    _copy_tools(root)
    _copy_busybox(root)
    _copy_modules(root, release, driver)
    for program in paths.GUEST_PROGRAMS.glob("npa-*"):
        _copy(program, root, f"/usr/bin/{program.name}")
    _copy(paths.SELFTEST / "guest/init", root, "/init")
    (root / "init").chmod(0o755)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")


def _inputs(release, driver):
    files = [Path(__file__), paths.SELFTEST / "guest/init",
             paths.kernel_image(release),
             *paths.GUEST_PROGRAMS.glob("npa-*")]
    if driver and not _is_stock(driver):
        files.append(Path(driver))
    return files


def _name(release, driver):
    if driver and not _is_stock(driver):
        driver = f"ours-{Path(driver).stem}"
    return f"{release}-{driver}"


def _archive(name, inputs, populate):
    """The path of an archive of what populate(root) makes in a directory.

    It is made anew if one of the files in inputs is newer.
    """
    directory = paths.BUILD / "initramfs"
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{name}.cpio"
    with open(f"{target}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(f.stat().st_mtime for f in inputs)
        if target.exists() and target.stat().st_mtime > newest:
            return target
        root = Path(f"{target}.tmp")
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        populate(root)
        with open(f"{target}.new", "wb") as out:
            find = subprocess.run(["find", ".", "-print0"], cwd=root,
                                  capture_output=True, check=True).stdout
            subprocess.run(["cpio", "--null", "--create", "--format=newc",
                            "--owner=0:0", "--quiet"], cwd=root, input=find,
                           stdout=out, check=True)
        shutil.rmtree(root)
        os.rename(f"{target}.new", target)
    return target


def image(release, driver):
    """The path of an initramfs for a kernel; made if it is not up to date.

    driver: "in-tree" for the kernel's own vmxnet3, the name of another of its
    modules, a path for a module built here, None for no driver at all.
    """
    if not (paths.GUEST_PROGRAMS / "npa-agent").exists():
        raise paths.MissingError("the guest programs are missing: "
                                 "run 'make tools'")
    return _archive(_name(release, driver), _inputs(release, driver),
                    lambda root: _populate(root, release, driver))


def add_tools(root, names):
    """Copy programs of the root with the libraries that they name."""
    for name in names:
        path = shutil.which(name)
        if not path:
            raise paths.MissingError(f"{name} is missing in the Debian root")
        add_program(root, path, f"/usr/bin/{name}")


def add_program(root, path, target):
    """Copy a program, or a library, with the libraries that it names."""
    _copy(path, root, target)
    for library in _shared_libraries(path):
        _copy(library, root)


class Extension:
    """More files and modules for a guest, in an archive behind image()'s.

    name: of the archive; populate: a function that puts files below a
    directory; inputs: files that it depends on; modules: of the kernel.
    """

    def __init__(self, name, populate, inputs, modules=()):
        self._name = name
        self._fill = populate
        self._inputs = list(inputs)
        self._modules = list(modules)

    def image(self, release, driver):
        """As image(), with the extension."""
        def populate(root):
            (root / "usr/lib").mkdir(parents=True)
            (root / "lib").symlink_to("usr/lib")
            self._fill(root)
            # In place of the index and the modules of the first archive.
            _copy_modules(root, release, driver, self._modules)

        first = image(release, driver)
        both = first.with_name(
            f"{_name(release, driver)}-{self._name}-both.cpio")
        second = _archive(f"{_name(release, driver)}-{self._name}",
                          [first, *self._inputs], populate)
        with open(f"{both}.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not both.exists() or \
                    both.stat().st_mtime <= second.stat().st_mtime:
                with open(f"{both}.new", "wb") as out:
                    for part in (first, second):
                        out.write(part.read_bytes())
                os.rename(f"{both}.new", both)
        return both
