"""Times in the headers of an answer, all by the server's own clock: the local one may be wrong by years."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Optional


def server_time(headers: Mapping[str, str]) -> Optional[datetime]:
    """The answer's `Date`; `None` without one that can be read."""
    return _date(headers.get("date", ""))


def until_reset(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds from the answer to the reset of the hourly limit; `None` when the headers do not say."""
    reset, now = headers.get("x-ratelimit-reset", ""), server_time(headers)
    if not _is_number(reset) or now is None:
        return None
    return max(0.0, float(reset) - now.timestamp())


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds that a secondary limit asks for; `None` when the headers do not say."""
    said, now = headers.get("retry-after", ""), server_time(headers)
    if _is_number(said):
        return float(said)
    at = _date(said)
    if at is not None and now is not None:
        return max(0.0, (at - now).total_seconds())
    return until_reset(headers) if headers.get("x-ratelimit-remaining") == "0" else None


def _date(text: str) -> Optional[datetime]:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12  # noqa: PLR2004 (digits of any time that makes sense)
