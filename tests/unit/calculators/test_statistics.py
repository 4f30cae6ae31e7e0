"""Quantiles and intervals against plain arithmetic and published values."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.calculators.statistics import (
    LARGEST_EXACT,
    median_interval,
    median_rank,
    poisson_cdf,
    poisson_interval,
    quantile,
    spread_of,
    wilson_interval,
)

SECONDS = st.lists(st.integers(0, 10**8), min_size=1, max_size=60)


def ordered(values: list[int]) -> np.ndarray:
    return np.array(sorted(values), dtype=np.float64)


def type_7(values: list[int], percent: int) -> Fraction:
    """The textbook's words, in fractions."""
    ranked = sorted(values)
    place = Fraction((len(ranked) - 1) * percent, 100)
    low = math.floor(place)
    above = ranked[min(low + 1, len(ranked) - 1)]
    return ranked[low] + (place - low) * (above - ranked[low])


@given(values=SECONDS, percent=st.sampled_from([0, 25, 50, 75, 90, 100]))
def test_a_quantile_lies_between_its_neighbours_by_type_7(values: list[int], percent: int) -> None:
    found = quantile(ordered(values), percent)

    assert found == pytest.approx(float(type_7(values, percent)), rel=1e-12)
    assert found == pytest.approx(float(np.percentile(np.array(values), percent)), rel=1e-9, abs=1e-6)


def test_nothing_has_no_quantile_and_no_spread() -> None:
    assert quantile(ordered([]), 50) is None
    assert (spread_of(ordered([])).n, spread_of(ordered([])).median_s) == (0, None)


@pytest.mark.parametrize(
    ("n", "has_interval", "has_p90", "insufficient"),
    [
        (1, False, False, True),
        (5, False, False, True),
        (6, True, False, False),
        (9, True, False, False),
        (10, True, True, False),
    ],
)
def test_small_samples_say_less(n: int, has_interval: bool, has_p90: bool, insufficient: bool) -> None:
    spread = spread_of(ordered(list(range(n))))

    assert (spread.ci95_s is not None, spread.p90_s is not None, spread.insufficient) == (
        has_interval,
        has_p90,
        insufficient,
    )
    assert (spread.median_s, spread.mean_s, spread.max_s) == ((n - 1) / 2, (n - 1) / 2, n - 1)


def rank_by_definition(n: int) -> int:
    """The largest j with P(X <= j - 1) <= 1/40, summed from the start for every j."""
    return max((j for j in range(n + 1) if 40 * sum(math.comb(n, k) for k in range(j)) <= 2**n), default=0)


@given(n=st.integers(0, 120))
def test_the_medians_interval_is_that_of_the_binomial(n: int) -> None:
    assert median_rank(n) == rank_by_definition(n)


@pytest.mark.parametrize(
    ("n", "rank"), [(5, 0), (6, 1), (8, 1), (9, 2), (15, 4), (20, 6), (30, 10), (50, 18), (100, 40)]
)
def test_the_medians_ranks_are_the_published_ones(n: int, rank: int) -> None:
    """As textbooks list them: of 20 values the 6th and the 15th."""
    assert median_rank(n) == rank


@pytest.mark.parametrize("n", [LARGEST_EXACT + 1, LARGEST_EXACT + 2, 2501, 4000])
def test_many_values_are_ranked_like_few(n: int) -> None:
    """Beyond a thousand the sum starts in the middle; whole numbers say the same."""
    rank = median_rank(n)
    below = sum(math.comb(n, k) for k in range(rank))

    assert below * 40 <= 2**n < (below + math.comb(n, rank)) * 40


def test_a_million_values_have_an_interval() -> None:
    """The normal approximation: n / 2 - 0.98 sqrt(n) = 499,020.02."""
    assert median_rank(1_000_000) == 499_020


@given(values=st.lists(st.integers(0, 1000), min_size=6, max_size=40))
def test_the_interval_holds_the_median(values: list[int]) -> None:
    interval = median_interval(ordered(values))
    median = quantile(ordered(values), 50)

    assert interval is not None
    assert median is not None
    assert interval[0] <= median <= interval[1]
    assert {interval[0], interval[1]} <= set(map(float, values))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        pytest.param(1, 4, 4.56, 69.94, id="1 of 4"),
        pytest.param(0, 10, 0, 27.75, id="0 of 10"),
        pytest.param(10, 10, 72.25, 100, id="10 of 10"),
        pytest.param(81, 263, 25.53, 36.62, id="Newcombe 1998, table I"),
        pytest.param(15, 148, 6.24, 16.05, id="Newcombe 1998, table I, second"),
        pytest.param(0, 20, 0, 16.11, id="Newcombe 1998, table I, third"),
        pytest.param(1, 29, 0.61, 17.18, id="Newcombe 1998, table I, fourth"),
    ],
)
def test_shares_have_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    interval = wilson_interval(hits, n)

    assert interval is not None
    assert [round(100 * end, 2) for end in interval] == [low, high]


@given(n=st.integers(1, 10_000), share=st.floats(0, 1))
def test_a_shares_interval_lies_within_0_and_1_around_it(n: int, share: float) -> None:
    hits = round(share * n)
    interval = wilson_interval(hits, n)

    assert interval is not None
    assert 0 <= interval[0] <= hits / n <= interval[1] <= 1
    assert (interval[0] == 0) == (hits == 0)


def test_nothing_has_no_share() -> None:
    assert wilson_interval(0, 0) is None


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0, 3.689),
        (1, 0.025, 5.572),
        (2, 0.242, 7.225),
        (3, 0.619, 8.767),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
        (20, 12.217, 30.888),
        (30, 20.241, 42.827),
        (50, 37.111, 65.919),
        (100, 81.364, 121.627),
    ],
)
def test_counts_have_the_exact_interval_of_garwood(count: int, low: float, high: float) -> None:
    """The exact limits as tables list them."""
    assert [round(end, 3) for end in poisson_interval(count)] == [low, high]


@given(count=st.integers(0, 150), mean=st.floats(0.01, 200))
def test_the_poisson_sum_is_the_sum(count: int, mean: float) -> None:
    terms = (math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))

    assert poisson_cdf(count, mean) == pytest.approx(math.fsum(terms), rel=1e-10, abs=1e-250)


@pytest.mark.parametrize("count", [0, 1, 29, 30, 31, 400, 12_345, 1_000_000])
def test_each_end_leaves_out_its_tail(count: int) -> None:
    low, high = poisson_interval(count)

    assert poisson_cdf(count, high) == pytest.approx(0.025, rel=1e-9)
    assert (1 - poisson_cdf(count - 1, low) if count else 0.025) == pytest.approx(0.025, rel=1e-9)
