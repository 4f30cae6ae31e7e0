"""Which period the page speaks of, what people call it, and how its dates are said. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Optional

from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.domain.periods import load_zone
from dora_metrics.report.words import format_date, plural

GRAINS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year"}
LONGER = {"daily": "weekly", "weekly": "monthly", "monthly": "quarterly", "quarterly": "yearly"}


@dataclass(frozen=True)
class Focus:
    """The period of the headlines."""

    result: PeriodResult
    index: Optional[int]
    """Its place in `Results.periods`; `None` for the whole window."""
    previous: Optional[PeriodResult]
    """The complete period right before it."""
    label: str
    dates: str
    marks: tuple[str, ...]
    """What to keep in mind about it, in words."""


def grain_word(grain: str) -> str:
    """What one period is called: `quarter`; `7 days` for `7d`; `whole window` for `all`."""
    if grain.endswith("d") and grain[:-1].isdigit():
        return plural(int(grain[:-1]), "day")
    return GRAINS.get(grain, "whole window" if grain == "all" else "period")


def zone_of(results: Results) -> tzinfo:
    """The timezone of the periods. Raises `ConfigurationError` when this machine does not know it."""
    return load_zone(results.timezone)


def choose_focus(results: Results) -> Focus:
    """The newest complete period, or the whole window where none is complete."""
    periods = results.periods
    complete = [index for index, result in enumerate(periods) if not result.partial]
    if not complete:
        return _focus_on(results.overall, None, None, results)
    return focus_at(results, complete[-1])


def focus_at(results: Results, index: Optional[int]) -> Focus:
    """The period at that place, or the whole window for `None`."""
    if index is None:
        return _focus_on(results.overall, None, None, results)
    periods = results.periods
    previous = periods[index - 1] if index and not periods[index - 1].partial else None
    return _focus_on(periods[index], index, previous, results)


def _focus_on(result: PeriodResult, index: Optional[int], previous: Optional[PeriodResult], results: Results) -> Focus:
    label = result.period.label if index is not None and results.grain != "all" else "The whole window"
    return Focus(result, index, previous, label, say_dates(result, zone_of(results)), _marks(result, index, results))


def say_dates(result: PeriodResult, zone: tzinfo) -> str:
    """First and last day of a period in `zone`: `2025-01-01 to 2025-03-31`."""
    first = format_date(result.period.start, zone)
    last = format_date(max(result.period.start, result.period.end - timedelta(microseconds=1)), zone)
    return first if first == last else f"{first} to {last}"


def _marks(result: PeriodResult, index: Optional[int], results: Results) -> tuple[str, ...]:
    marks = []
    if index is None and all(each.partial for each in results.periods):
        marks.append(f"No complete {grain_word(results.grain)} yet, so this is everything so far")
    if result.partial:
        marks.append("Partial: the data cover only a part of it")
    if result.provisional and index is not None and results.grain != "all":
        marks.append("Provisional: a late failure or a late answer may still change these numbers")
    hint = _hint(results)
    return (*marks, hint) if hint else tuple(marks)


def _hint(results: Results) -> str:
    """Advice where most periods are empty and a longer one would say more; empty text otherwise."""
    empty = sum(not result.deployment_frequency.deployments for result in results.periods)
    longer = LONGER.get(results.grain)
    if longer is None or 2 * empty <= len(results.periods):
        return ""
    words = grain_word(results.grain)
    return f"Nothing was deployed in {empty:,} of {plural(len(results.periods), words)}: --period {longer} says more"
