"""Whether a number that people read on the page is the one that JSON has: rounded as its letters say, in its unit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional

from support.in_page import CHOOSE, NUMBERS

if TYPE_CHECKING:
    from support.browser import Opened

HOURS = {"min": 1 / 60, "minutes": 1 / 60, "h": 1.0, "hours": 1.0, "day": 24.0, "days": 24.0}
DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
NOTHING = ("no data", "not defined", "\N{EN DASH}")


def number_of(text: str) -> tuple[float, float]:
    """The number at the beginning of `text`, and half of its last decimal."""
    found = re.match(r"-?[\d,]+(?:\.(\d+))?(e-?\d+)?", text)
    assert found is not None, text
    step = 10.0 ** -len(found[1] or "") * float(f"1{found[2] or ''}")
    return float(found[0].replace(",", "")), step / 2


def says(text: str, raw: str, path: str, heading: str = "") -> bool:
    """Whether `text` (in a column under `heading`, or with its unit) says the JSON value `raw` at `path`."""
    value: Any = json.loads(raw)
    text = " ".join(text.replace("\xa0", " ").split())
    if value is None:
        return text in NOTHING
    if isinstance(value, dict):
        return text == f"{sum(value.values()):,}"
    if isinstance(value, list):
        low, _, high = text.partition(" to ")
        return all(_close(said, end, path, heading) for said, end in zip((low, high), value))
    if text == "under 1 min":
        return 0 < value * 60 < 1
    return _close(text, value, path, heading)


def _close(text: str, value: float, path: str, heading: str) -> bool:
    said, half = number_of(text)
    scale = _scale(text, path, heading)
    return abs(said - value * scale) <= half * (1 + 1e-6) + 1e-5 * scale


def _scale(text: str, path: str, heading: str) -> float:
    """What the JSON value is to be multiplied with to be in the unit of `text`."""
    name = path.rpartition(".")[2]
    if "hours" in name:
        unit = heading.rpartition(", ")[2] if heading else text.partition(" ")[2]
        return 1 / HOURS[unit]
    if name == "per_day":
        return DAYS[text.rpartition(" ")[2]]
    if "ratio" in name or name in {"ci95", "trailing_6_months"}:
        return 100.0
    return 1.0


def at(period: dict[str, Any], path: str) -> Optional[Any]:
    """The value at `path` of a period's JSON."""
    value: Any = period
    for name in path.split("."):
        value = value[name]
    return value


def compare(
    opened: Opened, chosen: Sequence[tuple[str, str]], numbers: Mapping[str, Mapping[str, Any]]
) -> tuple[list[tuple[Any, Any]], set[tuple[str, str, str]]]:
    """Each number of the page that is not the one of the JSON, and where numbers stood: grain, period, path.

    `chosen` are the lengths of period and the periods to be looked at, `numbers` the JSON of each.
    """
    wrong, seen = [], set()
    for grain, period in chosen:
        assert opened.page.evaluate(CHOOSE, [grain, period]) == [grain, period]
        for spot in opened.page.evaluate(NUMBERS):
            true = at(numbers[spot["grain"]][spot["period"]], spot["path"])
            seen.add((spot["grain"], spot["period"], spot["path"]))
            if json.loads(spot["raw"]) != true or not says(spot["text"], spot["raw"], spot["path"], spot["heading"]):
                wrong.append((spot, true))
    return wrong, seen
