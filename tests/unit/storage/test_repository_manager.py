"""Numbered commits: what a transaction does, leaves and refuses."""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import BusyError, ConfigurationError, IntegrityError, StorageError
from dora_metrics.storage.commit_record import RepositoryIdentity, RowCounts
from dora_metrics.storage.fact_codec import decode_commit, encode_commit
from dora_metrics.storage.segments import BUFFER_BYTES
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support.store_samples import HASH_A, HASH_B, MARCH_2, SHOP, a_commit, a_manager, add_lines, bytes_below

if TYPE_CHECKING:
    from pathlib import Path

    from dora_metrics.storage.repository_manager import RepositoryManager
    from dora_metrics.storage.transaction import Transaction


@pytest.fixture(name="root")
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # these tests lose no power
    return tmp_path / "data"


@pytest.fixture(name="manager")
def _manager(root: Path) -> RepositoryManager:
    return a_manager(root)


def begin(manager: RepositoryManager) -> Transaction:
    return manager.begin(command="extract", actor="ada", now=MARCH_2)


def lines_of(manager: RepositoryManager, stream: str = "commits") -> list[bytes]:
    return list(manager.read_lines(SHOP, stream))


def test_a_store_that_holds_nothing_reads_as_nothing_and_stays_away(manager: RepositoryManager, root: Path) -> None:
    assert manager.head() is None
    assert list(manager.records()) == []
    assert lines_of(manager) == []
    assert manager.read_annotations() is None
    assert not root.exists()


def test_a_commit_says_everything_about_itself(manager: RepositoryManager, root: Path) -> None:
    with begin(manager) as transaction:
        transaction.set_repository(SHOP, root_commits=[HASH_B, HASH_A], branch="main", github_id="R_1")
        with transaction.open_segment(SHOP, "commits") as segment:
            segment.append(b"one")
            segment.append(b"two")
        transaction.put_annotations(b"key\nx\n", rows=1)
        transaction.put_import(b"bytes", extension="csv")
        transaction.set_cursors(SHOP, {"tip": HASH_A, "known": (1, 2)})
        transaction.set_as_of(MARCH_2 + timedelta(microseconds=5))
        record = transaction.commit({"annotations": RowCounts(added=1)})

    assert manager.head() == record
    assert (record.number, record.prev, record.time, record.as_of) == (1, None, MARCH_2, MARCH_2)
    assert (record.command, record.actor, record.tool_version) == ("extract", "ada", "0.1.0")
    assert record.repositories == {SHOP: RepositoryIdentity((HASH_A, HASH_B), "sha1", "main", "R_1")}
    assert record.cursors == {SHOP: {"tip": HASH_A, "known": [1, 2]}}
    assert record.changes[f"raw/{SHOP}/commits"] == RowCounts(added=2)
    assert record.changes["annotations"] == RowCounts(added=1)
    assert lines_of(manager) == [b"one", b"two"]
    assert manager.read_annotations() == b"key\nx\n"
    [segment_file] = record.segments(SHOP, "commits")
    assert segment_file.path == f"raw/acme/shop/commits-{segment_file.sha256[:16]}.jsonl"
    assert {file.path.split("/")[0] for file in record.files.values()} == {"raw", "annotations", "imports"}
    assert (root / "metadata.json").read_bytes() == (root / "history/00000001.json").read_bytes()
    assert verify(StorageManager(root=root)).files == 3


def test_each_commit_follows_the_one_before(manager: RepositoryManager) -> None:
    records = [add_lines(manager, b"%d" % number) for number in range(3)]

    assert list(manager.records()) == records
    assert [record.number for record in records] == [1, 2, 3]
    assert lines_of(manager) == [b"0", b"1", b"2"]
    assert list(manager.read_lines(SHOP, "commits", record=records[0])) == [b"0"], "the past can still be read"


