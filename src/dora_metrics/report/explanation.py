"""Why a number is what it is, as sections of rows; rendered as text, JSON or Markdown."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Optional, Union

from dora_metrics.domain.timestamps import SECONDS_PER_HOUR
from dora_metrics.report.results_markdown import escape
from dora_metrics.report.words import NO_DATA, format_duration

WIDTH = 96
MOST_ROWS = 20
"""Rows of a section that text and Markdown show; JSON has all."""
NARROWEST = 20
"""What the last column keeps however wide the others are."""
CUT_COLUMN = "title"
"""A last column of this name is cut to the line; any other is wrapped."""

HOLD = "\u00a0"
"""Stands for a blank at which no line is broken."""


class Duration(NamedTuple):
    """A cell that is a time span: words for people, hours in JSON."""

    seconds: Optional[float]


class Named(NamedTuple):
    """A cell that people read in short and programs whole, such as a hash or a time."""

    text: str
    value: str


Cell = Union[str, int, Duration, Named]
Value = Union[str, int, float, None]


@dataclass(frozen=True)
class Section:
    """One part of an explanation: a heading, words about it, and a table."""

    title: str
    words: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """In words; JSON joins them by `_`, and those of durations end in `_hours` there."""
    rows: tuple[tuple[Cell, ...], ...] = ()
    code: str = ""
    """Stable name for programs, such as `lead_time.counted`."""
    whole: bool = False
    """Every row is shown, however many: a table of facts, not a list of items."""


@dataclass(frozen=True)
class Explanation:
    """The whole answer."""

    subject: str
    sections: tuple[Section, ...]


def render_explanation(explanation: Explanation, form: str) -> str:
    """The explanation as `text`, `json` or `markdown`, without a line end at the end.

    Text and Markdown show the first rows of a long list and say how many more there are; JSON has all of them.
    """
    if form == "json":
        return _as_json(explanation)
    return _as_markdown(explanation) if form == "markdown" else _as_text(explanation)


def shown(cell: Cell) -> str:
    """The cell as people read it; `no data` for a duration that is not there."""
    if isinstance(cell, Duration):
        return format_duration(cell.seconds)
    if isinstance(cell, Named):
        return cell.text
    return f"{cell:,}" if isinstance(cell, int) else cell


def _as_text(explanation: Explanation) -> str:
    lines = _wrapped(explanation.subject, WIDTH) or [""]
    for section in map(_without_empty_columns, explanation.sections):
        lines += ["", *_wrapped(section.title, WIDTH)]
        for said in section.words:
            first, *others = _wrapped(said, WIDTH - 4) or [""]
            lines += [f"  {first}", *(f"    {line}" for line in others)]
        lines += [f"  {line}".rstrip() for line in _aligned(section)]
        lines += [f"  {more}" for more in _more(section)]
    return "\n".join(lines)


def _visible(section: Section) -> Sequence[tuple[Cell, ...]]:
    return section.rows if section.whole else section.rows[:MOST_ROWS]


def _more(section: Section) -> list[str]:
    """What tells that the list goes on; nothing when all is shown."""
    rest = len(section.rows) - len(_visible(section))
    return [f"… and {rest:,} more of {len(section.rows):,}: --format json has all"] if rest else []


def _aligned(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    table = [section.columns, *(tuple(map(shown, row)) for row in _visible(section))]
    widths = _widths([max(len(row[place]) for row in table) for place in range(len(section.columns) - 1)])
    before = sum(widths) + 2 * len(widths)
    room = WIDTH - 2 - before
    for row in table:
        head = "".join(_pinched(cell, width).ljust(width) + "  " for cell, width in zip(row, widths))
        first, *others = _last_cell(row[-1], room, cut=section.columns[-1] == CUT_COLUMN)
        yield head + first
        yield from (" " * before + line for line in others)


def _widths(wanted: list[int]) -> list[int]:
    """The columns before the last one, the widest made narrower until the last one has its `NARROWEST`."""
    room = WIDTH - 2 - NARROWEST - 2 * len(wanted)
    while sum(wanted) > room:
        wanted[wanted.index(max(wanted))] -= 1
    return wanted


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _pinched(text: str, room: int) -> str:
    """A name cut in its middle: tags differ at their ends."""
    if len(text) <= room:
        return text
    before = room // 2
    return f"{text[:before]}…{text[len(text) - (room - before - 1) :]}"


def _last_cell(text: str, room: int, *, cut: bool) -> list[str]:
    if cut:
        return [_cut(text, room)]
    return _wrapped(text, room) or [""]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width`; a number and its % stay together."""
    lines = textwrap.wrap(text.replace(" %", f"{HOLD}%"), width, break_on_hyphens=False)
    return [line.replace(HOLD, " ") for line in lines]


def _without_empty_columns(section: Section) -> Section:
    """The section for people: a column in which no row says anything is left out, but for the first and the last."""
    last = len(section.columns) - 1
    kept = [place for place in range(last + 1) if place in (0, last) or any(shown(row[place]) for row in section.rows)]
    columns = tuple(section.columns[place] for place in kept)
    return replace(section, columns=columns, rows=tuple(tuple(row[place] for place in kept) for row in section.rows))


def _as_markdown(explanation: Explanation) -> str:
    lines = [f"## {escape(explanation.subject)}"]
    for section in map(_without_empty_columns, explanation.sections):
        lines += ["", f"### {escape(section.title)}", ""]
        lines += [f"{escape(words)}  " for words in section.words]
        if section.rows:
            lines += ["", _row(section.columns), _row(["---"] * len(section.columns))]
            lines += [_row([escape(shown(cell)) for cell in row]) for row in _visible(section)]
            lines += [line for more in _more(section) for line in ("", more)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _as_json(explanation: Explanation) -> str:
    sections = [
        {
            "code": section.code,
            "title": section.title,
            "words": list(section.words),
            "rows": [dict(map(_field, section.columns, row)) for row in section.rows],
        }
        for section in explanation.sections
    ]
    return json.dumps({"schema": 1, "subject": explanation.subject, "sections": sections}, ensure_ascii=False, indent=1)


def _field(column: str, cell: Cell) -> tuple[str, Value]:
    """Key and value of one cell in JSON: durations are hours, and what is not there is null."""
    key = column.replace(" ", "_")
    if isinstance(cell, Duration):
        hours = None if cell.seconds is None else round(cell.seconds / SECONDS_PER_HOUR, 6)
        return (key if key.endswith("_hours") else f"{key}_hours"), hours
    value = cell.value if isinstance(cell, Named) else cell
    return key, None if value in (NO_DATA, "") else value
