"""Results as JSON: the keys of product.md, NA as null, at most six decimals, the same bytes for the same results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.domain.timestamps import SECONDS_PER_HOUR, format_utc

if TYPE_CHECKING:
    from dora_metrics.domain.measurements import (
        ChangeFailureRate,
        DeploymentFrequency,
        Interval,
        LeadTime,
        PeriodResult,
        RecoveryTime,
        Results,
        ReworkRate,
        Spread,
    )

SCHEMA = 1
DECIMALS = 6
KNOWN_TO_OTHERS = {
    "lead_time": ("median_hours", "mean_hours", "n", "rule"),
    "deployment_frequency": ("deployments", "per_day", "per_week", "rule"),
    "change_failure_rate": ("ratio", "failed", "deployments", "rule"),
    "mttr": ("median_hours", "mean_hours", "n", "rule"),
    "rework_rate": ("rule",),
}
"""What has a value under the definitions of another tool."""


def results_json(results: Results) -> str:
    """The results as one JSON object, indented by two spaces, with a line end."""
    return json.dumps(results_object(results), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def results_object(results: Results) -> dict[str, Any]:
    """The results as the object that JSON holds: durations in hours, times in ISO 8601."""
    return {
        "schema": SCHEMA,
        "as_of": format_utc(results.as_of),
        "repositories": list(results.repositories),
        **({"services": list(results.services)} if results.services else {}),
        "period": results.grain,
        "timezone": results.timezone,
        "levels": results.levels,
        "profile": results.profile,
        "periods": [period_object(period) for period in results.periods],
        "overall": period_object(results.overall),
        "data_quality": [finding.as_object() for finding in results.quality],
    }


def period_object(result: PeriodResult) -> dict[str, Any]:
    """One period as JSON holds it; null is what is not known, or what another tool's definitions do not define."""
    content = _whole(result)
    if result.by_other_rules:
        for metric, known in KNOWN_TO_OTHERS.items():
            content[metric] = {name: value if name in known else None for name, value in content[metric].items()}
    return content


def _whole(result: PeriodResult) -> dict[str, Any]:
    return {
        "label": result.period.label,
        "start": format_utc(result.period.start),
        "end": format_utc(result.period.end),
        "partial": result.partial,
        "provisional": result.provisional,
        "lead_time": _lead_time(result.lead_time),
        "deployment_frequency": _frequency(result.deployment_frequency),
        "change_failure_rate": _failure_rate(result.change_failure_rate),
        "mttr": _recovery(result.mttr),
        "rework_rate": _rework(result.rework_rate),
    }


def _lead_time(value: LeadTime) -> dict[str, Any]:
    return {
        **_spread(value.spread),
        "band": value.band,
        "level": value.level,
        "left_out": _counts(value.left_out),
        "undeployed": value.undeployed,
        "undeployed_median_age_hours": _hours(value.undeployed_median_age_s),
        "undeployed_oldest_hours": _hours(value.undeployed_oldest_s),
        "from_review_hours": _hours(value.from_review_median_s),
        "from_merge_hours": _hours(value.from_merge_median_s),
        "per_commit_hours": _hours(value.per_commit_median_s),
        "per_commit_n": value.per_commit_n,
        "people": {"n": value.people_n, "median_hours": _hours(value.people_median_s)},
        "bots": {"n": value.bots_n, "median_hours": _hours(value.bots_median_s)},
        "rule": value.rule,
    }


def _frequency(value: DeploymentFrequency) -> dict[str, Any]:
    return {
        "deployments": value.deployments,
        "per_day": _number(value.per_day),
        "per_week": _number(value.per_week),
        "ci95_deployments": _interval(value.ci95_deployments),
        "band": value.band,
        "level": value.level,
        "covered_days": _number(value.covered_days),
        "days_with_deployments": value.days_with_deployments,
        "median_gap_hours": _hours(value.median_gap_s),
        "rule": value.rule,
    }


def _failure_rate(value: ChangeFailureRate) -> dict[str, Any]:
    return {
        "ratio": _number(value.ratio),
        "explicit_ratio": _number(value.explicit_ratio),
        "failed": None if value.is_unknown else value.failed,
        "deployments": value.deployments,
        "ci95": _interval(value.ci95),
        "level": value.level,
        "proposals": value.proposals,
        "unattributed": value.unattributed,
        "not_in_Dc": value.not_in_dc,
        "rule": value.rule,
    }


def _recovery(value: RecoveryTime) -> dict[str, Any]:
    return {
        **_spread(value.spread),
        "open": value.open,
        "open_oldest_hours": _hours(value.open_oldest_s),
        "from_deployment_hours": _hours(value.from_deployment_median_s),
        "left_out": _counts(value.left_out),
        "band": value.band,
        "level": value.level,
        "rule": value.rule,
    }


def _rework(value: ReworkRate) -> dict[str, Any]:
    return {
        "ratio": _number(value.ratio),
        "rework": value.rework,
        "deployments": value.deployments,
        "ci95": _interval(value.ci95),
        "trailing_6_months": _number(value.trailing_6_months),
        "trailing_rework": value.trailing_rework,
        "trailing_deployments": value.trailing_deployments,
        "rule": value.rule,
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "median_hours": _hours(spread.median_s),
        "p75_hours": _hours(spread.p75_s),
        "p90_hours": _hours(spread.p90_s),
        "mean_hours": _hours(spread.mean_s),
        "max_hours": _hours(spread.max_s),
        "n": spread.n,
        "ci95_hours": _interval(spread.ci95_s, SECONDS_PER_HOUR),
        "insufficient": spread.insufficient,
    }


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _number(value: Optional[float], unit: float = 1) -> Optional[float]:
    """Rounded once, here at the edge."""
    return None if value is None else round(value / unit, DECIMALS)


def _hours(seconds: Optional[float]) -> Optional[float]:
    return _number(seconds, SECONDS_PER_HOUR)


def _interval(interval: Optional[Interval], unit: float = 1) -> Optional[list[Optional[float]]]:
    return None if interval is None else [_number(end, unit) for end in interval]
