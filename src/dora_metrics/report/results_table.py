"""Results as text for a terminal: a block of lines for each period, under one row of headings."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dora_metrics.report.quality_words import WIDTH, quality_lines
from dora_metrics.report.results_cells import HEADINGS, metric_cells, notes, title

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import PeriodResult, Results

GAP = "  "
LEGEND = (
    "Each value, its 95 % interval, and what it rests on. Lead time and recovery are medians; recovery is dora.dev's "
    "failed deployment recovery time, counted where users had it back. Few: fewer than six values, too few to judge by."
)
NOTHING = "no data: nothing was deployed in this time"


def results_table(results: Results) -> str:
    """The results as lines of text, the overall ones last, with a line end."""
    periods = (*results.periods, results.overall)
    blocks = [_block(period, results.overall) for period in periods]
    widths = [max(map(len, column)) for column in zip(("Period", *HEADINGS), *(row for rows in blocks for row in rows))]
    lines = [title(results), "", _line(("Period", *HEADINGS), widths), _line(["-" * width for width in widths], widths)]
    if not results.periods:
        lines.append(NOTHING)
    for period, rows in zip(periods, blocks):
        lines += [_line(row, widths) for row in rows]
        lines += _notes(period, results.levels)
        lines.append("")
    lines += quality_lines(results.quality)
    lines += textwrap.wrap(LEGEND, WIDTH)
    return "\n".join(lines) + "\n"


def _block(period: PeriodResult, overall: PeriodResult) -> list[tuple[str, ...]]:
    """Rows of cells: the values beside the label, then intervals and bases; a row without a word is not made."""
    cells = metric_cells(period, overall)
    values, bases, intervals = zip(*cells)
    rows = [(period.period.label, *values), ("", *intervals), ("", *bases)]
    return [row for row in rows if any(row)]


def _notes(period: PeriodResult, levels: str) -> Iterator[str]:
    for note in notes(period, levels):
        yield from textwrap.wrap(note, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
