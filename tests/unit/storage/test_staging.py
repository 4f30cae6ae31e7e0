"""What a killed run leaves is picked up page by page; what does not fit, or is damaged, is not."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Optional

import pytest

from dora_metrics.errors import StorageError
from dora_metrics.storage.staging import Checkpoint, StagedStream, Staging
from dora_metrics.storage.storage_manager import StorageManager
from support.faulty_disk import EIO, ENOSPC, Death, FaultyDisk
from support.store_samples import MARCH_2, SHOP

BINDING = {"repository": "R_1", "base": None}


def after(cursor: Optional[str]) -> Checkpoint:
    return Checkpoint(cursor, cursor, settled=True, read_at=MARCH_2)


@pytest.fixture
def storage(tmp_path: Path) -> StorageManager:
    return StorageManager(root=tmp_path / "data")


def reopened(storage: StorageManager, stream: str = "pulls", **changes: str) -> StagedStream:
    return Staging(storage, SHOP).open(stream, {**BINDING, **changes})


def test_nothing_is_staged_at_first(storage: StorageManager) -> None:
    staged = reopened(storage)

    assert (staged.pages, staged.checkpoint, list(staged.lines())) == (0, None, [])


def test_the_next_run_finds_every_page_and_where_it_ended(storage: StorageManager) -> None:
    staged = reopened(storage)
    staged.add([b"a", b"b"], after("1"))
    staged.add([], Checkpoint(None, "2", settled=False, read_at=None))

    found = reopened(storage)

    assert list(found.lines()) == [b"a", b"b"]
    assert (found.pages, found.checkpoint) == (2, Checkpoint(None, "2", settled=False, read_at=None))


@pytest.mark.parametrize("changes", [{"repository": "R_2"}, {"base": "cursor"}, {"since": "2025-01-01"}])
def test_pages_of_another_reading_are_removed(storage: StorageManager, changes: dict[str, str]) -> None:
    reopened(storage).add([b"a"], after("1"))

    assert reopened(storage, **changes).pages == 0
    assert reopened(storage).pages == 0


def test_each_stream_and_repository_has_its_own(storage: StorageManager) -> None:
    reopened(storage).add([b"a"], after("1"))

    assert reopened(storage, "pulls_again").pages == 0
    assert Staging(storage, "acme/shop2").open("pulls", BINDING).pages == 0
    assert reopened(storage).pages == 1


def test_clear_leaves_nothing_of_this_repository(storage: StorageManager, tmp_path: Path) -> None:
    reopened(storage).add([b"a"], after("1"))
    reopened(storage, "issues").add([b"a"], after("1"))

    Staging(storage, SHOP).clear()

    assert not (tmp_path / "data" / "staging").exists()


def test_a_stream_that_was_cleared_begins_again(storage: StorageManager) -> None:
    staged = reopened(storage)
    staged.add([b"a"], after("1"))
    staged.clear()
    staged.add([b"b"], after("2"))

    assert list(reopened(storage).lines()) == [b"b"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]\na\n", b'{"cursor": 1}\n'])
def test_a_damaged_page_and_those_behind_it_are_read_again(
    storage: StorageManager, tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    staged = reopened(storage)
    for cursor in "123":
        staged.add([cursor.encode()], after(cursor))
    [second] = (tmp_path / "data").rglob("000002.jsonl")
    second.write_bytes(damage)

    with caplog.at_level(logging.WARNING):
        found = reopened(storage)

    assert (list(found.lines()), found.checkpoint) == ([b"1"], after("1"))
    assert "read again, since it is damaged" in caplog.text


def test_a_line_that_was_changed_is_damage(storage: StorageManager, tmp_path: Path) -> None:
    reopened(storage).add([b"a"], after("1"))
    [page] = (tmp_path / "data").rglob("000001.jsonl")
    page.write_bytes(page.read_bytes().replace(b"\na\n", b"\nb\n"))

    assert reopened(storage).pages == 0


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("fault", [Death, EIO, ENOSPC])
def test_whenever_a_write_fails_the_page_is_there_whole_or_not_at_all(
    tmp_path: Path, fault: type[BaseException], before: bool
) -> None:
    at = count = 0
    while count == at:
        at += 1
        storage = StorageManager(root=tmp_path / f"data{at}")
        staged = reopened(storage)
        staged.add([b"a"], after("1"))
        with FaultyDisk(at=at, fault=fault, before=before) as disk, suppress(Death, StorageError):
            staged.add([b"b"], after("2"))
        count = min(at, len(disk.calls))
        assert list(reopened(storage).lines()) in ([b"a"], [b"a", b"b"])
    assert at > 3
