"""What each period puts into a metric's chart: values in one unit, the scale over them, the marks on it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Optional

from dora_metrics.domain.measurements import Interval, PeriodResult
from dora_metrics.report import words
from dora_metrics.report.svg import CROWDED, Mark
from dora_metrics.report.view_axes import Axis, duration_axis, label_periods, linear_axis
from dora_metrics.report.view_metrics import FREQUENCY, LEAD_TIME, REWORK_RATE, Metric

DURATIONS = ("lead_time", "mttr")
NEARLY = 1e-9
"""A value this much beyond the scale, in parts of its end, is rounding."""


@dataclass(frozen=True)
class Plotted:
    """What one period puts into a chart, in the chart's own unit."""

    value: Optional[float]
    interval: Optional[Interval]
    second: Optional[float]
    said: str
    hollow: bool
    """To be read with care: a partial period, or too few values."""

    def cut_by(self, axis: Axis) -> tuple[bool, bool]:
        """Whether the interval goes on below the scale, and above it."""
        if self.interval is None:
            return False, False
        return self.interval[0] < axis.low * (1 - NEARLY), self.interval[1] > axis.high * (1 + NEARLY)


def plot_all(
    metric: Metric, shown: Sequence[PeriodResult], unit: words.Unit, usual: Optional[float]
) -> Sequence[Plotted]:
    """What each period shows; `usual` is the metric over the whole window."""
    plotted = [_plot(metric, result, unit, usual) for result in shown]
    if metric is FREQUENCY and len(shown) > CROWDED:  # a forest of lines that hides the bars; the table has them
        return [replace(mark, interval=None) for mark in plotted]
    return plotted


def unit_of_chart(metric: Metric, shown: Sequence[PeriodResult]) -> words.Unit:
    """The unit of the whole chart and of its table; for the frequency, of the gaps between deployments."""
    if metric is FREQUENCY:
        return words.choose_unit(result.deployment_frequency.median_gap_s for result in shown)
    return words.choose_unit(metric.read(result).value for result in shown) if metric.key in DURATIONS else words.HOURS


def _plot(metric: Metric, result: PeriodResult, unit: words.Unit, usual: Optional[float]) -> Plotted:
    reading = metric.read(result)
    weak = reading.weak and metric is not FREQUENCY
    plotted = Plotted(reading.value, reading.interval, None, _said(metric, result, usual), result.partial or weak)
    if metric is FREQUENCY:
        frequency = result.deployment_frequency
        known = reading.value is not None
        if result.by_other_rules:
            return replace(plotted, value=frequency.per_week)
        return replace(
            plotted,
            value=float(frequency.deployments) if known else None,
            interval=frequency.ci95_deployments if known else None,
        )
    if metric is REWORK_RATE:
        return replace(plotted, second=result.rework_rate.trailing_6_months)
    if metric.key in DURATIONS:
        interval, each = reading.interval, _each_commit(metric, result)
        return replace(
            plotted,
            second=None if each is None else unit.of(each),
            value=None if reading.value is None else unit.of(reading.value),
            interval=None if interval is None else (unit.of(interval[0]), unit.of(interval[1])),
        )
    return plotted


def _each_commit(metric: Metric, result: PeriodResult) -> Optional[float]:
    """The median of the commits by themselves, in seconds; only beside lead time, and only by our own rules."""
    if metric is not LEAD_TIME or result.by_other_rules:
        return None
    return result.lead_time.per_commit_median_s


def _said(metric: Metric, result: PeriodResult, usual: Optional[float]) -> str:
    """One period in words: what shows under the pointer."""
    reading = metric.read(result)
    interval = {
        "lead_time": words.format_duration_range,
        "mttr": words.format_duration_range,
        "change_failure_rate": words.format_ratio_range,
        "rework_rate": words.format_ratio_range,
    }.get(metric.key)
    parts = [metric.say(reading.value, usual)]
    if metric is FREQUENCY:
        count = words.plural(result.deployment_frequency.deployments, "deployment")
        parts = [*parts, count] if result.by_other_rules else [count, *parts]
    else:
        parts.append(f"n = {reading.n:,}")
    if interval is not None and reading.interval is not None:
        parts.append(f"95 % interval {interval(reading.interval)}")
    parts += [mark for mark, holds in (("partial", result.partial), ("provisional", result.provisional)) if holds]
    return f"{result.period.label}: {', '.join(parts)}"


def axis_of(metric: Metric, plotted: Sequence[Plotted], unit: words.Unit) -> Axis:
    """The scale that holds every value, and the intervals of what can be relied on.

    The interval of a partial period or of too few values gets no room of its own, or one tiny period would press all
    others flat; where there are only such ones, theirs count.
    """
    values = [mark.value for mark in plotted if mark.value is not None]
    drawn = [mark for mark in plotted if mark.value is not None]
    ruling = [mark for mark in drawn if not mark.hollow] or drawn
    ends = [mark.interval[1] for mark in ruling if mark.interval is not None]
    seconds = [mark.second for mark in plotted if mark.second is not None]
    if metric.key in DURATIONS:
        return duration_axis([*values, *seconds], ends, unit)
    if metric is FREQUENCY:
        counts = all(value.is_integer() for value in values)
        return linear_axis(values, ends, least=4.0 if counts else 1.0)
    shares = [100 * share for share in (*values, *seconds)]
    percent = linear_axis(shares, [100 * end for end in ends], least=20.0, spare=60.0, most=100.0, word="%")
    return Axis(0.0, percent.high / 100, tuple((value / 100, label) for value, label in percent.lines))


def marks_of(
    shown: Sequence[PeriodResult], plotted: Sequence[Plotted], axis: Axis, zone: tzinfo, show: str = ""
) -> tuple[Mark, ...]:
    """The marks of the drawing, one a period; `show` says which items each counts."""
    ticks = label_periods([result.period for result in shown], zone)
    return tuple(
        Mark(
            tip=mark.said,
            height=axis.height(mark.value),
            low=None if mark.interval is None else axis.height(mark.interval[0]),
            high=None if mark.interval is None else axis.height(mark.interval[1]),
            cut=mark.cut_by(axis),
            second=axis.height(mark.second),
            hollow=mark.hollow,
            tick=tick,
            minor=minor,
            show=show,
            period=result.period.label,
        )
        for result, mark, (tick, minor) in zip(shown, plotted, ticks)
    )
