"""Which changes take back which others (definitions.md 11)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Optional

from dora_metrics.domain.history import History, numbers_reverted
from dora_metrics.processors.drafts import Draft

_REVERT_TITLE = re.compile(r'^Revert\s+"(?P<quoted>.*)"', re.IGNORECASE)
_NUMBER_AT_END = re.compile(r"\(#(\d+)\)\s*$")


def is_revert_title(title: str) -> bool:
    """Whether the title is `Revert "…"`, as git and GitHub write it."""
    return _REVERT_TITLE.match(title) is not None


class RevertReader:
    """Finds what a change reverts: by the hashes its commits name, then by number, never by a title alone."""

    def __init__(
        self, history: History, change_of: Mapping[int, str], numbers: Mapping[int, str], *, repository: str
    ) -> None:
        """`change_of` is the key of each commit's change; `numbers` the key of each pull request's."""
        self._history = history
        self._change_of = change_of
        self._numbers = numbers
        self._repository = repository.lower()
        self._naming = history.reverts.keys() | history.reverts_numbers.keys()

    def read(self, draft: Draft) -> Optional[tuple[str, ...]]:
        """The keys of what a change takes back, by its title or its commits; `None` when neither says that it does."""
        body = None if draft.pull_request is None else draft.pull_request.body
        if not body and draft.title[:6].lower() != "revert" and self._naming.isdisjoint(draft.commits):
            return None
        named = self._by_hash(draft.key, draft.commits)
        targets = named or self._by_number(draft, body)
        if named is None and not targets and not is_revert_title(draft.title):
            return None
        return tuple(key for key in targets if key != draft.key)

    def _by_hash(self, key: str, commits: Sequence[int]) -> Optional[tuple[str, ...]]:
        """Changes whose commits are named; `None` when no commit outside this change is."""
        targets: dict[str, None] = {}
        outside = False
        for commit in commits:
            for sha in self._history.reverts.get(commit, ()):
                reverted = self._history.find(sha)
                target = None if reverted is None else self._change_of.get(reverted)
                outside = outside or target != key
                if target is not None and target != key:
                    targets[target] = None
        return tuple(targets) if outside else None

    def _by_number(self, draft: Draft, body: Optional[str]) -> tuple[str, ...]:
        for owner, number in self._body_numbers(draft.commits, body):
            if owner.lower() in ("", self._repository) and number in self._numbers:
                return (self._numbers[number],)
        quoted = _REVERT_TITLE.match(draft.title)
        at_end = _NUMBER_AT_END.search(quoted["quoted"]) if quoted else None
        target = self._numbers.get(int(at_end[1])) if at_end else None
        return () if target is None else (target,)

    def _body_numbers(self, commits: Sequence[int], body: Optional[str]) -> list[tuple[str, int]]:
        found = [pair for commit in commits for pair in self._history.reverts_numbers.get(commit, ())]
        if body:
            found.extend(numbers_reverted(body))
        return found
