from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.storage.csv_text import (
    MACHINE,
    SPREADSHEET,
    free_text,
    guard,
    guard_typed,
    hours,
    one_line,
    render,
    unguard,
)

BEGINNINGS = ["", " ", "'", '"', "\t", "\u00a0", "\u200b", "\ufeff", "''", " '\""]
MARKS = ["=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
NASTY = st.text(st.sampled_from("=+-@|%\t\r\n\0'\" ,;1.e/aＡ＝＋－＠\ufeff\u200b🚀א"))  # noqa: RUF001 (full-width forms)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_cell_that_a_spreadsheet_could_run_gets_an_apostrophe(beginning: str, mark: str) -> None:
    text = f"{beginning}{mark}cmd()"
    assert guard(text) == f"'{text}"
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["fix: a=b", "it's", "'quoted'", "v1.2-rc1", "", "Ünicode", "#123", "tag:=x"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert guard(text) == text
    assert unguard(text) == text


@pytest.mark.parametrize(
    "text", ["1.10", "00012345", "1e5", "3/4", "9:05", "2025-03-02", "$5", "5 €", "true", "WAHR", "'7"]
)
def test_a_note_that_a_spreadsheet_would_change_is_kept_as_text(text: str) -> None:
    assert guard_typed(text) == f"'{text}"
    assert unguard(guard_typed(text)) == text


@given(st.one_of(st.text(), NASTY))
def test_reading_gives_back_what_was_written(text: str) -> None:
    assert unguard(guard(text)) == text
    assert unguard(guard_typed(text)) == text


@given(st.lists(st.lists(st.one_of(st.text(), NASTY), min_size=2, max_size=2)))
def test_any_cells_survive_either_form_of_file(rows: list[list[str]]) -> None:
    written = [[guard(one_line(cell)) for cell in row] for row in rows]
    for form, encoding in ((MACHINE, "utf-8"), (SPREADSHEET, "utf-8-sig")):
        text = render(("a", "b"), written, form).decode(encoding)
        _, *cells = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert [[unguard(cell) for cell in row] for row in cells] == [[one_line(cell) for cell in row] for row in rows]


def test_a_number_without_end_takes_no_time() -> None:
    """The pattern for numbers is tried on short text only: it must not be slow on long text."""
    assert guard_typed("1 " * 16_000 + "x") == "1 " * 16_000 + "x"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("a\r\nb\tc\x07d", "a b c d", id="control characters are spaces"),
        pytest.param("\t=1+1", "' =1+1", id="and do not hide a formula"),
        pytest.param("half \ud83d", "half \ufffd", id="what is no character is replaced"),
        pytest.param("by Ada <ada@example.org>", "by Ada <email>", id="no e-mail address"),
        pytest.param("ada@example.org", "<email>", id="even alone"),
        pytest.param(None, "", id="unknown is empty"),
    ],
)
def test_text_from_the_history_is_one_harmless_line(text: str, cell: str) -> None:
    assert free_text(text) == cell


@pytest.mark.parametrize(
    ("duration", "cell"),
    [
        (None, ""),
        (timedelta(0), "0"),
        (timedelta(hours=20, minutes=30), "20.5"),
        (timedelta(seconds=1), "0.000278"),
        (timedelta(days=100), "2400"),
        (timedelta(minutes=-90), "-1.5"),
        (timedelta(microseconds=-1), "0"),
    ],
)
def test_hours_have_at_most_six_decimals_and_no_trailing_zeros(duration: timedelta, cell: str) -> None:
    assert hours(duration) == cell


def test_the_two_forms() -> None:
    assert render(("a", "b"), [("1", "x,y")], MACHINE) == b'a,b\n1,"x,y"\n'
    assert render(("a", "b"), [("1", "ü")], SPREADSHEET) == b'\xef\xbb\xbf"a","b"\r\n"1","\xc3\xbc"\r\n'
    assert render(("a", "b"), [], MACHINE) == b"a,b\n"
