"""The full tables inside the page: columns as JSON, compressed, in base64; the page's script unpacks them. Pure.

`zlib` and not gzip: the same deflate, without a header that differs between versions of Python. Nothing of the block is
ever markup: the script sets it as text, and an address only where `web_url` let it through here.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

QUICK_FROM = 2_000_000
"""From so many characters on a lower level of compression: a third of the time, a twentieth more bytes."""
MOST_TRIES = 6


def pack(content: Any) -> str:
    """The content as JSON (no NaN), compressed, in base64. The same text for the same content."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    plain = text.encode("utf-8", "replace")
    return b64encode(zlib.compress(plain, 5 if len(plain) > QUICK_FROM else 9)).decode()


def pack_tables(tables: Mapping[str, Mapping[str, Any]], room: int) -> tuple[str, dict[str, int]]:
    """The tables in at most `room` characters, and how many rows of each are in it.

    Where they do not fit, the longest gives up rows from its end: the oldest. A table is `columns` and `values`: lists
    of one length (`key` is always a plain one), or a dictionary of lists; `at` says which of the texts `of` is where.
    """
    kept = {name: _length(table) for name, table in tables.items()}
    packed = pack(tables)
    for _ in range(MOST_TRIES):
        if len(packed) <= room:
            break
        longest = max(kept, key=lambda name: kept[name])
        kept[longest] = int(kept[longest] * min(room / len(packed), 1) * 0.97)
        packed = pack({name: _cut(table, kept[name]) for name, table in tables.items()})
    if len(packed) > room:
        kept = dict.fromkeys(kept, 0)
        packed = pack({name: _cut(table, 0) for name, table in tables.items()})
    return packed, kept


def coded(texts: Sequence[Any]) -> Any:
    """A column of texts or moments: as a dictionary where few differ, else as it is."""
    known = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    if 2 * len(known) > len(texts):
        return list(texts)
    return {"of": list(known), "at": [known[text] for text in texts]}


def _length(table: Mapping[str, Any]) -> int:
    return len(table["values"].get("key", ()))


def _cut(table: Mapping[str, Any], rows: int) -> dict[str, Any]:
    return {**table, "values": {name: _cut_column(column, rows) for name, column in table["values"].items()}}


def _cut_column(column: Any, rows: int) -> Any:
    if isinstance(column, dict) and "at" not in column:
        return {name: part[:rows] for name, part in column.items()}
    if isinstance(column, dict):
        places = column["at"][:rows]
        used = sorted(set(places))
        renamed = {old: new for new, old in enumerate(used)}
        return {"of": [column["of"][old] for old in used], "at": [renamed[place] for place in places]}
    return column[:rows]
