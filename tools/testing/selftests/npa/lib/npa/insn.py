# SPDX-License-Identifier: GPL-2.0
"""Executed instructions of a guest, by where they lie (bench/insn-count.c).

What is counted has a name of two parts, "group/symbol": groups are "plugin",
"module" (the driver under test), "kernel" and "elsewhere".
"""

import mmap
import re
import struct
import subprocess

from . import paths

REGION_LEN = 512 * 1024
MOST_CODE = 64 * 1024     # of a module's last function


class Counters:
    """The file that bench/insn-count.c shares with us."""

    RANGES = 2047

    def __init__(self, path):
        self.path = path
        self._names = []
        path.unlink(missing_ok=True)
        self._map = None
        self.options = ["-plugin", f"{paths.BUILD}/bench/insn-count.so,"
                        f"counts={path}"]

    def add(self, ranges):
        """Count instructions of address ranges: a list of (name, start, end).

        The first range that holds an address wins; a name may have several.
        """
        if self._map is None:
            with open(self.path, "r+b") as file:
                self._map = mmap.mmap(file.fileno(), 0)
        for name, start, end in ranges:
            if len(self._names) == self.RANGES:
                raise RuntimeError("too many symbols to count")
            at = 8 + 16 * len(self._names)
            struct.pack_into("<QQ", self._map, at, start, end)
            self._names.append(name)
        struct.pack_into("<I", self._map, 4, len(self._names))

    def read(self):
        """Executed instructions by name, and "elsewhere"."""
        at = 8 + 16 * self.RANGES
        values = struct.unpack_from(f"<{self.RANGES + 1}Q", self._map, at)
        result = {}
        for name, value in zip(self._names, values):
            result[name] = result.get(name, 0) + value
        result["elsewhere"] = values[self.RANGES]
        return result


def totals(values):
    """Sums by group; "kernel" is the kernel's own text without the driver."""
    result = {}
    for name, value in values.items():
        group = name.split("/")[0]
        result[group] = result.get(group, 0) + value
    return result


def say_symbols(values, count, say):
    """Print the functions that cost most, count of them."""
    most = sorted(values.items(), key=lambda item: -item[1])[:count]
    for name, value in most:
        if value > 0.1:
            say(f"      {value:7.1f} {name}")


def _symbols(guest, pattern):
    """(address, name, "[module]" or "") of symbols that match."""
    out = guest.run(f"grep -E '{pattern}' /proc/kallsyms")
    fields = [line.split() + [""] for line in out.splitlines()]
    return [(int(f[0], 16), f[2], f[3]) for f in fields]


def _spans(group, symbols, end):
    """Ranges from each symbol to the next one, the last one to end."""
    symbols = sorted({at: name for at, name in symbols}.items())
    ends = [at for at, _ in symbols[1:]] + [end]
    return [(f"{group}/{name}", at, stop)
            for (at, name), stop in zip(symbols, ends) if at < stop]


def _plugin_symbols(plugin, base):
    """A plugin's functions, where its image lies in the guest."""
    out = subprocess.run(["nm", str(paths.PLUGINS / f"{plugin}.elf")],
                         capture_output=True, text=True, check=True).stdout
    return [(base + int(at, 16), name) for at, name in
            re.findall(r"^([0-9a-f]+) [tT] (\S+)", out, re.M)]


def add_ranges(guest, counters, plugin=None):
    """Name the plugin's functions, the driver's, and the kernel."""
    symbols = _symbols(guest, r" [tT] .*\[.*\]$")
    inside = [(at, name) for at, name, module in symbols
              if module == f"[{guest.module}]"]
    last = max(inside)[0]
    end = min([at for at, _, module in symbols if at > last and
               module != f"[{guest.module}]"] + [last + MOST_CODE])
    regions = [at for at, name in inside
               if name.startswith("vmxnet3_npa_regions") and at % 4096 == 0]
    if regions:
        base = min(regions)
        if plugin:
            counters.add(_spans("plugin", _plugin_symbols(plugin, base),
                                base + REGION_LEN))
        counters.add([("plugin/other", base, base + REGION_LEN)])
    counters.add(_spans("module", inside, end))
    marks = {name: at for at, name, _ in
             _symbols(guest, r" (_stext|_etext)$")}
    counters.add([("kernel/text", marks["_stext"], marks["_etext"]),
                  ("kernel/modules", 0xffffffffc0000000,
                   0xffffffffff000000)])
