# SPDX-License-Identifier: GPL-2.0
"""A machine that sleeps (S3) and wakes up, with its NIC on either path.

QEMU's virtio-serial, which the agent talks through, does not wake up: the guest
does all by itself, and says on its console what came of it.
"""

from .scene import PEER
from .tap import check, check_equal, note
from .watch import wait_for

# Settings that have to outlast sleep, then work for a while; then ready for
# the next time, when the path is what it is to be.
SCRIPT = """
say() {{ echo "npa-sleep $1" > /dev/ttyS0; }}
settings() {{
	ip -br link show {nic}; ethtool -x {nic}; ethtool -g {nic}
	ethtool -k {nic}
}}
answer() {{
	for i in $(seq 100); do
		ping -q -c 1 -W 1 {peer} && return 0
	done
	return 1
}}
settings > /tmp/before
n=0
for path in {paths}; do
	n=$((n + 1))
	until ethtool -S {nic} | grep -q "npa_path: $path"; do sleep 0.2; done
	echo mem > /sys/power/state || say "$n failed: sleep"
	say "$n awake"
	answer || say "$n failed: no answer"
	ping -q -c 20 -i 0.02 -W 5 -s 1400 {peer} || say "$n failed: ping"
	until ethtool -S {nic} | grep -q "npa_path: $path"; do sleep 0.2; done
	ping -q -c 20 -i 0.02 -W 5 -s 1400 {peer} || say "$n failed: ping 2"
	settings > /tmp/after
	cmp /tmp/before /tmp/after || say "$n failed: $(diff /tmp/before /tmp/after)"
	dmesg | grep -E "BUG:|WARNING:|Call Trace|WATCHDOG" > /dev/ttyS0 &&
		say "$n failed: alarms"
	say "$n done"
done
"""


def sleep_and_wake(s, qmp, paths):
    """Sleep once on each of the paths ("emulated", "vf")."""
    numbers = " ".join("1" if path == "vf" else "0" for path in paths)
    s.guest.run(f"ethtool -G {s.netdev} rx 512 && ip link set {s.netdev} "
                "mtu 1400")
    s.guest.push("/tmp/sleep.sh", SCRIPT.format(
        nic=s.netdev, peer=PEER, paths=numbers).encode())
    if paths[0] == "vf":
        s.npad.attach()
    s.guest.spawn("sh /tmp/sleep.sh > /dev/null")
    for number, path in enumerate(paths, 1):
        if number > 1 and path == "vf":
            s.npad.attach()
        qmp.wait_status("suspended", 60)
        if s.npad:
            check_equal(s.npad.status()["path"], "none", "path in sleep")
        note(f"asleep, path {path}")
        qmp.command("system_wakeup")
        for word in ("awake", "done"):
            wait_for(lambda: f"npa-sleep {number} {word}" in s.guest.console(),
                     f"'{number} {word}' on the console", 60)
    failures = [line for line in s.guest.console().splitlines()
                if "npa-sleep" in line and "failed" in line]
    check(not failures, f"after sleep: {failures}")
