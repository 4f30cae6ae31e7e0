"""Facts survive the way through a line of JSON, and nothing else passes for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.models import Commit, PullHead, Tag
from dora_metrics.storage.fact_codec import (
    decode_commit,
    decode_commit_without_files,
    decode_pull_head,
    decode_tag,
    encode_commit,
    encode_pull_head,
    encode_tag,
)
from support.store_samples import HASH_A, HASH_B, a_commit

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
HASH = st.sampled_from([HASH_A, HASH_B, "0" * 64])
SECONDS = st.none() | st.integers(-(2**70), 2**70)
COMMIT = st.builds(Commit, HASH, st.lists(HASH).map(tuple), TEXT, SECONDS, SECONDS, TEXT, st.lists(TEXT).map(tuple))


@given(COMMIT)
def test_a_commit_is_one_line_that_gives_it_back(commit: Commit) -> None:
    line = encode_commit(commit)

    assert b"\n" not in line
    assert decode_commit(line) == commit
    assert list(json.loads(line.decode("utf-8", "strict")).values())[5] == commit.message


@given(COMMIT)
def test_without_files_all_else_is_the_same(commit: Commit) -> None:
    assert decode_commit_without_files(encode_commit(commit)) == commit._replace(files_changed=())


def test_text_that_looks_like_the_files_field_does_not_cut_the_message() -> None:
    commit = a_commit(message='x","files":["trap"],"files":[', files=(',"files":[', '"files":['))

    assert decode_commit_without_files(encode_commit(commit)) == commit._replace(files_changed=())


@pytest.mark.parametrize("text", ["\udcff", "a\ud800b", "\udc80\ud83d"])
def test_a_lone_surrogate_becomes_the_replacement_character(text: str) -> None:
    commit = a_commit(message=text, files=(text,))

    line = encode_commit(commit)

    line.decode("utf-8", "strict")
    expected = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    assert decode_commit(line) == commit._replace(message=expected, files_changed=(expected,))


@pytest.mark.parametrize(
    "tag",
    [Tag("v1.0.0", HASH_A, 1_740_000_000, annotated=True), Tag('a"b\\ü\udc80', None, None, annotated=False)],
)
def test_a_tag_is_one_line_that_gives_it_back(tag: Tag) -> None:
    back = decode_tag(encode_tag(tag))

    assert back == Tag(tag.name.replace("\udc80", "\ufffd"), tag.commit_sha, tag.tagged_s, tag.annotated)


def test_a_pull_head_is_one_line_that_gives_it_back() -> None:
    assert decode_pull_head(encode_pull_head(PullHead(7, HASH_B))) == PullHead(7, HASH_B)


def changed(line: bytes, **fields: Any) -> bytes:
    return json.dumps({**json.loads(line), **fields}).encode()


COMMIT_LINE = encode_commit(a_commit())
TAG_LINE = encode_tag(Tag("v1", HASH_A, 5, annotated=True))
HEAD_LINE = encode_pull_head(PullHead(7, HASH_A))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="empty"),
        pytest.param(COMMIT_LINE[:-1], id="cut"),
        pytest.param(COMMIT_LINE + b" ", id="something behind it"),
        pytest.param(COMMIT_LINE.replace(b"Ada", b"\xff"), id="not UTF-8"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="no fields"),
        pytest.param(changed(COMMIT_LINE, more=1), id="a field too many"),
        pytest.param(changed(COMMIT_LINE, sha="abc"), id="short hash"),
        pytest.param(changed(COMMIT_LINE, sha=7), id="hash no text"),
        pytest.param(changed(COMMIT_LINE, sha="A" * 40), id="upper-case hash"),
        pytest.param(changed(COMMIT_LINE, sha="a" * 40 + "\n"), id="hash with a line feed"),
        pytest.param(changed(COMMIT_LINE, parents="a"), id="parents no list"),
        pytest.param(changed(COMMIT_LINE, parents=["x"]), id="parent no hash"),
        pytest.param(changed(COMMIT_LINE, authored_s=True), id="time is true"),
        pytest.param(changed(COMMIT_LINE, committed_s=1.5), id="time is a fraction"),
        pytest.param(COMMIT_LINE.replace(b"1740000000", b"NaN"), id="time is NaN"),
        pytest.param(changed(COMMIT_LINE, message=None), id="no message"),
        pytest.param(changed(COMMIT_LINE, files=[1]), id="path no text"),
    ],
)
def test_a_line_that_the_encoder_would_not_write_is_no_commit(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"commit|decode|hash|object|Expecting|NaN|tag|number"):
        decode_commit(line)


@pytest.mark.parametrize(
    "line", [changed(TAG_LINE, name=1), changed(TAG_LINE, commit_sha="x"), changed(TAG_LINE, annotated=1), HEAD_LINE]
)
def test_a_line_that_the_encoder_would_not_write_is_no_tag(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"commit|decode|hash|object|Expecting|NaN|tag|number"):
        decode_tag(line)


@pytest.mark.parametrize("line", [changed(HEAD_LINE, number="7"), changed(HEAD_LINE, sha=None), TAG_LINE])
def test_a_line_that_the_encoder_would_not_write_is_no_pull_head(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"commit|decode|hash|object|Expecting|NaN|tag|number"):
        decode_pull_head(line)
