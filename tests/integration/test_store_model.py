"""Any sequence of changes, crashes and leavings gives what a plain dictionary would."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dora_metrics.errors import StorageError
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support.faulty_disk import EIO, Death, FaultyDisk
from support.store_samples import MARCH_2, a_manager

if TYPE_CHECKING:
    from dora_metrics.storage.transaction import Transaction

REPOSITORIES = st.sampled_from(["acme/shop", "Acme/Shop", "local/my repo"])
STREAMS = st.sampled_from(["commits", "tags"])
LINES = st.lists(st.binary(max_size=4).map(lambda line: line.replace(b"\n", b"n")), max_size=3)
Streams = dict[tuple[str, str], list[bytes]]


class StoreMachine(RuleBasedStateMachine):
    """One store; `streams` and `annotations` are what it should hold, `…_next` what the open transaction adds."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp()) / "data"
        self.manager = a_manager(self.root)
        self.commits = 0
        self.streams: Streams = {}
        self.annotations: Optional[bytes] = None
        self.transaction: Optional[Transaction] = None
        self.streams_next: Streams = {}
        self.annotations_next: Optional[bytes] = None

    def teardown(self) -> None:
        if self.transaction:
            self.transaction.abandon()
        shutil.rmtree(self.root.parent)

    def started(self) -> Transaction:
        if self.transaction is None:
            self.transaction = self.manager.begin(command="model", actor="ada", now=MARCH_2)
            self.streams_next = dict(self.streams)
            self.annotations_next = self.annotations
        return self.transaction

    @rule(repository=REPOSITORIES, stream=STREAMS, lines=LINES, replace=st.booleans())
    def add(self, repository: str, stream: str, lines: list[bytes], replace: bool) -> None:
        with self.started().open_segment(repository, stream, replace=replace) as segment:
            for line in lines:
                segment.append(line)
        before = [] if replace else self.streams_next.get((repository, stream), [])
        self.streams_next[repository, stream] = before + lines

    @rule(repository=REPOSITORIES)
    def restart(self, repository: str) -> None:
        self.started().restart(repository)
        self.streams_next = {key: lines for key, lines in self.streams_next.items() if key[0] != repository}

    @rule(content=st.sampled_from([b"one", b"two"]))
    def annotate(self, content: bytes) -> None:
        self.started().put_annotations(content, rows=1)
        self.annotations_next = content

    @precondition(lambda self: self.transaction)
    @rule()
    def abandon(self) -> None:
        self.started().abandon()
        self.transaction = None

    @precondition(lambda self: self.transaction)
    @rule()
    def commit(self) -> None:
        transaction = self.started()
        self.commits += transaction.changed
        assert transaction.commit().number == self.commits
        transaction.abandon()
        self.adopt()

    @precondition(lambda self: self.transaction)
    @rule(at=st.integers(1, 25), fault=st.sampled_from([Death, EIO]), before=st.booleans())
    def commit_in_trouble(self, at: int, fault: type[BaseException], before: bool) -> None:
        transaction = self.started()
        changed = transaction.changed
        with FaultyDisk(at=at, fault=fault, before=before), suppress(Death, StorageError):
            transaction.commit()
        transaction.abandon()
        head = self.manager.head()
        number = head.number if head else 0
        assert number in {self.commits, self.commits + changed}
        if number > self.commits or not changed:
            self.commits = number
            self.adopt()
        self.transaction = None

    def adopt(self) -> None:
        self.streams, self.annotations, self.transaction = self.streams_next, self.annotations_next, None

    @invariant()
    def the_store_holds_what_the_dictionary_holds(self) -> None:
        assert verify(StorageManager(root=self.root)).records == self.commits
        assert len(list(self.manager.records())) == self.commits
        assert self.manager.read_annotations() == self.annotations
        for (repository, stream), lines in self.streams.items():
            assert list(self.manager.read_lines(repository, stream)) == lines


StoreMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestStore = StoreMachine.TestCase
