#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Some cells of the matrix: all revisions, interrupts, MTUs, offloads.

Every pair of values, and QEMU's device: full/matrix_all.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from npa import matrix, tap  # noqa: E402

if __name__ == "__main__":
    tap.main(*matrix.tests(matrix.on_npad, "npad", matrix.diagonal(),
                           128 << 10), limit=120)
