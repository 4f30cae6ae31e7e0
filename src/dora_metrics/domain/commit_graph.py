"""The commit graph over small integers: what attribution walks, in a few bytes a commit.

A commit is known by its index, in the order of first mention. A commit that is only named as a parent (beyond a shallow
boundary, or dropped by a force-push) has an index too and is not `known`.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Optional

NO_PARENT = -1


class CommitGraph:
    """Parents and names of commits; grows by `add`, in any order of children and parents."""

    def __init__(self) -> None:
        self._index: dict[int, int] = {}
        self._names: list[int] = []
        """Hashes as numbers, see `_name_of`: a quarter smaller than bytes."""
        self._first = array("i")
        self._second = array("i")
        self._further: dict[int, tuple[int, ...]] = {}
        """The third and further parents: few commits have any."""
        self._known = bytearray()
        self._by_prefix: dict[str, list[int]] = {}
        self._generations = array("i")
        self._told: list[Optional[str]] = []
        """The hashes that were asked for: as text each is made once, since many facts name it."""

    def __len__(self) -> int:
        return len(self._names)

    def add(self, sha: str, parents: Sequence[str]) -> int:
        """The index of this commit, whose parents are now known; the same commit twice changes nothing."""
        here = self._intern(_name_of(sha))
        if self._known[here]:
            return here
        self._known[here] = 1
        if parents:
            self._first[here] = self._intern(_name_of(parents[0]))
        if len(parents) > 1:
            self._second[here] = self._intern(_name_of(parents[1]))
        if len(parents) > 2:  # noqa: PLR2004 (an octopus)
            self._further[here] = tuple(self._intern(_name_of(parent)) for parent in parents[2:])
        return here

    def _intern(self, name: int) -> int:
        found = self._index.get(name)
        if found is None:
            found = self._index[name] = len(self._names)
            self._names.append(name)
            self._first.append(NO_PARENT)
            self._second.append(NO_PARENT)
            self._known.append(0)
        return found

    def sha(self, commit: int) -> str:
        """The full hash."""
        told = self._told
        if len(told) < len(self._names):
            told += [None] * (len(self._names) - len(told))
        sha = told[commit]
        if sha is None:
            sha = told[commit] = f"{self._names[commit]:x}"[1:]
        return sha

    def find(self, sha: str) -> Optional[int]:
        """The index of a known commit by its full hash, in either case; `None` when it is not known."""
        try:
            found = self._index.get(_name_of(sha))
        except ValueError:
            return None
        return found if found is not None and self._known[found] else None

    def find_abbreviated(self, prefix: str) -> list[int]:
        """Known commits whose hash begins with these seven or more hex digits; empty for fewer."""
        if len(prefix) < 7:  # noqa: PLR2004 (git's own shortest default)
            return []
        if not self._by_prefix:
            for commit in range(len(self._names)):
                if self._known[commit]:
                    self._by_prefix.setdefault(self.sha(commit)[:7], []).append(commit)
        wanted = prefix.lower()
        return [commit for commit in self._by_prefix.get(wanted[:7], ()) if self.sha(commit).startswith(wanted)]

    def known(self, commit: int) -> bool:
        """Whether the commit itself was added, and not only named as a parent."""
        return bool(self._known[commit])

    @property
    def missing(self) -> int:
        """How many commits are named as parents and are not there."""
        return len(self._known) - sum(self._known)

    def first_parent(self, commit: int) -> Optional[int]:
        """The first parent; `None` for a root, or when the history is cut there."""
        parent = self._first[commit]
        return parent if parent != NO_PARENT and self._known[parent] else None

    def other_parents(self, commit: int) -> tuple[int, ...]:
        """The second and further known parents of a merge, in order; empty for any other commit."""
        second = self._second[commit]
        if second == NO_PARENT:
            return ()
        return tuple(parent for parent in (second, *self._further.get(commit, ())) if self._known[parent])

    def is_merge(self, commit: int) -> bool:
        """Whether it has more than one parent."""
        return self._second[commit] != NO_PARENT

    def parents(self, commit: int) -> tuple[int, ...]:
        """All known parents, the first one first."""
        first = self.first_parent(commit)
        return (() if first is None else (first,)) + self.other_parents(commit)

    def first_parent_line(self, tip: int) -> list[int]:
        """The commits from `tip` back along first parents, newest first."""
        line: list[int] = []
        here: Optional[int] = tip
        while here is not None:
            line.append(here)
            here = self.first_parent(here)
        return line

    def reach(self, tips: Iterable[int], seen: bytearray) -> Iterator[int]:
        """Mark and yield what `tips` reach and `seen` does not hold yet, each commit once, in no promised order.

        `seen` has one byte a commit and must be closed under parents: the walk does not enter what it marks.
        """
        first, second, further, known = self._first, self._second, self._further, self._known
        pending = list(tips)
        while pending:
            here = pending.pop()
            while here != NO_PARENT and not seen[here]:
                seen[here] = 1
                if known[here]:
                    yield here
                if second[here] != NO_PARENT:
                    pending.append(second[here])
                    pending.extend(further.get(here, ()))
                here = first[here]

    def sweep(self, tips: Sequence[int]) -> array[int]:
        """For each commit the position in `tips` of the first one that reaches it, or -1.

        One walk over all: what an earlier tip reached is not entered again, so each edge is looked at once
        (definitions.md 4). A tip of -1 reaches nothing.
        """
        first, second, further = self._first, self._second, self._further
        owner = array("i", [-1]) * len(self._names)
        for position, tip in enumerate(tips):
            pending = [tip]
            while pending:
                here = pending.pop()
                while here != NO_PARENT and owner[here] < 0:
                    owner[here] = position
                    if second[here] != NO_PARENT:
                        pending.append(second[here])
                        pending.extend(further.get(here, ()))
                    here = first[here]
        return owner

    def reaches(self, descendant: int, ancestor: int) -> bool:
        """Whether `ancestor` is `descendant` or lies behind it. Looks only at what could lie between."""
        generations = self._all_generations()
        floor = generations[ancestor]
        if generations[descendant] <= floor:
            return descendant == ancestor
        pending, seen = [descendant], {descendant}
        while pending:
            here = pending.pop()
            for parent in self.parents(here):
                if parent == ancestor:
                    return True
                if parent not in seen and generations[parent] > floor:
                    seen.add(parent)
                    pending.append(parent)
        return False

    def ancestors_among(self, commits: Collection[int]) -> dict[int, set[int]]:
        """For each of `commits` those of the others that lie behind it. Looks only at what could lie between, once."""
        generations = self._all_generations()
        wanted = list(dict.fromkeys(commits))
        floor = min((generations[commit] for commit in wanted), default=0)
        reached_by = {commit: 1 << place for place, commit in enumerate(wanted)}  # a bit for each of `wanted`
        found: dict[int, set[int]] = {commit: set() for commit in wanted}
        ahead = [(-generations[commit], commit) for commit in wanted]
        heapify(ahead)
        while ahead:  # children before parents: whatever reaches a commit has come before it
            _, here = heappop(ahead)
            reaching = reached_by.pop(here)
            if here in found:
                for place in _places(reaching):
                    found[wanted[place]].add(here)
                found[here].discard(here)
            for parent in self.parents(here):
                if generations[parent] < floor:
                    continue
                if parent not in reached_by:
                    reached_by[parent] = 0
                    heappush(ahead, (-generations[parent], parent))
                reached_by[parent] |= reaching
        return found

    def count_beyond(self, tip: int, behind: int) -> int:
        """How many known commits `tip` reaches and `behind` does not. Looks only at what could lie between."""
        generations = self._all_generations()
        ours = {tip: True}  # whether only `tip` reaches it, as far as the walk has come
        ours[behind] = False
        ahead = [(-generations[commit], commit) for commit in ours]
        heapify(ahead)
        count, pending = 0, sum(ours.values())
        while pending:
            _, here = heappop(ahead)
            alone = ours.pop(here)
            count += alone
            pending -= alone
            for parent in self.parents(here):
                if parent not in ours:
                    ours[parent] = alone
                    pending += alone
                    heappush(ahead, (-generations[parent], parent))
                elif ours[parent] and not alone:
                    ours[parent] = False
                    pending -= 1
        return count

    def _all_generations(self) -> array[int]:
        """For each commit one more than the highest of its parents; roots have 1. Kept until the graph grows."""
        if len(self._generations) != len(self._names):
            generations = array("i", [0]) * len(self._names)
            first, second = self._first, self._second
            for commit in reversed(range(len(self._names))):  # git tells children before parents
                parent = first[commit]
                if second[commit] == NO_PARENT and parent != NO_PARENT and generations[parent] and self._known[parent]:
                    generations[commit] = generations[parent] + 1
                elif not generations[commit]:
                    self._generation_up_to(commit, generations)
            self._generations = generations
        return self._generations

    def _generation_up_to(self, commit: int, generations: array[int]) -> None:
        pending = [commit]
        while pending:
            here = pending[-1]
            parents = self.parents(here)
            waiting = [parent for parent in parents if not generations[parent]]
            if waiting:
                pending.extend(waiting)
            else:
                generations[here] = 1 + max((generations[parent] for parent in parents), default=0)
                pending.pop()

    def ancestors(self, tip: int) -> bytearray:
        """One byte a commit: 1 for `tip` and all that it reaches."""
        seen = bytearray(len(self._names))
        for _ in self.reach((tip,), seen):
            pass
        return seen


class StoredCommits(Collection[str]):
    """The full hashes of the known commits of a graph, looked up in it: not another copy of a hundred thousand."""

    def __init__(self, graph: CommitGraph) -> None:
        self._graph = graph

    def __len__(self) -> int:
        return len(self._graph) - self._graph.missing

    def __iter__(self) -> Iterator[str]:
        graph = self._graph
        return (graph.sha(commit) for commit in range(len(graph)) if graph.known(commit))

    def __contains__(self, sha: object) -> bool:
        found = self._graph.find(sha) if isinstance(sha, str) else None
        return found is not None and self._graph.sha(found) == sha


def _places(bits: int) -> Iterator[int]:
    """The positions of the ones, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _name_of(sha: str) -> int:
    """A hash as a number, with a 1 before it that keeps leading zeros. Raises `ValueError` for what is no hash."""
    return int(f"1{sha}", 16)
