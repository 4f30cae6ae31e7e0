"""A history made in memory: the stream that `git fast-import` reads, and the hashes that git will give.

Messages such as "This reverts commit <hash>" need the hash before git has run, so it is worked out here in the same
way: SHA-1 over kind, size, a zero byte and content of files, folders and commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Files = Mapping[str, str]
"""Path, with slashes, to what stands in the file."""


@dataclass(frozen=True)
class Signature:
    """Who did something, and when."""

    name: str
    at_s: int
    """Unix seconds; written in UTC."""

    def __str__(self) -> str:
        address = self.name.lower().replace("[bot]", ".bot")
        return f"{self.name} <{address}@example.org> {self.at_s} +0000"


class GitStream:
    """Commits, refs and tags, in the order in which they are added."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._marks: dict[str, int] = {}
        self._files: dict[str, Files] = {}

    def __bytes__(self) -> bytes:
        """All of it, as `git fast-import --done` reads it."""
        return b"".join([*self._parts, b"done\n"])

    def files(self, sha: str) -> Files:
        """What the commit holds; nothing for the empty hash."""
        return self._files[sha] if sha else {}

    def commit(
        self,
        ref: str,
        *,
        parents: Sequence[str],
        author: Signature,
        committer: Signature,
        message: str,
        files: Files,
    ) -> str:
        """The hash of a new commit that holds `files`; `ref` (in full) points at it afterwards."""
        header = [f"tree {_tree(files)}", *(f"parent {parent}" for parent in parents)]
        content = "\n".join([*header, f"author {author}", f"committer {committer}", "", message])
        sha = _hash("commit", content.encode())
        before = self.files(parents[0] if parents else "")
        self._marks[sha] = len(self._marks) + 1
        self._files[sha] = dict(files)
        self._write(f"commit {ref}\nmark :{self._marks[sha]}\nauthor {author}\ncommitter {committer}\n")
        self._write_text(message)
        for word, parent in zip(["from", *["merge"] * len(parents)], parents):
            self._write(f"{word} :{self._marks[parent]}\n")
        for path in sorted(path for path in files if before.get(path) != files[path]):
            self._write(f"M 100644 inline {path}\n")
            self._write_text(files[path])
        self._write("".join(f"D {path}\n" for path in sorted(before) if path not in files) + "\n")
        return sha

    def ref(self, name: str, sha: str) -> None:
        """Let `name` (in full) point at a commit."""
        self._write(f"reset {name}\nfrom :{self._marks[sha]}\n\n")

    def tag(self, name: str, sha: str, *, tagger: Signature, message: str) -> None:
        """An annotated tag."""
        self._write(f"tag {name}\nfrom :{self._marks[sha]}\ntagger {tagger}\n")
        self._write_text(message)

    def _write(self, text: str) -> None:
        self._parts.append(text.encode())

    def _write_text(self, text: str) -> None:
        self._write(f"data {len(text.encode())}\n{text}\n")


def _hash(kind: str, content: bytes) -> str:
    return hashlib.sha1(b"%s %d\0%s" % (kind.encode(), len(content), content), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=4096)
def _blob(text: str) -> str:
    return _hash("blob", text.encode())


def _tree(files: Files) -> str:
    """The hash of a folder; git sorts a folder in it as if its name ended in a slash."""
    folders: dict[str, dict[str, str]] = {}
    entries: dict[str, tuple[str, str]] = {}
    for path, text in files.items():
        name, _, rest = path.partition("/")
        if rest:
            folders.setdefault(name, {})[rest] = text
        else:
            entries[name] = (f"100644 {name}", _blob(text))
    for name, inner in folders.items():
        entries[f"{name}/"] = (f"40000 {name}", _tree(inner))
    content = b"".join(entries[key][0].encode() + b"\0" + bytes.fromhex(entries[key][1]) for key in sorted(entries))
    return _hash("tree", content)
