from __future__ import annotations

from typing import Any, Optional

import pytest

from dora_metrics.domain.models import Annotation, Dataset
from dora_metrics.domain.review import LineCommit, ReviewRow
from dora_metrics.processors.review import MOST_ROWS, build_review_rows
from support.judgement_samples import SHOP, a_change, a_dataset, a_decision, a_deployment, a_failure, at, sha


def a_line(*numbers: int, **given: Any) -> dict[str, LineCommit]:
    """Commits of the line, newest first, each at as many hours as its number."""
    return {
        sha(n): LineCommit(sha=sha(n), committed_at=at(n), title=f"commit {n}", **given)
        for n in sorted(numbers, reverse=True)
    }


def rows_of(
    dataset: Dataset, line: dict[str, LineCommit], annotations: Optional[list[Annotation]] = None, *, rows: str = "all"
) -> dict[str, ReviewRow]:
    return {row.key: row for row in build_review_rows(dataset, line, annotations or [], rows=rows)}


def commit(number: int) -> str:
    return f"commit:{sha(number)}"


def test_a_commit_of_the_line_with_nothing_to_say() -> None:
    line = a_line(1, pull_request=12, labels=("bug",))
    assert build_review_rows(a_dataset(), line, []) == [
        ReviewRow(
            key=commit(1),
            repository=SHOP,
            date=at(1),
            pull_request=12,
            title="commit 1",
            labels=("bug",),
            host="https://github.com",
        )
    ]


def test_nothing_gives_no_rows() -> None:
    assert build_review_rows(a_dataset(), {}, []) == []


def test_labels_come_from_the_change_where_the_commit_has_none() -> None:
    rows = rows_of(a_dataset(changes=(a_change(1, labels=("hotfix",)),)), a_line(1))
    assert rows[commit(1)].labels == ("hotfix",)


def test_a_deployment_joins_its_commit_and_asks_nothing() -> None:
    row = rows_of(a_dataset(deployments=(a_deployment("v1", 1),)), a_line(1))[commit(1)]
    assert (row.deployment, row.proposal, row.reason, row.confidence) == ("v1", "deployment", "tag v1", "high")
    assert not row.attention


def test_what_is_off_the_line_or_a_commits_second_has_a_row_of_its_own() -> None:
    deployments = (
        a_deployment("v1", 1),
        a_deployment("v1-again", 1, deployed_at=at(3), kind="redeploy"),
        a_deployment("old-line", 50),
    )
    rows = rows_of(a_dataset(deployments=deployments), a_line(1, 2))

    assert set(rows) == {commit(1), commit(2), "tag:v1-again", "tag:old-line"}
    assert rows[commit(1)].deployment == "v1"
    own = rows["tag:old-line"]
    assert (own.date, own.deployment, own.title) == (at(50), "old-line", "tag old-line")
    assert own.url == "https://github.com/acme/shop/releases/tag/old-line"


@pytest.mark.parametrize(
    ("dataset", "proposal", "reason", "confidence", "attention"),
    [
        pytest.param(
            a_dataset(changes=(a_change(1, is_hotfix=True, hotfix_reason="label hotfix"),)),
            "hotfix",
            "label hotfix",
            "high",
            True,
            id="a hotfix",
        ),
        pytest.param(
            a_dataset(changes=(a_change(1, is_revert=True, reverts=("pr:9",)),)),
            "revert",
            "reverts pr:9",
            "high",
            False,
            id="a revert moves a number only as a failure",
        ),
        pytest.param(
            a_dataset(changes=(a_change(1, is_revert=True),)),
            "revert",
            "its title says that it is a revert",
            "medium",
            False,
            id="a revert that names nothing",
        ),
        pytest.param(
            a_dataset(deployments=(a_deployment("v1", 1, kind="rollback", kind_reason="v1 was live before"),)),
            "rollback",
            "v1 was live before",
            "high",
            True,
            id="a rollback",
        ),
        pytest.param(
            a_dataset(deployments=(a_deployment("v1", 1, flags=("backfilled_tag",)),)),
            "deployment",
            "its tag was made more than 30 days after the commit",
            "low",
            True,
            id="a late tag",
        ),
        pytest.param(
            a_dataset(deployments=(a_deployment("v1", 1, flags=("out_of_order", "no_new_changes")),)),
            "deployment",
            "its tag stands on a commit older than what was live",
            "low",
            True,
            id="a tag on an old commit",
        ),
        pytest.param(
            a_dataset(deployments=(a_deployment("v1", 1),), failures=(a_failure("tag:v1", confidence="low"),)),
            "deployment_failed; deployment",
            "a hotfix followed; tag v1",
            "low",
            True,
            id="a failed deployment",
        ),
        pytest.param(
            a_dataset(deployments=(a_deployment("v1", 1),), failures=(a_failure("tag:v1", provenance="explicit"),)),
            "deployment_failed; deployment",
            "a hotfix followed; tag v1",
            "medium",
            False,
            id="a person said that it failed",
        ),
        pytest.param(
            a_dataset(
                changes=(a_change(1, is_hotfix=True, hotfix_reason="title"),),
                failures=(
                    a_failure(None, key="failure:pr:1", attribution="unattributed", fixed_by="pr:1", confidence="low"),
                ),
            ),
            "unattributed; hotfix",
            "a hotfix followed; title",
            "low",
            True,
            id="a hotfix of nobody knows what",
        ),
        pytest.param(
            a_dataset(
                deployments=(a_deployment("v1", 1),), failures=(a_failure("tag:v1", attribution="no_deployment"),)
            ),
            "deployment",
            "tag v1",
            "high",
            False,
            id="a deployment that was cleared",
        ),
    ],
)
def test_what_we_propose_and_when_we_ask(
    dataset: Dataset, proposal: str, reason: str, confidence: str, attention: bool
) -> None:
    row = rows_of(dataset, a_line(1, 2))[commit(1)]
    assert (row.proposal, row.reason, row.confidence, row.attention) == (proposal, reason, confidence, attention)


