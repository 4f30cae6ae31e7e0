"""Why a number is what it is, as sections of rows; rendered as text, JSON or Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One part of an explanation: a heading, words about it, and a table."""

    title: str
    words: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Explanation:
    """The whole answer."""

    subject: str
    sections: tuple[Section, ...]


def render_explanation(explanation: Explanation, form: str) -> str:
    """The explanation as `text`, `json` or `markdown`, without a line end at the end."""
    if form == "json":
        return _as_json(explanation)
    return _as_markdown(explanation) if form == "markdown" else _as_text(explanation)


def _as_text(explanation: Explanation) -> str:
    lines = [explanation.subject]
    for section in explanation.sections:
        lines += ["", section.title]
        lines += [f"  {words}" for words in section.words]
        lines += [f"  {line}" for line in _aligned(section)]
    return "\n".join(lines)


def _aligned(section: Section) -> list[str]:
    table = [section.columns, *section.rows] if section.rows else []
    widths = [max(len(cell) for cell in column) for column in zip(*table)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]


def _as_markdown(explanation: Explanation) -> str:
    lines = [f"## {_cell(explanation.subject)}"]
    for section in explanation.sections:
        lines += ["", f"### {section.title}", ""]
        lines += [f"{_cell(words)}  " for words in section.words]
        if section.rows:
            lines += ["", _row(section.columns), _row(["---"] * len(section.columns))]
            lines += [_row([_cell(cell) for cell in row]) for row in section.rows]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text that Markdown shows as it is."""
    shown = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    for sign in "`*_[]#":
        shown = shown.replace(sign, f"\\{sign}")
    return shown


def _as_json(explanation: Explanation) -> str:
    sections = [
        {
            "title": section.title,
            "words": list(section.words),
            "rows": [dict(zip(section.columns, row)) for row in section.rows],
        }
        for section in explanation.sections
    ]
    return json.dumps({"schema": 1, "subject": explanation.subject, "sections": sections}, ensure_ascii=False, indent=1)
