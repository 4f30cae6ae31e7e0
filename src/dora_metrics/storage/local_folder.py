"""A folder tree entered without ever following a symbolic link, and operating-system errors in words."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dora_metrics.errors import StorageError
from dora_metrics.storage.store import NotStoredError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_ENTER = os.O_RDONLY | os.O_DIRECTORY
_FREE = "free some space, then run the same command again"
_RIGHTS = "give this user the right to write there, or choose another folder with --storage-path"
_LINK = "replace what stands there, such as a symbolic link, by a plain file or folder"
_DISK = "check the disk, then run the same command again"
_REMEDIES = {
    errno.ENOSPC: _FREE,
    errno.EDQUOT: _FREE,
    errno.EFBIG: _FREE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "the file system is mounted read-only: choose another folder with --storage-path",
    errno.ELOOP: _LINK,
    errno.ENOTDIR: _LINK,
    errno.EISDIR: _LINK,
    errno.ENAMETOOLONG: "choose a shorter folder name with --storage-path",
    errno.EOPNOTSUPP: "choose a folder on a local disk with --storage-path",
}


@contextmanager
def explained(action: str, target: object) -> Iterator[None]:
    """Turn any `OSError` within into a `StorageError` that names `target` and the remedy."""
    try:
        yield
    except FileNotFoundError as error:
        message = f"cannot {action}: {target} is not there"
        raise NotStoredError(message, remedy="check --storage-path, or run the command again") from error
    except OSError as error:
        message = f"cannot {action}: {target}: {error.strerror or error}"
        raise StorageError(message, remedy=_REMEDIES.get(error.errno or 0, _DISK)) from error


def make_root(root: Path) -> None:
    """Create the top folder when it is missing, open to nobody else."""
    if root.is_dir():
        return
    root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    parent = os.open(root.parent, _ENTER)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def enter(root: Path, parts: Sequence[str], *, create: bool = False) -> tuple[int, int]:
    """A descriptor of the folder `parts` below `root`, and how many of the last parts had to be created.

    The caller closes it. A symbolic link on the way raises `OSError`; only `root` itself may be one.
    """
    folder, created = os.open(root, _ENTER), 0
    try:
        for part in parts:
            inner, new = _enter_one(folder, part, create=create)
            os.close(folder)
            folder, created = inner, created + new
    except BaseException:
        os.close(folder)
        raise
    return folder, created


def _enter_one(folder: int, part: str, *, create: bool) -> tuple[int, int]:
    try:
        return os.open(part, _ENTER | os.O_NOFOLLOW, dir_fd=folder), 0
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):  # another run was quicker
        os.mkdir(part, FOLDER_MODE, dir_fd=folder)
        os.fsync(folder)  # else a lost power supply takes the new folder and all that is in it
    return os.open(part, _ENTER | os.O_NOFOLLOW, dir_fd=folder), 1


def leave_empty(root: Path, parts: Sequence[str], count: int) -> None:
    """Remove the last `count` folders of `parts`, innermost first, as long as they are empty."""
    with suppress(OSError):
        for length in range(len(parts), len(parts) - count, -1):
            folder, _ = enter(root, parts[: length - 1])
            try:
                os.rmdir(parts[length - 1], dir_fd=folder)
            finally:
                os.close(folder)


def is_file(folder: int, name: str) -> bool:
    """Whether a plain file called `name` is in `folder`; raises `OSError` when something else is, such as a link."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        raise OSError(errno.ELOOP, "not a plain file", name)
    return True
