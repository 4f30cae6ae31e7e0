"""The picture of what waits for a deployment, by its age. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Optional

from dora_metrics.report import words
from dora_metrics.report.columns import epochs
from dora_metrics.report.svg import Chart, Mark
from dora_metrics.report.table import Cell, Column, Table
from dora_metrics.report.view_axes import linear_axis
from dora_metrics.report.view_frames import has
from dora_metrics.report.words import DAY_S, HOUR_S

if TYPE_CHECKING:
    import pandas as pd

STARTS = ("started_at", "first_commit_at", "created_at", "merged_at")
"""From where the age of a change counts: the first of them that it has, as in the metric."""
MONTH_S = 730 * HOUR_S
BINS = (
    ("under 1 day", 0.0, DAY_S),
    ("1 day to 1 week", DAY_S, 7 * DAY_S),
    ("1 week to 1 month", 7 * DAY_S, MONTH_S),
    ("1 to 3 months", MONTH_S, 3 * MONTH_S),
    ("3 to 6 months", 3 * MONTH_S, 6 * MONTH_S),
    ("over 6 months", 6 * MONTH_S, None),
)
TICKS = ("< 1 day", "< 1 week", "< 1 month", "< 3 months", "< 6 months", "older")
"""The same, short enough for a phone."""
"""Label, from which age (seconds, included) to which (not included)."""


def count_ages(changes: pd.DataFrame, as_of: datetime) -> tuple[int, ...]:
    """How many waiting changes are in each of `BINS` at `as_of`; one without any time is in none."""
    waiting = changes[~has(changes, "deployment") & ~has(changes, "left_out")]
    now = as_of.timestamp()
    ages = [max(now - start, 0.0) for start in epochs(waiting, *STARTS) if start is not None]
    return tuple(sum(low <= age and (high is None or age < high) for age in ages) for _, low, high in BINS)


def ages_chart(counts: tuple[int, ...], date: str) -> Optional[Chart]:
    """The bars; `None` when nothing waits."""
    if not sum(counts):
        return None
    axis = linear_axis([float(count) for count in counts], [], least=4.0)
    return Chart(
        key="chart_undeployed",
        title="Changes not yet deployed, by age",
        description=ages_caption(counts, date),
        marks=tuple(
            Mark(
                tip=f"{label}: {words.plural(count, 'change')}",
                height=axis.height(float(count)) if count else None,
                tick=TICKS[index],
                minor=index % 2 == 1,
                show=f"waiting:{low:.0f}:{'' if high is None else f'{high:.0f}'}",
                period="overall",
            )
            for index, (count, (label, low, high)) in enumerate(zip(counts, BINS))
        ),
        lines=tuple((axis.height(value) or 0.0, label) for value, label in axis.lines),
        bars=True,
    )


def ages_caption(counts: tuple[int, ...], date: str) -> str:
    """What the picture shows, in a sentence."""
    total = sum(counts)
    if not total:
        return f"Nothing waited for a deployment on {date}."
    old = sum(counts[3:])
    return (
        f"{words.plural(total, 'change')} had been merged and not deployed on {date}, "
        f"{f'{old:,}' if old else 'none'} of them begun more than a month before."
    )


def ages_table(counts: tuple[int, ...]) -> Table:
    """The same as numbers."""
    return Table(
        key="table_ages",
        heading="Changes not yet deployed as a table",
        columns=(Column("Age"), Column("Changes", number=True)),
        rows=tuple((Cell(label), Cell(f"{count:,}")) for count, (label, _, _) in zip(counts, BINS)),
        total=len(BINS),
    )
