"""RepositoryManager: the numbered commits, and the facts and decisions that the newest of them names."""

from __future__ import annotations

import os
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Optional, TypeVar

from dora_metrics.errors import BusyError
from dora_metrics.storage.history import AGAIN, History, OvertakenError
from dora_metrics.storage.segments import checked_chunks, damaged, read_segment
from dora_metrics.storage.transaction import ANNOTATIONS, Origin, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from dora_metrics.storage.commit_record import CommitRecord, StoredFile
    from dora_metrics.storage.storage_manager import StorageManager

Fact = TypeVar("Fact")
Built = TypeVar("Built")
MOST_REBASES = 20
LONGEST_PAUSE_S = 2.0


def _random_id() -> str:
    return os.urandom(16).hex()


class RepositoryManager:
    """Reading never writes; all writing goes through `begin`.

    Every method raises `StorageError` when the store fails, `IntegrityError` for damaged content and
    `ConfigurationError` for a store of a newer version.
    """

    def __init__(
        self,
        storage: StorageManager,
        *,
        tool_version: str,
        new_id: Callable[[], str] = _random_id,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`new_id` gives the random part of a record; `sleep` waits for other runs, in seconds."""
        self._storage = storage
        self._sleep = sleep
        self._history = History(storage)
        self._tool_version = tool_version
        self._new_id = new_id

    def head(self) -> Optional[CommitRecord]:
        """The newest record; `None` when nothing was ever stored."""
        sealed = self._history.head()
        return None if sealed is None else sealed.record

    def records(self, *, newest: Optional[int] = None) -> Iterator[CommitRecord]:
        """The history or its `newest` records, oldest first; nothing when there is none.

        Raises where the chain is broken. Of the older records none is read but the one before the first.
        """
        return self._history.records(newest=newest)

    def begin(self, *, command: str, actor: str, now: datetime) -> Transaction:
        """Prove that the store can be written, lock it, and start a change of it.

        `now` is aware and in UTC. Use it in a `with`: leaving without `commit` leaves the store as it was. The lock
        is held until then, so that views can be replaced under it.
        Raises `BusyError` when another run holds the lock.
        """
        origin = Origin(command, actor, now.replace(microsecond=0), self._tool_version, self._new_id())
        self._storage.probe()
        return Transaction(self._storage, origin)

    @contextmanager
    def apply(
        self, build: Callable[[Transaction], Built], *, command: str, actor: str, now: datetime
    ) -> Iterator[tuple[CommitRecord, Built]]:
        """Commit what `build` does to a transaction; gives the record, and what `build` returned.

        Where nothing locks, another run may commit first. Then `build` is called again, with a transaction that stands
        on the other's record, so it must take all that it builds on from there. The lock is held in the `with`.
        Raises `BusyError` when others were quicker each time, else as `begin` and `Transaction.commit`.
        """
        for rebases in range(MOST_REBASES + 1):
            with self.begin(command=command, actor=actor, now=now) as transaction:
                built = build(transaction)
                try:
                    record = transaction.commit()
                except OvertakenError:
                    self._sleep(random.uniform(0, min(LONGEST_PAUSE_S, 0.05 * 2**rebases)))  # noqa: S311 (no secret)
                    continue
                yield record, built
                return
        message = f"other runs keep changing {self._storage.where('')}"
        raise BusyError(message, remedy=AGAIN)

    def read_lines(self, repository: str, stream: str, *, record: Optional[CommitRecord] = None) -> Iterator[bytes]:
        """Each line of a stream as of `record` (default: the head), in the order they were added; streaming.

        Nothing when there is no such stream. A file whose bytes are not those recorded raises `IntegrityError` after
        its last line, so nothing may be kept before the iterator has ended.
        """
        for file in self._segments(repository, stream, record):
            yield from read_segment(self._storage, file)

    def read_facts(
        self,
        repository: str,
        stream: str,
        decode: Callable[[bytes], Fact],
        *,
        record: Optional[CommitRecord] = None,
    ) -> Iterator[Fact]:
        """As `read_lines`, decoded; a line that `decode` refuses raises `IntegrityError` naming file and line."""
        for file in self._segments(repository, stream, record):
            number = 0
            try:
                for number, line in enumerate(read_segment(self._storage, file), 1):  # noqa: B007 (the error names it)
                    yield decode(line)
            except ValueError as error:
                raise damaged(self._storage, file, f"line {number}: {error}") from error

    def _segments(self, repository: str, stream: str, record: Optional[CommitRecord]) -> tuple[StoredFile, ...]:
        record = record or self.head()
        return () if record is None else record.segments(repository, stream)

    def read_annotations(self, *, record: Optional[CommitRecord] = None) -> Optional[bytes]:
        """The accepted decisions, as they were put; `None` when there are none."""
        record = record or self.head()
        file = None if record is None else record.files.get(ANNOTATIONS)
        return None if file is None else b"".join(checked_chunks(self._storage, file))
