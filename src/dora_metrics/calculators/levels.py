"""Survey bands and levels (definitions.md 7 and 10): tables, each cut-off strict at its upper end.

The published rows describe cluster medians with gaps between them; that a value in a gap belongs to the next row whose
upper end it stays under is this project's convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

DurationTable = Mapping[str, tuple[tuple[int, str], ...]]
"""By year, each row's upper end in seconds and its level."""

HOUR_S = 3600
DAY_S = 24 * HOUR_S
WEEK_S = 168 * HOUR_S
MONTH_S = 730 * HOUR_S
SIX_MONTHS_S = 4380 * HOUR_S

ELITE, HIGH, MEDIUM, LOW = "elite", "high", "medium", "low"
FEWEST_DEPLOYMENTS = 10
"""A level for the failure rate needs so many."""

DURATION_BANDS = ((HOUR_S, 6), (DAY_S, 5), (WEEK_S, 4), (MONTH_S, 3), (SIX_MONTHS_S, 2))
ON_DEMAND_BAND = 5

_LEAD_TIME_SINCE_2023 = ((DAY_S, ELITE), (WEEK_S, HIGH), (MONTH_S, MEDIUM))
LEAD_TIME: DurationTable = {
    "2021": ((HOUR_S, ELITE), (WEEK_S, HIGH), (SIX_MONTHS_S, MEDIUM)),
    "2023": _LEAD_TIME_SINCE_2023,
    "2024": _LEAD_TIME_SINCE_2023,
}
RECOVERY: DurationTable = {
    "2021": ((HOUR_S, ELITE), (DAY_S, HIGH), (WEEK_S, MEDIUM)),
    "2023": ((HOUR_S, ELITE), (DAY_S, HIGH), (WEEK_S, MEDIUM)),
    "2024": ((HOUR_S, ELITE), (DAY_S, HIGH)),  # high and medium share the row "less than one day"
}
UNVERIFIED = "(unverified)"
"""Beside a level whose row was not checked against the published report."""
FREQUENCY = {
    "2021": ((ON_DEMAND_BAND, ELITE), (3, HIGH), (2, MEDIUM), (1, LOW)),
    "2023": ((ON_DEMAND_BAND, ELITE), (4, HIGH), (3, f"{MEDIUM} {UNVERIFIED}"), (1, f"{LOW} {UNVERIFIED}")),
    "2024": ((ON_DEMAND_BAND, ELITE), (4, HIGH), (3, MEDIUM), (1, LOW)),
}
FAILURE_PERCENT: dict[str, tuple[tuple[int, Optional[str]], ...]] = {
    "2021": ((15, ELITE), (30, HIGH), (100, None)),  # 16-30 % stands in three rows: the best; beyond 30 % in none
    "2023": ((5, ELITE), (10, HIGH), (15, MEDIUM), (100, LOW)),
    "2024": ((5, ELITE), (100, None)),  # 20, 10 and 40 % for high, medium and low: no order to read a level from
}


def duration_band(seconds: Optional[float]) -> Optional[int]:
    """The survey band of a lead time or recovery, 6 (under an hour) to 1 (six months or more); `None` for `None`."""
    if seconds is None:
        return None
    return next((band for end, band in DURATION_BANDS if seconds < end), 1)


def frequency_band(weekly: Optional[float], monthly: Optional[float], *, lately: bool) -> Optional[int]:
    """The survey band of a frequency from its medians over complete weeks and months, 6 (on demand) to 1.

    `lately`: at least one deployment in the last six complete months. `None` without a complete week, and, when the
    weeks alone do not decide, without a complete month.
    """
    if weekly is None:
        return None
    for fewest, band in ((10, 6), (5, 5), (1, 4)):
        if weekly >= fewest:
            return band
    if monthly is None:
        return None
    return 3 if monthly >= 1 else 2 if lately else 1


def duration_level(table: DurationTable, year: str, seconds: Optional[float]) -> Optional[str]:
    """The level of a lead time (`LEAD_TIME`) or recovery (`RECOVERY`) by a year's table.

    `None` for no value, and for a year without a table such as `none`.
    """
    if seconds is None or year not in table:
        return None
    return next((level for end, level in table[year] if seconds < end), LOW)


def frequency_level(year: str, band: Optional[int]) -> Optional[str]:
    """The level of a frequency by a year's table, read from its band; `None` without a band or a table."""
    if band is None:
        return None
    return next((level for lowest, level in FREQUENCY.get(year, ()) if band >= lowest), None)


def failure_level(year: str, failed: int, deployments: int) -> Optional[str]:
    """The level of a failure rate by a year's table; `None` below ten deployments and where the table has no row."""
    if deployments < FEWEST_DEPLOYMENTS:
        return None
    return next((level for end, level in FAILURE_PERCENT.get(year, ()) if failed * 100 <= end * deployments), None)
