"""What is open at each window's end, against a look at every item."""

from __future__ import annotations

import math
import statistics
from typing import Optional

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.calculators.backlog import Backlog, count_backlog
from dora_metrics.calculators.windows import Window, from_unix
from dora_metrics.domain.measurements import Period

Item = tuple[float, float, float]
MOMENT = st.integers(0, 30).map(float)
MAYBE = st.one_of(MOMENT, st.just(math.nan))


def window_to(end: float) -> Window:
    period = Period("any", from_unix(0), from_unix(end))
    return Window(period, 0.0, end, end, partial=False, provisional=False)


def looked_at(items: list[Item], end: float) -> Backlog:
    still = [begun for entered, left, begun in items if not entered >= end and not left < end]
    ages = [end - begun for begun in still if not math.isnan(begun)]
    median: Optional[float] = max(statistics.median(ages), 0.0) if ages else None
    return Backlog(len(still), median, max(*ages, 0.0) if ages else None)


@given(
    items=st.lists(st.tuples(MAYBE, MAYBE, MAYBE), max_size=700),
    ends=st.lists(MOMENT, min_size=1, max_size=8),
)
def test_the_backlog_is_what_a_look_at_every_item_finds(items: list[Item], ends: list[float]) -> None:
    entered, left, begun = (np.array(column, dtype=np.float64) for column in (list(zip(*items)) or [[], [], []]))

    found = count_backlog(entered, left, begun, [window_to(end) for end in ends])

    assert found == [looked_at(items, end) for end in ends]


def test_many_items_at_many_ends_agree_as_well() -> None:
    """More items than buckets, so that a bucket holds several."""
    rng = np.random.default_rng(7)
    entered = rng.integers(0, 1000, 3000).astype(np.float64)
    left = entered + rng.integers(0, 300, 3000)
    begun = entered - rng.integers(0, 100, 3000)
    ends = [float(end) for end in range(0, 1300, 90)]

    found = count_backlog(entered, left, begun, [window_to(end) for end in ends])

    items = list(zip(entered.tolist(), left.tolist(), begun.tolist()))
    assert found == [looked_at(items, end) for end in ends]
