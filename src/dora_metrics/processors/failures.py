"""Hotfixes, reverts and rollbacks → failed deployments, each a proposal until a person says so (definitions.md 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Optional

from dora_metrics.config import FailureSettings
from dora_metrics.domain.models import Change, Deployment, Failure
from dora_metrics.domain.review import is_reviewed
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.processors.annotation_merger import (
    AnnotationMerger,
    Decisions,
    moment,
    with_first_of_commit,
    yes_no,
)
from dora_metrics.processors.causes import Cause, CauseFinder
from dora_metrics.processors.rollbacks import rollback_failures

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
NEAR = timedelta(days=1)


@dataclass(frozen=True)
class _Evidence:
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


class FailureFinder:
    """The failures of one service, from its deployments and changes and a person's word on both."""

    def __init__(
        self,
        deployments: Sequence[Deployment],
        changes: Sequence[Change],
        causes: CauseFinder,
        settings: FailureSettings,
        words: AnnotationMerger,
    ) -> None:
        """`deployments` in order, of their final kinds; `causes` knows which deployment first delivered what."""
        self._deployments = deployments
        self._changes = changes
        self._causes = causes
        self._settings = settings
        self._rows = {
            deployment.key: words.on_deployment(deployment, first_of_commit=first)
            for deployment, first in with_first_of_commit(deployments)
        }
        self._words = words

    def find(self, *, repository: str, service: str = "") -> list[Failure]:
        """One failure a failed deployment, and one for each sign that no deployment answers for; by time, then key."""
        evidence = [*self._said(), *self._rolled_back(), *self._reverted(), *self._hotfixed()]
        failures = [self._failure(found, repository, service) for found in evidence if not self._denied(found)]
        joined: dict[str, Failure] = {}
        for failure in failures:
            joined[failure.key] = _join(joined[failure.key], failure) if failure.key in joined else failure
        return sorted(joined.values(), key=lambda failure: (format_utc(failure.began_at), failure.key))

    def _said(self) -> Iterable[_Evidence]:
        """Deployments that a person marked as failed, and commits marked so that some deployment delivered."""
        for deployment in self._deployments:
            row = self._rows[deployment.key]
            if yes_no(row, "deployment_failed"):
                cause = self._causes.checked(deployment, "annotated_deployment", "a person said that it failed")
                yield self._evidence(cause, deployment.tag or deployment.key, deployment.key, row)
        made_of = {deployment.commit_sha for deployment in self._deployments}
        for key in self._words.keys():  # noqa: SIM118 (a method of ours, not a dict's)
            sha = key.partition(":")[2]
            row = self._words.on_commit(sha)
            if key.startswith("commit:") and sha not in made_of and yes_no(row, "deployment_failed"):
                cause = self._causes.of_commit(sha, "annotated_commit", "a person said that its deployment failed")
                yield self._evidence(cause, sha[:10], key, row)

    def _rolled_back(self) -> Iterable[_Evidence]:
        for blamed, last in rollback_failures(self._deployments, self._settings.rollback_blames):
            because = f"rolled back by {last.key}"
            cause = self._causes.checked(blamed, "rollback", because, confidence="high")
            row = self._rows[last.key]
            found = self._evidence(cause, f"rollback to {self._version_of(last)}", last.key, row)
            yield replace(found, restored_at=last.deployed_at, restored_by=last.key)

    def _version_of(self, rollback: Deployment) -> str:
        """What people call the commit that was gone back to: the tag that it was first deployed under."""
        tags = (d.tag for d in self._deployments if d.commit_sha == rollback.commit_sha and d.tag)
        return next(tags, rollback.commit_sha[:10])

    def _reverted(self) -> Iterable[_Evidence]:
        by_key = {change.key: change for change in self._changes}
        for change in self._changes:
            if change.left_out in ("carrier", "cherry_pick"):
                continue
            said = self._said_cause(change)
            for target in (by_key[key] for key in change.reverts):
                shipped_apart = target.deployment is not None and target.deployment != change.deployment
                if target.is_revert or not (shipped_apart or said):
                    continue
                because = f"{_name(change)} reverts {_name(target)}"
                cause = said or self._causes.of_deployment(target.deployment, "revert", because, confidence="high")
                yield self._fixed_by(change, cause)

    def _hotfixed(self) -> Iterable[_Evidence]:
        for change in self._changes:
            if not change.is_hotfix or change.reverts or change.left_out in ("carrier", "cherry_pick"):
                continue
            yield self._fixed_by(change, self._said_cause(change) or self._inferred(change))

    def _inferred(self, change: Change) -> Cause:
        """The last deployment before the hotfix was begun, when that is near enough."""
        window = timedelta(days=self._settings.window_days)
        because = f"{_name(change)} is a hotfix ({change.hotfix_reason})"
        start = change.first_commit_at or change.created_at or change.started_at
        last = None if start is None else self._causes.last_before(start, window)
        if last is None or start is None:
            reason = f"{because}; no deployment in the {self._settings.window_days} days before it"
            return Cause(None, "unattributed", reason, "low")
        near = start - last.deployed_at <= NEAR
        return Cause(last, "inferred", f"{because}, begun after this deployment", "medium" if near else "low")

    def _said_cause(self, change: Change) -> Optional[Cause]:
        said = self._words.on_change(change).get("caused_by")
        return None if said is None else self._causes.named(said)

    def _fixed_by(self, change: Change, cause: Cause) -> _Evidence:
        found = self._evidence(cause, change.title, change.key, self._words.on_change(change))
        return replace(
            found,
            started_at=change.started_at,
            restored_at=change.deployed_at,
            restored_by=change.deployment,
            fixed_by=change.key,
        )

    @staticmethod
    def _evidence(cause: Cause, title: str, key: str, row: Decisions) -> _Evidence:
        return _Evidence(cause, title, key, None, None, None, None, row)

    def _denied(self, found: _Evidence) -> bool:
        """Whether a person said that the deployment did not fail, and nobody named it as the cause elsewhere."""
        blamed = found.cause.deployment
        if blamed is None or found.cause.attribution in ("annotated_deployment", "annotated_commit"):
            return False
        return yes_no(self._rows[blamed.key], "deployment_failed") is False

    def _failure(self, found: _Evidence, repository: str, service: str) -> Failure:
        cause, blamed = found.cause, found.cause.deployment
        rows = [found.row] + ([self._rows[blamed.key]] if blamed is not None else [])
        began_at = min((m for row in rows if (m := moment(row, "started_at"))), default=None)
        ended_at = max((m for row in rows if (m := moment(row, "resolved_at"))), default=None)
        explicit = any(map(is_reviewed, rows))
        return Failure(
            key=f"failure:{blamed.key if blamed is not None else found.key}",
            repository=repository,
            service=service,
            title=found.title,
            attribution=cause.attribution,
            provenance="explicit" if explicit else "inferred",
            because=cause.because,
            confidence="high" if explicit else cause.confidence,
            deployment=None if blamed is None else blamed.key,
            began_at=began_at or (found.started_at if blamed is None else blamed.deployed_at),
            restored_at=ended_at or found.restored_at,
            restored_by="annotation" if ended_at else found.restored_by,
            fixed_by=found.fixed_by,
        )


def _join(one: Failure, other: Failure) -> Failure:
    """Two signs about one deployment: it failed once, from the earliest beginning to the latest end."""
    lead = min((one, other), key=lambda failure: RULES.index(failure.attribution))
    told = next((failure for failure in (lead, one, other) if failure.fixed_by), lead)
    is_open = one.restored_at is None or other.restored_at is None
    last = max((one, other), key=lambda failure: format_utc(failure.restored_at))
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


def _name(change: Change) -> str:
    return f"#{change.pull_request}" if change.pull_request is not None else change.commits[0][:10]
