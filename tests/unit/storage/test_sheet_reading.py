"""Review files as spreadsheet programs keep them, typed cells and all. What LibreOffice makes: the office tests."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from dora_metrics.errors import InputError
from dora_metrics.storage import sheet_reading
from dora_metrics.storage.csv_handler import CSVHandler
from dora_metrics.storage.import_findings import ReviewRefusedError
from dora_metrics.storage.review_table import open_review
from dora_metrics.storage.sheet_reading import text_of_cell
from support.judgement_samples import SHOP, at, sha
from support.review_samples import KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE, TWO = f"commit:{sha(1)}", f"commit:{sha(2)}"


def workbook(*sheets: Sequence[Sequence[Any]]) -> bytes:
    """An xlsx whose cells hold what Python's values are in a spreadsheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def decisions(content: bytes, **given: Any) -> dict[tuple[str, str], str]:
    given = {"known": [KNOWN], "timezone": "Europe/Berlin", "accepted_at": at(1000), **given}
    taken = CSVHandler().parse_review(content, file_name="saved.xlsx", **given)
    return {(word.key, word.column): word.value for word in taken.annotations}


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        pytest.param("is_hotfix", True, "yes", id="TRUE"),
        pytest.param("is_hotfix", False, "no", id="FALSE"),
        pytest.param("is_hotfix", 1, "yes", id="the number 1"),
        pytest.param("is_hotfix", "WAHR", "yes", id="WAHR as text"),
        pytest.param("is_hotfix", "'-", "-", id="a guarded take-back"),
        pytest.param("deployed_at", datetime(2025, 12, 31, 14, 5), "2025-12-31T13:05:00Z", id="a date and time"),  # noqa: DTZ001 (a cell has no zone)
        pytest.param("deployed_at", datetime(2025, 7, 3, 14, 5), "2025-07-03T12:05:00Z", id="no order to guess"),  # noqa: DTZ001 (a cell has no zone)
        pytest.param("deployed_at", "2025-12-31T13:05:00Z", "2025-12-31T13:05:00Z", id="our own text"),
        pytest.param("notes", 1.5, "1.5", id="a number as a note"),
        pytest.param("notes", "two\nlines", "two\nlines", id="a line break"),
        pytest.param("notes", "'=1+1", "=1+1", id="a guarded formula"),
        pytest.param("notes", "=1+1", "", id="a formula that was never calculated is blank"),
        pytest.param("notes", "\U0001f680 \u05d0\u05d1", "\U0001f680 \u05d0\u05d1", id="emoji and right to left"),
        pytest.param("caused_by", "#12", "#12", id="a cause"),
    ],
)
def test_a_typed_cell_is_read_as_what_it_shows(column: str, cell: Any, value: str) -> None:
    said = decisions(workbook([["key", column], [ONE, cell]]))
    assert said.get((ONE, column), "") == value


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        pytest.param(date(2025, 12, 31), "has no time of day", id="a date alone"),
        pytest.param(time(14, 5), "is no time", id="a time alone"),
        pytest.param(45999.58, "looks changed by a spreadsheet", id="a date that lost its format"),
        pytest.param("03/04/2025 10:00", "can be two dates", id="text of two meanings"),
    ],
)
def test_a_typed_cell_that_is_no_moment_is_refused_by_row_and_column(cell: Any, problem: str) -> None:
    with pytest.raises(ReviewRefusedError) as refused:
        decisions(workbook([["key", "deployed_at"], ["", ""], [ONE, cell]]))
    [found] = refused.value.problems
    assert (found.row, found.column) == (3, "deployed_at")
    assert problem in found.problem


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (datetime(2025, 12, 31, 14, 4, 59, 999500), "2025-12-31 14:05:00"),  # noqa: DTZ001 (a cell has no zone)
        (datetime(2025, 12, 31, 14, 5, 0, 400), "2025-12-31 14:05:00"),  # noqa: DTZ001 (a cell has no zone)
        (date(2025, 12, 31), "2025-12-31"),
        (1.0, "1"),
        (1.25, "1.25"),
        (1e20, "1e+20"),
        (123456789012345.0, "123456789012345"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (True, "TRUE"),
    ],
)
def test_a_cell_as_text(cell: Any, text: str) -> None:
    assert text_of_cell(cell) == text


def test_the_header_is_the_first_filled_row_of_the_first_sheet_that_has_a_key() -> None:
    content = workbook([["summary"]], [], [[], ["", " Key ", "REVIEWED"], [], ["x", ONE, "yes"], [None, TWO, "x"]])

    table = open_review(content, "saved.ods")

    assert table.header == ("", "key", "reviewed")
    assert list(table.rows) == [(4, ["x", ONE, "yes"]), (5, ["", TWO, "x"])]
    assert (table.delimiter, table.encoding) == ("", "xlsx")


def test_the_bytes_say_what_a_file_is_whatever_it_is_called() -> None:
    taken = CSVHandler().parse_review(
        workbook([["key", "mood"], [ONE, "fine"]]), file_name="f.csv", known=[KNOWN], timezone="UTC", accepted_at=at(0)
    )
    assert taken.warnings == ["f.csv: column 'mood' is not one of ours and was ignored"]


def test_a_note_with_a_key_on_its_second_line_is_no_open_quote() -> None:
    note = f"see also\ncommit:{sha(2)},{SHOP},,,,,,"
    assert decisions(workbook([["key", "repository", "notes"], [ONE, SHOP, note]]))[ONE, "notes"] == note


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The zip with one of its parts replaced."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, part if entry == name else old.read(entry))
    return written.getvalue()


GOOD = workbook([["key", "notes"], [ONE, "fine"]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(GOOD[:-200], "cannot be read as a spreadsheet", id="half saved"),
        pytest.param(b"PK\x03\x04" + b"junk" * 20, "cannot be read as a spreadsheet", id="no zip"),
        pytest.param(
            with_part(GOOD, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"),
            "cannot be read",
            id="broken XML",
        ),
        pytest.param(with_part(GOOD, "xl/workbook.xml", b""), "cannot be read as a spreadsheet", id="no sheet at all"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old .xls file, or one with a password", id="xls"
        ),
        pytest.param(workbook([["name", "notes"]]), "no column `key`, it reads: name, notes", id="no key column"),
        pytest.param(workbook([[]]), "no column `key`, it reads: nothing", id="an empty sheet"),
        pytest.param(
            workbook([["key", "notes", "Notes"]]), "the header names notes more than once", id="a column twice"
        ),
    ],
)
def test_what_is_no_workbook_of_ours_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as refused:
        decisions(content)
    assert message in refused.value.message
    assert refused.value.message.startswith("saved.xlsx: ")
    assert refused.value.remedy


def test_another_zip_is_no_spreadsheet() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        zipped.writestr("word/document.xml", "<x/>")
    with pytest.raises(InputError, match="neither xlsx nor ods"):
        open_review(written.getvalue(), "f.docx")


def test_a_file_that_would_unpack_without_end_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_reading, "LARGEST_UNPACKED", 5_000)
    with pytest.raises(InputError, match="more than 5,000"):
        open_review(GOOD, "f.xlsx")
