"""All repositories or services on one page: pooled first, then each in the configured order, never ranked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.report import words
from dora_metrics.report.numbers_json import raw_number
from dora_metrics.report.table import Cell, Column, Table
from dora_metrics.report.view_metrics import FREQUENCY, Metric, value_path
from dora_metrics.report.view_other_rules import metrics_in
from dora_metrics.report.words import NO_DATA, choose_unit, format_in

POOLED = "All, pooled item by item"


@dataclass(frozen=True)
class Part:
    """One repository or service."""

    name: str
    results: Mapping[str, Results]
    """By the length of the period: `quarterly`."""


def make_overview(pooled: Results, place: Optional[int], parts: Sequence[Part]) -> Optional[Table]:
    """The five metrics of each part in the period at `place` (`None`: the whole window); `None` for a single part."""
    if len(parts) < 2:  # noqa: PLR2004 (one part is the whole)
        return None
    chosen = pooled.overall if place is None else pooled.periods[place]
    label = None if place is None else chosen.period.label
    rows = [(POOLED, chosen), *((part.name, _same_period(part, pooled.grain, label)) for part in parts)]
    columns = [_column(metric, [result for _, result in rows]) for metric in metrics_in(chosen)]
    return Table(
        key="overview",
        heading=f"Each by itself, {'the whole window' if place is None else chosen.period.label}",
        columns=(Column("Of"), *(column for column, _ in columns)),
        rows=tuple((Cell(name), *(cells[number] for _, cells in columns)) for number, (name, _) in enumerate(rows)),
        total=len(rows),
    )


def _same_period(part: Part, grain: str, label: Optional[str]) -> Optional[PeriodResult]:
    """The result of the part for the period `label` (`None`: the whole window); `None` before its first deployment."""
    own = part.results.get(grain)
    if own is None:
        return None
    if label is None:
        return own.overall
    return next((result for result in own.periods if result.period.label == label), None)


def _column(metric: Metric, results: Sequence[Optional[PeriodResult]]) -> tuple[Column, list[Cell]]:
    """One metric of all rows, in one unit, which the heading names."""
    readings = [None if result is None else metric.read(result) for result in results]
    values = [None if reading is None else reading.value for reading in readings]
    unit = choose_unit(values)
    paths = [_path(metric, result) for result in results if result is not None]
    path = next((each for each in paths if each.endswith("mean_hours")), paths[0])

    def say(value: Optional[float]) -> str:
        if value is None:
            return NO_DATA
        if metric is FREQUENCY:
            return f"{value * 7:,.2f}"
        return f"{100 * value:,.1f}" if metric.key in {"change_failure_rate", "rework_rate"} else format_in(unit, value)

    headings = {
        "lead_time": f"Lead time, {unit.name}",
        "deployment_frequency": "Deployments a week",
        "mttr": f"Recovery, {unit.name}",
        "change_failure_rate": "Failure rate, %",
        "rework_rate": "Rework rate, %",
    }
    cells = []
    for result, reading in zip(results, readings):
        if result is None or reading is None:
            cells.append(Cell(NO_DATA))
            continue
        note = f"n = {reading.n:,}"
        if reading.interval is not None:
            low, high = (say(end) for end in reading.interval)
            note = f"{low} to {high}, {note}"
        cells.append(Cell(say(reading.value), note=note, raw=raw_number(result, path)))
    return Column(headings[metric.key], number=True, path=path), cells


def _path(metric: Metric, result: PeriodResult) -> str:
    """Where the number stands in the JSON: the frequency is said by the week."""
    return "deployment_frequency.per_week" if metric is FREQUENCY else value_path(metric, result)


def overview_caption(parts: Sequence[Part]) -> str:
    """What the table shows and what it is not."""
    return (
        f"{words.plural(len(parts), 'part')} in the order of the configuration. The first row pools the items of all; "
        "it is no average of the rows below. Compare each with its own past, not with its neighbour."
    )
