"""One sign of an outage, and what several signs make together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Optional

from dora_metrics.domain.models import Change, Failure
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.processors.annotation_merger import Decisions
from dora_metrics.processors.causes import Cause

RULES = (
    "annotated_deployment",
    "annotated_commit",
    "stated",
    "rollback",
    "revert",
    "inferred",
    "not_in_Dc",
    "unattributed",
    "no_deployment",
)
"""Lowest first: joined evidence bears the lowest rule that answered."""
PROVENANCES = ("inferred", "explicit")
CONFIDENCES = ("low", "medium", "high")


@dataclass(frozen=True)
class Evidence:
    """One sign of an outage, and what ended it."""

    cause: Cause
    title: str
    key: str
    """What stands for it when no deployment does."""
    started_at: Optional[datetime]
    restored_at: Optional[datetime]
    restored_by: Optional[str]
    fixed_by: Optional[str]
    row: Decisions


def join_failures(one: Failure, other: Failure) -> Failure:
    """Two signs about one deployment: it failed once, from the earliest beginning to the latest end."""
    lead = min((one, other), key=lambda failure: RULES.index(failure.attribution))
    told = next((failure for failure in (lead, one, other) if failure.fixed_by), lead)
    ends = [failure for failure in (one, other) if not _tells_no_end(failure)] or [one, other]
    is_open = any(failure.restored_at is None for failure in ends)
    last = max(ends, key=lambda failure: format_utc(failure.restored_at))
    return replace(
        lead,
        title=told.title,
        provenance=max(one.provenance, other.provenance, key=PROVENANCES.index),
        confidence=max(one.confidence, other.confidence, key=CONFIDENCES.index),
        because=one.because if one.because == other.because else f"{one.because}; {other.because}",
        began_at=min((m for m in (one.began_at, other.began_at) if m is not None), default=None),
        restored_at=None if is_open else last.restored_at,
        restored_by=None if is_open else last.restored_by,
        fixed_by=last.fixed_by or told.fixed_by,
    )


def _tells_no_end(failure: Failure) -> bool:
    """Whether it is only a person's word that a deployment failed: an end that another sign knows is not in doubt."""
    said = failure.attribution in ("annotated_deployment", "annotated_commit")
    return said and failure.fixed_by is None and failure.restored_at is None


def absorb(failure: Failure, sign: Failure) -> Failure:
    """`failure`, of an incident, with another sign about the same deployment: its own times stay."""
    lead = min((failure, sign), key=lambda one: RULES.index(one.attribution))
    return replace(
        failure,
        attribution=lead.attribution,
        provenance=max(failure.provenance, sign.provenance, key=PROVENANCES.index),
        confidence=max(failure.confidence, sign.confidence, key=CONFIDENCES.index),
        because="; ".join(dict.fromkeys((failure.because, sign.because))),
        fixed_by=failure.fixed_by or sign.fixed_by,
    )


def change_name(change: Change) -> str:
    """`#12`, or the first digits of a lone commit's hash."""
    return f"#{change.pull_request}" if change.pull_request is not None else change.commits[0][:10]


def shipped_apart(change: Change, reverted: Change) -> bool:
    """Whether users had what `change` takes back before it was taken back."""
    return reverted.deployment is not None and reverted.deployment != change.deployment
