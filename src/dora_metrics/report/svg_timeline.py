"""The deployments on one line of time as inline SVG: a lane for each kind, and how long each failure lasted.

As in `svg.py`: places across are per cents, so that the letters keep their size; colours come from the style sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Optional

from dora_metrics.report.svg import percent

LANE = 40.0
"""Height of a lane in pixels."""
TOP = 8.0
BELOW = 34.0
SHAPES = {
    "hotfix": "-7,0 0,-7 7,0 0,7",
    "rollback": "-8,0 5,-7 5,7",
}
"""Points around the middle of a mark; other kinds are circles."""


@dataclass(frozen=True)
class Event:
    """One mark: a deployment, or a failure from its beginning to its end."""

    lane: int
    at: float
    """Per cent of the width."""
    kind: str
    """Class of the mark: `normal`, `hotfix`, `rollback`, `failed`, `proposed`."""
    tip: str
    until: Optional[float] = None
    """Where a failure ends; for all else `None`."""
    still_open: bool = False
    key: str = ""
    """The deployment that the page's script looks for."""


@dataclass(frozen=True)
class Timeline:
    """What the drawing holds: final texts and places."""

    key: str
    title: str
    description: str
    lanes: tuple[str, ...]
    events: tuple[Event, ...]
    ticks: tuple[tuple[float, str, bool], ...]
    """Place, label, and whether a narrow page leaves the label out."""


def draw_timeline(timeline: Timeline) -> str:
    """The `<svg>` element; the same bytes for the same timeline."""
    bottom = TOP + LANE * len(timeline.lanes)
    named = f"{timeline.key}-title {timeline.key}-desc"
    parts = [
        f'<svg class="drawing timeline" height="{bottom + BELOW:g}" width="100%" role="img"'
        f' aria-labelledby="{named}" focusable="false">',
        f'<title id="{timeline.key}-title">{escape(timeline.title)}</title>',
        f'<desc id="{timeline.key}-desc">{escape(timeline.description)}</desc>',
        *_ticks(timeline, bottom),
        *_lanes(timeline),
        *(_event(event) for event in timeline.events),
        "</svg>",
    ]
    return "\n".join(parts)


def _lanes(timeline: Timeline) -> Iterator[str]:
    for number, name in enumerate(timeline.lanes):
        y = _middle(number)
        yield f'<line class="lane" x1="0" x2="100%" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text class="level" x="-10" y="{y:g}" dy="4">{escape(name)}</text>'


def _ticks(timeline: Timeline, bottom: float) -> Iterator[str]:
    for place, label, is_minor in timeline.ticks:
        x, minor = percent(place), " minor" if is_minor else ""
        yield f'<line class="grid{minor}" x1="{x}" x2="{x}" y1="{TOP:g}" y2="{bottom:g}"/>'
        yield f'<text class="tick start{minor}" x="{x}" y="{bottom + 20:g}">{escape(label)}</text>'


def _event(event: Event) -> str:
    leads = f' data-show="key" data-key="{escape(event.key)}"' if event.key else ""
    return f'<g class="mark event"{leads}><title>{escape(event.tip)}</title>{_shape(event)}</g>'


def _shape(event: Event) -> str:
    x, y = percent(event.at), f"{_middle(event.lane):g}"
    if event.until is not None:
        kind = f"outage {event.kind}" + (" open" if event.still_open else "")
        return f'<line class="{kind}" x1="{x}" x2="{percent(event.until)}" y1="{y}" y2="{y}"/>'
    points = SHAPES.get(event.kind)
    if points is None:
        return f'<circle class="point {event.kind}" cx="{x}" cy="{y}" r="5"/>'
    polygon = f'<polygon class="point {event.kind}" points="{points}"/>'
    return f'<svg x="{x}" y="{y}" overflow="visible">{polygon}</svg>'


def _middle(lane: int) -> float:
    return TOP + LANE * (lane + 0.5)
