"""What is still open at each window's end: how much, its median age and its oldest.

A million items at thousands of ends cannot be looked at one by one. Items stand in order of their beginning, in some
hundred buckets; a running count of each bucket at each end tells which bucket holds the item in the middle, and only
that bucket is looked into.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np

from dora_metrics.calculators.columns import Floats, Integers
from dora_metrics.calculators.windows import Window

MOST_BUCKETS = 256


class Backlog(NamedTuple):
    """Open items at one moment; ages in seconds, `None` when nothing is open or no beginning is known."""

    items: int
    median_age_s: Optional[float]
    oldest_s: Optional[float]


class _Ranked(NamedTuple):
    """Items in order of their beginning, each open at the ends numbered `opened` up to, not including, `closed`."""

    begun: Floats
    opened: Integers
    closed: Integers
    bucket_size: int
    running: Integers
    """[end, bucket]: open items in this bucket and those before it."""


def count_backlog(entered: Floats, left: Floats, begun: Floats, windows: Sequence[Window]) -> list[Backlog]:
    """The items open at each window's end, in the order of `windows`.

    An item is open from `entered` (NaN: from ever) until `left` (NaN: for ever); its age counts from `begun` (NaN: it
    is counted, and has no age) to the window's `at_s`.
    """
    moments, places = np.unique(np.array([window.end_s for window in windows], dtype=np.float64), return_inverse=True)
    opened = moments.searchsorted(np.where(np.isnan(entered), -np.inf, entered), side="right")
    closed = moments.searchsorted(np.where(np.isnan(left), np.inf, left), side="right")
    open_somewhere = opened < closed
    opened, closed, begun = opened[open_somewhere], closed[open_somewhere], begun[open_somewhere]
    steps = np.bincount(opened, minlength=moments.size + 1) - np.bincount(closed, minlength=moments.size + 1)
    counts = steps.cumsum()
    ranked = _rank(opened, closed, begun, moments.size)
    return [
        _at(ranked, place, int(counts[place]), window.at_s) for place, window in zip(places.ravel().tolist(), windows)
    ]


def _rank(opened: Integers, closed: Integers, begun: Floats, ends: int) -> _Ranked:
    known = ~np.isnan(begun)
    order = np.argsort(begun[known], kind="stable")
    begun, opened, closed = begun[known][order], opened[known][order], closed[known][order]
    bucket_size = max(1, -(-begun.size // MOST_BUCKETS))
    buckets = -(-begun.size // bucket_size)
    row = np.arange(begun.size) // bucket_size * (ends + 1)
    steps = np.bincount(row + opened, minlength=buckets * (ends + 1))
    steps = steps - np.bincount(row + closed, minlength=buckets * (ends + 1))
    running = np.ascontiguousarray(steps.reshape(buckets, ends + 1).cumsum(axis=1).cumsum(axis=0).T)
    return _Ranked(begun, opened, closed, bucket_size, running)


def _at(ranked: _Ranked, end: int, count: int, at_s: float) -> Backlog:
    aged = int(ranked.running[end, -1]) if ranked.running.size else 0
    if aged == 0:
        return Backlog(count, None, None)
    lower, upper = _begun(ranked, end, (aged - 1) // 2), _begun(ranked, end, aged // 2)
    median_age = at_s - (lower + upper) / 2
    return Backlog(count, max(median_age, 0.0), max(at_s - _begun(ranked, end, 0), 0.0))


def _begun(ranked: _Ranked, end: int, place: int) -> float:
    """When the open item began that has `place` others, open as well, before it."""
    running = ranked.running[end]
    bucket = int(running.searchsorted(place, side="right"))
    before = int(running[bucket - 1]) if bucket else 0
    inside = slice(bucket * ranked.bucket_size, (bucket + 1) * ranked.bucket_size)
    is_open = (ranked.opened[inside] <= end) & (ranked.closed[inside] > end)
    return float(ranked.begun[inside][is_open.nonzero()[0][place - before]])
