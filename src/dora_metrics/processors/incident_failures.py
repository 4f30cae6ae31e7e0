"""Incidents → failures: what caused each, when it began, and when users were well again (definitions.md 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Optional

from dora_metrics.config import FailureSettings
from dora_metrics.domain.github_facts import Incident
from dora_metrics.domain.models import Failure
from dora_metrics.domain.review import is_reviewed
from dora_metrics.processors.annotation_merger import AnnotationMerger, Decisions, moment, yes_no
from dora_metrics.processors.causes import Cause, CauseFinder
from dora_metrics.processors.failure_evidence import RULES, change_name, shipped_apart
from dora_metrics.processors.incidents import stated_causes
from dora_metrics.processors.outage_evidence import JoinedIncidents, was_closed_by_a_fix

AUTO_CLOSED = "auto_closed"
"""Flag: closed when its fix was merged; restored when that reached users."""
BY_A_PERSON = ("annotated_deployment", "annotated_commit")


class _End(NamedTuple):
    """When and by what an outage ended."""

    at: Optional[datetime] = None
    by: Optional[str] = None


class IncidentFailures:
    """The failures that incident issues tell of."""

    def __init__(
        self,
        outages: Sequence[JoinedIncidents],
        causes: CauseFinder,
        settings: FailureSettings,
        words: AnnotationMerger,
        rows: Mapping[str, Decisions],
    ) -> None:
        """`rows` are the decisions on each deployment, by its key."""
        self._outages = outages
        self._causes = causes
        self._settings = settings
        self._words = words
        self._rows = rows
        self.fixes = frozenset(fix.key for outage in outages for fix in outage.fixes)
        """Keys of the changes that close or name an incident."""

    def find(self, *, repository: str, service: str = "") -> list[Failure]:
        """One failure an incident, those that no deployment answers for included, in no promised order."""
        failures = []
        for outage in self._outages:
            shared = self._accepted(self._cause(outage, repository))
            for incident in outage.incidents:
                said = self._words.on_issue(incident.number).get("caused_by")
                cause = shared if said is None else self._causes.named(said)
                failures.append(self._failure(incident, outage, cause, repository, service))
        return failures

    def _cause(self, outage: JoinedIncidents, repository: str) -> Cause:
        """The cause of the whole outage, by the lowest rule that answers."""
        for found in (self._annotated(outage), self._stated(outage, repository), self._reverted(outage)):
            answers = list(found)
            if answers:
                return min(answers, key=lambda cause: RULES.index(cause.attribution))
        started = [(self._began(incident), incident.number) for incident in outage.incidents]
        start, number = min(started)
        return self._causes.inferred(start, self._settings.window_days, f"incident #{number}", "opened")

    def _began(self, incident: Incident) -> datetime:
        return moment(self._words.on_issue(incident.number), "started_at") or incident.created_at

    def _annotated(self, outage: JoinedIncidents) -> Iterator[Cause]:
        rows = [self._words.on_issue(incident.number) for incident in outage.incidents]
        rows += [self._words.on_change(fix) for fix in outage.fixes]
        for row in rows:
            if "caused_by" in row:
                yield self._causes.named(row["caused_by"])

    def _stated(self, outage: JoinedIncidents, repository: str) -> Iterator[Cause]:
        for incident in outage.incidents:
            for target in stated_causes(incident, repository):
                cause = self._causes.stated(target, f"incident #{incident.number}")
                if cause is not None:
                    yield cause

    def _reverted(self, outage: JoinedIncidents) -> Iterator[Cause]:
        for fix in outage.fixes:
            for key in fix.reverts:
                target = self._causes.change(key)
                if target is not None and not target.is_revert and shipped_apart(fix, target):
                    because = f"{change_name(fix)} reverts {change_name(target)}"
                    yield self._causes.of_deployment(target.deployment, "revert", because, confidence="high")

    def _accepted(self, cause: Cause) -> Cause:
        """`cause`, unless a person said that this deployment did not fail: the incident stays, its cause is unknown."""
        blamed = cause.deployment
        denied = blamed is not None and yes_no(self._rows[blamed.key], "deployment_failed") is False
        if blamed is None or not denied or cause.attribution in BY_A_PERSON:
            return cause
        return Cause(None, "unattributed", f"{cause.because}; a person said that {blamed.key} did not fail", "low")

    def _failure(
        self, incident: Incident, outage: JoinedIncidents, cause: Cause, repository: str, service: str
    ) -> Failure:
        blamed = cause.deployment
        rows = [self._words.on_issue(incident.number), *(self._words.on_change(fix) for fix in outage.fixes)]
        rows += [self._rows[blamed.key]] if blamed is not None else []
        explicit = cause.attribution == "stated" or any(map(is_reviewed, rows))
        auto_closed = was_closed_by_a_fix(incident, outage.fixes)
        failure = Failure(
            key=f"issue:{incident.number}",
            repository=repository,
            service=service,
            title=incident.title,
            attribution=cause.attribution,
            provenance="explicit" if explicit else "inferred",
            because=cause.because,
            confidence="high" if explicit else cause.confidence,
            issue=incident.number,
            deployment=None if blamed is None else blamed.key,
            began_at=min((m for row in rows if (m := moment(row, "started_at"))), default=incident.created_at),
            fixed_by=outage.fixes[-1].key if outage.fixes else None,
            opened_at=incident.created_at,
            closed_at=incident.closed_at,
            flags=(AUTO_CLOSED,) if auto_closed else (),
        )
        end = self._end(incident, outage, rows, auto_closed=auto_closed)
        return replace(failure, restored_at=end.at, restored_by=end.by)

    @staticmethod
    def _end(incident: Incident, outage: JoinedIncidents, rows: Sequence[Decisions], *, auto_closed: bool) -> _End:
        said = max((m for row in rows if (m := moment(row, "resolved_at"))), default=None)
        if said is not None:
            return _End(said, "annotation")
        if incident.closed_at is None:
            return _End()
        if not auto_closed:
            return _End(incident.closed_at, f"issue:{incident.number}")
        delivered = [(fix.deployed_at, fix.deployment) for fix in outage.fixes if fix.deployed_at is not None]
        return _End(*max(delivered, key=lambda found: found[0])) if len(delivered) == len(outage.fixes) else _End()
