"""Whole files or none, private, and never through a link."""

from __future__ import annotations

import errno
import logging
import os
import stat
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import BusyError, ConfigurationError, StorageError
from dora_metrics.storage import local_lock
from dora_metrics.storage.local_store import LocalStore
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.store import AlreadyStoredError, NotStoredError
from support.store_samples import bytes_below

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(name="root")
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # these tests lose no power
    return tmp_path / "data"


@pytest.fixture(name="storage")
def _storage(root: Path) -> StorageManager:
    return StorageManager(root=root)


def test_what_is_written_is_read(storage: StorageManager) -> None:
    storage.write("processed/changes.csv", b"old")
    storage.write("processed/changes.csv", b"new\0\r\n")

    assert storage.read("processed/changes.csv") == b"new\0\r\n"


def test_large_content_comes_in_pieces(storage: StorageManager) -> None:
    storage.write("large", b"x" * 2_500_000)

    assert [len(chunk) for chunk in storage.chunks("large")] == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)]


def test_nothing_stored_is_told_apart_from_a_fault(storage: StorageManager, root: Path) -> None:
    assert not storage.exists("history/00000001.json")
    assert storage.list("") == []
    assert storage.read_if_there("a/b") is None
    with pytest.raises(NotStoredError, match="is not there"):
        storage.read("a/b")
    assert not root.exists(), "reading creates nothing"


def test_a_name_can_be_created_once(storage: StorageManager) -> None:
    storage.create_new("history/1", b"first")

    with pytest.raises(AlreadyStoredError):
        storage.create_new("history/1", b"second")
    assert storage.read("history/1") == b"first"


def test_names_are_listed_in_order_without_ours(storage: StorageManager) -> None:
    storage.probe()
    for path in ("b/2", "b/10", "a", "bc/1"):
        storage.write(path, b"")

    assert storage.list("") == ["a", "b/10", "b/2", "bc/1"]
    assert storage.list("b/") == ["b/10", "b/2"]


def test_deleting_twice_is_as_deleting_once(storage: StorageManager) -> None:
    storage.write("a/b", b"x")

    storage.delete("a/b")
    storage.delete("a/b")

    assert not storage.exists("a/b")


def test_all_is_private_and_hidden_from_git(storage: StorageManager, root: Path) -> None:
    storage.probe()
    storage.write("raw/acme/x", b"")

    for path in (root, root / "raw", root / "raw/acme"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (root / "raw/acme/x", root / ".gitignore"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (root / ".gitignore").read_text() == "*\n"


def test_probing_again_changes_nothing(storage: StorageManager, root: Path) -> None:
    storage.probe()
    (root / ".gitignore").write_text("mine")
    before = bytes_below(root)

    storage.probe()

    assert bytes_below(root) == before


def test_a_folder_open_to_others_is_told(storage: StorageManager, root: Path, caplog: pytest.LogCaptureFixture) -> None:
    root.mkdir(mode=0o755)

    with caplog.at_level(logging.WARNING):
        storage.probe()

    assert "is open to other users" in caplog.text


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a\0", ".gitignore", ""])
@pytest.mark.parametrize(
    "use",
    [
        StorageManager.read,
        StorageManager.exists,
        StorageManager.delete,
        lambda storage, path: storage.write(path, b""),
        lambda storage, path: storage.create_new(path, b""),
        lambda storage, path: storage.move_aside("a", path),
        lambda storage, path: storage.move_back(path, "a"),
    ],
)
def test_no_method_leaves_the_folder(
    storage: StorageManager, root: Path, use: Callable[[StorageManager, str], object], path: str
) -> None:
    with pytest.raises(StorageError, match="not a path inside the data folder"):
        use(storage, path)
    assert not root.exists()


USES = [
    pytest.param(lambda storage: storage.read("sub/file"), id="read"),
    pytest.param(lambda storage: storage.exists("sub/file"), id="exists"),
    pytest.param(lambda storage: storage.write("sub/file", b"new"), id="write"),
    pytest.param(lambda storage: storage.delete("sub/file"), id="delete"),
    pytest.param(lambda storage: storage.move_aside("sub/file", "backup/x"), id="move_aside"),
]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("where", ["sub", "sub/file"])
def test_a_link_in_the_way_is_refused_and_not_followed(
    storage: StorageManager, root: Path, tmp_path: Path, use: Callable[[StorageManager], object], where: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "file").write_bytes(b"theirs")
    (root / where).parent.mkdir(parents=True)
    (root / where).symlink_to(other if where == "sub" else other / "file")
    before = bytes_below(tmp_path)

    with pytest.raises(StorageError) as caught:
        use(storage)

    assert caught.value.exit_code == 7
    assert "symbolic link" in caught.value.remedy
    assert bytes_below(tmp_path) == before


def test_a_created_name_may_not_be_a_link(storage: StorageManager, root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (root / "file").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(AlreadyStoredError):
        storage.create_new("file", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_at_the_name_of_the_draft_is_refused(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (root / ".dora-known.tmp").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StorageError):
        LocalStore(root, new_token=lambda: "known").draft("")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["folder", "pipe"])
def test_what_is_no_plain_file_is_refused(storage: StorageManager, root: Path, name: str) -> None:
    root.mkdir()
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")

    with pytest.raises(StorageError, match=name):
        storage.read(name)
    with pytest.raises(StorageError, match=name):
        storage.write(name, b"")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "right to write"),
        (errno.EIO, "check the disk"),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "open"])
