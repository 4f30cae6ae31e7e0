"""Which questions are asked first, which are not asked at all, and how many at a time."""

from __future__ import annotations

import pytest

from dora_metrics.domain.models import Dataset, Deployment
from dora_metrics.domain.review import LineCommit, ReviewRow
from dora_metrics.processors.review import build_review_rows
from dora_metrics.processors.review_patches import patch_releases
from dora_metrics.processors.review_weight import MOST_QUESTIONS, quarter_of
from support.judgement_samples import a_change, a_dataset, a_decision, a_deployment, a_failure, at, sha

IN_Q3 = 24 * 150


def asking(dataset: Dataset) -> list[ReviewRow]:
    return [row for row in build_review_rows(dataset, {}, []) if row.attention]


def many(count: int, start: float = 0.0, prefix: str = "v") -> tuple[Deployment, ...]:
    return tuple(a_deployment(f"{prefix}{n}", n + 1, deployed_at=at(start + n / 100)) for n in range(count))


@pytest.mark.parametrize(("hours", "quarter"), [(0, "2025-Q1"), (24 * 30, "2025-Q2"), (24 * 305, "2026-Q1")])
def test_a_quarter_is_the_calendars_in_utc(hours: int, quarter: str) -> None:
    assert quarter_of(at(hours)) == quarter


def test_a_question_about_few_deployments_weighs_more_than_one_about_many() -> None:
    dataset = a_dataset(
        deployments=(*many(20), *many(4, IN_Q3, "w")),
        failures=(a_failure("tag:v3"), a_failure("tag:w1")),
    )

    rows = asking(dataset)

    assert [row.deployment for row in rows] == ["w1", "v3"]
    assert rows[0].moves == "change failure rate of 2025-Q3 by up to 25 points"
    assert rows[1].moves == "change failure rate of 2025-Q1 by up to 5 points"


def test_what_is_doubtful_is_asked_before_what_is_all_but_sure() -> None:
    dataset = a_dataset(
        deployments=many(4), failures=(a_failure("tag:v3", confidence="high"), a_failure("tag:v1", confidence="low"))
    )

    assert [row.deployment for row in asking(dataset)] == ["v1", "v3"]


def test_what_can_move_no_rate_by_a_point_is_not_asked() -> None:
    assert len(asking(a_dataset(deployments=many(100), failures=(a_failure("tag:v3"),)))) == 1
    assert asking(a_dataset(deployments=many(101), failures=(a_failure("tag:v3"),))) == []


def test_ten_thousand_proposals_do_not_ask_ten_thousand_questions() -> None:
    """The weightiest come first; those left over are there to be marked, and come up when the first are answered."""
    deployments = tuple(
        a_deployment(f"v{n}", n + 1, deployed_at=at(n * 24), kind="rollback", kind_reason="went back")
        for n in range(3000)
    )

    rows = asking(a_dataset(deployments=deployments))

    assert len(rows) == MOST_QUESTIONS
    first = [
        a_decision(row.key, "is_rollback", "yes")
        for row in build_review_rows(a_dataset(deployments=deployments), {}, [])[:MOST_QUESTIONS]
    ]
    later = [row for row in build_review_rows(a_dataset(deployments=deployments), {}, first) if row.attention]
    assert len(later) == MOST_QUESTIONS
    assert not {row.key for row in rows} & {row.key for row in later}


def test_a_hotfix_whose_failure_is_asked_about_does_not_ask_a_second_time() -> None:
    change = a_change(1, is_hotfix=True, hotfix_reason="label hotfix", deployment="tag:v2")
    failure = a_failure("tag:v1", fixed_by="pr:1")

    def keys(kind: str) -> list[str]:
        made = (a_deployment("v1", 50), a_deployment("v2", 1, kind=kind))
        line = {sha(1): LineCommit(sha=sha(1), committed_at=at(1), title="fix it")}
        rows = build_review_rows(a_dataset(changes=(change,), deployments=made, failures=(failure,)), line, [])
        return [row.key for row in rows if row.attention]

    assert keys("normal") == ["tag:v1"]
    assert sorted(keys("hotfix"))[1:] == ["tag:v1"], "what is rework hangs on the hotfix itself"


@pytest.mark.parametrize(
    ("tags", "asks"),
    [
        pytest.param(
            [("1.2.0", 0), ("1.2.1", 24 * 3)], "a patch 3 days after 1.2.0: was that one broken?", id="a patch"
        ),
        pytest.param(
            [("v1.2.0", 0), ("v1.2.1", 5)], "a patch 5 hours after v1.2.0: was that one broken?", id="in hours"
        ),
        pytest.param([("1.2.0", 0), ("1.2.1", 24 * 7 + 1)], "", id="later than a week is maintenance"),
        pytest.param([("1.2.0", 0), ("1.3.0", 5)], "", id="a minor version is no patch"),
        pytest.param([("1.2", 0), ("1.3", 5)], "", id="two numbers have no patch"),
        pytest.param([("api-1.2.0", 0), ("web-1.2.1", 5)], "", id="another line"),
        pytest.param([("1.2.1", 0)], "", id="the first of its line"),
        pytest.param(
            [("1.2.0", 0), ("1.3.0", 1), ("1.2.1", 2)],
            "a patch 2 hours after 1.2.0: was that one broken?",
            id="two lines",
        ),
    ],
)
def test_a_patch_soon_after_a_release_is_a_question(tags: list[tuple[str, float]], asks: str) -> None:
    made = [a_deployment(tag, n, deployed_at=at(hours)) for n, (tag, hours) in enumerate(tags)]

    found = patch_releases(made)

    assert {key: patch.words for key, patch in found.items()} == ({made[-1].key: asks} if asks else {})
    assert [(patch.before, patch.at) for patch in found.values()] == (
        [(made[0].key, made[-1].deployed_at)] if asks else []
    )


def test_a_patch_release_counts_as_nothing_until_somebody_says_so() -> None:
    dataset = a_dataset(deployments=(a_deployment("1.2.0", 1), a_deployment("1.2.1", 2)))

    [row] = asking(dataset)

    assert (row.key, row.proposal, row.confidence) == ("tag:1.2.1", "patch_release; deployment", "low")


def test_what_is_a_hotfix_or_went_back_needs_no_such_question() -> None:
    made = [a_deployment("1.2.0", 1)] + [
        a_deployment("1.2.1", 2, kind=kind) for kind in ("hotfix", "rollback", "redeploy")
    ]

    assert patch_releases(made) == {}
