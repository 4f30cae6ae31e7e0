"""A real project's issues and pull requests, as an archive of GitHub has them, in a `World`; commits from its clone.

The archive is one JSON object: `repo`, `issues` and `pulls`, whose items have GitHub's own field names (made by
github.com/martinthomson/i-d-template, as many IETF drafts publish theirs). It knows no commits of pull requests: these
are what the clone has behind the head and not behind the merge.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from dora_metrics.domain.timestamps import parse_utc, to_seconds
from support.git_repository import clean_environ
from support.github_world import FakeActor, FakeCommit, FakeEvent, FakeIssue, FakePull, FakeRepository, World


def world_of(archive: Path, clone: Path) -> World:
    """The world that the archive and the clone describe; its now is an hour after the last thing in it."""
    found: Mapping[str, Any] = json.loads(archive.read_text(encoding="utf-8"))
    repository = FakeRepository(found["repo"], "R_fed", _git(clone, "symbolic-ref", "--short", "HEAD").strip())
    for each in found["issues"]:
        repository.issues[each["number"]] = _issue(each, repository)
    for each in found["pulls"]:
        repository.pulls[each["number"]] = _pull(each, repository, clone)
    touched = [item.updated_s for item in (*repository.issues.values(), *repository.pulls.values())]
    return World([repository], now_s=max(touched, default=0) + 3600)


def add_releases(world: World, clone: Path, published_s: Mapping[str, int]) -> None:
    """Releases for tags of the clone: the archive knows none. `published_s` says when, by tag."""
    for tag, seconds in published_s.items():
        world.add_release(tag, commit_oid=_git(clone, "rev-parse", f"{tag}^{{commit}}").strip(), published_s=seconds)


def _issue(found: Mapping[str, Any], repository: FakeRepository) -> FakeIssue:
    return FakeIssue(
        number=found["number"],
        repository=repository,
        id=found["id"],
        title=found["title"],
        body=found.get("body") or "",
        created_s=_seconds(found["createdAt"]) or 0,
        updated_s=_seconds(found["updatedAt"]) or 0,
        closed_s=_seconds(found["closedAt"]),
        labels=list(found["labels"]),
    )


def _pull(found: Mapping[str, Any], repository: FakeRepository, clone: Path) -> FakePull:
    merge = (found["mergeCommit"] or {}).get("oid")
    return FakePull(
        number=found["number"],
        repository=repository,
        id=found["id"],
        title=found["title"],
        body=found.get("body") or "",
        created_s=_seconds(found["createdAt"]) or 0,
        updated_s=_seconds(found["updatedAt"]) or 0,
        merged_s=_seconds(found["mergedAt"]),
        state=found["state"],
        head_ref_name=found["headRefName"],
        head_ref_oid=found["headRefOid"],
        base_ref_name=found["baseRefName"],
        author=_actor(found["author"]),
        merge_oid=merge,
        labels=list(found["labels"]),
        commits=_commits(clone, found["headRefOid"], merge) if merge else [],
        timeline=_timeline(found),
    )


def _timeline(found: Mapping[str, Any]) -> list[FakeEvent]:
    return sorted(
        [*_events("PullRequestReview", found["reviews"]), *_events("IssueComment", found["comments"])],
        key=lambda event: event.created_s or 0,
    )


def _events(kind: str, each: Iterable[Mapping[str, Any]]) -> list[FakeEvent]:
    return [FakeEvent(kind, _seconds(one["createdAt"]), _actor(one["author"])) for one in each]


def _commits(clone: Path, head: str, merge: str) -> Sequence[FakeCommit]:
    """What the head brought, oldest first."""
    ran = _git(clone, "log", "--topo-order", "--reverse", "--format=%H %at %ct", head, f"^{merge}^1", "--")
    return [
        FakeCommit(oid, int(authored), int(committed)) for oid, authored, committed in map(str.split, ran.splitlines())
    ]


def _actor(login: Optional[str]) -> Optional[FakeActor]:
    if not login:
        return None
    return FakeActor(login.replace("[bot]", ""), "Bot" if login.endswith("[bot]") else "User")


def _seconds(text: Optional[str]) -> Optional[int]:
    return to_seconds(parse_utc(text)) if text else None


def _git(clone: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["git", "-C", str(clone), *arguments], env=clean_environ(), capture_output=True, text=True, check=True
    )
    return ran.stdout
