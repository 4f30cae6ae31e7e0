"""A project that never was, as the report gets it: results, the three processed tables, and what stands beside them.

The numbers of the results are worked out from the rows in the plainest way, so that page and tables agree with each
other; the true calculators have their own tests.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from math import ceil, floor, sqrt
from statistics import fmean, median
from typing import Any, Optional

import pandas as pd

from dora_metrics.domain.measurements import (
    ChangeFailureRate,
    DeploymentFrequency,
    LeadTime,
    Period,
    PeriodResult,
    RecoveryTime,
    Results,
    ReworkRate,
    Spread,
)
from dora_metrics.domain.timestamps import parse_utc
from dora_metrics.report.report_facts import ReportFacts
from support.report_rows import (
    AS_OF,
    FIRST,
    a_change,
    a_deployment,
    an_incident,
    fail_some,
    make_changes,
    make_deployments,
)

DAY_S = 86_400.0
Rows = Sequence[Mapping[str, Any]]
NO_ROWS: Rows = ()


def facts(**changed: Any) -> ReportFacts:
    """What stands beside the numbers; `changed` replaces fields."""
    fields: dict[str, Any] = {
        "tool_version": "0.1.0",
        "store_number": 42,
        "head_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "rules": (
            ("Deployment sources", "release, tag"),
            ("Tag pattern", "v*"),
            ("Hotfix labels", "hotfix, hot-fix, urgent-fix"),
            ("Window of an inferred cause", "7 days"),
            ("Lead time starts at", "first_commit"),
            ("Timezone", "UTC"),
        ),
        "notes": ("No GitHub token: labels, reviews and creation times are unknown.",),
    }
    return ReportFacts(**{**fields, **changed})


def frames(
    *, changes: Rows = NO_ROWS, deployments: Rows = NO_ROWS, incidents: Rows = NO_ROWS
) -> dict[str, pd.DataFrame]:
    """The tables as the report's keyword arguments; one without rows still has its columns."""
    deployment = a_deployment(0, FIRST)
    return {
        "changes": pd.DataFrame(list(changes), columns=list(a_change(0, FIRST))),
        "deployments": pd.DataFrame(list(deployments), columns=list(deployment)),
        "incidents": pd.DataFrame(list(incidents), columns=list(an_incident(0, deployment))),
    }


def results(*periods: PeriodResult, grain: str = "quarterly", **changed: Any) -> Results:
    """Results of the given periods; without `overall` it is the last of them, or an empty one."""
    overall = changed.pop("overall", periods[-1] if periods else a_period("overall"))
    fields = {"as_of": AS_OF, "repositories": ("acme/shop",), "timezone": "UTC"}
    return Results(**{**fields, **changed}, grain=grain, periods=periods, overall=overall)


def a_period(label: str, start: datetime = FIRST, days: int = 90, **changed: Any) -> PeriodResult:
    """A period in which nothing happened; `changed` replaces fields."""
    empty = {
        "partial": False,
        "provisional": False,
        "lead_time": LeadTime(Spread()),
        "deployment_frequency": DeploymentFrequency(0, float(days), ci95_deployments=(0.0, 3.69)),
        "change_failure_rate": ChangeFailureRate(0, 0, 0),
        "mttr": RecoveryTime(Spread()),
        "rework_rate": ReworkRate(0, 0),
    }
    return PeriodResult(Period(label, start, start + timedelta(days=days)), **{**empty, **changed})


def shop() -> tuple[Results, dict[str, pd.DataFrame]]:
    """Three years of a shop: 13 quarters and a started one, tags, rollbacks, hotfixes, one quiet quarter."""
    chance = random.Random(20)  # noqa: S311 (a story, no secret)
    deployments = list(make_deployments(chance))
    changes = list(make_changes(chance, deployments))
    fail_some(chance, deployments)
    incidents = [an_incident(index, row) for index, row in enumerate(deployments) if row["failed"] == "true"]
    return _results(changes, deployments), frames(changes=changes, deployments=deployments, incidents=incidents)


def quarters() -> list[Period]:
    """The quarters from the first deployment's to that of `AS_OF`."""
    starts = [datetime(year, month, 1, tzinfo=timezone.utc) for year in range(2022, 2027) for month in (1, 4, 7, 10)]
    pairs = zip(starts, starts[1:])
    return [
        Period(f"{start.year}-Q{start.month // 3 + 1}", start, end)
        for start, end in pairs
        if start < AS_OF and end > FIRST
    ]


