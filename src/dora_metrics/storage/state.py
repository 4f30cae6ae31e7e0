"""The state that a transaction builds: the head's, with what the run adds. In memory only."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.errors import IntegrityError
from dora_metrics.storage.commit_record import CommitRecord, RepositoryIdentity, RowCounts, StoredFile
from dora_metrics.storage.paths import repository_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

RAW_FOLDER = "raw"


class State:
    """Files by name, repositories, cursors and `as_of`, still open to change."""

    def __init__(self, head: Optional[CommitRecord]) -> None:
        self._head = head
        self.files: dict[str, StoredFile] = dict(head.files) if head else {}
        self.repositories: dict[str, RepositoryIdentity] = dict(head.repositories) if head else {}
        self.cursors: dict[str, Mapping[str, Any]] = dict(head.cursors) if head else {}
        self.as_of: Optional[datetime] = head.as_of if head else None

    @property
    def changed(self) -> bool:
        """Whether it differs from the head's; there being no head counts as a difference."""
        head = self._head
        return head is None or (head.files, head.repositories, head.cursors, head.as_of) != (
            self.files,
            self.repositories,
            self.cursors,
            self.as_of,
        )

    def folder_of(self, repository: str) -> str:
        """Where raw files of `repository` go: where its files lie already, else a folder that is no other's."""
        for file in self.files.values():
            if file.repository == repository:
                return file.path.rpartition("/")[0]
        return f"{RAW_FOLDER}/{repository_folder(repository, self.repositories)}"

    def identify(self, repository: str, identity: RepositoryIdentity) -> None:
        """Say what `repository` is. Raises `IntegrityError` when the others' hashes are of another kind."""
        repository_folder(repository)
        for name, other in self.repositories.items():
            if name != repository and other.object_format != identity.object_format:
                message = f"{repository} has {identity.object_format} hashes, {name} in the same data folder has "
                message += other.object_format
                raise IntegrityError(message, remedy="give it a data folder of its own with --storage-path")
        self.repositories[repository] = identity

    def move_cursors(self, repository: str, cursors: Mapping[str, Any]) -> None:
        """Replace all cursors of `repository` by a copy of these, as JSON will give them back."""
        repository_folder(repository)
        self.cursors[repository] = json.loads(json.dumps(cursors, allow_nan=False))

    def add_segment(self, file: StoredFile) -> StoredFile:
        """`file` as the last of its stream."""
        before = (other.order for other in self.files.values() if _stream(other) == _stream(file))
        placed = replace(file, order=max(before, default=0) + 1)
        self.files[f"{RAW_FOLDER}/{file.repository}/{file.stream}/{placed.order}"] = placed
        return placed

    def segments(self, repository: str, stream: str) -> tuple[StoredFile, ...]:
        """The raw files of one stream, in order."""
        found = (file for file in self.files.values() if _stream(file) == (repository, stream))
        return tuple(sorted(found, key=lambda file: file.order))

    def drop_segment(self, dropped: StoredFile) -> None:
        """Name this file no more; it stays on the disk, as the history names it."""
        self.files = {name: file for name, file in self.files.items() if file != dropped}

    def drop_stream(self, repository: str, stream: str) -> None:
        """Name no segment of this stream any more; the files stay on the disk, as the history names them."""
        self.files = {name: file for name, file in self.files.items() if _stream(file) != (repository, stream)}

    def restart(self, repository: str) -> None:
        """Name no segment and no cursor of `repository` any more."""
        self.files = {name: file for name, file in self.files.items() if file.repository != repository}
        self.cursors.pop(repository, None)

    def changes(self) -> dict[str, RowCounts]:
        """For each stream or file that differs from the head's: by how many rows it grew or shrank."""
        before = self._head.files if self._head else {}
        touched = {name for name in {*before, *self.files} if before.get(name) != self.files.get(name)}
        counts = {}
        for subject in sorted({_subject(name) for name in touched}):
            growth = _rows(self.files, subject) - _rows(before, subject)
            counts[subject] = RowCounts(added=max(growth, 0), removed=max(-growth, 0))
        return counts


def _stream(file: StoredFile) -> tuple[str, str]:
    return file.repository, file.stream


def _subject(name: str) -> str:
    return name.rpartition("/")[0] if name.startswith(f"{RAW_FOLDER}/") else name


def _rows(files: Mapping[str, StoredFile], subject: str) -> int:
    named: Iterable[tuple[str, StoredFile]] = files.items()
    return sum(file.rows for name, file in named if _subject(name) == subject)
