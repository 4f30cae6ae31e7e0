"""Which tags look like versions, which of those are pre-releases, and the order of versions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Callable

_DOTTED = re.compile(r"(^|[-_/@])v?\d+(\.\d+)+")
_WHOLE = re.compile(r"(^|[-_/@])v?\d+$")
_PRERELEASE = re.compile(
    r"(?:[-_.+]?(?:rc|alpha|beta|preview|snapshot|nightly)[-_.]?\d*|(?<=\d)(?:a|b)\d+|[-.]dev[-_.]?\d*)(?![a-z])",
    re.IGNORECASE,
)
_PIECE = re.compile(r"\d+|[a-z]+", re.IGNORECASE)

VersionKey = tuple[object, ...]


def tag_matcher(pattern: str, names: Iterable[str]) -> Callable[[str], bool]:
    """What says whether a tag counts as a version (definitions.md 11).

    `pattern` is a shell pattern whose `*` crosses `/`. Empty: tags with a dotted version in them, or, when none of
    `names` has one, tags that end in a whole number.
    """
    if pattern:
        compiled = re.compile(translate(pattern))
        return lambda name: compiled.match(name) is not None
    version_like = _DOTTED if any(_DOTTED.search(name) for name in names) else _WHOLE
    return lambda name: version_like.search(name) is not None


def is_prerelease(name: str) -> bool:
    """Whether the tag is named as a pre-release: `2.0rc1`, `v1.0.0-beta.2`, `3.1a1`, `1.0.dev3`."""
    version = _DOTTED.search(name)
    return _PRERELEASE.search(name, version.start() if version else 0) is not None


def version_key(name: str) -> VersionKey:
    """What sorts versions as people do: 1.9 before 1.10, and 2.0rc1 before 2.0."""
    prerelease = _PRERELEASE.search(name)
    stem, rest = (name[: prerelease.start()], name[prerelease.start() :]) if prerelease else (name, "")
    return (_pieces(stem), 0 if prerelease else 1, _pieces(rest), name)


def _pieces(text: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((1, int(piece), "") if piece.isdigit() else (0, 0, piece.lower()) for piece in _PIECE.findall(text))
