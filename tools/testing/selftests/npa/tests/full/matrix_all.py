#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The matrix: each pair of a revision, kind of interrupts, number of queues, MTU
and offloads is in one cell at least, on npad; on QEMU's device what it has.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib"))
from npa import matrix, tap  # noqa: E402

# npad has 16 vNICs: one idle, one for the other end.
NPAD_CELLS = 14
STOCK_CELLS = 8


def parts(cells, size):
    """Cells in lists of so many."""
    return [cells[at:at + size] for at in range(0, len(cells), size)]


def tests():
    """All tests, guest after guest."""
    for cells in parts(matrix.covering(), NPAD_CELLS):
        yield from matrix.tests(matrix.on_npad, "npad", cells, 1 << 20)
    # All NICs of the guest have as many pairs as it has processors.
    for queues in (1, 4):
        values = dict(matrix.VALUES, revision=(1,), interrupts=("msix",),
                      mask=("auto",), queues=(queues,))
        for cells in parts(matrix.covering(values), STOCK_CELLS):
            yield from matrix.tests(matrix.on_stock, "QEMU", cells, 1 << 20)


if __name__ == "__main__":
    tap.main(*tests(), limit=180)
