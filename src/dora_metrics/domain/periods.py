"""Reporting periods: half-open windows between local midnights (definitions.md 8)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dora_metrics.domain.measurements import Period
from dora_metrics.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAINS = ("daily", "weekly", "monthly", "quarterly", "yearly")
ALL = "all"
MONTHS_PER_YEAR = 12
LONGEST_ROLLING_DAYS = 36_500

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": MONTHS_PER_YEAR}
_ROLLING = re.compile(r"([1-9][0-9]{0,4})d")
_LABEL = re.compile(
    r"(?P<year>\d{4})(?:-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|(?P<month>\d{2})(?:-(?P<day>\d{2})(?:/(?P<days>\d+)d)?)?))?"
)


def check_grain(grain: str) -> str:
    """`grain` itself, when it names periods: `daily` … `yearly`, `7d` (any `Nd`), `all`.

    Raises `ConfigurationError` for any other text.
    """
    if grain in GRAINS or grain == ALL or rolling_days(grain):
        return grain
    message = f"period {grain!r} is unknown"
    remedy = f"use one of {', '.join(GRAINS)}, a rolling window such as 7d, 30d or 90d, or {ALL}"
    raise ConfigurationError(message, remedy=remedy)


def rolling_days(grain: str) -> Optional[int]:
    """The days of a rolling window such as `7d`; `None` for any other grain."""
    match = _ROLLING.fullmatch(grain)
    days = int(match.group(1)) if match else 0
    return days if 0 < days <= LONGEST_ROLLING_DAYS else None


def load_zone(name: str) -> ZoneInfo:
    """The IANA timezone `name`. Raises `ConfigurationError` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder such as "Europe" is an OSError
        message = f"timezone {name!r} is unknown"
        raise ConfigurationError(message, remedy="use an IANA name such as UTC or Europe/Berlin") from error


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of the local `day`, in UTC, also where the clock skips midnight or shows it twice."""
    wall = datetime.combine(day, time(), tzinfo=zone)
    instant = wall.astimezone(timezone.utc)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(day, zone, wall.replace(fold=1).astimezone(timezone.utc), instant)


def _end_of_gap(day: date, zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The second at which the clock jumps over the midnight of `day`: after `low`, not after `high`."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
        if middle.astimezone(zone).date() < day:
            low = middle
        else:
            high = middle
    return high


def make_periods(
    grain: str, start: datetime, end: datetime, *, zone: ZoneInfo, fiscal_start_month: int = 1
) -> tuple[Period, ...]:
    """The periods of `grain` that overlap [`start`, `end`), whole ones, in order of time; none when it is empty.

    Rolling windows (`Nd`) go back from the last local midnight not after `end`, so the newest is always complete and
    what happened after that midnight is in none. `all` is [`start`, `end`] with its end included.
    """
    check_grain(grain)
    check_fiscal_start_month(fiscal_start_month)
    if start >= end:
        return ()
    if grain == ALL:
        return (Period(ALL, start, end, closed=True),)
    days = rolling_days(grain)
    if days:
        return tuple(reversed(list(_rolling(days, start, end, zone))))
    return tuple(_calendar(grain, start, end, zone, fiscal_start_month))


def check_fiscal_start_month(month: int) -> int:
    """`month` itself, when it is 1 to 12; else raises `ConfigurationError`."""
    if 1 <= month <= MONTHS_PER_YEAR:
        return month
    message = f"fiscal_start_month is {month}"
    raise ConfigurationError(message, remedy="use a month from 1 to 12")


def period_of_label(label: str, *, zone: ZoneInfo, fiscal_start_month: int = 1) -> Optional[Period]:
    """The period that bears `label` (`2025`, `2025-Q1`, `2025-03`, `2025-W01`, `2025-03-02`, `2025-03-02/7d`).

    `None` when no period does.
    """
    match = _LABEL.fullmatch(label)
    if match is None:
        return None
    try:
        grain, first = _labelled_day(match, fiscal_start_month)
    except ValueError:
        return None
    days = rolling_days(grain)
    after = first + timedelta(days=days) if days else _next_start(grain, first)
    return Period(label, local_midnight(first, zone), local_midnight(after, zone))


def months_before(moment: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same local time `months` calendar months earlier, in UTC; on the last day of a month that is too short."""
    local = moment.astimezone(zone)
    index = local.year * MONTHS_PER_YEAR + local.month - 1 - months
    first = local.replace(year=index // MONTHS_PER_YEAR, month=index % MONTHS_PER_YEAR + 1, day=1)
    last_day = (_add_months(first.date(), 1) - timedelta(days=1)).day
    return first.replace(day=min(local.day, last_day)).astimezone(timezone.utc)


def _rolling(days: int, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Period]:
    """Windows of `days` local days, newest first."""
    last = end.astimezone(zone).date()
    upper = local_midnight(last, zone)
    while upper > start:
        last -= timedelta(days=days)
        lower = local_midnight(last, zone)
        if lower < upper:
            yield Period(f"{last.isoformat()}/{days}d", lower, upper)
        upper = lower


def _calendar(grain: str, start: datetime, end: datetime, zone: ZoneInfo, fiscal_start_month: int) -> Iterator[Period]:
    day = _start_of(grain, start.astimezone(zone).date(), fiscal_start_month)
    lower = local_midnight(day, zone)
    while lower < end:
        following = _next_start(grain, day)
        upper = local_midnight(following, zone)
        if lower < upper:  # a zone that crossed the date line has a day without a second
            yield Period(_label(grain, day, fiscal_start_month), lower, upper)
        day, lower = following, upper


def _start_of(grain: str, day: date, fiscal_start_month: int) -> date:
    """The first local day of the period that holds `day`."""
    if grain == "daily":
        return day
    if grain == "weekly":
        return day - timedelta(days=day.weekday())
    beyond = (day.month - fiscal_start_month) % _MONTHS[grain]
    return _add_months(day.replace(day=1), -beyond)


def _next_start(grain: str, start: date) -> date:
    if grain == "daily":
        return start + timedelta(days=1)
    if grain == "weekly":
        return start + timedelta(days=7)
    return _add_months(start, _MONTHS[grain])


def _add_months(first: date, months: int) -> date:
    index = first.year * MONTHS_PER_YEAR + first.month - 1 + months
    return date(index // MONTHS_PER_YEAR, index % MONTHS_PER_YEAR + 1, 1)


def _label(grain: str, start: date, fiscal_start_month: int) -> str:
    """`2025-03-02`, `2025-W01`, `2025-03`, `2025-Q1`, `2025`; a fiscal year bears the year in which it starts."""
    if grain == "daily":
        return start.isoformat()
    if grain == "weekly":
        year, week, _ = start.isocalendar()
        return f"{year:04}-W{week:02}"
    if grain == "monthly":
        return f"{start.year:04}-{start.month:02}"
    year = start.year - (start.month < fiscal_start_month)
    if grain == "yearly":
        return f"{year:04}"
    return f"{year:04}-Q{(start.month - fiscal_start_month) % MONTHS_PER_YEAR // 3 + 1}"


def _labelled_day(match: re.Match[str], fiscal_start_month: int) -> tuple[str, date]:
    """The grain and the first day that a label names. Raises `ValueError` for a day or week that does not exist."""
    year = int(match["year"])
    if match["week"]:
        return "weekly", date.fromisocalendar(year, int(match["week"]), 1)
    if match["quarter"]:
        return "quarterly", _add_months(date(year, fiscal_start_month, 1), 3 * (int(match["quarter"]) - 1))
    if match["day"]:
        grain = f"{match['days']}d" if match["days"] else "daily"
        if match["days"] and not rolling_days(grain):
            raise ValueError(grain)
        return grain, date(year, int(match["month"]), int(match["day"]))
    if match["month"]:
        return "monthly", date(year, int(match["month"]), 1)
    return "yearly", date(year, fiscal_start_month, 1)
