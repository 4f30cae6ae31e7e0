"""Instants: Unix seconds in stored facts, aware UTC datetimes in judgements, ISO 8601 with `Z` at the edges."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SECONDS_PER_HOUR = 3600
TO_THE_SECOND = len("2025-03-02T14:05:00")
EARLIEST_S = int((datetime.min.replace(tzinfo=timezone.utc) - EPOCH).total_seconds())
LATEST_S = int((datetime.max.replace(tzinfo=timezone.utc, microsecond=0) - EPOCH).total_seconds())


def from_seconds(seconds: Optional[int]) -> Optional[datetime]:
    """The UTC instant of a Unix time; `None` for none, and for one outside the years 1 to 9999."""
    if seconds is None or not EARLIEST_S <= seconds <= LATEST_S:
        return None
    return datetime.fromtimestamp(seconds, timezone.utc)


def to_seconds(moment: datetime) -> int:
    """The whole Unix seconds of an aware instant; fractions are cut off."""
    return int((moment - EPOCH) // timedelta(seconds=1))


def format_utc(moment: Optional[datetime]) -> str:
    """`2025-03-02T14:05:00Z`; the empty text for `None`."""
    if moment is None:
        return ""
    in_utc = moment if moment.tzinfo is timezone.utc else moment.astimezone(timezone.utc)
    return in_utc.replace(tzinfo=None).isoformat()[:TO_THE_SECOND] + "Z"


def parse_utc(text: str) -> datetime:
    """The instant that `format_utc` wrote, or any ISO 8601 time with an offset.

    Raises `ValueError` for text that is no time, or one without an offset.
    """
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    if moment.tzinfo is None:
        message = f"{text!r} has no offset"
        raise ValueError(message)
    return moment.astimezone(timezone.utc)


def require_utc(moment: Optional[datetime]) -> None:
    """Refuse a naive instant: `ValueError`. `None` passes."""
    if moment is not None and moment.tzinfo is not timezone.utc and moment.utcoffset() != timedelta(0):
        message = f"{moment!r} is not in UTC"
        raise ValueError(message)
