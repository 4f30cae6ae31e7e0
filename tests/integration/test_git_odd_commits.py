"""Odd texts, dates and graphs: what git gives is kept, and no record shifts another one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from support.git_repository import GitRepository
from support.git_tools import extract, two_commits

if TYPE_CHECKING:
    from pathlib import Path

MISSING = "1234567890" * 4


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    return two_commits(tmp_path)


def raw_commit(
    repo: GitRepository, author: bytes, committer: bytes, *, message: bytes = b"m\n", more: bytes = b""
) -> str:
    """A commit of any bytes on top of main, which moves to it."""
    tree, parent = repo.git("rev-parse", "main^{tree}", "main").split("\n")
    header = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n%s" % (
        tree.encode(),
        parent.encode(),
        author,
        committer,
        more,
    )
    sha = repo.literal("commit", header + b"\n" + message)
    repo.git("update-ref", "refs/heads/main", sha)
    return sha


# G6, G7 ----------------------------------------------------------------------------------------------------------


def test_bytes_that_are_no_utf_8_and_a_lying_encoding_do_not_stop_anything(repo: GitRepository) -> None:
    repo.commit("latin", message="é".encode("latin-1"), author=b"Zo\xeb", files={b"d\xe9j\xe0": "x"})
    repo.commit("declared", message="é".encode("latin-1"), encoding="ISO-8859-1")
    repo.commit("lying", message=b"\xff\xfe", encoding="UTF-8")
    repo.commit("unknown", message=b"\xe9", encoding="no-such-encoding")

    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    latin = commits[repo["latin"]]
    assert (latin.message, latin.author, latin.files_changed) == ("\ufffd", "Zo\ufffd", ("d\ufffdj\ufffd",))
    assert commits[repo["declared"]].message == "é"
    assert commits[repo["lying"]].message == "\ufffd\ufffd"
    assert commits[repo["unknown"]].message == "\ufffd"


def test_separators_and_nuls_shift_no_record(repo: GitRepository) -> None:
    repo.commit("nul", message=b"seen\0hidden\0\0more", author=b"A\x1eB\x1fC", files={"x\x1fy\n": "1", "\n\nz": "2"})
    nul_name = raw_commit(repo, b"A\0B <a@example.org> 5 +0000", b"C <c@example.org> 6 +0000", message=b"odd\n")
    repo.commit("after", parents=["nul"], files={"f": "1"})

    commits = {commit.sha: commit for commit in [*extract(repo.path).commits]}

    assert commits[repo["nul"]].message == "seen"
    assert commits[repo["nul"]].author == "A\x1eB\x1fC"
    assert commits[repo["nul"]].files_changed == ("\n\nz", "x\x1fy\n")
    assert commits[repo["after"]].parents == (repo["nul"],)
    assert nul_name not in commits


def test_a_nul_in_a_header_keeps_what_git_gives(repo: GitRepository) -> None:
    sha = raw_commit(repo, b"A\0B <a@example.org> 5 +0000", b"C <c@example.org> 6 +0000", message=b"odd\n")

    newest, *others = extract(repo.path).commits

    assert (newest.sha, newest.parents, newest.message) == (sha, (repo["b"],), "odd")
    assert [commit.sha for commit in others] == [repo["b"], repo["a"]]


def test_a_commit_without_author_and_committer_is_one(repo: GitRepository) -> None:
    tree = repo.git("rev-parse", "main^{tree}")
    sha = repo.literal("commit", f"tree {tree}\n\nnaked\n".encode())
    repo.git("update-ref", "refs/heads/main", sha)

    [commit] = extract(repo.path).commits

    assert commit[:6] == (sha, (), "", None, None, "naked")


# G8, G9, G10 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (b"0 +0000", 0),
        (b"1700000000 +9999", 1_700_000_000),
        (b"1700000000 -1200", 1_700_000_000),
        (b"4102444800 +0000", 4_102_444_800),
        (b"253402300800 +0000", 253_402_300_800),
        (b"-5 +0000", None),
        (b"x +0000", None),
        (b"1700000000", None),
        (b"", None),
    ],
)
def test_odd_dates_stay_raw_seconds_or_are_none(repo: GitRepository, date: bytes, expected: int | None) -> None:
    sha = raw_commit(repo, b"A <a@example.org> " + date, b"C <c@example.org> 1700000000 +0000")
    other = raw_commit(repo, b"A <a@example.org> 1700000000 +0000", b"C <c@example.org> " + date)

    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    assert (commits[sha].authored_s, commits[sha].committed_s) == (expected, 1_700_000_000)
    assert (commits[other].authored_s, commits[other].committed_s) == (1_700_000_000, expected)


def test_a_date_beyond_every_calendar_does_not_stop_anything(repo: GitRepository) -> None:
    """What git makes of it differs between its versions: some number, or nothing."""
    sha = raw_commit(
        repo, b"A <a@example.org> 99999999999999999999 +0000", b"C <c@example.org> 9223372036854775807 +0000"
    )

    newest = {commit.sha: commit for commit in extract(repo.path).commits}[sha]

    assert newest.authored_at is None or newest.authored_at.year == 1970
    assert newest.committed_at is None or newest.committed_at.year == 1970


def test_dates_out_of_order_lose_no_commit(repo: GitRepository) -> None:
    repo.commit("future", at=5_000_000_000)
    repo.commit("past", at=1)
    repo.commit("now", at=1_800_000_000)

    assert extract(repo.path).shas == set(repo.shas.values())


def test_octopus_merges_and_several_roots_keep_all_parents(repo: GitRepository) -> None:
    repo.commit("root", parents=[], branch=None)
    repo.commit("x", parents=["a"], branch=None)
    repo.commit("octopus", parents=["b", "x", "root"])

    commits = {commit.sha: commit for commit in extract(repo.path).commits}

    assert commits[repo["octopus"]].parents == (repo["b"], repo["x"], repo["root"])
    assert commits[repo["root"]].parents == ()


# G11, G12 --------------------------------------------------------------------------------------------------------


def test_replace_refs_and_grafts_are_ignored_and_told(repo: GitRepository) -> None:
    honest = extract(repo.path)
    repo.commit("fake", parents=[], branch=None)
    repo.git("replace", repo["b"], repo["fake"])

    found = extract(repo.path)

    assert not honest.state.replace_refs_present
    assert found.state.replace_refs_present
    assert found.commits == honest.commits
    repo.git("replace", "-d", repo["b"])
    grafts = repo.path / ".git" / "info" / "grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(repo["b"] + "\n", encoding="utf-8")
    found = extract(repo.path)
    assert found.state.replace_refs_present
    assert found.commits == honest.commits


def test_a_submodule_is_a_path(repo: GitRepository) -> None:
    repo.commit("sub", gitlinks={"lib/sub": MISSING})

    assert extract(repo.path).commits[0].files_changed == ("lib/sub",)


# G14 -------------------------------------------------------------------------------------------------------------


def test_a_huge_message_is_cut_with_one_warning(repo: GitRepository, caplog: pytest.LogCaptureFixture) -> None:
    repo.commit("huge", message=b"x" * 5_000_000)
    repo.commit("huge too", message=b"y" * 65_537)
    repo.commit("just right", message=b"z" * 65_536)

    with caplog.at_level(logging.WARNING):
        commits = extract(repo.path).commits

    assert [len(commit.message) for commit in commits] == [65_536, 65_536, 65_536, 1, 1]
    assert [record.getMessage() for record in caplog.records] == ["commit messages longer than 64 KiB, cut there: 2"]
