#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Unit tests of npa-image and of the way plugins are built (TAP).

Usage: test_image.py BUILD
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True
import badimage  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
TOOL = BUILD / "npa-image"
IMAGE = BUILD / "intel-82576vf.npa"
ELF = BUILD / "intel-82576vf.elf"
DEVICE = "0x808610ca"


class Failure(Exception):
    """A test has failed."""


def run(*args, status=0):
    """Run npa-image; returns stdout, or stderr if it shall fail."""
    result = subprocess.run([TOOL, *map(str, args)], capture_output=True,
                            text=True, check=False)
    if result.returncode != status:
        raise Failure(f"npa-image {' '.join(map(str, args))}: status "
                      f"{result.returncode}, not {status}: {result.stderr}")
    return result.stderr if status else result.stdout


def equal(got, want):
    """Fail unless both are the same."""
    if got != want:
        raise Failure(f"got {got!r}, want {want!r}")


def contains(text, pattern):
    """Fail unless the pattern is found."""
    if not re.search(pattern, text):
        raise Failure(f"{pattern!r} is not in {text!r}")


def verdict(path, *args):
    """The name of the reason why an image is refused."""
    result = subprocess.run([TOOL, "verify", "--json", str(path), *args],
                            capture_output=True, text=True, check=False)
    reply = json.loads(result.stdout)
    equal(result.returncode, 0 if reply["ok"] else 1)
    return reply["code"]


def test_good_images(_):
    """all good images pass verify and lint"""
    images = [IMAGE, *sorted((BUILD / "test").glob("test-*.npa"))]
    if len(images) < 10:
        raise Failure("images for tests are missing")
    run("verify", *images)
    run("verify", "--device", DEVICE, IMAGE)
    run("lint", *images, ELF)


def test_bad_images(tmp):
    """every bad image is refused for its own reason"""
    for bad in badimage.make(BUILD, tmp):
        want = bad.reason if bad.stage == "verify" else "ok"
        got = verdict(tmp / f"{bad.name}.npa", "--device", DEVICE)
        if got != want:
            raise Failure(f"{bad.name}: got {got}, want {want}")


def test_inspect(tmp):
    """inspect says what the source says"""
    info = json.loads(run("inspect", "--json", IMAGE))
    equal(info["name"], "intel-82576vf")
    equal(info["license"], "GPL")
    equal(info["device_impl_id"], int(DEVICE, 16))
    equal(info["entry_offset"] % 16, 0)
    equal(info["image_len"], IMAGE.stat().st_size)
    equal(info["verdict"], "ok")
    contains(run("inspect", IMAGE), r"(?m)^license +GPL$")
    (tmp / "short").write_bytes(b"NPA")
    contains(run("inspect", tmp / "short", status=1), "3 bytes")


def test_pack_options(tmp):
    """pack: options override what the source says"""
    out = tmp / "out.npa"
    run("pack", ELF, "-o", out, "--name", "other", "--license", "GPL v2",
        "--version", "2.5", "--vendor", "Somebody", "--private", "4096",
        "--device", "0x1234567890")
    info = json.loads(run("inspect", "--json", out))
    equal((info["name"], info["license"], info["version"], info["vendor"],
           info["private_len"], info["device_impl_id"], info["verdict"]),
          ("other", "GPL v2", "2.5", "Somebody", 4096, 0x1234567890, "ok"))
    contains(run("pack", ELF, "-o", out, "--license", "Mine", status=1),
             "bad-license")


def test_pack_bad(tmp):
    """pack: every field can be made bad"""
    out = tmp / "out.npa"
    for option, value, reason in (
            ("--magic", "NOTANNPA", "bad-magic"),
            ("--header-len", "8", "bad-header"),
            ("--image-len", "300000", "too-large"),
            ("--image-len", "200000", "truncated"),
            ("--signature-len", "10", "truncated"),
            ("--sha256", "00" * 32, "bad-hash"),
            ("--reserved", "1", "bad-header"),
            ("--entry", "321", "bad-entry")):
        run("pack", ELF, "-o", out, option, value)
        equal(verdict(out), reason)
    for option, value, reason in (
            ("--api-major", "7", "bad-api"),
            ("--machine", "183", "bad-machine"),
            ("--license", "Mine", "bad-license")):
        run("pack", "--no-lint", ELF, "-o", out, option, value)
        equal(verdict(out), reason)


def test_pack_flat(tmp):
    """pack --flat gives the same image"""
    out = tmp / "out.npa"
    (tmp / "payload").write_bytes(IMAGE.read_bytes()[320:])
    run("pack", "--flat", tmp / "payload", "-o", out, "--name",
        "intel-82576vf", "--version", "1.0", "--vendor",
        "NPA reference plugins", "--license", "GPL", "--device", DEVICE,
        "--private", json.loads(run("inspect", "--json",
                                    IMAGE))["private_len"])
    equal(out.read_bytes(), IMAGE.read_bytes())


