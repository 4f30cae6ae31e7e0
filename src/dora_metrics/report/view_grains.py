"""One length of period with all its periods: for each the first screen and its pictures. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.shapes import PeriodShape, Shapes
from dora_metrics.report.report_facts import ReportFacts
from dora_metrics.report.svg import Chart
from dora_metrics.report.table import Table
from dora_metrics.report.view_charts import MOST_PERIODS, ChartSection, make_charts
from dora_metrics.report.view_compare import Comparison, make_comparison
from dora_metrics.report.view_headlines import Headline, make_headlines
from dora_metrics.report.view_overview import Part, make_overview, overview_caption
from dora_metrics.report.view_periods import Focus, choose_focus, focus_at, grain_word
from dora_metrics.report.view_shapes import (
    distribution_caption,
    distribution_chart,
    distribution_table,
    stage_charts,
    stage_scale,
    stage_table,
    unknown_stages,
)
from dora_metrics.report.view_trust import Counts, say_trust

GRAIN_NAMES = {
    "daily": "Days",
    "weekly": "Weeks",
    "monthly": "Months",
    "quarterly": "Quarters",
    "yearly": "Years",
    "all": "The whole window",
}
WHOLE = "overall"
"""The label of the whole window, in the JSON and among the choices."""


@dataclass(frozen=True)
class Distribution:
    """How the lead times of one period spread out, before those of the whole window."""

    caption: str
    chart: Optional[Chart]
    table: Table


@dataclass(frozen=True)
class PeriodView:
    """What the page says of one period."""

    label: str
    """As in the JSON."""
    name: str
    """As people choose it."""
    focus: Focus
    newest_complete: bool
    headlines: tuple[Headline, ...]
    trust: tuple[str, ...]
    comparison: tuple[Comparison, ...]
    distribution: Optional[Distribution]
    overview: Optional[Table]

    @property
    def groups(self) -> tuple[tuple[str, tuple[Headline, ...]], ...]:
        """The headlines by DORA's factors."""
        factors = dict.fromkeys(headline.factor for headline in self.headlines)
        return tuple((factor, tuple(card for card in self.headlines if card.factor == factor)) for factor in factors)


@dataclass(frozen=True)
class GrainView:
    """What the page says by one length of period."""

    key: str
    """`quarterly`."""
    word: str
    """What one period is called: `quarter`."""
    name: str
    """As people choose it: `Quarters`."""
    window: str
    charts: tuple[ChartSection, ...]
    stages: tuple[tuple[str, str, Chart], ...]
    """A picture a stage: name, meaning, picture; none where no stage is known."""
    stage_table: Optional[Table]
    stage_scale: str
    """What to know about the scale of these pictures; may be empty."""
    unknown_stages: str
    """Which stages have no value; empty when all have."""
    first: PeriodView
    """The newest complete period, or the whole window where none is complete."""
    periods: tuple[PeriodView, ...]
    """All that can be chosen: newest first, the whole window last."""
    overview_caption: str

    @property
    def drawn(self) -> frozenset[str]:
        """Keys of the metrics that have a picture."""
        return frozenset(chart.key for chart in self.charts)


def make_grain(
    results: Results,
    shapes: Optional[Shapes],
    parts: Sequence[Part],
    facts: ReportFacts,
    counts: Counts,
    start_words: str,
) -> GrainView:
    """The views of all periods of `results`; at most `MOST_PERIODS` of them, the newest, and the whole window."""
    newest = choose_focus(results)
    other_rules = results.overall.by_other_rules
    shapes = None if other_rules else shapes  # they are of our own lead times
    periods = tuple(
        _period(results, focus, shapes, parts, facts, counts, newest=focus.index == newest.index)
        for focus in _focuses(results)
    )
    known = bool(results.periods) and shapes is not None
    stages = stage_charts(results, shapes, MOST_PERIODS) if known and shapes is not None else ()
    return GrainView(
        key=results.grain,
        word=grain_word(results.grain),
        name=GRAIN_NAMES.get(results.grain, f"Windows of {grain_word(results.grain)}"),
        window=_window(results),
        charts=make_charts(results, newest, start_words),
        stages=stages,
        stage_table=stage_table(results, shapes, MOST_PERIODS) if stages and shapes is not None else None,
        stage_scale=stage_scale(stages),
        unknown_stages="" if other_rules else unknown_stages(stages),
        first=next(period for period in periods if period.focus.index == newest.index),
        periods=periods,
        overview_caption=overview_caption(parts),
    )


def _focuses(results: Results) -> Iterator[Focus]:
    if results.grain == "all" and results.periods:
        yield focus_at(results, 0)
        return
    count = len(results.periods)
    for index in range(count - 1, max(count - MOST_PERIODS, 0) - 1, -1):
        yield focus_at(results, index)
    yield focus_at(results, None)


def _period(
    results: Results,
    focus: Focus,
    shapes: Optional[Shapes],
    parts: Sequence[Part],
    facts: ReportFacts,
    counts: Counts,
    *,
    newest: bool,
) -> PeriodView:
    whole = focus.index is None
    return PeriodView(
        label=WHOLE if whole else focus.result.period.label,
        name="The whole window" if whole else focus.label + (" (partial)" if focus.result.partial else ""),
        focus=focus,
        newest_complete=newest and not whole,
        headlines=make_headlines(results, focus, facts.levels),
        trust=say_trust(results, focus, counts, unresolved=facts.unresolved, truncated=facts.truncated),
        comparison=make_comparison(results, focus),
        distribution=None if shapes is None else _distribution(shapes, _shape(shapes, focus), focus.label),
        overview=make_overview(results, focus.index, parts),
    )


def _shape(shapes: Shapes, focus: Focus) -> PeriodShape:
    return shapes.overall if focus.index is None else shapes.periods[focus.index]


def _distribution(shapes: Shapes, shape: PeriodShape, label: str) -> Distribution:
    return Distribution(
        distribution_caption(shapes, shape, label),
        distribution_chart(shapes, shape, label),
        distribution_table(shapes, shape, label),
    )


def _window(results: Results) -> str:
    """`2022-Q1 to 2025-Q1`; empty when nothing was ever deployed."""
    if not results.periods:
        return ""
    first, last = results.periods[0].period.label, results.periods[-1].period.label
    return first if first == last else f"{first} to {last}"
