"""Pages of GitHub into staging, from where they are merged into the store: nothing new is no line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Callable, Generic, Optional

from dora_metrics.domain.github_source import GitHubSource, Page
from dora_metrics.domain.models import PullRequest
from dora_metrics.domain.progress import Progress
from dora_metrics.domain.timestamps import EPOCH
from dora_metrics.pipeline.github_streams import Fact, FactStream
from dora_metrics.storage.staging import Checkpoint, StagedStream
from dora_metrics.storage.transaction import Transaction

FRESH = timedelta(minutes=5)
"""So long after its last page a reading goes on as if nothing had happened; a change in between that is behind it is
seen by the next run, as one between two pages is."""
MOST_ITEMS = 100
NO_CHECKPOINT = Checkpoint(None, None, settled=True, read_at=None)


@dataclass
class Reading(Generic[Fact]):
    """One stream of one repository in one run, what an earlier run had staged included."""

    stream: FactStream[Fact]
    staged: StagedStream
    source: GitHubSource
    progress: Progress
    pages: int = 0
    """Read by now, staged ones included."""
    seen: set[str] = field(default_factory=set)
    """Node ids of the items that were read just now, or a moment ago."""
    total: Optional[int] = None
    cursor: Optional[str] = None

    def read(self, ask: Callable[[Optional[str]], Iterable[Page[Fact]]], base: Optional[str]) -> None:
        """Ask for the pages behind `base`, or behind what is staged, and stage each."""
        after, at = self._begin(base)
        for page in ask(after):
            self.pages += 1
            self.total = page.total
            self.seen.update(item.node_id for item in page.items)
            at = self._after(page, at)
            if page.items:
                self.staged.add([self.stream.codec.encode(item) for item in page.items], at)
            self.progress.advance(len(page.items))
        self.cursor = at.cursor

    def read_whole(self, ask: Callable[[Optional[str]], Iterable[Page[Fact]]]) -> None:
        """As `read`, for a list that must not be put together from pages of different times."""
        if not self._fresh():
            self.staged.clear()
        self.read(ask, None)

    def read_by_id(self, ids: Iterable[str], ask: Callable[[Sequence[str]], Iterable[Page[Fact]]]) -> list[str]:
        """Ask for these node ids, but for those read just now; returns the ids that no longer exist."""
        if not self._fresh():
            self.staged.clear()
        self._see_staged()
        wanted = sorted(set(ids) - self.seen)
        if wanted:
            self.read(lambda _: _gathered(ask(wanted)), None)
        return [node_id for node_id in wanted if node_id not in self.seen]

    def facts(self) -> Iterator[Fact]:
        """All that is staged, in the order it was read."""
        return (self.stream.codec.decode(line) for line in self.staged.lines())

    def _begin(self, base: Optional[str]) -> tuple[Optional[str], Checkpoint]:
        found = self.staged.checkpoint
        if found is None:
            return base, replace(NO_CHECKPOINT, cursor=base)
        self.pages += self.staged.pages
        if self._fresh():
            self._see_staged()
            return found.end or found.cursor, found
        return found.cursor, replace(NO_CHECKPOINT, cursor=found.cursor)

    def _fresh(self) -> bool:
        found, now = self.staged.checkpoint, self.source.server_time
        return found is not None and None not in (found.read_at, now) and _between(found.read_at, now) <= FRESH

    def _see_staged(self) -> None:
        self.seen.update(fact.node_id for fact in self.facts())

    def _after(self, page: Page[Fact], before: Checkpoint) -> Checkpoint:
        """Where the reading stands; once an item was too young, no later one moves the cursor past it."""
        young = page.end is not None and page.cursor != page.end
        return Checkpoint(
            cursor=page.cursor if before.settled and page.cursor is not None else before.cursor,
            end=page.end or before.end,
            settled=before.settled and not young,
            read_at=self.source.server_time,
        )


def _gathered(pages: Iterable[Page[Fact]]) -> Iterator[Page[Fact]]:
    """Pages of a hundred items, where the source gives smaller ones: each will be a file."""
    items: list[Fact] = []
    for page in pages:
        items += page.items
        if len(items) >= MOST_ITEMS:
            yield Page(tuple(items), None)
            items = []
    if items:
        yield Page(tuple(items), None)


def _between(earlier: Optional[datetime], later: Optional[datetime]) -> timedelta:
    return abs((later or EPOCH) - (earlier or EPOCH))


def limited(
    pages: Iterable[Page[PullRequest]], since: Optional[datetime], until: Optional[datetime]
) -> Iterator[Page[PullRequest]]:
    """Those touched from `since` on and before `until`; behind that nothing is asked, and no cursor goes there."""
    for page in pages:
        items = tuple(item for item in page.items if since is None or (item.updated_at or EPOCH) >= since)
        if until is not None and any((item.updated_at or EPOCH) >= until for item in items):
            before = tuple(item for item in items if (item.updated_at or EPOCH) < until)
            yield replace(page, items=before, cursor=None, end=None)
            return
        yield replace(page, items=items)


@dataclass
class Merged:
    """What a merge has stored."""

    added: int = 0
    changed: int = 0
    incomplete: list[int] = field(default_factory=list)
    """Numbers of pull requests that GitHub did not give whole."""

    @property
    def anything(self) -> bool:
        """Whether any line was stored."""
        return bool(self.added or self.changed)


def merge(
    transaction: Transaction,
    name: str,
    stream: FactStream[Fact],
    sources: Sequence[Callable[[], Iterable[bytes]]],
    stored: Callable[[], Iterable[Fact]],
) -> Merged:
    """Append to the store those lines of `sources` that say more than `stored` does, each fact once.

    Both are read as often as needed, never held: memory grows with the number of facts, not with their size.
    """
    chosen: dict[str, tuple[Any, int]] = {}
    for number, line in enumerate(_lines(sources)):
        fact = stream.codec.decode(line)
        version = stream.version(fact)
        if fact.node_id not in chosen or version >= chosen[fact.node_id][0]:
            chosen[fact.node_id] = version, number
    known = _known(stream, stored, chosen)
    numbers = {number: node_id for node_id, (_, number) in chosen.items()}
    merged = Merged()
    lines: list[int] = []
    for number, line in enumerate(_lines(sources)):
        if number in numbers and _says_more(chosen[numbers[number]][0], line, known.get(numbers[number])):
            lines.append(number)
            _count(merged, stream.codec.decode(line), is_new=numbers[number] not in known)
    if lines:
        _append(transaction, name, stream.name, sources, set(lines))
    return merged


def _lines(sources: Sequence[Callable[[], Iterable[bytes]]]) -> Iterator[bytes]:
    return chain.from_iterable(source() for source in sources)


def _known(
    stream: FactStream[Fact], stored: Callable[[], Iterable[Fact]], chosen: dict[str, tuple[Any, int]]
) -> dict[str, tuple[Any, bytes]]:
    """Version and digest of the stored facts that were read again; the store is left alone when there are none."""
    known: dict[str, tuple[Any, bytes]] = {}
    for fact in stored() if chosen else ():
        version = stream.version(fact)
        if fact.node_id in chosen and (fact.node_id not in known or version >= known[fact.node_id][0]):
            known[fact.node_id] = version, _digest(stream.codec.encode(fact))
    return known


def _says_more(version: Any, line: bytes, known: Optional[tuple[Any, bytes]]) -> bool:
    return known is None or (version >= known[0] and _digest(line) != known[1])


def _digest(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()


def _count(merged: Merged, fact: object, *, is_new: bool) -> None:
    merged.added += is_new
    merged.changed += not is_new
    if isinstance(fact, PullRequest) and fact.incomplete:
        merged.incomplete.append(fact.number)


def _append(
    transaction: Transaction,
    name: str,
    stream: str,
    sources: Sequence[Callable[[], Iterable[bytes]]],
    numbers: set[int],
) -> None:
    with transaction.open_segment(name, stream) as segment:
        for number, line in enumerate(_lines(sources)):
            if number in numbers:
                segment.append(line)
