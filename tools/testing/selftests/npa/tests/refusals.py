#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a guest must not accept: bad images, bad devices, bad plugins.

Each time the emulated path goes on without a lost packet, and the reason is
the same in the kernel log, in ethtool -S and in npactl status.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "plugins")]
import badimage  # noqa: E402
from npa import paths, scene, tap  # noqa: E402
from npa.suite import Suite  # noqa: E402
from npa.tap import check, check_equal, note  # noqa: E402
from npa.watch import Log, Watch, check_no_growth, undisturbed, wait_for  # noqa: E402

GOOD = "intel-82576vf"
TAINT_UNSIGNED_MODULE = 1 << 13

# Faults of the device that end a switch, and what the guest says.
FAILS = (("load-fail", "load-failed"), ("load-truncate", "truncated"),
         ("window-outside", "bad-window"), ("activate-fail", "activate-failed"),
         ("stop-fail", "stop-failed"))
HANGS = (("load-hang", "load-timeout"), ("activate-hang", "activate-timeout"),
         ("stop-hang", "stop-timeout"))


def open_store():
    """A directory of bad images beside the good one; and the table."""
    directory = tempfile.TemporaryDirectory(prefix="npa-store-")
    table = badimage.make(paths.PLUGINS, directory.name)
    shutil.copy(paths.PLUGINS / f"{GOOD}.npa", directory.name)
    sign(Path(directory.name))
    return directory, table


def sign(store):
    """Sign the good image with a key that no kernel knows."""
    key, cert = store / "key.pem", store / "cert.pem"
    for argv in (["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                  "-keyout", key, "-out", cert, "-subj", "/CN=nobody",
                  "-days", "2"],
                 [paths.PLUGINS / "npa-image", "sign", store / f"{GOOD}.npa",
                  "--key", key, "--cert", cert, "-o", store / "signed.npa"],
                 [paths.PLUGINS / "npa-image", "verify", "--cert", cert,
                  store / "signed.npa"]):
        subprocess.run([str(a) for a in argv], check=True,
                       capture_output=True)
    data = bytearray((store / "signed.npa").read_bytes())
    data[-1] ^= 1
    (store / "signed-damaged.npa").write_bytes(data)


STORE, TABLE = open_store()


def by_stage(stage):
    """Names and reasons of the images that are bad at a stage."""
    return [(bad.name, bad.reason) for bad in TABLE if bad.stage == stage]


def settled(npad, before):
    """The status if a switch has been refused and all is quiet again."""
    status = npad.status()
    quiet = status["state"] == "idle" and status["path"] == "emulated"
    refused = npad.refusal_number(status) != npad.refusal_number(before)
    return status if quiet and refused else None


def refusal(s, log, reason, plugin=GOOD, more=()):
    """One attach that has to be refused for a reason; more: log lines."""
    before = s.guest.ethtool_stats()
    status = s.npad.status()
    s.npad.request("attach", plugin=plugin)
    after = wait_for(lambda: settled(s.npad, status), "refusal", 15)

    check_equal(after["last_refusal"]["code"], reason, "npactl status")
    check_equal(after["vf"]["attached"], False, "VF is attached")
    stats = s.guest.ethtool_stats()
    changed = {name: value - before[name] for name, value in stats.items()
               if name.startswith("npa_") and not name.startswith("npa_bad_")
               and value != before[name]}
    counter = "npa_refused_" + reason.replace("-", "_")
    lines = log.new()
    said = [line for line in lines if "VF refused" in line]
    check_equal(len(said), 1, f"lines that say so in {lines}")
    check(f"VF refused: {reason};" in said[0], f"kernel log says {said[0]}")
    return changed, counter, [line for line in lines if line not in said]


def refused(s, log, reason, plugin=GOOD):
    """A refusal before the path has switched: nothing else is counted."""
    changed, counter, others = refusal(s, log, reason, plugin)
    check_equal(changed, {"npa_refusals": 1, counter: 1}, "ethtool -S")
    # At most one line more, which says what the plugin itself answered.
    others = [line for line in others if "taints kernel" not in line]
    check(len(others) <= 1 and all("plugin " in line for line in others),
          f"kernel log says {others}")


def good_attach(s):
    """There and back with a good plugin."""
    s.npad.attach(GOOD)
    check_equal(s.guest.ethtool_stats()["npa_path"], 1, "npa_path")
    s.npad.detach()


def each(s, cases, one):
    """Run one(reason, name) for cases under traffic; collect what is wrong."""
    wrong = []
    with Watch(s) as watch:
        for name, reason in cases:
            watch.mark(name)
            try:
                one(name, reason)
            except tap.Failure as failure:
                wrong.append(f"{name}: {failure}")
            else:
                note(f"{name}: {reason}")
        watch.mark("good attach")
        good_attach(s)
    check(not wrong, "\n".join(wrong))
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")
    return watch


def images(s):
    """Images that are refused before any of their code has run."""
    log = Log(s.guest)
    each(s, by_stage("verify"), lambda name, reason:
         refused(s, log, reason, name)).check_intact()


