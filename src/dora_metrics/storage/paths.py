"""Names inside a store: what is refused, and which folder a repository gets. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from dora_metrics.errors import ConfigurationError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PART_BYTES = 255
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_NOT_READABLE = re.compile(r"[^A-Za-z0-9_-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_READABLE_LENGTH = 40


def checked(path: str) -> str:
    """`path` itself when it names a file below the store's top on every system.

    Raises `StorageError` for everything else: absolute, `..`, empty or hidden parts, control characters, backslashes,
    parts that are too long, that Windows reserves, or that end in a dot or a space.
    """
    if not path or not all(_is_safe(part) for part in path.split("/")):
        message = f"not a path inside the data folder: {path!r}"
        raise StorageError(message, remedy="choose a relative path of plain names")
    return path


def _is_safe(part: str) -> bool:
    return (
        not part.startswith(".")  # hidden names are ours: locks and drafts
        and part == part.rstrip(". ")
        and part != ""
        and part.isprintable()
        and "\\" not in part
        and _RESERVED.match(part) is None
        and len(part.encode("utf-8", "surrogatepass")) <= LONGEST_PART_BYTES
    )


def repository_folder(name: str, others: Iterable[str] = ()) -> str:
    """`owner/name` of a repository as two folder names, different for different repositories.

    Plain names stay as they are. Others, and one that differs from one of `others` in nothing but case, get a readable
    part, `~` and a hash of the name: no plain name holds a `~`.
    Raises `ConfigurationError` when `name` is not `owner/name`, or is not text.
    """
    owner, _, rest = name.partition("/")
    if not owner or not rest or not name.isprintable():
        message = f"not a repository name: {name!r}"
        raise ConfigurationError(message, remedy="give it as owner/name with `github`, or rename the clone's folder")
    if any(other != name and other.casefold() == name.casefold() for other in others):
        return f"{_folder(owner)}/{_encoded(rest, name)}"
    return f"{_folder(owner)}/{_folder(rest)}"


def _folder(part: str) -> str:
    plain = _PLAIN.fullmatch(part) and not part.endswith(".") and not _RESERVED.match(part)
    return part if plain else _encoded(part, part)


def _encoded(part: str, unique: str) -> str:
    readable = _NOT_READABLE.sub("_", part)[:_READABLE_LENGTH]
    return f"{readable}~{hashlib.sha256(unique.encode()).hexdigest()[:32]}"
