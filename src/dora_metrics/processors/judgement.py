"""Facts, configuration and a person's word → the dataset: the whole way of definitions.md, in one place.

deployments → first deliveries → changes → hotfix releases → failures. A person may add or strike a deployment, so
their word on deployments comes before attribution, their word on failures after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from dora_metrics.config import Settings
from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Annotation, Change, Dataset, Deployment, PullRequest, Tag
from dora_metrics.processors.annotation_merger import AnnotationMerger
from dora_metrics.processors.association import Associations
from dora_metrics.processors.attribution import Attribution, attribute
from dora_metrics.processors.causes import CauseFinder
from dora_metrics.processors.commit_leads import commit_leads
from dora_metrics.processors.data_associator import DataAssociator
from dora_metrics.processors.deployments import (
    merge_deployments,
    tag_deployments,
    tag_time,
    touching_positions,
    version_tags,
)
from dora_metrics.processors.detection import Detection
from dora_metrics.processors.drafts import Conventions
from dora_metrics.processors.failures import FailureFinder
from dora_metrics.processors.hotfixes import HotfixRule, mark_hotfixes
from dora_metrics.processors.incidents import counted_incidents
from dora_metrics.processors.outage_evidence import JoinedIncidents, OutageJoiner, own_outages
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


class Delivered(NamedTuple):
    """The changes of one service before a person's word on them, and all that they hang on besides the facts."""

    by: object
    changes: Sequence[Change]


@dataclass
class Shared:
    """What all services of one repository have in common, worked out once."""

    line: Sequence[int]
    """The branch's first-parent line, newest first."""
    associations: Associations
    unreachable: tuple[str, ...]
    undated_commits: int
    delivered: dict[str, Delivered] = field(default_factory=dict)
    """By service, the changes as they were last made: a person's word seldom moves a deployment."""

    @classmethod
    def of(cls, facts: Facts) -> Shared:
        """What the facts of a repository say, whatever the service."""
        history = facts.history
        tip = history.find(facts.branch_tip)
        line = [] if tip is None else history.graph.first_parent_line(tip)
        undated = sum(
            history.graph.known(commit) and history.written_s(commit) is None for commit in range(len(history))
        )
        return cls(line, Associations(history, line, facts.pull_heads), _unreachable(facts), undated)


@dataclass(frozen=True)
class Shipped:
    """What reached users, before anything is said about failures."""

    attribution: Attribution
    changes: Sequence[Change]
    deployments: Sequence[Deployment]
    words: AnnotationMerger


def judge(
    facts: Facts,
    settings: Settings,
    annotations: Iterable[Annotation] = (),
    *,
    service: str = "",
    shared: Optional[Shared] = None,
) -> Dataset:
    """The dataset of one service. Pure: the same arguments give the same result.

    `shared` is `Shared.of(facts)`, when another judging has worked it out.
    """
    shared = shared or Shared.of(facts)
    shipped = judge_shipped(facts, settings, annotations, shared, service=service)
    return judge_failures(facts, settings, shipped, shared, service=service)


def judge_shipped(
    facts: Facts, settings: Settings, annotations: Iterable[Annotation], shared: Shared, *, service: str = ""
) -> Shipped:
    """The deployments of one service, and the changes that they brought."""
    words = AnnotationMerger(annotations, repository=facts.repository, service=service)
    attribution = attribute(facts.history, _deployments(facts, shared.line, settings, words, service))
    changes = words.merge_changes(_changes(facts, settings, attribution, shared, service))
    deployments = mark_hotfixes(attribution.deployments, changes, words.not_hotfixes(attribution.deployments))
    return Shipped(attribution, changes, deployments, words)


def judge_failures(
    facts: Facts,
    settings: Settings,
    shipped: Shipped,
    shared: Shared,
    *,
    service: str = "",
    mine: Optional[Collection[int]] = None,
) -> Dataset:
    """The whole dataset of one service; of the incidents those whose numbers are in `mine` are its own (`None`: all).

    What was done about an incident that is not its own is no sign of a failure here.
    """
    changes, deployments, history = shipped.changes, shipped.deployments, facts.history
    causes = CauseFinder(history, shipped.attribution, deployments, changes)
    joined = join_incidents(facts, settings, shipped)
    outages = joined if mine is None else own_outages(joined, mine)
    elsewhere = frozenset(fix.key for outage in joined for fix in outage.fixes)
    failures = FailureFinder(deployments, changes, causes, settings.failures, shipped.words, outages, elsewhere)
    return Dataset(
        repository=facts.repository,
        service=service,
        changes=tuple(changes),
        deployments=tuple(deployments),
        failures=tuple(failures.find(repository=facts.repository, service=service)),
        commit_leads=commit_leads(
            history,
            shipped.attribution,
            changes,
            include_initial=settings.deployments.include_initial,
            exclude_bots=settings.metrics.exclude_bots,
        ),
        line=tuple(history.sha(commit) for commit in _line_of(shared.line, shipped, history)),
        unreachable=shared.unreachable,
        truncated=facts.truncated,
        undated_tags=_undated_tags(facts, settings),
        undated_commits=shared.undated_commits,
        unresolved=tuple(
            change.pull_request for change in changes if change.via == "unresolved" and change.pull_request
        ),
    )


def join_incidents(facts: Facts, settings: Settings, shipped: Shipped) -> list[JoinedIncidents]:
    """All incidents of the repository, with what one service did about each."""
    joiner = OutageJoiner(facts.history, shipped.changes, facts.pull_requests, repository=facts.repository)
    return joiner.join(counted_incidents(facts.incidents, settings.failures.incident_labels))


def _line_of(line: Sequence[int], shipped: Shipped, history: History) -> Sequence[int]:
    """The branch's line as one service has it: what brought something of it, and what was deployed; newest first."""
    if not history.path_prefix:
        return line
    deployed = {deployment.commit_sha for deployment in shipped.deployments}
    merges = {change.merge_commit for change in shipped.changes}
    oldest_first = list(reversed(line))
    touching = {oldest_first[position] for position in touching_positions(oldest_first, history)}
    return [c for c in line if c in touching or history.sha(c) in deployed or history.sha(c) in merges]


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
    facts: Facts, settings: Settings, attribution: Attribution, shared: Shared, service: str
) -> Sequence[Change]:
    """The changes as the facts tell of them; those of an earlier judging where nothing that they hang on has moved."""
    ways = [(made.key, made.commit_sha, made.deployed_at) for made in attribution.deployments]
    by = (ways, settings.deployments, settings.metrics, settings.failures)
    made = shared.delivered.pop(service, None)
    if made is None or made.by != by:
        del made  # before others are made: together they are as large
        made = Delivered(by, _associate(facts, settings, attribution, shared, service))
    shared.delivered[service] = made
    return made.changes


def _associate(
    facts: Facts, settings: Settings, attribution: Attribution, shared: Shared, service: str
) -> Sequence[Change]:
    history = facts.history
    deployed = _known_commits(history, attribution.deployments)
    tied, members = shared.associations.find(
        deployed, branch=facts.branch, pulls=facts.pull_requests if facts.from_github else None
    )
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
