"""Bands and levels: the tables, and on which side of a fence a value stands."""

from __future__ import annotations

from typing import Optional

import pytest

from dora_metrics.calculators import levels

HOUR = 3600


@pytest.mark.parametrize(
    ("hours", "band"),
    [
        pytest.param(None, None, id="no value has no band"),
        (0, 6),
        (0.999, 6),
        pytest.param(1, 5, id="an hour is no longer under an hour"),
        (23.99, 5),
        pytest.param(24, 4, id="exactly a day is band 4"),
        (167.9, 4),
        (168, 3),
        (729.9, 3),
        (730, 2),
        (4379.9, 2),
        pytest.param(4380, 1, id="exactly six months is band 1"),
        (100_000, 1),
    ],
)
def test_durations_have_these_bands(hours: Optional[float], band: Optional[int]) -> None:
    assert levels.duration_band(None if hours is None else hours * HOUR) == band


@pytest.mark.parametrize(
    ("weekly", "monthly", "lately", "band"),
    [
        pytest.param(None, 10, True, None, id="no complete week: no band"),
        (10, None, True, 6),
        (9.5, 40, True, 5),
        (5, 20, True, 5),
        (4.5, 20, True, 4),
        (1, 4, True, 4),
        (0.5, 4, True, 3),
        (0, 1, True, 3),
        pytest.param(0, 0.5, True, 2, id="less than monthly, but one in six months"),
        (0, 0, True, 2),
        (0, 0, False, 1),
        pytest.param(0, None, False, None, id="weeks that do not decide, and no complete month"),
    ],
)
def test_frequencies_have_these_bands(
    weekly: Optional[float], monthly: Optional[float], lately: bool, band: Optional[int]
) -> None:
    assert levels.frequency_band(weekly, monthly, lately=lately) == band


@pytest.mark.parametrize(
    ("year", "hours", "lead_time", "recovery"),
    [
        ("2021", 0.5, "elite", "elite"),
        ("2021", 1, "high", "high"),
        ("2021", 23.9, "high", "high"),
        ("2021", 24, "high", "medium"),
        ("2021", 168, "medium", "low"),
        ("2021", 4380, "low", "low"),
        ("2023", 0.5, "elite", "elite"),
        ("2023", 1, "elite", "high"),
        ("2023", 24, "high", "medium"),
        ("2023", 168, "medium", "low"),
        ("2023", 730, "low", "low"),
        ("2024", 0.5, "elite", "elite"),
        ("2024", 23.9, "elite", "high"),
        ("2024", 24, "high", "low"),
        ("2024", 730, "low", "low"),
        ("none", 0.5, None, None),
    ],
)
def test_durations_have_these_levels(
    year: str, hours: float, lead_time: Optional[str], recovery: Optional[str]
) -> None:
    found = [levels.duration_level(table, year, hours * HOUR) for table in (levels.LEAD_TIME, levels.RECOVERY)]

    assert found == [lead_time, recovery]


def test_no_duration_has_no_level() -> None:
    assert levels.duration_level(levels.LEAD_TIME, "2023", None) is None


@pytest.mark.parametrize(
    ("year", "by_band"),
    [
        ("2021", ["low", "medium", "high", "high", "elite", "elite"]),
        ("2023", ["low (unverified)", "low (unverified)", "medium (unverified)", "high", "elite", "elite"]),
        ("2024", ["low", "low", "medium", "high", "elite", "elite"]),
        ("none", [None] * 6),
    ],
)
def test_frequencies_have_these_levels_from_band_1_to_6(year: str, by_band: list[Optional[str]]) -> None:
    """Rows that were not checked against the report say so wherever they are shown."""
    assert [levels.frequency_level(year, band) for band in range(1, 7)] == by_band
    assert levels.frequency_level(year, None) is None


@pytest.mark.parametrize(
    ("year", "failed", "deployments", "level"),
    [
        pytest.param("2023", 0, 9, None, id="fewer than ten deployments have no level"),
        ("2023", 0, 10, "elite"),
        pytest.param("2023", 1, 20, "elite", id="5 % is in the row that ends with 5 %"),
        ("2023", 2, 20, "high"),
        ("2023", 3, 20, "medium"),
        ("2023", 4, 20, "low"),
        ("2021", 3, 20, "elite"),
        ("2021", 6, 20, "high"),
        pytest.param("2021", 7, 20, None, id="beyond 30 % the 2021 table says nothing"),
        ("2024", 1, 20, "elite"),
        pytest.param("2024", 2, 20, None, id="2024: not ordered beyond elite"),
        ("none", 0, 20, None),
    ],
)
def test_failure_rates_have_these_levels(year: str, failed: int, deployments: int, level: Optional[str]) -> None:
    assert levels.failure_level(year, failed, deployments) == level
