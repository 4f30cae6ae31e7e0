"""A repository's commits, loaded once: the graph, and the few words of each commit that rules look at."""

from __future__ import annotations

import copy
import re
import sys
from array import array
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Optional

from dora_metrics.domain.commit_graph import CommitGraph
from dora_metrics.domain.models import Commit
from dora_metrics.domain.path_scope import PathIndex
from dora_metrics.domain.timestamps import EARLIEST_S, LATEST_S, from_seconds

UNREADABLE = -(2**63)
"""Stands for a time that git cannot read."""
GIT_WAS_BORN_S = 1112832000
"""2005-04-07: no author date before it is true of git (definitions.md 5)."""
DAY_S = 86400
PLACES_AT_ONCE = 1024
"""So many are made when one is needed: `complete` takes back what was not."""

_REVERTS = re.compile(r"\bThis reverts commits? ((?:[0-9a-f]{7,64}(?:,? and |, | )?)+)")
_REVERTS_NUMBER = re.compile(r"^Reverts (?:([\w.-]+/[\w.-]+))?#(\d+)", re.MULTILINE)
_PICKED = re.compile(r"^\(cherry picked from commit ([0-9a-f]{7,64})\)\s*$", re.MULTILINE)
_HASH = re.compile(r"[0-9a-f]{7,64}")
_CLOSES = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)):?\s+"
    r"(?:https?://[^\s/]+/([\w.-]+/[\w.-]+)/issues/|([\w.-]+/[\w.-]+)?#)(\d{1,18})",
    re.IGNORECASE,
)


