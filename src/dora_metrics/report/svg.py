"""Charts as inline SVG text: no library, no script, no colours (the page's style sheet gives them, light and dark).

Why no library: docs/decisions/0012-charts.md.

Across, everything is placed in per cent, so that a chart fits a phone and a wall without shrinking its letters; up and
down in pixels. Room for the axis is the padding of the box around it. All texts are escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Optional

TOP = 30.0
BOTTOM = 230.0
BELOW = 34
"""Room under the axis for the labels, in pixels."""
LABELS = 20.0
"""How far under the axis they stand."""
WIDEST_BAR = 4.0
"""Per cent of the width."""
OUTER = 65
"""Beyond so many per cent of the width a text ends at its mark, so that a narrow page does not cut it."""
ARROW = 8.0
"""Half the width of an arrow, and its length, in pixels."""
CROWDED = 40
"""From so many marks on they are drawn smaller."""


@dataclass(frozen=True)
class Mark:
    """One period of a chart. Heights are parts of the axis, from 0 to 1; `None` is a gap."""

    tip: str
    """What shows when the pointer rests on it."""
    height: Optional[float] = None
    low: Optional[float] = None
    high: Optional[float] = None
    cut: tuple[bool, bool] = (False, False)
    """Whether the interval goes on below the axis, and above it: an arrow says so."""
    second: Optional[float] = None
    """Height of the dashed line, where the chart has one."""
    hollow: bool = False
    """A value to read with care: partial, or of too few values."""
    tick: str = ""
    """The label under it; empty = none."""
    minor: bool = False
    """The label is left out where the page is narrow."""
    tick_at: float = 0.5
    """Where in its strip the label stands: 0 at the left edge, 1 at the right."""
    inner: Optional[float] = None
    """Height of the darker part of a bar: those of the period that the page speaks of."""
    show: str = ""
    """Which items it counts, in the words of `data-show`; empty = it leads nowhere."""
    period: str = ""
    """Label of the period whose items these are."""


@dataclass(frozen=True)
class Chart:
    """What one drawing holds: final texts and heights."""

    key: str
    """Unique on the page; letters and `_`."""
    title: str
    description: str
    marks: tuple[Mark, ...]
    lines: tuple[tuple[float, str], ...]
    """Height and label of each grid line."""
    bars: bool = False
    focus: Optional[int] = None
    """Index of the mark that the page's headline speaks of."""
    focus_label: str = ""
    bottom: float = BOTTOM
    """Where the axis lies, in pixels from the top."""
    dense: bool = False
    """Bars stand side by side, as in a histogram; one of height 0 is not drawn."""


def draw(chart: Chart) -> str:
    """The `<svg>` element; the same bytes for the same chart. A chart without marks draws its axis only."""
    named = f"{chart.key}-title {chart.key}-desc"
    parts = [
        f'<svg class="drawing" height="{chart.bottom + BELOW:g}" width="100%" role="img" aria-labelledby="{named}"'
        ' focusable="false">',
        f'<title id="{chart.key}-title">{escape(chart.title)}</title>',
        f'<desc id="{chart.key}-desc">{escape(chart.description)}</desc>',
        *_focus(chart),
        *_grid(chart),
        *_joints(chart),
        *(_mark(chart, index) for index in range(len(chart.marks))),
        "</svg>",
    ]
    return "\n".join(parts)


def _grid(chart: Chart) -> Iterator[str]:
    for height, label in chart.lines:
        y = _y(chart, height)
        kind = "axis" if height == 0 else "grid"
        yield f'<line class="{kind}" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        yield f'<text class="level" x="-10" y="{y}" dy="4">{escape(label)}</text>'


def _focus(chart: Chart) -> Iterator[str]:
    if chart.focus is None or len(chart.marks) == 1:
        return
    x, width = _slot(chart, chart.focus)
    yield _strip(chart, "focus", x, width)
    middle = x + width / 2
    anchor = "end" if middle > OUTER else "start" if middle < 100 - OUTER else "middle"
    at = {"end": x + width, "start": x, "middle": middle}[anchor]
    yield f'<text class="focus-label {anchor}" x="{percent(at)}" y="14">{escape(chart.focus_label)}</text>'


def _joints(chart: Chart) -> Iterator[str]:
    """Lines between neighbours that both have a value: a gap stays a gap. To and from a hollow mark they are dashed."""
    for index in range(len(chart.marks) - 1):
        here, there = chart.marks[index], chart.marks[index + 1]
        if not chart.bars and here.height is not None and there.height is not None:
            kind = "joint loose" if here.hollow or there.hollow else "joint"
            yield _line(chart, kind, index, here.height, index + 1, there.height)
        if here.second is not None and there.second is not None:
            yield _line(chart, "second", index, here.second, index + 1, there.second)


