# SPDX-License-Identifier: GPL-2.0
"""Our driver with a VF's plugin beside the vendor's own driver for that VF.

Same model of the VF, same kernel, same traffic: UDP in one direction at a time,
steadily at a low rate (an interrupt per packet), and at a higher rate in
bursts (many packets per interrupt, and as many for either driver: how many of
a steady stream come together depends on how fast this machine is; for the same
reason a sender that is late does not catch up). The vendor's driver is built,
unmodified, from the kernel's source: the kernel that is used here has none,
and this module of ours is built for no other.

Interrupts are throttled alike, to one per 50 us and vector. What differs: our
driver and ixgbevf have one vector for both directions of a queue pair, igbvf
has two; ours keeps byte queue limits (BQL), the vendor's do not.

What an idle guest executes in the same time is subtracted. "driver" is the
driver's and the plugin's own text, "kernel" is all that the kernel executes,
the driver included.
"""

import shutil
import subprocess
import time

from . import flow, insn, paths, scene

MODELS = {"82576": "igbvf", "82599": "ixgbevf"}
# As npad throttles a VF with a plugin, in microseconds; at 50 igbvf would go
# on to choose for itself.
THROTTLE = {"igbvf": 51, "ixgbevf": 50}
IDLE_SECONDS = 3
BURST = 32


def build_driver(name, release):
    """Build a driver of the kernel's source as a module; returns its path."""
    source = subprocess.run([str(paths.SELFTEST / "env/linux-source")],
                            capture_output=True, text=True, check=True)
    source = f"{source.stdout.split()[-1]}/drivers/net/ethernet/intel/{name}"
    tree = paths.BUILD / "vendor" / release / name
    shutil.copytree(source, tree, dirs_exist_ok=True)
    done = subprocess.run(
        ["make", "-s", "-C", f"/lib/modules/{release}/build", f"M={tree}",
         f"CONFIG_{name.upper()}=m", "modules"],
        capture_output=True, text=True, check=False)
    if done.returncode:
        raise paths.MissingError(f"{name} does not build for {release}:\n"
                                 f"{done.stdout}{done.stderr}")
    return tree / f"{name}.ko"


def _grown(before, after):
    return {name: after[name] - before[name] for name in after}


def _idle(counters):
    """Instructions per second of a guest that does nothing, by name."""
    before = counters.read()
    time.sleep(IDLE_SECONDS)
    return {name: value / IDLE_SECONDS for name, value in
            _grown(before, counters.read()).items()}


def _load(s, counters, idle, to_guest, rate, burst, seconds):
    """Measure one load; returns what a packet costs."""
    ends = (s.peer, s.guest, scene.GUEST) if to_guest else \
        (s.guest, s.peer, scene.PEER)
    stream = flow.UdpFlow(*ends, rate, 1, to_guest=to_guest, burst=burst,
                          apart=True)
    time.sleep(1)
    s.npad.request("stats", reset=True)
    before, start = counters.read(), time.monotonic()
    time.sleep(seconds)
    after, took = counters.read(), time.monotonic() - start
    stats = s.npad.stats()
    stream.stop_sender()
    time.sleep(0.2)
    stream.stop_receiver()
    port = stats["ports"]["vf"]
    packets = port["rx_packets"] + port["tx_packets"]
    each = {name: (value - idle[name] * took) / packets
            for name, value in _grown(before, after).items()}
    groups = insn.totals(each)
    driver = groups.get("plugin", 0) + groups["module"]
    return {
        "packets": packets, "dropped": port["rx_dropped"],
        "driver": driver, "plugin": groups.get("plugin", 0),
        "kernel": driver + groups["kernel"],
        "traps": stats["traps"]["total"] / packets,
        "by_register": stats["traps"]["by_register"],
        "interrupts": stats["interrupts"]["signalled"] / packets,
        "symbols": {name: value for name, value in each.items()
                    if name.split("/")[0] in ("plugin", "module")},
    }


def _measure(s, counters, options):
    idle = _idle(counters)
    return {f"{'RX' if to_guest else 'TX'} {rate}/s x{burst}":
            _load(s, counters, idle, to_guest, rate, burst, options.seconds)
            for rate, burst in ((options.rate, 1), (options.bulk, BURST))
            for to_guest in (True, False)}


def _guest(counters, options):
    return {"smp": 1, "options": counters.options,
            "kernel": options.kernel}


def ours(model, options):
    """Our driver on the VF of a model."""
    counters = insn.Counters(options.output / "counters")
    plugin = f"intel-{model}vf"
    with scene.npad_scene(npad_options={"arguments": ["--vf", model]},
                          **_guest(counters, options)) as s:
        insn.add_ranges(s.guest, counters, plugin)
        s.npad.attach(plugin)
        return _measure(s, counters, options)


def vendors(model, options):
    """The vendor's driver on the same."""
    counters = insn.Counters(options.output / "counters")
    driver = build_driver(MODELS[model], paths.kernel_release(options.kernel))
    with scene.raw_vf_scene(model, str(driver),
                            **_guest(counters, options)) as s:
        insn.add_ranges(s.guest, counters)
        # Both take the setting for all vectors when they start.
        s.guest.run(f"ethtool -C {s.netdev} rx-usecs "
                    f"{THROTTLE[MODELS[model]]} && ip link set {s.netdev} down "
                    f"&& ip link set {s.netdev} up")
        s.guest.run(f"for i in $(seq 100); do ping -c 1 -W 1 {scene.PEER} && "
                    "exit 0; sleep 0.1; done; exit 1", timeout=60)
        return _measure(s, counters, options)


def compare(options, say):
    """Measure all models; prints a table and returns the numbers."""
    result = {}
    for model in options.models:
        drivers = {"ours": ours(model, options),
                   MODELS[model]: vendors(model, options)}
        result[model] = drivers
        say(f"instructions per packet on npad's {model} VF: ours, "
            f"{MODELS[model]}, and the ratio")
        say(f"  {'load':14} {'driver (plugin)':>15} {'theirs':>7} "
            f"{'ratio':>6}  {'kernel':>7} {'theirs':>7} {'ratio':>6}  "
            f"{'traps':>5} {'theirs':>6}  {'irqs':>5} {'theirs':>6}")
        for load, row in drivers["ours"].items():
            other = drivers[MODELS[model]][load]
            say(f"  {load:14} {row['driver']:6.0f} ({row['plugin']:6.0f}) "
                f"{other['driver']:7.0f} "
                f"{row['driver'] / other['driver']:6.2f}  "
                f"{row['kernel']:7.0f} {other['kernel']:7.0f} "
                f"{row['kernel'] / other['kernel']:6.2f}  "
                f"{row['traps']:5.2f} {other['traps']:6.2f}  "
                f"{row['interrupts']:5.2f} {other['interrupts']:6.2f}")
            if options.symbols:
                for name, values in (("ours", row), (MODELS[model], other)):
                    say(f"    {name}")
                    insn.say_symbols(values["symbols"], options.symbols, say)
    return result
