"""Verification sees every kind of damage, and all of it at once."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import ConfigurationError, IntegrityError
from dora_metrics.storage.commit_record import _sealed
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import Verification, verify
from support.store_samples import a_manager, add_lines, bytes_below

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST, SECOND, THIRD = (f"history/0000000{number}.json" for number in (1, 2, 3))


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    manager = a_manager(root)
    for lines in ([b"a"], [b"b", b"c"], [b"d"]):
        add_lines(manager, *lines, stream="tags", replace=True)
    return root


def segment(root: Path, number: int) -> Path:
    [file] = json.loads((root / f"history/0000000{number}.json").read_bytes())["files"].values()
    return root / str(file["path"])


def damages(root: Path) -> tuple[str, ...]:
    with pytest.raises(IntegrityError) as caught:
        verify(StorageManager(root=root))
    return caught.value.details


def test_a_whole_store_is_measured_and_not_touched(root: Path) -> None:
    before = bytes_below(root)

    assert verify(StorageManager(root=root)) == Verification(
        records=3, files=3, size=8, head=hashlib.sha256((root / THIRD).read_bytes()).hexdigest()
    )
    assert bytes_below(root) == before


def test_a_store_that_holds_nothing_is_whole(tmp_path: Path) -> None:
    assert verify(StorageManager(root=tmp_path / "none")) == Verification(0, 0, 0, None)


def edit(path: Path, **fields: object) -> None:
    document = {**json.loads(path.read_bytes()), **fields}
    document.pop("digest")
    path.write_bytes(_sealed(document))


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        pytest.param(lambda root: segment(root, 1).unlink(), ["missing"], id="a file that only history names"),
        pytest.param(
            lambda root: segment(root, 2).write_bytes(b"b\nX\n"), ["not what was stored"], id="a changed byte"
        ),
        pytest.param(lambda root: segment(root, 3).write_bytes(b"d"), ["1 bytes instead of 2"], id="a cut file"),
        pytest.param(
            lambda root: (root / SECOND).write_bytes(b"{"), ["00000002.json: Expecting"], id="a record that is no JSON"
        ),
        pytest.param(
            lambda root: (root / SECOND).unlink(),
            ["00000003.json: 1 missing before it", "00000003.json: does not"],
            id="a gap",
        ),
        pytest.param(lambda root: edit(root / THIRD, prev="0" * 64), ["00000003.json: does not follow"], id="prev"),
        pytest.param(
            lambda root: edit(root / SECOND, actor="mallory"), ["00000003.json: does not follow"], id="a sealed edit"
        ),
        pytest.param(
            lambda root: (root / THIRD).write_bytes((root / THIRD).read_bytes().replace(b"ada", b"eve")),
            ["00000003.json: changed after"],
            id="an edit of the newest",
        ),
        pytest.param(lambda root: (root / "history/notes.txt").touch(), ["notes.txt: no name of"], id="a stray file"),
    ],
)
def test_damage_is_told(root: Path, harm: Callable[[Path], object], expected: list[str]) -> None:
    harm(root)

    told = damages(root)

    for part in expected:
        assert any(part in damage for damage in told), told


def test_all_damages_are_told_at_once(root: Path) -> None:
    segment(root, 1).unlink()
    segment(root, 2).write_bytes(b"")

    assert len(damages(root)) == 2


def test_rows_that_do_not_fit_are_told(root: Path) -> None:
    document = json.loads((root / THIRD).read_bytes())
    [(name, file)] = document["files"].items()
    edit(root / THIRD, files={name: {**file, "rows": 7}})

    assert any("1 lines instead of 7" in damage for damage in damages(root))


def test_a_newer_store_is_not_called_damaged(root: Path) -> None:
    (root / THIRD).write_bytes(b'{"schema": 99}')

    with pytest.raises(ConfigurationError):
        verify(StorageManager(root=root))


def test_what_no_record_names_is_told_and_is_no_damage(root: Path) -> None:
    """A killed run may leave data files whose record was never written."""
    (root / "raw/acme/shop/commits-0123.jsonl").write_bytes(b"left")

    assert verify(StorageManager(root=root)).unnamed == ("raw/acme/shop/commits-0123.jsonl",)


def test_a_state_that_was_told_is_still_part_of_the_history(root: Path) -> None:
    for number in (1, 2, 3):
        digest = hashlib.sha256((root / f"history/0000000{number}.json").read_bytes()).hexdigest()
        assert verify(StorageManager(root=root), expected=(number, digest[:16])).records == 3


@pytest.mark.parametrize(
    ("expected", "words"),
    [((4, "0" * 16), "history went back from 4 to 3"), ((2, "0" * 16), "00000002.json: not the record")],
)
def test_an_older_or_rewritten_history_is_told(root: Path, expected: tuple[int, str], words: str) -> None:
    """Each record is whole in itself, so only somebody who was told an earlier head can see it."""
    with pytest.raises(IntegrityError, match=words):
        verify(StorageManager(root=root), expected=expected)
