"""Periods as the calculators cut them: the covered seconds of each, and where its open items are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Period
from dora_metrics.domain.periods import ALL, check_grain, make_periods
from dora_metrics.domain.timestamps import EPOCH

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

OVERALL = "overall"
INSTANT = timedelta(microseconds=1)
"""What makes an end that belongs to a window one that does not."""


@dataclass(frozen=True)
class Window:
    """A period and the part of it that the data cover; Unix seconds."""

    period: Period
    start_s: float
    """The first covered instant."""
    end_s: float
    """The first instant after the covered part."""
    at_s: float
    """Where undeployed, open and trailing values stand: the period's end, or `as_of` when that is earlier."""
    partial: bool
    provisional: bool

    @property
    def covered_days(self) -> float:
        """Days from the first covered instant to the last."""
        return max(self.at_s - self.start_s, 0.0) / 86_400

    @property
    def settled(self) -> bool:
        """Whole and final: only then may a level be given."""
        return not (self.partial or self.provisional)


@dataclass(frozen=True)
class Span:
    """What is published: from the first deployment (or `since`) to `as_of` (or `until`)."""

    start: datetime
    end: datetime
    closed: bool
    """`end` is `as_of` and belongs to it; `until` does not."""

    @property
    def after(self) -> datetime:
        """The first instant that no longer belongs to it."""
        return self.end + INSTANT if self.closed else self.end


def to_unix(moment: datetime) -> float:
    """The Unix seconds of an aware instant."""
    return (moment - EPOCH).total_seconds()


def from_unix(seconds: float) -> datetime:
    """The UTC instant of Unix seconds, to the microsecond."""
    return EPOCH + timedelta(seconds=seconds)


def make_span(first_s: Optional[float], as_of: datetime, since: Optional[datetime], until: Optional[datetime]) -> Span:
    """The published span; empty, and at its end, when nothing was deployed or `since` lies behind `until`."""
    end = as_of if until is None or until > as_of else until
    closed = (until is None or until > as_of) and (since is None or since <= as_of)
    start = end if first_s is None else from_unix(first_s)
    return Span(min(max(start, since or start), end), end, closed)


def make_windows(
    grain: str,
    span: Span,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    fiscal_start_month: int = 1,
    maturity_days: int = 30,
    busy_end: bool = True,
) -> tuple[Window, ...]:
    """A window for each period of the span, in order of time.

    `busy_end`: something happened at the very end of a closed span. Only then is the period given that begins there.
    """
    check_grain(grain)
    if grain == ALL:
        return (whole_window(ALL, span),) if span.start < span.end or (span.closed and busy_end) else ()
    end = span.after if busy_end else span.end
    periods = make_periods(grain, span.start, end, zone=zone, fiscal_start_month=fiscal_start_month)
    maturity = timedelta(days=maturity_days)
    return tuple(_window(period, span, provisional=as_of - maturity < period.end) for period in periods)


def whole_window(label: str, span: Span) -> Window:
    """All of the span, its end included: never partial, always provisional."""
    period = Period(label, span.start, span.end, closed=span.closed)
    return Window(
        period=period,
        start_s=to_unix(span.start),
        end_s=to_unix(span.after),
        at_s=to_unix(span.end),
        partial=False,
        provisional=True,
    )


def _window(period: Period, span: Span, *, provisional: bool) -> Window:
    start, end = max(period.start, span.start), min(period.end, span.end)
    return Window(
        period=period,
        start_s=to_unix(start),
        end_s=to_unix(min(period.end, span.after)),
        at_s=to_unix(end),
        partial=(start, end) != (period.start, period.end),
        provisional=provisional,
    )
