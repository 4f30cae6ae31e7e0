"""What holds for every store: a folder, a real bucket, and a bucket whose network fails at every third request."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.errors import IntegrityError
from dora_metrics.storage.history import History, OvertakenError
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.shared_file import replace_shared
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.store import AlreadyStoredError, NotStoredError
from dora_metrics.storage.verification import verify
from support.s3_proxy import BUSY, CUT, LOST, RESET, Asked, proxy_before
from support.s3_stores import a_bucket, a_client, a_writer, new_prefix
from support.store_samples import MARCH_2, SHOP, add_lines

KINDS = ("folder", pytest.param("bucket", marks=pytest.mark.s3), pytest.param("lossy bucket", marks=pytest.mark.s3))


@pytest.fixture(name="storage", params=KINDS)
def _storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # no power is lost here
    if request.param == "folder":
        yield StorageManager(root=tmp_path / "data")
        return
    server = request.getfixturevalue("s3_server")
    if request.param == "bucket":
        yield a_bucket(a_client(server.port), new_prefix())
        return
    with proxy_before(server.port) as proxy:
        faults, asked = cycle((LOST, BUSY, RESET, CUT)), count(1)

        def every_third(_: Asked) -> Any:
            return next(faults) if next(asked) % 3 == 0 else None

        proxy.script = every_third
        yield a_bucket(a_client(proxy.port), new_prefix())
        assert proxy.faults or not proxy.seen[2:]


@pytest.fixture(name="manager")
def _manager(storage: StorageManager) -> RepositoryManager:
    return a_writer(storage, "ada")


def test_what_is_written_is_read_whole(storage: StorageManager) -> None:
    storage.write("processed/changes.csv", b"old")
    storage.write("processed/changes.csv", b"new\0\r\n")
    storage.write("empty", b"")
    storage.write("large", b"x" * 9_500_000)

    assert storage.read("processed/changes.csv") == b"new\0\r\n"
    assert storage.read("empty") == b""
    sizes = [len(chunk) for chunk in storage.chunks("large")]
    assert (sum(sizes), max(sizes)) == (9_500_000, 1 << 20)


def test_nothing_stored_is_told_apart_from_a_fault(storage: StorageManager) -> None:
    assert not storage.exists("history/00000001.json")
    assert storage.list("") == []
    assert storage.read_if_there("a/b") is None
    with pytest.raises(NotStoredError, match="is not there"):
        storage.read("a/b")


def test_a_name_can_be_created_once_and_its_own_content_again_is_no_conflict(storage: StorageManager) -> None:
    storage.create_new("history/1", b"first")

    with pytest.raises(AlreadyStoredError):
        storage.create_new("history/1", b"second")
    assert storage.read("history/1") == b"first"


def test_names_are_listed_in_our_order_without_hidden_ones(storage: StorageManager) -> None:
    storage.probe()
    storage.probe()
    for path in ("b/2", "b/10", "a", "bc/1", "b-1", "b/2x/y"):
        storage.write(path, b"")

    assert storage.list("") == ["a", "b-1", "b/10", "b/2", "b/2x/y", "bc/1"]
    assert storage.list("b/") == ["b/10", "b/2", "b/2x/y"]


def test_deleting_twice_is_as_deleting_once(storage: StorageManager) -> None:
    storage.write("a/b", b"x")
    storage.delete("a/b")
    storage.delete("a/b")

    assert storage.list("") == []


def test_a_draft_that_is_discarded_leaves_nothing(storage: StorageManager) -> None:
    draft = storage.draft("raw")
    draft.write(b"x")
    draft.discard()
    draft.discard()

    assert storage.list("") == []


def test_commits_are_numbered_read_and_verified(storage: StorageManager, manager: RepositoryManager) -> None:
    for night in range(3):
        add_lines(manager, b"night %d" % night)

    assert [record.number for record in manager.records()] == [1, 2, 3]
    assert list(manager.read_lines(SHOP, "commits")) == [b"night 0", b"night 1", b"night 2"]
    assert verify(storage).records == 3


def test_a_change_without_effect_is_no_record(manager: RepositoryManager) -> None:
    add_lines(manager, b"one")
    with manager.begin(command="update", actor="ada", now=MARCH_2) as transaction:
        transaction.commit()

    assert len(list(manager.records())) == 1


def test_what_is_abandoned_counts_for_nothing(storage: StorageManager, manager: RepositoryManager) -> None:
    add_lines(manager, b"one")
    with manager.begin(command="update", actor="ada", now=MARCH_2) as transaction:
        transaction.put_annotations(b"two", rows=1)

    assert manager.read_annotations() is None
    assert verify(storage).records == 1


def test_a_lost_hint_is_found_again_from_the_history(storage: StorageManager, manager: RepositoryManager) -> None:
    for night in range(3):
        add_lines(manager, b"night %d" % night)
    storage.write("metadata.json", b"{half")

    head = manager.head()
    assert head is not None
    assert head.number == 3


def test_a_damaged_file_is_named(storage: StorageManager, manager: RepositoryManager) -> None:
    record = add_lines(manager, b"one")
    path = next(iter(record.files.values())).path
    storage.write(path, b"two\n")

    with pytest.raises(IntegrityError, match=path):
        list(manager.read_lines(SHOP, "commits"))
    with pytest.raises(IntegrityError, match=path):
        verify(storage)


def test_of_two_records_with_one_number_the_second_is_refused(
    storage: StorageManager, manager: RepositoryManager
) -> None:
    record = add_lines(manager, b"one")
    add_lines(manager, b"two")
    second = list(manager.records())[1]

    History(storage).append(second)
    with pytest.raises(OvertakenError, match="another run"):
        History(storage).append(type(second)(**{**vars(second), "commit_id": "other"}))
    assert record.number == 1


def test_the_file_that_people_write_in_is_kept_before_it_is_replaced(storage: StorageManager) -> None:
    path = "processed/pending_review.csv"
    assert replace_shared(storage, path, lambda _: b"ours", stamp="now") == []
    storage.write(path, b"theirs")

    [backup] = replace_shared(storage, path, lambda seen: b"ours and " + (seen or b""), stamp="now")

    assert storage.read(path) == b"ours and theirs"
    assert storage.read(backup) == b"theirs"
    assert replace_shared(storage, path, lambda seen: seen or b"", stamp="now") == []


def test_who_saves_meanwhile_is_asked_about_again(storage: StorageManager) -> None:
    path = "processed/pending_review.csv"
    storage.write(path, b"first")
    asked: list[Any] = []

    def make(seen: Any) -> bytes:
        asked.append(seen)
        if len(asked) == 1:
            storage.write(path, b"second")
        return b"new, with " + seen

    replace_shared(storage, path, make, stamp="now")

    assert storage.read(path) == b"new, with second"
    assert {storage.read(backup) for backup in storage.list("backup/")} >= {b"second"}
