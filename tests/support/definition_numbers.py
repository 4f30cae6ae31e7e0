"""The numbers of one period by the names that docs/definitions.md uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Optional

from dora_metrics.domain.measurements import PeriodResult, Spread
from support.definition_values import Interval, Share

Facts = Mapping[str, Any]


def facts_of_period(found: PeriodResult) -> Facts:
    """All that an example may say of a period; durations, shares and intervals by their types."""
    return {
        "starts": found.period.start,
        "ends": found.period.end,
        "hours": (found.period.end - found.period.start) / timedelta(hours=1),
        "partial": found.partial,
        "provisional": found.provisional,
        **_lead(found),
        **_frequency(found),
        **_failures(found),
    }


def _seconds(value: Optional[float]) -> Optional[timedelta]:
    return None if value is None else timedelta(seconds=value)


def _spread(name: str, spread: Spread) -> Facts:
    return {
        name: _seconds(spread.median_s),
        f"{name} n": spread.n,
        f"{name} mean": _seconds(spread.mean_s),
        f"{name} p90": _seconds(spread.p90_s),
        f"{name} interval": None if spread.ci95_s is None else Interval(*spread.ci95_s),
    }


def _lead(found: PeriodResult) -> Facts:
    lead = found.lead_time
    return {
        **_spread("lead", lead.spread),
        "left out": [f"{count} {reason}" for reason, count in lead.left_out.items()],
        "undeployed": lead.undeployed,
        "undeployed median": _seconds(lead.undeployed_median_age_s),
        "undeployed oldest": _seconds(lead.undeployed_oldest_s),
        "from review": _seconds(lead.from_review_median_s),
        "from merge": _seconds(lead.from_merge_median_s),
        "per commit": _seconds(lead.per_commit_median_s),
        "per commit n": lead.per_commit_n,
        "people": _seconds(lead.people_median_s),
        "bots": _seconds(lead.bots_median_s),
        "lead band": lead.band,
        "lead level": lead.level,
    }


def _frequency(found: PeriodResult) -> Facts:
    frequency, rework = found.deployment_frequency, found.rework_rate
    return {
        "deployments": frequency.deployments,
        "covered days": frequency.covered_days,
        "days with one": frequency.days_with_deployments,
        "gap": _seconds(frequency.median_gap_s),
        "per day": frequency.per_day,
        "per week": frequency.per_week,
        "frequency band": frequency.band,
        "frequency level": frequency.level,
        "rework": f"{rework.rework} of {rework.deployments}",
        "rework rate": _share(rework.ratio),
        "rework in six months": f"{rework.trailing_rework} of {rework.trailing_deployments}",
    }


def _share(ratio: Optional[float]) -> Optional[Share]:
    return None if ratio is None else Share(ratio)


def _failures(found: PeriodResult) -> Facts:
    rate, recovery = found.change_failure_rate, found.mttr
    return {
        "failed": f"{rate.failed} of {rate.deployments}",
        "failure rate": _share(rate.ratio),
        "confirmed": f"{rate.explicit_failed} of {rate.deployments}",
        "failure interval": None if rate.ci95 is None else Interval(*rate.ci95),
        "failure level": rate.level,
        "unattributed": rate.unattributed,
        "not in Dc": rate.not_in_dc,
        **_spread("recovery", recovery.spread),
        "open": recovery.open,
        "open oldest": _seconds(recovery.open_oldest_s),
        "from deployment": _seconds(recovery.from_deployment_median_s),
        "recovery left out": [f"{count} {reason}" for reason, count in recovery.left_out.items()],
        "recovery band": recovery.band,
        "recovery level": recovery.level,
    }
