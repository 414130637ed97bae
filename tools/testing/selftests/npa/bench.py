#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Instructions per packet: the in-tree driver, ours, and ours on the VF.

TX on stock QEMU's vmxnet3 is pktgen (60 bytes, clone_skb 0) less the same on a
dummy device, with -icount: the guest's clock counts instructions (one a
nanosecond) and does not depend on this machine's speed.

Everything that waits for another process is counted by a TCG plugin: executed
instructions by where they lie. RX on stock QEMU is bursts of small UDP packets
into a recvmmsg program; on npad it is a steady load both ways, the same on the
emulated path and on the VF.

So is what XDP_DROP and XDP_TX cost on stock QEMU, with a program attached that
does that to UDP packets.

At last, on the same model of a VF, our driver with the VF's plugin and the
vendor's own driver, unmodified, built from the kernel's source for the same
kernel: lib/npa/bench_vf.py. TCP bulk throughput and memory per queue pair,
in-tree driver and ours on QEMU's vmxnet3: bench_tcp.py, bench_memory.py.
"""

import argparse
import json
import re
import socket
import struct
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from npa import bench_memory, bench_tcp, bench_vf, flow  # noqa: E402
from npa import paths, scene, vm, xdp  # noqa: E402
from npa.agent import GuestError  # noqa: E402
from npa.net import CommandError  # noqa: E402
from npa.insn import Counters, add_ranges, say_symbols, totals  # noqa: E402
from npa.npad import NpadError  # noqa: E402

ICOUNT = ["-icount", "shift=0,sleep=off"]
MAC = "52:54:00:12:34:56"
BATCH = 64
PAUSE = 0.01


class BenchError(RuntimeError):
    """A measurement that cannot be trusted."""


def say(text):
    """A line of progress."""
    print(text, flush=True)


# --- pktgen

PKTGEN = """
set -e
modprobe pktgen
cd /proc/net/pktgen
echo rem_device_all > kpktgend_0
echo add_device {device} > kpktgend_0
for line in "count {count}" "clone_skb 0" "pkt_size 60" "delay 0" \\
    "dst 192.0.2.1" "dst_mac 52:54:00:00:00:01" "udp_src_min 9" \\
    "udp_src_max 9"; do
    echo "$line" > {device}
done
echo start > pgctrl
cat {device}
"""


def pktgen(guest, device, count):
    """Send count packets; returns nanoseconds per packet by pktgen's clock."""
    text = guest.run(PKTGEN.format(device=device, count=count), timeout=120)
    match = re.search(r"Result: OK: (\d+)\(c\d+\+d(\d+)\) usec, (\d+)", text)
    if not match or int(match.group(3)) != count:
        raise BenchError(f"pktgen on {device} says:\n{text}")
    return int(match.group(1)) * 1000 / count


def measure_tx(guest, netdev, count):
    """Instructions per packet above those of a dummy device."""
    guest.run("modprobe dummy && ip link set dummy0 up")
    result = {}
    for name, device in (("dummy", "dummy0"), ("device", netdev)):
        pktgen(guest, device, count // 10)
        result[name] = pktgen(guest, device, count)
    return result["device"] - result["dummy"], result["dummy"]


# --- flood

def _frame(mac):
    """An Ethernet frame with 18 bytes of UDP payload to port 9000."""
    payload = bytes(18)
    udp = struct.pack(">HHHH", 1234, 9000, 8 + len(payload), 0)
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 0, 0,
                         64, 17, 0, socket.inet_aton(scene.PEER),
                         socket.inet_aton(scene.GUEST))
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    header = header[:10] + struct.pack(">H", 0xffff - total) + header[12:]
    address = bytes.fromhex(mac.replace(":", ""))
    return address + bytes.fromhex("525400000001") + b"\x08\x00" + header + \
        udp + payload


class Bursts:
    """Feeds QEMU's "stream" netdev with a burst of frames every PAUSE s.

    The bursts are far enough apart that any guest is done with one before the
    next, and short enough for the smallest ring.
    """

    def __init__(self, directory):
        path = directory / "net"
        path.unlink(missing_ok=True)
        frame = _frame(MAC)
        self._data = (struct.pack(">I", len(frame)) + frame) * BATCH
        self.sent = 0
        self._net = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._listener.settimeout(60)
        self.netdev = f"stream,addr.type=unix,addr.path={path},server=off"

    def accept(self):
        """Take QEMU's connection; call when the guest is up."""
        self._net = self._listener.accept()[0]
        threading.Thread(target=self._discard, daemon=True).start()

    def _discard(self):
        """Read what the guest sends, so that QEMU never waits for us."""
        try:
            while self._net.recv(65536):
                pass
        except OSError:
            pass

    def start(self):
        """Send from now on until close()."""
        threading.Thread(target=self._feed, daemon=True).start()

    def _feed(self):
        try:
            while True:
                self._net.sendall(self._data)
                self.sent += BATCH
                time.sleep(PAUSE)
        except OSError:
            pass

    def close(self):
        """End the bursts."""
        self._listener.close()
        if self._net:
            self._net.close()


