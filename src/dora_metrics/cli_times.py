"""Times as people type them on the command line."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Optional

from dora_metrics.errors import ConfigurationError


def read_time(option: str, text: Optional[str], timezone: str) -> Optional[datetime]:
    """The UTC instant: a date is its first moment in `timezone`, a time without offset is local there; `None` for none.

    Raises `ConfigurationError` that names the option, also for a time that daylight saving skips or repeats.
    """
    if text is None:
        return None
    from zoneinfo import ZoneInfo

    from dora_metrics.domain.timestamps import parse_utc
    from dora_metrics.domain.typed_values import Unreadable, read_moment

    zone = ZoneInfo(timezone)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
            from dora_metrics.domain.periods import local_midnight

            return local_midnight(date.fromisoformat(text.strip()), zone)
        return parse_utc(read_moment(text.strip(), zone))
    except Unreadable as error:
        message = f"{option} {text} {error.problem}"
        raise ConfigurationError(message, remedy=error.remedy) from error
    except (ValueError, OverflowError) as error:
        message = f"{option} {text} is no date"
        raise ConfigurationError(message, remedy="write it like 2025-12-31 or 2025-12-31T14:05:00Z") from error


def read_window(
    since: Optional[str], until: Optional[str], timezone: str
) -> tuple[Optional[datetime], Optional[datetime]]:
    """Both ends of `--since` and `--until`, the second not included. Raises `ConfigurationError`, also when swapped."""
    start, end = read_time("--since", since, timezone), read_time("--until", until, timezone)
    if start and end and start >= end:
        message = f"--since {since} is not before --until {until}"
        raise ConfigurationError(message, remedy="swap them; the day of --until itself is not included")
    return start, end
