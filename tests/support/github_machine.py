"""Any history of a repository on GitHub, with runs in between, changes between pages, and deaths after any request.

Once the world is quiet, one more run makes the store equal to the server.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Optional

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from dora_metrics.domain.github_source import GitHubSource
from support.faulty_disk import FaultyDisk
from support.github_memory import LABEL, MemoryGitHub, MemoryWorld
from support.github_sync import Sync, difference

NUMBERS = st.integers(1, 6)
LABELS = st.sampled_from([(), ("hotfix",), ("a", "b")])
PASSED = st.sampled_from([0.0, 1.0, 30.0, 150.0, 4000.0, 90_000.0, 2_000_000.0])
"""Seconds."""
CHANGES = st.tuples(
    st.sampled_from(["merge", "label", "publish", "delete", "deploy", "finish", "open", "unlabel", "close", "tick"]),
    NUMBERS,
    LABELS,
    PASSED,
)
Change = tuple[str, int, tuple[str, ...], float]


class DivergedError(AssertionError):
    """The store does not say what the server says."""


class Death(BaseException):
    """The process ends here."""


def happen(world: MemoryWorld, change: Change) -> None:
    """One thing that people do; what is not possible changes nothing."""
    what, number, labels, passed = change
    if what == "tick":
        world.tick(seconds=passed)
    elif what == "merge" and not world.find(f"PR_{number}"):
        world.merge_pull(number, labels=labels)
    elif what == "label" and world.find(f"PR_{number}"):
        world.touch_pull(number, labels=labels)
    elif what == "publish":
        world.publish(number, tag=f"v{number}{''.join(labels)}")
    elif what == "delete" and world.find(f"RE_{number}"):
        world.remove(f"RE_{number}")
    elif what == "deploy" and not world.find(f"DE_{number}"):
        world.deploy(number)
    elif what == "finish" and world.find(f"DE_{number}") and not world.find(f"DE_{number}").is_terminal:
        world.finish(number)
    else:
        _change_issue(world, what, number, labels)


def _change_issue(world: MemoryWorld, what: str, number: int, labels: tuple[str, ...]) -> None:
    issue = world.find(f"I_{number}")
    if what == "open" and not issue:
        world.open_issue(number)
    elif what == "open":
        world.touch_issue(number, labels=(LABEL, *labels), closed_at=None)
    elif what == "unlabel" and issue:
        world.touch_issue(number, labels=labels)
    elif what == "close" and issue:
        world.touch_issue(number, closed_at=world.now)


class GitHubMachine(RuleBasedStateMachine):
    """One world and one store. A subclass may plant a bug, or take another GitHub."""

    descending = False

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.sync = Sync(self.root / "data")
        self.world = MemoryWorld()

    def teardown(self) -> None:
        """The oracle."""
        try:
            self.live([("tick", 0, (), 600.0)])
            self.run(self.source(2))
            wrong = self.wrong()
            if wrong:
                raise DivergedError(wrong)
            records = self.sync.records()
            self.run(self.source(100))
            assert self.sync.records() == records, "nothing was new, and yet the store was changed"
        finally:
            shutil.rmtree(self.root)

    def run(self, source: GitHubSource) -> None:
        with FaultyDisk():  # nothing is forced to the disk, which takes long and tells nothing here
            self.sync.run(source)

    def source(
        self, page_size: int, before: Callable[[int], None] = lambda _: None, lags: Sequence[int] = (0,)
    ) -> GitHubSource:
        return MemoryGitHub(
            self.world, page_size, before, lambda number: lags[number % len(lags)], descending=self.descending
        )

    def happen(self, change: Change) -> None:
        happen(self.world, change)

    def wrong(self) -> dict[str, Any]:
        return difference(self.sync.facts(), self.world)

    @initialize(changes=st.lists(CHANGES, max_size=20))
    def begin(self, changes: list[Change]) -> None:
        self.live(changes)

    @rule(changes=st.lists(CHANGES, min_size=1, max_size=5))
    def live(self, changes: list[Change]) -> None:
        for change in changes:
            self.happen(change)

    @rule(
        between=st.dictionaries(st.integers(1, 14), CHANGES, max_size=6),
        lags=st.lists(st.sampled_from([0, 0, 60]), min_size=1, max_size=5),
        dies_at=st.none() | st.integers(1, 14),
        page_size=st.integers(1, 3),
        later=PASSED,
    )
    def update(
        self, between: dict[int, Change], lags: list[int], dies_at: Optional[int], page_size: int, later: float
    ) -> None:
        def before(number: int) -> None:
            if number == dies_at:
                raise Death
            if number in between:
                self.happen(between[number])

        with suppress(Death):
            self.run(self.source(page_size, before, lags))
        self.happen(("tick", 0, (), later))
