"""One JSON node of our queries → one record. Pure; a field that is missing raises `KeyError`, here and not later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional

from dora_metrics.domain.github_facts import GitHubDeployment, GitHubRepository, Incident, Release
from dora_metrics.domain.models import PullRequest
from dora_metrics.domain.privacy import redact
from dora_metrics.domain.timestamps import parse_utc, to_seconds

LONGEST_TEXT = 64 * 1024
FINAL_STATES = frozenset({"ABANDONED", "DESTROYED", "ERROR", "FAILURE", "INACTIVE"})
"""A deployment in one of these gets no further status in the ordinary course of things."""
READY = "ReadyForReviewEvent"

Node = Mapping[str, Any]


@dataclass(frozen=True)
class PullRequestParts:
    """The inner lists of a pull request, each followed to its end; `None` = GitHub would not give it."""

    commits: Optional[Sequence[Node]] = None
    labels: Optional[Sequence[Node]] = None
    issues: Sequence[Node] = ()
    timeline: Optional[Sequence[Node]] = None
    complete: bool = False
    """Every list has as many items as GitHub said."""


def parse_repository(node: Node) -> GitHubRepository:
    """The record of a `Repository`."""
    branch = node["defaultBranchRef"]
    return GitHubRepository(node["id"], node["nameWithOwner"], branch["name"] if branch else None)


def parse_pull_request(node: Node, parts: PullRequestParts, *, repository_id: str) -> PullRequest:
    """The record of a `PullRequest`. Without its timeline, when it was ready and reviewed is not known."""
    author, merge = node["author"], node["mergeCommit"]
    ready_at, first_review_at = _ready_and_review(node, parts.timeline)
    commits = None if parts.commits is None else [each["commit"] for each in parts.commits]
    return PullRequest(
        node_id=node["id"],
        number=node["number"],
        title=redact(node["title"]),
        body=None if "body" not in node else clean(node["body"]),
        merge_sha=merge["oid"] if merge else None,
        head_sha=node["headRefOid"],
        commits=None if commits is None else tuple(each["oid"] for each in commits),
        commit_times=() if commits is None else tuple(_commit_times(each) for each in commits),
        head_branch=redact(node["headRefName"]),
        base_branch=redact(node["baseRefName"]),
        author=author["login"] if author else None,
        is_bot=is_bot(author) if author else None,
        labels=None if parts.labels is None else label_names(parts.labels),
        created_at=parse_utc(node["createdAt"]),
        ready_at=ready_at,
        first_review_at=first_review_at,
        merged_at=_time(node["mergedAt"]),
        updated_at=parse_utc(node["updatedAt"]),
        closes=issue_numbers(parts.issues, repository_id),
        incomplete=not parts.complete,
    )


def is_bot(actor: Node) -> bool:
    """Whether GitHub says so: logins of bots have no `[bot]` here."""
    return bool(actor["__typename"] == "Bot")


def label_names(labels: Sequence[Node]) -> tuple[str, ...]:
    """Their names, in GitHub's order."""
    return tuple(redact(each["name"]) for each in labels)


def issue_numbers(issues: Sequence[Node], repository_id: str) -> tuple[int, ...]:
    """Numbers of those that are this repository's own, ascending."""
    return tuple(sorted({each["number"] for each in issues if each["repository"]["id"] == repository_id}))


def is_settled(timeline: Sequence[Node], author: Optional[Node]) -> bool:
    """Whether both answers are in this part of a timeline, so that its rest is not needed."""
    ready = _first_ready(timeline)
    return ready is not None and _first_review(timeline, author, ready) is not None


def parse_release(node: Node) -> Release:
    """The record of a `Release`."""
    commit = node["tagCommit"]
    return Release(
        node_id=node["id"],
        tag=node["tagName"],
        commit_sha=commit["oid"] if commit else None,
        published_at=_time(node["publishedAt"]),
        is_draft=node["isDraft"],
        is_prerelease=node["isPrerelease"],
    )


def parse_deployment(node: Node, statuses: Sequence[Node]) -> GitHubDeployment:
    """The record of a `Deployment`: it succeeded with its first SUCCESS; `state` never says so."""
    succeeded = [parse_utc(each["createdAt"]) for each in statuses if each["state"] == "SUCCESS"]
    ref = node["ref"]
    return GitHubDeployment(
        node_id=node["id"],
        database_id=int(node["databaseId"]),  # the schema allows null; GitHub has always given one
        environment=redact(node["environment"] or ""),
        commit_sha=node["commitOid"],
        ref=ref["name"] if ref else None,
        created_at=parse_utc(node["createdAt"]),
        succeeded_at=min(succeeded, default=None),
        is_terminal=bool(succeeded) or node["state"] in FINAL_STATES,
    )


def parse_incident(node: Node, labels: Sequence[Node]) -> Incident:
    """The record of an `Issue`: what closed it is the closer of its last closing, while it is closed."""
    closed_at = _time(node["closedAt"])
    closer = _closer(node["timelineItems"]["nodes"]) if closed_at else None
    kind = closer["__typename"] if closer else ""
    ours = kind == "PullRequest" and closer is not None and closer["repository"]["id"] == node["repository"]["id"]
    return Incident(
        node_id=node["id"],
        number=node["number"],
        title=redact(node["title"]),
        body=clean(node["body"]),
        labels=label_names(labels),
        created_at=parse_utc(node["createdAt"]),
        closed_at=closed_at,
        updated_at=parse_utc(node["updatedAt"]),
        closed_by_pull_request=closer["number"] if closer and ours else None,
        closed_by_commit=closer["oid"] if closer and kind == "Commit" else None,
    )


def clean(text: Optional[str]) -> str:
    """At most 64 KiB of a text, without e-mail addresses."""
    whole = redact(text or "")
    return whole if len(whole) <= LONGEST_TEXT // 4 else whole.encode()[:LONGEST_TEXT].decode("utf-8", "ignore")


def _closer(events: Sequence[Optional[Node]]) -> Optional[Node]:
    closers: list[Optional[Node]] = [each["closer"] for each in events if each]
    return closers[-1] if closers else None


def _commit_times(commit: Node) -> tuple[int, int]:
    return to_seconds(parse_utc(commit["authoredDate"])), to_seconds(parse_utc(commit["committedDate"]))


def _ready_and_review(node: Node, timeline: Optional[Sequence[Node]]) -> tuple[Optional[datetime], Optional[datetime]]:
    if timeline is None:
        return None, None
    ready_at = _first_ready(timeline) or parse_utc(node["createdAt"])
    return ready_at, _first_review(timeline, node["author"], ready_at)


def _first_ready(timeline: Sequence[Node]) -> Optional[datetime]:
    return min((parse_utc(each["createdAt"]) for each in timeline if each["__typename"] == READY), default=None)


def _first_review(timeline: Sequence[Node], author: Optional[Node], ready_at: datetime) -> Optional[datetime]:
    """The first review or comment by a person other than the author, not before `ready_at`.

    A review that was never submitted has no time. A deleted account counts as another person, but not beside a deleted
    author, who may be the same.
    """
    found = (
        _time(each.get("submittedAt", each.get("createdAt")))
        for each in timeline
        if each["__typename"] != READY and _is_other_person(each["author"], author)
    )
    return min((moment for moment in found if moment is not None and moment >= ready_at), default=None)


def _is_other_person(actor: Optional[Node], author: Optional[Node]) -> bool:
    if actor is None:
        return author is not None
    return not is_bot(actor) and (author is None or actor["login"] != author["login"])


def _time(text: Optional[str]) -> Optional[datetime]:
    return parse_utc(text) if text else None