def _results(changes: Rows, deployments: Rows) -> Results:
    periods = tuple(_period(period, changes, deployments) for period in quarters())
    overall = _period(Period("overall", FIRST, AS_OF + timedelta(seconds=1)), changes, deployments)
    return Results(AS_OF, ("acme/shop",), "quarterly", "UTC", periods, overall)


def _within(period: Period, rows: Rows, column: str) -> Rows:
    return [row for row in rows if isinstance(row[column], str) and parse_utc(row[column]) in period]


def _period(period: Period, changes: Rows, deployments: Rows) -> PeriodResult:
    deployed = _within(period, deployments, "deployed_at")
    could_fail = [row for row in deployed if row["kind"] in {"normal", "hotfix"}]
    failed = [row for row in could_fail if row["failed"] == "true"]
    restored = _within(period, deployments, "restored_at")
    unplanned = [row for row in deployed if row["kind"] in {"hotfix", "rollback"}]
    counted = [row for row in deployed if row["kind"] != "rollback"]
    covered = (min(period.end, AS_OF) - max(period.start, FIRST)).total_seconds() / DAY_S
    planned_too = len(could_fail) + sum(row["kind"] == "rollback" for row in deployed)
    return PeriodResult(
        period,
        partial=not (period.start >= FIRST and period.end <= AS_OF) and period.label != "overall",
        provisional=period.end + timedelta(days=30) > AS_OF,
        lead_time=_lead_time(_within(period, changes, "deployed_at"), changes),
        deployment_frequency=DeploymentFrequency(
            len(counted),
            covered,
            days_with_deployments=len({row["deployed_at"][:10] for row in counted}),
            median_gap_s=5.5 * DAY_S if len(counted) > 1 else None,
            ci95_deployments=poisson(len(counted)),
        ),
        change_failure_rate=ChangeFailureRate(
            len(failed),
            sum(row["failure_provenance"] == "explicit" for row in failed),
            len(could_fail),
            ci95=wilson(len(failed), len(could_fail)),
        ),
        mttr=RecoveryTime(spread([row["recovery_hours"] * 3600 for row in restored])),
        rework_rate=ReworkRate(
            len(unplanned),
            planned_too,
            2 * len(unplanned) + 1,
            2 * planned_too + 9,
            ci95=wilson(len(unplanned), planned_too),
        ),
    )


def _lead_time(deployed: Rows, changes: Rows) -> LeadTime:
    reasons = [row["left_out"] for row in deployed if isinstance(row["left_out"], str)]
    waits = [row["lead_time_hours"] * 3600 for row in deployed if not isinstance(row["left_out"], str)]
    waiting = sum(not isinstance(row["deployment"], str) for row in changes)
    return LeadTime(
        spread(waits),
        left_out={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        undeployed=waiting,
        undeployed_median_age_s=7 * DAY_S if waiting else None,
        undeployed_oldest_s=60.2 * DAY_S if waiting else None,
    )


def spread(seconds: Sequence[float]) -> Spread:
    """Roughly what the calculators give: enough to look at."""
    ordered, n = sorted(seconds), len(seconds)
    if not n:
        return Spread()
    reach = 0.98 * sqrt(n)
    interval = (ordered[max(0, floor(n / 2 - reach))], ordered[min(n - 1, ceil(n / 2 + reach))]) if n >= 6 else None
    return Spread(
        n,
        median(ordered),
        ordered[int(0.75 * (n - 1))],
        ordered[int(0.9 * (n - 1))] if n >= 10 else None,
        fmean(ordered),
        ordered[-1],
        interval,
    )


def wilson(hits: int, n: int) -> Optional[tuple[float, float]]:
    """Wilson's 95 % interval of a share; `None` for n = 0."""
    if not n:
        return None
    z, share = 1.959964, hits / n
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def poisson(count: int) -> tuple[float, float]:
    """Roughly the exact 95 % interval of a count."""
    return max(0.0, count - 1.96 * sqrt(count)), count + 1.96 * sqrt(count + 1) + 1.8