def load_phase(s, counters, seconds, rate):
    """Instructions by range and per packet under a steady load both ways."""
    streams = [flow.UdpFlow(s.peer, s.guest, scene.GUEST, rate, 1,
                            to_guest=True),
               flow.UdpFlow(s.guest, s.peer, scene.PEER, rate, 1)]
    time.sleep(0.5)
    before, start = totals(counters.read()), time.time_ns()
    time.sleep(seconds)
    after, end = totals(counters.read()), time.time_ns()
    for stream in streams:
        stream.stop_sender()
    time.sleep(0.2)
    packets = 0
    phases = flow.PhaseList([flow.Phase("all", 1, start, end)])
    for stream in streams:
        stream.stop_receiver()
        packets += stream.analyse(phases)[0].packets
    result = {k: (after[k] - before[k]) / packets for k in after}
    result["packets"] = packets
    return result


def stock_tx(driver, options):
    """Instructions per packet sent, and those of dummy, by -icount."""
    with vm.Guest(driver=driver, smp=1, accel="tcg,thread=single",
                  device=vm.stock_device("hubport,hubid=0", MAC),
                  options=ICOUNT, kernel=options.kernel) as guest:
        netdev = guest.load()
        guest.up(f"{scene.GUEST}/24")
        time.sleep(1)
        tx, dummy = measure_tx(guest, netdev, options.packets)
        alarms = guest.alarms()
    if alarms:
        raise BenchError(f"{driver}: {alarms}")
    return {"tx": tx, "dummy": dummy}


def stock_rx(driver, options):
    """Instructions per packet received, by range, by the TCG plugin."""
    bursts = Bursts(options.output)
    counters = Counters(options.output / "counters")
    with vm.Guest(driver=driver, smp=1, kernel=options.kernel,
                  device=vm.stock_device(bursts.netdev, MAC),
                  options=counters.options) as guest:
        bursts.accept()
        netdev = guest.load()
        guest.up(f"{scene.GUEST}/24")
        add_ranges(guest, counters)
        sink = guest.spawn("exec npa-sink 9000")
        bursts.start()
        time.sleep(2)
        before, sent = totals(counters.read()), bursts.sent
        time.sleep(options.seconds)
        after, packets = totals(counters.read()), bursts.sent - sent
        bursts.close()
        time.sleep(0.5)
        received = json.loads(sink.stop())["packets"]
        # A burst that meets a guest held up by this machine is cut short.
        packets *= received / bursts.sent
        if received < 0.9 * bursts.sent:
            raise BenchError(f"{driver}: received {received} of {bursts.sent}:"
                             " this machine is too busy")
        guest.run(f"ip link show {netdev}")
    result = {k: (after[k] - before[k]) / packets for k in after}
    return {"rx": sum(result.values()), "rx_module": result["module"],
            "rx_kernel": result["kernel"], "rx_packets": round(packets)}


# Programs, and what both drivers call what they count of them.
XDP = {"drop": ("xdp drops", "xdp drop"), "echo": ("xdp tx",)}


def xdp_count(guest, program):
    """How many packets a program has had its way with."""
    return sum(value for name, value in guest.ethtool_stats().items()
               if name.replace("_", " ").endswith(XDP[program]))


def xdp_verdict(s, program, options):
    """Instructions per packet of a program's verdict, by range."""
    guest, counters, bursts = s
    guest.run(xdp.attach_command(guest.netdev(), program))
    time.sleep(1)
    before, sent = counters.read(), bursts.sent
    seen = xdp_count(guest, program)
    time.sleep(options.seconds)
    after, packets = counters.read(), bursts.sent - sent
    seen = xdp_count(guest, program) - seen
    # What comes while the statistics are read is seen but not sent.
    if not 0.9 * packets < seen < 1.2 * packets + BATCH:
        raise BenchError(f"{program}: {seen} of {packets} packets: "
                         "this machine is too busy")
    each = {k: (after[k] - before[k]) / packets for k in after}
    result = totals(each)
    return {"all": sum(result.values()), "module": result["module"],
            "packets": packets,
            "symbols": {name: value for name, value in each.items()
                        if name.startswith("module/")}}


