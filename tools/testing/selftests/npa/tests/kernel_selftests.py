#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The kernel's own selftests for NIC drivers, the shorter ones, on npad.

All of them, on every device: full/kernel_selftests_all.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import kernel_results  # noqa: E402

# Which cases of a test, or all.
SHORT = {
    "queues": [],
    "napi_id": [],
    "napi_threaded": [],
    "hw/irq": [],
    "stats": ["pkt_byte_sum", "qstat_by_ifindex", "check_down",
              "procfs_hammer"],
    "ring_reconfig": [],
    "hw/csum": ["ipv4_rx_tcp", "ipv6_rx_udp_invalid",
                "ipv6_tx_udp_csum_offload", "ipv4_tx_udp_zero_checksum"],
    "ping": ["test_default_v4", "test_default_v6"],
}


def main():
    """Run them; the arguments choose tests."""
    wanted = {test: cases for test, cases in SHORT.items()
              if not sys.argv[1:] or test in sys.argv[1:]}
    report = kernel_results.Report()
    kernel_results.run("npad", wanted, report, kernel_results.Expected())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
