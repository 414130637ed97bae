#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The tools of the tests themselves: traffic analysis, TAP, npa-flow."""

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE / "lib"))
sys.path.insert(0, str(HERE))
import check as runner  # noqa: E402
from npa import flow, net, paths, ranks, tap  # noqa: E402
from npa.tap import check, check_equal  # noqa: E402

MS = flow.MS


def _flow(records, sent, to_guest=True):
    udp = flow.UdpFlow.__new__(flow.UdpFlow)
    udp.to_guest = to_guest
    udp.flows = 1
    udp.records = records
    udp.sent = [{"sent": sent}]
    return udp


def _phases():
    return flow.PhaseList([flow.Phase("a", 1, 0, 100 * MS),
                           flow.Phase("b", 1, 100 * MS, 200 * MS),
                           flow.Phase("c", 1, 200 * MS, 300 * MS)])


def _steady(skip=(), ahead=5000 * MS):
    """One packet each ms, received 1 ms later by a clock that is ahead."""
    return [(0, n, n * MS, n * MS + MS + ahead) for n in range(300)
            if n not in skip]


def test_steady_stream():
    """A perfect stream has no loss, and gaps of its own period."""
    result = _flow(_steady(), 300).analyse(_phases())
    check_equal([(t.packets, t.lost, t.reordered, t.longest_gap_ms)
                 for t in result], [(100, 0, 0, 1.0)] * 3, "traffic")


def test_loss_goes_to_its_phase():
    """Lost packets count where they were sent; the gap is seen there too."""
    result = _flow(_steady(skip=range(150, 160)), 300).analyse(_phases())
    check_equal([t.lost for t in result], [0, 10, 0], "lost")
    check_equal([t.longest_gap_ms for t in result], [1.0, 11.0, 1.0], "gap")


def test_loss_at_the_end():
    """Packets that never came count, though nothing follows them."""
    result = _flow(_steady(skip=range(290, 300)), 300).analyse(_phases())
    check_equal([t.lost for t in result], [0, 0, 10], "lost")


def test_reordering_and_duplicates():
    """A packet that comes late is reordered, one that comes twice doubled."""
    records = _steady()
    records[150], records[151] = records[151], records[150]
    records.insert(20, records[19])
    result = _flow(records, 300).analyse(_phases())
    check_equal([t.reordered for t in result], [0, 1, 0], "reordered")
    check_equal([t.duplicates for t in result], [1, 0, 0], "duplicates")
    check_equal(sum(t.lost for t in result), 0, "lost")


def test_clock_difference():
    """The clocks' difference falls out of the transit times."""
    there = _flow(_steady(ahead=7 * MS), 300)
    back = _flow(_steady(ahead=-7 * MS), 300, to_guest=False)
    check_equal(flow.clock_difference(there, back), 7 * MS, "difference")


def test_counting_of_results():
    """check.py counts passes, failures and skips, and notices a crash."""
    totals = runner.Totals()
    tap_text = "1..4\nok 1 a\nnot ok 2 b\nok 3 c # SKIP no\nok 4 - d # 1 s\n"
    check_equal(totals.add("x", tap_text, 1), (2, 1, 1), "counts")
    check_equal(totals.add("x", "1..2\nok 1 a\n", 0), (1, 1, 0), "short")
    check_equal(totals.add("x", "", 139), (0, 1, 0), "no output")
    check_equal(totals.add("x", "1..1\nok 1 a\n", 139), (1, 1, 0), "crash")


def test_rank_sum():
    """The rank test gives published p-values, and finds a shift."""
    # Hollander and Wolfe, 1973: the exact p is 0.254, this approximation of it
    # 0.245.
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    early = [1.15, 0.88, 0.90, 0.74, 1.21]
    p = ranks.rank_sum_p(term, early)
    check_equal(round(p, 3), 0.245, "p")
    check_equal(round(ranks.shift(early, term), 3), 0.305, "shift")
    same = [1.0] * 20
    check_equal(ranks.rank_sum_p(same, same), 1.0, "p of what is all the same")
    noise = [(n * 37) % 101 for n in range(100)]
    check(ranks.rank_sum_p(noise, noise[::-1]) > 0.9, "the same differs")
    check(ranks.rank_sum_p(noise, [n + 15 for n in noise]) < 0.01,
          "a shift is not found")
    check_equal(ranks.describe(range(1, 11)),
                {"median": 5.5, "p90": 10, "max": 10}, "description")


def test_flow_programs():
    """npa-flow moves numbered packets between two namespaces."""
    with net.Peer("one") as one, net.Peer("two") as two:
        net.run("ip link add v1 netns one type veth peer name v2 netns two")
        one.up("v1", "192.0.2.1/24")
        two.up("v2", "192.0.2.2/24")
        udp = flow.UdpFlow(one, two, "192.0.2.2", 2000, 4, to_guest=True)
        tcp = flow.TcpFlow(two, one, "192.0.2.1", 1_000_000)
        start = time.time_ns()
        time.sleep(1.5)
        end = time.time_ns()
        udp.stop_sender()
        time.sleep(0.2)
        udp.stop_receiver()
        tcp.stop()
        traffic = udp.analyse(flow.PhaseList(
            [flow.Phase("all", 1, start, end)]))[0]
        check(traffic.packets > 2000, f"too few packets: {traffic}")
        check_equal(traffic.lost, 0, "lost")
        check(tcp.bytes() > 500_000, f"TCP moved {tcp.bytes()} bytes")


def test_flow_apart():
    """A sender that was held up goes on at its rate, if told to."""
    with net.Peer("one") as one, net.Peer("two") as two:
        net.run("ip link add v1 netns one type veth peer name v2 netns two")
        one.up("v1", "192.0.2.1/24")
        two.up("v2", "192.0.2.2/24")
        for apart in (False, True):
            udp = flow.UdpFlow(one, two, "192.0.2.2", 50, to_guest=True,
                               apart=apart)
            time.sleep(0.3)
            udp.hold(0.5)
            time.sleep(0.5)
            udp.stop_sender()
            time.sleep(0.2)
            udp.stop_receiver()
            sent = [record[2] for record in udp.records]
            gaps = [after - before for before, after in zip(sent, sent[1:])]
            check(max(gaps) > 4e8, f"was not held up: {gaps}")
            # 20 ms apart at this rate, unless it catches up, or is held up
            # between looking at the time and sending.
            close = sum(gap < 15e6 for gap in gaps)
            check(close <= 1 if apart else close > 15,
                  f"{close} of {len(gaps)} come close to another")


def test_flow_usage():
    """npa-flow refuses bad options with status 2 and a reason."""
    for arguments in ([], ["nothing", "--port", "1"], ["udp-send", "--port",
                      "5000"], ["udp-receive", "--port", "5000"],
                      ["udp-send", "--to", "x", "--port", "5000"],
                      ["udp-send", "--to", "::1", "--port", "0"]):
        done = subprocess.run([str(paths.GUEST_PROGRAMS / "npa-flow"),
                               *arguments], capture_output=True, text=True,
                              timeout=10, check=False)
        check_equal(done.returncode, 2, f"status of npa-flow {arguments}")
        check("npa-flow:" in done.stderr, f"no reason: {done.stderr}")


tap.main(test_steady_stream, test_loss_goes_to_its_phase, test_loss_at_the_end,
         test_reordering_and_duplicates, test_clock_difference,
         test_counting_of_results, test_rank_sum, test_flow_programs,
         test_flow_apart, test_flow_usage)
