"""The pictures of how lead times spread out, and of the stages that a change goes through. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

from dora_metrics.domain.measurements import PeriodResult, Results, Spread
from dora_metrics.domain.shapes import STAGES, PeriodShape, Shapes
from dora_metrics.report import words
from dora_metrics.report.svg import Chart, Mark
from dora_metrics.report.table import Cell, Column, Table
from dora_metrics.report.view_axes import LOGARITHMIC, Axis, duration_axis, label_periods, linear_axis
from dora_metrics.report.view_metrics import FEWEST
from dora_metrics.report.view_periods import zone_of
from dora_metrics.report.words import DAY_S, HOUR_S, Unit, choose_unit, format_in

STAGE_WORDS = {
    "coding": ("Coding", "from the first commit to the opening of the pull request"),
    "pickup": ("Pickup", "from ready for review to the first review"),
    "review": ("Review", "from the first review to the merge"),
    "deploy": ("Deploy", "from the merge to production"),
}
LANDMARKS = (
    (60.0, "1 min"),
    (600.0, "10 min"),
    (HOUR_S, "1 h"),
    (6 * HOUR_S, "6 h"),
    (DAY_S, "1 day"),
    (7 * DAY_S, "1 week"),
    (730 * HOUR_S, "1 month"),
    (4380 * HOUR_S, "6 months"),
    (8760 * HOUR_S, "1 year"),
    (87600 * HOUR_S, "10 years"),
)
"""Durations that people know, named at the bin that holds them."""
MINOR = ("10 min", "6 h", "1 week", "6 months")
"""Those that a narrow page leaves out."""
STAGE_BOTTOM = 120.0


def distribution_chart(shapes: Shapes, shape: PeriodShape, label: str) -> Optional[Chart]:
    """The histogram on a logarithmic scale; the darker part is the period `label`. `None` when no change counts."""
    whole = shapes.overall.counts
    if not sum(whole):
        return None
    axis = linear_axis([float(count) for count in whole], [], least=4.0)
    own = shape is not shapes.overall
    marks = []
    for index, count in enumerate(whole):
        low, high = shapes.edges_s[index], shapes.edges_s[index + 1]
        said = f"{bin_words(shapes, index)}: {words.plural(count, 'change')} in the whole window"
        marks.append(
            Mark(
                tip=f"{said}, {shape.counts[index]:,} in {label}" if own else said,
                height=axis.height(float(count)),
                inner=axis.height(float(shape.counts[index])) if own else None,
                tick=_landmark(shapes, index)[0],
                tick_at=_landmark(shapes, index)[1],
                minor=_landmark(shapes, index)[0] in MINOR,
                show=f"lead:{0 if index == 0 else low:.3f}:{f'{high:.3f}' if index + 1 < len(whole) else ''}",
                period="overall",
            )
        )
    return Chart(
        key="chart_distribution",
        title="Distribution of lead times",
        description=distribution_caption(shapes, shape, label),
        marks=tuple(marks),
        lines=tuple((axis.height(value) or 0.0, text) for value, text in axis.lines),
        bars=True,
        dense=True,
    )


def distribution_caption(shapes: Shapes, shape: PeriodShape, label: str) -> str:
    """What the picture shows, in a sentence or two."""
    total = sum(shapes.overall.counts)
    if not total:
        return "There is no lead time yet."
    said = f"How many of {words.plural(total, 'change')} took how long, on a logarithmic scale"
    if shape is not shapes.overall:
        said += f"; the darker part are the {sum(shape.counts):,} of {label}"
    return f"{said}. Each bar reaches 1.8 times as far as the one before it."


def bin_words(shapes: Shapes, index: int) -> str:
    """`1.8 to 3.2 days`."""
    low, high = shapes.edges_s[index], shapes.edges_s[index + 1]
    return f"up to {words.format_duration(high)}" if index == 0 else words.format_duration_range((low, high))


def _landmark(shapes: Shapes, index: int) -> tuple[str, float]:
    """The first duration within the bin that people know, and where in it that lies."""
    low, high = shapes.edges_s[index], shapes.edges_s[index + 1]
    for seconds, text in LANDMARKS:
        if low <= seconds * (1 + 1e-9) < high:
            return text, max(math.log(seconds / low) / math.log(high / low), 0.0)
    return "", 0.0


def distribution_table(shapes: Shapes, shape: PeriodShape, label: str) -> Table:
    """The same as numbers, every bin in one unit."""
    unit = choose_unit(shapes.edges_s)
    own = shape is not shapes.overall
    columns = [Column(f"From, {unit.name}", number=True), Column(f"To, {unit.name}", number=True)]
    columns += [Column("Changes, whole window", number=True), *([Column(f"Of {label}", number=True)] if own else [])]
    return Table(
        key="table_distribution",
        heading="Distribution as a table",
        columns=tuple(columns),
        rows=tuple(
            (
                Cell(_exactly(unit, 0.0 if index == 0 else shapes.edges_s[index])),
                Cell(_exactly(unit, shapes.edges_s[index + 1])),
                Cell(f"{count:,}"),
                *([Cell(f"{shape.counts[index]:,}")] if own else []),
            )
            for index, count in enumerate(shapes.overall.counts)
        ),
        total=len(shapes.overall.counts),
    )


def _exactly(unit: Unit, seconds: float) -> str:
    return f"{unit.of(seconds):,.2f}"


def stage_charts(results: Results, shapes: Shapes, most: int) -> tuple[tuple[str, str, Chart], ...]:
    """A small picture of each stage that is known, all on one scale: name, meaning, picture."""
    shown, drawn = results.periods[-most:], shapes.periods[-most:]
    medians = [spread.median_s for shape in drawn for spread in shape.stages]
    if all(median is None for median in medians):
        return ()
    unit = choose_unit(medians)
    axis = duration_axis([unit.of(median) for median in medians if median is not None], [], unit)
    return tuple(
        (*STAGE_WORDS[stage], _stage(results, shown, [shape.stages[place] for shape in drawn], stage, axis, unit))
        for place, stage in enumerate(STAGES)
        if any(shape.stages[place].n for shape in drawn)
    )


def stage_scale(charts: Sequence[tuple[str, str, Chart]]) -> str:
    """That the scale is logarithmic, where it is: such a one has no zero."""
    labels = {label for _, _, chart in charts for _, label in chart.lines}
    return LOGARITHMIC if charts and "0" not in labels else ""


def unknown_stages(charts: Sequence[tuple[str, str, Chart]]) -> str:
    """Which stages have no value, in a sentence; empty when all have."""
    known = {name for name, _, _ in charts}
    missing = [name for name, _ in STAGE_WORDS.values() if name not in known]
    if not missing:
        return ""
    names = ", ".join(missing)
    return f"{names}: no data; when a pull request was opened, reviewed and merged is known to GitHub, not to git."


def _stage(
    results: Results, shown: Sequence[PeriodResult], spreads: Sequence[Spread], stage: str, axis: Axis, unit: Unit
) -> Chart:
    name, meaning = STAGE_WORDS[stage]
    ticks = label_periods([result.period for result in shown], zone_of(results))
    return Chart(
        key=f"chart_stage_{stage}_{results.grain}",
        title=f"{name}: {meaning}",
        description=f"The median in each period, {words.plural(sum(spread.n for spread in spreads), 'change')} in all.",
        marks=tuple(
            Mark(
                tip=f"{result.period.label}: {words.format_duration(spread.median_s)}, n = {spread.n:,}",
                height=None if spread.median_s is None else axis.height(unit.of(spread.median_s)),
                hollow=result.partial or spread.n < FEWEST,
                tick=tick,
                minor=minor or index % 2 == 1,
                show="lead_time.counted",
                period=result.period.label,
            )
            for index, (result, spread, (tick, minor)) in enumerate(zip(shown, spreads, ticks))
        ),
        lines=tuple((axis.height(value) or 0.0, label) for value, label in axis.lines),
        bottom=STAGE_BOTTOM,
    )


def stage_table(results: Results, shapes: Shapes, most: int) -> Table:
    """The medians of all stages, newest period first, in one unit."""
    shown, drawn = results.periods[-most:], shapes.periods[-most:]
    unit = choose_unit(spread.median_s for shape in drawn for spread in shape.stages)
    return Table(
        key=f"table_stages_{results.grain}",
        heading="Stages as a table",
        columns=(
            Column("Period"),
            *(
                column
                for stage in STAGES
                for column in (
                    Column(f"{STAGE_WORDS[stage][0]}, {unit.name}", number=True),
                    Column("Changes", number=True),
                )
            ),
        ),
        rows=tuple(
            (
                Cell(result.period.label),
                *(
                    cell
                    for spread in shape.stages
                    for cell in (Cell(format_in(unit, spread.median_s)), Cell(f"{spread.n:,}"))
                ),
            )
            for result, shape in zip(reversed(shown), reversed(drawn))
        ),
        total=len(shown),
    )
