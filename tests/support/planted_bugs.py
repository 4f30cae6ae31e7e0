"""Bugs to plant in the real code, so that the comparison with the oracle shows that it would find them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Callable
from zoneinfo import ZoneInfo

import numpy as np

from dora_metrics.calculators import failures, frequency, lead_time, metrics, statistics, windows
from dora_metrics.calculators.columns import Timeline
from dora_metrics.domain import history, periods
from dora_metrics.domain.commit_graph import CommitGraph
from dora_metrics.domain.models import Deployment
from dora_metrics.processors import (
    causes,
    data_associator,
    incident_failures,
    judgement,
    live_state,
    rollbacks,
)
from dora_metrics.processors import failures as failure_finder
from dora_metrics.processors.detection import Detection

Plant = Callable[[Any], None]
"""Takes pytest's monkeypatch."""


def only_the_previous_deployment(patch: Any) -> None:
    def sweep(graph: CommitGraph, tips: Sequence[int]) -> array[int]:
        owner, before = array("i", [-1]) * len(graph), bytearray(len(graph))
        for position, tip in enumerate(tips):
            here = graph.ancestors(tip) if tip >= 0 else bytearray(len(graph))
            for commit in range(len(graph)):
                if here[commit] and not before[commit]:
                    owner[commit] = position
            before = here
        return owner

    patch.setattr(CommitGraph, "sweep", sweep)


def mean_for_median(patch: Any) -> None:
    real = statistics.quantile
    patch.setattr(statistics, "quantile", lambda v, p: float(v.mean()) if p == 50 and v.size else real(v, p))


def mean_of_medians(patch: Any) -> None:
    real = metrics._period_results

    def results(*given: Any) -> list[Any]:
        *parts, whole = real(*given)
        medians = [m for part in parts if (m := part.lead_time.spread.median_s) is not None]
        spread = replace(whole.lead_time.spread, median_s=sum(medians) / len(medians) if medians else None)
        return [*parts, replace(whole, lead_time=replace(whole.lead_time, spread=spread))]

    patch.setattr(metrics, "_period_results", results)


def period_by_merge(patch: Any) -> None:
    real = lead_time.seconds_of

    def seconds(frame: Any, *columns: str) -> Any:
        deployed = real(frame, *columns)
        merged = real(frame, "merged_at", "deployed_at")
        return np.where(np.isnan(deployed), np.nan, merged) if columns == ("deployed_at",) else deployed

    patch.setattr(lead_time, "seconds_of", seconds)


def no_clamp(patch: Any) -> None:
    patch.setattr(data_associator, "CLAMP", timedelta(0))


def end_belongs_to_the_period(patch: Any) -> None:
    def bounds(line: Timeline, found: Sequence[windows.Window]) -> Any:
        starts, ends = (np.array([getattr(w, name) for w in found], dtype=float) for name in ("start_s", "end_s"))
        return line.times.searchsorted(starts), line.times.searchsorted(ends, side="right")

    patch.setattr(Timeline, "bounds", bounds)


def a_day_more_of_suspicion(patch: Any) -> None:
    real = causes.CauseFinder.last_before
    patch.setattr(causes.CauseFinder, "last_before", lambda self, at, window: real(self, at, window * 2))


def redeploys_counted(patch: Any) -> None:
    patch.setattr(frequency, "NOT_COUNTED", ("rollback",))


def restored_when_the_issue_closed(patch: Any) -> None:
    patch.setattr(incident_failures, "was_closed_by_a_fix", lambda *_: False)


def days_without_summer_time(patch: Any) -> None:
    def midnight(day: date, zone: ZoneInfo) -> datetime:
        offset = datetime(day.year, 1, 1, tzinfo=zone).utcoffset() or timedelta(0)
        return datetime.combine(day, time(), tzinfo=timezone.utc) - offset

    patch.setattr(periods, "local_midnight", midnight)


def each_rollback_a_failure(patch: Any) -> None:
    def lanes(lane: Sequence[Deployment], _: str) -> Iterator[tuple[Deployment, Deployment]]:
        can_fail = [d for d in lane if d.kind in ("normal", "hotfix")]
        for made in lane:
            if made.kind == "rollback" and can_fail:
                yield can_fail[0], made

    patch.setattr(rollbacks, "_in_lane", lanes)


def bad_author_dates_believed(patch: Any) -> None:
    patch.setattr(history, "is_bad_author_time", lambda *_: False)


def net_zero_reverts_are_failures(patch: Any) -> None:
    patch.setattr(failure_finder, "shipped_apart", lambda _, target: target.deployment is not None)


def no_left_truncation(patch: Any) -> None:
    real = judgement.attribute
    patch.setattr(judgement, "attribute", lambda *given: replace(real(*given), truncated_at=-2))


def a_quarter_of_rework(patch: Any) -> None:
    patch.setattr(failures, "TRAILING_MONTHS", 3)


def cherry_picks_ignored(patch: Any) -> None:
    nothing = data_associator._Picks({}, {})
    patch.setattr(data_associator.DataAssociator, "_picks", lambda *_: nothing)


def environments_as_one(patch: Any) -> None:
    patch.setattr(live_state, "is_of_one_environment", lambda _: False)


def each_source_a_deployment(patch: Any) -> None:
    patch.setattr(Detection, "_join", lambda _, found, lower: found + lower)


def walds_interval(patch: Any) -> None:
    def wald(hits: int, n: int) -> Any:
        half = 1.96 * (hits / n * (1 - hits / n) / n) ** 0.5 if n else 0
        return (max(hits / n - half, 0), min(hits / n + half, 1)) if n else None

    patch.setattr(failures, "wilson_interval", wald)


def merge_commits_wait_too(patch: Any) -> None:
    """Only the lead time of each commit by itself would show it."""
    real = judgement.commit_leads

    def leads(history: Any, *given: Any, **more: Any) -> Any:
        shown = copy(history)
        shown.is_merge = lambda _: False
        return real(shown, *given, **more)

    patch.setattr(judgement, "commit_leads", leads)


def whole_periods_as_covered(patch: Any) -> None:
    def days(window: windows.Window) -> float:
        return (window.period.end - window.period.start).total_seconds() / 86_400

    patch.setattr(windows.Window, "covered_days", property(days))


PLANTS: tuple[Plant, ...] = (
    only_the_previous_deployment,
    mean_for_median,
    mean_of_medians,
    period_by_merge,
    no_clamp,
    end_belongs_to_the_period,
    a_day_more_of_suspicion,
    redeploys_counted,
    restored_when_the_issue_closed,
    days_without_summer_time,
    each_rollback_a_failure,
    bad_author_dates_believed,
    net_zero_reverts_are_failures,
    no_left_truncation,
    a_quarter_of_rework,
    cherry_picks_ignored,
    environments_as_one,
    each_source_a_deployment,
    walds_interval,
    whole_periods_as_covered,
    merge_commits_wait_too,
)
