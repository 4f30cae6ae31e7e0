"""Scales: round lines, room for the values, no room wasted on an endless interval."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dora_metrics.domain.measurements import Period
from dora_metrics.report.view_axes import duration_axis, label_periods, linear_axis
from dora_metrics.report.words import DAYS, HOURS

JANUARY = datetime(2024, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("values", "ends", "labels"),
    [
        pytest.param([3.0, 9.0], [], ["0", "5 h", "10 h"], id="round steps above the greatest value"),
        pytest.param([3.0, 9.0], [14.0], ["0", "5 h", "10 h", "15 h"], id="an interval gets room"),
        pytest.param([4.0], [900.0], ["0", "5 h", "10 h"], id="but not for all of a wild one"),
        pytest.param([0.0], [], ["0", "0.5 h", "1 h"], id="only zeros"),
        pytest.param([], [], ["0", "0.5 h", "1 h"], id="nothing"),
    ],
)
def test_lines_of_a_duration_axis(values: list[float], ends: list[float], labels: list[str]) -> None:
    assert [label for _, label in duration_axis(values, ends, HOURS).lines] == labels


def test_values_far_apart_get_a_logarithmic_scale() -> None:
    axis = duration_axis([0.4, 40.0], [], DAYS)

    assert axis.logarithmic
    assert [label for _, label in axis.lines] == ["0.1 days", "1 day", "10 days", "100 days"]
    assert axis.height(0.1) == 0
    assert axis.height(0.0) == 0
    assert axis.height(100.0) == pytest.approx(1)


def test_shares_never_go_beyond_a_hundred_per_cent() -> None:
    axis = linear_axis([100.0], [100.0], least=20, most=100, word="%")

    assert axis.lines[-1] == (100.0, "100 %")


@example([0.125], [])
@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=40), st.lists(st.floats(0, 1e12), max_size=40))
def test_every_value_stands_inside_the_axis(values: list[float], ends: list[float]) -> None:
    axis = duration_axis(values, ends, HOURS)

    heights = [axis.height(value) for value in values]
    assert all(height is not None and -1e-9 <= height <= 1 + 1e-9 for height in heights)
    assert 2 <= len(axis.lines) <= 20
    assert len({label for _, label in axis.lines}) == len(axis.lines)


def months(count: int) -> list[Period]:
    starts = [datetime(2020 + index // 12, index % 12 + 1, 1, tzinfo=timezone.utc) for index in range(count + 1)]
    return [Period(f"{start:%Y-%m}", start, end) for start, end in zip(starts, starts[1:])]


def test_few_periods_bear_their_own_names() -> None:
    labels = label_periods(months(6), timezone.utc)

    assert [label for label, _ in labels] == ["2020-01", "2020-02", "2020-03", "2020-04", "2020-05", "2020-06"]
    assert [label for label, minor in labels if not minor] == ["2020-02", "2020-04", "2020-06"]


def test_many_periods_are_labelled_by_year() -> None:
    labels = label_periods(months(60), timezone.utc)

    assert [(index, label) for index, (label, _) in enumerate(labels) if label] == [
        (0, "2020"),
        (12, "2021"),
        (24, "2022"),
        (36, "2023"),
        (48, "2024"),
    ]


@pytest.mark.parametrize("count", [0, 1, 13, 90, 365])
def test_labels_never_crowd(count: int) -> None:
    days = [Period(f"day {n}", JANUARY + timedelta(days=n), JANUARY + timedelta(days=n + 1)) for n in range(count)]

    labels = label_periods(days, timezone.utc)

    assert len(labels) == count
    assert sum(bool(label) for label, _ in labels) <= 12
    assert sum(bool(label) and not minor for label, minor in labels) <= 4
