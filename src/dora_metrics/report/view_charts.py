"""One chart a metric: heights, labels, what shows under the pointer, and a line that says what is seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Optional

from dora_metrics.domain.measurements import Interval, PeriodResult, Results
from dora_metrics.report import words
from dora_metrics.report.svg import CROWDED, Chart, Mark
from dora_metrics.report.table import Table
from dora_metrics.report.view_axes import Axis, duration_axis, label_periods, linear_axis
from dora_metrics.report.view_metrics import FREQUENCY, METRICS, REWORK_RATE, Metric
from dora_metrics.report.view_period_tables import period_table
from dora_metrics.report.view_periods import Focus, grain_word, zone_of

MOST_PERIODS = 200
"""So many periods a chart draws, the newest."""
DURATIONS = ("lead_time", "mttr")


@dataclass(frozen=True)
class ChartSection:
    """A metric's part of the page."""

    key: str
    heading: str
    dora_name: str
    caption: str
    chart: Optional[Chart]
    """`None` when no period has a value."""
    legend: tuple[tuple[str, str], ...]
    """Class of the swatch, and what it means."""
    table: Table


@dataclass(frozen=True)
class Plotted:
    """What one period puts into a chart, in the chart's own unit."""

    value: Optional[float]
    interval: Optional[Interval]
    second: Optional[float]
    said: str
    hollow: bool


def make_charts(results: Results, focus: Focus, start_words: str) -> tuple[ChartSection, ...]:
    """A section for each metric; none when nothing was ever deployed.

    `start_words` says where lead time begins: `the first commit`.
    """
    if not results.periods:
        return ()
    return tuple(_section(metric, results, focus, start_words) for metric in METRICS)


def _section(metric: Metric, results: Results, focus: Focus, start_words: str) -> ChartSection:
    shown = results.periods[-MOST_PERIODS:]
    unit = _unit(metric, shown)
    plotted = [_plot(metric, result, unit) for result in shown]
    if metric is FREQUENCY and len(shown) > CROWDED:  # a forest of lines that hides the bars; the table has them
        plotted = [replace(mark, interval=None) for mark in plotted]
    axis = _axis(metric, plotted, unit)
    caption = " ".join(
        sentence
        for sentence in (
            _meaning(metric, grain_word(results.grain), start_words),
            _extremes(shown, plotted),
            *_remarks(axis, plotted, len(results.periods) - len(shown), results.grain),
        )
        if sentence
    )
    offset = len(results.periods) - len(shown)
    chart = Chart(
        key=f"chart_{metric.key}",
        title=f"{metric.name} by {grain_word(results.grain)}",
        description=caption,
        marks=_marks(shown, plotted, axis, zone_of(results)),
        lines=tuple((axis.height(value) or 0.0, label) for value, label in axis.lines),
        bars=metric is FREQUENCY,
        focus=None if focus.index is None or focus.index < offset else focus.index - offset,
        focus_label="" if focus.index is None else _focus_label(metric, focus),
    )
    drawn = any(mark.value is not None or mark.second is not None for mark in plotted)
    return ChartSection(
        key=metric.key,
        heading=metric.name,
        dora_name=metric.dora_name,
        caption=caption,
        chart=chart if drawn else None,
        legend=_legend(metric, plotted),
        table=period_table(metric, shown, unit, zone_of(results)),
    )


def _unit(metric: Metric, shown: Sequence[PeriodResult]) -> words.Unit:
    """The unit of the whole chart and of its table; for the frequency, of the gaps between deployments."""
    if metric is FREQUENCY:
        return words.choose_unit(result.deployment_frequency.median_gap_s for result in shown)
    return words.choose_unit(metric.read(result).value for result in shown) if metric.key in DURATIONS else words.HOURS


def _plot(metric: Metric, result: PeriodResult, unit: words.Unit) -> Plotted:
    reading = metric.read(result)
    weak = reading.weak and metric is not FREQUENCY
    plotted = Plotted(reading.value, reading.interval, None, _said(metric, result), result.partial or weak)
    if metric is FREQUENCY:
        frequency = result.deployment_frequency
        known = reading.value is not None
        return replace(
            plotted,
            value=float(frequency.deployments) if known else None,
            interval=frequency.ci95_deployments if known else None,
        )
    if metric is REWORK_RATE:
        return replace(plotted, second=result.rework_rate.trailing_6_months)
    if metric.key in DURATIONS:
        interval = reading.interval
        return replace(
            plotted,
            value=None if reading.value is None else unit.of(reading.value),
            interval=None if interval is None else (unit.of(interval[0]), unit.of(interval[1])),
        )
    return plotted


def _said(metric: Metric, result: PeriodResult) -> str:
    """One period in words: what shows under the pointer."""
    reading = metric.read(result)
    interval = {
        "lead_time": words.format_duration_range,
        "mttr": words.format_duration_range,
        "change_failure_rate": words.format_ratio_range,
        "rework_rate": words.format_ratio_range,
    }.get(metric.key)
    parts = [metric.say(reading.value, None)]
    if metric is FREQUENCY:
        parts = [words.plural(result.deployment_frequency.deployments, "deployment"), metric.say(reading.value, None)]
    else:
        parts.append(f"n = {reading.n:,}")
    if interval is not None and reading.interval is not None:
        parts.append(f"95 % interval {interval(reading.interval)}")
    parts += [mark for mark, holds in (("partial", result.partial), ("provisional", result.provisional)) if holds]
    return f"{result.period.label}: {', '.join(parts)}"


