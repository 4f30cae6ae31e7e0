"""Folders that make a service, and which services the files of a commit belong to."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping


def split_prefixes(text: str) -> tuple[str, ...]:
    """The folders that a `path_prefix` names, in its order, without `./` before and `/` behind them.

    They are separated by commas; one with a comma in its name stands in double quotes. Empty for the whole repository.
    """
    cells = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(dict.fromkeys(folder for cell in cells if (folder := _plain(cell))))


def _plain(prefix: str) -> str:
    parts = [part for part in prefix.strip().split("/") if part not in ("", ".")]
    return "/".join(parts)


class PathIndex:
    """Named sets of folders, asked with the files of one commit after the other."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """`prefixes` is the `path_prefix` of each name; those of the whole repository are in no question."""
        self._names: dict[str, tuple[str, ...]] = {}
        for name, text in prefixes.items():
            for folder in split_prefixes(text):
                self._names[folder] = (*self._names.get(folder, ()), name)
        self._deepest = max((folder.count("/") + 1 for folder in self._names), default=0)
        self._first_parts = frozenset(folder.partition("/")[0] for folder in self._names)

    def touched(self, paths: Iterable[str]) -> set[str]:
        """The names below one of whose folders at least one of `paths` lies, or is that folder's name itself.

        By whole parts of the path: `api` holds `api/x.py`, and neither `api2/x.py` nor `libs/api/x.py`.
        """
        found: set[str] = set()
        for path in paths if self._names else ():
            if path.partition("/")[0] in self._first_parts:
                for folder in self._folders(path):
                    found.update(self._names.get(folder, ()))
        return found

    def _folders(self, path: str) -> Iterable[str]:
        """`path` cut after each of its parts, as deep as any folder that is asked for."""
        end = -1
        for _ in range(self._deepest):
            end = path.find("/", end + 1)
            if end < 0:
                yield path
                return
            yield path[:end]
