"""What a disk may hold after the power went: every image that a trace of one run allows.

Of a folder, what was forced to the disk is there, and of the later changes of its entries any first part; of a file,
what was forced is there, and of the rest nothing, half or all. Names and contents are forced apart from each other. A
rename from one folder to another never leaves a file without a name: so do all file systems with a journal.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

OPTIONS = ("-xx", "-s", "100000000")
"""How strace has to print strings."""
Image = Mapping[str, Optional[bytes]]
"""Content by path; `None` for a folder."""
MOST_COMBINATIONS = 64
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_PART = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|(?:\d+|AT_FDCWD)<([^>]*)>')
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


def images(before: Image, trace: Sequence[str], data: Path) -> Iterator[tuple[bool, Image]]:
    """All that the disk may hold below `data` at any moment of a run; each with whether the run was over by then."""
    disk = Disk.holding(before)
    yield from disk.images(over=False)
    for call in _calls(trace, data):
        if disk.apply(*call):
            yield from disk.images(over=False)
    yield from disk.images(over=True)


@dataclass(eq=False)
class Node:
    """A file or a folder, whatever it is called."""

    entries: Optional[dict[str, Node]] = None
    """Of a folder, as a process sees them."""
    stable: dict[str, Node] = field(default_factory=dict)
    """Of a folder, as they are on the disk."""
    pending: list[dict[str, Optional[Node]]] = field(default_factory=list)
    """Changes of the entries since; each is there as a whole or not at all."""
    content: bytes = b""
    forced: int = 0
    """How many bytes of the content are on the disk."""
    needs: dict[int, tuple[Node, int]] = field(default_factory=dict)
    """Of a folder: which of the pending changes, by position, is never there without which one of another folder."""

    def change(self, change: dict[str, Optional[Node]]) -> None:
        """Of a folder: add, replace or (`None`) remove entries in one step."""
        assert self.entries is not None
        self.pending.append(change)
        _put(self.entries, change)

    def sync(self) -> None:
        """Force it to the disk."""
        for other, _ in self.needs.values():
            other.sync()
        for change in self.pending:
            _put(self.stable, change)
        self.pending.clear()
        self.needs.clear()
        self.forced = len(self.content)


class Disk:
    """The tree below the data folder while a run changes it."""

    def __init__(self) -> None:
        self.root = Node(entries={})
        self.folders = [self.root]

    @classmethod
    def holding(cls, before: Image) -> Disk:
        """One that holds all of `before` for certain."""
        disk = cls()
        for path, content in sorted(before.items()):
            parent, name = disk._parent(path)
            parent.change({name: disk._new(None if content is None else content)})
        for folder in disk.folders:
            folder.sync()
        return disk

    def apply(self, call: str, paths: Sequence[str], content: bytes) -> bool:
        """Do what a call did; whether it was one that changes or forces something."""
        if call in {"openat", "mkdirat"}:
            parent, name = self._parent(paths[0])
            assert parent.entries is not None
            if name in parent.entries:
                return False
            parent.change({name: self._new(b"" if call == "openat" else None, forced=0)})
        elif call == "write":
            self._find(paths[0]).content += content
        elif call in {"fsync", "fdatasync"}:
            self._find(paths[0]).sync()
        elif call == "linkat":
            parent, name = self._parent(paths[1])
            parent.change({name: self._find(paths[0])})
        elif call == "unlinkat":
            parent, name = self._parent(paths[0])
            parent.change({name: None})
        elif call == "renameat":
            self._rename(*paths)
        else:
            message = f"a call that the model does not know: {call}"
            raise AssertionError(message)
        return True

    def _rename(self, old: str, new: str) -> None:
        node, (source, old_name), (target, new_name) = self._find(old), self._parent(old), self._parent(new)
        if source is target:
            source.change({new_name: node, old_name: None})
        else:
            target.change({new_name: node})
            source.change({old_name: None})
            source.needs[len(source.pending)] = (target, len(target.pending))

    def images(self, *, over: bool) -> Iterator[tuple[bool, Image]]:
        """What may be left of it now."""
        unsettled = [folder for folder in self.folders if folder.pending]
        for lengths in _lengths([len(folder.pending) for folder in unsettled]):
            kept = dict(zip(map(id, unsettled), lengths))
            if all(_has_what_it_needs(folder, kept) for folder in unsettled):
                for share in (0.0, 0.5, 1.0):
                    yield over, dict(_walk(self.root, "", kept, share))

    def _new(self, content: Optional[bytes], forced: Optional[int] = None) -> Node:
        if content is None:
            node = Node(entries={})
            self.folders.append(node)
            return node
        return Node(content=content, forced=len(content) if forced is None else forced)

    def _find(self, path: str) -> Node:
        node = self.root
        for part in filter(None, path.split("/")):
            assert node.entries is not None
            node = node.entries[part]
        return node

    def _parent(self, path: str) -> tuple[Node, str]:
        folder, _, name = path.rpartition("/")
        return self._find(folder), name


def _lengths(most: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """How many changes of each folder are there: every combination, or if too many one folder's alone."""
    if math.prod(length + 1 for length in most) <= MOST_COMBINATIONS:
        yield from itertools.product(*(range(length + 1) for length in most))
        return
    for others in (tuple(0 for _ in most), tuple(most)):
        for place, length in enumerate(most):
            yield from ((*others[:place], kept, *others[place + 1 :]) for kept in range(length + 1))


def _has_what_it_needs(folder: Node, kept: Mapping[int, int]) -> bool:
    return all(
        place > kept[id(folder)] or not other.pending or kept[id(other)] >= needed
        for place, (other, needed) in folder.needs.items()
    )


def _put(entries: dict[str, Node], change: Mapping[str, Optional[Node]]) -> None:
    for name, node in change.items():
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


def _walk(folder: Node, path: str, kept: Mapping[int, int], share: float) -> Iterator[tuple[str, Optional[bytes]]]:
    entries = dict(folder.stable)
    for change in folder.pending[: kept.get(id(folder), 0)]:
        _put(entries, change)
    for name, node in entries.items():
        if node.entries is None:
            unforced = len(node.content) - node.forced
            yield path + name, node.content[: node.forced + int(unforced * share)]
        else:
            yield path + name, None
            yield from _walk(node, f"{path}{name}/", kept, share)


def _calls(trace: Sequence[str], data: Path) -> Iterator[tuple[str, list[str], bytes]]:
    """Each call that succeeded below `data`: its name, the paths in it, and what it wrote."""
    prefix = str(data)
    for line in trace:
        found = _CALL.match(line)
        if found is None or int(found[3]) < 0 or (found[1] == "openat" and "O_CREAT" not in found[2]):
            continue
        paths, strings = _paths(found[1], found[2])
        if not paths or not paths[0].startswith(prefix):
            continue
        inside = [path[len(prefix) :].lstrip("/") for path in paths]
        yield found[1], inside, strings[-1].encode("latin-1")[: int(found[3])] if found[1] == "write" else b""


def _paths(call: str, arguments: str) -> tuple[list[str], list[str]]:
    """The paths that a call names, each with the folder it is relative to in front; and all its strings."""
    paths, strings = [], []
    for string, folder in _PART.findall(arguments):
        if folder:
            paths.append(_text(folder))
        else:
            strings.append(_text(string))
    if call != "write" and strings:
        paths = [name if name.startswith("/") else f"{folder}/{name}" for folder, name in zip(paths, strings)]
    return paths, strings


def _text(escaped: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), escaped)
