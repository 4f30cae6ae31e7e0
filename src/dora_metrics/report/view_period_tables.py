"""The table behind each chart: one row a period, newest first, numbers in one unit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Optional

from dora_metrics.domain.measurements import Interval, PeriodResult, Spread
from dora_metrics.report.numbers_json import raw_number
from dora_metrics.report.table import NONE, Cell, Column, Table
from dora_metrics.report.view_metrics import Metric, value_path
from dora_metrics.report.view_other_rules import is_known
from dora_metrics.report.view_periods import say_dates
from dora_metrics.report.words import NO_DATA, Unit, format_in, is_missing

Values = Callable[[PeriodResult, Unit], tuple[str, ...]]


def period_table(metric: Metric, shown: Sequence[PeriodResult], unit: Unit, zone: tzinfo) -> Table:
    """All that the chart of `metric` draws, as numbers."""
    headings, values = _CONTENT[metric.key]
    places = [place for place, name in enumerate(_PATHS[metric.key]) if _is_defined(metric, name, shown)]
    paths = [f"{metric.key}.{_PATHS[metric.key][place]}" for place in places]
    columns = [
        Column("Period"),
        Column("Days", whole=True),
        *(Column(_heading(headings[place], paths, unit), number=True, path=path) for place, path in zip(places, paths)),
    ]
    rows = [
        (
            Cell(result.period.label, note=_marks(result)),
            Cell(say_dates(result, zone)),
            *(
                Cell(said[place], raw=raw_number(result, path))
                for said in (values(result, unit),)
                for place, path in zip(places, paths)
            ),
        )
        for result in reversed(shown)
    ]
    return Table(
        key=f"table_{metric.key}",
        heading=f"{metric.name} as a table",
        columns=tuple(columns),
        rows=tuple(rows),
        total=len(rows),
        periods=tuple(result.period.label for result in reversed(shown)),
    )


def _heading(text: str, paths: Sequence[str], unit: Unit) -> str:
    """With its unit; a mean names it where there is no median before it that does."""
    is_alone = text == "Mean" and not any(path.endswith(".median_hours") for path in paths)
    return f"{text}, {unit.name}" if is_alone else text.format(unit=unit.name)


def _is_defined(metric: Metric, name: str, shown: Sequence[PeriodResult]) -> bool:
    """Whether there is such a column: under another tool's definitions only what it defines, and its median or mean."""
    if not any(result.by_other_rules for result in shown):
        return True
    if name in {"median_hours", "mean_hours"}:
        return any(value_path(metric, result) == f"{metric.key}.{name}" for result in shown)
    return is_known(metric, name)


def _marks(result: PeriodResult) -> str:
    return ", ".join(
        word for word, holds in (("partial", result.partial), ("provisional", result.provisional)) if holds
    )


def _spread(spread: Spread, unit: Unit) -> tuple[str, ...]:
    return (
        f"{spread.n:,}",
        format_in(unit, spread.median_s),
        _ends(spread.ci95_s, lambda end: format_in(unit, end)),
        *(_or_dash(format_in(unit, seconds)) for seconds in (spread.p75_s, spread.p90_s, spread.mean_s)),
    )


def _lead_time(result: PeriodResult, unit: Unit) -> tuple[str, ...]:
    lead_time = result.lead_time
    left_out = sum(lead_time.left_out.values())
    each = _or_dash(format_in(unit, lead_time.per_commit_median_s))
    rest = (f"{left_out:,}", f"{lead_time.undeployed:,}", f"{lead_time.per_commit_n:,}", each)
    return (*_spread(lead_time.spread, unit), *rest)


def _recovery(result: PeriodResult, unit: Unit) -> tuple[str, ...]:
    return (*_spread(result.mttr.spread, unit), f"{result.mttr.open:,}")


def _frequency(result: PeriodResult, unit: Unit) -> tuple[str, ...]:
    frequency = result.deployment_frequency
    return (
        f"{frequency.deployments:,}",
        _ends(frequency.ci95_deployments, lambda end: f"{end:,.1f}"),
        _fixed(frequency.per_week, 2),
        _fixed(frequency.covered_days, 1),
        f"{frequency.days_with_deployments:,}",
        _or_dash(format_in(unit, frequency.median_gap_s)),
    )


def _failure_rate(result: PeriodResult, _unit: Unit) -> tuple[str, ...]:
    rate = result.change_failure_rate
    return (
        f"{rate.deployments:,}",
        f"{rate.failed:,}",
        _percent(rate.ratio),
        _ends(rate.ci95, _percent),
        f"{rate.proposals:,}",
        _percent(rate.explicit_ratio),
        f"{rate.unattributed:,}",
    )


def _rework_rate(result: PeriodResult, _unit: Unit) -> tuple[str, ...]:
    rework = result.rework_rate
    return (
        f"{rework.deployments:,}",
        f"{rework.rework:,}",
        _percent(rework.ratio),
        _ends(rework.ci95, _percent),
        _percent(rework.trailing_6_months),
    )


def _fixed(number: Optional[float], decimals: int) -> str:
    return NO_DATA if number is None or is_missing(number) else f"{number:,.{decimals}f}"


def _percent(ratio: Optional[float]) -> str:
    return NO_DATA if ratio is None or is_missing(ratio) else f"{ratio * 100:.1f}"


def _or_dash(said: str) -> str:
    """A side figure that needs more values than there are is a dash; "no data" is for the metric itself."""
    return NONE if said == NO_DATA else said


def _ends(interval: Optional[Interval], say: Callable[[float], str]) -> str:
    if interval is None or any(is_missing(end) for end in interval):
        return NONE
    return f"{say(interval[0])} to {say(interval[1])}"


_CONTENT: dict[str, tuple[tuple[str, ...], Values]] = {
    "lead_time": (
        (
            "Changes",
            "Median, {unit}",
            "95 % interval",
            "p75",
            "p90",
            "Mean",
            "Left out",
            "Undeployed",
            "Commits",
            "Median of each",
        ),
        _lead_time,
    ),
    "deployment_frequency": (
        ("Deployments", "95 % interval", "A week", "Days covered", "Days with one", "Median gap, {unit}"),
        _frequency,
    ),
    "mttr": (("Restored", "Median, {unit}", "95 % interval", "p75", "p90", "Mean", "Still open"), _recovery),
    "change_failure_rate": (
        ("Deployments", "Failed", "Rate, %", "95 % interval", "Proposals", "Confirmed only, %", "Unattributed"),
        _failure_rate,
    ),
    "rework_rate": (("Deployments", "Unplanned", "Rate, %", "95 % interval", "Six months, %"), _rework_rate),
}
_SPREAD = ("n", "median_hours", "ci95_hours", "p75_hours", "p90_hours", "mean_hours")
_PATHS: dict[str, tuple[str, ...]] = {
    "lead_time": (*_SPREAD, "left_out", "undeployed", "per_commit_n", "per_commit_hours"),
    "deployment_frequency": (
        "deployments",
        "ci95_deployments",
        "per_week",
        "covered_days",
        "days_with_deployments",
        "median_gap_hours",
    ),
    "mttr": (*_SPREAD, "open"),
    "change_failure_rate": (
        "deployments",
        "failed",
        "ratio",
        "ci95",
        "proposals",
        "explicit_ratio",
        "unattributed",
    ),
    "rework_rate": ("deployments", "rework", "ratio", "ci95", "trailing_6_months"),
}
"""Where each column's number stands in the JSON of the metric."""
