#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The plugin kit and its harness: the same image bytes in any process.

No guest is needed. The harness runs with ASan and UBSan, with Microsoft's
calling convention, and under callgrind.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "lib"), str(HERE / "plugins")]
import badimage  # noqa: E402
from npa import paths, tap  # noqa: E402
from npa.tap import Skip, check, check_equal, defer, note  # noqa: E402

KIT = HERE / "plugins"
SANITIZED = paths.BUILD / "plugins-san"
HARNESS = paths.PLUGINS / "npa-harness"
MICROSOFT = paths.PLUGINS / "npa-harness-ms"
# What each misbehaving plugin is caught at.
CAUGHT = {"bad-count": "sg", "bad-sum": "sum", "long-length": "length",
          "unknown-id": "id", "twice": "empty", "over-budget": "budget",
          "over-complete": "complete"}


def run(*argv, status=0, **options):
    """Run a program that has to end with a status; returns what it wrote."""
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("MAKEFLAGS", "MAKELEVEL")}
    done = subprocess.run([str(a) for a in argv], text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment, **options)
    check_equal(done.returncode, status,
                f"{' '.join(map(str, argv))}\n{done.stdout[-4000:]}\nstatus")
    return done.stdout


def temporary():
    """A directory that is gone when the test is over."""
    directory = tempfile.TemporaryDirectory(prefix="npa-kit-")
    defer(directory.cleanup)
    return Path(directory.name)


def plugins():
    """The images of good plugins."""
    images = sorted(paths.PLUGINS.glob("*.npa"))
    check(len(images) >= 2, f"too few plugins: {images}")
    return images


def test_harness_sanitized():
    """Every plugin passes every test, under ASan and UBSan."""
    run("make", "-s", "-C", KIT, f"O={SANITIZED}", "SAN=1",
        SANITIZED / "npa-harness")
    for image in plugins():
        out = run(SANITIZED / "npa-harness", "test", image)
        results = re.findall("^ok ", out, re.M)
        note(f"{image.stem}: {len(results)} tests")
        check(len(results) > 30, f"too few tests:\n{out}")


def test_conventions():
    """The two harnesses differ in convention, and in nothing else."""
    check_equal(run(HARNESS, "convention"), "System V\n", "convention")
    check_equal(run(MICROSOFT, "convention"), "Microsoft x64\n", "convention")
    for image in plugins():
        check_equal(run(MICROSOFT, "test", image),
                    run(HARNESS, "test", image), f"{image.stem}: results")


def test_shell_needs_nothing():
    """The shell calls no library, whose convention would be another one."""
    check_equal(run("nm", "-u", paths.PLUGINS / "harness-ms/shell.o"), "",
                "undefined symbols")


def test_violations():
    """Plugins that misbehave are caught at what they do."""
    for name, kind in CAUGHT.items():
        image = paths.PLUGINS / "test" / f"test-{name}.npa"
        out = run(HARNESS, "test", "--only", "both ways", image, status=1)
        check(f"# violation ({kind})" in out, f"{name}:\n{out}")
    for name in ("entry-error", "bad-table", "reinit-error", "tx-hang"):
        image = paths.PLUGINS / "test" / f"test-{name}.npa"
        out = run(HARNESS, "test", "--only", "both ways", image, status=1)
        check("not ok" in out, f"{name}:\n{out}")


def test_bad_images():
    """Images that a guest refuses are refused, for the same reason."""
    out = temporary()
    table = badimage.make(paths.PLUGINS, out)
    bad = [b for b in table if b.stage == "verify"]
    check(len(bad) > 30, f"only {len(bad)} bad images")
    for image in bad:
        said = run(HARNESS, "test", "--vf", "82576",
                   out / f"{image.name}.npa", status=1)
        wanted = {"other-device": "the image is for device",
                  "too-large": "more than"}.get(image.name, image.reason)
        check(wanted in said and "ok" not in said.split(),
              f"{image.name}: {said}")


def test_count():
    """Instruction counts are the same each time, and for either shell."""
    if not shutil.which("valgrind"):
        raise Skip("no valgrind")
    image = paths.PLUGINS / "intel-82576vf.npa"
    first = run(HARNESS, "count", "--json", image)
    check_equal(run(HARNESS, "count", "--json", image), first, "second time")
    check_equal(run(MICROSOFT, "count", "--json", image), first,
                "the other shell")
    counts = json.loads(first)
    for name, number in counts.items():
        note(f"{number:7.1f} {name}")
    check(all(40 < number < 1000 for number in counts.values()), counts)
    bursts = counts["tx, 60 bytes, in bursts"]
    check(bursts < counts["tx, 60 bytes, one at a time"],
          "a burst costs more than single packets")


def test_usage():
    """Wrong usage is said, with status 2."""
    check("Exit status" in run(HARNESS, "--help"), "--help")
    check("82576" in run(HARNESS, "models"), "models")
    check(len(run(HARNESS, "test", "--list").splitlines()) > 30, "--list")
    for arguments in ((), ("frobnicate",), ("test",), ("models", "x"),
                      ("count", "a", "b"), ("test", "--nonsense", "x")):
        run(HARNESS, *arguments, status=2)
    image = paths.PLUGINS / "example.npa"
    check("there is no model 'x'" in run(HARNESS, "test", "--vf", "x", image,
                                         status=1), "--vf x")
    check("No such file" in run(HARNESS, "test", "/nonexistent", status=1),
          "no image")
    check("no test has" in run(HARNESS, "test", "--only", "zzz", image,
                               status=1), "--only")


def test_kit_outside():
    """A copy of the kit builds, signs and runs a plugin outside the tree."""
    top = temporary()
    kit, out = top / "kit", top / "out"
    run("make", "-s", "-C", KIT, "kit", f"DEST={kit}")
    tree = [str(f) for f in kit.rglob("*") if f.is_file() and
            str(paths.TOP) in f.read_text(errors="replace")]
    check_equal(tree, [], "files that name the checkout")
    source = (kit / "plugins/example.c").read_text(encoding="utf-8")
    (kit / "plugins/my-nic.c").write_text(
        source.replace('"example"', '"my-nic"'), encoding="utf-8")
    # Nothing of the checkout is to be seen from there.
    run("make", "-s", "-C", kit / "plugins", f"O={out}", "PLUGINS=my-nic",
        f"{out}/my-nic.npa", f"{out}/npa-harness", f"{out}/npa-harness-ms",
        cwd="/")
    depends = "".join(f.read_text() for f in out.rglob("*.d"))
    check(str(paths.TOP) not in depends, "it was built from the checkout")
    image, tool = out / "my-nic.npa", out / "npa-image"
    check("clean" in run(tool, "lint", image), "lint")
    check_equal(json.loads(run(tool, "inspect", "--json", image))["name"],
                "my-nic", "name")
    key, cert = top / "key.pem", top / "cert.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
        key, "-out", cert, "-subj", "/CN=vendor", "-days", "2")
    run(tool, "sign", image, "--key", key, "--cert", cert)
    check("ok" in run(tool, "verify", "--cert", cert, image), "verify")
    results = run(out / "npa-harness", "test", image)
    check("not ok" not in results and "1..3" in results, results)
    check_equal(run(out / "npa-harness-ms", "test", image), results,
                "results of the other shell")


tap.main(test_harness_sanitized, test_conventions, test_shell_needs_nothing,
         test_violations, test_bad_images, test_count, test_usage,
         test_kit_outside)
