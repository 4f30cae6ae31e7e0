"""The rows of a shop that never was: what changes.csv, deployments.csv and incidents.csv of it would hold."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from dora_metrics.domain.timestamps import format_utc, parse_utc

FIRST = datetime(2022, 2, 14, 9, 30, tzinfo=timezone.utc)
AS_OF = datetime(2025, 5, 9, 3, 0, tzinfo=timezone.utc)
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


def make_deployments(chance: random.Random) -> Iterator[dict[str, Any]]:
    at, number = FIRST, 0
    while at < AS_OF:
        if not datetime(2023, 7, 1, tzinfo=timezone.utc) <= at < datetime(2023, 10, 1, tzinfo=timezone.utc):
            yield a_deployment(number, at, chance)
            number += 1
        pace = 9.0 if at.year < 2024 else 4.5
        at += timedelta(days=chance.expovariate(1 / pace), minutes=chance.randrange(600))


def a_deployment(number: int, at: datetime, chance: Optional[random.Random] = None) -> dict[str, Any]:
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


def make_changes(chance: random.Random, deployments: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    number = 100
    for deployment in deployments:
        at = parse_utc(deployment["deployed_at"])
        for _ in range(int(deployment["changes"]) + chance.randrange(3)):
            wait = chance.lognormvariate(4.4 if at.year < 2024 else 3.6, 0.9)
            row = a_change(number, at - timedelta(hours=wait), deployment, wait)
            if deployment["kind"] == "initial":
                row.update(left_out="left_truncated", lead_time_hours=float("nan"))
            elif chance.random() < 0.03:
                row.update(left_out="negative", lead_time_hours=float("nan"))
            yield row
            number += 1
    for age in (2, 5, 5, 9, 31, 60):
        yield a_change(number, AS_OF - timedelta(days=age, hours=5))
        number += 1


def a_change(
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
        "created_at": float("nan"),
        "ready_at": float("nan"),
        "first_review_at": float("nan"),
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


def fail_some(chance: random.Random, deployments: Sequence[dict[str, Any]]) -> None:
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


def an_incident(index: int, deployment: Mapping[str, Any]) -> dict[str, Any]:
    inferred = deployment["failure_provenance"] == "inferred"
    return {
        "key": f"failure:{deployment['key']}" if inferred else f"issue:{900 + index}",
        "repository": "acme/shop",
        "service": float("nan"),
        "issue": float("nan") if inferred else str(900 + index),
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
