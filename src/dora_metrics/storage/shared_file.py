"""A file that we write and a person writes too: nothing they save is ever lost."""

from __future__ import annotations

import hashlib
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
UNFINISHED = ".unfinished"
"""Ends the name of what was moved aside, as long as nothing stands in its place."""
SAVES_TO_WAIT_FOR = 20
RETIRED = b"The review file is written in another form now, beside this one.\n"
"""What stands in a bucket in place of a file that is written no more."""
VERSIONS_TO_WAIT_FOR = 5

logger = logging.getLogger("dora_metrics.storage")


def replace_shared(
    storage: StorageManager, path: str, make: Callable[[Optional[bytes]], bytes], *, stamp: str
) -> list[str]:
    """Replace `path` without losing a byte that a person saved there, at whatever moment.

    `make` gets what is there (`None` when nothing is) and returns the new content. What was there is first moved to
    `backup/<name>.<stamp>.<number>.<ending>`; when that is not what `make` has seen, or when somebody saves before the
    new file stands, `make` is asked again about the newest. What a killed run moved aside and did not replace is put
    back first.
    Returns the backups made, oldest first; none when nothing was there, or when `make` changes nothing.
    Raises `BusyError` when somebody saves again and again. After any other error the person's file is back in place.
    In a bucket, which cannot rename, exactly the version seen is copied to `backup/` and then replaced; where somebody
    saves again and again, the new file is put beside theirs, as `<name>.<number>.<ending>`.
    """
    if storage.versioned is not None:
        return _replace_version(storage, storage.versioned, path, make, stamp)
    _finish_interrupted(storage, path)
    backups: list[str] = []
    for _ in range(SAVES_TO_WAIT_FOR):
        held = [storage.read_if_there(path)]
        seen = None if held[0] is None else hashlib.sha256(held[0]).hexdigest()
        content = make(held.pop())  # which may let go of it
        if hashlib.sha256(content).hexdigest() == seen:
            return backups
        backup = _free_backup(storage, path, stamp)
        aside = f"{backup}{UNFINISHED}"
        try:
            moved = storage.move_aside(path, aside)
            if moved:
                content = content if storage.sha256(aside) == seen else make(storage.read(aside))
            stands = _created(storage, path, content)
        except BaseException:
            _put_back(storage, aside, path)
            raise
        if moved:
            storage.move_aside(aside, backup)
            backups.append(backup)
        if stands:
            return backups
    message = f"somebody keeps saving {storage.where(path)}"
    raise BusyError(message, remedy="close it in the spreadsheet, then run the same command again")


def _created(storage: StorageManager, path: str, content: bytes) -> bool:
    """Whether the file was created; not when somebody saved one meanwhile."""
    try:
        storage.create_new(path, content)
    except AlreadyStoredError:
        return False
    return True


def _finish_interrupted(storage: StorageManager, path: str) -> None:
    """What a killed run moved aside goes back, or where a file stands already gets its name as a backup."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    for aside in storage.list(f"{BACKUP_FOLDER}/{stem}."):
        if aside.endswith(UNFINISHED) and not storage.move_back(aside, path):
            storage.move_aside(aside, aside[: -len(UNFINISHED)])


def read_shared(storage: StorageManager, path: str) -> Optional[bytes]:
    """What a person's file holds; `None` when there is none, or only the note that it is written no more."""
    content = storage.read_if_there(path)
    return None if content == RETIRED else content


def retire_shared(storage: StorageManager, path: str, *, stamp: str) -> Optional[str]:
    """Move `path`, which is written no more, to `backup/` whatever it holds: where to, or `None` for no file.

    In a bucket, which cannot rename, exactly the version that was copied gives way to a note; one that somebody saved
    meanwhile stays.
    """
    backup = _free_backup(storage, path, stamp)
    if storage.versioned is None:
        return backup if storage.move_aside(path, backup) else None
    content, version = storage.versioned.read_version(path) or (None, None)
    if content is None or content == RETIRED:
        return None
    storage.create_new(backup, content)
    with suppress(AlreadyStoredError):  # what was saved meanwhile is found by the next run
        storage.versioned.replace_version(path, RETIRED, version)
    return backup


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
    """Move what was moved aside back, unless something else is there by now; never fails."""
    with suppress(StorageError):  # then it stays in the backup folder; the first error is the one to tell
        if storage.exists(backup):
            storage.move_back(backup, path)


def _free_backup(storage: StorageManager, path: str, stamp: str) -> str:
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    names = (f"{BACKUP_FOLDER}/{stem}.{stamp}.{number}{dot}{ending}" for number in count(1))
    return next(name for name in names if not storage.exists(name))
