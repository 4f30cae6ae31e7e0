"""Numbers as people say them; the table, the Markdown and the HTML page share these words.

Every function gives "no data" for `None` and for NaN, never a zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

NO_DATA = "no data"
HOUR_S = 3600.0
DAY_S = 86_400.0
WHOLE_FROM = 100
"""From here on a number has no decimals."""
DAYS_FROM_H = 48
"""From so many hours on a duration is said in days: 36.5 h and 23.2 h are compared at a glance, 1.5 days are not."""


@dataclass(frozen=True)
class Unit:
    """One unit of time, chosen once for a chart or a table column."""

    word: str
    """What stands behind a number: `min`, `h` or `days`."""
    name: str
    """What stands in a heading: `minutes`, `hours` or `days`."""
    seconds: float

    def of(self, seconds: float) -> float:
        """`seconds` in this unit."""
        return seconds / self.seconds


MINUTES = Unit("min", "minutes", 60.0)
HOURS = Unit("h", "hours", HOUR_S)
DAYS = Unit("days", "days", DAY_S)


def is_missing(number: Optional[float]) -> bool:
    """Whether there is no value: `None`, NaN or an infinity."""
    return number is None or not math.isfinite(number)


def format_duration(seconds: Optional[float]) -> str:
    """The duration in the unit that suits it: `45 min`, `36.5 h`, `3 days`; `under 1 min` for a few seconds.

    The unit depends on the duration alone, so that the same one reads the same everywhere.
    """
    if seconds is None or is_missing(seconds):
        return NO_DATA
    if seconds < 0:
        return f"-{format_duration(-seconds)}"
    if 0 < seconds < MINUTES.seconds:
        return "under 1 min"
    unit = _unit_of(seconds)
    if unit is MINUTES:
        return f"{round(unit.of(seconds)):,} min"
    return f"{format_number(unit.of(seconds))} {_word(unit, seconds)}"


def _unit_of(seconds: float) -> Unit:
    """Minutes below an hour, hours below two days, days from there; as rounded, so that nothing reads `60 min`."""
    if round(seconds / MINUTES.seconds) < HOURS.seconds / MINUTES.seconds:
        return MINUTES
    return HOURS if round(seconds / HOUR_S, 1) < DAYS_FROM_H else DAYS


def _word(unit: Unit, seconds: float) -> str:
    return "day" if unit is DAYS and format_number(unit.of(seconds)) == "1" else unit.word


def format_duration_range(interval: Optional[tuple[float, float]]) -> str:
    """Both ends of an interval of seconds: `15 h to 1.1 days`, or `2 to 3.5 h` where the unit is the same."""
    if interval is None or any(is_missing(end) for end in interval):
        return NO_DATA
    low, high = (format_duration(end) for end in interval)
    if low == high:
        return low
    low_number, _, low_unit = low.partition(" ")
    return f"{low_number} to {high}" if low_unit == high.partition(" ")[2] else f"{low} to {high}"


def choose_unit(durations_s: Iterable[Optional[float]]) -> Unit:
    """The one unit in which all these durations (seconds) read best, judged by their middle; hours for none."""
    known = sorted(abs(value) for value in durations_s if value is not None and math.isfinite(value))
    if not known:
        return HOURS
    unit = _unit_of(known[len(known) // 2])
    return HOURS if unit is MINUTES and known[-1] >= DAY_S else unit


def format_in(unit: Unit, seconds: Optional[float]) -> str:
    """The bare number in `unit` with one decimal: for a column whose heading names the unit."""
    return NO_DATA if seconds is None or is_missing(seconds) else f"{unit.of(seconds):,.1f}"


def format_number(number: Optional[float]) -> str:
    """At most one decimal, none from 100 on, commas between thousands: `0.5`, `3`, `1,250`.

    Below 0.1 two significant digits, so that little does not read as nothing: `0.042`.
    """
    if number is None or is_missing(number):
        return NO_DATA
    size = abs(number)
    if size >= WHOLE_FROM - 0.05 or number == 0:
        return f"{number:,.0f}"
    if size < 0.095:  # noqa: PLR2004 (would read 0.1 or 0)
        return f"{number:.2g}" if size >= 0.0001 else f"{number:.0e}"  # noqa: PLR2004 (no long row of zeros)
    text = f"{number:.1f}"
    return text.removesuffix(".0")


def format_ratio(ratio: Optional[float]) -> str:
    """A share from 0 to 1 as `8.3 %`; rounding never makes `0 %` of a little or `100 %` of nearly all."""
    if ratio is None or is_missing(ratio):
        return NO_DATA
    if 0 < ratio < 0.001:  # noqa: PLR2004 (0.1 %)
        return "under 0.1 %"
    if 0.999 < ratio < 1:  # noqa: PLR2004 (99.9 %)
        return "over 99.9 %"
    text = f"{ratio * 100:.1f}"
    return f"{text.removesuffix('.0')} %"


def format_ratio_range(interval: Optional[tuple[float, float]]) -> str:
    """Both ends of an interval of shares: `4.6 to 69.9 %`."""
    if interval is None or any(is_missing(end) for end in interval):
        return NO_DATA
    low, high = (format_ratio(end) for end in interval)
    return f"{low.removesuffix(' %')} to {high}"


def format_count(count: Optional[int]) -> str:
    """A whole number with commas between thousands."""
    return NO_DATA if count is None else f"{count:,}"


def format_rate(per_day: Optional[float], usual: Optional[float] = None) -> str:
    """A rate of deployments in the unit that suits it: `2.5 a day`, `3 a week`, `1.2 a month`, `1 a year`.

    With `usual` (a day, too) in the unit that suits that one: all rates of one answer are said in the unit of the rate
    over its whole window, however far they lie apart. A month is 365.25 / 12 days.
    """
    if per_day is None or is_missing(per_day):
        return NO_DATA
    guide = per_day if usual is None or is_missing(usual) or not usual else usual
    units = ((1.0, "day"), (7.0, "week"), (365.25 / 12, "month"), (365.25, "year"))
    days, unit = next((each for each in units if guide * each[0] >= 1), units[1 if guide == 0 else -1])
    return f"{format_number(per_day * days)} a {unit}"


def plural(count: int, word: str, words: str = "") -> str:
    """`1 change`, `2 changes`; `words` where an s is not enough."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


def format_date(moment: Optional[datetime], zone: Optional[tzinfo] = None) -> str:
    """The ISO date of an instant, in `zone` (default: its own)."""
    return NO_DATA if moment is None else moment.astimezone(zone or moment.tzinfo).date().isoformat()


def format_minute(moment: Optional[datetime], zone: Optional[tzinfo] = None) -> str:
    """The ISO date, hour and minute of an instant, in `zone` (default: its own)."""
    if moment is None:
        return NO_DATA
    return moment.astimezone(zone or moment.tzinfo).strftime("%Y-%m-%d %H:%M")
