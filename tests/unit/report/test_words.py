"""The words for numbers: each row is one rule."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Optional

import pytest

from dora_metrics.report import words

HOUR = 3600.0
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        pytest.param(None, "no data", id="none is no zero"),
        pytest.param(math.nan, "no data", id="NaN is no zero"),
        pytest.param(math.inf, "no data", id="infinity is no number"),
        pytest.param(0, "0 min", id="a true zero"),
        pytest.param(20, "under 1 min", id="seconds"),
        pytest.param(45 * 60, "45 min", id="minutes"),
        pytest.param(59.6 * 60, "1 h", id="never 60 min"),
        pytest.param(5.5 * HOUR, "5.5 h", id="hours"),
        pytest.param(36.5 * HOUR, "36.5 h", id="hours up to two days"),
        pytest.param(47.97 * HOUR, "2 days", id="never 48 h"),
        pytest.param(3 * DAY, "3 days", id="days without a needless decimal"),
        pytest.param(12.34 * DAY, "12.3 days", id="days"),
        pytest.param(99.97 * DAY, "100 days", id="no decimal from a hundred on"),
        pytest.param(1234 * DAY, "1,234 days", id="thousands"),
        pytest.param(-90 * 60, "-1.5 h", id="negative"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds: Optional[float], said: str) -> None:
    assert words.format_duration(seconds) == said


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        pytest.param(None, "no data", id="none"),
        pytest.param((2 * HOUR, 3.5 * HOUR), "2 to 3.5 h", id="one unit is said once"),
        pytest.param((15 * HOUR, 60 * HOUR), "15 h to 2.5 days", id="two units are both said"),
        pytest.param((HOUR, HOUR), "1 h", id="no width"),
    ],
)
def test_an_interval_names_its_unit(interval: Optional[tuple[float, float]], said: str) -> None:
    assert words.format_duration_range(interval) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        pytest.param(None, "no data", id="none"),
        pytest.param(0.0, "0 %", id="a true zero"),
        pytest.param(0.0833333, "8.3 %", id="one decimal"),
        pytest.param(0.0004, "under 0.1 %", id="a little is not nothing"),
        pytest.param(0.9996, "over 99.9 %", id="nearly all is not all"),
        pytest.param(1.0, "100 %", id="all"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(ratio: Optional[float], said: str) -> None:
    assert words.format_ratio(ratio) == said


@pytest.mark.parametrize(
    ("per_day", "said"),
    [
        pytest.param(None, "no data", id="none"),
        pytest.param(0.0, "0 a week", id="none deployed"),
        pytest.param(2.5, "2.5 a day", id="day"),
        pytest.param(3 / 7, "3 a week", id="week"),
        pytest.param(0.04, "1.2 a month", id="month"),
        pytest.param(1 / 365.25, "1 a year", id="year"),
    ],
)
def test_a_rate_takes_the_shortest_unit_with_at_least_one(per_day: Optional[float], said: str) -> None:
    assert words.format_rate(per_day) == said


@pytest.mark.parametrize(
    ("durations", "unit"),
    [
        pytest.param([], words.HOURS, id="hours for nothing"),
        pytest.param([None, 600.0, 1200.0], words.MINUTES, id="minutes when all are short"),
        pytest.param([600.0, 1200.0, 3 * DAY], words.HOURS, id="one long value lifts minutes to hours"),
        pytest.param([5 * HOUR, 20 * HOUR, 3 * DAY], words.HOURS, id="the middle decides"),
        pytest.param([5 * HOUR, 4 * DAY, 9 * DAY], words.DAYS, id="days"),
        pytest.param([47.97 * HOUR], words.DAYS, id="the same bounds as one duration alone has"),
        pytest.param([59.6 * 60], words.HOURS, id="the lower one, too"),
    ],
)
def test_one_unit_for_a_whole_column(durations: list[Optional[float]], unit: words.Unit) -> None:
    assert words.choose_unit(durations) is unit


def test_a_date_is_that_of_the_reports_timezone() -> None:
    moment = datetime(2025, 3, 31, 23, 30, tzinfo=timezone.utc)

    assert words.format_date(moment) == "2025-03-31"
    assert words.format_minute(moment, timezone(timedelta(hours=2))) == "2025-04-01 01:30"


def test_a_count_has_its_word() -> None:
    assert words.plural(1, "change") == "1 change"
    assert words.plural(1200, "change") == "1,200 changes"
    assert words.format_number(0.042) == "0.042"
    assert words.format_ratio_range((0.046, 0.699)) == "4.6 to 69.9 %"


@pytest.mark.parametrize(
    ("per_day", "usual", "said"),
    [
        pytest.param(0.0, 4 / 365.25, "0 a year", id="a zero has the others' unit"),
        pytest.param(0.1, 0.3, "0.7 a week", id="what stands side by side has one unit"),
        pytest.param(10.0, 1 / 7, "70 a week", id="however far apart"),
        pytest.param(0.01, 3.0, "0.01 a day", id="and little is not nothing"),
        pytest.param(0.5, 0.0, "3.5 a week", id="nothing is usual: its own"),
        pytest.param(0.5, None, "3.5 a week", id="not known: its own"),
        pytest.param(0.0, 0.0, "0 a week", id="nothing at all"),
    ],
)
def test_all_rates_of_one_answer_have_the_unit_of_the_usual_one(
    per_day: float, usual: Optional[float], said: str
) -> None:
    assert words.format_rate(per_day, usual) == said
