"""What every store must do, whether it is a local folder or a bucket, and the two answers that are no fault.

Paths are relative, with `/` between the parts, and already checked (`paths.checked`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Protocol

from dora_metrics.errors import AccessError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

Paths = list[str]


class NotStoredError(StorageError):
    """Nothing is stored at that path."""


class AlreadyStoredError(StorageError):
    """Something is stored at that path, and it was to be created anew."""


class OvertakenFileError(StorageError):
    """What is stored at that path is no longer what the condition named."""


class StoreAccessError(AccessError, StorageError):
    """The store refuses these keys, or what they may do: exit code 3, and no use in trying again."""


class Draft(Protocol):
    """A file that is being written and has no name yet, so that a name may hold the content's hash."""

    def write(self, chunk: bytes) -> None:
        """Append `chunk`."""

    def publish(self, path: str) -> None:
        """Make the whole content durable at `path`, replacing what is there; `path` is in the draft's own folder.

        Raises `StorageError`; then readers see what was there before.
        """

    def publish_new(self, path: str) -> None:
        """As `publish`, but raises `AlreadyStoredError` when `path` is taken.

        Any other `StorageError` leaves open whether it was created: read it back.
        """

    def discard(self) -> None:
        """Remove every trace; does nothing after a successful `publish`, or when called again."""


class Store(Protocol):
    """Where bytes lie. Each method raises `StorageError` when the folder or bucket fails."""

    @property
    def locks(self) -> bool:
        """Whether `lock` keeps other runs out; else they may add records, and name files of ours, at any moment."""

    def where(self, path: str) -> str:
        """How people call `path`: with the folder or the bucket in front."""

    def probe(self) -> None:
        """Prove that the store can be written, creating it when it is missing; leaves no other trace."""

    def lock(self) -> AbstractContextManager[None]:
        """Held: no other run writes. Raises `BusyError` when another holds it for too long; ends with the process."""

    def sweep(self) -> None:
        """Remove drafts whose writer is dead; never fails. Only under the lock."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB; `NotStoredError` when there is none."""

    def exists(self, path: str) -> bool:
        """Whether a file is stored at `path`."""

    def list(self, prefix: str) -> Paths:
        """All stored paths that start with `prefix`, sorted; drafts, locks and other dot files are left out."""

    def draft(self, folder: str) -> Draft:
        """A new file in `folder`, which is created when missing; the empty text is the top."""

    def delete(self, path: str) -> None:
        """Remove a file, and folders that are empty then; nothing happens when there is none."""

    def move_aside(self, path: str, target: str) -> bool:
        """Rename `path`, whatever it holds at that instant, to the free name `target`; `False` when there is none."""

    def move_back(self, path: str, target: str) -> bool:
        """Rename `path` to `target` unless that is taken; `False` when it is, and then nothing moves."""


class VersionedStore(Store, Protocol):
    """A bucket: it cannot rename, but replaces exactly the version that was read."""

    def creates_once(self) -> bool:
        """Whether a second create-if-absent of one name fails. Raises `StorageError` when nothing can be written."""

    def read_version(self, path: str) -> Optional[tuple[bytes, str]]:
        """The content and the mark of its version; `None` when there is none."""

    def replace_version(self, path: str, content: bytes, version: Optional[str]) -> None:
        """Put `content` in place of exactly that version, `None` being nothing; else `AlreadyStoredError`."""
