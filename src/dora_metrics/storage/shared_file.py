"""A file that we write and a person writes too: nothing they save is ever lost."""

from __future__ import annotations

import logging
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Optional

from dora_metrics.errors import BusyError, StorageError
from dora_metrics.storage.store import AlreadyStoredError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dora_metrics.storage.storage_manager import StorageManager
    from dora_metrics.storage.store import VersionedStore

BACKUP_FOLDER = "backup"
SAVES_TO_WAIT_FOR = 20
VERSIONS_TO_WAIT_FOR = 5

logger = logging.getLogger("dora_metrics.storage")


def replace_shared(
    storage: StorageManager, path: str, make: Callable[[Optional[bytes]], bytes], *, stamp: str
) -> list[str]:
    """Replace `path` without losing a byte that a person saved there, at whatever moment.

    `make` gets what is there (`None` when nothing is) and returns the new content. What was there is first moved to
    `backup/<name>.<stamp>.<number>.<ending>`; when that is not what `make` has seen, or when somebody saves before the
    new file stands, `make` is asked again about the newest.
    Returns the backups made, oldest first; none when nothing was there, or when `make` changes nothing.
    Raises `BusyError` when somebody saves again and again. After any other error the person's file is back in place.
    In a bucket, which cannot rename, exactly the version seen is copied to `backup/` and then replaced; where somebody
    saves again and again, the new file is put beside theirs, as `<name>.<number>.<ending>`.
    """
    if storage.versioned is not None:
        return _replace_version(storage, storage.versioned, path, make, stamp)
    backups: list[str] = []
    for _ in range(SAVES_TO_WAIT_FOR):
        seen = storage.read_if_there(path)
        content = make(seen)
        if content == seen:
            return backups
        backup = _free_backup(storage, path, stamp)
        try:
            if storage.move_aside(path, backup):
                backups.append(backup)
                moved = storage.read(backup)
                content = content if moved == seen else make(moved)
            storage.create_new(path, content)
        except AlreadyStoredError:
            continue
        except BaseException:
            _put_back(storage, backup, path)
            raise
        return backups
    message = f"somebody keeps saving {storage.where(path)}"
    raise BusyError(message, remedy="close it in the spreadsheet, then run the same command again")


def _replace_version(
    storage: StorageManager,
    store: VersionedStore,
    path: str,
    make: Callable[[Optional[bytes]], bytes],
    stamp: str,
) -> list[str]:
    backups: list[str] = []
    for _ in range(VERSIONS_TO_WAIT_FOR):
        seen, version = store.read_version(path) or (None, None)
        content = make(seen)
        if content == seen:
            return backups
        if seen is not None:
            backups.append(_free_backup(storage, path, stamp))
            storage.create_new(backups[-1], seen)
        try:
            store.replace_version(path, content, version)
        except AlreadyStoredError:
            continue
        return backups
    beside = next(name for name in _numbered(path) if not storage.exists(name))
    storage.create_new(beside, content)
    logger.warning("somebody keeps saving %s: the new one is %s", storage.where(path), storage.where(beside))
    return backups


def _numbered(path: str) -> Iterator[str]:
    stem, dot, ending = path.rpartition(".")
    return (f"{stem}.{number}{dot}{ending}" for number in count(1))


def _put_back(storage: StorageManager, backup: str, path: str) -> None:
    with suppress(StorageError):  # then it stays in the backup folder; the first error is the one to tell
        if storage.exists(backup):
            storage.move_back(backup, path)


def _free_backup(storage: StorageManager, path: str, stamp: str) -> str:
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    names = (f"{BACKUP_FOLDER}/{stem}.{stamp}.{number}{dot}{ending}" for number in count(1))
    return next(name for name in names if not storage.exists(name))
