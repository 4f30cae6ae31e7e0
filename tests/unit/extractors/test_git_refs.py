"""Refs, tags, settings and remote URLs as git prints them."""

from __future__ import annotations

import pytest

from dora_metrics.domain.models import PullHead, Tag
from dora_metrics.extractors.git_refs import (
    Branch,
    Ref,
    branch_names,
    find_branch,
    github_name,
    nested_tags,
    parse_refs,
    parse_settings,
    pull_heads_of,
    tags_of,
)

A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)


def line(name: str, kind: str = "commit", oid: str = A, *rest: str) -> str:
    peeled_kind, peeled, tagged, symref, head = [*rest, *[""] * 5][:5]
    return "\0".join((name, kind, oid, peeled_kind, peeled, tagged, symref, head or " ")) + "\n"


def refs_of(*lines: str) -> tuple[Ref, ...]:
    return parse_refs("".join(lines).encode())


def test_no_ref_is_no_ref() -> None:
    assert parse_refs(b"") == ()
    assert branch_names(()) == ()


def test_the_branch_here_wins_and_tells_where_the_remote_stood() -> None:
    refs = refs_of(
        line("refs/heads/main", oid=A), line("refs/remotes/origin/main", oid=B), line("refs/tags/main", oid=C)
    )

    assert find_branch(refs, "main") == Branch("main", "refs/heads/main", A, B)


def test_a_branch_that_only_the_remote_has_is_found() -> None:
    refs = refs_of(line("refs/heads/dev"), line("refs/remotes/origin/main", oid=B))

    assert find_branch(refs, "main") == Branch("main", "refs/remotes/origin/main", B, None)
    assert find_branch(refs, "gone") is None


def test_branch_names_are_sorted_and_leave_out_the_remotes_head() -> None:
    refs = refs_of(
        line("refs/heads/z"),
        line("refs/remotes/origin/HEAD", "commit", A, "", "", "", "refs/remotes/origin/main"),
        line("refs/remotes/origin/main"),
        line("refs/remotes/origin/z"),
    )

    assert branch_names(refs) == ("main", "z")


def test_tags_are_peeled_and_dated() -> None:
    refs = refs_of(
        line("refs/tags/light", "commit", A),
        line("refs/tags/v1", "tag", B, "commit", A, "1700000000"),
        line("refs/tags/untimed", "tag", C, "commit", A, ""),
        line("refs/tags/tree", "tree", D),
        line("refs/tags/blob", "tag", D, "blob", C, "-5"),
    )

    assert tags_of(refs, {}) == (
        Tag("blob", None, -5, annotated=True),
        Tag("light", A, None, annotated=False),
        Tag("tree", None, None, annotated=False),
        Tag("untimed", A, None, annotated=True),
        Tag("v1", A, 1700000000, annotated=True),
    )


def test_a_tag_of_a_tag_is_followed_where_the_inner_one_is_listed_and_asked_for_where_not() -> None:
    refs = refs_of(
        line("refs/tags/inner", "tag", B, "commit", A, "1"),
        line("refs/tags/outer", "tag", C, "tag", B, "2"),
        line("refs/tags/renamed", "tag", D, "tag", "e" * 40, "3"),
    )

    assert nested_tags(refs) == ("e" * 40,)
    assert [tag.commit_sha for tag in tags_of(refs, {"e" * 40: A})] == [A, A, A]
    assert tags_of(refs, {"e" * 40: None})[2] == Tag("renamed", None, 3, annotated=True)


def test_pull_heads_are_ordered_by_number() -> None:
    refs = refs_of(
        line("refs/pull/10/head", oid=A), line("refs/pull/9/head", oid=B), line("refs/pull/8/head", "tree"),
        line("refs/pull/7/merge"), line("refs/pull/x/head"), line("refs/heads/pull/6/head"),
    )  # fmt: skip

    assert pull_heads_of(refs) == (PullHead(9, B), PullHead(10, A))


def test_only_the_person_and_the_system_can_declare_a_folder_safe() -> None:
    printed = (
        b"system\0safe.directory\n/forgotten\0global\0safe.directory\n\0global\0safe.directory\n/mine\0"
        b"local\0safe.directory\n/theirs\0local\0remote.up.url\nhttps://h/u\0"
        b"local\0remote.origin.url\nhttps://ada:s3cret@h/o/n\0"
    )

    settings = parse_settings(printed)

    assert settings.safe_directories == ("/mine",)
    assert settings.remote_url == "https://h/o/n"


def test_the_only_remote_counts_whatever_its_name_and_two_strangers_do_not() -> None:
    assert parse_settings(b"local\0remote.up.url\nhttps://h/o/n\0").remote_url == "https://h/o/n"
    assert parse_settings(b"local\0remote.a.url\nx\0local\0remote.b.url\ny\0").remote_url == ""
    assert parse_settings(b"").remote_url == ""


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/octo/cat.git", "octo/cat"),
        ("https://github.com/octo/cat", "octo/cat"),
        ("https://github.com/octo/cat/", "octo/cat"),
        ("https://ada:tok@github.com/octo/cat.git", "octo/cat"),
        ("http://github.com/octo/cat.js.git", "octo/cat.js"),
        ("git@github.com:octo/cat.git", "octo/cat"),
        ("github.com:octo/cat", "octo/cat"),
        ("git@github.com:/octo/cat.git", "octo/cat"),
        ("ssh://git@github.com/octo/cat.git", "octo/cat"),
        ("ssh://git@ssh.github.com:443/octo/cat.git", "octo/cat"),
        ("git://github.com/octo/cat.git", "octo/cat"),
        ("https://github.example.com/octo/cat.git", "octo/cat"),
        ("git@git.example.com:octo/cat.git", "octo/cat"),
        ("https://octo.ghe.com/octo/cat", "octo/cat"),
        ("https://gitlab.com/octo/cat.git", None),
        ("git@bitbucket.org:octo/cat.git", None),
        ("https://gitlab.example.com/octo/cat.git", None),
        ("https://github.com/octo", None),
        ("https://github.com/octo/cat/tree/main", None),
        ("https://example.com/a/b/c.git", None),
        ("/srv/git/octo/cat.git", None),
        ("../octo/cat", None),
        ("file:///octo/cat", None),
        ("C:/octo/cat", None),
        ("https://[broken/octo/cat", None),
        ("", None),
    ],
)
def test_owner_and_name_are_read_from_a_github_remote(url: str, name: str | None) -> None:
    assert github_name(url) == name
