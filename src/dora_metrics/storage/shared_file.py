"""A file that we write and a person writes too: nothing they save is ever lost."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Optional

from dora_metrics.errors import BusyError
from dora_metrics.storage.store import AlreadyStoredError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dora_metrics.storage.storage_manager import StorageManager

BACKUP_FOLDER = "backup"
SAVES_TO_WAIT_FOR = 20


def replace_shared(
    storage: StorageManager, path: str, make: Callable[[Optional[bytes]], bytes], *, stamp: str
) -> list[str]:
    """Replace `path` without losing a byte that a person saved there, at whatever moment.

    `make` gets what is there (`None` when nothing is) and returns the new content. What was there is first moved to
    `backup/<name>.<stamp>.<number>.<ending>`; when that is not what `make` has seen, or when somebody saves before the
    new file stands, `make` is asked again about the newest.
    Returns the backups made, oldest first; none when nothing was there, or when `make` changes nothing.
    Raises `BusyError` when somebody saves again and again. After any other error the person's file is back in place.
    """
    backups: list[str] = []
    for _ in range(SAVES_TO_WAIT_FOR):
        seen = storage.read_if_there(path)
        content = make(seen)
        if content == seen:
            return backups
        backup = _free_backup(storage, path, stamp)
        if storage.move_aside(path, backup):
            backups.append(backup)
            created = _create_after_move(storage, path, backup, seen, content, make)
        else:
            created = _create(storage, path, content)
        if created:
            return backups
    message = f"somebody keeps saving {storage.where(path)}"
    raise BusyError(message, remedy="close it in the spreadsheet, then run the same command again")


def _free_backup(storage: StorageManager, path: str, stamp: str) -> str:
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    names = (f"{BACKUP_FOLDER}/{stem}.{stamp}.{number}{dot}{ending}" for number in count(1))
    return next(name for name in names if not storage.exists(name))


def _create_after_move(
    storage: StorageManager,
    path: str,
    backup: str,
    seen: Optional[bytes],
    content: bytes,
    make: Callable[[Optional[bytes]], bytes],
) -> bool:
    try:
        moved = storage.read(backup)
        return _create(storage, path, content if moved == seen else make(moved))
    except BaseException:
        storage.move_back(backup, path)
        raise


def _create(storage: StorageManager, path: str, content: bytes) -> bool:
    try:
        storage.create_new(path, content)
    except AlreadyStoredError:
        return False
    return True
