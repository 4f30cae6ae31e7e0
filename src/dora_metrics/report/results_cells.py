"""What the table and the Markdown say of each metric in one period: value, interval, and what else must be known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Optional

from dora_metrics.report import words

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import (
        ChangeFailureRate,
        DeploymentFrequency,
        Interval,
        PeriodResult,
        Results,
        ReworkRate,
        Spread,
    )

HEADINGS = (
    "Lead time",
    "Deployments",
    "Failure rate",
    "Recovery (MTTR)",
    "Rework rate",
)


class Cell(NamedTuple):
    """One metric in one period."""

    value: str
    """`no data` without one."""
    basis: str
    """What it rests on, such as `n 41` or `1 of 12`; empty when the value says so."""
    interval: str
    """Its 95 % interval; empty without one."""


NOT_DEFINED = Cell("not defined", "", "")
"""Of a metric that another tool does not have."""


def metric_cells(result: PeriodResult, overall: PeriodResult) -> tuple[Cell, ...]:
    """The five metrics in the order of `HEADINGS`; rates are said in the unit that suits the `overall` one."""
    return (
        _duration(result.lead_time.spread),
        _frequency(result.deployment_frequency, overall.deployment_frequency.per_day),
        _failed(result.change_failure_rate),
        _duration(result.mttr.spread),
        NOT_DEFINED if result.by_other_rules else _share(result.rework_rate, result.rework_rate.rework),
    )


def notes(result: PeriodResult, levels: str) -> list[str]:
    """What must be known beside the values, most important first; empty when there is nothing to say."""
    said = [*_standing(result), *_lead_time_notes(result), *_failure_notes(result), *_level_notes(result, levels)]
    trailing = result.rework_rate.trailing_6_months
    if trailing is not None:
        said.append(f"rework over the trailing six months {words.format_ratio(trailing)}")
    return said


def title(results: Results) -> str:
    """Whose numbers, by which period, in which timezone, as of when."""
    names = ", ".join(results.repositories) or "no repository"
    if results.services:
        names += f" ({words.plural(len(results.services), 'service').partition(' ')[2]} {', '.join(results.services)})"
    whose = f", profile {results.profile}" if results.profile_note else ""
    return f"{names}: {results.grain}, {results.timezone}, as of {words.format_minute(results.as_of)} UTC{whose}"


def about_profile(results: Results) -> list[str]:
    """What must be known under another tool's definitions: its rules, and what of it is not the same; else nothing."""
    note = results.profile_note
    if note is None:
        return []
    overall = results.overall
    rules = (
        ("Lead time", overall.lead_time.rule),
        ("Deployments", overall.deployment_frequency.rule),
        ("Failure rate", overall.change_failure_rate.rule),
        ("Recovery", overall.mttr.rule),
    )
    return [
        f"These numbers are made by the definitions of {note.title} ({note.source}), not by dora-metrics' own.",
        *(f"{name}: {rule}." for name, rule in rules),
        *(f"Not the same: {sentence}." for sentence in note.not_reproduced),
    ]


def _duration(spread: Spread) -> Cell:
    few = " (few)" if spread.n and spread.insufficient else ""
    if spread.median_s is None and spread.mean_s is not None:  # another tool's definition
        return Cell(words.format_duration(spread.mean_s), f"mean, n {spread.n:,}", "")
    return Cell(words.format_duration(spread.median_s), f"n {spread.n:,}{few}", _durations(spread.ci95_s))


def _durations(interval: Optional[Interval]) -> str:
    return "" if interval is None else words.format_duration_range(interval)


def _frequency(value: DeploymentFrequency, usual: Optional[float]) -> Cell:
    low, high = value.ci95_deployments or (0.0, 0.0)
    interval = f"{words.format_number(low)} to {words.format_number(high)}" if value.ci95_deployments else ""
    rate = "rate: no data" if value.per_day is None else words.format_rate(value.per_day, usual)
    if value.median_week_days is not None:  # another tool's definition
        rate = f"median {words.format_number(value.median_week_days)} {_days(value.median_week_days)} a week"
    return Cell(words.format_count(value.deployments), rate, interval)


def _failed(value: ChangeFailureRate) -> Cell:
    return Cell(words.NO_DATA, "", "") if value.is_unknown else _share(value, value.failed)


def _share(value: ChangeFailureRate | ReworkRate, hits: int) -> Cell:
    interval = "" if value.ci95 is None else words.format_ratio_range(value.ci95)
    return Cell(words.format_ratio(value.ratio), f"{hits:,} of {value.deployments:,}", interval)


def _days(number: float) -> str:
    return "day" if number == 1 else "days"


def _standing(result: PeriodResult) -> list[str]:
    said = []
    covered_s = result.deployment_frequency.covered_days * words.DAY_S
    if result.partial:
        said.append(f"partial: {words.format_duration(covered_s)} of it covered")
    if result.provisional:
        said.append("provisional: a late fact may still change it")
    return said


def _lead_time_notes(result: PeriodResult) -> list[str]:
    lead_time, said = result.lead_time, []
    if lead_time.left_out:
        changes = words.plural(sum(lead_time.left_out.values()), "change")
        said.append(f"{changes} left out ({_reasons(lead_time.left_out)})")
    if lead_time.undeployed:
        ages = _ages(lead_time.undeployed_median_age_s, lead_time.undeployed_oldest_s)
        said.append(f"{words.plural(lead_time.undeployed, 'change')} undeployed{ages}")
    return said


def _ages(median_s: Optional[float], oldest_s: Optional[float]) -> str:
    if oldest_s is None:
        return ""
    middle = "" if median_s is None else f"median age {words.format_duration(median_s)}, "
    return f" ({middle}oldest {words.format_duration(oldest_s)})"


def _failure_notes(result: PeriodResult) -> list[str]:
    rate, recovery, said = result.change_failure_rate, result.mttr, []
    if rate.proposals:
        failures, explicit = words.plural(rate.failed, "failure"), words.format_ratio(rate.explicit_ratio)
        said.append(f"{rate.proposals:,} of {failures} proposed and not confirmed (rate without: {explicit})")
    if rate.unattributed:
        said.append(f"{words.plural(rate.unattributed, 'failure')} unattributed")
    if rate.not_in_dc:
        said.append(f"{words.plural(rate.not_in_dc, 'failure')} caused by an initial deployment or a rollback")
    if recovery.open:
        said.append(f"{words.plural(recovery.open, 'failure')} open{_ages(None, recovery.open_oldest_s)}")
    if recovery.left_out:
        recoveries = words.plural(sum(recovery.left_out.values()), "recovery", "recoveries")
        said.append(f"{recoveries} left out ({_reasons(recovery.left_out)})")
    return said


def _level_notes(result: PeriodResult, levels: str) -> list[str]:
    named = (
        ("lead time", result.lead_time.level),
        ("deployment frequency", result.deployment_frequency.level),
        ("change failure rate", result.change_failure_rate.level),
        ("recovery", result.mttr.level),
    )
    said = [f"{name} {level}" for name, level in named if level]
    return [f"DORA {levels} table: {', '.join(said)}"] if said else []


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items()))
