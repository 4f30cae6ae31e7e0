"""The services of one repository: its facts are read once, each service is judged by its own rules.

A change belongs to each service whose files it touches, a deployment to each service whose patterns it fits, an
incident to the services of `incident_owners.py`. What touches no service is counted, never dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Optional

from dora_metrics.config import ServiceSettings, Settings
from dora_metrics.domain.models import Annotation, Dataset
from dora_metrics.domain.quality import FINE, WATCH, QualityFinding
from dora_metrics.processors.incident_owners import Witness, owners_of
from dora_metrics.processors.incidents import counted_incidents
from dora_metrics.processors.judgement import (
    Facts,
    Shared,
    Shipped,
    join_incidents,
    judge,
    judge_failures,
    judge_shipped,
)
from dora_metrics.processors.membership import NOBODY
from dora_metrics.processors.versions import tag_matcher


@dataclass(frozen=True)
class Uncovered:
    """Changes of a repository that are in none of its services: most touch no folder of any."""

    repository: str
    pull_requests: tuple[int, ...] = ()
    """Numbers, in order."""
    commits: tuple[str, ...] = ()
    """Hashes of commits that belong to no pull request, parents before children."""
    changes: int = 0
    """How many changes the repository has, these included."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.pull_requests) + len(self.commits)

    def finding(self) -> QualityFinding:
        """What a person should know about it."""
        return QualityFinding(
            code="no_service",
            what=f"changes of {self.repository} that belong to no service",
            count=self.count,
            total=self.changes,
            severity=WATCH if self.count else FINE,
            meaning="They are in no number of any service.",
            remedy="Where one belongs to a service, add its folder to that service's path_prefix."
            if self.count
            else "",
        )


@dataclass(frozen=True)
class Judged:
    """One repository, service by service in the order of the configuration."""

    facts: tuple[Facts, ...]
    datasets: tuple[Dataset, ...]
    uncovered: tuple[Uncovered, ...] = ()
    """One for a repository of several services; none for others."""


@dataclass(frozen=True)
class _Part:
    """What one service is judged by."""

    name: str
    facts: Facts
    settings: Settings
    shipped: Shipped


def judge_repository(
    facts: Facts,
    services: Sequence[ServiceSettings],
    settings: Settings,
    annotations: Iterable[Annotation] = (),
    shared: Optional[Shared] = None,
) -> Judged:
    """The dataset of the repository, or of each of its `services`. Pure: the same arguments give the same result.

    The history of `facts` was made with the path prefixes of `services`. `shared` is `Shared.of(facts)`, when another
    judging has worked it out.
    """
    shared = shared or Shared.of(facts)
    if not services:
        return Judged((facts,), (judge(facts, settings, annotations, shared=shared),))
    words = list(annotations)
    parts = [_part(facts, service, settings, words, shared) for service in services]
    owners = _owners(parts, settings)
    datasets = [
        judge_failures(
            part.facts,
            part.settings,
            part.shipped,
            shared,
            service=part.name,
            mine=[number for number, names in owners.items() if part.name in names],
        )
        for part in parts
    ]
    return Judged(tuple(part.facts for part in parts), tuple(datasets), (_uncovered(facts, parts, shared),))


def facts_of_service(facts: Facts, service: ServiceSettings) -> Facts:
    """`facts` as `service` has them: its part of the history, and only the releases whose tags fit its pattern."""
    fits = tag_matcher(service.tag_pattern, ()) if service.tag_pattern else None
    releases = facts.releases if fits is None else [release for release in facts.releases if fits(release.tag)]
    return replace(facts, history=facts.history.within(service.name), releases=releases)


def settings_of_service(settings: Settings, service: ServiceSettings) -> Settings:
    """`settings` with what `service` says of its own tags and environments."""
    deployments = replace(
        settings.deployments,
        tag_pattern=service.tag_pattern or settings.deployments.tag_pattern,
        environment=service.environment or settings.deployments.environment,
    )
    return replace(settings, deployments=deployments)


def _part(
    facts: Facts, service: ServiceSettings, settings: Settings, words: Sequence[Annotation], shared: Shared
) -> _Part:
    own, rules = facts_of_service(facts, service), settings_of_service(settings, service)
    return _Part(service.name, own, rules, judge_shipped(own, rules, words, shared, service=service.name))


def _owners(parts: Sequence[_Part], settings: Settings) -> dict[int, list[str]]:
    """By the number of each incident the names of the services that it belongs to."""
    facts = parts[0].facts
    incidents = counted_incidents(facts.incidents, settings.failures.incident_labels)
    if not incidents:
        return {}
    witnesses = [
        Witness.of(part.name, part.facts.history, part.shipped, join_incidents(part.facts, settings, part.shipped))
        for part in parts
    ]
    window = timedelta(days=settings.failures.window_days)
    return {incident.number: owners_of(incident, witnesses, facts.repository, window) for incident in incidents}


def _uncovered(facts: Facts, parts: Sequence[_Part], shared: Shared) -> Uncovered:
    """What the branch or any service's deployment reaches, and no service has among its changes."""
    listed = {change.key for part in parts for change in part.shipped.changes if change.left_out != "carrier"}
    history = facts.history
    found = (history.find(made.commit_sha) for part in parts for made in part.shipped.deployments)
    deployed = [commit for commit in found if commit is not None]
    tied, members = shared.associations.find(
        deployed, branch=facts.branch, pulls=facts.pull_requests if facts.from_github else None
    )
    pulls = tuple(
        number
        for position, number in enumerate(tie.pull_request.number for tie in tied)
        if position not in members.carriers and f"pr:{number}" not in listed
    )
    lone = (
        history.sha(commit)
        for commit in members.order
        if members.owner[commit] == NOBODY and not history.is_merge(commit)
    )
    commits = tuple(sha for sha in lone if f"commit:{sha}" not in listed)
    return Uncovered(facts.repository, pulls, commits, changes=len(listed) + len(pulls) + len(commits))
