# SPDX-License-Identifier: GPL-2.0
"""A machine that sleeps and wakes up, with its NIC on either path.

QEMU's virtio-serial, which the agent talks through, does not wake up: the guest
does all by itself, and says on its console what came of it.
"""

from .scene import PEER
from .tap import check, check_equal
from .watch import wait_for

# How a machine can sleep.  The kernel's pm_test stops where all devices have
# been put to sleep, and wakes them up again after a second; S3 is the real
# thing, once only: QEMU ignores the guest's second wish.
HOW = {
    "suspend": "sleep_test mem",
    "hibernate": "sleep_test disk",
    "wake on LAN": "ethtool -s $nic wol uag; sleep_test mem; "
                   "ethtool -s $nic wol d",
    "S3": "echo none > /sys/power/pm_test; echo mem > /sys/power/state",
}

# Settings that have to outlast sleep; both directions before and after.
HEAD = """
nic={nic}
say() {{ echo "npa-sleep $1" > /dev/ttyS0; }}
settings() {{
	ip -br link show $nic; ethtool -x $nic; ethtool -g $nic; ethtool -k $nic
}}
sleep_test() {{
	echo devices > /sys/power/pm_test
	echo 1 > /sys/module/suspend/parameters/pm_test_delay
	echo $1 > /sys/power/state
}}
ping_peer() {{
	ping -q -c 20 -i 0.02 -W 5 -s 1300 {peer}
}}
answer() {{
	for i in $(seq 100); do
		ping -q -c 1 -W 1 {peer} && return 0
	done
	return 1
}}
wait_path() {{
	for i in $(seq 150); do
		ethtool -S $nic | grep -q "npa_path: $1" && return 0
		sleep 0.2
	done
	return 1
}}
settings > /tmp/before
"""

STEP = """
wait_path {path} || say "{n} failed: path before"
ping_peer || say "{n} failed: ping before"
{{ {how}; }} || say "{n} failed: sleep"
say "{n} awake"
answer || say "{n} failed: no answer"
ping_peer || say "{n} failed: ping"
wait_path {path} || say "{n} failed: path"
ping_peer || say "{n} failed: ping on the path"
settings > /tmp/after
cmp /tmp/before /tmp/after || say "{n} failed: $(diff /tmp/before /tmp/after)"
dmesg | grep -E "BUG:|WARNING:|Call Trace|WATCHDOG" > /dev/ttyS0 &&
	say "{n} failed: alarms"
say "{n} done"
"""


def sleep_and_wake(s, qmp, steps):
    """Sleep some times; each step is one of HOW and "emulated" or "vf".

    The VF is there from the first step on that has it; the agent is not to be
    used any more when this returns.
    """
    s.guest.run(f"ethtool -G {s.netdev} rx 512 && ip link set {s.netdev} "
                "mtu 1400")
    script = HEAD.format(nic=s.netdev, peer=PEER)
    for number, (how, path) in enumerate(steps, 1):
        script += STEP.format(n=number, how=HOW[how],
                              path=1 if path == "vf" else 0)
    s.guest.push("/tmp/sleep.sh", script.encode())
    s.guest.spawn("sh /tmp/sleep.sh > /dev/null")
    on_vf = False
    for number, (how, path) in enumerate(steps, 1):
        if path == "vf" and not on_vf:
            s.npad.attach(wait=False)
            on_vf = True
        if how == "S3":
            qmp.wait_event("SUSPEND", 60)
            if s.npad:
                check_equal(s.npad.status()["path"], "none", "path in sleep")
            qmp.command("system_wakeup")
        for word in ("awake", "done"):
            wait_for(lambda: f"npa-sleep {number} {word}" in s.guest.console(),
                     f"'{number} {word}' ({how}, {path}) on the console", 60)
    failures = [line for line in s.guest.console().splitlines()
                if "npa-sleep" in line and "failed" in line]
    check(not failures, f"after sleep: {failures}")
