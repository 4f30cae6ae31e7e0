"""How the rule in `via` can be checked by hand: which commit, which deployment, and the git command that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from dora_metrics.domain.models import Change, Dataset
from dora_metrics.processors.judgement import Facts

DIGITS = 10


def evidence_of(dataset: Dataset, facts: Facts, change: Change) -> list[str]:
    """The commits by which the change was found in its deployment; empty for an undeployed one."""
    made = next((made for made in dataset.deployments if made.key == change.deployment), None)
    if made is None:
        return []
    return [
        f"{sha[:DIGITS]} is reached by {made.commit_sha[:DIGITS]} and by no deployment before it; "
        f"`git merge-base --is-ancestor {sha[:DIGITS]} {made.commit_sha[:DIGITS]}` agrees"
        for sha in _found_by(facts, change, made.commit_sha)
    ]


def _found_by(facts: Facts, change: Change, deployed: str) -> Iterator[str]:
    if change.via == "head":
        head = head_of(facts, change.pull_request)
        if head:
            yield head
    elif change.via == "cherry_pick":
        yield from _copies(facts, change, deployed)
    elif change.via != "parent_pr":
        sha = change.merge_commit or (change.commits[0] if change.commits else "")
        if sha:
            yield sha


def head_of(facts: Facts, number: Optional[int]) -> str:
    """Where the pull request's branch last stood; empty when nobody says."""
    pull = next((pull for pull in facts.pull_requests if pull.number == number), None)
    return (pull.head_sha if pull is not None else None) or facts.pull_heads.get(number or 0, "")


def _copies(facts: Facts, change: Change, deployed: str) -> Iterator[str]:
    """Cherry-picks of the change's commits that the deployment reaches."""
    history = facts.history
    own = {history.find(sha) for sha in (*change.commits, change.merge_commit)} - {None}
    tip = history.find(deployed)
    for commit in sorted(history.picked_from):
        origins = {history.find(sha) for sha in history.repeated(commit)}
        if tip is not None and own & origins and history.graph.reaches(tip, commit):
            yield history.sha(commit)
