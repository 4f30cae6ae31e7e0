"""The workbook that a person gets: protected facts, open decisions, lists to choose from, headers that explain."""

from __future__ import annotations

import io
import re
import time
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from dora_metrics.domain.review import DECISIONS, ReviewRow
from dora_metrics.domain.review_columns import REVIEW_COLUMN_TABLE, header_comment
from dora_metrics.storage.review_csv import REVIEW_COLUMNS, review_cells
from dora_metrics.storage.review_table import open_review
from dora_metrics.storage.review_xlsx import LONGEST_CELL, review_xlsx
from support.judgement_samples import SHOP, at, sha

NASTY = (
    *("=1+1", "+1 to that", "-rm", "@x", "\ttab", "1e5", "0012"),
    *('\U0001f680 a, "b"\nc', "\u05d0\u05d1", "\uffff"),
)


def a_row(number: int, title: str = "Add a cart", **decisions: str) -> ReviewRow:
    return ReviewRow(
        key=f"commit:{sha(number)}",
        repository=SHOP,
        date=at(number),
        title=title,
        page=f"https://github.com/acme/shop/commit/{sha(number)}",
        attention=number < 3,
        decisions=decisions,
    )


ROWS = [a_row(number, title, notes=title, is_hotfix="yes") for number, title in enumerate(NASTY, 1)]


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def part(content: bytes, name: str) -> str:
    """One of the texts inside the workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return parts.read(name).decode()


SHEET = opened(review_xlsx(ROWS))


def test_the_columns_are_those_of_the_csv() -> None:
    assert [column.name for column in REVIEW_COLUMN_TABLE] == list(REVIEW_COLUMNS)
    assert [cell.value for cell in SHEET[1]] == list(REVIEW_COLUMNS)


def test_every_cell_is_text_and_says_what_the_csv_says() -> None:
    for row, cells in zip(ROWS, SHEET.iter_rows(min_row=2)):
        assert [cell.value or "" for cell in cells] == [cell.replace("\uffff", "\ufffd") for cell in review_cells(row)]
        filled = [cell for cell in cells if cell.value is not None]
        assert {(cell.data_type, cell.number_format) for cell in filled} == {("s", "@")}
    styles = re.findall(r"<col [^>]*style=\"(\d+)\"", part(review_xlsx(ROWS), "xl/worksheets/sheet1.xml"))
    assert len(styles) == len(REVIEW_COLUMNS)


def test_what_looks_like_an_escape_of_the_format_is_text_too() -> None:
    [(_, cells)] = open_review(review_xlsx([a_row(1, "_x000D_ _x005F_ x0041_", notes="_x0041_\n_x000a_")]), "f").rows
    assert cells[REVIEW_COLUMNS.index("title")] == "_x000D_ _x005F_ x0041_"
    assert cells[REVIEW_COLUMNS.index("notes")] == "_x0041_\n_x000a_"


def test_facts_are_protected_without_a_password_and_decisions_are_open() -> None:
    protection = SHEET.protection
    assert protection.sheet
    assert protection.password is None
    assert {protection.autoFilter, protection.sort, protection.formatColumns} == {False}, "false = allowed"
    for place, name in enumerate(REVIEW_COLUMNS, 1):
        blank, filled = SHEET.column_dimensions[get_column_letter(place)], SHEET.cell(2, place)
        assert blank.protection.locked == (name not in DECISIONS), name
        assert filled.value is None or filled.protection.locked == (name not in DECISIONS), name


def test_header_and_key_stay_in_sight_and_every_row_can_be_filtered() -> None:
    assert SHEET.freeze_panes == "B2"
    assert SHEET.auto_filter.ref == f"A1:W{len(ROWS) + 1}"


def test_yes_no_and_take_back_are_offered_where_only_they_make_sense() -> None:
    offered = {str(offer.sqref): offer.formula1 for offer in SHEET.data_validations.dataValidation}
    kinds = [(get_column_letter(place), DECISIONS.get(name)) for place, name in enumerate(REVIEW_COLUMNS, 1)]
    letters = [letter for letter, kind in kinds if kind == "yes or no"]
    assert offered == {f"{letter}2:{letter}{len(ROWS) + 1}": '"yes,no,-"' for letter in letters}


def test_each_header_says_what_its_column_means() -> None:
    for cell, column in zip(SHEET[1], REVIEW_COLUMN_TABLE):
        assert cell.comment.text.strip() == header_comment(column)
    assert "<author></author>" in part(review_xlsx(ROWS), "xl/comments1.xml")


def test_long_texts_wrap() -> None:
    place = REVIEW_COLUMNS.index("title") + 1
    assert SHEET.cell(2, place).alignment.wrap_text
    assert SHEET.column_dimensions["F"].width >= 50


def test_links_go_to_our_own_pages_only_and_nothing_is_a_formula() -> None:
    odd = a_row(1)
    odd = ReviewRow(key=odd.key, repository=SHOP, page='https://github.com/a"),HYPERLINK("x')
    content = review_xlsx([odd, *ROWS])
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "HYPERLINK(" in sheet
    links = part(content, "xl/worksheets/_rels/sheet1.xml.rels")
    found = re.findall(r'Target="(https[^"]+)"', links)
    assert sorted(found) == sorted(row.url for row in ROWS)


def test_the_same_rows_give_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = review_xlsx(ROWS)
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert review_xlsx(iter(ROWS)) == now


def test_no_rows_are_a_workbook_too() -> None:
    sheet = opened(review_xlsx([]))
    assert [cell.value for cell in sheet[1]] == list(REVIEW_COLUMNS)
    assert sheet.max_row == 1


def test_a_decision_that_no_cell_holds_is_left_blank_and_so_stays_in_force() -> None:
    place = REVIEW_COLUMNS.index("notes") + 1
    sheet = opened(
        review_xlsx([a_row(1, notes="x" * LONGEST_CELL), a_row(2, notes="\U0001f680" * (LONGEST_CELL // 2 + 1))])
    )
    assert len(sheet.cell(2, place).value) == LONGEST_CELL
    assert sheet.cell(3, place).value is None
