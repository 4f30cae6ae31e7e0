"""pending_review.xlsx: the same cells as pending_review.csv, in a sheet that helps to fill them in. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from dora_metrics.domain.review import DECISIONS, TAKE_BACK, YES_NO, ReviewRow
from dora_metrics.domain.review_columns import REVIEW_COLUMN_TABLE, ReviewColumn, header_comment
from dora_metrics.storage.review_csv import REVIEW_COLUMNS, review_cells

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET = "review"
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 (a workbook's times have no zone)
"""Stands in each file as its time, so that the same rows give the same bytes."""
MOST_LINKS = 10_000
"""A sheet holds 65,530; the rows that ask stand on top."""
LONGEST_CELL = 32_767
"""UTF-16 units; a longer decision is left blank, which keeps it in force."""
ANSWERS = ("yes", "no", TAKE_BACK)
TEXT = {"num_format": "@", "valign": "top"}
FACT = {**TEXT, "locked": True, "font_color": "#404040"}
DECISION = {**TEXT, "locked": False, "bg_color": "#FFF9E5", "border": 1, "border_color": "#D9D0B4"}
HEADER = {**TEXT, "bold": True, "text_wrap": True, "locked": True, "bottom": 2}
ALLOWED = dict.fromkeys(("autofilter", "sort", "format_columns", "format_rows", "format_cells"), True)

_NOT_IN_XML = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_PLAIN_LINK = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?/[A-Za-z0-9._/-]+")


def review_xlsx(rows: Iterable[ReviewRow]) -> bytes:
    """The person's file as a workbook, rows in the order given.

    Every cell is text, so nothing is converted and nothing runs. The columns of facts are protected, without a
    password; those of decisions are open, with a list to choose from where only yes and no make sense.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 (only where a workbook is written)

    written = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(written, options)
    book.set_properties({"created": MADE})
    sheet = book.add_worksheet(SHEET)
    formats = _columns(book, sheet)
    count = 0
    for count, row in enumerate(rows, 1):
        _write_row(sheet, count, row, formats)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(count, 1), len(REVIEW_COLUMNS) - 1)
    _offer_answers(sheet, max(count, 1))
    sheet.protect("", ALLOWED)
    book.close()
    return written.getvalue()


def _columns(book: Workbook, sheet: Worksheet) -> list[Format]:
    """Widths, headers with their comments, and the format of each column's cells, also of those left blank."""
    headers = {True: book.add_format({**HEADER, "bg_color": "#FFE699"}), False: book.add_format(HEADER)}
    formats = [book.add_format(_look(column)) for column in REVIEW_COLUMN_TABLE]
    for number, (column, cells) in enumerate(zip(REVIEW_COLUMN_TABLE, formats)):
        sheet.set_column(number, number, column.width, cells)
        sheet.write_string(0, number, column.name, headers[column.is_decision])
        sheet.write_comment(0, number, header_comment(column), {"author": "", "x_scale": 2, "y_scale": 1.5})
    return formats


def _look(column: ReviewColumn) -> dict[str, object]:
    return {**(DECISION if column.is_decision else FACT), "text_wrap": column.wraps}


def _write_row(sheet: Worksheet, number: int, row: ReviewRow, formats: list[Format]) -> None:
    for place, (cell, cells) in enumerate(zip(review_cells(row), formats)):
        text = cell if cell.isprintable() else _NOT_IN_XML.sub("\ufffd", cell)
        if not text or (len(text) > LONGEST_CELL // 2 and len(text.encode("utf-16-le")) > 2 * LONGEST_CELL):
            continue
        if REVIEW_COLUMNS[place] == "url" and number <= MOST_LINKS and _PLAIN_LINK.fullmatch(text):
            sheet.write_url(number, place, text, cells, text)
        else:
            sheet.write_string(number, place, text, cells)


def _offer_answers(sheet: Worksheet, last: int) -> None:
    offer = {
        "validate": "list",
        "source": list(ANSWERS),
        "error_title": "yes or no",
        "error_message": "Choose yes or no, or leave it empty; - takes an earlier decision back.",
    }
    for place, name in enumerate(REVIEW_COLUMNS):
        if DECISIONS.get(name) == YES_NO:
            sheet.data_validation(1, place, last, place, offer)
