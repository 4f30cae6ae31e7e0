"""TOML text: reading it, and finding the line on which a key stands."""

from __future__ import annotations

import re
import sys
from typing import Any, Optional

HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*(?:\.\s*([A-Za-z0-9_-]+)\s*)?=")


class BrokenTomlError(Exception):
    """Text that is not TOML."""

    def __init__(self, message: str, line: int, key: str) -> None:
        """`line` counts from 1 and is 0 where nobody knows; `key` is empty when that line holds none."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.key = key


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises `BrokenTomlError`."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error)
        found = re.search(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)", message)
        lines = text.splitlines()
        line = int(found[1]) if found and found[1] else len(lines)
        what = message[: found.start()] if found else message
        raise BrokenTomlError(what, line, _key_on(lines[line - 1] if 0 < line <= len(lines) else "")) from error
    return tables


def read_toml_value(text: str) -> object:
    """What TOML makes of a single value; the text itself when it makes nothing of it."""
    try:
        return read_toml(f"value = {text}")["value"]
    except BrokenTomlError:
        return text


def line_of(text: str, section: str, key: str = "", table: int = 0) -> Optional[int]:
    """The line, counted from 1, of `key` in the `table`-th `[section]`, or of its header; `None` when not found.

    Meant for messages: it reads lines, not TOML, so a key inside a text of several lines may deceive it.
    """
    here, seen = "", -1
    for number, line in enumerate(text.splitlines(), start=1):
        header = HEADER.match(line)
        if header:
            here = header[1].strip("\"'")
            seen += here == section
            if not key and here == section and seen == table:
                return number
            if key and here == f"{section}.{key}" and max(seen, 0) == table:
                return number
        elif _is(line, section, key, here=here, in_table=seen == table):
            return number
    return None


def _is(line: str, section: str, key: str, *, here: str, in_table: bool) -> bool:
    found = KEY.match(line)
    if not found:
        return False
    first, second = found[1].strip("\"'"), found[2] or ""
    if not here:
        return first == section and (not key or second in {key, ""})  # dotted, or an inline table
    return here == section and in_table and bool(key) and first == key


def _key_on(line: str) -> str:
    found = KEY.match(line)
    return found[1] if found else ""
