"""What stands under the heading of one metric in an explanation: interval, quantiles, band and level in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Optional

from dora_metrics.domain.measurements import Interval, Spread
from dora_metrics.report.explanation import Section
from dora_metrics.report.words import format_duration


def value_section(code: str, title: str, said: Iterable[str]) -> Section:
    """The heading of one metric, and the lines under it that say something."""
    return Section(title, tuple(line for line in said if line), code=code)


def spread_words(spread: Spread, items: str) -> list[str]:
    """How a spread lies: n, interval, quantiles."""
    if not spread.n:
        return [f"no value: no {items}"]
    few = "; fewer than six: too few for an interval or a band" if spread.insufficient else ""
    return [
        f"median of {spread.n:,} {items}{interval_words(spread.ci95_s, format_duration)}{few}",
        f"p75 {format_duration(spread.p75_s)}, p90 {format_duration(spread.p90_s)}, mean "
        f"{format_duration(spread.mean_s)}, longest {format_duration(spread.max_s)}",
    ]


def interval_words(interval: Optional[Interval], form: Callable[[float], str]) -> str:
    """The 95 % interval, to be added to a sentence; empty without one."""
    if interval is None:
        return ""
    return f"; 95 % interval {form(interval[0])} to {form(interval[1])}"


def judged_words(band: Optional[int], level: Optional[str], levels: str) -> str:
    """Band and level; empty without either."""
    said = [f"band {band} of 6 (6 is best)"] if band is not None else []
    if level:
        said.append(f"{level} by the table of DORA {levels}")
    return ", ".join(said)
