"""Hotfixes, reverts, rollbacks and incidents → failed deployments, each a proposal until a person says so.

See definitions.md 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Optional

from dora_metrics.config import FailureSettings
from dora_metrics.domain.models import Change, Deployment, Failure
from dora_metrics.domain.outages import BLAMES_NO_DEPLOYMENT
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
from dora_metrics.processors.failure_evidence import (
    Evidence,
    absorb,
    change_name,
    join_failures,
    shipped_apart,
)
from dora_metrics.processors.incident_failures import IncidentFailures
from dora_metrics.processors.outage_evidence import JoinedIncidents
from dora_metrics.processors.rollbacks import rollback_failures


class FailureFinder:
    """The failures of one service, from its deployments and changes and a person's word on both."""

    def __init__(
        self,
        deployments: Sequence[Deployment],
        changes: Sequence[Change],
        causes: CauseFinder,
        settings: FailureSettings,
        words: AnnotationMerger,
        outages: Sequence[JoinedIncidents] = (),
        elsewhere: Collection[str] = (),
    ) -> None:
        """`deployments` in order, of their final kinds; `causes` knows which deployment first delivered what.

        `outages` are the incidents; the changes that are joined with them are no signs of their own, nor are those of
        `elsewhere`, keys of changes that are joined with incidents of other services.
        """
        self._deployments = deployments
        self._changes = changes
        self._causes = causes
        self._settings = settings
        self._rows = {
            deployment.key: words.on_deployment(deployment, first_of_commit=first)
            for deployment, first in with_first_of_commit(deployments)
        }
        self._words = words
        self._incidents = IncidentFailures(outages, causes, settings, words, self._rows)
        self._no_signs = self._incidents.fixes.union(elsewhere)

    def find(self, *, repository: str, service: str = "") -> list[Failure]:
        """One failure an incident, else one a failed deployment, and one for each sign that no deployment answers for.

        By time, then key. Where an incident blames a deployment, other signs about it are part of that failure.
        """
        evidence = [*self._said(), *self._rolled_back(), *self._reverted(), *self._hotfixed()]
        failures = [self._failure(found, repository, service) for found in evidence if not self._denied(found)]
        joined: dict[str, Failure] = {}
        for failure in failures:
            joined[failure.key] = join_failures(joined[failure.key], failure) if failure.key in joined else failure
        incidents = self._incidents.find(repository=repository, service=service)
        told = _with_other_signs(incidents, list(joined.values()))
        return sorted(told, key=lambda failure: (format_utc(failure.began_at), failure.key))

    def _said(self) -> Iterable[Evidence]:
        """Deployments that a person marked as failed, and commits marked so that some deployment delivered."""
        for deployment in self._deployments:
            row = self._rows[deployment.key]
            if yes_no(row, "deployment_failed"):
                cause = self._causes.checked(deployment, "annotated_deployment", "a person said that it failed")
                yield self._evidence(cause, deployment.tag or deployment.key, deployment.key, row)
        made_of = {deployment.commit_sha for deployment in self._deployments}
        for key in self._words.keys():  # noqa: SIM118 (a method of ours, not a dict's)
            kind, _, sha = key.partition(":")
            if kind != "commit" or sha in made_of:
                continue
            row = self._words.on_commit(sha)
            if yes_no(row, "deployment_failed"):
                cause = self._causes.of_commit(sha, "annotated_commit", "a person said that its deployment failed")
                yield self._evidence(cause, sha[:10], key, row)

    def _rolled_back(self) -> Iterable[Evidence]:
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

    def _reverted(self) -> Iterable[Evidence]:
        reverting = [change for change in self._changes if change.reverts and not self._is_no_sign(change)]
        by_key = {change.key: change for change in self._changes} if reverting else {}
        for change in reverting:
            said = self._said_cause(change)
            for target in (by_key[key] for key in change.reverts):
                if target.is_revert or not (shipped_apart(change, target) or said):
                    continue
                because = f"{change_name(change)} reverts {change_name(target)}"
                cause = said or self._causes.of_deployment(target.deployment, "revert", because, confidence="high")
                yield self._fixed_by(change, cause)

    def _hotfixed(self) -> Iterable[Evidence]:
        for change in self._changes:
            if not change.is_hotfix or change.reverts or self._is_no_sign(change):
                continue
            yield self._fixed_by(change, self._said_cause(change) or self._inferred(change))

    def _inferred(self, change: Change) -> Cause:
        """The last deployment before the hotfix was begun, when that is near enough."""
        because = f"{change_name(change)} is a hotfix ({change.hotfix_reason})"
        start = change.first_commit_at or change.created_at or change.started_at
        return self._causes.inferred(start, self._settings.window_days, because, "begun")

    def _is_no_sign(self, change: Change) -> bool:
        return change.left_out in ("carrier", "cherry_pick") or change.key in self._no_signs

    def _said_cause(self, change: Change) -> Optional[Cause]:
        said = self._words.on_change(change).get("caused_by")
        return None if said is None else self._causes.named(said)

    def _fixed_by(self, change: Change, cause: Cause) -> Evidence:
        found = self._evidence(cause, change.title, change.key, self._words.on_change(change))
        return replace(
            found,
            started_at=change.started_at,
            restored_at=change.deployed_at,
            restored_by=change.deployment,
            fixed_by=change.key,
        )

    @staticmethod
    def _evidence(cause: Cause, title: str, key: str, row: Decisions) -> Evidence:
        return Evidence(cause, title, key, None, None, None, None, row)

    def _denied(self, found: Evidence) -> bool:
        """Whether a person said that the deployment did not fail, and nobody named it as the cause elsewhere."""
        blamed = found.cause.deployment
        if blamed is None or found.cause.attribution in ("annotated_deployment", "annotated_commit"):
            return False
        return yes_no(self._rows[blamed.key], "deployment_failed") is False

    def _failure(self, found: Evidence, repository: str, service: str) -> Failure:
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


def _with_other_signs(incidents: Sequence[Failure], others: Sequence[Failure]) -> list[Failure]:
    """All of them, but for those of `others` that are about a deployment which an incident blames: joined with it."""
    blamed = {failure.deployment for failure in incidents if failure.attribution not in BLAMES_NO_DEPLOYMENT}
    told = list(incidents)
    for sign in others:
        if sign.attribution in BLAMES_NO_DEPLOYMENT or sign.deployment not in blamed:
            told.append(sign)
            continue
        for position, failure in enumerate(told):
            same = failure.deployment == sign.deployment and failure.attribution not in BLAMES_NO_DEPLOYMENT
            if same and failure.issue is not None:
                told[position] = absorb(failure, sign)
    return told
