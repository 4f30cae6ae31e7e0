"""Whether the store is what its history says: the chain of records, and every file that any of them names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from dora_metrics.errors import IntegrityError
from dora_metrics.storage.commit_record import HISTORY_FOLDER, decode_record, record_path
from dora_metrics.storage.segments import checked_chunks

if TYPE_CHECKING:
    from dora_metrics.storage.commit_record import CommitRecord, StoredFile
    from dora_metrics.storage.storage_manager import StorageManager

DATA_FOLDERS = ("annotations", "imports", "raw")
"""Whose files count only when a record names them."""


@dataclass(frozen=True)
class Verification:
    """What was found whole."""

    records: int
    """Numbered commits; 0 for a store that holds nothing yet."""
    files: int
    size: int
    """Bytes of these files."""
    head: Optional[str]
    """SHA-256 of the newest record's bytes: kept elsewhere, it shows later whether the history was rewritten."""
    unnamed: tuple[str, ...] = ()
    """Files among the data that no record names: a killed run leaves them, and they do no harm."""


def verify(storage: StorageManager, *, expected: Optional[tuple[int, str]] = None) -> Verification:
    """Read every record and every file named by any of them, and say how much there is.

    `expected` is the number of a record and how its hash begins, as an earlier run told them.
    Raises `IntegrityError` with one line for each damage in its `details`, `ConfigurationError` for a record of a newer
    version, `StorageError` when the store cannot be read.
    """
    chain = _Chain(storage)
    chain.read()
    if expected:
        chain.compare(*expected)
    files = chain.check_files()
    if chain.damages:
        count = len(chain.damages)
        message = f"{count} damages, first {chain.damages[0]}" if count > 1 else f"1 damage: {chain.damages[0]}"
        remedy = "restore the named files from a backup"
        raise IntegrityError(message, remedy=remedy, details=chain.damages)
    named = {file.path for file in files}
    unnamed = tuple(path for folder in DATA_FOLDERS for path in storage.list(f"{folder}/") if path not in named)
    return Verification(chain.length, len(files), sum(file.size for file in files), chain.digest, unnamed)


class _Chain:
    def __init__(self, storage: StorageManager) -> None:
        self._storage = storage
        self._files: dict[str, StoredFile] = {}
        self.damages: list[str] = []
        self.length = 0
        self._number = 0
        self.digest: Optional[str] = None
        self._digests: dict[int, str] = {}

    def read(self) -> None:
        """Every file in `history/`, in order of number."""
        for path in self._storage.list(f"{HISTORY_FOLDER}/"):
            digits = path[len(HISTORY_FOLDER) + 1 : -len(".json")]
            if not digits.isdecimal() or path != record_path(int(digits)) or int(digits) == 0:
                self.damages.append(f"{self._storage.where(path)}: no name of a record")
                continue
            missing = int(digits) - self._number - 1
            if missing:
                self.damages.append(f"{self._storage.where(path)}: {missing} missing before it")
            self._number = int(digits)
            self._read_one(self._number)

    def _read_one(self, number: int) -> None:
        path = record_path(number)
        content = self._storage.read(path)
        self.length += 1
        try:
            record = decode_record(content, where=self._storage.where(path))
        except IntegrityError as error:
            self.damages.append(error.message)
        else:
            if (record.number, record.prev) != (number, self.digest):
                self.damages.append(f"{self._storage.where(path)}: does not follow the one before")
            self._collect(record)
        self.digest = self._digests[number] = hashlib.sha256(content).hexdigest()

    def compare(self, number: int, digest: str) -> None:
        """Note when the record of that number is not there any more, or is another one."""
        if number not in self._digests:
            self.damages.append(f"history went back from {number} to {self._number}: an old copy was restored")
        elif not self._digests[number].startswith(digest):
            where = self._storage.where(record_path(number))
            self.damages.append(f"{where}: not the record that was expected: the history was rewritten")

    def _collect(self, record: CommitRecord) -> None:
        for file in record.files.values():
            first = self._files.setdefault(file.path, file)
            if (first.sha256, first.size) != (file.sha256, file.size):
                where = self._storage.where(record_path(record.number))
                self.damages.append(f"{where}: names {file.path} with another content than before")

    def check_files(self) -> list[StoredFile]:
        """Those that any record names."""
        for file in self._files.values():
            try:
                self._check(file)
            except IntegrityError as error:  # noqa: PERF203 (each damage is to be told)
                self.damages.append(error.message)
        return list(self._files.values())

    def _check(self, file: StoredFile) -> None:
        lines = sum(chunk.count(b"\n") for chunk in checked_chunks(self._storage, file))
        if file.stream and lines != file.rows:
            message = f"{self._storage.where(file.path)}: {lines} lines instead of {file.rows}"
            raise IntegrityError(message, remedy="restore it from a backup")
