"""Whatever call the disk refuses, or the process dies in: the store is as before or one commit further, and whole.

Invariants 1, 2, 3, 5 and 8 of the store, at every single call that changes anything. A store that writes its record
before the data must fail here, and so must one that writes records in place.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from dora_metrics.errors import IntegrityError, StorageError
from dora_metrics.storage.shared_file import replace_shared
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.transaction import Transaction
from dora_metrics.storage.verification import verify
from support.faulty_disk import EIO, ENOSPC, Death, FaultyDisk
from support.store_samples import HASH_A, MARCH_2, SHOP, a_manager, add_lines, bytes_below

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dora_metrics.storage.commit_record import RowCounts
    from dora_metrics.storage.repository_manager import RepositoryManager

Tree = dict[str, Any]
REVIEW = "processed/pending_review.csv"


def make_base(root: Path) -> Path:
    manager = a_manager(root)
    add_lines(manager, b"one", b"two")
    add_lines(manager, b"v1", stream="tags")
    return root


def change(manager: RepositoryManager) -> int:
    """A run that touches everything a run can touch."""
    with manager.begin(command="update", actor="ada", now=MARCH_2) as transaction:
        with transaction.open_segment(SHOP, "commits") as segment:
            segment.append(b"three")
        with transaction.open_segment("acme/web", "commits") as segment:
            segment.append(b"first")
        with transaction.open_segment(SHOP, "tags", replace=True) as segment:
            segment.append(b"v1")
            segment.append(b"v2")
        transaction.put_annotations(b"key\nx\n", rows=1)
        transaction.put_import(b"bytes", extension="csv")
        transaction.set_cursors(SHOP, {"tip": HASH_A})
        return transaction.commit().number


def change_again(root: Path) -> int:
    """The same run, as far as it is not done: nothing new, once the state holds it all."""
    manager = a_manager(root)
    head = manager.head()
    return head.number if head and "annotations" in head.files else change(manager)


def without_ids(tree: Tree) -> Tree:
    """What a store holds, without the random parts, the drafts that wait for the sweep, and empty folders."""
    named = {path: held for path, held in tree.items() if held is not None and not path.endswith(".tmp")}
    return {path: held if path.startswith("raw/") else None for path, held in named.items()}


def calls_of(run: Callable[[], object]) -> int:
    with FaultyDisk() as disk:
        run()
    return len(disk.calls)


class Harness:
    """Runs the change once for each call in it, on a fresh copy of the store each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with FaultyDisk():
            self.base = make_base(folder / "base")
            self.before = bytes_below(self.base)
            change(a_manager(self.copy("done")))
        self.after = bytes_below(folder / "done")
        counted = self.copy("count")
        self.points = calls_of(lambda: change(a_manager(counted)))

    def copy(self, name: str) -> Path:
        shutil.copytree(self.base, self.folder / name)
        return self.folder / name

    def strike(self, at: int, fault: Callable[[], BaseException], *, before: bool) -> None:
        root = self.copy(f"k{at}")
        outcome: object = None
        with FaultyDisk(at=at, fault=fault, before=before) as disk:
            try:
                outcome = change(a_manager(root))
            except (StorageError, Death) as error:
                outcome = error
        self.judge(root, outcome, disk.failed)
        with FaultyDisk():
            assert change_again(root) == 3, "the same run again succeeds"
        assert verify(StorageManager(root=root)).records == 3
        assert without_ids(bytes_below(root)) == without_ids(self.after)

    def judge(self, root: Path, outcome: object, failed: str | None) -> None:
        number = verify(StorageManager(root=root)).records
        assert number in {2, 3}, "old or new"
        tree = bytes_below(root)
        if outcome == 3:
            assert number == 3, "success means that it is there"
        elif isinstance(outcome, StorageError) and "outcome unknown" not in outcome.message:
            assert number == 2, "failure means that it is not"
            if failed not in {"unlink", "rmdir"}:
                assert {path: held for path, held in tree.items() if held is not None} == {
                    path: held for path, held in self.before.items() if held is not None
                }, "and leaves nothing"
        elif not isinstance(outcome, Death):
            assert "outcome unknown" in str(outcome)


@pytest.fixture(name="harness")
def _harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


@pytest.mark.parametrize(
    ("fault", "before"),
    [
        pytest.param(Death, True, id="the process dies"),
        pytest.param(ENOSPC, True, id="the disk is full"),
        pytest.param(EIO, False, id="the disk fails after the effect"),
    ],
)
def test_old_or_new_at_every_call(harness: Harness, fault: Callable[[], BaseException], before: bool) -> None:
    assert harness.points > 40, "the run makes that many calls, or nothing is tested"
    for at in range(1, harness.points + 1):
        harness.strike(at, fault, before=before)


def test_a_file_is_on_the_disk_before_it_has_a_name_and_its_name_before_success(tmp_path: Path) -> None:
    storage = StorageManager(root=tmp_path)

    with FaultyDisk() as disk:
        storage.write("file", b"content")
        storage.create_new("new", b"content")

    replaced = ["open", "write", "fsync", "rename", "fsync"]
    assert disk.calls == [*replaced, "open", "write", "fsync", "link", "unlink", "fsync"]


def record_first(self: Transaction, counts: dict[str, RowCounts]) -> object:
    record = self._next_record(counts)
    self._history.append(record)
    self._pending.publish()
    return record


def in_place(self: StorageManager, path: str, content: bytes) -> None:
    draft = self.draft(path.rpartition("/")[0])
    draft.publish(path)
    with (self._store.root / path).open("r+b", buffering=0) as file:  # type: ignore[attr-defined]
        file.write(content[:10])
    self.write(path, content)


@pytest.mark.parametrize(
    ("owner", "name", "bug"),
    [
        pytest.param(Transaction, "_write", record_first, id="record before data"),
        pytest.param(StorageManager, "create_new", in_place, id="record written in place"),
    ],
)
def test_the_harness_catches_a_planted_bug(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, bug: Callable[..., object]
) -> None:
    monkeypatch.setattr(owner, name, bug)

    def strike_everywhere() -> None:
        for at in range(harness.points, 0, -1):  # the record comes late
            harness.strike(at, Death, before=True)

    with pytest.raises(IntegrityError, match="damage"):
        strike_everywhere()


def test_what_a_person_saved_survives_every_crash(tmp_path: Path) -> None:
    """Invariant 6: it is in the file, or in backup/."""

    def replace(root: Path) -> list[str]:
        return replace_shared(StorageManager(root=root), REVIEW, lambda seen: b"new:" + (seen or b""), stamp="s")

    def saved(name: str) -> Path:
        root = tmp_path / name
        StorageManager(root=root).write(REVIEW, b"their words")
        return root

    root = saved("count")
    points = calls_of(lambda: replace(root))
    assert points > 10
    for fault in (Death, ENOSPC):
        for at in range(1, points + 1):
            root = saved(f"{fault.__name__}{at}")
            with FaultyDisk(at=at, fault=fault), suppress(Death, StorageError):
                replace(root)
            storage = StorageManager(root=root)
            held = [storage.read(path) for path in [REVIEW, *storage.list("backup/")] if storage.exists(path)]
            assert any(b"their words" in content for content in held), at
            if fault is ENOSPC:
                assert b"their words" in storage.read(REVIEW), at