def _mark(chart: Chart, index: int) -> str:
    """One period: a strip that takes the pointer, its interval, its point or bar, its label."""
    mark = chart.marks[index]
    x, width = _slot(chart, index)
    shapes = [
        f'<g class="mark"{_leads(mark)}><title>{escape(mark.tip)}</title>',
        _strip(chart, "strip", x, width),
    ]
    if chart.bars:
        shapes += [*_bar(chart, index), *_interval(chart, index)]
    else:
        shapes += [*_interval(chart, index), *_point(chart, index)]
    shapes += _tick(chart, index)
    return "".join([*shapes, "</g>"])


def _leads(mark: Mark) -> str:
    """What the page's script needs to show the items of a mark."""
    parts = (("show", mark.show), ("period", mark.period))
    return "".join(f' data-{name}="{escape(value)}"' for name, value in parts if mark.show)


def _interval(chart: Chart, index: int) -> Iterator[str]:
    mark = chart.marks[index]
    if mark.low is None or mark.high is None:
        return
    crowded = len(chart.marks) > CROWDED
    kind = ("whisker" if chart.bars else "interval") + (" crowded" if crowded else "")
    yield _line(chart, kind, index, mark.low, index, mark.high)
    size = ARROW / 2 if crowded or chart.bars else ARROW
    for cut, y, length in zip(mark.cut, (chart.bottom, TOP), (size, -size)):
        if cut:
            yield _arrow("arrow thin" if chart.bars else "arrow", _middle(chart, index), y, length)


def _arrow(kind: str, x: float, y: float, length: float) -> str:
    """A triangle at the axis' end that points beyond it: down for a positive `length` in pixels, else up."""
    points = f"{-length:g},0 {length:g},0 0,{length:g}"
    return f'<svg x="{percent(x)}" y="{y:g}" overflow="visible"><polygon class="{kind}" points="{points}"/></svg>'


def _point(chart: Chart, index: int) -> Iterator[str]:
    mark = chart.marks[index]
    if mark.height is not None:
        radius = 3 if len(chart.marks) > CROWDED else 5
        kind = "point hollow" if mark.hollow else "point"
        x = percent(_middle(chart, index))
        yield f'<circle class="{kind}" cx="{x}" cy="{_y(chart, mark.height)}" r="{radius}"/>'


def _bar(chart: Chart, index: int) -> Iterator[str]:
    mark, slot = chart.marks[index], _slot(chart, index)[1]
    width = slot * 0.94 if chart.dense else min(slot * 0.62, WIDEST_BAR)
    for kind, height in (("bar hollow" if mark.hollow else "bar", mark.height), ("bar inner", mark.inner)):
        if height is None or (chart.dense and not height):
            continue
        tall = max(float(chart.bottom - float(_y(chart, height))), 1.5)
        yield _box(kind, _middle(chart, index) - width / 2, width, chart.bottom - tall, tall)


def _tick(chart: Chart, index: int) -> Iterator[str]:
    mark = chart.marks[index]
    if mark.tick:
        left, width = _slot(chart, index)
        x = percent(left + width * mark.tick_at)
        minor, low = " minor" if mark.minor else "", chart.bottom
        yield f'<line class="stroke{minor}" x1="{x}" x2="{x}" y1="{low:g}" y2="{low + 5:g}"/>'
        yield f'<text class="tick{minor}" x="{x}" y="{low + LABELS:g}">{escape(mark.tick)}</text>'


def _strip(chart: Chart, kind: str, x: float, width: float) -> str:
    return _box(kind, x, width, TOP - 8, chart.bottom - TOP + 8)


def _box(kind: str, x: float, width: float, y: float, height: float) -> str:
    return f'<rect class="{kind}" x="{percent(x)}" width="{percent(width)}" y="{y:g}" height="{height:g}"/>'


def _line(chart: Chart, kind: str, start: int, height1: float, end: int, height2: float) -> str:
    """From the middle of one mark to that of another."""
    x1, x2 = percent(_middle(chart, start)), percent(_middle(chart, end))
    return f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{_y(chart, height1)}" y2="{_y(chart, height2)}"/>'


def _slot(chart: Chart, index: int) -> tuple[float, float]:
    """Left edge and width of a mark's strip, in per cent."""
    width = 100 / len(chart.marks)
    return index * width, width


def _middle(chart: Chart, index: int) -> float:
    left, width = _slot(chart, index)
    return left + width / 2


def _y(chart: Chart, height: float) -> str:
    """Pixels from the top; what lies outside the axis stands at its edge."""
    return f"{chart.bottom - min(max(height, 0.0), 1.0) * (chart.bottom - TOP):.2f}".rstrip("0").rstrip(".")


def percent(number: float) -> str:
    """A place across, as short as it can be said to a thousandth."""
    return f"{number:.3f}".rstrip("0").rstrip(".") + "%"
