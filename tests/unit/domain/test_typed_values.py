from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from dora_metrics.domain.typed_values import (
    LONGEST_TEXT,
    Unreadable,
    read_moment,
    read_text,
    read_yes_no,
    require_undamaged,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "typed", ["yes", "Y", "x", "X", "1", "1.0", "1,0", "TRUE", "True", "Ja", "WAHR", "VRAI", "VERO"]
)
def test_yes_in_the_words_of_people_and_spreadsheets(typed: str) -> None:
    assert read_yes_no(typed) == "yes"


@pytest.mark.parametrize("typed", ["no", "N", "0", "0.0", "FALSE", "nein", "FALSCH", "FAUX", "FALSO"])
def test_no_in_the_words_of_people_and_spreadsheets(typed: str) -> None:
    assert read_yes_no(typed) == "no"


@pytest.mark.parametrize("typed", ["maybe", "yess", "2", "yes no", "?", "-1"])
def test_neither_yes_nor_no_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable, match="neither yes nor no") as refused:
        read_yes_no(typed)
    assert "yes, no or -" in refused.value.remedy


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        pytest.param("2025-03-02T14:05:00Z", "2025-03-02T14:05:00Z", id="as we write it"),
        pytest.param("2025-03-02T14:05:00.123456Z", "2025-03-02T14:05:00Z", id="parts of a second are cut off"),
        pytest.param("2025-03-02 14:05", "2025-03-02T13:05:00Z", id="local without an offset, winter"),
        pytest.param("2025-07-02 14:05:09", "2025-07-02T12:05:09Z", id="local without an offset, summer"),
        pytest.param("2025-03-02t14:05+02:00", "2025-03-02T12:05:00Z", id="an offset wins over the zone"),
        pytest.param("2025-03-02 14:05 -0530", "2025-03-02T19:35:00Z", id="an offset without colon, west"),
        pytest.param("2025-03-02 14:05:00+02", "2025-03-02T12:05:00Z", id="an offset of hours"),
        pytest.param("2025-03-02 14:05 UTC", "2025-03-02T14:05:00Z", id="UTC by name"),
        pytest.param("31.12.2025 14:05", "2025-12-31T13:05:00Z", id="dots put the day first"),
        pytest.param("03.04.2025 14:05", "2025-04-03T12:05:00Z", id="dots put the day first, whatever the numbers"),
        pytest.param("31/12/2025 14:05", "2025-12-31T13:05:00Z", id="31 is no month"),
        pytest.param("12/31/2025 2:05 PM", "2025-12-31T13:05:00Z", id="31 is no month, American"),
        pytest.param("12/31/2025 12:00 am", "2025-12-30T23:00:00Z", id="midnight on a twelve-hour clock"),
        pytest.param("3/3/2025 9:05", "2025-03-03T08:05:00Z", id="day and month alike"),
        pytest.param("2025/12/31 14:05", "2025-12-31T13:05:00Z", id="the year first"),
        pytest.param("2025-10-26 02:30+01:00", "2025-10-26T01:30:00Z", id="an offset tells which of two"),
        pytest.param("2025-10-26 03:00", "2025-10-26T02:00:00Z", id="the first moment after the repeated hour"),
        pytest.param("2025-03-30 03:00", "2025-03-30T01:00:00Z", id="the first moment after the skipped hour"),
    ],
)
def test_a_typed_time_is_read_where_it_has_one_meaning(typed: str, utc: str) -> None:
    assert read_moment(typed, BERLIN) == utc