def _axis(metric: Metric, plotted: Sequence[Plotted], unit: words.Unit) -> Axis:
    values = [mark.value for mark in plotted if mark.value is not None]
    ends = [mark.interval[1] for mark in plotted if mark.interval is not None and mark.value is not None]
    if metric.key in DURATIONS:
        return duration_axis(values, ends, unit)
    if metric is FREQUENCY:
        return linear_axis(values, ends, least=4.0)
    shares = [100 * share for share in (*values, *(mark.second for mark in plotted if mark.second is not None))]
    percent = linear_axis(shares, [100 * end for end in ends], least=20.0, spare=60.0, most=100.0, word="%")
    return Axis(0.0, percent.high / 100, tuple((value / 100, label) for value, label in percent.lines))


def _marks(shown: Sequence[PeriodResult], plotted: Sequence[Plotted], axis: Axis, zone: tzinfo) -> tuple[Mark, ...]:
    ticks = label_periods([result.period for result in shown], zone)
    return tuple(
        Mark(
            tip=mark.said,
            height=axis.height(mark.value),
            low=None if mark.interval is None else axis.height(mark.interval[0]),
            high=None if mark.interval is None else axis.height(mark.interval[1]),
            second=axis.height(mark.second),
            hollow=mark.hollow,
            tick=tick,
            minor=minor,
        )
        for mark, (tick, minor) in zip(plotted, ticks)
    )


def _focus_label(metric: Metric, focus: Focus) -> str:
    reading = metric.read(focus.result)
    if metric is FREQUENCY and reading.value is not None:
        return f"{focus.result.period.label}: {words.plural(reading.n, 'deployment')}"
    return f"{focus.result.period.label}: {metric.say(reading.value, None)}"


def _meaning(metric: Metric, grain: str, start_words: str) -> str:
    return {
        "lead_time": f"The median time from {start_words} to production, of the changes deployed in each {grain}.",
        "deployment_frequency": f"How many deployments reached production in each {grain}.",
        "mttr": f"The median time until users were well again, of the failures restored in each {grain}.",
        "change_failure_rate": f"The share of the deployments of each {grain} that failed, proposals included.",
        "rework_rate": f"The share of the deployments of each {grain} that were unplanned: a hotfix or a rollback.",
    }[metric.key]


def _extremes(shown: Sequence[PeriodResult], plotted: Sequence[Plotted]) -> str:
    """Highest and lowest among what can be compared: whole periods with enough values."""
    sound = [(mark.value, mark.said) for mark in plotted if mark.value is not None and not mark.hollow]
    known = sum(mark.value is not None for mark in plotted)
    if not known:
        return "There is no value yet."
    if len(sound) < 3 or min(sound)[0] == max(sound)[0]:  # noqa: PLR2004 (two are seen without words)
        return ""
    first, last = shown[0].period.label, shown[-1].period.label
    return f"From {first} to {last} the highest is {_short(max(sound)[1])}, the lowest {_short(min(sound)[1])}."


def _short(said: str) -> str:
    """`2025-Q1: 20.5 h, n = 41` as `20.5 h in 2025-Q1`."""
    label, _, rest = said.partition(": ")
    return f"{rest.split(', ')[0]} in {label}"


def _remarks(axis: Axis, plotted: Sequence[Plotted], older: int, grain: str) -> list[str]:
    remarks = []
    if axis.logarithmic:
        remarks.append("The scale is logarithmic: each line is ten times the one below it.")
    if any(mark.interval is not None and mark.interval[1] > axis.high * (1 + 1e-9) for mark in plotted):
        remarks.append("An interval that reaches the top goes on; the table has its end.")
    if older:
        remarks.append(f"{words.plural(older, 'older ' + _unit_of(grain))} not drawn.")
    return remarks


def _unit_of(grain: str) -> str:
    return "window" if grain.endswith("d") else grain_word(grain)


def _legend(metric: Metric, plotted: Sequence[Plotted]) -> tuple[tuple[str, str], ...]:
    """Only what is really drawn."""
    bars = metric is FREQUENCY
    entries: list[tuple[str, str, Callable[[Plotted], bool]]] = [
        ("bar" if bars else "point", "deployments" if bars else "value", lambda mark: not mark.hollow),
        (
            "bar hollow" if bars else "point hollow",
            "partial period" if bars else "partial period, or fewer than six values",
            lambda mark: mark.hollow and mark.value is not None,
        ),
        ("whisker" if bars else "interval", "95 % interval", lambda mark: mark.interval is not None),
        ("second", "the six months up to then", lambda mark: mark.second is not None),
        ("gap", "gap: no data", lambda mark: mark.value is None),
    ]
    return tuple((swatch, meaning) for swatch, meaning, drawn in entries if any(drawn(mark) for mark in plotted))
