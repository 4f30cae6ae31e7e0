"""Scales of the charts: where a value stands, which lines are drawn, which periods are labelled. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Optional

from dora_metrics.domain.measurements import Period
from dora_metrics.report.words import Unit, format_number

LINES = 4
"""About so many grid lines."""
REACH = 2.5
"""An interval may stretch the scale to so many times the greatest value, then it is cut."""
LOGARITHMIC = "The scale is logarithmic: each line is ten times the one below it."
LOGARITHMIC_FROM = 60
"""Greatest value over smallest from which a linear scale would press the small ones flat."""
LABELS_WIDE = 12
LABELS_NARROW = 4


@dataclass(frozen=True)
class Axis:
    """A scale. `lines` are grid lines from the bottom up: value and label."""

    low: float
    high: float
    lines: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def height(self, value: Optional[float]) -> Optional[float]:
        """How far up the axis a value stands: 0 at the bottom, 1 at the top, beyond them outside; `None` for `None`."""
        if value is None:
            return None
        if not self.logarithmic:
            return (value - self.low) / (self.high - self.low)
        if value <= self.low:
            return 0.0
        return math.log(value / self.low) / math.log(self.high / self.low)


def linear_axis(
    values: Sequence[float],
    ends: Sequence[float],
    *,
    least: float,
    spare: float = 0.0,
    most: float = math.inf,
    word: str = "",
) -> Axis:
    """From 0 to a round number above all `values`, and above the interval `ends` where these do not go too far.

    `least`: the top is never lower; `most`: never higher; `spare`: up to there intervals always get room. `word`
    stands behind each label.
    """
    peak = max(values, default=0.0)
    reach = min(max(ends, default=0.0), max(REACH * peak, least, spare))
    top = min(max(peak, reach, least), most)
    step = _round_step(top / LINES)
    count = math.ceil(top / step - 1e-9)
    steps = [index * step for index in range(count + 1) if index * step <= most * (1 + 1e-9)]
    return Axis(0.0, steps[-1], tuple((value, _label(value, word, step)) for value in steps))


def duration_axis(values: Sequence[float], ends: Sequence[float], unit: Unit) -> Axis:
    """A scale in `unit` (values in it too): linear from 0, or logarithmic where the values lie far apart."""
    positive = [value for value in values if value > 0]
    if positive and max(positive) > LOGARITHMIC_FROM * min(positive):
        return _log_axis(min(positive), max(positive), unit.word)
    return linear_axis(values, ends, least=1e-9 if positive else 1.0, word=unit.word)


def _log_axis(least: float, most: float, word: str) -> Axis:
    """Whole powers of ten around `least` and `most`."""
    bottom, top = math.floor(math.log10(least)), math.ceil(math.log10(most) + 1e-9)
    powers = [10.0**power for power in range(bottom, max(top, bottom + 1) + 1)]
    return Axis(powers[0], powers[-1], tuple((value, _label(value, word)) for value in powers), logarithmic=True)


def _round_step(rough: float) -> float:
    """The next of 1, 2, 5 times a power of ten at or above `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 5):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10 * power


def _label(value: float, word: str, step: float = 1.0) -> str:
    """The value as people say it; where `step` is fine, with all the decimals that tell one line from the next."""
    number = format_number(round(value, 10))
    if 0 < step < 0.1 and value > 0.09:  # noqa: PLR2004 (below, `format_number` has two digits by itself)
        number = f"{value:.{math.ceil(-math.log10(step) - 1e-9)}f}"
    if not word or value == 0:
        return number
    return f"{number} {'day' if word == 'days' and number == '1' else word}"


def label_periods(periods: Sequence[Period], zone: tzinfo) -> list[tuple[str, bool]]:
    """For each period its label under the chart (empty = none), and whether a narrow page leaves it out.

    Where there are many and they span years, the first of each year bears the year; else every k-th its own name.
    """
    years = [period.start.astimezone(zone).year for period in periods]
    turns = [index for index in range(1, len(periods)) if years[index] != years[index - 1]]
    if len(periods) > LABELS_WIDE and len(turns) >= LABELS_NARROW - 1:
        first = [0] if periods[0].start.astimezone(zone).month == 1 else []
        named = {index: str(years[index]) for index in (*first, *turns)}
    else:
        named = {index: period.label for index, period in enumerate(periods)}
    wide = _thin(sorted(named), LABELS_WIDE)
    narrow = set(_thin(wide, LABELS_NARROW))
    return [(named[index], index not in narrow) if index in wide else ("", False) for index in range(len(periods))]


def _thin(indices: Sequence[int], most: int) -> list[int]:
    """Every k-th so that at most `most` are left, the last among them."""
    step = max(1, math.ceil(len(indices) / most))
    return sorted(indices[::-1][::step])
