"""GitHub's facts survive the way through a line of JSON, and nothing else passes for one."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.github_facts import GitHubDeployment, Incident, Release
from dora_metrics.domain.models import PullRequest
from dora_metrics.storage.github_codec import DEPLOYMENT, INCIDENT, PULL_REQUEST, RELEASE, Codec
from support.store_samples import HASH_A, HASH_B, MARCH_2

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NODE_ID = st.text("RPI_0123", min_size=1, max_size=5)
HASH = st.sampled_from([HASH_A, HASH_B, "0" * 64])
NUMBER = st.integers(0, 2**40)
TIME = st.datetimes(timezones=st.just(timezone.utc)).map(lambda moment: moment.replace(microsecond=0))
TEXTS, HASHES = st.lists(TEXT, max_size=3).map(tuple), st.lists(HASH, max_size=3).map(tuple)
PULLS = st.builds(
    PullRequest,
    number=NUMBER,
    title=TEXT,
    merge_sha=st.none() | HASH,
    head_sha=st.none() | HASH,
    commits=st.none() | HASHES,
    commit_times=st.lists(st.tuples(NUMBER, NUMBER), max_size=3).map(tuple),
    head_branch=st.none() | TEXT,
    author=st.none() | TEXT,
    is_bot=st.none() | st.booleans(),
    labels=st.none() | TEXTS,
    body=st.none() | TEXT,
    created_at=st.none() | TIME,
    ready_at=st.none() | TIME,
    first_review_at=st.none() | TIME,
    merged_at=st.none() | TIME,
    node_id=NODE_ID,
    updated_at=TIME,
    closes=st.lists(NUMBER, max_size=3).map(tuple),
    incomplete=st.booleans(),
)
RELEASES = st.builds(Release, node_id=NODE_ID, tag=TEXT, commit_sha=st.none() | HASH, published_at=st.none() | TIME)
DEPLOYMENTS = st.builds(
    GitHubDeployment,
    node_id=NODE_ID,
    database_id=NUMBER,
    environment=TEXT,
    commit_sha=HASH,
    ref=st.none() | TEXT,
    created_at=TIME,
    succeeded_at=st.none() | TIME,
)
INCIDENTS = st.builds(
    Incident,
    node_id=NODE_ID,
    number=NUMBER,
    title=TEXT,
    body=TEXT,
    labels=TEXTS,
    created_at=TIME,
    closed_at=st.none() | TIME,
    updated_at=TIME,
    closed_by_commit=st.none() | HASH,
)
PULL = PullRequest(7, "Add a cart", HASH_A, HASH_B, (HASH_A,), node_id="PR_7", labels=("x",), updated_at=MARCH_2)
RELEASE_1 = Release("RE_1", "v1", HASH_A, MARCH_2, is_draft=False, is_prerelease=False)
DEPLOYMENT_1 = GitHubDeployment("DE_1", 1, "production", HASH_A, None, MARCH_2, None, is_terminal=False)
INCIDENT_1 = Incident("I_1", 1, "down", "", ("incident",), MARCH_2, None, MARCH_2)
EACH = [
    (PULL_REQUEST, PULL, PULLS),
    (RELEASE, RELEASE_1, RELEASES),
    (DEPLOYMENT, DEPLOYMENT_1, DEPLOYMENTS),
    (INCIDENT, INCIDENT_1, INCIDENTS),
]
NAMES = ["pull request", "release", "deployment", "incident"]


@given(st.sampled_from(EACH).flatmap(lambda each: st.tuples(st.just(each[0]), each[2])))
def test_a_fact_is_one_line_that_gives_it_back(codec_and_fact: tuple[Codec[Any], Any]) -> None:
    codec, fact = codec_and_fact

    line = codec.encode(fact)

    assert b"\n" not in line
    assert codec.decode(line) == fact


@pytest.mark.parametrize(("codec", "fact", "_strategy"), EACH, ids=NAMES)
def test_every_field_is_stored(codec: Codec[Any], fact: Any, _strategy: object) -> None:
    assert codec.fields == [field.name for field in fields(fact)]


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    back = PULL_REQUEST.decode(PULL_REQUEST.encode(replace(PULL, title="a\ud800b")))

    assert back.title == "a\ufffdb"


@pytest.mark.parametrize(
    ("codec", "fact", "wrong"),
    [
        (PULL_REQUEST, PULL, {"number": True}),
        (PULL_REQUEST, PULL, {"number": "7"}),
        (PULL_REQUEST, PULL, {"title": None}),
        (PULL_REQUEST, PULL, {"node_id": ""}),
        (PULL_REQUEST, PULL, {"updated_at": None}),
        (PULL_REQUEST, PULL, {"updated_at": "2025-03-02T14:05:00+00:00"}),
        (PULL_REQUEST, PULL, {"updated_at": "2025-13-02T14:05:00Z"}),
        (PULL_REQUEST, PULL, {"updated_at": 5}),
        (PULL_REQUEST, PULL, {"merge_sha": "abc"}),
        (PULL_REQUEST, PULL, {"commits": HASH_A}),
        (PULL_REQUEST, PULL, {"commits": ["abc"]}),
        (PULL_REQUEST, PULL, {"commit_times": [[1, 2, 3]]}),
        (PULL_REQUEST, PULL, {"commit_times": [[1, None]]}),
        (PULL_REQUEST, PULL, {"labels": [1]}),
        (PULL_REQUEST, PULL, {"closes": ["1"]}),
        (PULL_REQUEST, PULL, {"incomplete": 0}),
        (PULL_REQUEST, PULL, {"more": 1}),
        (RELEASE, RELEASE_1, {"is_draft": None}),
        (DEPLOYMENT, DEPLOYMENT_1, {"commit_sha": None}),
        (DEPLOYMENT, DEPLOYMENT_1, {"database_id": 1.5}),
        (INCIDENT, INCIDENT_1, {"labels": None}),
    ],
)
def test_a_line_that_the_encoder_would_not_write_is_refused(
    codec: Codec[Any], fact: Any, wrong: dict[str, Any]
) -> None:
    line = json.dumps({**json.loads(codec.encode(fact)), **wrong}).encode()

    with pytest.raises(ValueError, match=r"type|time|hash|node id|object|month|unpack"):
        codec.decode(line)


@pytest.mark.parametrize("line", [b"", b"[]", PULL_REQUEST.encode(PULL)[:-1], RELEASE.encode(RELEASE_1)])
def test_what_is_no_line_of_a_pull_request_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"object|Expecting|Unterminated"):
        PULL_REQUEST.decode(line)


def test_times_are_read_in_utc() -> None:
    assert PULL_REQUEST.decode(PULL_REQUEST.encode(PULL)).updated_at == datetime(2025, 3, 2, 14, 5, tzinfo=timezone.utc)
