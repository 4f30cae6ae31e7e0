"""Pages that a run has read and not yet committed, so that the next run goes on where a killed one stopped.

Each page is one file that also says where the reading stands after it: page and checkpoint become durable in one step,
and a process may die between any two system calls. A page that is damaged, or that follows a missing one, counts for
nothing: what it held is read again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.domain.timestamps import format_utc, parse_utc
from dora_metrics.errors import StorageError
from dora_metrics.storage.json_fields import Fields
from dora_metrics.storage.paths import repository_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from dora_metrics.storage.storage_manager import StorageManager

STAGING_FOLDER = "staging"
SHORT_HASH = 16

logger = logging.getLogger("dora_metrics.storage")


@dataclass(frozen=True)
class Checkpoint:
    """Where the reading of a stream stands after a page."""

    cursor: Optional[str]
    """Where a later run may begin without missing anything."""
    end: Optional[str]
    """Where the page ended."""
    settled: bool
    """No item so far was too young for `cursor` to pass it."""
    read_at: Optional[datetime]
    """The server's time; whole seconds. `None` = it told none."""


class StagedStream:
    """The pages of one stream of one repository, in the order they were read."""

    def __init__(self, storage: StorageManager, folder: str) -> None:
        self._storage = storage
        self._folder = folder
        self._pages = 0
        self.checkpoint: Optional[Checkpoint] = None
        """After the last page; `None` when there is none."""
        for number in count(1):
            found = self._read(number)
            if found is None:
                break
            self._pages, self.checkpoint = number, found[0]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self._pages

    def add(self, lines: Sequence[bytes], checkpoint: Checkpoint) -> None:
        """One more page, durable on return. Raises `StorageError`; then the page is not there."""
        body = b"".join(line + b"\n" for line in lines)
        header = {
            "cursor": checkpoint.cursor,
            "end": checkpoint.end,
            "settled": checkpoint.settled,
            "read_at": format_utc(checkpoint.read_at) or None,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        self._storage.write(self._path(self._pages + 1), json.dumps(header).encode() + b"\n" + body)
        self._pages += 1
        self.checkpoint = checkpoint

    def lines(self) -> Iterator[bytes]:
        """Every line of every page, as they were added; one page in memory at a time."""
        for number in range(1, self._pages + 1):
            found = self._read(number)
            if found is None:
                message = f"a page of this run has vanished: {self._storage.where(self._path(number))}"
                raise StorageError(message, remedy="run the same command again")
            yield from found[1]

    def clear(self) -> None:
        """Forget all pages; the next one is the first."""
        for number in range(self._pages, 0, -1):
            self._storage.delete(self._path(number))
        self._pages, self.checkpoint = 0, None

    def _path(self, number: int) -> str:
        return f"{self._folder}/{number:06d}.jsonl"

    def _read(self, number: int) -> Optional[tuple[Checkpoint, list[bytes]]]:
        content = self._storage.read_if_there(self._path(number))
        if content is None:
            return None
        header, _, body = content.partition(b"\n")
        try:
            return _checkpoint(header, body), body.split(b"\n")[:-1]
        except ValueError as error:
            logger.warning("read again, since it is damaged (%s): %s", error, self._storage.where(self._path(number)))
            return None


def _checkpoint(header: bytes, body: bytes) -> Checkpoint:
    fields = Fields(json.loads(header))
    cursor, end, read_at = (fields.optional_text(name) for name in ("cursor", "end", "read_at"))
    sha256 = fields.text("sha256")
    settled = fields.rest().get("settled")
    if type(settled) is not bool or sha256 != hashlib.sha256(body).hexdigest():
        message = "it is not what was written"
        raise ValueError(message)
    return Checkpoint(cursor, end, settled, None if read_at is None else parse_utc(read_at))


class Staging:
    """`staging/<owner>/<name>/<stream>-<hash>/`: what killed runs left, and what this one will leave if it is killed.

    To be used under the store's lock.
    """

    def __init__(self, storage: StorageManager, repository: str) -> None:
        """Raises `StorageError` when the folder cannot be listed."""
        self._storage = storage
        self._folder = f"{STAGING_FOLDER}/{repository_folder(repository)}"
        self._left = storage.list(f"{self._folder}/")

    def open(self, stream: str, binding: Mapping[str, Any]) -> StagedStream:
        """The staged pages of a stream; those of another `binding` are removed, since they would not fit.

        `binding` is all that the pages depend on, as JSON can hold it: whose they are, where they began, what was
        asked. Raises `StorageError`.
        """
        digest = hashlib.sha256(json.dumps(binding, sort_keys=True).encode()).hexdigest()[:SHORT_HASH]
        folder = f"{self._folder}/{stream}-{digest}"
        for path in self._left:
            if path.startswith(f"{self._folder}/{stream}-") and not path.startswith(f"{folder}/"):
                self._storage.delete(path)
        return StagedStream(self._storage, folder)

    def clear(self) -> None:
        """Remove all pages, last ones first; never fails: what stays is picked up or removed by the next run."""
        with suppress(StorageError):
            for path in reversed(self._storage.list(f"{self._folder}/")):
                self._storage.delete(path)
