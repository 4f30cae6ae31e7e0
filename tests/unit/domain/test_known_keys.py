from __future__ import annotations

import pytest

from dora_metrics.domain.commit_graph import CommitGraph, StoredCommits
from dora_metrics.domain.known_keys import KnownService, Unknown, find_service, known_service
from dora_metrics.domain.review import ReviewRow
from dora_metrics.domain.typed_values import Unreadable
from support.judgement_samples import SHOP, a_change, a_dataset, a_deployment, a_failure, sha

STRUCK = "tag:v0"
"""A deployment that a person struck: only their decision still names it."""
ALIKE = ("abcdef1" + "0" * 33, "abcdef1" + "1" * 33)
DATASET = a_dataset(
    changes=(a_change(12),),
    deployments=(
        a_deployment("v1", 1, key="release:v1", evidence=("tag:v1",)),
        a_deployment("1.10", 2),
        a_deployment("2.0", 3),
    ),
    failures=(a_failure("release:v1", key="issue:7", issue=7),),
    unreachable=(sha(99),),
    unresolved=(13,),
)
ROWS = {"tag:2.0": ReviewRow("tag:2.0", SHOP)}
KNOWN = known_service(DATASET, [sha(1), sha(2), sha(12), *ALIKE], ROWS, [STRUCK, "commit:abc", "issue:9"])


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        pytest.param(f"commit:{sha(1)}", f"commit:{sha(1)}", id="as we wrote it"),
        pytest.param(f"COMMIT:{sha(1).upper()}", f"commit:{sha(1)}", id="upper case"),
        pytest.param(sha(1), f"commit:{sha(1)}", id="without the prefix"),
        pytest.param(f"commit:{sha(1)[:7]}", f"commit:{sha(1)}", id="seven digits are enough when unique"),
        pytest.param(f"commit:{sha(99)}", f"commit:{sha(99)}", id="force-pushed away, and still known"),
        pytest.param("issue:7", "issue:7", id="an incident"),
        pytest.param("release:v1", "release:v1", id="a deployment"),
        pytest.param("tag:v1", "tag:v1", id="evidence of a deployment"),
        pytest.param(STRUCK, STRUCK, id="one that only a decision still names"),
    ],
)
def test_a_row_that_was_extracted_is_found(typed: str, key: str) -> None:
    assert KNOWN.row_key(typed) == key


@pytest.mark.parametrize("typed", [f"commit:{sha(77)}", "issue:8", "issue:9", "tag:v9", "commit:12", "", "failure:x"])
def test_a_row_that_was_never_extracted_is_unknown(typed: str) -> None:
    with pytest.raises(Unknown):
        KNOWN.row_key(typed)


def test_an_abbreviation_of_two_commits_names_both() -> None:
    with pytest.raises(Unreadable, match=f"{ALIKE[0]}, {ALIKE[1]}") as refused:
        KNOWN.row_key("commit:abcdef1")
    assert not isinstance(refused.value, Unknown)


def test_a_key_that_became_a_number_is_damage_not_merely_unknown() -> None:
    with pytest.raises(Unreadable, match="changed by a spreadsheet") as refused:
        KNOWN.row_key("1.23E+11")
    assert not isinstance(refused.value, Unknown)


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        pytest.param("None", "none", id="no deployment"),
        pytest.param("v1", "release:v1", id="a tag gives its deployment's key"),
        pytest.param("tag:1.10", "tag:1.10", id="a key"),
        pytest.param("1.10", "tag:1.10", id="a tag that reads as a number, whole"),
        pytest.param("#12", "#12", id="a pull request"),
        pytest.param("pr:13", "#13", id="one that no rule resolved"),
        pytest.param(sha(2)[:8], f"commit:{sha(2)}", id="an abbreviated commit"),
    ],
)
def test_a_cause_is_named_by_tag_pull_request_or_commit(typed: str, cause: str) -> None:
    assert KNOWN.cause(typed) == cause


@pytest.mark.parametrize("typed", ["#99", "v9", sha(77), "the database", "issue:7"])
def test_a_cause_that_is_not_in_the_data_is_unknown(typed: str) -> None:
    with pytest.raises(Unknown):
        KNOWN.cause(typed)


@pytest.mark.parametrize(("typed", "key"), [("1.1", "tag:1.10"), ("2", "tag:2.0"), ("1,1", "tag:1.10")])
def test_a_tag_that_lost_its_zero_in_a_spreadsheet_is_not_guessed(typed: str, key: str) -> None:
    with pytest.raises(Unreadable, match="lost a zero") as refused:
        KNOWN.cause(typed)
    assert key in refused.value.remedy


API, WEB, OTHER = KnownService("acme/shop", "api"), KnownService("acme/shop", "web"), KnownService("acme/other")


@pytest.mark.parametrize(
    ("known", "cells", "found"),
    [
        pytest.param([OTHER], ("acme/other", ""), OTHER, id="by name"),
        pytest.param([OTHER], ("", ""), OTHER, id="the only one needs no name"),
        pytest.param([API, WEB], ("acme/shop", "web"), WEB, id="by service"),
        pytest.param([API, OTHER], ("acme/shop", ""), API, id="the repository's only service"),
        pytest.param([KnownService("acme/shop"), API], ("acme/shop", ""), KnownService("acme/shop"), id="exactly"),
    ],
)
def test_the_service_of_a_row(known: list[KnownService], cells: tuple[str, str], found: KnownService) -> None:
    assert find_service(known, *cells) == found


def test_a_service_is_never_guessed() -> None:
    with pytest.raises(Unreadable, match="more than one"):
        find_service([API, WEB], "acme/shop", "")
    with pytest.raises(Unknown):
        find_service([API, WEB], "acme/shop", "worker")


def test_an_issue_that_lost_its_label_keeps_its_row() -> None:
    """It is no failure any more, and what a person said of it stays importable."""
    known = known_service(DATASET, [], issues=[9])

    assert known.row_key("issue:9") == "issue:9"


def test_the_commits_of_a_graph_are_found_by_their_full_hashes_and_nothing_else() -> None:
    graph = CommitGraph()
    graph.add(sha(1), ())
    graph.add(ALIKE[0], [sha(1), sha(2)])  # the second parent is beyond a shallow boundary
    stored = StoredCommits(graph)

    assert (sorted(stored), len(stored)) == (sorted([sha(1), ALIKE[0]]), 2)
    assert sha(1) in stored
    odd = [sha(1).upper() + "A", ALIKE[0].upper(), f"{sha(1)} ", f" {sha(1)}", ALIKE[0][:39], "a_b", "", "x", None, 1]
    assert [name for name in [*odd, sha(2)] if name in stored] == []


def test_a_key_may_be_abbreviated_where_the_commits_are_those_of_a_graph() -> None:
    graph = CommitGraph()
    for name in (sha(1), *ALIKE):
        graph.add(name, ())
    known = known_service(DATASET, StoredCommits(graph))

    assert known.row_key(sha(1)[:7]) == f"commit:{sha(1)}"
    assert known.row_key(f"commit:{sha(99)}") == f"commit:{sha(99)}", "force-pushed away, and still known"
    with pytest.raises(Unreadable, match="more than one"):
        known.row_key(ALIKE[0][:7])
