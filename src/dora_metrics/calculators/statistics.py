"""Quantiles and 95 % intervals (definitions.md 9): deterministic, without tables and without random numbers."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dora_metrics.domain.measurements import Interval

TAIL = 0.025
"""What a 95 % interval leaves out on each side."""
Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""
FEWEST_FOR_P90 = 10
LARGEST_EXACT = 1000
"""Up to so many values the binomial sum is made of whole numbers."""


def spread_of(ordered: NDArray[np.float64]) -> Spread:
    """The spread of seconds that are already in ascending order; an empty one when there are none."""
    n = int(ordered.size)
    if n == 0:
        return Spread()
    return Spread(
        n=n,
        median_s=quantile(ordered, 50),
        p75_s=quantile(ordered, 75),
        p90_s=quantile(ordered, 90) if n >= FEWEST_FOR_P90 else None,
        mean_s=float(ordered.sum()) / n,
        max_s=float(ordered[-1]),
        ci95_s=median_interval(ordered),
    )


def quantile(ordered: NDArray[np.float64], percent: int) -> Optional[float]:
    """The `percent` quantile of values in ascending order by linear interpolation; `None` when there are none.

    Source: Hyndman and Fan (1996), "Sample Quantiles in Statistical Packages", type 7: with h = (n - 1) p, the value at
    floor(h) plus the fraction of h on the way to the next one. numpy's default and SQL's PERCENTILE_CONT.
    """
    if ordered.size == 0:
        return None
    place, beyond = divmod((int(ordered.size) - 1) * percent, 100)
    low = float(ordered[place])
    return low if beyond == 0 else low + (float(ordered[place + 1]) - low) * beyond / 100


def median_interval(ordered: NDArray[np.float64]) -> Optional[Interval]:
    """The 95 % interval of the median of values in ascending order; `None` below six values.

    From the j-th smallest to the j-th largest value, see `median_rank`.
    """
    rank = median_rank(int(ordered.size))
    return (float(ordered[rank - 1]), float(ordered[-rank])) if rank else None


@lru_cache(maxsize=4096)
def median_rank(n: int) -> int:
    """The largest j with P(X <= j - 1) <= 2.5 %, X ~ Binomial(n, 1/2); 0 when there is none (n < 6).

    The values of rank j and n + 1 - j then enclose the median with at least 95 %, whatever the distribution.
    Source: Conover (1999), "Practical Nonparametric Statistics", 3.2; David and Nagaraja (2003), "Order
    Statistics", 7.1.
    """
    return _rank_by_whole_numbers(n) if n <= LARGEST_EXACT else _rank_by_steps(n)


def _rank_by_whole_numbers(n: int) -> int:
    ways, below, rank = 1, 1, 0
    while below * 40 <= 2**n:  # 1/40 = 2.5 %
        rank += 1
        ways = ways * (n - rank + 1) // rank
        below += ways
    return rank


def _rank_by_steps(n: int) -> int:
    """The same from the middle down, in about sqrt(n) steps: the sum up to the middle is known by symmetry."""
    k = n // 2
    mass = _central_mass(n)
    below = 0.5 if n % 2 else (1 + mass) / 2  # P(X <= k)
    while below > TAIL:
        below -= mass
        mass *= k / (n - k + 1)
        k -= 1
    return k + 1


def _central_mass(n: int) -> float:
    """C(n, n // 2) / 2^n by Stirling's series; relative error below 1e-14 for n > 1000."""
    low, high = n // 2, n - n // 2
    skew = 0.0 if low == high else -low * math.log1p(-1 / n) - high * math.log1p(1 / n)
    series = _stirling_rest(n) - _stirling_rest(low) - _stirling_rest(high)
    return math.exp(series + skew) * math.sqrt(n / (2 * math.pi * low * high))


def _stirling_rest(n: int) -> float:
    """ln(n!) - ln(sqrt(2 pi n) (n / e)^n), for n >= 30."""
    return 1 / (12 * n) - 1 / (360 * n**3) + 1 / (1260 * n**5) - 1 / (1680 * n**7)


def wilson_interval(hits: int, n: int) -> Optional[Interval]:
    """The 95 % interval of the share `hits` / `n`, within 0 and 1; `None` for n = 0.

    Source: Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22.
    """
    if n == 0:
        return None
    share, square = hits / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return (0.0 if hits == 0 else middle - half, 1.0 if hits == n else middle + half)


@lru_cache(maxsize=4096)
def poisson_interval(count: int) -> Interval:
    """The exact 95 % interval of the mean of a Poisson count.

    The lower end is the mean for which `count` or more has 2.5 %, the upper the one for which `count` or fewer has.
    Source: Garwood (1936), "Fiducial Limits for the Poisson Distribution", Biometrika 28.
    """
    lower = 0.0 if count == 0 else _solve_mean(count - 1, 1 - TAIL)
    return lower, _solve_mean(count, TAIL)


def _solve_mean(count: int, share: float) -> float:
    """The mean for which `count` or fewer has the probability `share`, by Newton's method.

    Starts at Wilson and Hilferty's approximation (1931, PNAS 17), from where a few steps reach a float's precision.
    """
    shape = count + 1
    side = Z95 if share < 0.5 else -Z95  # noqa: PLR2004 (upper or lower end)
    mean = shape * max(1 - 1 / (9 * shape) + side / (3 * math.sqrt(shape)), 0.1) ** 3
    for _ in range(20):
        step = (poisson_cdf(count, mean) - share) / _poisson_mass(count, mean)
        mean += step
        if abs(step) < 1e-14 * mean:
            break
    return mean


def poisson_cdf(count: int, mean: float) -> float:
    """P(X <= `count`) of a Poisson variable with `mean`, summed from the largest of the terms down on each side."""
    top = min(count, int(mean))
    largest = _poisson_mass(top, mean)
    return largest * (_ratios_down(top, mean) + _ratios_up(top, count, mean))


def _ratios_down(top: int, mean: float) -> float:
    """The masses at `top`, `top` - 1, … 0, each divided by that at `top`, until they no longer count."""
    term, total, k = 1.0, 1.0, top
    while k > 0 and term > 1e-18 * total:
        term *= k / mean
        total += term
        k -= 1
    return total


def _ratios_up(top: int, count: int, mean: float) -> float:
    """The masses at `top` + 1 … `count`, each divided by that at `top`, until they no longer count."""
    term, total, k = 1.0, 0.0, top
    while k < count and term > 1e-18:  # noqa: PLR2004 (far below the precision of a float)
        k += 1
        term *= mean / k
        total += term
    return total


def _poisson_mass(k: int, mean: float) -> float:
    """P(X = k). Source for large k: Loader (2000), "Fast and Accurate Computation of Binomial Probabilities"."""
    if k < 30:  # noqa: PLR2004 (Stirling's series is for 30 and more)
        return math.exp(-mean) * mean**k / math.factorial(k)
    excess = (mean - k) / k
    return math.exp(-_stirling_rest(k) - k * (excess - math.log1p(excess))) / math.sqrt(2 * math.pi * k)
