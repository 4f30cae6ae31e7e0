"""The command line with record ids that are not random, and, when asked, with a bug: for crash tests only.

    python tests/support/crash_entry.py NAME-OF-A-BUG-OR-none ARGUMENTS…

Nothing in the program knows of it: what is replaced is replaced from outside, in the process of one test.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from dora_metrics.storage import repository_manager
from dora_metrics.storage.local_draft import LocalDraft
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.transaction import Transaction

if TYPE_CHECKING:
    from dora_metrics.storage.commit_record import RowCounts


def in_place(self: StorageManager, path: str, content: bytes) -> None:
    """Write the record where it stays, in two pieces."""
    target: Path = self._store.root / path  # type: ignore[attr-defined]
    target.parent.mkdir(exist_ok=True)
    with target.open("xb", buffering=0) as file:
        file.write(content[:100])
        file.write(content[100:])
        os.fsync(file.fileno())


def record_first(self: Transaction, counts: dict[str, RowCounts]) -> object:
    """Write the record before the data."""
    if self.head is not None and not self.changed:
        return self.head
    record = self._next_record(counts)
    self._history.append(record)
    self._pending.publish()
    return record


def record_written_over(self: StorageManager, path: str, content: bytes) -> None:
    """Replace a record instead of creating it, by a file that was only half written before."""
    self.write(path, content[:100])
    self.write(path, content)


def without_fsync(_descriptor: int) -> None:
    """Force nothing to the disk."""


def without_folder_fsync(descriptor: int) -> None:
    """Force files to the disk, but not their names."""
    if not os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112 (Path.is_dir would do the same)
        os.fdatasync(descriptor)


def acknowledged_too_early(self: LocalDraft, path: str) -> None:
    """Give a file its name, and force it to the disk never."""
    _, folder = self._descriptors()
    os.link(self._name, path.rpartition("/")[2], src_dir_fd=folder, dst_dir_fd=folder)
    self.discard()


BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "in place": (StorageManager, "create_new", in_place),
    "record first": (Transaction, "_write", record_first),
    "record overwritten": (StorageManager, "create_new", record_written_over),
    "no fsync": (os, "fsync", without_fsync),
    "no folder fsync": (os, "fsync", without_folder_fsync),
    "acknowledged too early": (LocalDraft, "publish_new", acknowledged_too_early),
}


def count_ids(data: Path) -> None:
    """From now on a record's id in `data` is its number, so that two runs leave the same bytes."""
    defaults = repository_manager.RepositoryManager.__init__.__kwdefaults__
    assert defaults is not None
    defaults["new_id"] = lambda: f"id-{len(list(data.glob('history/*.json'))) + 1}"


def main() -> None:
    bug, arguments = sys.argv[1], sys.argv[2:]
    if bug in BUGS:
        owner, name, replacement = BUGS[bug]
        setattr(owner, name, replacement)
    count_ids(Path("data"))
    from dora_metrics.cli import cli  # noqa: PLC0415 (as __main__ does)

    cli.main(arguments)


if __name__ == "__main__":
    main()
