#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checks that run no code of the driver: compilers, sparse, checkpatch, docs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import kernel_results, paths, tap  # noqa: E402
from npa.tap import Skip, check, check_equal  # noqa: E402

DRIVER = paths.TOP / "drivers/net/vmxnet3"
HEADER = paths.TOP / "include/net/npa_shell.h"
OUTPUT = paths.BUILD / "static"

# checkpatch's opinions that do not fit: files are checked outside a kernel
# tree, MAINTAINERS is not the kernel's, user-space code has no kernel helpers.
# CAMELCASE: C11's _Static_assert in the header that plugins include.
IGNORE_DRIVER = ["FILE_PATH_CHANGES", "CAMELCASE"]
IGNORE_TOOLS = ["FILE_PATH_CHANGES", "PREFER_KERNEL_TYPES", "VOLATILE",
                "ENOSYS", "CONST_STRUCT", "SSCANF_TO_KSTRTO",
                "PREFER_FALLTHROUGH", "CONSIDER_KSTRTO", "ARRAY_SIZE",
                "PREFER_DEFINED_ATTRIBUTE_MACRO", "CAMELCASE", "STRCPY",
                "MACRO_ARG_REUSE", "FUNCTION_ARGUMENTS", "SPLIT_STRING"]


def output(*argv, cwd=None, timeout=900):
    """Run a program; returns its status and all it wrote."""
    done = subprocess.run([str(a) for a in argv], cwd=cwd, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def linux_source():
    """The unpacked kernel source."""
    status, text = output(paths.SELFTEST / "env/linux-source")
    check(status == 0, text)
    return Path(text.splitlines()[-1])


def project_files(*patterns):
    """The project's files that match, without what was built."""
    outside = (paths.BUILD, paths.TOP / ".git")
    return sorted(f for pattern in patterns for f in paths.TOP.rglob(pattern)
                  if not any(o in f.parents for o in outside) and f.is_file()
                  and not f.name.endswith(".mod.c"))


def build(kernel, *arguments):
    """Build the module from nothing; fail on any diagnostic."""
    where = OUTPUT / "modules"
    shutil.rmtree(where / paths.kernel_release(kernel), ignore_errors=True)
    status, text = output(paths.SELFTEST / "env/build-module", "--kernel",
                          kernel, "--output", where, *arguments)
    lines = [line for line in text.splitlines()
             if re.search(r"warning|error|\*\*\*", line, re.I) and
             "Skipping BTF" not in line]
    check(status == 0 and not lines, "\n".join(lines) or text)


def test_module_w1():
    """The module builds with W=1 without a word (newest kernel)."""
    build("newest", "W=1")


def test_module_lts_sparse():
    """The module builds with W=1 and sparse without a word (6.12).

    Debian's sparse does not understand the headers of the newest kernel.
    """
    if not shutil.which("sparse"):
        raise Skip("no sparse")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    seen = OUTPUT / "sparse-seen"
    seen.write_text("")
    wrapper = OUTPUT / "sparse"
    wrapper.write_text("#!/bin/sh\n"
                       f'for last; do :; done; echo "$last" >> {seen}\n'
                       'exec sparse "$@"\n')
    wrapper.chmod(0o755)
    build("lts", "W=1", "C=2", "KBUILD_CHECKSRC=2", f"CHECK={wrapper}")
    looked = {Path(line).name for line in seen.read_text().splitlines()}
    missed = [f.name for f in sorted(DRIVER.glob("*.c"))
              if not f.name.startswith("vmxnet3_test") and
              f.name not in looked]
    check(not missed, f"sparse did not see {missed}")


def checkpatch(files, ignore):
    """Run checkpatch --strict over files; fail with what it says."""
    script = linux_source() / "scripts/checkpatch.pl"
    _, text = output("perl", script, "--no-tree", "--strict", "--terse",
                     "--no-summary", "--show-types", "--max-line-length=100",
                     "--ignore", ",".join(ignore), "--file", *files,
                     cwd=paths.TOP)
    # It looks for a git that the root does not have.
    lines = [line for line in text.splitlines() if "git: not found" not in line]
    check(not lines, "\n".join(lines))


def test_checkpatch_driver():
    """checkpatch --strict has nothing to say about the driver."""
    files = [f for f in sorted([*DRIVER.iterdir(), HEADER])
             if f.suffix in (".c", ".h", ".S") and
             # It exists to look at the kernel's version.
             f.name != "vmxnet3_compat.h"]
    checkpatch(files, IGNORE_DRIVER)


def test_checkpatch_tools():
    """checkpatch --strict has nothing to say about the tools."""
    files = [f for f in project_files("*.c", "*.h")
             if paths.SELFTEST in f.parents]
    checkpatch(files, IGNORE_TOOLS)


def test_spdx():
    """Every source file has a licence line at its start."""
    wrong = []
    for file in project_files("*.c", "*.h", "*.S", "*.py", "*.sh", "*.rst",
                              "*Makefile", "*Kconfig", "*.lds"):
        head = file.read_text(errors="replace").splitlines()[:3]
        if not any("SPDX-License-Identifier:" in line for line in head):
            wrong.append(str(file.relative_to(paths.TOP)))
    check(not wrong, f"no SPDX line: {wrong}")


def test_scripts():
    """Shell scripts parse, Python compiles, programs can be run."""
    wrong = []
    for file in sorted(paths.SELFTEST.rglob("*")):
        if not file.is_file() or "__pycache__" in file.parts:
            continue
        first = file.open("rb").readline()
        if first.startswith(b"#!/bin/bash") or first.startswith(b"#!/bin/sh"):
            status, text = output("bash", "-n", file)
        elif file.suffix == ".py" or b"python3" in first:
            status, text = output(
                "python3", "-c", "import sys; compile(open(sys.argv[1]).read(),"
                " sys.argv[1], 'exec')", file)
        else:
            continue
        if status:
            wrong.append(text)
        if first.startswith(b"#!") and not os.access(file, os.X_OK):
            wrong.append(f"{file}: not executable")
    check(not wrong, "\n".join(wrong))


def test_image_lint():
    """Every plugin image passes its lint."""
    lint = paths.PLUGINS / "npa-image"
    images = sorted(paths.PLUGINS.glob("*.npa"))
    check(lint.exists() and images, f"no npa-image or images in "
          f"{paths.PLUGINS}: run 'make tools'")
    for image in images:
        status, text = output(lint, "lint", image)
        check(status == 0, f"{image.name}: {text}")


def check_docs(what):
    """Run one test of env/check-docs."""
    status, text = output(paths.SELFTEST / "env/check-docs", "--output",
                          OUTPUT / "docs", what)
    check(status == 0, text)


def test_kernel_doc():
    """kernel-doc comments are complete (header and driver)."""
    check_docs("kernel-doc")


def test_documentation():
    """npa.rst builds with Sphinx and the kernel's directives, no warnings."""
    check_docs("htmldocs")


def test_named_tests():
    """Every test that the tables of npa.rst name exists.

    They are named as in ``traffic.py: pings, jumbo`` or ``kunit: a_test_b``.
    """
    text = (paths.TOP / "Documentation/networking/npa.rst").read_text()
    begin = text.index(".. _Features:")
    text = text[begin:text.index(".. _Limits:", begin)]
    kunit = "".join(f.read_text() for f in DRIVER.glob("vmxnet3_test*.c"))
    names = 0
    wrong = []
    for program, functions in re.findall(r"``([\w/]+\.py|kunit): ([^`]+)``",
                                         text):
        files = [paths.SELFTEST / where / program for where in
                 ("", "tests", "tests/full", "lib/npa")]
        source = kunit if program == "kunit" else \
            "".join(f.read_text() for f in files if f.exists())
        if program == "traffic.py" or "exercise" in source:
            source += (paths.SELFTEST / "lib/npa/exercise.py").read_text()
        for name in re.split(r",\s*", functions.strip()):
            names += 1
            wanted = rf"void vmxnet3_{name}\(struct kunit" \
                if program == "kunit" else rf"^def (test_)?{name}\("
            if not re.search(wanted, source, re.M):
                wrong.append(f"{program}: {name}")
    check(names > 30, f"only {names} tests are named")
    check(not wrong, f"there is no {wrong}")


def test_kernel_table():
    """The table of the kernel's selftests in npa.rst can be read."""
    expected = kernel_results.Expected()
    check(len(expected.rows) > 20, f"only {len(expected.rows)} rows")
    check_equal(expected.of("queues", "get_queues", "npad"), ("pass", ""),
                "what is expected of queues.py")


tap.main(test_module_w1, test_module_lts_sparse, test_checkpatch_driver,
         test_checkpatch_tools, test_spdx, test_scripts, test_image_lint,
         test_kernel_doc, test_documentation, test_named_tests,
         test_kernel_table, limit=900)
