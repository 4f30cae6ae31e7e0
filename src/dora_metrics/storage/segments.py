"""Raw segments: many lines into one write-once file, and out again, with constant memory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Optional, final

from dora_metrics.errors import IntegrityError
from dora_metrics.storage.history import RESTORE
from dora_metrics.storage.store import NotStoredError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from dora_metrics.storage.commit_record import StoredFile
    from dora_metrics.storage.storage_manager import StorageManager
    from dora_metrics.storage.store import Draft

BUFFER_BYTES = 1 << 20


@final
class SegmentWriter:
    """Takes lines one by one; `close` adds the file to the transaction that opened it."""

    def __init__(self, draft: Draft, add: Callable[[Draft, str, int, int], Optional[StoredFile]]) -> None:
        """`add` gets the draft, its SHA-256, size and rows."""
        self._draft = draft
        self._add = add
        self._lines: list[bytes] = []
        self._buffered = 0
        self._hash = hashlib.sha256()
        self._size = 0
        self._rows = 0
        self.closed = False

    def append(self, line: bytes) -> None:
        """Add one line, given without its line feed. Raises `StorageError` when a full buffer cannot be written."""
        self._lines.append(line)
        self._buffered += len(line)
        if self._buffered >= BUFFER_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._lines:
            return
        chunk = b"\n".join(self._lines) + b"\n"
        if chunk.count(b"\n") != len(self._lines):
            message = "a line of a segment holds a line feed"
            raise ValueError(message)
        self._draft.write(chunk)
        self._hash.update(chunk)
        self._size += len(chunk)
        self._rows += len(self._lines)
        self._lines.clear()
        self._buffered = 0

    def close(self) -> Optional[StoredFile]:
        """What was added to the transaction; `None` when no line was written, or when it is closed already."""
        if self.closed:
            return None
        self._flush()
        self.closed = True
        return self._add(self._draft, self._hash.hexdigest(), self._size, self._rows)

    def discard(self) -> None:
        """Forget all lines; nothing is added."""
        self.closed = True
        self._draft.discard()

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


def read_segment(storage: StorageManager, file: StoredFile) -> Iterator[bytes]:
    """The lines of `file`, without their line feeds.

    Raises `IntegrityError` naming it when it is missing or, after its last line, when its bytes are not those recorded:
    nothing may be kept before the iterator has ended.
    """
    rest = b""
    for chunk in checked_chunks(storage, file):
        lines = chunk.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        yield from lines
    if rest:
        raise damaged(storage, file, "its last line has no end")


def checked_chunks(storage: StorageManager, file: StoredFile) -> Iterator[bytes]:
    """The content of `file` in pieces; raises `IntegrityError` at the end when size or hash are not those recorded."""
    found = hashlib.sha256()
    size = 0
    try:
        for chunk in storage.chunks(file.path):
            found.update(chunk)
            size += len(chunk)
            yield chunk
    except NotStoredError as error:
        raise damaged(storage, file, "it is missing") from error
    if size != file.size:
        raise damaged(storage, file, f"{size} bytes instead of {file.size}")
    if found.hexdigest() != file.sha256:
        raise damaged(storage, file, "its content is not what was stored")


def damaged(storage: StorageManager, file: StoredFile, how: str) -> IntegrityError:
    """The error for a file that is not what the history says."""
    return IntegrityError(f"damaged data file: {storage.where(file.path)}: {how}", remedy=RESTORE)
