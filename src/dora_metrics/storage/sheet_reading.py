"""A person's xlsx or ods file as rows of text: what spreadsheets store as dates, numbers and truth values included."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Union

from dora_metrics.errors import InputError
from dora_metrics.storage.csv_reading import KEY_COLUMN, Table, no_key_column, require_distinct

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST_UNPACKED = 1 << 30
"""Bytes that the parts of a file may have all in all: half a million full rows are less."""
EXACT = 10**15
"""Below it a spreadsheet's numbers hold every digit."""
HALF_A_SECOND = timedelta(milliseconds=500)
SAVE_AGAIN = "open it in the spreadsheet, save it as .xlsx, .ods or `CSV UTF-8`, and import that"

_EMPTY_PARAGRAPH = re.compile(rb"<text:p(?:\s[^<>]*)?/>")
_LINE_BREAK = re.compile(rb"</text:p>\s*<text:p(?:\s[^<>]*)?>|<text:line-break\s*/>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Cell = Union[str, float, bool, date, datetime, time, timedelta]


def is_workbook(content: bytes) -> bool:
    """Whether these are the bytes of a spreadsheet program's own format, whatever the file is called."""
    return content.startswith((ZIP, OLD_OFFICE))


def open_sheet(content: bytes, file_name: str) -> Table:
    """The first sheet of an xlsx or ods file whose first filled row has a column `key`.

    Raises `InputError` for other formats, damage and passwords, and when no sheet has that column or one has it twice.
    """
    if content.startswith(OLD_OFFICE):
        message = f"{file_name}: an old .xls file, or one with a password; neither is read"
        raise InputError(message, remedy="save it as .xlsx without a password and import that")
    form = _form(content, file_name)
    seen = ""
    for sheet in _sheets(content, file_name, form):
        first, header = _header(sheet)
        if KEY_COLUMN in header:
            require_distinct(header, file_name)
            rows = _rows(sheet, first)
            if form == "xlsx" and _leaves_escapes():
                rows = ((number, [_ESCAPED.sub(_character, cell) for cell in cells]) for number, cells in rows)
            return Table(header, rows, delimiter="", encoding=form)
        seen = seen or ", ".join(header)
    raise no_key_column(file_name, seen)


def text_of_cell(cell: Cell) -> str:
    """The cell as a person would have typed it: a moment as `2025-12-31 14:05:07`, `1` for 1.0, `TRUE` for true."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        whole = float(cell).is_integer() and abs(cell) < EXACT
        return str(int(cell)) if whole else repr(cell)
    if isinstance(cell, datetime):  # stored as days in binary: 14:05:00 may come back as 14:04:59.9995
        nearest = cell + HALF_A_SECOND if cell.microsecond else cell
        return nearest.replace(microsecond=0).isoformat(" ")
    return str(cell)


def _form(content: bytes, file_name: str) -> str:
    """`xlsx` or `ods`, by what is in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
            names = set(parts.namelist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _unreadable(file_name, str(error)) from error
    if size > LARGEST_UNPACKED:
        message = f"{file_name}: unpacked it would be {size:,} bytes, more than {LARGEST_UNPACKED:,}"
        raise InputError(message, remedy="delete the sheets and rows that say nothing, and import it again")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise _unreadable(file_name, "neither xlsx nor ods")


def _sheets(content: bytes, file_name: str, form: str) -> Iterator[CalamineSheet]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 (only where a spreadsheet is read)

    try:
        whole = _with_line_breaks(content) if form == "ods" else content
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(whole))
        for index in range(len(workbook.sheet_names)):
            sheet = workbook.get_sheet_by_index(index)
            if sheet.start is not None:  # asking an empty one for rows makes an older reader give up
                yield sheet
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":  # how its Rust code gives up
            raise _unreadable(file_name, str(error)) from error
        raise


def _with_line_breaks(content: bytes) -> bytes:
    """The ods with each cell's lines in one paragraph, broken as in text: the reader knows no other line break."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            if name == "content.xml":
                text = _EMPTY_PARAGRAPH.sub(b"<text:p></text:p>", old.read(name))
                new.writestr(name, _LINE_BREAK.sub(b"\n", text))
            elif name == "mimetype" or name.startswith("META-INF/"):
                new.writestr(name, old.read(name))
    return written.getvalue()


def _header(sheet: CalamineSheet) -> tuple[int, tuple[str, ...]]:
    """The number of the first row that is not blank, and its cells in lower case; `1` and nothing without one."""
    for number, cells in enumerate(_filled_rows(sheet), 1):
        if any(cells):
            return number, tuple(cell.strip().casefold() for cell in cells)
    return 1, ()


def _rows(sheet: CalamineSheet, header_at: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(_filled_rows(sheet), 1):
        if number > header_at and any(cells):
            yield number, cells


def _leaves_escapes() -> bool:
    """Whether the installed reader is the one of Python 3.9, which gives `_x0041_` where the cell holds `A`."""
    return version("python-calamine").startswith("0.4.")


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16))


def _filled_rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        yield [cell if isinstance(cell, str) else text_of_cell(cell) for cell in row]


def _unreadable(file_name: str, why: str) -> InputError:
    message = f"{file_name}: cannot be read as a spreadsheet ({why or 'damaged'})"
    return InputError(message, remedy=SAVE_AGAIN)
