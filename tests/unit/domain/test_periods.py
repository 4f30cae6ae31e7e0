"""Periods: half-open, between local midnights, each instant in exactly one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.measurements import Period
from dora_metrics.domain.periods import (
    GRAINS,
    check_grain,
    load_zone,
    local_midnight,
    make_periods,
    months_before,
    period_of_label,
)
from dora_metrics.errors import ConfigurationError

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",  # until 2019 the clock jumped over midnight
    "America/Havana",  # midnight twice
    "America/St_Johns",  # until 2011 back over midnight, at 00:01
    "Asia/Beirut",
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # half an hour of summer time
    "Pacific/Apia",  # no 30 December 2011
    "Pacific/Kwajalein",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def labels(grain: str, start: str, end: str, fiscal_start_month: int = 1) -> list[str]:
    periods = make_periods(grain, at(start), at(end), zone=UTC, fiscal_start_month=fiscal_start_month)
    return [period.label for period in periods]


@pytest.mark.parametrize(
    ("grain", "start", "end", "expected"),
    [
        pytest.param("daily", "2025-02-27", "2025-03-02", ["2025-02-27", "2025-02-28", "2025-03-01"], id="days"),
        pytest.param("weekly", "2024-12-29", "2025-01-07", ["2024-W52", "2025-W01", "2025-W02"], id="ISO weeks"),
        pytest.param("weekly", "2026-12-31", "2027-01-05", ["2026-W53", "2027-W01"], id="a year of 53 weeks"),
        pytest.param("monthly", "2024-12-31T23:59:59", "2025-01-01T00:00:01", ["2024-12", "2025-01"], id="months"),
        pytest.param("monthly", "2024-12-31T23:59:59", "2025-01-01", ["2024-12"], id="an end does not belong to it"),
        pytest.param(
            "quarterly", "2025-03-31", "2025-10-02", ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"], id="quarters"
        ),
        pytest.param("yearly", "2023-06-01", "2025-01-01", ["2023", "2024"], id="years"),
        pytest.param("monthly", "2025-01-05", "2025-01-05", [], id="an empty span has no period"),
    ],
)
def test_periods_bear_these_labels(grain: str, start: str, end: str, expected: list[str]) -> None:
    assert labels(grain, start, end) == expected


@pytest.mark.parametrize(
    ("grain", "day", "expected"),
    [
        ("quarterly", "2025-04-01", "2025-Q1"),
        ("quarterly", "2025-12-31", "2025-Q3"),
        ("quarterly", "2026-03-31", "2025-Q4"),
        ("yearly", "2026-03-31", "2025"),
        ("yearly", "2026-04-01", "2026"),
        ("monthly", "2026-03-31", "2026-03"),
    ],
)
def test_a_fiscal_year_bears_the_calendar_year_in_which_it_starts(grain: str, day: str, expected: str) -> None:
    start = at(day)
    assert labels(grain, day, (start + timedelta(hours=1)).replace(tzinfo=None).isoformat(), 4) == [expected]


def test_local_days_follow_the_clock_of_the_zone() -> None:
    """A day has 23 hours in spring and 25 in autumn."""
    spring = make_periods("daily", at("2025-03-30T10:00"), at("2025-03-30T11:00"), zone=BERLIN)[0]
    autumn = make_periods("daily", at("2025-10-26T10:00"), at("2025-10-26T11:00"), zone=BERLIN)[0]

    assert (spring.start, spring.end - spring.start) == (at("2025-03-29T23:00"), timedelta(hours=23))
    assert (autumn.start, autumn.end - autumn.start) == (at("2025-10-25T22:00"), timedelta(hours=25))


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        pytest.param(
            "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", id="no midnight: 01:00 is the first instant"
        ),
        pytest.param("Asia/Beirut", "2024-03-31", "2024-03-30T22:00", id="no midnight in Beirut"),
        pytest.param("America/Havana", "2024-11-03", "2024-11-03T04:00", id="midnight twice: the first"),
        pytest.param("Pacific/Apia", "2011-12-31", "2011-12-30T10:00", id="the day after the one left out"),
        pytest.param("America/Toronto", "1919-03-31", "1919-03-31T04:30", id="from 23:30 to 00:30 at once"),
    ],
)
def test_a_day_begins_with_its_first_instant(zone: str, day: str, expected: str) -> None:
    assert local_midnight(at(day).date(), ZoneInfo(zone)) == at(expected)


def test_a_day_without_a_second_is_no_period() -> None:
    """Samoa crossed the date line at the end of 29 December 2011."""
    periods = make_periods("daily", at("2011-12-29T12:00"), at("2012-01-01T00:00"), zone=ZoneInfo("Pacific/Apia"))

    assert [period.label for period in periods] == ["2011-12-29", "2011-12-31", "2012-01-01"]


@given(
    zone=st.sampled_from(ZONES),
    grain=st.sampled_from((*GRAINS, "7d", "30d")),
    start=st.integers(0, 1_900_000_000),
    days=st.integers(1, 900),
    fiscal=st.integers(1, 12),
    share=st.floats(0, 1),
)
def test_each_instant_is_in_exactly_one_period(
    zone: str, grain: str, start: int, days: int, fiscal: int, share: float
) -> None:
    first = datetime.fromtimestamp(start, timezone.utc)
    end = first + timedelta(days=days)
    periods = make_periods(grain, first, end, zone=ZoneInfo(zone), fiscal_start_month=fiscal)
    reach = (min(end, periods[-1].end) if periods else first) - first
    moment = first + reach * share
    edges = [period.start for period in periods]

    assert [period.end for period in periods[:-1]] == edges[1:]
    assert sum(moment in period for period in periods) == (1 if periods and moment < periods[-1].end else 0)
    assert len({period.label for period in periods}) == len(periods)
    for edge in edges:
        assert [period.start for period in periods if edge in period] == [edge]


@given(
    zone=st.sampled_from([name for name in ZONES if name != "America/St_Johns"]), moment=st.integers(0, 1_900_000_000)
)
def test_a_day_holds_the_instants_that_bear_its_date(zone: str, moment: int) -> None:
    """Not where the clock goes back over midnight: a date comes twice there, so no contiguous days could."""
    instant = datetime.fromtimestamp(moment, timezone.utc)
    [period] = make_periods("daily", instant, instant + timedelta(seconds=1), zone=ZoneInfo(zone))[:1]

    assert period.label == instant.astimezone(ZoneInfo(zone)).date().isoformat()


@given(
    zone=st.sampled_from(ZONES),
    grain=st.sampled_from((*GRAINS, "7d")),
    start=st.integers(0, 1_900_000_000),
    fiscal=st.integers(1, 12),
)
def test_a_label_names_its_period(zone: str, grain: str, start: int, fiscal: int) -> None:
    first = datetime.fromtimestamp(start, timezone.utc)
    periods = make_periods(grain, first, first + timedelta(days=40), zone=ZoneInfo(zone), fiscal_start_month=fiscal)

    assert [period_of_label(p.label, zone=ZoneInfo(zone), fiscal_start_month=fiscal) for p in periods] == list(periods)


@pytest.mark.parametrize("label", ["v1.2", "2025-13", "2025-W60", "2025-Q5", "2025-02-30", "2025-02-01/0d", "#12", ""])
def test_other_texts_name_no_period(label: str) -> None:
    assert period_of_label(label, zone=UTC) is None


def test_rolling_windows_go_back_from_the_last_local_midnight() -> None:
    """The newest is complete; what came after that midnight is in none."""
    periods = make_periods("7d", at("2025-03-20T05:00"), at("2025-04-02T21:30"), zone=BERLIN)

    assert [period.label for period in periods] == ["2025-03-19/7d", "2025-03-26/7d"]
    assert periods[-1].end == at("2025-04-01T22:00")
    assert periods[0].end == periods[1].start == at("2025-03-25T23:00")


def test_all_is_one_period_with_its_end() -> None:
    [period] = make_periods("all", at("2025-01-05"), at("2025-03-01"), zone=UTC)

    assert (period.label, period.start, period.end) == ("all", at("2025-01-05"), at("2025-03-01"))
    assert at("2025-03-01") in period
    assert at("2025-03-01") not in Period("2025-02", at("2025-02-01"), at("2025-03-01"))


@pytest.mark.parametrize("grain", [*GRAINS, "7d", "30d", "1d", "365d", "all"])
def test_these_periods_are_known(grain: str) -> None:
    assert check_grain(grain) == grain


@pytest.mark.parametrize("grain", ["fortnightly", "", "0d", "d", "-7d", "7", "Monthly", "7d ", "99999d"])
def test_an_unknown_period_names_the_known_ones(grain: str) -> None:
    with pytest.raises(ConfigurationError, match="unknown") as refused:
        check_grain(grain)

    assert "quarterly" in refused.value.remedy


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "Europe"])
def test_an_unknown_timezone_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="timezone"):
        load_zone(name)


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_fiscal_year_starts_in_one_of_twelve_months(month: int) -> None:
    with pytest.raises(ConfigurationError, match="fiscal_start_month"):
        make_periods("yearly", at("2025-01-01"), at("2025-02-01"), zone=UTC, fiscal_start_month=month)


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        ("2025-08-31T12:00", 6, "2025-02-28T12:00"),
        ("2024-08-31T12:00", 6, "2024-02-29T12:00"),
        ("2025-07-01T00:00", 6, "2025-01-01T00:00"),
        ("2025-03-15T09:30", 6, "2024-09-15T09:30"),
    ],
)
def test_calendar_months_go_back_by_the_calendar(moment: str, months: int, expected: str) -> None:
    assert months_before(at(moment), months, UTC) == at(expected)


def test_calendar_months_keep_the_local_time() -> None:
    """09:00 in Berlin stays 09:00, over the change of the clock."""
    assert months_before(at("2025-07-15T07:00"), 6, BERLIN) == at("2025-01-15T08:00")