def test_a_hotfix_release_off_the_line_asks_on_its_own_row() -> None:
    patch = a_deployment("v1.1", 50, kind="hotfix", kind_reason="only hotfixes in it")
    row = rows_of(a_dataset(deployments=(patch,)), a_line(1))["tag:v1.1"]
    assert (row.proposal, row.reason, row.attention) == ("hotfix", "only hotfixes in it", True)


def test_of_an_incident_only_its_own_row_asks() -> None:
    incident = a_failure("tag:v1", key="issue:7", issue=7, title="checkout is down")
    rows = rows_of(a_dataset(deployments=(a_deployment("v1", 1),), failures=(incident,)), a_line(1))

    own, blamed = rows["issue:7"], rows[commit(1)]
    assert (own.attention, own.proposal, own.deployment, own.date) == (True, "caused_by", "v1", at(0))
    assert (own.title, own.url) == ("checkout is down", "https://github.com/acme/shop/issues/7")
    assert (blamed.attention, blamed.proposal) == (False, "deployment_failed; deployment")


def test_an_incident_that_no_deployment_answers_for_asks() -> None:
    row = rows_of(a_dataset(failures=(a_failure(None, key="issue:7", issue=7, attribution="unattributed"),)), {})[
        "issue:7"
    ]
    assert (row.attention, row.proposal, row.deployment) == (True, "unattributed", "")


@pytest.mark.parametrize("column", ["reviewed", "is_hotfix", "notes"])
def test_a_row_that_was_answered_asks_no_more(column: str) -> None:
    dataset = a_dataset(changes=(a_change(1, is_hotfix=True),))
    row = rows_of(dataset, a_line(1), [a_decision(commit(1), column, "yes")])[commit(1)]
    assert (row.attention, row.decisions) == (False, {column: "yes"})


def test_a_row_whose_answer_was_taken_back_asks_again() -> None:
    dataset = a_dataset(changes=(a_change(1, is_hotfix=True),))
    said = [a_decision(commit(1), "is_hotfix", value, accepted_at=at(n)) for n, value in enumerate(["no", "-"])]
    row = rows_of(dataset, a_line(1), said)[commit(1)]
    assert (row.attention, row.decisions) == (True, {})


def test_an_answer_about_the_evidence_is_one_about_the_deployment() -> None:
    """A tag that a person confirmed has become a release since."""
    released = a_deployment("v1", 50, key="release:v1", evidence=("tag:v1",), kind="rollback")
    rows = rows_of(a_dataset(deployments=(released,)), {}, [a_decision("tag:v1", "is_rollback", "yes")])
    assert not rows["release:v1"].attention
    assert rows["tag:v1"].reason == "now evidence of another deployment"


@pytest.mark.parametrize(
    ("number", "reason"), [(88, "not on the branch's first-parent line"), (99, "in the history no more")]
)
def test_no_decision_goes_out_of_sight(number: int, reason: str) -> None:
    rows = rows_of(a_dataset(unreachable=(sha(99),)), a_line(1), [a_decision(commit(number), "notes", "mine")])
    assert (rows[commit(number)].decisions, rows[commit(number)].reason) == ({"notes": "mine"}, reason)


def test_decisions_of_another_service_stay_there() -> None:
    rows = rows_of(a_dataset(), a_line(1), [a_decision(commit(1), "notes", "theirs", service="api")])
    assert rows[commit(1)].decisions == {}


def test_rows_that_ask_stand_on_top_then_the_newest() -> None:
    dataset = a_dataset(
        changes=(a_change(2, is_hotfix=True), a_change(4, is_hotfix=True)),
        deployments=(a_deployment("off", 50, deployed_at=at(2.5)),),
        failures=(a_failure("tag:off", key="issue:7", issue=7, began_at=None, provenance="explicit"),),
    )
    keys = [row.key for row in build_review_rows(dataset, a_line(1, 2, 3, 4, 5), [])]
    assert keys == [commit(4), commit(2), commit(5), commit(3), "tag:off", commit(1), "issue:7"]


def test_few_rows_are_all_shown_and_many_only_where_they_matter() -> None:
    dataset = a_dataset(changes=(a_change(3, is_hotfix=True),))
    said = [a_decision(commit(5), "notes", "mine")]
    few, many = a_line(*range(1, 10)), a_line(*range(1, MOST_ROWS + 2))

    assert len(rows_of(dataset, few, said, rows="auto")) == len(few)
    assert list(rows_of(dataset, many, said, rows="auto")) == [commit(3), commit(5)]
    assert list(rows_of(dataset, few, said, rows="attention")) == [commit(3), commit(5)]
    assert len(rows_of(dataset, many, said, rows="all")) == MOST_ROWS + 1
