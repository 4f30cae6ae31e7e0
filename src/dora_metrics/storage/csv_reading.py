"""A person's CSV file as rows of text: encodings, delimiters and damage. What the cells mean: `review_import.py`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.privacy import redact
from dora_metrics.errors import InputError

DELIMITERS = (",", ";", "\t")
KEY_COLUMN = "key"
PIECE_CHARACTERS = 1 << 20
SAVE_AS = "save it as `CSV UTF-8` and import it again"

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """A file whose header has been understood."""

    header: tuple[str, ...]
    """Column names without blanks around them, in lower case."""
    rows: Iterator[tuple[int, list[str]]]
    """The number of each row as a spreadsheet shows it (the header is 1) and its cells; blank rows are left out.

    Raises `InputError` where the file is no CSV any more.
    """
    delimiter: str
    """Empty for xlsx and ods, whose `encoding` is that word."""
    encoding: str


def open_table(content: bytes, file_name: str) -> Table:
    """The table in `content`, with the delimiter under which its header has a column `key`.

    Raises `InputError` for text that cannot be decoded, and when no header names `key`, or one name stands twice.
    """
    encoding = _encoding(content, file_name)
    separator, header_line, skipped = _first_lines(content, encoding)
    candidates = [separator] if separator else DELIMITERS
    headers = [(delimiter, _names(header_line, delimiter)) for delimiter in candidates]
    fitting = [(delimiter, names) for delimiter, names in headers if KEY_COLUMN in names]
    if not fitting:
        raise no_key_column(file_name, header_line)
    delimiter, names = max(fitting, key=lambda pair: len(pair[1]))
    require_distinct(names, file_name)
    return Table(names, _rows(content, encoding, delimiter, skipped, file_name), delimiter, encoding)


def no_key_column(file_name: str, header: str) -> InputError:
    """The error for a file without the column that says what a row is about."""
    seen = redact(" ".join(header.split()))[:80]
    message = f"{file_name}: the header has no column `{KEY_COLUMN}`, it reads: {seen or 'nothing'}"
    return InputError(message, remedy="import the review file that `dora-metrics extract` wrote")


def require_distinct(names: Sequence[str], file_name: str) -> None:
    """Refuse (`InputError`) a header that names a column twice."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        message = f"{file_name}: the header names {', '.join(twice)} more than once"
        raise InputError(message, remedy="remove the copy that does not count")


def _encoding(content: bytes, file_name: str) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        lines_before_nul = _lines_before_nul(content, encoding)
    except UnicodeDecodeError:
        raise _undecodable(content, encoding, file_name) from None
    if lines_before_nul is not None:
        message = f"{file_name}: line {lines_before_nul + 1} holds a NUL character"
        raise InputError(message, remedy=SAVE_AS)
    return encoding


def _lines_before_nul(content: bytes, encoding: str) -> Optional[int]:
    """How many lines end before the first NUL character; `None` where there is none.

    A piece at a time: one emoji makes the text of a file four times as large as its bytes. Raises `UnicodeDecodeError`.
    """
    lines, seen = 0, None
    text = _lines(content, encoding)
    while piece := text.read(PIECE_CHARACTERS):
        if seen is None and "\0" in piece:
            seen = lines + piece.count("\n", 0, piece.index("\0"))
        lines += piece.count("\n")
    return seen


def _undecodable(content: bytes, encoding: str, file_name: str) -> InputError:
    """The error for bytes that are not text of `encoding`, with the place of the first one."""
    start = len(content)
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:  # it counts from the beginning of the file, not of a piece
        start = error.start
    line = content.count(b"\n" if encoding != "utf-16" else _utf16_line_end(content), 0, start) + 1
    message = (
        f"{file_name}: line {line}, byte {start + 1} of the file (0x{content[start]:02x}) "
        f"is not {'UTF-16' if encoding == 'utf-16' else 'UTF-8'}"
    )
    return InputError(message, remedy=SAVE_AS)


def _utf16_line_end(content: bytes) -> bytes:
    return "\n".encode("utf-16-le" if content.startswith(b"\xff\xfe") else "utf-16-be")


def _lines(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _first_lines(content: bytes, encoding: str) -> tuple[str, str, int]:
    """The separator that a line `sep=` names, the header line, and how many lines stand before it."""
    lines = _lines(content, encoding)
    first = lines.readline()
    named = _SEPARATOR_LINE.fullmatch(first)
    return (named[1], lines.readline(), 1) if named else ("", first, 0)


def _names(header_line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(name.strip().casefold() for name in next(csv.reader([header_line], delimiter=delimiter), []))


def _rows(
    content: bytes, encoding: str, delimiter: str, skipped: int, file_name: str
) -> Iterator[tuple[int, list[str]]]:
    lines = _lines(content, encoding)
    for _ in range(skipped):
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        next(reader)
        for number, cells in enumerate(reader, start=2):
            if any(cells):
                yield number, cells
    except csv.Error as error:
        message = (
            f"{file_name}: no longer CSV at or before line {reader.line_num + skipped} ({error}); nothing was imported"
        )
        raise InputError(
            message,
            remedy="an open quote, a cell over 128 KiB or a half-saved file: save it again from the spreadsheet",
        ) from None
