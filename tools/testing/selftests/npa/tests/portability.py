#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The driver compiles where it is not tested, and with another compiler.

For each: built in, with its KUnit tests, as part of a kernel tree, which uses
nothing of vmxnet3_compat.h; and as a module outside of one. W=1 and every
warning is an error.
"""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "lib"))
from npa import kernel, paths, tap  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402

OUTPUT = paths.BUILD / "portability"
# What modpost says of a kernel that was only prepared.
UNBUILT = re.compile(r"WARNING: (modpost: .* undefined!|modpost: suppressed "
                     r"|Symbol version dump |modpost: missing MODULE_|"
                     r".*Module.symvers)|KBUILD_MODPOST_WARN|"
                     r"You may get many")
COMPLAINT = re.compile(r"warning|error|\*\*\*", re.I)


def compile_for(name, configs, *arguments):
    """Compile both ways; returns the directory that the objects are in."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    tree = kernel.Tree(f"compile-{name}",
                       *[HERE / "kunit" / config for config in configs])
    log = OUTPUT / f"{name}.log"
    with tree.locked():
        with open(log, "w+", encoding="utf-8") as out:
            tree.configure(*arguments, log=out)
            check(tree.make(*arguments, "modules_prepare", log=out) == 0,
                  tail(log))
            out.truncate(0)
            status = tree.make(*arguments, "W=1e", "drivers/net/vmxnet3/",
                               log=out)
        judge(status, log)
        objects = {path.name for path in
                   (tree.build / "drivers/net/vmxnet3").glob("*.o")}
        command = [HERE / "env/build-module", "--kdir", tree.build, "--output",
                   OUTPUT / name, *arguments, "W=1e", "KBUILD_MODPOST_WARN=1"]
        with open(log, "w", encoding="utf-8") as out:
            status = subprocess.run([str(c) for c in command], stdout=out,
                                    stderr=subprocess.STDOUT, check=False,
                                    stdin=subprocess.DEVNULL).returncode
        judge(status, log)
    return objects


def tail(log):
    """The end of a log."""
    return log.read_text(errors="replace")[-4000:]


def judge(status, log):
    """Fail on any complaint in a log, and if make did."""
    lines = [line for line in log.read_text(errors="replace").splitlines()
             if COMPLAINT.search(line) and not UNBUILT.search(line)]
    check(status == 0 and not lines, "\n".join(lines) or tail(log))


def machine(name):
    """What "file" would say of the module: ELF's e_machine and byte order."""
    module = next((OUTPUT / name).glob("*/vmxnet3.ko")).read_bytes()
    order = {1: "little", 2: "big"}[module[5]]
    return int.from_bytes(module[18:20], order), order


def check_objects(objects, has_region):
    """All sources were compiled; those of the region only where it works."""
    sources = {f"{path.stem}.o" for path in
               (paths.TOP / "drivers/net/vmxnet3").glob("*.[cS]")}
    region = {name for name in sources if "_npa_region" in name}
    check_equal(len(region), 2, "sources of the region")
    wanted = sources if has_region else sources - region
    check_equal(sorted(wanted - objects), [], "not compiled")
    check_equal(bool(objects & region), has_region, "region compiled")


def test_clang():
    """x86-64 with clang and lld, with the plugin region."""
    objects = compile_for("clang", ["compile.config"], "LLVM=1")
    check_equal(machine("clang"), (62, "little"), "machine")
    check_objects(objects, True)


def test_arm64():
    """64-bit Arm: no plugin region."""
    objects = compile_for("arm64", ["compile.config"], "ARCH=arm64",
                          "CROSS_COMPILE=aarch64-linux-gnu-")
    check_equal(machine("arm64"), (183, "little"), "machine")
    check_objects(objects, False)


def test_big_endian():
    """64-bit PowerPC of big endian: no plugin region."""
    objects = compile_for("ppc64", ["compile.config", "compile_ppc64.config"],
                          "ARCH=powerpc", "CROSS_COMPILE=powerpc64-linux-gnu-")
    check_equal(machine("ppc64"), (21, "big"), "machine")
    check_objects(objects, False)


tap.main(test_clang, test_arm64, test_big_endian, limit=1500)