@pytest.mark.parametrize(
    ("typed", "problem", "remedy"),
    [
        pytest.param("03/04/2025 10:00", "can be two dates", "--date-order", id="day or month first?"),
        pytest.param("03-04-2025 10:00", "can be two dates", "--date-order", id="the same with dashes"),
        pytest.param("03/04/2025", "no time of day", "2025-12-31 14:05", id="no time of day, and two dates"),
        pytest.param("14.03.26 09:05", "two digits", "four digits", id="a year of two digits"),
        pytest.param("2025-03-02", "no time of day", "2025-12-31 14:05", id="midnight is not guessed"),
        pytest.param("2025-03-30 02:30", "does not exist in Europe/Berlin", "+02:00", id="in the skipped hour"),
        pytest.param("2025-10-26 02:30", "happens twice in Europe/Berlin", "+02:00", id="in the repeated hour"),
        pytest.param("2025-02-30 10:00", "no date and time that exists", "2025-12-31", id="30 February"),
        pytest.param("2025-02-03 24:00", "no date and time that exists", "2025-12-31", id="24:00"),
        pytest.param("2025-02-03 10:00+02:75", "no date and time that exists", "2025-12-31", id="75 minutes"),
        pytest.param("2025-02-03 10:00+24:00", "no date and time that exists", "2025-12-31", id="an offset of a day"),
        pytest.param("0001-01-01 00:00+14:00", "no date and time that exists", "2025-12-31", id="before the year 1"),
        pytest.param("12/31/2025 14:05 PM", "twelve-hour", "2025-12-31", id="14 PM"),
        pytest.param("45999.5868", "changed by a spreadsheet", "type it again", id="a spreadsheet's serial number"),
        pytest.param("yesterday", "is no time", "2025-12-31", id="a word"),
        pytest.param("٢٠٢٥-03-02 14:05", "is no time", "2025-12-31", id="digits of another script"),
    ],
)
def test_a_time_that_could_mean_two_things_or_none_is_refused_with_a_remedy(
    typed: str, problem: str, remedy: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_moment(typed, BERLIN)
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(
    "typed", ["1.23E+11", "1,23E+039", "#REF!", "#NAME?", "#N/A", "#DIV/0!", "########", "Fehler:501", "Err:502"]
)
def test_what_a_spreadsheet_left_behind_is_seen(typed: str) -> None:
    with pytest.raises(Unreadable, match="changed by a spreadsheet"):
        require_undamaged(typed)


@pytest.mark.parametrize("typed", ["#123", "1e56789", "1234e56", "v1.2", "yes", "12.5"])
def test_what_is_whole_passes(typed: str) -> None:
    require_undamaged(typed)


def test_text_keeps_its_lines_and_loses_other_control_characters() -> None:
    assert read_text(" a\r\nb\rc\td\x07 ") == "a\nb\nc d"


def test_a_text_that_no_cell_holds_is_refused() -> None:
    assert read_text("x" * LONGEST_TEXT)
    assert read_text("\U0001f680" * (LONGEST_TEXT // 2))
    for longer in ("x" * (LONGEST_TEXT + 1), "\U0001f680" * (LONGEST_TEXT // 2 + 1)):
        with pytest.raises(Unreadable, match="longer than 32,000"):
            read_text(longer)


@pytest.mark.parametrize(
    ("typed", "order", "utc"),
    [
        pytest.param("03/04/2025 10:00", "dmy", "2025-04-03T08:00:00Z", id="the day first"),
        pytest.param("03/04/2025 10:00", "mdy", "2025-03-04T09:00:00Z", id="the month first"),
        pytest.param("03/04/25 10:00 PM", "mdy", "2025-03-04T21:00:00Z", id="a year of two digits is of this century"),
        pytest.param("14.03.26 09:05", "dmy", "2026-03-14T08:05:00Z", id="as LibreOffice shows it in German"),
        pytest.param("14.03.26 09:05", "mdy", "2026-03-14T08:05:00Z", id="dots put the day first in any case"),
        pytest.param("2025-03-04 10:00", "dmy", "2025-03-04T09:00:00Z", id="the year first needs no order"),
    ],
)
def test_a_stated_order_settles_what_could_be_two_dates(typed: str, order: str, utc: str) -> None:
    assert read_moment(typed, BERLIN, order) == utc


@pytest.mark.parametrize(
    ("typed", "said", "found"), [("12/31/2025 9:05", "dmy", "mdy"), ("31/12/25 9:05", "mdy", "dmy")]
)
def test_a_date_that_contradicts_the_stated_order_is_refused(typed: str, said: str, found: str) -> None:
    """The order is wrong for the whole file then: its other dates would be read wrongly without a word."""
    with pytest.raises(Unreadable, match=f"against --date-order {said}") as refused:
        read_moment(typed, BERLIN, said)
    assert f"--date-order {found}" in refused.value.remedy