def signatures(s):
    """A signature must be right if there is one, whatever the policy.

    One by an unknown key is not. Without any the kernel is tainted, and says
    so once, or the image is refused.
    """
    log = Log(s.guest)
    policy = "/sys/module/vmxnet3/parameters/npa"
    for setting in ("on", "signed"):
        s.guest.run(f"echo {setting} > {policy}")
        refused(s, log, "bad-signature", "signed")
        refused(s, log, "bad-signature", "signed-damaged")
    refused(s, log, "unsigned", GOOD)
    s.guest.run(f"echo on > {policy}")
    good_attach(s)
    good_attach(s)
    said = [line for line in s.guest.dmesg().splitlines()
            if "not signed, taints kernel" in line]
    check_equal(len(said), 1, f"lines about the taint: {said}")
    check(f"plugin {GOOD} is" in said[0], f"kernel log says {said[0]}")
    taint = int(s.guest.run("cat /proc/sys/kernel/tainted"))
    check(taint & TAINT_UNSIGNED_MODULE, f"taint is {taint:#x}")
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def starts(s):
    """Plugins that fail when they are started."""
    log = Log(s.guest)
    each(s, by_stage("start"), lambda name, reason:
         refused(s, log, reason, name)).check_intact()


def fault(s, log, name, reason):
    """A refusal because of a fault that happens once."""
    s.npad.request("fault", name=name, state="once")
    refused(s, log, reason)


def commands_fail(s):
    """Commands that the hypervisor answers with a failure."""
    log = Log(s.guest)
    each(s, FAILS, lambda name, reason:
         fault(s, log, name, reason)).check_intact()


def commands_hang(s):
    """Commands that the hypervisor never finishes."""
    log = Log(s.guest)
    each(s, HANGS, lambda name, reason:
         fault(s, log, name, reason)).check_intact()


def quick_refusal(s, name):
    """One attach that is refused, for whatever reason."""
    status = s.npad.status()
    s.npad.request("attach", plugin=name)
    wait_for(lambda: settled(s.npad, status), "refusal")


def many_refusals(s, number):
    """Refusals of all kinds in turn, mostly those that come late."""
    images_only = itertools.cycle(name for name, _ in by_stage("verify"))
    late = [(name, None) for name, _ in by_stage("start")] + \
           [(GOOD, name) for name, _ in FAILS]
    kinds = itertools.cycle([*late, (None, None), (None, None)])
    for image, fault_name in itertools.islice(kinds, number):
        if fault_name:
            s.npad.request("fault", name=fault_name, state="once")
        quick_refusal(s, image or next(images_only))


def nothing_leaked(s, number=400):
    """400 refusals of all kinds later the kernel holds what it held before."""
    # One in four comes when there is a complete path.
    check_no_growth(s.guest, lambda: many_refusals(s, number), number // 4)
    good_attach(s)
    check_equal(s.guest.alarms(), [], "alarms in the kernel log")


def misbehaves(s, log, name, reason):
    """A plugin that switches well, and is put out of service later."""
    changed, counter, _ = refusal(s, log, reason, name)
    check_equal(changed, {"npa_refusals": 1, counter: 1,
                          "npa_switches_to_vf": 1,
                          "npa_switches_to_emulated": 1} |
                {k: v for k, v in changed.items() if k == "npa_tx_lost"},
                "ethtool -S")


def misreports(s):
    """Plugins that report nonsense under traffic are put out of service."""
    log = Log(s.guest)
    cases = [case for case in by_stage("run") if case[1] == "bad-reports"]
    before = s.guest.ethtool_stats()
    watch = each(s, cases, lambda name, reason:
                 misbehaves(s, log, name, reason))
    after = s.guest.ethtool_stats()
    kinds = {name: after[name] - before[name] for name in after
             if name.startswith("npa_bad_") and after[name] != before[name]}
    note(f"bad reports: {kinds}")
    check(len(kinds) >= 5, f"only these misreports were seen: {kinds}")
    # What they lied about is lost, and what the VF had when it was stopped.
    watch.check_intact(lossy=[name for name, _ in cases])


def tx_hang(s):
    """A plugin that stops sending is put out of service by the watchdog."""
    log = Log(s.guest)
    cases = [case for case in by_stage("run") if case[1] == "tx-hang"]
    wrong = []
    with Watch(s) as watch:
        for name, reason in cases:
            watch.mark(name)
            misbehaves(s, log, name, reason)
        watch.mark("good attach")
        good_attach(s)
    watch.check_intact(lossy=[name for name, _ in cases])
    wrong = [line for line in s.guest.alarms()
             if "NETDEV WATCHDOG" not in line]
    check_equal(wrong, [], "alarms in the kernel log")


def open_scene():
    """Our driver on npad, with the store of bad images."""
    return scene.npad_scene(npad_options={"plugin_dir": STORE.name})


Suite(open_scene).main(
    *map(undisturbed, (images, signatures, starts, commands_fail, commands_hang,
                       nothing_leaked, misreports, tx_hang)), limit=180)
