"""The whole page as final text, numbers and heights: what the template only has to place. Pure.

Nothing here knows HTML, and nothing computes a metric: every number comes from `Results` or is a count of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.table import Table
from dora_metrics.report.view_charts import ChartSection, make_charts
from dora_metrics.report.view_headlines import Headline, make_headlines
from dora_metrics.report.view_item_tables import make_tables
from dora_metrics.report.view_periods import Focus, choose_focus, grain_word, zone_of
from dora_metrics.report.view_trust import Trust, judge

if TYPE_CHECKING:
    import pandas as pd

STARTS = {
    "first_commit": "the first commit",
    "ready": "the request for review",
    "created": "the opening of the pull request",
    "merged": "the merge",
}


@dataclass(frozen=True)
class ReportFacts:
    """What the page tells beside the numbers."""

    tool_version: str
    store_number: Optional[int] = None
    """Number of the newest commit record of the store."""
    head_hash: str = ""
    """Its SHA-256; empty where there is no store."""
    title: str = ""
    """Heads the page; empty = the repositories' names."""
    rules: tuple[tuple[str, str], ...] = ()
    """The settings in force: what, value."""
    notes: tuple[str, ...] = ()
    """What to know about the sources: `No GitHub token: labels, reviews and creation times are unknown.`"""
    quality: tuple[tuple[str, str], ...] = ()
    """Further counts for the data quality table: what, count."""
    unresolved: int = 0
    """Merged pull requests that no rule could tie to the history."""
    truncated: bool = False
    """The clone was shallow."""
    lead_time_start: str = "first_commit"
    levels: str = "none"
    """The year of the table that gave the levels."""


@dataclass(frozen=True)
class ReportView:
    """The page."""

    title: str
    focus: Focus
    grain: str
    headlines: tuple[Headline, ...]
    trust: Trust
    charts: tuple[ChartSection, ...]
    tables: tuple[Table, ...]
    start: str
    """Where lead time begins, in words."""
    as_of: str
    timezone: str
    window: str
    facts: ReportFacts

    @property
    def groups(self) -> tuple[tuple[str, tuple[Headline, ...]], ...]:
        """The headlines by DORA's factors."""
        factors = dict.fromkeys(headline.factor for headline in self.headlines)
        return tuple((factor, tuple(card for card in self.headlines if card.factor == factor)) for factor in factors)


def build_view(
    results: Results,
    *,
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    incidents: pd.DataFrame,
    facts: ReportFacts,
) -> ReportView:
    """The page for these results; the frames are the processed tables, cells as text, numbers or nothing."""
    focus, zone = choose_focus(results), zone_of(results)
    start = STARTS.get(facts.lead_time_start, facts.lead_time_start)
    return ReportView(
        title=facts.title or ", ".join(results.repositories) or "DORA metrics",
        focus=focus,
        grain=grain_word(results.grain),
        headlines=make_headlines(results, focus, facts.levels),
        trust=judge(
            results,
            focus,
            changes=changes,
            deployments=deployments,
            unresolved=facts.unresolved,
            truncated=facts.truncated,
        ),
        charts=make_charts(results, focus, start),
        tables=make_tables(changes, deployments, incidents, zone=zone, as_of=results.as_of),
        start=start,
        as_of=format_utc(results.as_of),
        timezone=results.timezone,
        window=_window(results),
        facts=facts,
    )


def _window(results: Results) -> str:
    """`13 quarters, 2022-Q1 to 2025-Q1`; empty when nothing was ever deployed."""
    if not results.periods:
        return ""
    first, last = results.periods[0].period.label, results.periods[-1].period.label
    return first if first == last else f"{first} to {last}"
