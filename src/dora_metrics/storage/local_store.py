"""The store in a local folder: private to its owner, never through a symbolic link, every write whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dora_metrics.storage.local_draft import DRAFT_PREFIX, DRAFT_SUFFIX, LocalDraft
from dora_metrics.storage.local_folder import FILE_MODE, enter, explained, is_file, leave_empty, make_root
from dora_metrics.storage.local_lock import take_lock
from dora_metrics.storage.store import AlreadyStoredError, NotStoredError, Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK_BYTES = 1 << 20
LOCK_NAME = ".lock"
IGNORE_NAME = ".gitignore"
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a named pipe must not block us

logger = logging.getLogger("dora_metrics.storage")


def _random_token() -> str:
    return os.urandom(8).hex()


class LocalStore:
    """A `Store` below `root`. Nothing is created before the first `probe` or write."""

    locks = True

    def __init__(self, root: Path, *, new_token: Callable[[], str] = _random_token, lock_timeout_s: float = 0) -> None:
        self.root = root
        self._new_token = new_token
        self._lock_timeout_s = lock_timeout_s

    def where(self, path: str) -> str:
        """`root` with `path` behind it."""
        return str(self.root / path)

    def probe(self) -> None:
        """Create the folder with its `.gitignore`, and prove that each folder in it can be written."""
        with explained("create the data folder", self.root):
            make_root(self.root)
        self._warn_when_open_to_others()
        for name in self._folders():
            self.draft(name).discard()
        draft = self.draft("")
        try:
            if not self.exists(IGNORE_NAME):
                self._hide_from_git(draft)
        finally:
            draft.discard()

    def _hide_from_git(self, draft: LocalDraft) -> None:
        draft.write(b"*\n")
        with suppress(AlreadyStoredError):  # another run was quicker
            draft.publish_new(IGNORE_NAME)

    def _warn_when_open_to_others(self) -> None:
        with explained("read", self.root):
            mode = stat.S_IMODE(self.root.stat().st_mode)
        if mode & 0o077:
            logger.warning("the data folder %s is open to other users; chmod 700 closes it", self.root)

    def _folders(self) -> list[str]:
        with explained("list", self.root), os.scandir(self.root) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """An advisory lock on the file `.lock`, which the system releases when the process dies."""
        with explained("lock", self.root / LOCK_NAME), self._folder(LOCK_NAME) as (folder, name):
            held = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE, dir_fd=folder)
        try:
            with explained("lock", self.root / LOCK_NAME):
                take_lock(held, self.root, timeout_s=self._lock_timeout_s)
            yield
        finally:
            os.close(held)

    def sweep(self) -> None:
        """Remove drafts that no living process holds."""
        with suppress(OSError):
            for _, _, names, folder in os.fwalk(self.root):
                for name in names:
                    if name.startswith(DRAFT_PREFIX) and name.endswith(DRAFT_SUFFIX):
                        _remove_when_dead(folder, name)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content in pieces of 1 MiB, the last one shorter."""
        with explained("read", self.root / path):
            with self._folder(path) as (folder, name):
                file = os.open(name, _READ, dir_fd=folder)
            try:
                if not stat.S_ISREG(os.fstat(file).st_mode):
                    raise OSError(errno.ELOOP, "not a plain file")
                while chunk := os.read(file, CHUNK_BYTES):
                    yield chunk
            finally:
                os.close(file)

    def exists(self, path: str) -> bool:
        """Whether a plain file is at `path`; a link or a folder there raises `StorageError`."""
        try:
            with explained("read", self.root / path), self._folder(path) as (folder, name):
                return is_file(folder, name)
        except NotStoredError:
            return False  # a folder on the way is missing

    def list(self, prefix: str) -> Paths:
        """All plain files whose path starts with `prefix`, sorted, without dot files."""
        found = []
        with explained("list", self.root):
            for folder, folders, names, _ in os.fwalk(self.root, onerror=_refuse):
                folders[:] = [name for name in folders if not name.startswith(".")]
                inner = Path(folder).relative_to(self.root).as_posix()
                found += [name if inner == "." else f"{inner}/{name}" for name in names if not name.startswith(".")]
        return sorted(path for path in found if path.startswith(prefix))

    def draft(self, folder: str) -> LocalDraft:
        """A new file in `folder`, held by this process until it is published or discarded."""
        with explained("create the data folder", self.root):
            make_root(self.root)
        return LocalDraft(self.root, folder, self._new_token())

    def delete(self, path: str) -> None:
        """Remove the file, make that durable, and remove the folders that are empty now."""
        if not self.exists(path):
            return
        with explained("remove", self.root / path), self._folder(path) as (folder, name):
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        parts = path.split("/")[:-1]
        leave_empty(self.root, parts, len(parts))

    def move_aside(self, path: str, target: str) -> bool:
        """Rename `path` to `target` in one step, so that no save of a person can fall in between."""
        if not self.exists(path):
            return False
        with explained("move", self.root / path), self._two_folders(path, target) as (old, old_name, new, new_name):
            try:
                os.rename(old_name, new_name, src_dir_fd=old, dst_dir_fd=new)
            except FileNotFoundError:
                return False
            os.fsync(new)
            os.fsync(old)
            return True

    def move_back(self, path: str, target: str) -> bool:
        """Link `path` to `target`, then drop the old name: never over a file that came meanwhile."""
        with explained("move", self.root / path), self._two_folders(path, target) as (old, old_name, new, new_name):
            try:
                os.link(old_name, new_name, src_dir_fd=old, dst_dir_fd=new)
            except FileExistsError:
                return False
            os.fsync(new)
            os.unlink(old_name, dir_fd=old)
        parts = path.split("/")[:-1]
        leave_empty(self.root, parts, len(parts))
        return True

    @contextmanager
    def _folder(self, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
        *parts, name = path.split("/")
        folder, _ = enter(self.root, parts, create=create)
        try:
            yield folder, name
        finally:
            os.close(folder)

    @contextmanager
    def _two_folders(self, path: str, target: str) -> Iterator[tuple[int, str, int, str]]:
        with self._folder(path) as (old, old_name), self._folder(target, create=True) as (new, new_name):
            yield old, old_name, new, new_name


def _remove_when_dead(folder: int, name: str) -> None:
    with suppress(OSError):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name, dir_fd=folder)
        finally:
            os.close(file)


def _refuse(error: OSError) -> None:
    raise error
