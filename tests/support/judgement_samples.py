"""Small judgements for tests: one of each kind, with what a test does not care about filled in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from dora_metrics.domain.models import Annotation, Change, Dataset, Deployment, Failure

SHOP = "acme/shop"
MARCH_2 = datetime(2025, 3, 2, 14, 5, tzinfo=timezone.utc)
SOURCE = "0" * 64


def sha(number: int) -> str:
    """A full hash that stands for `number`; different numbers differ in their first seven digits."""
    return f"{number:07x}".ljust(40, "e")


def at(hours: float) -> datetime:
    """So many hours after 2 March 2025, 14:05 UTC."""
    return MARCH_2 + timedelta(hours=hours)


def a_change(number: int, **given: Any) -> Change:
    """Pull request `number`, merged as commit `sha(number)`."""
    facts = {
        "title": f"change {number}",
        "commits": (sha(number),),
        "pull_request": number,
        "merge_commit": sha(number),
    }
    return Change(**{"key": f"pr:{number}", "repository": SHOP, **facts, **given})


def a_deployment(tag: str, commit: int, **given: Any) -> Deployment:
    """Tag `tag` on commit `sha(commit)`, `commit` hours after 2 March."""
    facts = {"commit_sha": sha(commit), "deployed_at": at(commit), "source": "tag", "tag": tag}
    return Deployment(**{"key": f"tag:{tag}", "repository": SHOP, **facts, **given})


def a_failure(deployment: Optional[str], **given: Any) -> Failure:
    """An inferred failure of the deployment with this key; `None` = of none."""
    facts = {"title": "it broke", "attribution": "inferred", "provenance": "inferred", "because": "a hotfix followed"}
    key = f"failure:{deployment}"
    return Failure(**{"key": key, "repository": SHOP, "deployment": deployment, "began_at": at(0), **facts, **given})


def a_decision(key: str, column: str, value: str, **given: Any) -> Annotation:
    """One accepted cell."""
    facts = {"accepted_at": at(0), "source": SOURCE, "line": 2}
    return Annotation(
        **{"repository": SHOP, "service": "", "key": key, "column": column, "value": value, **facts, **given}
    )


def a_dataset(**given: Any) -> Dataset:
    """The dataset of the whole repository."""
    return Dataset(**{"repository": SHOP, **given})
