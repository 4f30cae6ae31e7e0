from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from dora_metrics.domain.timestamps import EARLIEST_S, EPOCH, LATEST_S, format_utc, from_seconds, parse_utc

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS | st.just(timezone.utc))  # noqa: DTZ001


@given(seconds=st.integers(EARLIEST_S, LATEST_S))
@example(seconds=EARLIEST_S)
@example(seconds=LATEST_S)
@example(seconds=-1)
def test_a_unix_time_is_so_many_seconds_after_the_epoch(seconds: int) -> None:
    moment = from_seconds(seconds)

    assert moment == EPOCH + timedelta(seconds=seconds)
    assert moment.tzinfo is timezone.utc


def test_a_time_that_no_calendar_holds_is_none() -> None:
    assert [from_seconds(seconds) for seconds in (None, EARLIEST_S - 1, LATEST_S + 1, 2**63)] == [None] * 4


@given(moment=MOMENTS)
@example(moment=datetime(1, 1, 1, tzinfo=timezone.utc))
@example(moment=datetime(2025, 3, 2, 23, 30, 59, 999_999, tzinfo=timezone(timedelta(hours=-5))))
def test_a_time_is_written_in_utc_with_its_fraction_cut_off_and_read_back(moment: datetime) -> None:
    text = format_utc(moment)

    assert len(text) == len("2025-03-02T14:05:00Z")
    assert parse_utc(text) == moment - timedelta(microseconds=moment.microsecond)
    assert format_utc(None) == ""
