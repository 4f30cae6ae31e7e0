"""One chart a metric: heights, labels, what shows under the pointer, and a line that says what is seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.report import words
from dora_metrics.report.svg import Chart
from dora_metrics.report.table import Table
from dora_metrics.report.view_axes import LOGARITHMIC, Axis
from dora_metrics.report.view_links import MAIN_SHOW
from dora_metrics.report.view_metrics import FREQUENCY, Metric
from dora_metrics.report.view_other_rules import metrics_in, rule_of
from dora_metrics.report.view_period_tables import period_table
from dora_metrics.report.view_periods import Focus, grain_word, zone_of
from dora_metrics.report.view_plots import Plotted, axis_of, marks_of, plot_all, unit_of_chart

MOST_PERIODS = 200
"""So many periods a chart draws, the newest."""

SECONDS = {"lead_time": "each commit by itself, from when it was written", "rework_rate": "the six months up to then"}
"""What the second line of a chart is."""


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


def make_charts(results: Results, focus: Focus, start_words: str) -> tuple[ChartSection, ...]:
    """A section for each metric; none when nothing was ever deployed.

    `start_words` says where lead time begins: `the first commit`.
    """
    if not results.periods:
        return ()
    return tuple(_section(metric, results, focus, start_words) for metric in metrics_in(results.overall))


def _section(metric: Metric, results: Results, focus: Focus, start_words: str) -> ChartSection:
    shown, other_rules = results.periods[-MOST_PERIODS:], results.overall.by_other_rules
    unit, usual = unit_of_chart(metric, shown), metric.read(results.overall).value
    plotted = plot_all(metric, shown, unit, usual)
    axis = axis_of(metric, plotted, unit)
    caption = " ".join(
        sentence
        for sentence in (
            rule_of(metric, results.overall)
            if other_rules
            else _meaning(metric, grain_word(results.grain), start_words),
            _extremes(shown, plotted),
            *_remarks(axis, plotted, len(results.periods) - len(shown), results.grain),
        )
        if sentence
    )
    offset = len(results.periods) - len(shown)
    chart = Chart(
        key=f"chart_{metric.key}_{results.grain}",
        title=f"{metric.name} by {grain_word(results.grain)}",
        description=caption,
        marks=marks_of(shown, plotted, axis, zone_of(results), "" if other_rules else MAIN_SHOW[metric.key]),
        lines=tuple((axis.height(value) or 0.0, label) for value, label in axis.lines),
        bars=metric is FREQUENCY,
        focus=None if focus.index is None or focus.index < offset else focus.index - offset,
        focus_label="" if focus.index is None else _focus_label(metric, focus, usual),
    )
    drawn = any(mark.value is not None or mark.second is not None for mark in plotted)
    return ChartSection(
        key=metric.key,
        heading=metric.name,
        dora_name=metric.dora_name,
        caption=caption,
        chart=chart if drawn else None,
        legend=_legend(metric, plotted, "deployments a week" if other_rules else "deployments"),
        table=period_table(metric, shown, unit, zone_of(results)),
    )


def _focus_label(metric: Metric, focus: Focus, usual: Optional[float]) -> str:
    reading = metric.read(focus.result)
    if metric is FREQUENCY and reading.value is not None and not focus.result.by_other_rules:
        return f"{focus.result.period.label}: {words.plural(reading.n, 'deployment')}"
    return f"{focus.result.period.label}: {metric.say(reading.value, usual)}"


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
        remarks.append(LOGARITHMIC)
    if any(any(mark.cut_by(axis)) for mark in plotted if mark.value is not None):
        remarks.append("An interval that ends in an arrow goes on beyond the scale; the table has its end.")
    if older:
        remarks.append(f"{words.plural(older, 'older ' + _unit_of(grain))} not drawn.")
    return remarks


def _unit_of(grain: str) -> str:
    return "window" if grain.endswith("d") else grain_word(grain)


def _legend(metric: Metric, plotted: Sequence[Plotted], counted: str) -> tuple[tuple[str, str], ...]:
    """Only what is really drawn."""
    bars = metric is FREQUENCY
    entries: list[tuple[str, str, Callable[[Plotted], bool]]] = [
        ("bar" if bars else "point", counted if bars else "value", lambda mark: not mark.hollow),
        (
            "bar hollow" if bars else "point hollow",
            "partial period" if bars else "partial period, or fewer than six values",
            lambda mark: mark.hollow and mark.value is not None,
        ),
        ("whisker" if bars else "interval", "95 % interval", lambda mark: mark.interval is not None),
        ("second", SECONDS.get(metric.key, ""), lambda mark: mark.second is not None),
        ("gap", "gap: no data", lambda mark: mark.value is None),
    ]
    return tuple((swatch, meaning) for swatch, meaning, drawn in entries if any(drawn(mark) for mark in plotted))
