"""A small store for tests: fixed times and ids, and the whole of it as a value."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.models import Commit
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.storage_manager import StorageManager

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dora_metrics.storage.commit_record import CommitRecord

SHOP = "acme/shop"
MARCH_2 = datetime(2025, 3, 2, 14, 5, tzinfo=timezone.utc)
HASH_A = "a" * 40
HASH_B = "b" * 40


def a_manager(root: Path) -> RepositoryManager:
    """A manager of the store at `root` whose records differ in nothing random."""
    ids = count(1)
    return RepositoryManager(
        StorageManager(root=root), tool_version="0.1.0", new_id=lambda: f"id-{next(ids)}-{root.name}"
    )


def a_commit(number: int = 1, message: str = "feat: first", files: Sequence[str] = ("src/a.py",)) -> Commit:
    return Commit(f"{number:040x}", (HASH_A,), "Ada Lovelace", 1_740_000_000, 1_740_000_060, message, tuple(files))


def add_lines(
    manager: RepositoryManager, *lines: bytes, repository: str = SHOP, stream: str = "commits", replace: bool = False
) -> CommitRecord:
    """One committed transaction that adds `lines` to a stream."""
    with manager.begin(command="extract", actor="ada", now=MARCH_2) as transaction:
        with transaction.open_segment(repository, stream, replace=replace) as segment:
            for line in lines:
                segment.append(line)
        return transaction.commit()


def bytes_below(root: Path) -> dict[str, Optional[bytes]]:
    """Every file under `root` with its content, every folder with `None`, every link with its target."""
    found: dict[str, Optional[bytes]] = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = Path(folder, name)
            held = b"-> " + os.fsencode(path.readlink()) if path.is_symlink() else None
            found[str(path)[len(str(root)) + 1 :]] = path.read_bytes() if held is None and path.is_file() else held
    return found
