"""Facts, configuration and a person's word → the dataset: the whole way of definitions.md, in one place.

deployments → first deliveries → changes → hotfix releases → failures. A person may add or strike a deployment, so
their word on deployments comes before attribution, their word on failures after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from dora_metrics.config import Settings
from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Annotation, Change, Dataset, Deployment, PullRequest, Tag
from dora_metrics.processors.annotation_merger import AnnotationMerger
from dora_metrics.processors.association import tied_by_github, tied_by_messages
from dora_metrics.processors.attribution import Attribution, attribute
from dora_metrics.processors.causes import CauseFinder
from dora_metrics.processors.data_associator import DataAssociator
from dora_metrics.processors.deployments import merge_deployments, tag_deployments, tag_time, version_tags
from dora_metrics.processors.detection import Detection
from dora_metrics.processors.drafts import Conventions
from dora_metrics.processors.failures import FailureFinder
from dora_metrics.processors.hotfixes import HotfixRule, mark_hotfixes
from dora_metrics.processors.incidents import counted_incidents
from dora_metrics.processors.outage_evidence import OutageJoiner
from dora_metrics.processors.pull_request_ladder import Lines
from dora_metrics.processors.release_records import github_deployment_records, prerelease_tags, release_deployments


@dataclass(frozen=True)
class Facts:
    """What git said about one repository."""

    repository: str
    history: History
    branch_tip: Optional[str]
    """`None` for a branch without commits."""
    tags: Sequence[Tag] = ()
    pull_heads: Mapping[int, str] = field(default_factory=dict)
    tips: Sequence[str] = ()
    """What the refs that were extracted point at; commits that none reaches are listed as unreachable."""
    truncated: bool = False
    branch: str = ""
    """Name of the branch that is measured; empty = unknown."""
    from_github: bool = False
    """Pull requests come from GitHub and are read from no message."""
    pull_requests: Sequence[PullRequest] = ()
    """Merged ones."""
    releases: Sequence[Release] = ()
    github_deployments: Sequence[GitHubDeployment] = ()
    incidents: Sequence[Incident] = ()
    """Issues that bear, or bore, an incident label."""


def judge(facts: Facts, settings: Settings, annotations: Iterable[Annotation] = (), *, service: str = "") -> Dataset:
    """The dataset of one service. Pure: the same arguments give the same result."""
    history = facts.history
    words = AnnotationMerger(annotations, repository=facts.repository, service=service)
    tip = history.find(facts.branch_tip)
    line = [] if tip is None else history.graph.first_parent_line(tip)
    attribution = attribute(history, _deployments(facts, line, settings, words, service))
    changes = _changes(facts, line, settings, attribution, service)
    changes = words.merge_changes(changes)
    deployments = mark_hotfixes(attribution.deployments, changes, words.not_hotfixes(attribution.deployments))
    causes = CauseFinder(history, attribution, deployments, changes)
    joiner = OutageJoiner(history, changes, facts.pull_requests, repository=facts.repository)
    outages = joiner.join(counted_incidents(facts.incidents, settings.failures.incident_labels))
    failures = FailureFinder(deployments, changes, causes, settings.failures, words, outages)
    return Dataset(
        repository=facts.repository,
        service=service,
        changes=tuple(changes),
        deployments=tuple(deployments),
        failures=tuple(failures.find(repository=facts.repository, service=service)),
        line=tuple(history.sha(commit) for commit in line),
        unreachable=_unreachable(facts),
        truncated=facts.truncated,
        undated_tags=_undated_tags(facts, settings),
        undated_commits=sum(
            history.graph.known(commit) and history.written_s(commit) is None for commit in range(len(history))
        ),
        unresolved=tuple(
            change.pull_request for change in changes if change.via == "unresolved" and change.pull_request
        ),
    )


def _deployments(
    facts: Facts, line: Sequence[int], settings: Settings, words: AnnotationMerger, service: str
) -> list[Deployment]:
    rules, repository = settings.deployments, facts.repository
    records: list[Deployment] = []
    if "deployment" in rules.sources:
        records += github_deployment_records(
            facts.github_deployments, facts.tags, rules, repository=repository, service=service
        )
    if "release" in rules.sources:
        records += release_deployments(facts.releases, facts.tags, rules, repository=repository, service=service)
    if "tag" in rules.sources:
        marked = prerelease_tags(facts.releases, rules)
        records += tag_deployments(
            facts.tags, facts.history, rules, repository=repository, service=service, prereleases=marked
        )
    if "merge" in rules.sources:
        records += merge_deployments(line, facts.history, repository=repository, service=service)
    detection = Detection(facts.history, line, words.deployment_words(), repository=repository, service=service)
    return detection.deployments(records)


def _changes(
    facts: Facts, line: Sequence[int], settings: Settings, attribution: Attribution, service: str
) -> list[Change]:
    history = facts.history
    deployed = _known_commits(history, attribution.deployments)
    if facts.from_github:
        tied, members = tied_by_github(
            history, facts.pull_requests, Lines(facts.branch, line, deployed), facts.pull_heads
        )
    else:
        tied, members = tied_by_messages(history, line, deployed, facts.pull_heads)
    conventions = Conventions(settings.deployments, settings.metrics, HotfixRule(settings.failures))
    associator = DataAssociator(history, attribution, conventions, repository=facts.repository, service=service)
    return associator.associate(tied, members, facts.pull_heads)


def _known_commits(history: History, deployments: Sequence[Deployment]) -> list[int]:
    found = (history.find(deployment.commit_sha) for deployment in deployments)
    return [commit for commit in found if commit is not None]


def _undated_tags(facts: Facts, settings: Settings) -> tuple[str, ...]:
    if "tag" not in settings.deployments.sources:
        return ()
    rules = settings.deployments
    tags = version_tags(facts.tags, rules, prerelease_tags(facts.releases, rules))
    return tuple(tag.name for tag in tags if tag_time(tag, facts.history)[0] is None)


def _unreachable(facts: Facts) -> tuple[str, ...]:
    """Stored commits that no ref reaches any more, sorted."""
    graph = facts.history.graph
    seen = bytearray(len(graph))
    tips = (facts.history.find(sha) for sha in facts.tips)
    for _ in graph.reach([tip for tip in tips if tip is not None], seen):
        pass
    return tuple(sorted(graph.sha(commit) for commit in range(len(graph)) if graph.known(commit) and not seen[commit]))
