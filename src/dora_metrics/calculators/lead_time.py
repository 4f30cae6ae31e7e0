"""Lead time for changes (definitions.md 5), all periods in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Optional

import numpy as np

from dora_metrics.calculators import levels
from dora_metrics.calculators.backlog import Backlog, count_backlog
from dora_metrics.calculators.columns import (
    Flags,
    Floats,
    Labels,
    Timeline,
    durations_of,
    flags_of,
    labels_of,
    middle,
    owned_keys,
    require_columns,
    seconds_of,
    timeline,
)
from dora_metrics.calculators.statistics import spread_of
from dora_metrics.domain.measurements import LeadTime, Spread

if TYPE_CHECKING:
    import pandas as pd

    from dora_metrics.calculators.windows import Window

RULE = "deployed_at - started_at of the changes deployed in the period; median by linear interpolation (type 7)"
REQUIRED = ("deployed_at", "lead_time_hours")
NOT_SAID = "unknown"
"""The reason of a deployed change without a lead time whose row gives none."""


class Split(NamedTuple):
    """Medians beside the headline, one of each per period."""

    people: Timeline
    bots: Timeline
    from_review: Timeline
    from_merge: Timeline
    per_commit: Timeline


NONE = np.empty(0)


def lead_times(
    changes: pd.DataFrame,
    windows: Sequence[Window],
    year: str,
    per_commit: Optional[tuple[pd.DataFrame, pd.DataFrame]] = None,
) -> list[LeadTime]:
    """One answer a window, in the order of `windows`; `year` names the table of levels.

    `per_commit` are the tables of commits and of deployments; without them no commit has a lead time of its own.
    """
    deployed, lead, counted = counted_changes(changes)
    reasons = labels_of(changes, "left_out")
    unnamed = reasons.among(("",))
    spreads = [spread_of(np.sort(values)) for values in timeline(deployed, lead, counted).in_windows(windows)]
    splits = _split(changes, deployed, lead, counted)
    left_out = _left_out(deployed, reasons, ~counted, windows)
    undeployed = _undeployed(changes, deployed, unnamed, windows)
    splits = Split(*splits[:-1], per_commit=_per_commit(*per_commit) if per_commit else timeline(NONE, NONE))
    return [
        _answer(*parts, year=year)
        for parts in zip(windows, spreads, left_out, undeployed, *(_groups(part, windows) for part in splits))
    ]


def counted_changes(changes: pd.DataFrame) -> tuple[Floats, Floats, Flags]:
    """For each row when it was deployed, its lead time (both in seconds), and whether that counts."""
    require_columns(changes, REQUIRED, "changes.csv")
    deployed, lead = seconds_of(changes, "deployed_at"), durations_of(changes, "lead_time_hours")
    return deployed, lead, labels_of(changes, "left_out").among(("",)) & ~np.isnan(lead)


def _per_commit(commits: pd.DataFrame, deployments: pd.DataFrame) -> Timeline:
    """The lead times of commits by when they were deployed; two services may call their deployments alike."""
    require_columns(commits, ("deployment", "lead_time_hours"), "commits.csv")
    made = dict(zip(owned_keys(deployments, "key"), seconds_of(deployments, "deployed_at").tolist()))
    deployed = np.array([made.get(key, np.nan) for key in owned_keys(commits, "deployment")], dtype=np.float64)
    return timeline(deployed, durations_of(commits, "lead_time_hours"))


def _groups(values: Timeline, windows: Sequence[Window]) -> Iterator[tuple[int, Optional[float]]]:
    """For each window how many values there are, and their median."""
    return ((group.size, middle(group)) for group in values.in_windows(windows))


def _split(changes: pd.DataFrame, deployed: Floats, lead: Floats, counted: Flags) -> Split:
    bots = flags_of(changes, "is_bot")
    since_ready = deployed - seconds_of(changes, "ready_at")
    since_merge = deployed - seconds_of(changes, "merged_at")
    return Split(
        people=timeline(deployed, lead, counted & ~bots),
        bots=timeline(deployed, lead, counted & bots),
        from_review=timeline(deployed, since_ready, counted & (since_ready >= 0)),
        from_merge=timeline(deployed, since_merge, counted & (since_merge >= 0)),
        per_commit=timeline(NONE, NONE),
    )


def _left_out(deployed: Floats, reasons: Labels, where: Flags, windows: Sequence[Window]) -> list[dict[str, int]]:
    """For each window the reasons for which deployed changes are not in the spread, sorted, with their counts."""
    names = sorted({name or NOT_SAID for name in reasons.names})
    place = np.array([names.index(name or NOT_SAID) for name in reasons.names], dtype=np.float64)
    groups = timeline(deployed, place[reasons.codes], where).in_windows(windows)
    counts = (np.bincount(group.astype(np.int64), minlength=len(names)).tolist() for group in groups)
    return [{name: count for name, count in zip(names, row) if count} for row in counts]


def _undeployed(changes: pd.DataFrame, deployed: Floats, unnamed: Flags, windows: Sequence[Window]) -> list[Backlog]:
    """Merged and not yet deployed; what is no change at all (it has a reason) is not waiting either."""
    started = seconds_of(changes, "started_at", "first_commit_at", "created_at", "merged_at")
    merged = seconds_of(changes, "merged_at", "started_at", "first_commit_at", "created_at")
    return count_backlog(merged[unnamed], deployed[unnamed], started[unnamed], windows)


def _answer(  # noqa: PLR0913, PLR0917 (one part for each thing published)
    window: Window,
    spread: Spread,
    left_out: dict[str, int],
    undeployed: Backlog,
    people: tuple[int, Optional[float]],
    bots: tuple[int, Optional[float]],
    from_review: tuple[int, Optional[float]],
    from_merge: tuple[int, Optional[float]],
    per_commit: tuple[int, Optional[float]],
    *,
    year: str,
) -> LeadTime:
    judged = None if spread.insufficient else spread.median_s
    return LeadTime(
        spread=spread,
        left_out=left_out,
        undeployed=undeployed.items,
        undeployed_median_age_s=undeployed.median_age_s,
        undeployed_oldest_s=undeployed.oldest_s,
        from_review_median_s=from_review[1],
        from_merge_median_s=from_merge[1],
        per_commit_median_s=per_commit[1],
        per_commit_n=per_commit[0],
        band=levels.duration_band(judged),
        level=levels.duration_level(levels.LEAD_TIME, year, judged) if window.settled else None,
        rule=RULE,
        people_n=people[0],
        people_median_s=people[1],
        bots_n=bots[0],
        bots_median_s=bots[1],
    )
