"""Stages and distribution of the lead times of each period, all periods in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dora_metrics.calculators.columns import Floats, durations_of, timeline
from dora_metrics.calculators.lead_time import counted_changes
from dora_metrics.calculators.statistics import spread_of
from dora_metrics.calculators.windows import INSTANT, Window, to_unix
from dora_metrics.domain.shapes import STAGES, PeriodShape, Shapes

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from dora_metrics.domain.measurements import Period, Results

SHORTEST_S = 60.0
"""Where the first bin may begin: below a minute nobody asks."""
BINS_PER_DECADE = 4


def shapes_of(changes: pd.DataFrame, results: Results) -> Shapes:
    """Stages and distribution of exactly the changes that `results` counts; `changes` as `calculate_results` got it.

    A stage is in the spread where its hours are known; the distribution holds every counted lead time.
    """
    deployed, lead, counted = counted_changes(changes)
    windows = [_window(result.period, results.as_of) for result in (*results.periods, results.overall)]
    stages = [
        [
            spread_of(np.sort(values))
            for values in timeline(deployed, durations_of(changes, f"{stage}_hours"), counted).in_windows(windows)
        ]
        for stage in STAGES
    ]
    edges = _edges(lead[counted & (deployed < windows[-1].end_s)])
    counts = [_counts(values, edges) for values in timeline(deployed, lead, counted).in_windows(windows)]
    shapes = [PeriodShape(tuple(spreads), bins) for *spreads, bins in zip(*stages, counts)]
    return Shapes(tuple(edges.tolist()), tuple(shapes[:-1]), shapes[-1])


def _window(period: Period, as_of: datetime) -> Window:
    """The covered part of a period, as `make_windows` cuts it."""
    after = period.end + INSTANT if period.closed else min(period.end, as_of + INSTANT)
    start, end = to_unix(period.start), to_unix(after)
    return Window(period, start, end, end, partial=False, provisional=False)


def _edges(lead: Floats) -> Floats:
    """Equal steps on a logarithmic scale that hold every value."""
    if not lead.size:
        return np.array([])
    low, high = (max(float(end), SHORTEST_S) / SHORTEST_S for end in (np.min(lead), np.max(lead)))
    first = int(np.floor(np.log10(low) * BINS_PER_DECADE + 1e-9))
    last = int(np.floor(np.log10(high) * BINS_PER_DECADE + 1e-9)) + 1
    steps: Floats = SHORTEST_S * 10.0 ** (np.arange(first, last + 1) / BINS_PER_DECADE)
    return steps


def _counts(values: Floats, edges: Floats) -> tuple[int, ...]:
    if edges.size == 0:
        return ()
    place = np.clip(edges.searchsorted(values, side="right") - 1, 0, edges.size - 2)
    counts: Sequence[int] = np.bincount(place, minlength=edges.size - 1).tolist()
    return tuple(counts)
