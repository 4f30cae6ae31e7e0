"""The same data under several tools' definitions, side by side, with a line each on why they differ. Pure."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dora_metrics.report.results_cells import HEADINGS, Cell, metric_cells, title
from dora_metrics.report.results_json import results_object

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import PeriodResult, Results

METRICS = ("lead_time", "deployment_frequency", "change_failure_rate", "mttr")
FIELDS = ("median_hours", "mean_hours", "n", "deployments", "per_day", "ratio", "failed")
"""What is compared of each metric, where it has it."""
WIDTH = 96
GAP = "  "
INTRODUCTION = (
    "One history under five sets of definitions. None is wrong; each answers its own question. Ours is the column dora."
)

Columns = Sequence["Results"]
"""Our own results first, then those of each other tool, all over the same periods."""


def comparison_table(columns: Columns, *, every_period: bool) -> str:
    """As text: a block for each period, values first, then why each tool differs. Ends with a line end."""
    lines = [title(columns[0]), INTRODUCTION, ""]
    for place in _places(columns[0], every_period=every_period):
        lines += _block(columns, place)
    for results in columns[1:]:
        lines += _sources(results)
    return "\n".join(lines) + "\n"


def comparison_markdown(columns: Columns, *, every_period: bool) -> str:
    """As Markdown: a table and a list for each period. Ends with a line end."""
    lines = ["## DORA metrics by definition", "", INTRODUCTION, ""]
    for place in _places(columns[0], every_period=every_period):
        rows = _rows(columns, place)
        lines += [f"### {_period(columns[0], place).period.label}", "", *_markdown_rows(rows), ""]
        lines += [f"- **{name}**, {metric}: {why}" for metric, name, why in _reasons(columns, place)]
        lines.append("")
    lines += [f"{sentence}  " for results in columns[1:] for sentence in _sources(results)]
    return "\n".join(lines).rstrip() + "\n"


def comparison_json(columns: Columns, *, every_period: bool) -> str:
    """As JSON: by period and profile the fields of `calculate --format json`, with `why` beside each metric."""
    contents = [results_object(results) for results in columns]
    periods = []
    for place in _places(columns[0], every_period=every_period):
        by_profile = {
            results.profile: _with_reasons(_period(results, place), _content(content, place))
            for results, content in zip(columns, contents)
        }
        periods.append({"label": _period(columns[0], place).period.label, "profiles": by_profile})
    sources = {results.profile: results.profile_note.source for results in columns if results.profile_note}
    head = {name: contents[0][name] for name in ("schema", "as_of", "repositories", "period", "timezone")}
    found = {**head, "sources": sources, "periods": periods}
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def comparison_csv(columns: Columns, *, every_period: bool) -> str:
    """As RFC 4180 text: a row for each value of each profile and period; NA empty."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(("period", "profile", "metric", "field", "value", "why"))
    contents = [(results, results_object(results)) for results in columns]
    for place in _places(columns[0], every_period=every_period):
        for results, content in contents:
            period = _period(results, place)
            for metric in METRICS:
                values = _content(content, place)[metric]
                for field in FIELDS:
                    if field in values:
                        value = "" if values[field] is None else values[field]
                        why = period.why.get(metric, "")
                        writer.writerow((period.period.label, results.profile, metric, field, value, why))
    return target.getvalue()


def _places(ours: Results, *, every_period: bool) -> list[int]:
    """The periods to show, the whole window last as -1: all, or the newest complete one in which something shipped."""
    if every_period:
        return [*range(len(ours.periods)), -1]
    complete = [place for place, period in enumerate(ours.periods) if not period.partial]
    busy = [place for place in complete if ours.periods[place].deployment_frequency.deployments]
    return [*(busy or complete)[-1:], -1]


def _period(results: Results, place: int) -> PeriodResult:
    return results.overall if place < 0 else results.periods[place]


def _content(content: dict[str, Any], place: int) -> dict[str, Any]:
    found: dict[str, Any] = content["overall"] if place < 0 else content["periods"][place]
    return found


def _with_reasons(period: PeriodResult, content: dict[str, Any]) -> dict[str, Any]:
    return {metric: {**content[metric], "why": period.why.get(metric, "")} for metric in METRICS}


def _rows(columns: Columns, place: int) -> list[tuple[str, ...]]:
    """A heading, then a row for each metric: its name, and what each profile says of it."""
    rows = [("", *(results.profile for results in columns))]
    cells = [metric_cells(_period(results, place), columns[0].overall) for results in columns]
    for number, name in enumerate(HEADINGS[: len(METRICS)]):
        values = [_said(cell[number]) for cell in cells]
        rows.append((name, *values))
    return rows


def _said(cell: Cell) -> str:
    return f"{cell.value} ({cell.basis.replace(' (few)', ', few')})" if cell.basis else cell.value


def _block(columns: Columns, place: int) -> list[str]:
    rows = _rows(columns, place)
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [_period(columns[0], place).period.label]
    lines += [GAP.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines += ["", "Why they differ from dora:"]
    for metric, name, why in _reasons(columns, place):
        lines += textwrap.wrap(f"{name}, {metric}: {why}", WIDTH, initial_indent="  - ", subsequent_indent="    ")
    return [*lines, ""]


def _reasons(columns: Columns, place: int) -> list[tuple[str, str, str]]:
    """Metric, profile and why its number differs; profile by profile."""
    found = []
    for results in columns[1:]:
        period = _period(results, place)
        for metric, heading in zip(METRICS, HEADINGS):
            found.append((heading[0].lower() + heading[1:], results.profile, period.why.get(metric, "")))
    return found


def _sources(results: Results) -> list[str]:
    note = results.profile_note
    if note is None:
        return []
    text = f"{results.profile}: {note.title}, {note.source}. Not the same: {'; '.join(note.not_reproduced)}."
    return textwrap.wrap(text, WIDTH)


def _markdown_rows(rows: list[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
