"""What a person saves is never lost, whenever they save it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

import pytest

from dora_metrics.errors import BusyError, InputError, StorageError
from dora_metrics.storage.shared_file import replace_shared
from dora_metrics.storage.storage_manager import StorageManager

REVIEW = "processed/pending_review.csv"
STAMP = "20250302T140500Z"


@pytest.fixture(name="storage")
def _storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StorageManager:
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # these tests lose no power
    return StorageManager(root=tmp_path / "data")


def carry(seen: Optional[bytes]) -> bytes:
    """A new view that keeps what the person typed."""
    return b"view:" + (seen or b"").replace(b"view:", b"")


def replace(storage: StorageManager) -> list[str]:
    return replace_shared(storage, REVIEW, carry, stamp=STAMP)


def save(storage: StorageManager, content: bytes) -> None:
    """As a spreadsheet does: a new file in place of the old one."""
    path = Path(storage.where(REVIEW))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").replace(path)


def test_the_first_one_replaces_nothing(storage: StorageManager) -> None:
    assert replace(storage) == []
    assert storage.read(REVIEW) == b"view:"


def test_what_was_there_goes_to_backup_and_its_cells_into_the_new_one(storage: StorageManager) -> None:
    storage.write(REVIEW, b"yes")

    assert replace(storage) == [f"backup/pending_review.{STAMP}.1.csv"]
    assert storage.read(REVIEW) == b"view:yes"
    assert storage.read(f"backup/pending_review.{STAMP}.1.csv") == b"yes"


def test_what_a_killed_run_moved_aside_is_back_before_the_next_one_looks(storage: StorageManager) -> None:
    storage.write(f"backup/pending_review.{STAMP}.1.csv.unfinished", b"yes")

    assert replace(storage) == [f"backup/pending_review.{STAMP}.1.csv"]
    assert storage.read(REVIEW) == b"view:yes"
    assert storage.list("backup/") == [f"backup/pending_review.{STAMP}.1.csv"]


def test_what_a_killed_run_moved_aside_and_replaced_is_a_backup(storage: StorageManager) -> None:
    storage.write(f"backup/pending_review.{STAMP}.1.csv.unfinished", b"yes")
    storage.write(REVIEW, b"view:yes")

    assert replace(storage) == []
    assert storage.read(f"backup/pending_review.{STAMP}.1.csv") == b"yes"
    assert storage.read(REVIEW) == b"view:yes"


def test_no_change_is_no_backup(storage: StorageManager) -> None:
    storage.write(REVIEW, b"view:yes")

    assert replace(storage) == []
    assert storage.list("backup/") == []


@pytest.mark.parametrize("before", [b"yes", None])
def test_a_save_between_reading_and_moving_is_in_the_new_one(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch, before: Optional[bytes]
) -> None:
    if before is not None:
        storage.write(REVIEW, before)
    real = StorageManager.move_aside

    def saved_first(self: StorageManager, path: str, target: str) -> bool:
        if path == REVIEW:
            save(self, b"late")
        return real(self, path, target)

    monkeypatch.setattr(StorageManager, "move_aside", saved_first)

    assert [storage.read(path) for path in replace(storage)] == [b"late"]
    assert storage.read(REVIEW) == b"view:late"


def test_a_save_between_moving_and_creating_is_in_the_new_one(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write(REVIEW, b"early")
    real = StorageManager.create_new
    saves = [b"late"]

    def saved_first(self: StorageManager, path: str, content: bytes) -> None:
        if saves:
            save(self, saves.pop())
        real(self, path, content)

    monkeypatch.setattr(StorageManager, "create_new", saved_first)

    assert [storage.read(path) for path in replace(storage)] == [b"early", b"late"]
    assert storage.read(REVIEW) == b"view:late"


def test_someone_who_saves_for_ever_is_told_to_close_it(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write(REVIEW, b"0")
    real = StorageManager.create_new
    saves = iter(range(1, 1000))

    def saved_first(self: StorageManager, path: str, content: bytes) -> None:
        save(self, b"%d" % next(saves))
        real(self, path, content)

    monkeypatch.setattr(StorageManager, "create_new", saved_first)

    with pytest.raises(BusyError, match=r"pending_review\.csv"):
        replace(storage)
    kept = {storage.read(path) for path in [*storage.list("backup/"), REVIEW]}
    assert kept == {b"%d" % number for number in range(21)}


@pytest.mark.parametrize("error", [StorageError("disk full", remedy="free some space"), KeyboardInterrupt()])
def test_a_failed_write_puts_the_file_of_the_person_back(
    storage: StorageManager, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    storage.write(REVIEW, b"yes")

    def fail(_self: StorageManager, _path: str, _content: bytes) -> None:
        raise error

    monkeypatch.setattr(StorageManager, "create_new", fail)

    with pytest.raises(type(error)):
        replace(storage)
    assert storage.list("") == [REVIEW]
    assert storage.read(REVIEW) == b"yes"


def test_a_file_that_cannot_be_taken_stays_where_it_is(storage: StorageManager) -> None:
    storage.write(REVIEW, b"half a fi")

    def refuse(_seen: Optional[bytes]) -> bytes:
        message = "the quote in line 1 is never closed"
        raise InputError(message, remedy="save it again")

    with pytest.raises(InputError):
        replace_shared(storage, REVIEW, refuse, stamp=STAMP)
    assert storage.list("") == [REVIEW]
