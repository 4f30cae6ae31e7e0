"""Results as CSV: a row for each value of each period, the overall ones last."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dora_metrics.report.results_json import results_object

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import Results

HEADER = ("period", "start", "end", "partial", "provisional", "metric", "field", "value")
METRICS = ("lead_time", "deployment_frequency", "change_failure_rate", "mttr", "rework_rate")
INTERVAL = "ci95"
"""How the fields with two ends begin: `<field>.low` and `<field>.high`, also when there is no value."""


def results_csv(results: Results) -> str:
    """The results as RFC 4180 text with a header: the JSON's fields and numbers, NA empty, counts by reason `a.b`."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEADER)
    content = results_object(results)
    for period in (*content["periods"], content["overall"]):
        writer.writerows(_rows(period))
    return target.getvalue()


def _rows(period: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    common = (period["label"], period["start"], period["end"], _text(period["partial"]), _text(period["provisional"]))
    for metric in METRICS:
        for field, value in period[metric].items():
            for name, part in _parts(field, value):
                yield (*common, metric, name, _text(part))


def _parts(field: str, value: Any) -> Iterator[tuple[str, Any]]:
    if field.startswith(INTERVAL):
        low, high = value or (None, None)
        yield f"{field}.low", low
        yield f"{field}.high", high
    elif isinstance(value, dict):
        yield from ((f"{field}.{name}", part) for name, part in value.items())
    else:
        yield field, value


def _text(value: Any) -> str:
    """NA empty, `true` and `false` in small letters, numbers never as 1e-06."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)
