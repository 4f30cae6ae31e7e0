"""The lines of a `sums` example: `what = value`, each worked out by the calculators' own functions."""

from __future__ import annotations

import re
from typing import Any, Callable, Optional

import numpy as np

from dora_metrics.calculators import levels
from dora_metrics.calculators.statistics import (
    median_interval,
    poisson_interval,
    quantile,
    spread_of,
    wilson_interval,
)
from dora_metrics.domain.measurements import Spread
from support.definition_values import UNITS_S, Interval, Share

DURATION = {"lead time": levels.LEAD_TIME, "recovery": levels.RECOVERY}


def sum_of(what: str) -> Any:
    """The value of the left side. Raises `ValueError` for one that no rule below reads."""
    for pattern, rule in RULES.items():
        match = re.fullmatch(pattern, what)
        if match:
            return rule(*match.groups())
    message = f"no rule reads {what!r}"
    raise ValueError(message)


def _values(text: str) -> Any:
    return np.sort(np.array([float(number) for number in text.split()]))


def _spread(text: str) -> Spread:
    return spread_of(_values("" if text == "nothing" else text))


def _quantile(percent: str, text: str) -> Optional[float]:
    return quantile(_values(text), int(percent))


def _median_interval(text: str) -> Optional[Interval]:
    found = median_interval(_values(text))
    return None if found is None else Interval(*found)


def _wilson(hits: str, of: str) -> Optional[Interval]:
    found = wilson_interval(int(hits), int(of))
    return None if found is None else Interval(*found)


def _seconds(number: str, unit: str) -> float:
    return float(number) * UNITS_S[unit]


def _duration_level(metric: str, number: str, unit: str, year: str) -> Optional[str]:
    return levels.duration_level(DURATION[metric], year, _seconds(number, unit))


RULES: dict[str, Callable[..., Any]] = {
    r"median of ([\d. ]+|nothing)": lambda text: _spread(text).median_s,
    r"mean of ([\d. ]+)": lambda text: _spread(text).mean_s,
    r"p(\d+) of ([\d. ]+)": _quantile,
    r"published p90 of ([\d. ]+)": lambda text: _spread(text).p90_s,
    r"too few to judge ([\d. ]+)": lambda text: _spread(text).insufficient,
    r"interval of the median of ([\d. ]+)": _median_interval,
    r"(\d+) of (\d+)": lambda hits, of: Share(int(hits) / int(of)),
    r"interval of (\d+) of (\d+)": _wilson,
    r"interval of the count (\d+)": lambda count: Interval(*poisson_interval(int(count))),
    r"band of (?:lead time|recovery) ([\d.]+) (\w+)": lambda n, unit: levels.duration_band(_seconds(n, unit)),
    r"band of ([\d.]+) a week and ([\d.]+) a month": lambda week, month: levels.frequency_band(
        float(week), float(month), lately=True
    ),
    r"band of ([\d.]+) a week and ([\d.]+) a month, none in six months": lambda week, month: levels.frequency_band(
        float(week), float(month), lately=False
    ),
    r"(lead time|recovery) ([\d.]+) (\w+), levels (\d+)": _duration_level,
    r"frequency of band (\d), levels (\d+)": lambda band, year: levels.frequency_level(year, int(band)),
    r"(\d+) of (\d+) failed, levels (\d+)": lambda failed, of, year: levels.failure_level(year, int(failed), int(of)),
}
