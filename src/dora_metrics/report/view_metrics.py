"""The five metrics, a row each: what they are called, how they are read from a period's result. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.measurements import Interval, PeriodResult, Spread
from dora_metrics.report import words

FEWEST = 6
"""Below so many values nothing is compared (definitions.md 9)."""


@dataclass(frozen=True)
class Reading:
    """One metric in one period; `None` is no data."""

    value: Optional[float]
    """Seconds, deployments a day, or a share from 0 to 1."""
    interval: Optional[Interval]
    """Its 95 % interval, in the same unit."""
    n: int
    """How many items it rests on."""
    level: str = ""
    band: Optional[int] = None

    @property
    def weak(self) -> bool:
        """Too few values to compare."""
        return self.n < FEWEST


@dataclass(frozen=True)
class Metric:
    """What people call a metric, and how to read it."""

    key: str
    """As in Results and in the JSON."""
    name: str
    dora_name: str
    """dora.dev's name, 2026."""
    factor: str
    less: str
    """The word for a smaller value than before."""
    more: str
    less_is_better: bool
    say: Callable[[Optional[float], Optional[float]], str]
    """The value in words; the second is the same metric over the whole window, in whose unit a rate is said."""
    read: Callable[[PeriodResult], Reading]


def _say_duration(seconds: Optional[float], _usual: Optional[float]) -> str:
    return words.format_duration(seconds)


def _say_ratio(ratio: Optional[float], _usual: Optional[float]) -> str:
    return words.format_ratio(ratio)


def _clean(number: Optional[float]) -> Optional[float]:
    return None if words.is_missing(number) else number


def _clean_interval(interval: Optional[Interval]) -> Optional[Interval]:
    return None if interval is None or any(words.is_missing(end) for end in interval) else interval


def _read_spread(spread: Spread, band: Optional[int], level: Optional[str]) -> Reading:
    value = _clean(spread.median_s)
    if value is None:  # another tool's definition may be a mean
        value = _clean(spread.mean_s)
    return Reading(value, _clean_interval(spread.ci95_s), spread.n, level or "", band)


def _read_lead_time(result: PeriodResult) -> Reading:
    lead_time = result.lead_time
    return _read_spread(lead_time.spread, lead_time.band, lead_time.level)


def _read_recovery(result: PeriodResult) -> Reading:
    return _read_spread(result.mttr.spread, result.mttr.band, result.mttr.level)


def _read_frequency(result: PeriodResult) -> Reading:
    frequency = result.deployment_frequency
    counts, days = _clean_interval(frequency.ci95_deployments), frequency.covered_days
    interval = (counts[0] / days, counts[1] / days) if counts is not None and days > 0 else None
    return Reading(_clean(frequency.per_day), interval, frequency.deployments, frequency.level or "", frequency.band)


def _read_failure_rate(result: PeriodResult) -> Reading:
    rate = result.change_failure_rate
    return Reading(_clean(rate.ratio), _clean_interval(rate.ci95), rate.deployments, rate.level or "")


def _read_rework_rate(result: PeriodResult) -> Reading:
    rework = result.rework_rate
    return Reading(_clean(rework.ratio), _clean_interval(rework.ci95), rework.deployments)


LEAD_TIME = Metric(
    key="lead_time",
    name="Lead time for changes",
    dora_name="change lead time",
    factor="Throughput",
    less="shorter",
    more="longer",
    less_is_better=True,
    say=_say_duration,
    read=_read_lead_time,
)
FREQUENCY = Metric(
    key="deployment_frequency",
    name="Deployment frequency",
    dora_name="deployment frequency",
    factor="Throughput",
    less="less often",
    more="more often",
    less_is_better=False,
    say=words.format_rate,
    read=_read_frequency,
)
RECOVERY = Metric(
    key="mttr",
    name="Failed deployment recovery time (MTTR)",
    dora_name="failed deployment recovery time",
    factor="Throughput",
    less="shorter",
    more="longer",
    less_is_better=True,
    say=_say_duration,
    read=_read_recovery,
)
FAILURE_RATE = Metric(
    key="change_failure_rate",
    name="Change failure rate",
    dora_name="change fail rate",
    factor="Instability",
    less="lower",
    more="higher",
    less_is_better=True,
    say=_say_ratio,
    read=_read_failure_rate,
)
REWORK_RATE = Metric(
    key="rework_rate",
    name="Rework rate",
    dora_name="deployment rework rate",
    factor="Instability",
    less="lower",
    more="higher",
    less_is_better=True,
    say=_say_ratio,
    read=_read_rework_rate,
)
VALUES = {
    LEAD_TIME.key: "lead_time.median_hours",
    FREQUENCY.key: "deployment_frequency.per_day",
    RECOVERY.key: "mttr.median_hours",
    FAILURE_RATE.key: "change_failure_rate.ratio",
    REWORK_RATE.key: "rework_rate.ratio",
}
"""Where each metric's value stands in the JSON of its period."""


def value_path(metric: Metric, result: PeriodResult) -> str:
    """Where the value of `Metric.read` stands in the JSON: another tool's definition may be a mean."""
    spread = {LEAD_TIME.key: result.lead_time.spread, RECOVERY.key: result.mttr.spread}.get(metric.key)
    if spread is not None and spread.median_s is None and spread.mean_s is not None:
        return f"{metric.key}.mean_hours"
    return VALUES[metric.key]


METRICS = (LEAD_TIME, FREQUENCY, RECOVERY, FAILURE_RATE, REWORK_RATE)
