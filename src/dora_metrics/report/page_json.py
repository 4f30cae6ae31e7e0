"""What the page's script needs to know, as JSON that cannot end the element in which it stands. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dora_metrics.domain.measurements import Period, Results
from dora_metrics.report.view import ReportView
from dora_metrics.report.view_grains import WHOLE

ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
"""Inside JSON these stand only in texts, where the escape means the same."""


def script_json(content: Any) -> str:
    """The content as JSON in which no `<` is left: no text in it can end a script element or begin a comment."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter, escape in ESCAPES.items():
        text = text.replace(letter, escape)
    return text


def page_facts(view: ReportView, results: Sequence[Results], kept: Mapping[str, int]) -> dict[str, Any]:
    """Choices, bounds of the periods, and how many rows of each table the page holds."""
    return {
        "zone": view.timezone,
        "as_of": _seconds(results[0].as_of),
        "first": [view.grain.key, view.grain.first.label],
        "grains": {
            grain.key: {
                "name": grain.name,
                "periods": [[period.label, period.name] for period in grain.periods],
                "bounds": _bounds(each, {period.label for period in grain.periods} | {WHOLE}),
            }
            for grain, each in zip(view.grains, results)
        },
        "kept": dict(kept),
        "totals": dict(view.totals),
    }


def _bounds(results: Results, wanted: set[str]) -> dict[str, list[Any]]:
    """For each period with a label in `wanted` from when to when (Unix seconds), and whether the end belongs to it."""
    start = results.overall.period.start
    last = _seconds(results.as_of)
    bounds = {}
    for label, period in (
        *((result.period.label, result.period) for result in results.periods if result.period.label in wanted),
        (WHOLE, results.overall.period),
    ):
        begun, end = _seconds(max(period.start, start)), _seconds(period.end)
        bounds[label] = [begun, min(end, last), _reaches_as_of(period, results)]
    return bounds


def _reaches_as_of(period: Period, results: Results) -> bool:
    return period.closed or period.end > results.as_of


def _seconds(moment: Any) -> float:
    seconds: float = moment.timestamp()
    return seconds
