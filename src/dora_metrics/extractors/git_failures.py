"""What git's complaints mean to a person: which error, about which object or folder, and what to do."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from dora_metrics.errors import BusyError, DoraMetricsError, RepositoryError

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

_HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
_FOREIGN = re.compile(r"(?:dubious ownership in repository at|unsafe repository \()\s*'([^'\n]+)'")
_BAD_TIP = re.compile(r"fatal: bad object ([0-9a-f]{40,64})\b")
_FATAL = re.compile(r"^(?:fatal|error): (.+)$", re.MULTILINE)
_DAMAGE = re.compile(
    r"bad object|missing object|unable to read|could not read|could not parse|could not fetch|is corrupt|"
    r"failed to traverse|unable to find|unable to unpack|inflate|alternate object path|/alternates|bad tree",
    re.IGNORECASE,
)


def foreign_path(complaint: str) -> str:
    """The repository that git refuses because another user owns it; empty when that is not the complaint."""
    match = _FOREIGN.search(complaint)
    return match[1] if match else ""


def vanished_tip(complaint: str, tips: Container[str]) -> bool:
    """Whether git missed a tip that was there a moment ago."""
    match = _BAD_TIP.search(complaint)
    return match is not None and match[1] in tips


def tip_gone(path: Path) -> BusyError:
    """The repository was rewritten and tidied while it was read."""
    return BusyError(
        f"{path} changed while it was read: a commit that a branch or tag named is gone", remedy="run the command again"
    )


def failure(complaint: str, path: Path) -> DoraMetricsError:
    """The error for a git that failed with this complaint; always one with exit code 5."""
    foreign = foreign_path(complaint)
    if foreign:
        return RepositoryError(
            f"{foreign} belongs to another user, so git does not read it",
            remedy=f"run: git config --global --add safe.directory {shlex.quote(foreign)}",
        )
    if "cannot change to" in complaint:
        return RepositoryError(f"{path} is no folder that can be read", remedy="give the path of a clone")
    if "not a git repository" in complaint:
        return RepositoryError(f"{path} is no git repository", remedy="run it in a clone, or give the path of one")
    if _DAMAGE.search(complaint):
        return _damaged(complaint, path)
    fatal = _FATAL.findall(complaint)
    said = fatal[-1] if fatal else complaint.strip() or "it did not say why"
    return RepositoryError(f"git cannot read {path}: {said}", remedy="run: git fsck")


def _damaged(complaint: str, path: Path) -> RepositoryError:
    """Objects are missing or broken: name the one that git stumbled over first."""
    found = _HASH.search(complaint)
    which = f"object {found[0]}" if found else "an object"
    if "promisor" in complaint:
        return RepositoryError(
            f"{which} is not in {path}, a partial clone without trees",
            remedy="run: git fetch --refetch --filter=blob:none (only blobs may be missing)",
        )
    if "alternate" in complaint:
        return RepositoryError(
            f"{which} is not in {path}, which borrows objects from a folder that is gone",
            remedy="mend objects/info/alternates, or clone again",
        )
    return RepositoryError(
        f"{which} in {path} is missing or damaged", remedy="run: git fsck, then fetch or clone again"
    )
