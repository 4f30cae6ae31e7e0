"""A person's decisions over the proposals: by key and column, never by row number; a person beats a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Optional

from dora_metrics.domain.models import Annotation, Change, Deployment
from dora_metrics.domain.review import decisions_in_force
from dora_metrics.domain.timestamps import parse_utc
from dora_metrics.processors.deployment_words import DeploymentWord, DeploymentWords

Decisions = Mapping[str, str]
"""Column to value, for one row of the review file."""
_NOTHING: Decisions = {}


class AnnotationMerger:
    """The decisions in force for one service, and what they make of deployments and changes."""

    def __init__(self, annotations: Iterable[Annotation], *, repository: str, service: str = "") -> None:
        self._rows = {
            key: row
            for (of_repository, of_service, key), row in decisions_in_force(annotations).items()
            if (of_repository, of_service) == (repository, service)
        }

    def keys(self) -> list[str]:
        """The rows with a decision, sorted."""
        return sorted(self._rows)

    def deployment_words(self) -> DeploymentWords:
        """What was said about deployments, by the commit of a commit row, and by the key of a deployment's own row."""
        by_commit = {}
        by_key = {}
        for key, row in self._rows.items():
            kind, _, rest = key.partition(":")
            if kind == "commit":
                by_commit[rest] = _deployment_word(row)
            elif kind != "issue":
                by_key[key] = _deployment_word(row)
        return DeploymentWords(by_commit=by_commit, by_key=by_key)

    def on_change(self, change: Change) -> Decisions:
        """The decisions on the row of this change; empty when there are none, or it has no row of its own."""
        sha = change.merge_commit or (change.commits[0] if change.pull_request is None and change.commits else None)
        return self._rows.get(f"commit:{sha}", _NOTHING) if sha else _NOTHING

    def on_deployment(self, deployment: Deployment, *, first_of_commit: bool) -> Decisions:
        """The decisions on this deployment's own row, else on its evidence's, else on its commit's row.

        The commit's row speaks of the commit's first deployment.
        """
        own = next((self._rows[key] for key in (deployment.key, *deployment.evidence) if key in self._rows), None)
        if own is not None or not first_of_commit:
            return own or _NOTHING
        return self._rows.get(f"commit:{deployment.commit_sha}", _NOTHING)

    def on_issue(self, number: int) -> Decisions:
        """The decisions on an incident's row; empty when there are none."""
        return self._rows.get(f"issue:{number}", _NOTHING)

    def on_commit(self, sha: str) -> Decisions:
        """The decisions on a commit's row; empty when there are none."""
        return self._rows.get(f"commit:{sha}", _NOTHING)

    def merge_changes(self, changes: Sequence[Change]) -> list[Change]:
        """`changes` with what people said about hotfixes; the order stays."""
        if not any("is_hotfix" in row for row in self._rows.values()):
            return list(changes)
        return [_hotfix_as_said(change, yes_no(self.on_change(change), "is_hotfix")) for change in changes]

    def not_hotfixes(self, deployments: Sequence[Deployment]) -> dict[str, bool]:
        """By key, the deployments that a person said were no hotfix."""
        said = {}
        for deployment, first in with_first_of_commit(deployments):
            if yes_no(self.on_deployment(deployment, first_of_commit=first), "is_hotfix") is False:
                said[deployment.key] = True
        return said


def with_first_of_commit(deployments: Sequence[Deployment]) -> list[tuple[Deployment, bool]]:
    """Each deployment with whether it is the first of its commit: the one that the commit's row speaks of."""
    seen: set[str] = set()
    marked = []
    for deployment in deployments:
        marked.append((deployment, deployment.commit_sha not in seen))
        seen.add(deployment.commit_sha)
    return marked


def yes_no(row: Decisions, column: str) -> Optional[bool]:
    """A yes/no decision; `None` when nothing was said."""
    said = row.get(column)
    return None if said is None else said == "yes"


def moment(row: Decisions, column: str) -> Optional[datetime]:
    """A decision that is a time; `None` when nothing was said."""
    said = row.get(column)
    return parse_utc(said) if said else None


def _deployment_word(row: Decisions) -> DeploymentWord:
    return DeploymentWord(
        is_deployment=yes_no(row, "is_deployment"),
        deployed_at=moment(row, "deployed_at"),
        is_rollback=yes_no(row, "is_rollback"),
        is_hotfix=yes_no(row, "is_hotfix"),
        reviewed=yes_no(row, "reviewed") is True,
    )


def _hotfix_as_said(change: Change, said: Optional[bool]) -> Change:
    if said is None or said == change.is_hotfix:
        return change
    return change._replace(is_hotfix=said, hotfix_reason="a person said so" if said else "")
