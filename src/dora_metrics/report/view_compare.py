"""The chosen period beside the complete one before it, each metric on a scale of its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Optional

from dora_metrics.domain.measurements import Interval, Results
from dora_metrics.report.view_axes import REACH
from dora_metrics.report.view_headlines import trend_of
from dora_metrics.report.view_metrics import Metric, Reading
from dora_metrics.report.view_other_rules import metrics_in
from dora_metrics.report.view_periods import Focus

ROOM = 1.15
"""How far the scale goes beyond the greatest value, so that its letters are not cut."""
BEFORE_Y, NOW_Y, HEIGHT = 12, 32, 44


@dataclass(frozen=True)
class Side:
    """One of the two periods; places are parts of the scale, `None` is no data."""

    label: str
    said: str
    basis: str
    at: Optional[float]
    low: Optional[float]
    high: Optional[float]


@dataclass(frozen=True)
class Comparison:
    """One metric in both periods."""

    key: str
    name: str
    before: Side
    now: Side
    difference: str
    arrow: str
    tone: str


def make_comparison(results: Results, focus: Focus) -> tuple[Comparison, ...]:
    """A row for each metric; none where there is no complete period before the chosen one, or that is partial."""
    if focus.previous is None or focus.result.partial:
        return ()
    return tuple(_compare(metric, results, focus) for metric in metrics_in(focus.result))


def _compare(metric: Metric, results: Results, focus: Focus) -> Comparison:
    now = metric.read(focus.result)
    before = now if focus.previous is None else metric.read(focus.previous)
    before_label = "" if focus.previous is None else focus.previous.period.label
    usual = metric.read(results.overall).value
    top = _top(now, before)
    trend = trend_of(metric, focus, results)
    return Comparison(
        metric.key,
        metric.name,
        _side(metric, before, before_label, top, usual),
        _side(metric, now, focus.result.period.label, top, usual),
        trend.difference,
        trend.arrow,
        trend.tone,
    )


def _top(now: Reading, before: Reading) -> float:
    values = [reading.value for reading in (now, before) if reading.value is not None]
    ends = [reading.interval[1] for reading in (now, before) if reading.interval is not None]
    peak = max(values, default=0.0)
    reach = min(max(ends, default=0.0), REACH * peak) if peak else max(ends, default=0.0)
    return max(ROOM * peak, reach) or 1.0


def _side(metric: Metric, reading: Reading, label: str, top: float, usual: Optional[float]) -> Side:
    interval = reading.interval
    ends: Optional[Interval] = None if interval is None else (interval[0] / top, interval[1] / top)
    return Side(
        label=label,
        said=metric.say(reading.value, usual),
        basis=f"n = {reading.n:,}",
        at=None if reading.value is None else reading.value / top,
        low=None if ends is None or reading.value is None else ends[0],
        high=None if ends is None or reading.value is None else ends[1],
    )


def draw_comparison(row: Comparison) -> str:
    """The `<svg>` element: above the period before, below the chosen one; texts escaped."""
    said = f"{row.name}: {row.before.label} {row.before.said}, {row.now.label} {row.now.said}"
    parts = [
        f'<svg class="drawing compare" height="{HEIGHT}" width="100%" role="img" aria-label="{escape(said)}"'
        ' focusable="false">',
        f'<line class="axis" x1="0" x2="0" y1="2" y2="{HEIGHT - 2}"/>',
    ]
    for side, y, kind in ((row.before, BEFORE_Y, "before"), (row.now, NOW_Y, "now")):
        if side.low is not None and side.high is not None:
            ends = f'x1="{_percent(side.low)}" x2="{_percent(side.high)}"'
            parts.append(f'<line class="interval {kind}" {ends} y1="{y}" y2="{y}"/>')
        if side.at is not None:
            parts.append(f'<circle class="point {kind}" cx="{_percent(side.at)}" cy="{y}" r="5"/>')
    return "".join([*parts, "</svg>"])


def _percent(part: float) -> str:
    return f"{100 * min(max(part, 0.0), 1.0):.2f}".rstrip("0").rstrip(".") + "%"
