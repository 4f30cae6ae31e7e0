"""The whole page as final text, numbers and heights: what the template only has to place. Pure.

Nothing here knows HTML, and nothing computes a metric: every number comes from `Results` or is a count of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.shapes import Shapes
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.report_facts import ReportFacts
from dora_metrics.report.results_cells import about_profile
from dora_metrics.report.svg import Chart
from dora_metrics.report.svg_timeline import Timeline
from dora_metrics.report.table import Shown, Table
from dora_metrics.report.view_ages import ages_caption, ages_chart, ages_table, count_ages
from dora_metrics.report.view_frames import counts_of
from dora_metrics.report.view_grains import GrainView, make_grain
from dora_metrics.report.view_item_tables import make_tables
from dora_metrics.report.view_overview import Part
from dora_metrics.report.view_periods import Focus, zone_of
from dora_metrics.report.view_quality import Finding, say_findings
from dora_metrics.report.view_timeline import LEGEND, make_timeline
from dora_metrics.report.view_trust import Trust, count_rows, judge
from dora_metrics.report.words import format_date

if TYPE_CHECKING:
    import pandas as pd

NOTHING: Mapping[str, Shapes] = MappingProxyType({})
STARTS = {
    "first_commit": "the first commit",
    "ready": "the request for review",
    "created": "the opening of the pull request",
    "merged": "the merge",
}


@dataclass(frozen=True)
class AgesSection:
    """What waits for a deployment."""

    caption: str
    chart: Optional[Chart]
    table: Table


@dataclass(frozen=True)
class ReportView:
    """The page."""

    title: str
    grains: tuple[GrainView, ...]
    """Each length of period that the page can speak of; the configured one first."""
    trust: Trust
    findings: tuple[Finding, ...]
    """What to know about the data, the gravest first; empty = not assessed, then `trust` has counts."""
    timeline: Optional[Timeline]
    ages: AgesSection
    tables: tuple[Table, ...]
    shown: Shown
    start: str
    """Where lead time begins, in words."""
    as_of: str
    timezone: str
    profile: str
    """Whose definitions made the numbers."""
    facts: ReportFacts
    totals: Mapping[str, int]
    """How many rows there are of each table that the page holds whole: of all changes, counted or not."""
    about_profile: tuple[str, ...] = ()
    """Another tool's rules, and what of it is not the same; empty under our own."""
    profile_title: str = ""
    """What that tool is called."""
    timeline_legend: tuple[tuple[str, str], ...] = LEGEND

    @property
    def basis(self) -> tuple[tuple[str, str], ...]:
        """On what the numbers rest, before the settings: what, value."""
        stored = () if self.facts.store_number is None else (("Record of the store", f"{self.facts.store_number}"),)
        head = (("Hash of that record", self.facts.head_hash),) if self.facts.head_hash else ()
        return (
            ("Definitions", "DORA's (dora.dev)" if self.profile == "dora" else self.profile_title),
            ("As of", self.as_of),
            ("dora-metrics", self.facts.tool_version),
            *stored,
            *head,
        )

    @property
    def all_changes(self) -> int:
        """How many changes there are, counted, waiting or left out."""
        return self.totals["changes"]

    @property
    def grain(self) -> GrainView:
        """The configured one."""
        return self.grains[0]

    @property
    def focus(self) -> Focus:
        """The period that the page speaks of first."""
        return self.grain.first.focus


def build_view(
    results: Results,
    *,
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    incidents: pd.DataFrame,
    facts: ReportFacts,
    others: Sequence[Results] = (),
    shapes: Mapping[str, Shapes] = NOTHING,
    parts: Sequence[Part] = (),
) -> ReportView:
    """The page for these results; the frames are the processed tables, cells as text, numbers or nothing.

    `others` are the same numbers by other lengths of period, `shapes` stages and distribution by length of period,
    `parts` the repositories or services in the configured order.
    """
    zone = zone_of(results)
    start = STARTS.get(facts.lead_time_start, facts.lead_time_start)
    counts = count_rows(changes)
    grains = tuple(make_grain(each, shapes.get(each.grain), parts, facts, counts, start) for each in (results, *others))
    trust = judge(
        results,
        grains[0].first.focus,
        changes=changes,
        deployments=deployments,
        unresolved=facts.unresolved,
        truncated=facts.truncated,
    )
    return ReportView(
        title=facts.title or ", ".join(results.repositories) or "DORA metrics",
        grains=grains,
        trust=trust,
        findings=say_findings(results.quality),
        timeline=make_timeline(deployments, zone=zone, as_of=results.as_of),
        ages=_ages(changes, results),
        tables=make_tables(changes, deployments, incidents, zone=zone, as_of=results.as_of),
        shown=Shown(
            zone=zone,
            as_of=results.as_of,
            repositories=len(counts_of(deployments, "repository")) > 1 or len(counts_of(changes, "repository")) > 1,
            services=bool(counts_of(deployments, "service") or counts_of(changes, "service")),
        ),
        start=start,
        as_of=format_utc(results.as_of),
        timezone=results.timezone,
        profile=results.profile,
        facts=facts,
        about_profile=tuple(about_profile(results)),
        profile_title=results.profile_note.title if results.profile_note else results.profile,
        totals={"deployments": len(deployments), "failures": len(incidents), "changes": len(changes)},
    )


def _ages(changes: pd.DataFrame, results: Results) -> AgesSection:
    counts, date = count_ages(changes, results.as_of), format_date(results.as_of, zone_of(results))
    return AgesSection(ages_caption(counts, date), ages_chart(counts, date), ages_table(counts))
