"""Whether the 95 % intervals hold what they promise, by simulation with a fixed seed and by exact sums."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from dora_metrics.calculators.statistics import (
    median_interval,
    median_rank,
    poisson_cdf,
    poisson_interval,
    wilson_interval,
)

SAMPLES = 2_000
SEED = 20_250_702
TRUE_MEDIAN = 1.0
"""Of the lognormal distribution whose logarithm has the mean 0."""


def exact_coverage(n: int) -> Fraction:
    """P(j <= X <= n - j) for X ~ Binomial(n, 1/2): how often the j-th and the j-th last of n enclose the median."""
    rank = median_rank(n)
    return 1 - 2 * Fraction(sum(comb(n, k) for k in range(rank)), 2**n)


def covered(n: int, *, spread: float) -> float:
    """The share of lognormal samples of n whose interval holds the true median."""
    chance = np.random.default_rng(SEED)
    hits = 0
    for sample in chance.lognormal(0.0, spread, (SAMPLES, n)):
        interval = median_interval(np.sort(sample))
        assert interval is not None
        hits += interval[0] <= TRUE_MEDIAN <= interval[1]
    return hits / SAMPLES


@pytest.mark.parametrize(("n", "percent"), [(8, 99.22), (20, 95.86), (100, 96.48)])
def test_the_medians_interval_covers_what_the_binomial_says(n: int, percent: float) -> None:
    """Within one point of the exact value, and that is at least 95 %; skewed as lead times are."""
    exact = exact_coverage(n)

    assert float(exact) * 100 == pytest.approx(percent, abs=0.005)
    assert exact >= Fraction(95, 100)
    assert covered(n, spread=1.5) == pytest.approx(float(exact), abs=0.01)


@pytest.mark.parametrize("n", range(6, 300))
def test_no_narrower_ranks_would_do(n: int) -> None:
    """The interval is the narrowest of its kind with at least 95 %."""
    rank = median_rank(n)
    narrower = 1 - 2 * Fraction(sum(comb(n, k) for k in range(rank + 1)), 2**n)

    assert exact_coverage(n) >= Fraction(95, 100) > narrower


def test_this_would_catch_ranks_that_are_one_too_near() -> None:
    """A planted bug: the next rank covers clearly less than it should."""
    chance = np.random.default_rng(SEED)
    samples = np.sort(chance.lognormal(0.0, 1.5, (SAMPLES, 20)), axis=1)
    rank = median_rank(20) + 1
    held = float(((samples[:, rank - 1] <= TRUE_MEDIAN) & (samples[:, -rank] >= TRUE_MEDIAN)).mean())

    assert held < 0.94


@pytest.mark.parametrize("mean", [0.5, 2.0, 9.5, 40.0])
def test_the_interval_of_a_count_covers_at_least_95_percent(mean: float) -> None:
    """Summed over all counts that such a mean gives."""
    held = 0.0
    for count in range(200):
        low, high = poisson_interval(count)
        mass = poisson_cdf(count, mean) - (poisson_cdf(count - 1, mean) if count else 0.0)
        held += mass if low <= mean <= high else 0.0

    assert held >= 0.95 - 1e-9


@pytest.mark.parametrize(
    ("hits", "n", "percent"),
    [pytest.param(1, 4, (4.6, 69.9), id="1/4: 4.6-69.9 %"), pytest.param(0, 10, (0.0, 27.8), id="0/10: 0-27.8 %")],
)
def test_published_intervals_of_shares(hits: int, n: int, percent: tuple[float, float]) -> None:
    """As definitions.md and the textbooks have them."""
    interval = wilson_interval(hits, n)

    assert interval is not None
    assert tuple(round(100 * end, 1) for end in interval) == percent
