"""The chain of numbered records: finding the newest, and adding the next one exactly once."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from dora_metrics.errors import BusyError, IntegrityError, StorageError
from dora_metrics.storage.commit_record import CommitRecord, decode_record, encode_record, record_path
from dora_metrics.storage.store import AlreadyStoredError, NotStoredError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora_metrics.storage.storage_manager import StorageManager

METADATA_PATH = "metadata.json"
AGAIN = "run the same command again"
RESTORE = "run `dora-metrics verify`, then restore the file from a backup"

logger = logging.getLogger("dora_metrics.storage")


class OvertakenError(BusyError):
    """Another run added a record meanwhile: the change can be made again on top of it."""


@dataclass(frozen=True)
class Sealed:
    """A record as it is stored."""

    record: CommitRecord
    digest: str
    """SHA-256 of its bytes: the `prev` of the next one."""


class History:
    """`history/00000001.json` and those after it: each is created once, and never changed or removed."""

    def __init__(self, storage: StorageManager) -> None:
        self._storage = storage

    def head(self) -> Optional[Sealed]:
        """The newest record; `None` when there is none. Looks from where metadata.json points, and lists nothing."""
        hint = self._hinted_number()
        number = hint if hint and self._storage.exists(record_path(hint)) else 0
        while self._storage.exists(record_path(number + 1)):
            number += 1
        if number < hint:
            logger.warning("history went back from %d to %d: was an old copy restored?", hint, number)
        return self._read(number) if number else None

    def records(self, *, newest: Optional[int] = None) -> Iterator[CommitRecord]:
        """All of them or the `newest` ones, oldest first; raises `IntegrityError` where the chain is broken."""
        number, prev = 1, None
        if newest is not None:
            head = self.head()
            number = max(1, head.record.number - newest + 1) if head else 1
            try:
                prev = self._read(number - 1).digest if number > 1 else None
            except NotStoredError:
                raise self._missing(number - 1) from None
        while self._storage.exists(record_path(number)):
            sealed = self._read(number)
            if sealed.record.prev != prev:
                message = f"broken history: {self._storage.where(record_path(number))} does not follow the one before"
                raise IntegrityError(message, remedy=RESTORE)
            yield sealed.record
            number, prev = number + 1, sealed.digest
        if number <= (hint := self._hinted_number()) and self._storage.exists(record_path(hint)):
            raise self._missing(number)

    def append(self, record: CommitRecord) -> None:
        """Create the record: the moment at which a change counts.

        Raises `OvertakenError` when another run created that number, `StorageError` when it was not created, or,
        saying so, when nobody can tell. Any doubt is settled by reading back what is there.
        """
        path, content = record_path(record.number), encode_record(record)
        try:
            self._storage.create_new(path, content)
        except StorageError as error:
            stored = self._read_back(path)
            if stored is None:
                raise
            if stored != content:
                message = f"another run stored {self._storage.where(path)} meanwhile"
                raise OvertakenError(message, remedy=AGAIN) from error
            if not isinstance(error, AlreadyStoredError):
                raise self._unknown(path) from error

    def may_hold(self, number: int) -> bool:
        """Whether a record of that number is there, or may be there as far as anybody can tell."""
        try:
            return self._storage.exists(record_path(number))
        except StorageError:
            return True

    def copy_for_people(self, record: CommitRecord) -> None:
        """Make metadata.json a copy of `record`; only warns when that fails, since nothing depends on it."""
        content = encode_record(record)
        try:
            if self._storage.sha256(METADATA_PATH) != hashlib.sha256(content).hexdigest():
                self._storage.write(METADATA_PATH, content)
        except StorageError as error:
            logger.warning("change %d is stored, but not its copy %s: %s", record.number, METADATA_PATH, error.message)

    def _hinted_number(self) -> int:
        try:
            number = json.loads(self._storage.read(METADATA_PATH))["number"]
        except (NotStoredError, ValueError, KeyError, TypeError, RecursionError):
            return 0  # the history itself tells
        return number if type(number) is int and number > 0 else 0

    def _read(self, number: int) -> Sealed:
        path = record_path(number)
        where = self._storage.where(path)
        content = self._storage.read(path)
        record = decode_record(content, where=where)
        if record.number != number:
            message = f"damaged record: {where} says that it is number {record.number}"
            raise IntegrityError(message, remedy=RESTORE)
        return Sealed(record, hashlib.sha256(content).hexdigest())

    def _missing(self, number: int) -> IntegrityError:
        message = f"broken history: {self._storage.where(record_path(number))} is missing"
        return IntegrityError(message, remedy=RESTORE)

    def _read_back(self, path: str) -> Optional[bytes]:
        try:
            return self._storage.read_if_there(path)
        except StorageError as error:
            raise self._unknown(path) from error

    def _unknown(self, path: str) -> StorageError:
        message = f"outcome unknown, the store failed while this was made durable: {self._storage.where(path)}"
        return StorageError(message, remedy=f"check the disk or the bucket, then {AGAIN}: that is safe")
