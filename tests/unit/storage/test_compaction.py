"""A store that lives for years: its newest record stays small, and every line and every older record stays readable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dora_metrics.storage.commit_record import StoredFile, encode_record
from dora_metrics.storage.compaction import MOST_SEGMENTS, small_ones
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support.store_samples import MARCH_2, SHOP, a_manager, add_lines

NIGHTS = 150


def segment(order: int, size: int) -> StoredFile:
    return StoredFile(f"raw/{order}", "0" * 64, size, 1, SHOP, "commits", order)


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([9] * (MOST_SEGMENTS - 1), 0),
        ([9] * MOST_SEGMENTS, MOST_SEGMENTS),
        ([10_000] + [9] * (MOST_SEGMENTS - 1), MOST_SEGMENTS - 1),
        ([9] * (MOST_SEGMENTS - 3) + [10_000, 9, 9], 2),
        ([100] + [9] * (MOST_SEGMENTS - 1), MOST_SEGMENTS),
    ],
)
def test_small_segments_at_the_end_are_merged_up_to_a_larger_one(sizes: list[int], merged: int) -> None:
    segments = [segment(order, size) for order, size in enumerate(sizes, 1)]

    assert list(small_ones(segments)) == segments[len(segments) - merged :]


def test_a_record_stays_small_and_each_line_readable_in_every_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # no power is lost here
    manager = a_manager(tmp_path / "data")
    add_lines(manager, *(b"first %d" % number for number in range(2000)))
    for night in range(NIGHTS):
        record = add_lines(manager, b"night %d" % night)
        assert record.changes["raw/acme/shop/commits"].added == 1
        assert record.changes["raw/acme/shop/commits"].removed == 0
        assert len(record.files) <= MOST_SEGMENTS
        assert len(encode_record(record)) < 64_000

    for number, record in enumerate(manager.records()):
        lines = list(manager.read_lines(SHOP, "commits", record=record))
        assert lines[2000:] == [b"night %d" % night for night in range(number)]
    assert verify(StorageManager(root=tmp_path / "data")).records == NIGHTS + 1
    large = max(record.files.values(), key=lambda file: file.size)
    assert large.order == 1, "the large first segment was never copied"


def test_what_a_change_adds_in_two_segments_keeps_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _file: None)  # no power is lost here
    manager = a_manager(tmp_path / "data")
    for night in range(MOST_SEGMENTS):
        add_lines(manager, b"night %d" % night)
    with manager.begin(command="update", actor="ada", now=MARCH_2) as transaction:
        for line in (b"one", b"two"):
            with transaction.open_segment(SHOP, "commits") as writer:
                writer.append(line)
        transaction.commit()

    expected = [*(b"night %d" % night for night in range(MOST_SEGMENTS)), b"one", b"two"]
    assert list(manager.read_lines(SHOP, "commits")) == expected
