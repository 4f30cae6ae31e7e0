"""One change of the store: data files first, then the record that makes them count, all or nothing."""

from __future__ import annotations

import hashlib
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, final

from dora_metrics.domain.timestamps import require_utc
from dora_metrics.storage.commit_record import CommitRecord, RepositoryIdentity, StoredFile
from dora_metrics.storage.compaction import merge_segments, segment_paths, small_ones
from dora_metrics.storage.history import History
from dora_metrics.storage.pending_files import PendingFiles
from dora_metrics.storage.segments import SegmentWriter
from dora_metrics.storage.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from dora_metrics.storage.commit_record import RowCounts
    from dora_metrics.storage.storage_manager import StorageManager
    from dora_metrics.storage.store import Draft

ANNOTATIONS = "annotations"
IMPORTS = "imports"
_is_stream = re.compile(r"[a-z][a-z_]{0,39}").fullmatch
_is_extension = re.compile(r"[a-z0-9]{1,8}").fullmatch


@dataclass(frozen=True)
class Origin:
    """Who changes the store, when and with what."""

    command: str
    actor: str
    time: datetime
    tool_version: str
    commit_id: str


@final
class Transaction:
    """Made by `RepositoryManager.begin`; nothing that it does counts before `commit`.

    Used in a `with`, which holds the lock: other runs get `BusyError` until it ends, and views can be replaced under it
    after `commit`. Once over, each method raises `ValueError`.
    """

    def __init__(self, storage: StorageManager, origin: Origin) -> None:
        """Take the lock, remove what dead runs left, then read the head: no other run moves it where stores lock."""
        require_utc(origin.time)
        self._storage = storage
        self._history = History(storage)
        self._origin = origin
        self._over = False
        self._writers: list[SegmentWriter] = []
        with ExitStack() as stack:
            stack.enter_context(storage.lock())
            storage.sweep()
            self._base = self._history.head()
            self._state = State(self.head)
            recorded = {file.path: file.sha256 for file in self._state.files.values()}
            self._pending = PendingFiles(storage, recorded)
            stack.callback(self._roll_back)
            self._stack = stack.pop_all()

    @property
    def head(self) -> Optional[CommitRecord]:
        """The record that this change builds on; `None` when it will be the first."""
        return self._base.record if self._base else None

    @property
    def changed(self) -> bool:
        """Whether `commit` would write a record."""
        return self._state.changed

    def open_segment(self, repository: str, stream: str, *, replace: bool = False) -> SegmentWriter:
        """A writer of further lines of a stream, such as `commits`; with `replace` they stand instead of the old ones.

        Raises `ConfigurationError` when `repository` is not `owner/name`, `StorageError` when the disk fails.
        """
        self._require_open()
        _require(_is_stream(stream), f"not a name of a stream: {stream!r}")
        folder = self._state.folder_of(repository)

        def add(draft: Draft, sha256: str, size: int, rows: int) -> Optional[StoredFile]:
            self._require_open()
            if replace:
                self._state.drop_stream(repository, stream)
            if not rows:
                draft.discard()
                return None
            self._compact(repository, stream, folder)
            path = self._pending.add(draft, segment_paths(folder, stream, sha256), sha256)
            return self._state.add_segment(StoredFile(path, sha256, size, rows, repository, stream))

        writer = SegmentWriter(self._storage.draft(folder), add)
        self._writers.append(writer)
        return writer

    def _compact(self, repository: str, stream: str, folder: str) -> None:
        """Let one segment stand for the many small ones that the head names of a stream."""
        stored = self.head.segments(repository, stream) if self.head else ()
        if stored != self._state.segments(repository, stream):
            return  # this change has added some or dropped them: those are not stored yet
        small = small_ones(stored)
        if not small:
            return
        merged = merge_segments(self._storage, folder, small)
        path = self._pending.add(merged.draft, segment_paths(folder, stream, merged.sha256), merged.sha256)
        for file in small:
            self._state.drop_segment(file)
        self._state.add_segment(StoredFile(path, merged.sha256, merged.size, merged.rows, repository, stream))

    def restart(self, repository: str) -> None:
        """Begin all streams of `repository` anew: its segments and cursors are dropped from the state."""
        self._require_open()
        self._state.restart(repository)

    def put_annotations(self, content: bytes, *, rows: int) -> None:
        """Replace all accepted decisions."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._state.files[ANNOTATIONS] = self._put([f"{ANNOTATIONS}/{sha256}.csv"], content, sha256, rows)

    def put_import(self, content: bytes, *, extension: str) -> None:
        """Keep the very bytes of an imported file; `extension` without the dot, lower case."""
        _require(_is_extension(extension), f"not an extension: {extension!r}")
        sha256 = hashlib.sha256(content).hexdigest()
        path = f"{IMPORTS}/{sha256}.{extension}"
        self._state.files[path] = self._put([path], content, sha256, 0)

    def _put(self, paths: Sequence[str], content: bytes, sha256: str, rows: int) -> StoredFile:
        self._require_open()
        draft = self._storage.draft(paths[0].rpartition("/")[0])
        try:
            draft.write(content)
            return StoredFile(self._pending.add(draft, paths, sha256), sha256, len(content), rows)
        except BaseException:
            draft.discard()
            raise

    def set_repository(
        self,
        repository: str,
        *,
        root_commits: Sequence[str] = (),
        object_format: str = "sha1",
        branch: str = "",
        github_id: str = "",
    ) -> None:
        """Say by what `repository` is known again.

        Raises `IntegrityError` when another repository of the store has the other kind of hashes.
        """
        self._require_open()
        roots = tuple(sorted(root_commits))
        self._state.identify(repository, RepositoryIdentity(roots, object_format, branch, github_id))

    def cursors(self, repository: str) -> dict[str, Any]:
        """The cursors of `repository` as they stand in this change; empty when there are none."""
        return dict(self._state.cursors.get(repository, {}))

    def identity(self, repository: str) -> Optional[RepositoryIdentity]:
        """By what `repository` is known in this change; `None` when nobody has said so yet."""
        return self._state.repositories.get(repository)

    def set_cursors(self, repository: str, cursors: Mapping[str, Any]) -> None:
        """Replace all cursors of `repository`; values are what JSON can hold."""
        self._require_open()
        self._state.move_cursors(repository, cursors)

    def set_as_of(self, moment: datetime) -> None:
        """How far the facts reach now; aware and in UTC, fractions of seconds are cut off."""
        self._require_open()
        require_utc(moment)
        self._state.as_of = moment.replace(microsecond=0)

    def commit(self, counts: Optional[Mapping[str, RowCounts]] = None) -> CommitRecord:
        """Make the change count, and return its record; when nothing changed, the head is returned and stays.

        `counts` says what happened to the rows of a file or stream, in place of the net growth that is recorded
        otherwise. On return the change is durable. After `StorageError` or `BusyError` it did not happen, unless the
        message says that the outcome is unknown; running again is right in every case. `OvertakenError` says that
        another run was first: what was read of the head no longer holds.
        """
        self._require_open()
        _require(all(writer.closed for writer in self._writers), "a segment is still open")
        try:
            record = self._write(counts or {})
        except BaseException:
            self.abandon()
            raise
        self._over = True
        self._history.copy_for_people(record)
        return record

    def _write(self, counts: Mapping[str, RowCounts]) -> CommitRecord:
        self._pending.publish()
        if self.head is not None and not self.changed:
            return self.head
        record = self._next_record(counts)
        self._history.append(record)
        return record

    def _next_record(self, counts: Mapping[str, RowCounts]) -> CommitRecord:
        return CommitRecord(
            number=self._next_number,
            prev=self._base.digest if self._base else None,
            as_of=self._state.as_of,
            changes={**self._state.changes(), **counts},
            repositories=self._state.repositories,
            cursors=self._state.cursors,
            files=self._state.files,
            **vars(self._origin),
        )

    @property
    def _next_number(self) -> int:
        return self.head.number + 1 if self.head else 1

    def abandon(self) -> None:
        """End it and release the lock; what was not committed leaves no trace. Does nothing when it is over."""
        self._stack.close()

    def _roll_back(self) -> None:
        committed, self._over = self._over, True
        for writer in reversed(self._writers):  # the first one made the folders of the others
            writer.discard()
        kept = committed or not self._storage.locks  # without locks another run may name the same files by now
        self._pending.discard(named=kept or self._history.may_hold(self._next_number))

    def _require_open(self) -> None:
        _require(not self._over, "the transaction is over")

    def __enter__(self) -> Transaction:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.abandon()


def _require(condition: object, fault: str) -> None:
    if not condition:
        raise ValueError(fault)
