"""A nameless file in a local folder, published by rename or by link once it is whole and on the disk."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Optional

from dora_metrics.storage.local_folder import FILE_MODE, enter, explained, is_file, leave_empty
from dora_metrics.storage.store import AlreadyStoredError

if TYPE_CHECKING:
    from pathlib import Path

DRAFT_PREFIX = ".dora-"
DRAFT_SUFFIX = ".tmp"


class LocalDraft:
    """Written in the folder where it will stay. Its lock tells the sweep that the writer lives."""

    def __init__(self, root: Path, folder: str, token: str) -> None:
        """Create the file, and the folder when it is missing; raises `StorageError`."""
        self._root = root
        self._parts = folder.split("/") if folder else []
        self._shown = root.joinpath(*self._parts)
        self._name = f"{DRAFT_PREFIX}{token}{DRAFT_SUFFIX}"
        self._file: Optional[int] = None
        self._folder: Optional[int] = None
        self._created = 0
        try:
            with explained("write", self._shown):
                self._open()
        except BaseException:
            self.discard()
            raise

    def _open(self) -> None:
        self._folder, self._created = enter(self._root, self._parts, create=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._file = os.open(self._name, flags, FILE_MODE, dir_fd=self._folder)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, chunk: bytes) -> None:
        """Append `chunk`."""
        file, _ = self._descriptors()
        rest = memoryview(chunk)
        with explained("write", self._shown):
            while rest:
                rest = rest[os.write(file, rest) :]

    def publish(self, path: str) -> None:
        """Make it durable as `path`, replacing what is there."""
        file, folder = self._descriptors()
        name = path.rpartition("/")[2]
        with explained("write", self._root / path):
            os.fsync(file)
            is_file(folder, name)  # refuses a link or a folder: a rename would quietly replace a link
            os.rename(self._name, name, src_dir_fd=folder, dst_dir_fd=folder)
            self._name = ""
            os.fsync(folder)
        self._close()

    def publish_new(self, path: str) -> None:
        """Make it durable as `path`, which must be free."""
        file, folder = self._descriptors()
        name = path.rpartition("/")[2]
        with explained("write", self._root / path):
            os.fsync(file)
            try:
                os.link(self._name, name, src_dir_fd=folder, dst_dir_fd=folder)
            except FileExistsError as error:
                message = f"already there: {self._root / path}"
                raise AlreadyStoredError(message, remedy="run the same command again") from error
            self._created = 0
            with suppress(OSError):  # a second name does no harm, and the sweep removes it
                os.unlink(self._name, dir_fd=folder)
                self._name = ""
            os.fsync(folder)
        self._close()

    def discard(self) -> None:
        """Remove the file and the folders made for it; never raises `StorageError`."""
        if self._folder is None:
            return
        if self._name:
            with suppress(OSError):
                os.unlink(self._name, dir_fd=self._folder)
            leave_empty(self._root, self._parts, self._created)
        self._close()

    def _descriptors(self) -> tuple[int, int]:
        if self._file is None or self._folder is None:
            message = "the draft is published or discarded already"
            raise ValueError(message)
        return self._file, self._folder

    def _close(self) -> None:
        for descriptor in (self._file, self._folder):
            if descriptor is not None:
                with suppress(OSError):  # what matters was forced to the disk before
                    os.close(descriptor)
        self._file = self._folder = None
        self._name = ""
