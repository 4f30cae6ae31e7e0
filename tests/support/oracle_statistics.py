"""The oracle's statistics: definitions.md 9 and 10 from the textbook, in fractions and by plain sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from functools import cache
from math import comb, exp, sqrt
from statistics import NormalDist
from typing import Any, Optional

UPPER_ENDS = ((1, 6), (24, 5), (168, 4), (730, 3), (4380, 2))
"""Hours and survey band."""


def seconds(spans: Sequence[Optional[timedelta]]) -> list[float]:
    return [span.total_seconds() for span in spans if span is not None]


def quantile(values: Sequence[float], share: Fraction) -> Optional[float]:
    """Type 7: linear between the values around (n - 1) p."""
    if not values:
        return None
    ranked = sorted(values)
    place = (len(ranked) - 1) * share
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return float(ranked[low] + (ranked[high] - ranked[low]) * float(place - low))


def median(values: Sequence[float]) -> Optional[float]:
    return quantile(values, Fraction(1, 2))


def spread(spans: Sequence[Optional[timedelta]]) -> dict[str, Any]:
    values = sorted(seconds(spans))
    n = len(values)
    rank = max((j for j in range(1, n // 2 + 1) if below(n, j - 1) <= Fraction(1, 40)), default=0)
    return {
        "n": n,
        "median": median(values),
        "p75": quantile(values, Fraction(3, 4)),
        "p90": quantile(values, Fraction(9, 10)) if n >= 10 else None,
        "mean": sum(values) / n if n else None,
        "max": max(values, default=None),
        "ci95": (values[rank - 1], values[n - rank]) if rank else None,
        "insufficient": n < 6,
        "band": next((band for end, band in UPPER_ENDS if (median(values) or 0) < end * 3600), 1) if n >= 6 else None,
    }


@cache
def below(n: int, k: int) -> Fraction:
    """P(X <= k), X ~ Binomial(n, 1/2)."""
    return Fraction(sum(comb(n, i) for i in range(k + 1)), 2**n)


def wilson(hits: int, n: int) -> Optional[tuple[float, float]]:
    """The shares p for which hits lies within z standard deviations of n p: the roots of a square."""
    if n == 0:
        return None
    z = NormalDist().inv_cdf(0.975)
    a, b, c = n + z * z, -(2 * hits + z * z), hits * hits / n
    root = sqrt(max(b * b - 4 * a * c, 0))
    return (max((-b - root) / (2 * a), 0.0), min((-b + root) / (2 * a), 1.0))


@cache
def poisson(count: int) -> tuple[float, float]:
    """The means at which the tails beyond `count` have 2.5 %, by halving."""
    low = 0.0 if count == 0 else halve(lambda_sum(count - 1), 0.975)
    return low, halve(lambda_sum(count), 0.025)


def lambda_sum(count: int) -> Any:
    """P(X <= count) as a function of the mean."""

    def share(mean: float) -> float:
        term = total = exp(-mean)
        for k in range(1, count + 1):
            term *= mean / k
            total += term
        return total

    return share


def halve(share: Any, wanted: float) -> float:
    low, high = 0.0, 500.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) > wanted else (low, middle)
    return low


def frequency_band(weeks: Sequence[int], months: Sequence[int], lately: Sequence[int]) -> Optional[int]:
    if not weeks:
        return None
    a_week = median(weeks) or 0
    for fewest, band in ((10, 6), (5, 5), (1, 4)):
        if a_week >= fewest:
            return band
    if not months:
        return None
    return 3 if (median(months) or 0) >= 1 else 2 if sum(lately) else 1
