"""Who decided what, when, and in which line of which file: the words in force on some rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Optional

from dora_metrics.domain.models import Annotation, Change, Dataset, Deployment, Failure
from dora_metrics.domain.review import words_in_force
from dora_metrics.pipeline.derive import Derived
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.explain_rows import Decision
from dora_metrics.storage.commit_record import CommitRecord


class Decisions:
    """The decisions in force, by the row that they are about."""

    def __init__(self, workspace: Workspace, derived: Derived) -> None:
        self._workspace = workspace
        self._words = words_in_force(derived.annotations)

    def on(self, dataset: Dataset, keys: Collection[str]) -> list[Decision]:
        """Those about these rows of one service, in the order in which they were accepted."""
        place = (dataset.repository, dataset.service)
        return [
            self._told(word) for word in self._words if (word.repository, word.service) == place and word.key in keys
        ]

    def _told(self, word: Annotation) -> Decision:
        imports = self._imports.get(word.source, [])
        record: Optional[CommitRecord]
        record, path = next((found for found in imports if found[0].time == word.accepted_at), (None, ""))
        if record is None and imports:
            record, path = imports[0]
        return Decision(
            repository=word.repository,
            service=word.service,
            key=word.key,
            column=word.column,
            value=word.value,
            accepted_at=word.accepted_at,
            actor="" if record is None else record.actor,
            file=path or word.source,
            line=word.line,
        )

    @cached_property
    def _imports(self) -> dict[str, list[tuple[CommitRecord, str]]]:
        """By the hash of an imported file: the imports since it was first taken, and where it is kept."""
        found: dict[str, list[tuple[CommitRecord, str]]] = {}
        for record, path, sha256 in self._imported():
            found.setdefault(sha256, []).append((record, path))
        return found

    def _imported(self) -> Iterator[tuple[CommitRecord, str, str]]:
        for record in self._workspace.manager().records():
            if record.command == "import":
                for file in record.files.values():
                    if file.path.startswith("imports/"):
                        yield record, file.path, file.sha256


def rows_of_deployment(deployment: Deployment) -> set[str]:
    """The rows on which a person can speak about it."""
    return {deployment.key, f"commit:{deployment.commit_sha}", *deployment.evidence}


def rows_of_change(change: Change) -> set[str]:
    """The row on which a person can speak about it."""
    sha = change.merge_commit or (change.commits[0] if change.commits else "")
    return {f"commit:{sha}", change.key}


def rows_of_failure(dataset: Dataset, failure: Failure) -> set[str]:
    """The incident's row, its fix's, and those of the deployments that it names."""
    rows = {failure.key}
    for made in dataset.deployments:
        if made.key in (failure.deployment, failure.restored_by):
            rows |= rows_of_deployment(made)
    for change in dataset.changes:
        if change.key == failure.fixed_by:
            rows |= rows_of_change(change)
    return rows
