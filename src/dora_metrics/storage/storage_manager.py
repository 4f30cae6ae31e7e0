"""StorageManager: the one door to stored bytes, the same for every kind of store."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Optional, cast

from dora_metrics.errors import ConfigurationError
from dora_metrics.storage.local_store import LocalStore
from dora_metrics.storage.paths import checked
from dora_metrics.storage.store import Draft, NotStoredError, Paths, Store, VersionedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

DEFAULT_ROOT = Path("data")


def open_store(
    storage_type: str,
    bucket: Optional[str],
    root: Path,
    *,
    lock_timeout_s: float = 0,
    single_writer: bool = False,
) -> Store:
    """The store that the settings name: a folder, or a bucket with `root` as the prefix of its names.

    Raises `ConfigurationError` for any other.
    """
    if storage_type == "local":
        if bucket:
            message = f"a bucket is set, but the storage type is local: {bucket}"
            raise ConfigurationError(message, remedy="remove s3_bucket (DORA_S3_BUCKET)")
        return LocalStore(root, lock_timeout_s=lock_timeout_s)
    if storage_type == "s3":
        if not bucket:
            message = "storage type s3, but no bucket is named"
            raise ConfigurationError(message, remedy="set s3_bucket (DORA_S3_BUCKET)")
        from dora_metrics.storage.s3_store import S3Store  # noqa: PLC0415 (only for a bucket)

        return S3Store(bucket, _prefix(root), single_writer=single_writer)
    message = f"unknown storage type: {storage_type!r}"
    raise ConfigurationError(message, remedy="use local or s3 (DORA_STORAGE_TYPE)")


def _prefix(root: Path) -> str:
    """`root` as the beginning of object names: relative, and empty for the whole bucket."""
    if root.is_absolute() or ".." in root.parts:
        message = f"not a prefix of names in a bucket: {root}"
        raise ConfigurationError(message, remedy="give --storage-path as plain names, such as data")
    return "" if root == Path() else checked(root.as_posix())


class StorageManager:
    """Reads and writes whole files by relative path. A write is whole or not at all, and lasting when it returns.

    Every method raises `StorageError` when the folder fails or the path leaves it.
    """

    def __init__(
        self,
        storage_type: str = "local",
        bucket: Optional[str] = None,
        root: Path = DEFAULT_ROOT,
        *,
        lock_timeout_s: float = 0,
        single_writer: bool = False,
        store: Optional[Store] = None,
    ) -> None:
        """`root` is the folder, or the prefix in the bucket; `store` stands for all of them.

        `lock_timeout_s` is how long `lock` waits for another run.
        """
        self._store = store or open_store(
            storage_type, bucket, root, lock_timeout_s=lock_timeout_s, single_writer=single_writer
        )

    @property
    def locks(self) -> bool:
        """Whether `lock` keeps other runs out."""
        return self._store.locks

    @property
    def versioned(self) -> Optional[VersionedStore]:
        """The store, where it replaces exact versions instead of renaming; else `None`."""
        return None if self._store.locks else cast("VersionedStore", self._store)

    def where(self, path: str) -> str:
        """How people call `path`: with the folder or the bucket in front."""
        return self._store.where(path)

    def probe(self) -> None:
        """Prove that the store can be written, before any work; creates the folder and its `.gitignore`."""
        self._store.probe()

    def lock(self) -> AbstractContextManager[None]:
        """Held: no other run writes. Raises `BusyError` when another still holds it after the time to wait."""
        return self._store.lock()

    def sweep(self) -> None:
        """Remove what crashed runs left half-written; never fails. Only under the lock."""
        self._store.sweep()

    def read(self, path: str) -> bytes:
        """The whole content; `NotStoredError` when there is none."""
        whole = io.BytesIO()
        for chunk in self.chunks(path):
            whole.write(chunk)
        return whole.getvalue()

    def read_if_there(self, path: str) -> Optional[bytes]:
        """The whole content; `None` when there is none."""
        try:
            return self.read(path)
        except NotStoredError:
            return None

    def sha256(self, path: str) -> Optional[str]:
        """The SHA-256 of the content, of which one piece at a time is in memory; `None` when there is none."""
        found = hashlib.sha256()
        try:
            for chunk in self.chunks(path):
                found.update(chunk)
        except NotStoredError:
            return None
        return found.hexdigest()

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB; `NotStoredError` when there is none."""
        return self._store.chunks(checked(path))

    def exists(self, path: str) -> bool:
        """Whether a file is stored at `path`."""
        return self._store.exists(checked(path))

    def list(self, prefix: str) -> Paths:
        """All stored paths that start with `prefix`, sorted; empty when there are none, or no store yet."""
        try:
            return self._store.list(prefix)
        except NotStoredError:
            return []

    def write(self, path: str, content: bytes) -> None:
        """Readers see the old content or the new one, never half of it."""
        draft = self.draft(checked(path).rpartition("/")[0])
        try:
            draft.write(content)
            draft.publish(path)
        finally:
            draft.discard()

    def create_new(self, path: str, content: bytes) -> None:
        """As `write`, but raises `AlreadyStoredError` when `path` is taken: of several at once, one wins.

        Any other `StorageError` leaves open whether it was created: read it back.
        """
        draft = self.draft(checked(path).rpartition("/")[0])
        try:
            draft.write(content)
            draft.publish_new(path)
        finally:
            draft.discard()

    def draft(self, folder: str) -> Draft:
        """A new nameless file in `folder`, for content that streams or whose name holds its hash."""
        return self._store.draft(checked(folder) if folder else "")

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens when there is none."""
        self._store.delete(checked(path))

    def move_aside(self, path: str, target: str) -> bool:
        """Rename `path`, whatever it holds at that instant, to the free name `target`; `False` when there is none."""
        return self._store.move_aside(checked(path), checked(target))

    def move_back(self, path: str, target: str) -> bool:
        """Rename `path` to `target` unless that is taken; `False` when it is, and then nothing moves."""
        return self._store.move_back(checked(path), checked(target))
