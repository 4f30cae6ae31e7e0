"""The HTML report: the numbers by several lengths of period, and of each repository or service, on one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.models import dataset_name
from dora_metrics.pipeline.numbers import Frames, frames_at, results_of
from dora_metrics.pipeline.page_facts import report_facts
from dora_metrics.pipeline.selection import wanted_places
from dora_metrics.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from dora_metrics.report.view_overview import Part

FURTHER = ("monthly", "quarterly", "yearly")
"""Lengths of period that the page offers beside the configured one."""


def page_of(workspace: Workspace, frames: Frames, results: Results) -> str:
    """The page for `results`, which are those of `frames` by the configured length of period."""
    from dora_metrics.calculators.shapes import shapes_of  # noqa: PLC0415 (pandas)
    from dora_metrics.report.html import render_html  # noqa: PLC0415 (jinja2)

    others = [_by(workspace, frames, results, grain) for grain in FURTHER if grain != results.grain]
    if not results.periods:
        others = []
    return render_html(
        results,
        changes=frames.changes,
        deployments=frames.deployments,
        incidents=frames.incidents,
        facts=report_facts(workspace, frames.record, unresolved=int((frames.changes["via"] == "unresolved").sum())),
        others=others,
        shapes={each.grain: shapes_of(frames.changes, each) for each in (results, *others)},
        parts=list(_parts(workspace, frames, [results.grain, *(each.grain for each in others)])),
    )


def _by(workspace: Workspace, frames: Frames, results: Results, grain: str) -> Results:
    """The same numbers by another length of period."""
    made = results_of(workspace, frames, grain=grain)
    return replace(results, grain=made.grain, periods=made.periods, overall=made.overall)


def _parts(workspace: Workspace, frames: Frames, grains: list[str]) -> Iterator[Part]:
    """The repositories in the configured order, the services of each too; none where there is only one."""
    from dora_metrics.report.view_overview import Part  # noqa: PLC0415 (with the report)

    places = wanted_places(workspace)
    if len(places) < 2:  # noqa: PLR2004 (one part is the whole)
        return
    for repository, service in places:
        alone = replace(workspace, repository=repository, service=service)
        held = frames_at(frames, [(repository, service)])
        name = dataset_name(repository, service)
        yield Part(name, {grain: results_of(alone, held, grain=grain) for grain in grains})
