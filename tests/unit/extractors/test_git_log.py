"""The parser of `git log`, on pasted output and on bytes that no git would print."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dora_metrics.domain.models import Commit
from dora_metrics.errors import RepositoryError
from dora_metrics.extractors.git_log import LONGEST_MESSAGE, Tally, parse_log

if TYPE_CHECKING:
    from collections.abc import Iterable

A, B, C = "a" * 40, "b" * 40, "c" * 64
SAMPLE = (
    f"\0{A} {B} {C}\n1735707600 1735707601\nAda\nFix\n\nbody\n\0\n"
    f"src/é.py\0doc\nx\0\0{B} \n \n\n\0\0{C} {A}\n-5 99999999999999999999\nM\x1e\nN\n\0\n\nstart\0"
).encode()
EXPECTED = [
    Commit(A, (B, C), "Ada", 1735707600, 1735707601, "Fix\n\nbody", ("src/é.py", "doc\nx")),
    Commit(B, (), "", None, None, "", ()),
    Commit(C, (A,), "M\x1e", -5, 99999999999999999999, "N", ("\nstart",)),
]


def parsed(chunks: Iterable[bytes], tally: Tally | None = None) -> list[Commit]:
    return list(parse_log(chunks, tally or Tally()))


def record(message: bytes, paths: tuple[bytes, ...] = (), author: bytes = b"Ada") -> bytes:
    files = b"\n" + b"".join(path + b"\0" for path in paths) if paths else b""
    return b"\0%s \n1 2\n%s\n%s\0%s" % (A.encode(), author, message, files)


def test_nothing_printed_is_no_commit() -> None:
    assert parsed([]) == []
    assert parsed([b"", b""]) == []


def test_reads_fields_empty_and_odd_ones_too() -> None:
    assert parsed([SAMPLE]) == EXPECTED


@given(st.lists(st.integers(0, len(SAMPLE)), max_size=12))
def test_where_the_chunks_are_cut_does_not_matter(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(SAMPLE)]

    assert parsed(SAMPLE[start:end] for start, end in zip(edges, edges[1:])) == EXPECTED


def test_byte_by_byte_is_the_same() -> None:
    assert parsed(SAMPLE[i : i + 1] for i in range(len(SAMPLE))) == EXPECTED


@given(st.lists(st.binary(max_size=200), max_size=6))
@example([b"\0"])
@example([b"\0\0"])
@example([b"\0\0\0"])
@example([b"x"])
@example([record(b"m")[:-1]])
def test_any_bytes_give_commits_or_our_error(chunks: list[bytes]) -> None:
    try:
        commits = parsed(chunks)
    except RepositoryError:
        return
    assert bool(commits) == bool(b"".join(chunks))


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(1, 3))
def test_damaged_output_gives_commits_or_our_error(noise: bytes, at: int, times: int) -> None:
    damaged = SAMPLE[:at] + noise * times + SAMPLE[at + 1 :]
    try:
        commits = parsed([damaged])
    except RepositoryError:
        return
    assert all(isinstance(commit.sha, str) and isinstance(commit.files_changed, tuple) for commit in commits)


def test_output_that_breaks_off_is_never_taken_for_another_history() -> None:
    """The exit code tells that git died; what was whole until then is right."""
    for end in range(1, len(SAMPLE)):
        commits: list[Commit] = []
        with suppress(RepositoryError):
            commits = parsed([SAMPLE[:end]])

        assert [commit[:2] for commit in commits] == [expected[:2] for expected in EXPECTED[: len(commits)]]


def test_bytes_that_are_not_utf_8_become_replacement_characters() -> None:
    [commit] = parsed([record(b"caf\xe9 \xff", (b"d\xe9j\xe0",), author=b"Zo\xeb")])

    assert (commit.author, commit.message, commit.files_changed) == (
        "Zo\ufffd",
        "caf\ufffd \ufffd",
        ("d\ufffdj\ufffd",),
    )


def test_a_broken_character_at_a_fields_end_does_not_eat_the_separator() -> None:
    [commit] = parsed([record(b"m\xf0\x9f", (b"p\xe2\x82",), author=b"n\xc3")])

    assert (commit.author, commit.message, commit.files_changed) == ("n\ufffd", "m\ufffd", ("p\ufffd",))


def test_addresses_are_taken_out_of_names_messages_and_paths() -> None:
    [commit] = parsed(
        [record(b"by <ada@example.org>", (b"mail/ada@example.org", b"i@2x.png"), author=b"ada@example.org")]
    )

    assert commit.author == "<email>"
    assert commit.message == "by <email>"
    assert commit.files_changed == ("mail/<email>", "i@2x.png")


@pytest.mark.parametrize("chunk_size", [1000, 65536, 10**9])
@pytest.mark.parametrize("size", [LONGEST_MESSAGE, LONGEST_MESSAGE + 1, 3 * LONGEST_MESSAGE])
def test_a_long_message_is_cut_and_counted_and_its_neighbours_stay(size: int, chunk_size: int) -> None:
    raw = record(b"before", (b"x",)) + record(b"m" * size, (b"y", b"z")) + record(b"after")
    tally = Tally()

    commits = parsed((raw[i : i + chunk_size] for i in range(0, len(raw), chunk_size)), tally)

    assert [commit.message for commit in commits] == ["before", "m" * LONGEST_MESSAGE, "after"]
    assert [commit.files_changed for commit in commits] == [("x",), ("y", "z"), ()]
    assert tally.cut_messages == (size > LONGEST_MESSAGE)


def test_a_cut_message_ends_in_a_whole_character_and_in_no_half_address() -> None:
    [first] = parsed([record(b"x" + "é".encode() * LONGEST_MESSAGE)])
    [second] = parsed([record(b"x" * (LONGEST_MESSAGE - 8) + b" ada@example.org and more")])

    assert first.message == "x" + "é" * (LONGEST_MESSAGE // 2 - 1)
    assert second.message.strip("x").strip() == ""


def test_the_rest_of_a_cut_message_is_not_kept() -> None:
    """A message of 64 MiB needs no more memory than a few chunks."""
    chunk = b"m" * 1024 * 1024
    tally = Tally()
    tracemalloc.start()
    try:
        [commit] = parsed([record(b"")[:-1], *[chunk] * 64, b"\0"], tally)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(commit.message) == LONGEST_MESSAGE
    assert tally.cut_messages == 1
    assert peak < 4 * len(chunk)


def test_many_files_of_one_commit_are_all_kept() -> None:
    paths = tuple(b"folder/%d" % i for i in range(50_000))
    raw = record(b"import", paths)

    [commit] = parsed(raw[i : i + 70_000] for i in range(0, len(raw), 70_000))

    assert len(commit.files_changed) == 50_000
    assert commit.files_changed[-1] == "folder/49999"