class History:
    """Commits by index: times, author, subject, and what their messages name."""

    def __init__(self, *, path_prefix: str = "", services: Optional[Mapping[str, str]] = None) -> None:
        """`services` are the path prefixes of named services, for `within`."""
        self.graph = CommitGraph()
        self.subjects: list[str] = []
        """First line of the message."""
        self.authors: list[str] = []
        self.reverts: dict[int, tuple[str, ...]] = {}
        """Hashes, maybe abbreviated, that the message says it reverts."""
        self.reverts_numbers: dict[int, tuple[tuple[str, int], ...]] = {}
        """(`owner/name` or empty, number) of "Reverts #12" in the body."""
        self.picked_from: dict[int, tuple[str, ...]] = {}
        """Hashes, maybe abbreviated, of "(cherry picked from commit X)"."""
        self.closes: dict[int, tuple[tuple[str, int], ...]] = {}
        """(`owner/name` or empty, number) of "Fixes #12" below the subject."""
        self.second_lines: dict[int, str] = {}
        """For "Merge …" subjects: the first line of the body, where GitHub writes the pull request's title."""
        self.in_prefix = bytearray()
        """1 where the commit touches a file below `path_prefix`; all 1 without one."""
        self._prefix = path_prefix
        self._services = {**(services or {}), "": path_prefix}
        self._index = PathIndex(self._services)
        self._touched = {name: bytearray() for name, prefix in (services or {}).items() if prefix}
        """Of each service with a prefix what `in_prefix` is of the whole."""
        self._authored = array("q")
        self._committed = array("q")

    @classmethod
    def from_commits(
        cls, commits: Iterable[Commit], *, path_prefix: str = "", services: Optional[Mapping[str, str]] = None
    ) -> History:
        """All of `commits`, in any order; a commit given twice counts once."""
        history = cls(path_prefix=path_prefix, services=services)
        for commit in commits:
            history.add(commit)
        return history.complete()

    def complete(self) -> History:
        """This history, once the last commit was added: each commit of the graph has its place, and none else has.

        Those that are only named as parents have theirs too.
        """
        size = len(self.graph)
        self._grow(size)
        for words in (self.subjects, self.authors):
            del words[size:]
        for touched in (self.in_prefix, *self._touched.values()):
            del touched[size:]
        for times in (self._authored, self._committed):
            del times[size:]
        return self

    def add(self, commit: Commit) -> None:
        """Take in one commit."""
        here = self.graph.add(commit.sha, commit.parents)
        if here >= len(self.subjects):
            self._grow(here + PLACES_AT_ONCE)
        self._authored[here] = _storable(commit.authored_s)
        self._committed[here] = _storable(commit.committed_s)
        subject, _, body = commit.message.lstrip("\n").partition("\n")
        self.subjects[here] = subject.strip()
        self.authors[here] = sys.intern(commit.author)
        self._read_body(here, body)
        for name in self._index.touched(commit.files_changed):
            (self._touched[name] if name else self.in_prefix)[here] = 1

    def _grow(self, size: int) -> None:
        missing = size - len(self.subjects)
        if missing > 0:
            self.subjects.extend([""] * missing)
            self.authors.extend([""] * missing)
            self.in_prefix.extend(bytes([0 if self._prefix else 1]) * missing)
            for touched in self._touched.values():
                touched.extend(bytes(missing))
            self._authored.extend([UNREADABLE] * missing)
            self._committed.extend([UNREADABLE] * missing)

    def _read_body(self, here: int, body: str) -> None:
        if self.subjects[here].startswith("Merge "):
            self.second_lines[here] = body.strip().partition("\n")[0].strip()
        if "This reverts commit" in body:
            named = tuple(sha for listed in _REVERTS.findall(body) for sha in _HASH.findall(listed))
            if named:
                self.reverts[here] = named
        if "Reverts " in body:
            numbers = numbers_reverted(body)
            if numbers:
                self.reverts_numbers[here] = numbers
        if "(cherry picked from commit" in body:
            picked = tuple(_PICKED.findall(body))
            if picked:
                self.picked_from[here] = picked
        if "#" in body or "/issues/" in body:
            closed = issues_closed(body)
            if closed:
                self.closes[here] = closed

    def repeated(self, commit: int) -> list[str]:
        """What a commit was picked from, and what that was picked from: a pick of a pick repeats the first one too.

        The nearest first; hashes as the messages have them, also of commits that nothing reaches or the clone lacks.
        """
        found = list(self.picked_from.get(commit, ()))
        for sha in found:
            picked = self.find(sha)
            further = () if picked is None else self.picked_from.get(picked, ())
            found.extend(one for one in further if one not in found)
        return found

    @property
    def path_prefix(self) -> str:
        """The path prefix in force; empty for the whole repository."""
        return self._prefix

    def within(self, service: str) -> History:
        """This history as `service` has it: of its own, only what it touches; everything else is shared, not copied."""
        prefix = self._services[service]
        view = copy.copy(self)
        view._prefix = prefix  # noqa: SLF001 (of the same class)
        view.in_prefix = self._touched[service] if prefix else bytearray(b"\1") * len(self)
        return view

    def __len__(self) -> int:
        return len(self.graph)

    def sha(self, commit: int) -> str:
        """The full hash."""
        return self.graph.sha(commit)

    def find(self, sha: Optional[str]) -> Optional[int]:
        """The commit with this hash, full or abbreviated to at least seven digits.

        `None` when there is none, or when an abbreviation fits several.
        """
        if not sha:
            return None
        found = self.graph.find(sha)
        if found is None and len(sha) < 40:  # noqa: PLR2004 (an abbreviated SHA-1)
            fits = self.graph.find_abbreviated(sha)
            found = fits[0] if len(fits) == 1 else None
        return found

    def committed_s(self, commit: int) -> Optional[int]:
        """Committer time in Unix seconds; `None` when git cannot read it, or no calendar holds it."""
        seconds = self._committed[commit]
        return seconds if EARLIEST_S <= seconds <= LATEST_S else None

    def committed_at(self, commit: int) -> Optional[datetime]:
        """Committer time; `None` as for `committed_s`."""
        return from_seconds(self.committed_s(commit))

    def has_bad_author_date(self, commit: int) -> bool:
        """Whether the author time cannot be true: before git existed, or over a day after the committer's."""
        return is_bad_author_time(self._authored[commit], self._committed[commit])

    def written_s(self, commit: int) -> Optional[int]:
        """When the change was written: the author time, or the committer's where that is bad (definitions.md 5).

        `None` when neither can be read.
        """
        return self.committed_s(commit) if self.has_bad_author_date(commit) else self._authored[commit]

    def raw_authored_s(self, commit: int) -> int:
        """The author time as stored, in Unix seconds; `UNREADABLE` when git cannot read it."""
        return self._authored[commit]

    def is_merge(self, commit: int) -> bool:
        """Whether it has more than one parent."""
        return self.graph.is_merge(commit)


def is_bad_author_time(authored_s: int, committed_s: int) -> bool:
    """Whether an author time cannot be true: before git existed, or over a day after the committer's."""
    if authored_s < GIT_WAS_BORN_S or authored_s > LATEST_S:
        return True
    return committed_s != UNREADABLE and authored_s > committed_s + DAY_S


def numbers_reverted(text: str) -> tuple[tuple[str, int], ...]:
    """(`owner/name` or empty, number) of each line "Reverts owner/name#12" or "Reverts #12"."""
    return tuple((owner, int(number)) for owner, number in _REVERTS_NUMBER.findall(text))


def issues_closed(text: str) -> tuple[tuple[str, int], ...]:
    """(`owner/name` or empty, number) of each "closes #12", "Fixed: owner/name#12" or "resolves https://…/issues/12"."""
    return tuple((linked or owner, int(number)) for linked, owner, number in _CLOSES.findall(text))


def _storable(seconds: Optional[int]) -> int:
    if seconds is None or not UNREADABLE < seconds < 2**63:
        return UNREADABLE
    return seconds
