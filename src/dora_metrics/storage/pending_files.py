"""Write-once files that wait for their commit: written under no name, named just before the record, or removed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from dora_metrics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dora_metrics.storage.storage_manager import StorageManager
    from dora_metrics.storage.store import Draft


class PendingFiles:
    """The drafts of one transaction. Their paths hold a hash of the content, so what is stored stays as it is."""

    def __init__(self, storage: StorageManager, recorded: Mapping[str, str]) -> None:
        """`recorded`: path to SHA-256 of the files that the head names."""
        self._storage = storage
        self._recorded = recorded
        self._waiting: dict[str, tuple[str, Draft]] = {}
        self._new: list[str] = []
        """Paths that held nothing before."""

    def add(self, draft: Draft, paths: Sequence[str], sha256: str) -> str:
        """The path where `draft` will lie: the first of `paths`, or the next where another content has that one.

        Nothing will be written where this content lies already. Where it should lie and something else does, because
        the file was damaged, it is put right.
        """
        for path in paths[:-1]:
            if self._is_for(path, sha256):
                return self._wait(path, sha256, draft)
        return self._wait(paths[-1], sha256, draft)

    def _is_for(self, path: str, sha256: str) -> bool:
        if path in self._waiting:
            return self._waiting[path][0] == sha256
        return self._recorded.get(path) == sha256 or self._storage.sha256(path) in {None, sha256}

    def _wait(self, path: str, sha256: str, draft: Draft) -> str:
        stored = self._storage.sha256(path)
        if stored == sha256 or path in self._waiting:
            draft.discard()
        else:
            self._waiting[path] = (sha256, draft)
            self._new += [path] if stored is None else []
        return path

    def publish(self) -> None:
        """Make all of them durable under their names."""
        for path, (_, draft) in self._waiting.items():
            draft.publish(path)

    def discard(self, *, named: bool) -> None:
        """Remove the drafts and, unless a record may be `named` them by now, the new files; never fails.

        What stays behind is named by nothing and does no harm.
        """
        for path, (_, draft) in self._waiting.items():
            draft.discard()
            if path in self._new and not named:
                with suppress(StorageError):
                    self._storage.delete(path)
        self._waiting.clear()
