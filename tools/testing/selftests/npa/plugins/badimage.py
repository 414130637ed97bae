#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make plugin images that a guest must refuse, and a table of the reasons.

Usage: badimage.py BUILD OUT

BUILD is the directory that plugins/Makefile has filled ("images-for-tests"
too). OUT receives NAME.npa for every entry of the table, which is printed,
and the table itself as table.json. As a module: make(build, out).
"""

import dataclasses
import hashlib
import json
import struct
import sys
from pathlib import Path

HEADER = struct.Struct("<8sIIIIHHHHIIQ64s32s64s32s32s48s")
FIELDS = ("magic", "header_len", "image_len", "entry_offset", "signature_len",
          "api_major", "api_minor", "machine", "reserved0", "private_len",
          "reserved1", "device_impl_id", "name", "version", "vendor",
          "license", "sha256", "reserved2")
IMAGE_MAX = 256 * 1024
PRIVATE_MAX = 1024 * 1024


@dataclasses.dataclass
class Bad:
    """A bad image.

    stage: when it shows: "verify" before any of its code runs, "start" when
    its entry point, sw_init() or the rings are tried, "run" with traffic.
    reason: the name that the guest, ethtool and npactl have for it.
    """
    name: str
    reason: str
    stage: str
    what: str


class Image:
    """An image taken apart; bytes() puts it together with a correct hash."""

    def __init__(self, data):
        values = HEADER.unpack_from(data)
        self.fields = dict(zip(FIELDS, values))
        self.payload = bytearray(data[HEADER.size:self.fields["image_len"]])
        self.good_hash = True

    def bytes(self):
        """Header and payload."""
        if self.good_hash:
            self.fields["sha256"] = hashlib.sha256(self.payload).digest()
        return HEADER.pack(*(self.fields[f] for f in FIELDS)) + self.payload

    def grow(self, length):
        """Pad the payload so that the image has a length."""
        self.payload += bytes(length - HEADER.size - len(self.payload))
        self.fields["image_len"] = length


def _set(**fields):
    def change(image):
        image.fields.update(fields)
        return image.bytes()
    return change


def _flip_payload(image):
    data = bytearray(image.bytes())
    data[-1] ^= 1
    return bytes(data)


def _flip_hash(image):
    image.good_hash = False
    image.fields["sha256"] = bytes(32)
    return image.bytes()


def _grow(length):
    def change(image):
        image.grow(length)
        return image.bytes()
    return change


def _entry(offset):
    def change(image):
        image.fields["entry_offset"] += offset
        return image.bytes()
    return change


def _entry_at_end(image):
    image.grow((image.fields["image_len"] + 15) & ~15)
    image.fields["entry_offset"] = image.fields["image_len"]
    return image.bytes()


def _cut(keep):
    def change(image):
        data = image.bytes()
        return data[:keep if keep > 0 else len(data) + keep]
    return change


# name, reason, what, change
VERIFY = (
    ("wrong-magic", "bad-magic", "another magic",
     _set(magic=b"NPAIMAGF")),
    ("zero-magic", "bad-magic", "no magic", _set(magic=bytes(8))),
    ("cut-payload", "truncated", "the last byte is missing", _cut(-1)),
    ("cut-half", "truncated", "more than half is missing", _cut(1000)),
    ("cut-header", "truncated", "a part of the header", _cut(100)),
    ("cut-signature", "truncated", "no room for its signature",
     _set(signature_len=64)),
    ("too-large", "too-large", "one byte more than the region",
     _grow(IMAGE_MAX + 1)),
    ("too-large-signature", "too-large", "signature exceeds the region",
     _set(signature_len=IMAGE_MAX)),
    ("huge-signature", "too-large", "lengths whose sum overflows",
     _set(signature_len=0xffffffff)),
    ("huge-length", "too-large", "a length of 4 GiB",
     _set(image_len=0xffffffff)),
    ("no-payload", "bad-header", "a header alone",
     _set(image_len=HEADER.size)),
    ("short-length", "bad-header", "shorter than its header",
     _set(image_len=8)),
    ("header-length", "bad-header", "a header of another length",
     _set(header_len=HEADER.size + 16)),
    ("reserved0", "bad-header", "a reserved field is set",
     _set(reserved0=1)),
    ("reserved1", "bad-header", "a reserved field is set",
     _set(reserved1=1)),
    ("reserved2", "bad-header", "a reserved byte is set",
     _set(reserved2=bytes(47) + b"\1")),
    ("private-too-large", "bad-header", "too large a private area",
     _set(private_len=PRIVATE_MAX + 1)),
    ("name-open", "bad-header", "name without terminator",
     _set(name=b"n" * 64)),
    ("name-empty", "bad-header", "no name", _set(name=bytes(64))),
    ("vendor-binary", "bad-header", "vendor is not printable",
     _set(vendor=b"Some\nVendor")),
    ("version-open", "bad-header", "version without terminator",
     _set(version=b"1" * 32)),
    ("license-open", "bad-header", "license without terminator",
     _set(license=b"GPL" + b"x" * 29)),
    ("wrong-hash", "bad-hash", "a byte of the payload is another",
     _flip_payload),
    ("zero-hash", "bad-hash", "no hash", _flip_hash),
    ("license-proprietary", "bad-license", "not GPL-compatible",
     _set(license=b"Proprietary")),
    ("license-prefix", "bad-license", "only begins like one that is",
     _set(license=b"GPL v2 or not")),
    ("license-mit", "bad-license", "MIT alone", _set(license=b"MIT")),
    ("api-major", "bad-api", "another major version",
     _set(api_major=2)),
    ("api-major-0", "bad-api", "major version 0", _set(api_major=0)),
    ("api-minor", "bad-api", "a newer minor version",
     _set(api_minor=0xffff)),
    ("machine-arm", "bad-machine", "for AArch64", _set(machine=183)),
    ("machine-i386", "bad-machine", "for i386", _set(machine=3)),
    ("entry-in-header", "bad-entry", "entry point in the header",
     _set(entry_offset=304)),
    ("entry-at-end", "bad-entry", "entry point after the payload",
     _entry_at_end),
    ("entry-outside", "bad-entry", "entry point outside the region",
     _set(entry_offset=0x7ffffff0)),
    ("entry-unaligned", "bad-entry", "entry point not aligned",
     _entry(4)),
    ("other-device", "bad-device-id", "for another device",
     _set(device_impl_id=0x808610ed)),
    ("no-device", "bad-device-id", "for no device",
     _set(device_impl_id=0)),
)

# name (of plugins/test/test-NAME.c), reason, stage, what
RUN = (
    ("entry-error", "entry-failed", "start", "entry point says no"),
    ("sw-init-error", "sw-init-failed", "start", "sw_init() says no"),
    ("reinit-error", "ring-init-failed", "start", "cannot make a ring"),
    ("bad-table", "bad-plugin", "start", "a function is missing"),
    ("bad-api", "bad-plugin", "start", "table of another Shell API"),
    ("unknown-id", "bad-reports", "run", "reports unknown buffers"),
    ("long-length", "bad-reports", "run", "reports too many bytes"),
    ("bad-sum", "bad-reports", "run", "parts do not add up"),
    ("bad-count", "bad-reports", "run", "too many buffers"),
    ("twice", "bad-reports", "run", "reports frames twice"),
    ("over-budget", "bad-reports", "run", "exceeds the budget"),
    ("over-complete", "bad-reports", "run", "completes too many frames"),
    ("tx-hang", "tx-hang", "run", "never sends"),
)


def make(build, out, base="intel-82576vf"):
    """Write all bad images to a directory; returns a list of Bad."""
    build, out = Path(build), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    good = (build / f"{base}.npa").read_bytes()
    table = []
    for name, reason, what, change in VERIFY:
        (out / f"{name}.npa").write_bytes(change(Image(good)))
        table.append(Bad(name, reason, "verify", what))
    for name, reason, stage, what in RUN:
        data = (build / "test" / f"test-{name}.npa").read_bytes()
        (out / f"test-{name}.npa").write_bytes(data)
        table.append(Bad(f"test-{name}", reason, stage, what))
    rows = [dataclasses.asdict(bad) for bad in table]
    (out / "table.json").write_text(json.dumps(rows, indent=1) + "\n",
                                    encoding="utf-8")
    return table


def main():
    """Command line."""
    if len(sys.argv) != 3 or sys.argv[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    for bad in make(sys.argv[1], sys.argv[2]):
        print(f"{bad.name:22} {bad.stage:7} {bad.reason:17} {bad.what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
