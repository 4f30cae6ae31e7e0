"""A record has exactly one form, and any other is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.errors import ConfigurationError, IntegrityError
from dora_metrics.storage import commit_record
from dora_metrics.storage.commit_record import (
    SCHEMA,
    CommitRecord,
    RepositoryIdentity,
    RowCounts,
    StoredFile,
    _sealed,
    decode_record,
    encode_record,
    record_path,
)
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support.store_samples import HASH_A, MARCH_2, SHOP, a_manager, add_lines

RECORD = CommitRecord(
    number=42,
    commit_id="id",
    prev="0" * 64,
    time=MARCH_2,
    as_of=MARCH_2,
    tool_version="0.1.0",
    command="extract --full",
    actor="Ädà",
    changes={"annotations": RowCounts(1, 2, 3)},
    repositories={SHOP: RepositoryIdentity((HASH_A,), "sha1", "main", "R_1")},
    cursors={SHOP: {"tip": HASH_A, "pages": [1, None, True], "more": {}}},
    files={
        "annotations": StoredFile("annotations/x.csv", "1" * 64, 10, 2),
        f"raw/{SHOP}/commits/2": StoredFile("raw/acme/shop/c2.jsonl", "2" * 64, 5, 1, SHOP, "commits", 2),
        f"raw/{SHOP}/commits/1": StoredFile("raw/acme/shop/c1.jsonl", "3" * 64, 5, 1, SHOP, "commits", 1),
    },
)
CONTENT = encode_record(RECORD)


def test_a_record_comes_back_from_its_bytes() -> None:
    assert decode_record(CONTENT, where="x") == RECORD
    assert encode_record(decode_record(CONTENT, where="x")) == CONTENT


def test_the_first_record_has_nothing_before_it_and_maybe_no_facts() -> None:
    first = replace(RECORD, number=1, prev=None, as_of=None, files={}, changes={})

    assert decode_record(encode_record(first), where="x") == first


def test_keys_are_sorted_so_that_the_same_record_has_the_same_bytes() -> None:
    turned = replace(RECORD, files=dict(reversed(list(RECORD.files.items()))))

    assert encode_record(turned) == CONTENT
    assert list(json.loads(CONTENT)) == sorted(json.loads(CONTENT))


def test_segments_are_in_the_order_in_which_they_were_added() -> None:
    assert [file.order for file in RECORD.segments(SHOP, "commits")] == [1, 2]
    assert RECORD.segments(SHOP, "tags") == ()


@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 7))
def test_each_flipped_bit_is_seen(position: int, bit: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[position] ^= 1 << bit

    with pytest.raises((IntegrityError, ConfigurationError)):
        decode_record(bytes(damaged), where="x")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(CONTENT[:-2], id="cut"),
        pytest.param(CONTENT + b"\n", id="a line feed added"),
        pytest.param(CONTENT.replace(b'"number": 42', b'"number":  42'), id="spaces"),
        pytest.param(CONTENT.replace(b'"number": 42', b'"number": 41'), id="a value edited"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(b'{"schema": true}', id="schema no number"),
        pytest.param(b'{"schema": 0}', id="a schema that never was"),
        pytest.param(b"\xff\xfe", id="not text"),
    ],
)
def test_damage_names_the_file_and_the_remedy(content: bytes) -> None:
    with pytest.raises(IntegrityError, match=r"data/history/00000042\.json") as caught:
        decode_record(content, where="data/history/00000042.json")

    assert "dora-metrics verify" in caught.value.remedy


@pytest.mark.parametrize(
    "fields",
    [
        {"number": -1},
        {"number": True},
        {"prev": 5},
        {"time": "2025-03-02"},
        {"more": 1},
        {"changes": []},
        {"changes": {"a": {"added": 1}}},
        {"repositories": {SHOP: {"root_commits": [1], "object_format": "", "branch": "", "github_id": ""}}},
        {"cursors": {SHOP: []}},
        {"files": {"a": {"path": "a", "sha256": "b", "size": 1, "rows": 1, "stream": "commits"}}},
    ],
)
def test_a_record_with_a_right_seal_but_wrong_fields_is_refused(fields: dict[str, Any]) -> None:
    document = {**json.loads(CONTENT), **fields}
    document.pop("digest")

    with pytest.raises(IntegrityError):
        decode_record(_sealed(document), where="x")


def test_a_newer_schema_asks_for_a_newer_tool_whatever_else_it_holds() -> None:
    with pytest.raises(ConfigurationError, match=r"x has schema 2") as caught:
        decode_record(json.dumps({"schema": SCHEMA + 1, "unknown": []}).encode(), where="x")

    assert caught.value.remedy == "upgrade the tool"


def test_the_name_of_a_record_is_its_number() -> None:
    assert record_path(42) == "history/00000042.json"


def test_an_older_schema_is_read_as_the_newest_and_goes_over_with_the_next_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one schema so far, so the next one is made up: it calls the actor something else before it is read."""
    manager = a_manager(tmp_path / "data")
    add_lines(manager, b"one")
    old = (tmp_path / "data/history/00000001.json").read_bytes()

    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "actor": f"{document['actor']} (moved)"}

    monkeypatch.setattr(commit_record, "SCHEMA", 2)
    monkeypatch.setattr(commit_record, "UPGRADES", {1: upgrade})
    assert [record.actor for record in manager.records()] == ["ada (moved)"]
    add_lines(manager, b"two")

    assert (tmp_path / "data/history/00000001.json").read_bytes() == old, "older records stay as they are"
    assert b'"schema": 2' in (tmp_path / "data/history/00000002.json").read_bytes()
    assert [record.actor for record in manager.records()] == ["ada (moved)", "ada"]
    assert list(manager.read_lines(SHOP, "commits")) == [b"one", b"two"]
    assert verify(StorageManager(root=tmp_path / "data")).records == 2