def stock_xdp(driver, options):
    """What XDP_DROP and XDP_TX cost a driver on QEMU's own vmxnet3."""
    bursts = Bursts(options.output)
    counters = Counters(options.output / "counters")
    with vm.Guest(driver=driver, smp=1, kernel=options.kernel,
                  device=vm.stock_device(bursts.netdev, MAC),
                  options=counters.options) as guest:
        bursts.accept()
        guest.load()
        guest.up(f"{scene.GUEST}/24")
        add_ranges(guest, counters)
        xdp.install(guest)
        bursts.start()
        result = {program: xdp_verdict((guest, counters, bursts), program,
                                       options) for program in XDP}
        bursts.close()
        alarms = guest.alarms()
    if alarms:
        raise BenchError(f"{driver}: {alarms}")
    for program, row in result.items():
        say(f"  {driver:8}  XDP {program:5} {row['all']:6.0f} "
            f"(module {row['module']:.0f})")
        say_symbols(row["symbols"], options.symbols, say)
    return result


def stock(driver, options):
    """Measure a driver on QEMU's own vmxnet3."""
    result = stock_tx(driver, options) | stock_rx(driver, options)
    say("  {0:8}  TX {tx:6.0f} above dummy's {dummy:.0f}, RX {rx:6.0f} "
        "(module {rx_module:.0f})".format(driver, **result))
    return result


def vf(options, directory):
    """Our driver on npad: emulated path and VF, the same load on both."""
    counters = Counters(directory / "counters")
    result = {}
    with scene.npad_scene(smp=1, options=counters.options,
                          kernel=options.kernel) as s:
        add_ranges(s.guest, counters)
        result["emulated"] = load_phase(s, counters, options.seconds,
                                        options.rate)
        s.npad.attach()
        result["vf"] = load_phase(s, counters, options.seconds, options.rate)
        s.npad.detach()
    for name, row in result.items():
        driver = row.get("plugin", 0) + row["module"]
        row["driver"] = driver
        say(f"  {name:8}  driver {driver:6.0f} (plugin "
            f"{row.get('plugin', 0):.0f}, module {row['module']:.0f}), "
            f"kernel {row['kernel']:.0f}")
    return result


def main():
    """Measure, print the ratios, keep them as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--packets", type=int, default=50_000,
                        help="to send for TX (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5,
                        help="to count for (%(default)s)")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--kernel", default="newest")
    parser.add_argument("--output", type=Path, default=paths.BUILD / "bench")
    parser.add_argument("--bulk", type=int, default=6000,
                        help="packets/s of the faster load against the "
                             "vendors' drivers (%(default)s)")
    parser.add_argument("--symbols", type=int, default=0,
                        help="print that many functions for each of those")
    parser.add_argument("--models", nargs="+",
                        default=list(bench_vf.MODELS),
                        help="VF models to compare on (%(default)s)")
    parser.add_argument("--rounds", type=int, default=7,
                        help="runs of TCP for each direction and driver "
                             "(%(default)s)")
    parser.add_argument("--megabytes", type=int, default=64,
                        help="of TCP to count instructions for "
                             "(%(default)s)")
    parser.add_argument("--only", choices=["stock", "xdp", "vf", "vendor",
                                           "tcp", "tcp-instructions", "memory"])
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    result = {"kernel": paths.kernel_release(options.kernel)}
    try:
        if options.only in (None, "stock"):
            say("instructions per packet on QEMU's vmxnet3 (icount)")
            for driver in ("in-tree", "ours"):
                result[driver] = stock(driver, options)
            result["ratio"] = {k: result["ours"][k] / result["in-tree"][k]
                               for k in ("tx", "rx")}
            say("  ours / in-tree: TX {tx:.3f}, RX {rx:.3f}".format(
                **result["ratio"]))
        if options.only in (None, "xdp"):
            say("instructions per packet of XDP verdicts on QEMU's vmxnet3 "
                "(TCG plugin)")
            rows = {driver: stock_xdp(driver, options)
                    for driver in ("in-tree", "ours")}
            rows["ratio"] = {program: rows["ours"][program]["all"] /
                             rows["in-tree"][program]["all"]
                             for program in XDP}
            result["xdp"] = rows
            say("  ours / in-tree: drop {drop:.3f}, TX {echo:.3f}".format(
                **rows["ratio"]))
        if options.only in (None, "vf"):
            say(f"instructions per packet on npad, {options.rate}/s each way "
                "(TCG plugin)")
            result["npad"] = vf(options, options.output)
        if options.only in (None, "vendor"):
            result["vendor"] = bench_vf.compare(options, say)
        if options.only in (None, "tcp"):
            say(f"TCP bulk on QEMU's vmxnet3, median of {options.rounds}")
            result["tcp"] = bench_tcp.compare(options, say)
        if options.only in (None, "tcp-instructions"):
            say("TCP bulk on QEMU's vmxnet3, instructions (TCG plugin)")
            result["tcp-instructions"] = bench_tcp.compare_instructions(
                options, say)
        if options.only in (None, "memory"):
            say("memory per queue pair on QEMU's vmxnet3")
            result["memory"] = bench_memory.compare(options, say)
    except (BenchError, GuestError, CommandError, NpadError,
            paths.MissingError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    target = options.output / "bench.json"
    target.write_text(json.dumps(result, indent=1))
    say(f"numbers: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
