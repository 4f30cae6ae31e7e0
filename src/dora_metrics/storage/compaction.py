"""Many small segments of a stream become one, so that each record stays small however long a store lives.

Nothing is lost: the old segments stay where they are, as older records name them. Only small ones at the end are
merged, up to one that is larger than all after it, so a line is copied a few times in the life of a store.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dora_metrics.storage.segments import checked_chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dora_metrics.storage.commit_record import StoredFile
    from dora_metrics.storage.storage_manager import StorageManager
    from dora_metrics.storage.store import Draft

MOST_SEGMENTS = 64
"""Of one stream in one record; one more, and the small ones are merged."""
SHORT_HASH = 16


def small_ones(segments: Sequence[StoredFile]) -> Sequence[StoredFile]:
    """Those at the end, in order, that are to be merged; none while there are few."""
    if len(segments) < MOST_SEGMENTS:
        return ()
    first, size = len(segments) - 2, segments[-1].size + segments[-2].size
    while first > 0 and segments[first - 1].size <= size:
        first -= 1
        size += segments[first].size
    return segments[first:]


def segment_paths(folder: str, stream: str, sha256: str) -> list[str]:
    """Where a segment of that content may lie: the second one where another content has the first."""
    return [f"{folder}/{stream}-{name}.jsonl" for name in (sha256[:SHORT_HASH], sha256)]


@dataclass(frozen=True)
class Merged:
    """One segment that holds what several held."""

    draft: Draft
    sha256: str
    size: int
    rows: int


def merge_segments(storage: StorageManager, folder: str, segments: Sequence[StoredFile]) -> Merged:
    """The content of `segments`, one after the other, in a new draft; constant memory.

    Raises `IntegrityError` when one of them is not what was recorded, and then leaves nothing behind.
    """
    draft, found = storage.draft(folder), hashlib.sha256()
    try:
        for file in segments:
            for chunk in checked_chunks(storage, file):
                found.update(chunk)
                draft.write(chunk)
    except BaseException:
        draft.discard()
        raise
    size, rows = (sum(getattr(file, name) for file in segments) for name in ("size", "rows"))
    return Merged(draft, found.hexdigest(), size, rows)
