"""What stands under each headline: what it rests on, and what must be read beside it, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dora_metrics.domain.measurements import PeriodResult, Spread
from dora_metrics.report import words
from dora_metrics.report.view_metrics import FAILURE_RATE, FREQUENCY, LEAD_TIME, RECOVERY, REWORK_RATE

REASONS = {
    "left_truncated": "delivered by the first known deployment, which brought all history at once",
    "negative": "started after their deployment",
    "invalid": "restored before they began",
    "carrier": "only carrying other changes",
    "cherry_pick": "copies of another change",
    "bot": "by bots",
    "no_start": "without a readable date",
    "not_said": "without a reason given",
}


def say_reasons(left_out: Mapping[str, int]) -> str:
    """`3 left out (2 negative, 1 bot)`; empty for none."""
    total = sum(left_out.values())
    if not total:
        return ""
    if len(left_out) == 1:
        return f"{total:,} left out ({reason_words(next(iter(left_out)))})"
    reasons = sorted(left_out.items(), key=lambda reason: (-reason[1], reason[0]))
    return f"{total:,} left out ({', '.join(f'{count:,} {reason_words(name)}' for name, count in reasons if count)})"


def reason_words(reason: str) -> str:
    """A left-out reason as people read it; an unknown one as it stands."""
    return REASONS.get(reason, reason.replace("_", " "))


def _duration_basis(spread: Spread, items: str) -> tuple[str, ...]:
    if not spread.n:
        return (f"No {items}",)
    basis = f"Median of {words.plural(spread.n, items)}" if spread.n > 1 else f"One {items}"
    return _with_interval(basis, words.format_duration_range(spread.ci95_s))


def _with_interval(basis: str, interval: str) -> tuple[str, ...]:
    return (basis,) if interval == words.NO_DATA else (basis, f"95 % interval {interval}")


def _lead_time_basis(result: PeriodResult) -> tuple[str, ...]:
    return _duration_basis(result.lead_time.spread, "deployed change")


def _lead_time_beside(result: PeriodResult) -> list[str]:
    lead_time, said = result.lead_time, []
    if not words.is_missing(lead_time.spread.p90_s):
        said.append(f"9 in 10 within {words.format_duration(lead_time.spread.p90_s)}")
    if lead_time.bots_n:
        people = words.format_duration(lead_time.people_median_s)
        bots = words.format_duration(lead_time.bots_median_s)
        said.append(f"People {people} (n = {lead_time.people_n:,}), bots {bots} (n = {lead_time.bots_n:,})")
    if not words.is_missing(lead_time.per_commit_median_s):
        each = words.format_duration(lead_time.per_commit_median_s)
        said.append(f"Each commit by itself {each} (n = {lead_time.per_commit_n:,})")
    if not lead_time.undeployed:
        waiting = "No change was waiting at its end"
    else:
        waiting = f"{words.plural(lead_time.undeployed, 'change')} waited at its end"
    if lead_time.undeployed and not words.is_missing(lead_time.undeployed_oldest_s):
        if lead_time.undeployed > 1:
            waiting += f", median age {words.format_duration(lead_time.undeployed_median_age_s)}"
        waiting += f", oldest {words.format_duration(lead_time.undeployed_oldest_s)}"
    return [text for text in (*said, waiting, say_reasons(lead_time.left_out)) if text]


def _frequency_basis(result: PeriodResult) -> tuple[str, ...]:
    frequency = result.deployment_frequency
    days = words.format_number(round(frequency.covered_days, 1))
    basis = f"{words.plural(frequency.deployments, 'deployment')} in {days} {'day' if days == '1' else 'days'}"
    counts = frequency.ci95_deployments
    if counts is None or not frequency.covered_days or words.is_missing(counts[0]) or words.is_missing(counts[1]):
        return (basis,)
    return (basis, f"95 % interval {words.format_number(counts[0])} to {words.format_number(counts[1])} deployments")


def _frequency_beside(result: PeriodResult) -> list[str]:
    frequency = result.deployment_frequency
    if not frequency.deployments:
        return []
    said = [f"On {words.plural(frequency.days_with_deployments, 'day')}"]
    if not words.is_missing(frequency.median_gap_s):
        said.append(f"Median gap {words.format_duration(frequency.median_gap_s)}")
    return said


def _recovery_basis(result: PeriodResult) -> tuple[str, ...]:
    return _duration_basis(result.mttr.spread, "restored failure")


def _recovery_beside(result: PeriodResult) -> list[str]:
    mttr = result.mttr
    still = f"{words.plural(mttr.open, 'failure')} open at its end" if mttr.open else "None open at its end"
    if mttr.open and not words.is_missing(mttr.open_oldest_s):
        still += f", oldest {words.format_duration(mttr.open_oldest_s)}"
    return [text for text in (still, say_reasons(mttr.left_out)) if text]


def _failure_rate_basis(result: PeriodResult) -> tuple[str, ...]:
    rate = result.change_failure_rate
    if not rate.deployments:
        return ("No deployment that could fail",)
    basis = f"{rate.failed:,} of {words.plural(rate.deployments, 'deployment')} failed"
    return _with_interval(basis, words.format_ratio_range(rate.ci95))


def _failure_rate_beside(result: PeriodResult) -> list[str]:
    rate, said = result.change_failure_rate, []
    if rate.proposals:
        said.append(
            f"{words.plural(rate.proposals, 'failure is a proposal', 'failures are proposals')} that nobody has "
            f"confirmed; without {'it' if rate.proposals == 1 else 'them'} {words.format_ratio(rate.explicit_ratio)}"
        )
    if rate.unattributed:
        said.append(f"{words.plural(rate.unattributed, 'failure')} tied to no deployment")
    return said


def _rework_basis(result: PeriodResult) -> tuple[str, ...]:
    rework = result.rework_rate
    if not rework.deployments:
        return ("No deployment",)
    basis = f"{rework.rework:,} of {words.plural(rework.deployments, 'deployment')} unplanned"
    return _with_interval(basis, words.format_ratio_range(rework.ci95))


def _rework_beside(result: PeriodResult) -> list[str]:
    rework = result.rework_rate
    return [f"Six months to its end: {words.format_ratio(rework.trailing_6_months)}"]


BASIS: Mapping[str, Callable[[PeriodResult], tuple[str, ...]]] = {
    LEAD_TIME.key: _lead_time_basis,
    FREQUENCY.key: _frequency_basis,
    RECOVERY.key: _recovery_basis,
    FAILURE_RATE.key: _failure_rate_basis,
    REWORK_RATE.key: _rework_basis,
}
BESIDE: Mapping[str, Callable[[PeriodResult], list[str]]] = {
    LEAD_TIME.key: _lead_time_beside,
    FREQUENCY.key: _frequency_beside,
    RECOVERY.key: _recovery_beside,
    FAILURE_RATE.key: _failure_rate_beside,
    REWORK_RATE.key: _rework_beside,
}
