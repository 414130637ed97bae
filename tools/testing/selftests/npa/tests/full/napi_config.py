#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What is set per NAPI instance over netlink, and the instances' ids, outlast
whatever happens to rings and paths.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import kernel_tests, tap  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402
from npa.watch import wait_for  # noqa: E402

# In the guest, with the kernel's own library.
SCRIPT = """
import json, sys
from lib.py import NetdevFamily
netdev = NetdevFamily()
for row in json.loads(sys.argv[2]):
    netdev.napi_set(row)
index = int(open(f"/sys/class/net/{sys.argv[1]}/ifindex").read())
print(json.dumps(netdev.napi_get({"ifindex": index}, dump=True)))
"""
PEER = "198.51.100.1"
KEPT = ("id", "defer-hard-irqs", "gro-flush-timeout", "irq-suspend-timeout",
        "threaded")


def napis(bench, settings=()):
    """Change settings; what there is then, oldest id first."""
    out = bench.guest.run(
        f"cd {kernel_tests.TOP}/{kernel_tests.SELFTESTS}/drivers/net && "
        f"python3 -c '{SCRIPT}' {bench.netdev} '{json.dumps(settings)}'",
        timeout=60)
    rows = json.loads(out.splitlines()[-1])
    return sorted(rows, key=lambda row: row["id"])


def kept(rows):
    """What has to be the same."""
    return [{key: row[key] for key in KEPT} for row in rows]


def works(bench, name):
    """Frames pass, and the kernel does not complain."""
    out = bench.guest.try_run(f"ping -q -c 5 -i 0.05 -W 5 {PEER}").stdout
    check(" 0% packet loss" in out, f"after: {name}: {out}")
    check_equal(bench.guest.alarms(), [], f"alarms after: {name}")


def down_up(bench):
    """Until the stack, which takes its time, sends again."""
    bench.guest.run(f"ip link set {bench.netdev} down; "
                    f"ip link set {bench.netdev} up")
    wait_for(lambda: bench.guest.try_run(f"ping -q -c 1 -W 1 {PEER}").status
             == 0, "an answer to a ping", 20)


def test_kept():
    """Set once; the same after each change, and threads are where they were."""
    with kernel_tests.on_npad() as bench:
        run, nic = bench.guest.run, bench.netdev
        rows = napis(bench)
        check_equal(len(rows), kernel_tests.CPUS, "instances")
        want = kept(napis(bench, [
            {"id": row["id"], "defer-hard-irqs": 3 + number,
             "gro-flush-timeout": 20000 + number,
             "irq-suspend-timeout": 1000000 + number,
             "threaded": "disabled" if number else "enabled"}
            for number, row in enumerate(rows)]))
        check_equal([row["defer-hard-irqs"] for row in want],
                    [3 + number for number in range(len(want))], "settings")
        for name, step in (
                ("rings", lambda: run(f"ethtool -G {nic} rx 512 tx 1024")),
                ("buffers", lambda: run(f"ethtool -G {nic} rx-buf-len 4096")),
                ("MTU", lambda: run(f"ip link set {nic} mtu 2000")),
                ("down and up", lambda: down_up(bench)),
                ("to the VF", bench.npad.attach),
                ("rings on the VF", lambda: run(f"ethtool -G {nic} rx 1024")),
                ("back", bench.npad.detach)):
            step()
            works(bench, name)
            rows = napis(bench)
            check_equal(kept(rows), want, f"after: {name}")
            check_equal(["pid" in row for row in rows],
                        [row["threaded"] == "enabled" for row in want],
                        f"threads after: {name}")
        run(f"ethtool -L {nic} combined 1")
        check_equal(kept(napis(bench)), want[:1], "with one pair")
        run(f"ethtool -L {nic} combined {len(want)}")
        works(bench, "all pairs")
        check_equal(kept(napis(bench)), want, "with all pairs again")


if __name__ == "__main__":
    tap.main(test_kept, limit=300)
