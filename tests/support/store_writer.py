"""A process of its own that writes to a store: `python -m support.store_writer FOLDER NAME COMMITS`.

Each commit adds one line, `NAME-1` to `NAME-COMMITS`, to one stream. With 0 commits it takes the lock, says so, and
keeps it until it is killed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.storage_manager import StorageManager

TESTS = Path(__file__).parents[1]
PATIENCE_S = 60


def start(root: Path, name: str, commits: int) -> subprocess.Popen[str]:
    """Start one; its standard output tells when it holds the lock."""
    command = [sys.executable, "-m", "support.store_writer", str(root), name, str(commits)]
    return subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, text=True)


def write(root: Path, name: str, commits: int) -> None:
    """Commit line by line."""
    storage = StorageManager(root=root, lock_timeout_s=PATIENCE_S)
    for number in range(1, commits + 1):
        manager = RepositoryManager(storage, tool_version="test")
        with manager.begin(command="update", actor=name, now=datetime.now(tz=timezone.utc)) as transaction:
            with transaction.open_segment("acme/shop", "commits") as segment:
                segment.append(f"{name}-{number}".encode())
            transaction.commit()


def hold(root: Path) -> None:
    """Take the lock and keep it."""
    manager = RepositoryManager(StorageManager(root=root), tool_version="test")
    with manager.begin(command="update", actor="holder", now=datetime.now(tz=timezone.utc)):
        sys.stdout.write("held\n")
        sys.stdout.flush()
        time.sleep(PATIENCE_S)


def main(folder: str, name: str, commits: str) -> None:
    if int(commits):
        write(Path(folder), name, int(commits))
    else:
        hold(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
