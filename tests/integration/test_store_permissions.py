"""A folder that may be read and not written: refused before any work. Root ignores such modes, so root steps down."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.store_samples import a_manager, add_lines, bytes_below

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
SCRIPT = f"""
    import os, sys
    from datetime import datetime, timezone
    from pathlib import Path
    from dora_metrics.errors import DoraMetricsError
    from dora_metrics.storage.repository_manager import RepositoryManager
    from dora_metrics.storage.storage_manager import StorageManager

    if os.geteuid() == 0:  # after the imports: an installation may lie where nobody else can read
        os.setgroups([])
        os.setgid({NOBODY})
        os.setuid({NOBODY})
    manager = RepositoryManager(StorageManager(root=Path(sys.argv[1])), tool_version="0.1.0")
    try:
        manager.begin(command="extract", actor="ada", now=datetime(2025, 3, 2, tzinfo=timezone.utc))
    except DoraMetricsError as error:
        print(error.exit_code, error.line())
    else:
        print("writable")
    print(manager.head().number if "read" in sys.argv else "")
"""


@pytest.fixture(name="root")
def _root() -> Iterator[Path]:
    """A store that somebody else can reach, and owns when the tests run as root; pytest's own folder is too private."""
    place = Path(tempfile.mkdtemp())
    root = place / "data"
    add_lines(a_manager(root), b"one")
    if os.geteuid() == 0:
        place.chmod(0o711)
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    yield root
    for folder in (root, root / "history", root / "raw"):
        folder.chmod(0o700)
    shutil.rmtree(place)


def begin_as_nobody(root: Path, *more: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(root), *more]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("folder", ["", "history", "raw"])
def test_a_folder_that_cannot_be_written_is_refused_at_once_and_still_read(root: Path, folder: str) -> None:
    before = bytes_below(root)
    (root / folder).chmod(0o500)

    told, read = begin_as_nobody(root, "read").splitlines()

    assert told.startswith("7 error: cannot write: ")
    assert str(root / folder) in told
    assert "give this user the right to write there" in told
    assert read == "1"
    assert bytes_below(root) == before


def test_a_folder_that_can_be_written_is_taken(root: Path) -> None:
    """Without it, a test that sees 7 whatever the mode would pass."""
    assert begin_as_nobody(root) == "writable"


def test_a_folder_that_cannot_be_entered_is_refused(root: Path) -> None:
    root.chmod(0)

    assert begin_as_nobody(root).startswith("7 error: ")
