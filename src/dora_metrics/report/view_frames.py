"""Reading the processed tables: whole columns for counts, single cells only for the few rows that are shown. Pure.

A frame comes from a CSV file: a cell is text, a number, a truth, a time or nothing (NaN, `None`, empty text); a column
that a file does not have reads as nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import urlsplit

from dora_metrics.domain.timestamps import parse_utc
from dora_metrics.report.words import format_minute

if TYPE_CHECKING:
    import pandas as pd

ROWS = 500
"""So many rows a table shows."""
SHORT_SHA = 10
WEB = ("http", "https")
GUARD = re.compile("^'(?=[\\s\"'\u200b\u2060\ufeff]*[=+\\-@|%\uff1d\uff0b\uff0d\uff20])")
"""The quote that the CSV files put before what a spreadsheet could run."""


def has(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    """For each row whether the column holds something."""
    import pandas as pd  # noqa: PLC0415 (heavy: only when a report is made)

    filled: pd.Series[bool] = pd.Series(data=False, index=frame.index, dtype=bool)
    if name in frame.columns:
        column = frame[name]
        filled = column.notna()
        if not pd.api.types.is_datetime64_any_dtype(column.dtype) and not pd.api.types.is_numeric_dtype(column.dtype):
            filled &= column.astype(str).ne("")
    return filled


def is_true(frame: pd.DataFrame, name: str) -> pd.Series[bool]:
    """For each row whether the column says true, as a truth or as text."""
    filled = has(frame, name)
    if name in frame.columns:
        filled &= frame[name].astype(str).str.lower().eq("true")
    return filled


def newest(frame: pd.DataFrame, *columns: str, ascending: bool = False) -> pd.DataFrame:
    """At most 500 rows, the newest first by the first of `columns` that exists (ties as in the file, last first).

    `ascending` turns it round. Rows without a time stand at the end.
    """
    import pandas as pd  # noqa: PLC0415 (heavy: only when a report is made)

    name = next((column for column in columns if column in frame.columns), None)
    turned = frame if ascending else frame.iloc[::-1]
    if name is not None:
        filled = has(turned, name)
        ordered = turned[filled].sort_values(name, ascending=ascending, kind="stable").head(ROWS)
        turned = ordered if len(ordered) == ROWS or bool(filled.all()) else pd.concat([ordered, turned[~filled]])
    shown: pd.DataFrame = turned.head(ROWS)
    return shown


def rows_of(frame: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Each row as column to text; nothing is the empty text. For the few rows that are shown."""
    names = [str(name) for name in frame.columns]
    plain = frame.astype(object).where(frame.notna(), None)
    for values in plain.itertuples(index=False, name=None):
        yield {name: text_of(value) for name, value in zip(names, values)}


def text_of(value: Any) -> str:
    """A cell as text: `` for `None`, `true`/`false`, ISO times with Z, whole numbers without `.0`.

    The quote that keeps a spreadsheet from running a cell (`'=1+1`) is taken off again.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(float(value))
    text = str(value)
    return text.lower() if text in {"True", "False"} else GUARD.sub("", text)


def counts_of(frame: pd.DataFrame, name: str) -> Mapping[str, int]:
    """How often each text stands in a column, the most frequent first; nothing is not counted."""
    known = frame.loc[has(frame, name), name] if name in frame.columns else None
    if known is None or known.empty:
        return {}
    counts = known.astype(str).value_counts()
    pairs = ((str(text), int(count)) for text, count in counts.items())
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def flag_counts(frame: pd.DataFrame) -> Mapping[str, int]:
    """How many rows bear each flag; the column `flags` joins them by `;`."""
    totals: dict[str, int] = {}
    for joined, count in counts_of(frame, "flags").items():
        for flag in {flag.strip() for flag in joined.split(";")} - {""}:
            totals[flag] = totals.get(flag, 0) + count
    return dict(sorted(totals.items()))


def moment_of(row: Mapping[str, str], name: str) -> Optional[datetime]:
    """The instant in a cell; `None` for nothing and for what is no time."""
    try:
        return parse_utc(row.get(name, ""))
    except ValueError:
        return None


def minute_of(row: Mapping[str, str], name: str, zone: tzinfo) -> str:
    """The instant in a cell to the minute, in `zone`; what is no time stays as it stands."""
    moment = moment_of(row, name)
    return row.get(name, "") if moment is None else format_minute(moment, zone)


def seconds_of(row: Mapping[str, str], name: str) -> Optional[float]:
    """The hours in a cell as seconds; `None` for nothing."""
    try:
        hours = float(row.get(name, ""))
    except ValueError:
        return None
    return hours * 3600 if math.isfinite(hours) else None


def web_url(text: str) -> str:
    """`text` if it is an http or https address with a host, else empty: nothing else becomes a link."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return ""
    plain = text.isprintable() and " " not in text.strip()
    return text.strip() if plain and parts.scheme in WEB and parts.hostname else ""


def short_key(key: str) -> str:
    """A key as people say it: `#123`, `v1.2.0`, the first ten digits of a hash."""
    kind, _, rest = key.partition(":")
    if kind == "failure":
        return short_key(rest)
    if kind == "deployment":
        return f"deployment {rest}"
    if kind in {"pr", "issue"}:
        return f"#{rest}"
    if kind in {"commit", "merge", "annotation"}:
        return rest[:SHORT_SHA]
    return rest if kind in {"tag", "release"} else key