def test_repeatable(tmp):
    """the same source gives the same image"""
    out = tmp / "out.npa"
    run("pack", ELF, "-o", out)
    equal(out.read_bytes(), IMAGE.read_bytes())


def test_lint(_):
    """what a plugin must not have is found"""
    for name, pattern in (
            ("simd", "SIMD or x87"), ("x87", "SIMD or x87"),
            ("privileged", "privileged"), ("msr", "wrmsr.*privileged"),
            ("segment", "belongs to the shell"), ("trap", "may not trap"),
            ("data", "no writable data"), ("table", "no writable data"),
            ("absolute", "needs a loader"),
            ("noendbr", "ENDBR64"), ("import", "undefined reference")):
        target = BUILD / "test" / f"lint-{name}.npa"
        result = subprocess.run(
            ["make", "-s", "-C", str(HERE.parent), f"O={BUILD}",
             str(target)], capture_output=True, text=True, check=False,
            env={k: v for k, v in os.environ.items() if k != "MAKEFLAGS"})
        if not result.returncode:
            raise Failure(f"lint-{name} was packed")
        contains(result.stderr, pattern)


def test_lint_image(tmp):
    """lint of an image alone finds bad code too"""
    image = badimage.Image(IMAGE.read_bytes())
    start = image.fields["entry_offset"] - 320
    image.payload[start + 4:start + 8] = b"\xfa\x0f\x30\xc3"
    (tmp / "bad.npa").write_bytes(image.bytes())
    contains(run("lint", tmp / "bad.npa", status=1), "cli.*privileged")
    image = badimage.Image(IMAGE.read_bytes())
    image.payload[start:start + 4] = b"\x0f\x1f\x40\x00"
    (tmp / "bad.npa").write_bytes(image.bytes())
    contains(run("lint", tmp / "bad.npa", status=1), "ENDBR64")


def test_sign(tmp):
    """sign and verify against the right and another certificate"""
    for name in ("one", "two"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-keyout", tmp / f"{name}.key", "-out", tmp / f"{name}.crt",
             "-subj", f"/CN={name}", "-days", "2"],
            check=True, capture_output=True)
    out = tmp / "signed.npa"
    run("sign", IMAGE, "--key", tmp / "one.key", "--cert", tmp / "one.crt",
        "-o", out)
    run("verify", "--cert", tmp / "one.crt", out)
    equal(verdict(out, "--cert", str(tmp / "two.crt")), "bad-signature")
    equal(verdict(IMAGE, "--cert", str(tmp / "one.crt")), "unsigned")
    run("sign", out, "--key", tmp / "two.key", "--cert", tmp / "two.crt")
    run("verify", "--cert", tmp / "two.crt", out)
    data = bytearray(out.read_bytes())
    data[60] ^= 1           # the name, which the hash does not cover
    out.write_bytes(data)
    equal(verdict(out, "--cert", str(tmp / "two.crt")), "bad-signature")
    (tmp / "signed.der").write_bytes(out.read_bytes()[
        json.loads(run("inspect", "--json", out))["image_len"]:])
    text = subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-in",
                           tmp / "signed.der"], check=True,
                          capture_output=True, text=True).stdout
    contains(text, "pkcs7-signedData")


def test_retpoline(tmp):
    """RETPOLINE=1 makes an image without indirect branches"""
    subprocess.run(
        ["make", "-s", "-C", str(HERE.parent), f"O={tmp}", "RETPOLINE=1",
         str(tmp / IMAGE.name)],
        check=True, capture_output=True, text=True,
        env={k: v for k, v in os.environ.items() if k != "MAKEFLAGS"})
    text = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", tmp / ELF.name],
        check=True, capture_output=True, text=True).stdout
    contains(text, "<vf_check_rx_ring>:")
    found = re.search(r"(call|jmp) +\*.*", text)
    if found:
        raise Failure(f"indirect branch: {found.group()}")


def test_usage(_):
    """wrong usage is said, with status 2"""
    contains(run("--help"), "Exit status")
    for args in ((), ("frobnicate",), ("pack", ELF), ("inspect",),
                 ("verify", "--nonsense", IMAGE), ("sign", IMAGE),
                 ("pack", ELF, "-o", "x", "--machine", "70000"),
                 ("pack", ELF, "-o", "x", "--private", "-1"),
                 ("pack", ELF, "-o", "x", "--name", "n" * 64)):
        run(*args, status=2)
    contains(run("verify", "/nonexistent", status=1), "No such file")
    contains(run("pack", IMAGE, "-o", "x", status=1), "not an ELF file")


def main():
    """Run all tests."""
    tests = [f for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as tmp:
            try:
                test(Path(tmp))
                print(f"ok {number} - {test.__doc__}")
            except (Failure, subprocess.CalledProcessError, OSError,
                    ValueError) as error:
                failed += 1
                for line in str(error).splitlines():
                    print(f"# {line}")
                print(f"not ok {number} - {test.__doc__}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
