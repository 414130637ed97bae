# SPDX-License-Identifier: GPL-2.0
"""Kernels that are built here: Debian's linux-source with our driver in it.

A tree is a copy (by hard links) of the unpacked source, with the driver and
the Shell API header of the checkout laid over it.  It stays in the cache with
what was built in it, so that a later run builds the driver only.
"""

import contextlib
import fcntl
import hashlib
import os
import subprocess
from pathlib import Path

from . import paths

OVERLAY = ["drivers/net/vmxnet3", "include/net/npa_shell.h"]


def run(*argv, **options):
    """Run a program that has to succeed."""
    return subprocess.run([str(a) for a in argv], check=True, **options)


def source():
    """The unpacked source, where nobody writes."""
    done = run(paths.SELFTEST / "env/linux-source", stdout=subprocess.PIPE,
               text=True)
    return Path(done.stdout.splitlines()[-1])


class Tree:
    """A kernel tree of the cache and the directory that it is built in.

    name: what it is for. configs: the files that make its configuration; each
    set of their contents has a tree of its own. Members: base, the directory
    with all of it; tree, the source; build, for make O=; root, to install in.
    """

    def __init__(self, name, *configs):
        self._source = source()
        self.version = self._source.name.removeprefix("linux-")
        self.configs = [Path(config) for config in configs]
        text = b"".join(config.read_bytes() for config in self.configs)
        key = hashlib.sha256(text).hexdigest()[:8]
        self.base = paths.CACHE / f"{name}-{self.version}-{key}"
        self.tree = self.base / "tree"
        self.build = self.base / "build"
        self.root = self.base / "root"

    @contextlib.contextmanager
    def locked(self):
        """The tree for oneself, with the checkout's driver in it."""
        self.base.mkdir(parents=True, exist_ok=True)
        with open(self.base / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.tree / "Makefile").exists():
                print(f"# making {self.tree}", flush=True)
                temporary = self.base / "tree.tmp"
                run("rm", "-rf", temporary)
                run("cp", "-a", "--link", self._source, temporary)
                temporary.rename(self.tree)
            _overlay(self.tree)
            yield self

    def make(self, *arguments, build=None, log=None):
        """Run make for a build directory; returns its status.

        Only while locked. log: an open file for what it says.
        """
        build = build or self.build
        build.mkdir(parents=True, exist_ok=True)
        argv = ["make", "-C", self.tree, f"O={build}", "-s",
                f"-j{os.cpu_count()}", *arguments]
        return subprocess.run([str(a) for a in argv], stdout=log,
                              stderr=subprocess.STDOUT if log else None,
                              stdin=subprocess.DEVNULL,
                              check=False).returncode

    def configure(self, *arguments, build=None, log=None):
        """Make or bring up to date .config: the configs, the rest by default.

        Only while locked. arguments: for make. Raises MissingError if an
        option does not come out as a config has it.
        """
        build = build or self.build
        config = build / ".config"
        wanted = "\n".join(c.read_text() for c in self.configs)
        if not config.exists():
            build.mkdir(parents=True, exist_ok=True)
            config.write_text(wanted)
        # The driver's Kconfig may have changed since.
        status = self.make(*arguments, "olddefconfig", build=build, log=log)
        got = config.read_text().splitlines()
        missing = [line for line in wanted.splitlines()
                   if line.startswith("CONFIG_") and line not in got]
        missing += [line for line in wanted.splitlines()
                    if line.endswith("is not set") and
                    any(g.startswith(line.split()[1] + "=") for g in got)]
        if status or missing:
            config.unlink()
            raise paths.MissingError(f"not to be had: {missing}, {status}")


def debug_tree():
    """The tree of the guests' debug kernel (env/debug-kernel)."""
    return Tree("debug", paths.SELFTEST / "kunit/debug.config")


def _overlay(tree):
    """Lay the checkout's driver over the tree; unchanged files keep times.

    rsync writes a new file and renames it, so the source that shares its hard
    links with the tree stays as it is.
    """
    for path in OVERLAY:
        ours = paths.TOP / path
        slash = "/" if ours.is_dir() else ""
        run("rsync", "--archive", "--checksum", "--delete", "--no-times",
            "--exclude=*.o", "--exclude=*.ko", "--exclude=*.cmd",
            f"{ours}{slash}", f"{tree / path}{slash}")
    if "VMXNET3" not in (tree / "drivers/net/vmxnet3/Kconfig").read_text():
        raise paths.MissingError("drivers/net/vmxnet3/Kconfig has no VMXNET3")
    kconfig = tree / "drivers/net/Kconfig"
    line = 'source "drivers/net/vmxnet3/Kconfig"\n'
    text = kconfig.read_text()
    if line not in text:
        # The upstream entry has the symbol in this file: it goes.
        start = text.index("config VMXNET3\n")
        end = text.index("\nconfig ", start)
        kconfig.unlink()
        kconfig.write_text(text[:start] + line + text[end:])
