#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Our driver has to work on QEMU's own vmxnet3, which knows nothing of NPA."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import exercise, scene  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402


def no_npa(s):
    """The driver knows that there is no NPA and never left the device."""
    stats = s.guest.ethtool_stats()
    check_equal(stats.get("npa_path"), 0, "npa_path")
    check_equal(stats.get("npa_switches_to_vf"), 0, "npa_switches_to_vf")


def lro(s):
    """QEMU merges segments unless asked not to; their content is right."""
    for setting in ("", "lro off", "lro on"):
        state = setting.removeprefix("lro ") or "on"
        if setting:
            s.guest.run(f"ethtool -K {s.netdev} {setting}")
        s.guest.run(f"ethtool -k {s.netdev} | "
                    f"grep -q 'large-receive-offload: {state}'")
        before = exercise.received(s)
        exercise.content(s)
        packets, size = (b - a for a, b in zip(before, exercise.received(s)))
        note(f"LRO {state}: {size // packets} bytes per received frame")
        # Half of what was received are short ACKs.
        longest = s.guest.run(f"cat /sys/class/net/{s.netdev}/mtu")
        if state == "on":
            check(size / packets > int(longest) * 1.5, "nothing is merged")
        else:
            check(size / packets <= int(longest) + 14, "too long")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


Suite(lambda: scene.stock_scene(driver="ours")).main(
    exercise.probe, exercise.ping, exercise.iperf_tcp, exercise.iperf_udp,
    exercise.numbered_udp, exercise.offloads, lro, exercise.forwarded,
    exercise.mtu, exercise.down_up, exercise.reload, no_npa)
