"""Values as docs/definitions.md writes them, held against those that the program gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Optional

from support.definition_words import moment

UNITS_S = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
NOTHING = "none"


@dataclass(frozen=True)
class Share:
    """From 0 to 1, written in per cent."""

    ratio: float


@dataclass(frozen=True)
class Interval:
    """Both ends: shares, seconds, or plain numbers, as the unit behind them says."""

    low: float
    high: float


def agrees(written: str, found: Any) -> bool:
    """Whether the page's words say what was found. What is rounded on the page has a decimal point."""
    found = _in_words(found)
    if isinstance(found, (list, tuple)):
        return sorted(written.split(" and ")) == sorted(map(str, found))
    if isinstance(found, datetime):
        return written.startswith("@") and abs(moment(written) - found) < timedelta(seconds=1)
    if isinstance(found, Interval):
        return _interval(written, found)
    is_number = isinstance(found, (int, float, timedelta, Share))
    return _number(written, found) if is_number else written == str(found)


def _in_words(found: Any) -> Any:
    if found is None or found in ([], ()):
        return NOTHING
    return {True: "yes", False: "no"}[found] if isinstance(found, bool) else found


def _number(written: str, found: Any) -> bool:
    match = re.fullmatch(r"(-?[\d.]+)(?: (\S+))?", written)
    if not match:
        return False
    unit = match[2] or ""
    if isinstance(found, timedelta):
        return unit in UNITS_S and _near(match[1], found.total_seconds(), UNITS_S[unit])
    if isinstance(found, Share):
        return unit == "%" and _near(match[1], found.ratio, 0.01)
    return not unit and _near(match[1], found, 1)


def _interval(written: str, found: Interval) -> bool:
    match = re.fullmatch(r"([\d.]+) to ([\d.]+)(?: (\S+))?", written)
    if not match:
        return False
    scale = {"%": 0.01, "": 1, **UNITS_S}.get(match[3] or "")
    return scale is not None and _near(match[1], found.low, scale) and _near(match[2], found.high, scale)


def _near(written: str, found: float, scale: float) -> bool:
    """To the last decimal that is written; whole numbers exactly, but for a second of a duration."""
    decimals: Optional[int] = len(written.partition(".")[2]) or None
    slack = 0.5 * 10**-decimals if decimals else 0
    return abs(float(written) - found / scale) <= slack + (0.5 / scale if scale > 1 else 1e-6)
