# SPDX-License-Identifier: GPL-2.0
"""Are two samples distinguishable? A rank test, and numbers that describe."""

import math
import statistics


def rank_sum_p(first, second):
    """Two-sided p of the Mann-Whitney U test: normal approximation, ties.

    The chance that two samples of one distribution differ in their ranks at
    least as much as these. Both samples should have eight values or more.
    """
    n, m = len(first), len(second)
    if not n or not m:
        raise ValueError("a sample is empty")
    values = sorted([(v, 0) for v in first] + [(v, 1) for v in second])
    total, ties, at = 0.0, 0, 0
    while at < n + m:
        end = at
        while end < n + m and values[end][0] == values[at][0]:
            end += 1
        rank = (at + 1 + end) / 2
        total += rank * sum(1 for _, which in values[at:end] if which == 0)
        ties += (end - at) ** 3 - (end - at)
        at = end
    mean = n * m / 2
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if not variance:
        return 1.0
    u = total - n * (n + 1) / 2
    z = max(abs(u - mean) - 0.5, 0) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def shift(first, second):
    """By how much the second sample is larger: median of all differences."""
    return statistics.median(b - a for a in first for b in second)


def describe(values):
    """Median, 90th percentile and maximum, as a dictionary."""
    ordered = sorted(values)
    return {"median": statistics.median(ordered),
            "p90": ordered[min(len(ordered) * 9 // 10, len(ordered) - 1)],
            "max": ordered[-1]}
