"""Deployment frequency (definitions.md 7), all periods in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Optional

import numpy as np

from dora_metrics.calculators import levels
from dora_metrics.calculators.columns import Floats, Timeline, labels_of, middle, require_columns, seconds_of, timeline
from dora_metrics.calculators.statistics import poisson_interval
from dora_metrics.calculators.windows import Window, from_unix, to_unix
from dora_metrics.domain.measurements import DeploymentFrequency
from dora_metrics.domain.periods import make_periods

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

RULE = "deployments of kind initial, normal or hotfix; rate by covered days"
REQUIRED = ("deployed_at", "kind")
NOT_COUNTED = ("redeploy", "rollback")
LATELY_MONTHS = 6


class Calendar(NamedTuple):
    """The complete weeks or months of the data, with the deployments of each."""

    starts: Floats
    ends: Floats
    counts: Floats

    def median(self, window: Window) -> Optional[float]:
        """Over those that lie wholly within the covered part of `window`; `None` without one."""
        return middle(self.counts[self.starts.searchsorted(window.start_s) : self._ended(window)])

    def any_lately(self, window: Window) -> bool:
        """Whether the last six complete months, as they stand at the window's end, hold a deployment."""
        ended = self._ended(window)
        return bool(self.counts[max(ended - LATELY_MONTHS, 0) : ended].any())

    def _ended(self, window: Window) -> int:
        return int(self.ends.searchsorted(window.at_s, side="right"))


def frequencies(
    deployments: pd.DataFrame, windows: Sequence[Window], zone: ZoneInfo, year: str
) -> list[DeploymentFrequency]:
    """One answer a window, in the order of `windows`; `year` names the table of levels."""
    require_columns(deployments, REQUIRED, "deployments.csv")
    times = seconds_of(deployments, "deployed_at")
    counted = timeline(times, times, ~labels_of(deployments, "kind").among(NOT_COUNTED))
    if not windows:
        return []
    first = float(np.nanmin(times)) if np.isfinite(times).any() else windows[-1].start_s
    last = max(window.end_s for window in windows)
    days = _days(counted.times, first, last, zone)
    weeks, months = (_complete(counted, grain, first, last, zone) for grain in ("weekly", "monthly"))
    groups = zip(windows, counted.in_windows(windows), Timeline(counted.times, days).in_windows(windows))
    return [_answer(window, group, days, weeks, months, year) for window, group, days in groups]


def _days(times: Floats, first: float, last: float, zone: ZoneInfo) -> Floats:
    """For each instant the number of its local day."""
    midnights = [to_unix(day.start) for day in make_periods("daily", from_unix(first), from_unix(last), zone=zone)]
    return np.array(midnights, dtype=np.float64).searchsorted(times, side="right").astype(np.float64)


def _complete(counted: Timeline, grain: str, first: float, last: float, zone: ZoneInfo) -> Calendar:
    """The weeks or months between the first deployment and the end of what is published."""
    periods = make_periods(grain, from_unix(first), from_unix(last), zone=zone)
    starts = np.array([to_unix(period.start) for period in periods], dtype=np.float64)
    ends = np.array([to_unix(period.end) for period in periods], dtype=np.float64)
    whole = (starts >= first) & (ends <= last)
    starts, ends = starts[whole], ends[whole]
    counts = counted.times.searchsorted(ends) - counted.times.searchsorted(starts)
    return Calendar(starts, ends, counts.astype(np.float64))


def _answer(
    window: Window, times: Floats, days: Floats, weeks: Calendar, months: Calendar, year: str
) -> DeploymentFrequency:
    band = levels.frequency_band(weeks.median(window), months.median(window), lately=months.any_lately(window))
    return DeploymentFrequency(
        deployments=int(times.size),
        covered_days=window.covered_days,
        days_with_deployments=int(np.unique(days).size),
        median_gap_s=middle(np.diff(times)),
        ci95_deployments=poisson_interval(int(times.size)),
        band=band,
        level=levels.frequency_level(year, band) if window.settled else None,
        rule=RULE,
    )
