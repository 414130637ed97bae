# SPDX-License-Identifier: GPL-2.0
"""A machine that sleeps and wakes up, with its NIC on either path.

QEMU's virtio-serial, which the agent talks through, does not wake up: the guest
does all by itself, and says on its console what came of it.
"""

import contextlib
import tempfile
import time

from . import initramfs
from .scene import PEER
from .tap import check, check_equal
from .vm import SCAN
from .watch import wait_for

# How a machine can sleep.  A key ends the first two.  With test_resume the
# image of hibernation is written, loaded and made the running kernel, with
# nothing but the power cut missing.  S3 only once: QEMU ignores the second.
HOW = {
    "idle": "doze",
    "wake on LAN": "ethtool -s $nic wol uag && doze; ethtool -s $nic wol d",
    "hibernate": "echo disk > /sys/power/state",
    "S3": "echo mem > /sys/power/state",
}

# Settings that have to outlast sleep; both directions before and after.
HEAD = """
nic={nic}
say() {{ echo "npa-sleep $1" > /dev/ttyS0; }}
settings() {{
	ip -br link show $nic; ethtool -x $nic; ethtool -g $nic; ethtool -k $nic
}}
doze() {{
	# A key that comes too early only keeps it awake.
	for i in 1 2 3; do
		echo freeze > /sys/power/state && return 0
	done
	return 1
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
echo enabled > /sys/devices/platform/i8042/serio0/power/wakeup
if [ -b /dev/vda ]; then
	mkswap /dev/vda && swapon /dev/vda &&
		cat /sys/block/vda/dev > /sys/power/resume
	echo test_resume > /sys/power/disk
fi
"""

STEP = """
wait_path {path} || say "{n} failed: path before"
ping_peer || say "{n} failed: ping before"
say "{n} asleep"
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

# What Guest.inspect() would ask.
INSPECT = f"""
{{ grep debug_locks /proc/lockdep_stats; {SCAN}; }} > /tmp/found
cat /tmp/found > /dev/ttyS0
say "inspected"
"""


@contextlib.contextmanager
def disk():
    """Guest options for a machine that can hibernate: a disk to swap to."""
    with tempfile.NamedTemporaryFile(prefix="npa-disk-") as image:
        image.truncate(1 << 30)
        yield {"extension": initramfs.Extension("disk", lambda root: None, (),
                                                ["virtio_blk"]),
               "options": ["-drive",
                           f"file={image.name},if=virtio,format=raw"]}


def _wake(s, qmp, number, how):
    """Wake a machine up that is about to fall asleep."""
    if how == "S3":
        qmp.wait_event("SUSPEND", 60)
        if s.npad:
            check_equal(s.npad.status()["path"], "none", "path in sleep")
        qmp.command("system_wakeup")
        return
    _said(s, number, "asleep", how)
    while how != "hibernate":
        time.sleep(2)
        # Not once more: it might wake the machine from its next sleep.
        if f"npa-sleep {number} awake" in s.guest.console():
            break
        qmp.command("send-key", keys=[{"type": "qcode", "data": "a"}])


def _said(s, number, word, how):
    wait_for(lambda: f"npa-sleep {number} {word}" in s.guest.console(),
             f"'{number} {word}' ({how}) on the console", 90)


def sleep_and_wake(s, qmp, steps):
    """Sleep some times; each step is one of HOW and "emulated" or "vf".

    The VF is there from the first step on that has it; the agent is not to be
    used any more when this returns.
    """
    s.guest.run(f"modprobe -q virtio_blk; ethtool -G {s.netdev} rx 512 && "
                f"ip link set {s.netdev} mtu 1400")
    script = HEAD.format(nic=s.netdev, peer=PEER)
    for number, (how, path) in enumerate(steps, 1):
        script += STEP.format(n=number, how=HOW[how],
                              path=1 if path == "vf" else 0)
    if s.guest.is_debug():
        script += INSPECT
    s.guest.push("/tmp/sleep.sh", script.encode())
    s.guest.spawn("sh /tmp/sleep.sh > /dev/null")
    on_vf = False
    for number, (how, path) in enumerate(steps, 1):
        if path == "vf" and not on_vf:
            s.npad.attach(wait=False)
            on_vf = True
        _wake(s, qmp, number, how)
        for word in ("awake", "done"):
            _said(s, number, word, how)
    if s.guest.is_debug():
        wait_for(lambda: "npa-sleep inspected" in s.guest.console(),
                 "what the kernel has found", 30)
        said = s.guest.console()
        said = said[said.rindex("debug_locks:"):]
        # STEP has looked for alarms.
        s.guest.inspect({"alarms": [], "locks": said, "leaks": said})
    failures = [line for line in s.guest.console().splitlines()
                if "npa-sleep" in line and "failed" in line]
    check(not failures, f"after sleep: {failures}")