def test_lines_come_back_across_buffers(manager: RepositoryManager) -> None:
    lines = [b"%07d" % number * 40 for number in range(3 * BUFFER_BYTES // 280)] + [b"", b"x" * (2 * BUFFER_BYTES), b""]

    add_lines(manager, *lines)

    assert lines_of(manager) == lines


def test_the_same_lines_twice_are_there_twice(manager: RepositoryManager) -> None:
    with begin(manager) as transaction:
        for _ in range(2):
            with transaction.open_segment(SHOP, "commits") as segment:
                segment.append(b"same")
        transaction.commit()
    add_lines(manager, b"same")

    assert lines_of(manager) == [b"same"] * 3


def test_replacing_a_stream_keeps_what_history_names(manager: RepositoryManager, root: Path) -> None:
    add_lines(manager, b"v1", stream="tags")
    record = add_lines(manager, b"v1", b"v2", stream="tags", replace=True)

    assert lines_of(manager, "tags") == [b"v1", b"v2"]
    assert record.changes == {f"raw/{SHOP}/tags": RowCounts(added=1)}
    assert verify(StorageManager(root=root)).files == 2


def test_replacing_a_stream_by_nothing_empties_it(manager: RepositoryManager) -> None:
    add_lines(manager, b"v1", stream="tags")
    record = add_lines(manager, stream="tags", replace=True)

    assert lines_of(manager, "tags") == []
    assert record.changes == {f"raw/{SHOP}/tags": RowCounts(removed=1)}


def test_a_restarted_repository_begins_anew_and_others_stay(manager: RepositoryManager) -> None:
    add_lines(manager, b"old")
    add_lines(manager, b"other", repository="acme/web")
    with begin(manager) as transaction:
        transaction.restart(SHOP)
        with transaction.open_segment(SHOP, "commits") as segment:
            segment.append(b"new")
        transaction.commit()

    assert lines_of(manager) == [b"new"]
    assert list(manager.read_lines("acme/web", "commits")) == [b"other"]


def test_nothing_new_writes_nothing(manager: RepositoryManager, root: Path) -> None:
    first = add_lines(manager, b"v1", stream="tags")
    before = bytes_below(root)

    assert add_lines(manager, b"v1", stream="tags", replace=True) == first
    assert add_lines(manager) == first
    assert bytes_below(root) == before


def test_a_new_as_of_alone_is_a_record(manager: RepositoryManager) -> None:
    add_lines(manager, b"x")
    with begin(manager) as transaction:
        assert not transaction.changed
        transaction.set_as_of(MARCH_2)
        assert transaction.changed
        assert transaction.commit().changes == {}


@pytest.mark.parametrize("way", ["leave", "abandon", "raise"])
def test_without_commit_nothing_remains(manager: RepositoryManager, root: Path, way: str) -> None:
    add_lines(manager, b"x")
    before = bytes_below(root)

    def stage() -> None:
        with begin(manager) as transaction:
            with transaction.open_segment("new/one", "commits") as segment:
                segment.append(b"y")
            transaction.open_segment("new/two", "commits").append(b"z" * BUFFER_BYTES)
            transaction.put_annotations(b"a", rows=1)
            transaction.put_import(b"i", extension="xlsx")
            if way == "abandon":
                transaction.abandon()
            if way == "raise":
                raise KeyboardInterrupt

    if way == "raise":
        with pytest.raises(KeyboardInterrupt):
            stage()
    else:
        stage()

    assert bytes_below(root) == before
    assert add_lines(manager, b"y").number == 2, "the lock is free again"


def test_a_segment_left_by_an_error_is_not_added(manager: RepositoryManager) -> None:
    def half_a_stream(transaction: Transaction) -> None:
        with transaction.open_segment(SHOP, "commits") as segment:
            segment.append(b"half")
            raise ZeroDivisionError

    with begin(manager) as transaction:
        with pytest.raises(ZeroDivisionError):
            half_a_stream(transaction)
        transaction.commit()

    assert lines_of(manager) == []


def test_the_next_run_sweeps_what_a_dead_one_left(manager: RepositoryManager, root: Path) -> None:
    add_lines(manager, b"x")
    before = bytes_below(root)
    for folder in ("", "history", "raw/acme/shop"):
        (root / folder / ".dora-0123.tmp").write_bytes(b"half")

    add_lines(manager)

    assert bytes_below(root) == before


def test_a_file_that_is_there_is_not_written_again(manager: RepositoryManager, root: Path) -> None:
    [file] = add_lines(manager, b"x").files.values()
    before = (root / file.path).stat()

    add_lines(manager, b"x")

    after = (root / file.path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert lines_of(manager) == [b"x", b"x"]


def test_while_one_writes_another_is_told_to_wait_and_readers_read_on(manager: RepositoryManager, root: Path) -> None:
    add_lines(manager, b"x")
    with begin(manager):
        with pytest.raises(BusyError):
            begin(a_manager(root))
        assert lines_of(a_manager(root)) == [b"x"]


def test_a_record_that_another_run_created_meanwhile_is_not_replaced(manager: RepositoryManager, root: Path) -> None:
    """As on a file system whose locks do not hold."""
    add_lines(manager, b"x")
    before = {}
    with begin(manager) as transaction:
        with transaction.open_segment(SHOP, "commits") as segment:
            segment.append(b"mine")
        (root / "history/00000002.json").write_bytes(b"theirs")
        before = bytes_below(root)
        with pytest.raises(BusyError, match="meanwhile") as caught:
            transaction.commit()

    assert caught.value.exit_code == 8
    assert (root / "history/00000002.json").read_bytes() == b"theirs"
    assert set(before) - set(bytes_below(root)) <= {path for path in before if path.endswith(".tmp")}


def test_when_nobody_can_tell_whether_it_counts_the_message_says_so(
    manager: RepositoryManager, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = StorageManager.create_new

    def created_but_failed(self: StorageManager, path: str, content: bytes) -> None:
        real(self, path, content)
        message = "the disk failed"
        raise StorageError(message, remedy="check the disk")

    with monkeypatch.context() as patched:
        patched.setattr(StorageManager, "create_new", created_but_failed)
        with pytest.raises(StorageError, match="outcome unknown"):
            add_lines(manager, b"x")

    assert verify(StorageManager(root=root)).records == 1, "what the record names must not be rolled back"
    assert lines_of(manager) == [b"x"]


def test_a_lost_copy_for_people_is_a_warning(
    manager: RepositoryManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_self: StorageManager, _path: str, _content: bytes) -> None:
        message = "disk full"
        raise StorageError(message, remedy="free some space")

    monkeypatch.setattr(StorageManager, "write", fail)
    with caplog.at_level(logging.WARNING):
        assert add_lines(manager, b"x").number == 1

    assert "change 1 is stored, but not its copy metadata.json" in caplog.text


@pytest.mark.parametrize(
    "hint", [None, b"", b"{", b"[]", b'{"number": "x"}', b'{"number": -3}', b"\xff", b'{"number": 1}']
)
def test_the_hint_may_be_lost_or_old(manager: RepositoryManager, root: Path, hint: bytes | None) -> None:
    records = [add_lines(manager, b"%d" % number) for number in range(3)]
    (root / "metadata.json").unlink()
    if hint is not None:
        (root / "metadata.json").write_bytes(hint)

    assert manager.head() == records[-1]
    assert add_lines(manager) == records[-1]
    assert (root / "metadata.json").read_bytes() == (root / "history/00000003.json").read_bytes(), "put right again"


def test_a_history_that_went_back_is_told(
    manager: RepositoryManager, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = [add_lines(manager, b"%d" % number) for number in range(2)]
    (root / "history/00000002.json").unlink()

    with caplog.at_level(logging.WARNING):
        assert manager.head() == records[0]
    assert "history went back from 2 to 1" in caplog.text


def test_a_newer_store_is_left_alone(manager: RepositoryManager, root: Path) -> None:
    add_lines(manager, b"x")
    path = root / "history/00000001.json"
    path.write_bytes(json.dumps({**json.loads(path.read_bytes()), "schema": 2}).encode())
    before = bytes_below(root)

    for use in (manager.head, lambda: lines_of(manager), lambda: begin(manager), lambda: list(manager.records())):
        with pytest.raises(ConfigurationError, match="newer") as caught:
            use()
        assert caught.value.remedy == "upgrade the tool"
    assert bytes_below(root) == before


@pytest.mark.parametrize("content", [b"", b"{}", b"\0"])
def test_a_damaged_record_is_refused_everywhere(manager: RepositoryManager, root: Path, content: bytes) -> None:
    add_lines(manager, b"x")
    (root / "history/00000001.json").write_bytes(content)

    for use in (manager.head, lambda: lines_of(manager), lambda: begin(manager), manager.read_annotations):
        with pytest.raises(IntegrityError, match=r"history/00000001\.json"):
            use()


def test_a_record_under_a_wrong_number_is_refused(manager: RepositoryManager, root: Path) -> None:
    add_lines(manager, b"x")
    (root / "history/00000002.json").write_bytes((root / "history/00000001.json").read_bytes())

    with pytest.raises(IntegrityError, match="says that it is number 1"):
        manager.head()


def test_a_broken_chain_stops_the_history(manager: RepositoryManager, root: Path, tmp_path: Path) -> None:
    add_lines(manager, b"x")
    add_lines(manager, b"y")
    other = a_manager(tmp_path / "other")
    add_lines(other, b"x")
    (root / "history/00000001.json").write_bytes((tmp_path / "other/history/00000001.json").read_bytes())

    with pytest.raises(IntegrityError, match="does not follow"):
        list(manager.records())


def damage_segment(root: Path, content: bytes | None) -> str:
    [path] = (root / "raw/acme/shop").iterdir()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    return path.name


@pytest.mark.parametrize(
    ("content", "how"),
    [
        (None, "missing"),
        (b"", "0 bytes instead of 6"),
        (b"x1\nx3\n", "its content is not what was stored"),
        (b"x1\nx2\nx3\n", "9 bytes instead of 6"),
        (b"x1\nx2", "5 bytes instead of 6"),
    ],
)
def test_a_damaged_segment_names_file_and_remedy(
    manager: RepositoryManager, root: Path, content: bytes | None, how: str
) -> None:
    add_lines(manager, b"x1", b"x2")
    name = damage_segment(root, content)

    with pytest.raises(IntegrityError, match=f"{name}: .*{how}") as caught:
        lines_of(manager)
    assert "dora-metrics verify" in caught.value.remedy
    assert len(caught.value.line()) <= 300


def test_a_line_that_is_no_fact_is_named(manager: RepositoryManager) -> None:
    add_lines(manager, encode_commit(a_commit()), b"{}")

    with pytest.raises(IntegrityError, match=r"commits-[0-9a-f]{16}\.jsonl: line 2: not an object"):
        list(manager.read_facts(SHOP, "commits", decode_commit))


def test_facts_come_back_in_order(manager: RepositoryManager) -> None:
    commits = [a_commit(number) for number in range(5)]
    add_lines(manager, *map(encode_commit, commits[:3]))
    add_lines(manager, *map(encode_commit, commits[3:]))

    assert list(manager.read_facts(SHOP, "commits", decode_commit)) == commits


@pytest.mark.parametrize("content", [None, b"x1\nx3\n"])
def test_extracting_again_puts_a_damaged_segment_right(
    manager: RepositoryManager, root: Path, content: bytes | None
) -> None:
    add_lines(manager, b"x1", b"x2")
    before = bytes_below(root)
    damage_segment(root, content)

    add_lines(manager, b"x1", b"x2", replace=True)

    assert bytes_below(root) == before


def test_another_content_under_the_short_hash_is_not_touched(manager: RepositoryManager, root: Path) -> None:
    first = add_lines(manager, b"x")
    [file] = first.segments(SHOP, "commits")
    (root / file.path).unlink()
    manager = a_manager(root.parent / "data2")
    (root.parent / "data2" / file.path).parent.mkdir(parents=True)
    (root.parent / "data2" / file.path).write_bytes(b"a collision\n")

    record = add_lines(manager, b"x")

    assert record.segments(SHOP, "commits")[0].path == f"raw/acme/shop/commits-{file.sha256}.jsonl"
    assert (root.parent / "data2" / file.path).read_bytes() == b"a collision\n"
    assert lines_of(manager) == [b"x"]


@pytest.mark.parametrize("name", ["../..", "local/my repo", "CON/nul", "a/.git", "Acme/Shop"])
def test_any_repository_finds_its_lines_below_the_root(manager: RepositoryManager, root: Path, name: str) -> None:
    add_lines(manager, b"shop")
    with begin(manager) as transaction:
        transaction.set_repository(SHOP)
        transaction.set_repository(name)
        with transaction.open_segment(name, "commits") as segment:
            segment.append(b"other")
        record = transaction.commit()

    assert list(manager.read_lines(name, "commits")) == [b"other"]
    assert lines_of(manager) == [b"shop"]
    assert sorted(path.name for path in root.parent.iterdir()) == ["data"]
    folders = {file.path.rpartition("/")[0].casefold() for file in record.files.values()}
    assert len(folders) == 2


def test_two_kinds_of_hashes_do_not_mix(manager: RepositoryManager) -> None:
    with begin(manager) as transaction:
        transaction.set_repository(SHOP, object_format="sha1")
        with pytest.raises(IntegrityError, match="sha256 hashes"):
            transaction.set_repository("acme/web", object_format="sha256")


@pytest.mark.parametrize("name", ["shop", "", "a/\udcff"])
def test_what_is_no_repository_name_is_refused(manager: RepositoryManager, name: str) -> None:
    with begin(manager) as transaction:
        for use in (
            lambda: transaction.open_segment(name, "commits"),
            lambda: transaction.set_repository(name),
            lambda: transaction.set_cursors(name, {}),
        ):
            with pytest.raises(ConfigurationError, match="not a repository name"):
                use()


def test_misuse_is_an_error_and_not_a_damaged_store(manager: RepositoryManager) -> None:
    with begin(manager) as transaction:
        with pytest.raises(ValueError, match="stream"):
            transaction.open_segment(SHOP, "../x")
        with pytest.raises(ValueError, match="extension"):
            transaction.put_import(b"", extension="../x")
        with pytest.raises(ValueError, match="line feed"), transaction.open_segment(SHOP, "commits") as segment:
            segment.append(b"a\nb")
        transaction.open_segment(SHOP, "commits")
        with pytest.raises(ValueError, match="still open"):
            transaction.commit()
    for use in (
        transaction.commit,
        lambda: transaction.open_segment(SHOP, "commits"),
        lambda: transaction.put_annotations(b"", rows=0),
        lambda: transaction.set_as_of(MARCH_2),
    ):
        with pytest.raises(ValueError, match="over"):
            use()
    assert manager.head() is None


def test_times_without_a_zone_are_refused(manager: RepositoryManager, root: Path) -> None:
    with pytest.raises(ValueError, match="not in UTC"):
        manager.begin(command="extract", actor="ada", now=datetime(2025, 3, 2))  # noqa: DTZ001 (the point)
    with begin(manager) as transaction, pytest.raises(ValueError, match="not in UTC"):
        transaction.set_as_of(datetime(2025, 3, 2, tzinfo=timezone(timedelta(hours=1))))
    assert not (root / "history").exists()
