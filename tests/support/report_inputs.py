"""A project that never was, as the report gets it: results, the three processed tables, and what stands beside them.

The numbers of the results are worked out from the rows in the plainest way, so that page and tables agree with each
other; the true calculators have their own tests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
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
from dora_metrics.domain.timestamps import format_utc, parse_utc
from dora_metrics.report.view import ReportFacts

FIRST = datetime(2022, 2, 14, 9, 30, tzinfo=timezone.utc)
AS_OF = datetime(2025, 5, 9, 3, 0, tzinfo=timezone.utc)
DAY_S = 86_400.0
TITLES = (
    "Show the delivery window at checkout",
    "Cache the price list for five minutes",
    "Let people change their address after ordering",
    "Move the image resizer out of the request",
    "Refuse empty baskets",
    "Retry the payment provider twice",
    "Translate the return form",
    "Update the TLS settings",
)
Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
Rows = list[dict[str, Any]]


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


def frames(changes: Sequence[Mapping[str, Any]] = (), **others: Sequence[Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """The keyword arguments of the report; a table that is not given has its columns and no row."""
    tables = {
        "changes": changes,
        "deployments": others.get("deployments", ()),
        "incidents": others.get("incidents", ()),
    }
    example = dict(zip(("changes", "deployments", "incidents"), ([_change(0, FIRST)], [_deployment(0, FIRST)], [])))
    return {
        name: pd.DataFrame(list(rows)) if rows else pd.DataFrame(columns=list(dict(*example[name]) or {"key": ""}))
        for name, rows in tables.items()
    }


def shop() -> tuple[Results, dict[str, pd.DataFrame]]:
    """Three years of a shop: 13 quarters and a started one, tags, rollbacks, hotfixes, one quiet quarter."""
    chance = random.Random(20)  # noqa: S311 (a story, no secret)
    deployments = list(_deployments(chance))
    changes = list(_changes(chance, deployments))
    _fail(chance, deployments)
    incidents = [_incident(index, row) for index, row in enumerate(deployments) if row["failed"] == "true"]
    return _results(changes, deployments), frames(changes, deployments=deployments, incidents=incidents)


def _deployments(chance: random.Random) -> Iterator[dict[str, Any]]:
    at, number = FIRST, 0
    while at < AS_OF:
        if not datetime(2023, 7, 1, tzinfo=timezone.utc) <= at < datetime(2023, 10, 1, tzinfo=timezone.utc):
            yield _deployment(number, at, chance)
            number += 1
        pace = 9.0 if at.year < 2024 else 4.5
        at += timedelta(days=chance.expovariate(1 / pace), minutes=chance.randrange(600))


def _deployment(number: int, at: datetime, chance: Optional[random.Random] = None) -> dict[str, Any]:
    draw = chance.random() if chance else 1.0
    kind = "initial" if not number else "rollback" if draw < 0.03 else "hotfix" if draw < 0.1 else "normal"
    tag = f"v{1 + number // 60}.{number // 4 % 15}.{number % 4}"
    return {
        "key": f"release:{tag}",
        "repository": "acme/shop",
        "service": float("nan"),
        "environment": "production",
        "commit": f"{number:040x}",
        "tag": tag,
        "deployed_at": format_utc(at),
        "source": "release",
        "kind": kind,
        "kind_reason": {"hotfix": "every change in it is a hotfix", "rollback": "an ancestor of the live commit"}.get(
            kind, ""
        ),
        "changes": 0 if kind == "rollback" else 3,
        "new_commits": 7,
        "withdrawn": 12 if kind == "rollback" else 0,
        "failed": "false" if kind in {"normal", "hotfix"} else float("nan"),
        "failure_provenance": float("nan"),
        "failed_because": float("nan"),
        "began_at": float("nan"),
        "restored_at": float("nan"),
        "restored_by": float("nan"),
        "recovery_hours": float("nan"),
        "evidence": f"tag:{tag}",
        "flags": "backfilled_tag" if number % 23 == 5 else float("nan"),
        "url": f"https://github.com/acme/shop/releases/tag/{tag}",
    }


def _changes(chance: random.Random, deployments: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    number = 100
    for deployment in deployments:
        at = parse_utc(deployment["deployed_at"])
        for _ in range(int(deployment["changes"]) + chance.randrange(3)):
            wait = chance.lognormvariate(4.4 if at.year < 2024 else 3.6, 0.9)
            row = _change(number, at - timedelta(hours=wait), deployment, wait)
            if deployment["kind"] == "initial":
                row.update(left_out="left_truncated", lead_time_hours=float("nan"))
            elif chance.random() < 0.03:
                row.update(left_out="negative", lead_time_hours=float("nan"))
            yield row
            number += 1
    for age in (2, 5, 5, 9, 31, 60):
        yield _change(number, AS_OF - timedelta(days=age, hours=5))
        number += 1


def _change(
    number: int, start: datetime, deployment: Optional[Mapping[str, Any]] = None, wait: float = float("nan")
) -> dict[str, Any]:
    hotfix = bool(deployment and deployment["kind"] == "hotfix")
    alone = number % 17 == 0
    return {
        "key": f"commit:{number:040x}" if alone else f"pr:{number}",
        "repository": "acme/shop",
        "service": float("nan"),
        "pull_request": float("nan") if alone else f"#{number}",
        "title": ("hotfix: " if hotfix else "") + TITLES[number % len(TITLES)],
        "labels": "hotfix; payments" if hotfix else float("nan"),
        "is_bot": "false",
        "first_commit_at": format_utc(start),
        "started_at": format_utc(start),
        "merged_at": format_utc(start + timedelta(hours=1)),
        "via": "commit" if alone else "merge_commit",
        "deployment": deployment["key"] if deployment else float("nan"),
        "deployed_at": deployment["deployed_at"] if deployment else float("nan"),
        "lead_time_hours": round(wait, 6),
        "is_hotfix": "true" if hotfix else "false",
        "hotfix_reason": 'label "hotfix"' if hotfix else float("nan"),
        "is_revert": "false",
        "flags": "start=squash_commit" if number % 11 == 0 else float("nan"),
        "left_out": float("nan"),
        "url": f"https://github.com/acme/shop/pull/{number}",
    }


def _fail(chance: random.Random, deployments: Sequence[dict[str, Any]]) -> None:
    for row in deployments:
        at = parse_utc(row["deployed_at"])
        if row["failed"] == "false" and chance.random() < (0.16 if at.year < 2024 else 0.08):
            hours = chance.lognormvariate(1.6, 0.8)
            inferred = chance.random() < 0.6
            row.update(
                failed="true",
                failure_provenance="inferred" if inferred else "explicit",
                failed_because="rolled back to the version before" if inferred else "incident names this release",
                began_at=row["deployed_at"],
                restored_at=format_utc(at + timedelta(hours=hours)),
                recovery_hours=round(hours, 6),
            )


def _incident(index: int, deployment: Mapping[str, Any]) -> dict[str, Any]:
    inferred = deployment["failure_provenance"] == "inferred"
    return {
        "key": f"failure:{deployment['key']}" if inferred else f"issue:{900 + index}",
        "repository": "acme/shop",
        "service": float("nan"),
        "issue": float("nan") if inferred else 900 + index,
        "title": f"Rollback of {deployment['tag']}" if inferred else "Payments time out",
        "started_at": deployment["began_at"],
        "resolved_at": deployment["restored_at"],
        "caused_by": deployment["key"],
        "attribution": "rollback" if inferred else "stated",
        "provenance": deployment["failure_provenance"],
        "because": deployment["failed_because"],
        "confidence": "medium" if inferred else "high",
        "fixed_by": float("nan"),
        "flags": float("nan"),
        "url": float("nan") if inferred else f"https://github.com/acme/shop/issues/{900 + index}",
    }


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
