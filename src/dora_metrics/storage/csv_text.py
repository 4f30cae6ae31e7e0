"""Cells and rows as text: what every CSV file of ours has in common.

No spreadsheet runs a cell: text that one could take for a formula gets a leading `'`, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Optional

from dora_metrics.domain.privacy import redact

_RUNS = re.compile(r"[\s\"'\u200b\u2060\ufeff]*[=+\-@|%\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
_CHANGES = re.compile(r"(?=\D*\d)[\d\s.,:/+\-$€]+(?:e[+-]?\d+|am|pm)?|true|false|wahr|falsch", re.IGNORECASE)
_LONGEST_NUMBER = 64
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NO_CHARACTER = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    byte_order_mark: bool
    line_end: str
    quote_all: bool


MACHINE = Form(byte_order_mark=False, line_end="\n", quote_all=False)
"""The master dataset and our own store: read by pandas, DuckDB, awk and diff, which take a byte order mark for a part
of the first column's name and CR for a part of the last cell. Spreadsheets read it through their import dialogue."""
SPREADSHEET = Form(byte_order_mark=True, line_end="\r\n", quote_all=True)
"""The person's file: without the byte order mark Excel does not read it as UTF-8."""


def guard(text: str) -> str:
    """`text`, with a leading `'` when a spreadsheet could run it."""
    return f"'{text}" if _RUNS.match(text) else text


def guard_typed(text: str) -> str:
    """`guard`, also for what a spreadsheet would turn into a number, a date or a truth value."""
    bare = text.strip(" '\t\n")
    changes = len(bare) <= _LONGEST_NUMBER and _CHANGES.fullmatch(bare)
    return f"'{text}" if changes or _RUNS.match(text) else text


def unguard(cell: str) -> str:
    """What `guard` or `guard_typed` was given."""
    bare = cell[1:]
    return bare if cell.startswith("'") and guard_typed(bare) != bare else cell


def read_cell(cell: str) -> str:
    """The text of a cell that a person may have saved: without the blanks around it and the guard before it."""
    return unguard(cell.strip()).strip()


def one_line(text: str) -> str:
    """`text` on one line: each run of control characters is one space, what is no character is U+FFFD."""
    return text if text.isprintable() else _NO_CHARACTER.sub("\ufffd", _CONTROLS.sub(" ", text))


def free_text(text: Optional[str]) -> str:
    """A cell of prose from the history: one line, no e-mail address, no formula."""
    return guard(redact(one_line(text))) if text else ""


def name_cell(text: Optional[str]) -> str:
    """A cell that holds a key, a tag or another name: one line, no formula."""
    return guard(one_line(text)) if text else ""


@lru_cache(maxsize=4096)
def same_name_cell(text: Optional[str]) -> str:
    """`name_cell` of what stands in row after row: a repository, a service, a deployment."""
    return name_cell(text)


def joined(parts: Optional[Iterable[str]], mark: str = ";") -> str:
    """A list's cell; empty for none and for an unknown one."""
    return free_text(mark.join(parts)) if parts else ""


def truth(value: bool) -> str:
    """`true` or `false`."""
    return "true" if value else "false"


def hours(duration: Optional[timedelta]) -> str:
    """Hours with at most six decimals and no trailing zeros: `20.5`; empty for `None`."""
    if duration is None:
        return ""
    text = f"{duration / _ONE_HOUR:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def render(header: Sequence[str], rows: Iterable[Sequence[str]], form: Form) -> bytes:
    """The whole file; only its header when there are no rows."""
    raw = io.BytesIO()
    encoding = "utf-8-sig" if form.byte_order_mark else "utf-8"
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        writer = csv.writer(
            text,
            lineterminator=form.line_end,
            quoting=csv.QUOTE_ALL if form.quote_all else csv.QUOTE_MINIMAL,
        )
        writer.writerow(header)
        writer.writerows(rows)
        text.flush()
        return raw.getvalue()