def test_a_failing_disk_names_path_and_remedy_and_the_old_content_stays(
    storage: StorageManager, root: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, remedy: str
) -> None:
    storage.write("a/b", b"old")
    before = bytes_below(root)
    real = getattr(os, call)

    def fail(*arguments: object, **options: object) -> object:
        if call == "open" and not str(arguments[0]).endswith(".tmp"):
            return real(*arguments, **options)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(StorageError, match="/data/a") as caught:
            storage.write("a/b", b"new")

    assert caught.value.exit_code == 7
    assert remedy in caught.value.remedy
    assert bytes_below(root) == before


def test_a_short_write_is_continued(storage: StorageManager, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda file, rest: real(file, bytes(rest[:3])))
        storage.write("a", b"0123456789")

    assert storage.read("a") == b"0123456789"


def test_a_discarded_draft_leaves_neither_file_nor_folder(storage: StorageManager, root: Path) -> None:
    storage.write("raw/other", b"")
    before = bytes_below(root)

    draft = storage.draft("raw/acme/shop")
    draft.write(b"x")
    draft.discard()
    draft.discard()

    assert bytes_below(root) == before
    with pytest.raises(ValueError, match="already"):
        draft.write(b"y")


def test_the_sweep_takes_the_dead_and_spares_the_living(storage: StorageManager, root: Path) -> None:
    storage.write("raw/keep.tmp", b"")
    (root / "raw" / ".dora-dead.tmp").write_bytes(b"half")
    living = storage.draft("raw")

    storage.sweep()
    living.publish("raw/new")

    assert storage.list("") == ["raw/keep.tmp", "raw/new"]
    assert sorted(bytes_below(root)) == ["raw", "raw/keep.tmp", "raw/new"]


def test_one_lock_at_a_time(storage: StorageManager, root: Path) -> None:
    storage.probe()
    other = StorageManager(root=root).lock()
    with storage.lock(), pytest.raises(BusyError, match="another run is writing") as caught, other:
        pytest.fail("both hold it")
    with StorageManager(root=root).lock():
        pass

    assert caught.value.exit_code == 8


def test_the_lock_may_not_be_a_link(storage: StorageManager, root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (root / ".lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StorageError), storage.lock():
        pytest.fail("followed")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_without_locks_is_named(
    storage: StorageManager, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.mkdir()

    def refuse(_file: int, _how: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(local_lock.fcntl, "flock", refuse)

    with pytest.raises(StorageError, match=r"\.lock") as caught, storage.lock():
        pytest.fail("no lock")
    assert "local disk" in caught.value.remedy


@pytest.mark.parametrize(
    ("storage_type", "bucket", "message"),
    [
        ("s3", None, "no bucket is named"),
        ("ftp", None, "unknown storage type: 'ftp'"),
        ("local", "reports", "a bucket is set"),
    ],
)
def test_a_store_that_is_not_there_is_a_wrong_setting(storage_type: str, bucket: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        StorageManager(storage_type, bucket)
