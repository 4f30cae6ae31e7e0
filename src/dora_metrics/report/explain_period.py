"""Explanation of one period: each metric's value, what was counted for it, and what was left out with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.domain.models import Dataset
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report import words
from dora_metrics.report.explain_rows import (
    ATTRIBUTIONS,
    CHANGE_COLUMNS,
    DEPLOYMENT_COLUMNS,
    FAILED_COLUMNS,
    FAILURE_COLUMNS,
    MEANING,
    WAITING_COLUMNS,
    change_row,
    deployment_row,
    failed_row,
    failure_row,
    waiting_row,
    with_places,
)
from dora_metrics.report.explain_selection import (
    CAN_FAIL,
    NOT_FREQUENT,
    REWORK,
    PeriodItems,
    PlacedChange,
    PlacedDeployment,
    select_items,
)
from dora_metrics.report.explain_values import interval_words, judged_words, spread_words, value_section
from dora_metrics.report.explanation import Explanation, Section
from dora_metrics.report.words import format_duration, format_ratio, plural

LONGEST_FIRST = "the longest first; the median is the one in the middle, or half-way between the two there"


def explain_period(
    datasets: Sequence[Dataset], result: PeriodResult, results: Results
) -> tuple[Explanation, PeriodItems]:
    """What made the numbers of `result`, one of the periods of `results` or their overall one, and the items behind.

    The counts of the sections add up to the published numbers.
    """
    items = select_items(datasets, result, results)
    several = len(datasets) > 1
    builder = _Sections(items, result, results, several=several)
    sections = (
        *builder.standing(),
        *builder.lead_time(),
        *builder.frequency(),
        *builder.failure_rate(),
        *builder.recovery(),
        *builder.rework(),
    )
    names = ", ".join(dataset.name for dataset in datasets)
    span = f"{format_utc(result.period.start)} to {format_utc(result.period.end)}"
    return Explanation(f"{names}: {result.period.label}, {span}", sections), items


class _Sections:
    """The sections of one period, a few for each metric."""

    def __init__(self, items: PeriodItems, result: PeriodResult, results: Results, *, several: bool) -> None:
        self._items = items
        self._result = result
        self._results = results
        self._several = several

    def standing(self) -> list[Section]:
        """How whole and how final the numbers are; nothing to say about a period that is both."""
        said = []
        covered_s = self._result.deployment_frequency.covered_days * words.DAY_S
        if self._result.partial:
            said.append(
                f"partial: the data cover {format_duration(covered_s)} of it, from the first deployment to "
                f"{format_utc(self._results.as_of)} at most; rates use what is covered, and there is no level"
            )
        if self._result.provisional:
            said.append(
                "provisional: a failure found late may still change it, until `maturity_days` after its end; no level"
            )
        return [Section("How final it is", tuple(said), code="standing")] if said else []

    def lead_time(self) -> list[Section]:
        """The value, the changes counted, those left out by reason, those that wait."""
        lead, items = self._result.lead_time, self._items
        said = [
            *spread_words(lead.spread, "changes"),
            judged_words(lead.band, lead.level, self._results.levels),
            f"beside it: from review {format_duration(lead.from_review_median_s)}, from merge "
            f"{format_duration(lead.from_merge_median_s)} (medians); people {format_duration(lead.people_median_s)} "
            f"(n {lead.people_n:,}), bots {format_duration(lead.bots_median_s)} (n {lead.bots_n:,})",
            f"rule: {lead.rule}",
        ]
        sections = [
            value_section("lead_time", f"Lead time for changes: {format_duration(lead.spread.median_s)}", said),
            self._changes("lead_time.counted", "Lead time, counted", items.counted, LONGEST_FIRST),
        ]
        for reason, placed in items.left_out.items():
            meaning = MEANING.get(reason, reason)
            sections.append(self._changes(f"lead_time.left_out:{reason}", f"Left out, {reason}", placed, meaning))
        return [*sections, self._waiting()]

    def _waiting(self) -> Section:
        lead, items = self._result.lead_time, self._items
        columns, rows = with_places(
            WAITING_COLUMNS,
            ((placed.dataset, waiting_row(placed.change, items.covered.at)) for placed in items.undeployed),
            several=self._several,
        )
        said = ("in no lead time until they are deployed",)
        if lead.undeployed_oldest_s is not None:
            said = (
                f"median age {format_duration(lead.undeployed_median_age_s)}, oldest "
                f"{format_duration(lead.undeployed_oldest_s)}, at {format_utc(items.covered.at)}; {said[0]}",
            )
        title = f"Undeployed at the period's end: {plural(len(rows), 'change')}"
        return Section(title, said if rows else (), columns, rows, "lead_time.undeployed")

    def frequency(self) -> list[Section]:
        """The value, the deployments counted, and those that are none for it."""
        value = self._result.deployment_frequency
        usual = self._results.overall.deployment_frequency.per_day
        said = [
            f"{plural(value.deployments, 'deployment')} in {value.covered_days:,.1f} covered days"
            + interval_words(value.ci95_deployments, words.format_number)
            + f"; {plural(value.days_with_deployments, 'day')} with one; median gap "
            f"{format_duration(value.median_gap_s)}",
            judged_words(value.band, value.level, self._results.levels),
            f"rule: {value.rule}",
        ]
        counted = [placed for placed in self._items.deployments if placed.deployment.kind not in NOT_FREQUENT]
        other = [placed for placed in self._items.deployments if placed.deployment.kind in NOT_FREQUENT]
        not_counted = "redeploys and rollbacks bring users nothing new"
        return [
            value_section(
                "deployment_frequency", f"Deployment frequency: {words.format_rate(value.per_day, usual)}", said
            ),
            self._deployments("deployment_frequency.counted", "Deployments, counted", counted),
            self._deployments("deployment_frequency.left_out", "Deployments, not counted", other, not_counted),
        ]

    def failure_rate(self) -> list[Section]:
        """The value, the deployments that failed with why, and the failures that count for none."""
        rate = self._result.change_failure_rate
        said = [
            f"{rate.failed:,} of {plural(rate.deployments, 'deployment')} that can fail (kind normal or hotfix)"
            + interval_words(rate.ci95, format_ratio),
            f"{rate.proposals:,} of these {rate.failed:,} are proposals that nobody confirmed; without them "
            f"{format_ratio(rate.explicit_ratio)}"
            if rate.failed
            else "",
            *([judged_words(None, rate.level, self._results.levels)] if rate.level else []),
            f"rule: {rate.rule}",
        ]
        able = [placed for placed in self._items.deployments if placed.deployment.kind in CAN_FAIL]
        sections = [
            value_section("change_failure_rate", f"Change failure rate: {format_ratio(rate.ratio)}", said),
            self._failed("change_failure_rate.failed", "Failed", [placed for placed in able if placed.failed]),
        ]
        for attribution, placed in self._items.aside.items():
            if placed:
                columns, rows = with_places(
                    FAILURE_COLUMNS,
                    ((found.dataset, failure_row(found.failure)) for found in placed),
                    several=self._several,
                )
                title = f"Failures that count for no deployment, {attribution}: {len(rows):,}"
                code = f"change_failure_rate.{attribution}"
                sections.append(Section(title, (ATTRIBUTIONS[attribution],), columns, rows, code))
        return sections

    def recovery(self) -> list[Section]:
        """The value, the failed deployments restored in the period, those left out, and those still open."""
        mttr, items = self._result.mttr, self._items
        said = [
            *spread_words(mttr.spread, "restored failures"),
            judged_words(mttr.band, mttr.level, self._results.levels),
            f"from the deployment instead of the first impact: {format_duration(mttr.from_deployment_median_s)}",
            f"rule: {mttr.rule}",
        ]
        sections = [
            value_section("mttr", f"Failed deployment recovery time: {format_duration(mttr.spread.median_s)}", said),
            self._failed("mttr.counted", "Restored in the period, counted", items.recovered),
        ]
        if items.invalid:
            sections.append(
                self._failed("mttr.left_out:invalid", "Left out, invalid", items.invalid, MEANING["invalid"])
            )
        age = f"the oldest for {format_duration(mttr.open_oldest_s)}, at {format_utc(items.covered.at)}"
        return [*sections, self._failed("mttr.open", "Open at the period's end", items.still_open, age)]

    def rework(self) -> list[Section]:
        """The value, the unplanned deployments, and those of the six months before the period's end."""
        rework = self._result.rework_rate
        said = [
            f"{rework.rework:,} hotfixes or rollbacks of {plural(rework.deployments, 'deployment')} (normal, hotfix or "
            f"rollback){interval_words(rework.ci95, format_ratio)}",
            f"trailing six months, to {format_utc(self._items.covered.at)}: {format_ratio(rework.trailing_6_months)} = "
            f"{rework.trailing_rework:,} of {rework.trailing_deployments:,}",
            f"rule: {rework.rule}",
        ]
        hits = [placed for placed in self._items.deployments if placed.deployment.kind in REWORK]
        before = [placed for placed in self._items.trailing if placed.deployment.kind in REWORK]
        return [
            value_section("rework_rate", f"Rework rate: {format_ratio(rework.ratio)}", said),
            self._deployments("rework_rate.counted", "Rework in the period", hits),
            self._deployments("rework_rate.trailing", "Rework in the trailing six months", before),
        ]

    def _changes(self, code: str, title: str, placed: Sequence[PlacedChange], meaning: str = "") -> Section:
        columns, rows = with_places(
            CHANGE_COLUMNS, ((found.dataset, change_row(found.change)) for found in placed), several=self._several
        )
        said = (meaning,) if meaning and rows else ()
        return Section(f"{title}: {plural(len(rows), 'change')}", said, columns, rows, code)

    def _deployments(self, code: str, title: str, placed: Sequence[PlacedDeployment], meaning: str = "") -> Section:
        columns, rows = with_places(
            DEPLOYMENT_COLUMNS, ((found.dataset, deployment_row(found)) for found in placed), several=self._several
        )
        said = (meaning,) if meaning and rows else ()
        return Section(f"{title}: {plural(len(rows), 'deployment')}", said, columns, rows, code)

    def _failed(self, code: str, title: str, placed: Sequence[PlacedDeployment], meaning: str = "") -> Section:
        columns, rows = with_places(
            FAILED_COLUMNS, ((found.dataset, failed_row(found)) for found in placed), several=self._several
        )
        said = (meaning,) if meaning and rows else ()
        return Section(f"{title}: {plural(len(rows), 'deployment')}", said, columns, rows, code)
