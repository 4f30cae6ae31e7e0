"""What there is to know about the data: each finding counted by its rule, with what to do, and never out of nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Annotation, Dataset, PullRequest
from dora_metrics.domain.quality import ACT, FINE, WATCH, QualityFinding
from dora_metrics.processors.data_quality import SEVERITIES, assess_quality
from dora_metrics.processors.judgement import Facts
from dora_metrics.processors.quality_rules import RULES
from support.judgement_samples import SHOP, a_change, a_dataset, a_decision, a_deployment, a_failure, at, sha

NO_WORDS: tuple[Annotation, ...] = ()
FIRST = a_deployment("v1", 1, kind="initial")
SECOND = a_deployment("v2", 2)
THIRD = a_deployment("v3", 3, kind="rollback", kind_reason="goes back to an ancestor of what was live")
DELIVERED = {"deployment": "tag:v2", "deployed_at": at(2), "via": "merge_commit", "lead_time": timedelta(hours=1)}
A_HOTFIX = a_change(3, **DELIVERED, is_hotfix=True, hotfix_reason="label hotfix")


def known(**given: Any) -> Facts:
    """What was said about the shop; from GitHub unless a test says otherwise."""
    return Facts(**{"repository": SHOP, "history": History(), "branch_tip": None, "from_github": True, **given})


KNOWN = known()


def found(
    dataset: Dataset, facts: Facts = KNOWN, words: tuple[Annotation, ...] = NO_WORDS
) -> dict[str, QualityFinding]:
    return {finding.code: finding for finding in assess_quality([dataset], [facts], words)}


def deployed(**given: Any) -> Dataset:
    return a_dataset(**{"deployments": (FIRST, SECOND), **given})


@pytest.mark.parametrize(
    ("code", "dataset", "facts", "expected"),
    [
        pytest.param("no_deployments", a_dataset(), known(), (1, 1, ACT), id="nothing deployed"),
        pytest.param("truncated", deployed(), known(truncated=True), (1, 1, ACT), id="shallow"),
        pytest.param("without_github", deployed(), known(from_github=False), (1, 1, WATCH), id="git only"),
        pytest.param(
            "incomplete_pull_requests",
            deployed(),
            known(pull_requests=[PullRequest(n, "x", None, None, None, incomplete=n == 1) for n in (1, 2)]),
            (1, 2, WATCH),
            id="GitHub gave not all of one",
        ),
        pytest.param("no_failure_known", deployed(), known(), (0, 1, WATCH), id="the initial one cannot fail"),
        pytest.param(
            "unconfirmed_failures", deployed(failures=(a_failure("tag:v2"),)), known(), (1, 1, ACT), id="all proposed"
        ),
        pytest.param(
            "unconfirmed_failures",
            deployed(
                deployments=(FIRST, SECOND, a_deployment("v4", 4)),
                failures=(a_failure("tag:v2"), a_failure("tag:v4", provenance="explicit")),
            ),
            known(),
            (1, 2, WATCH),
            id="half confirmed",
        ),
        pytest.param(
            "open_failures", deployed(failures=(a_failure("tag:v2"),)), known(), (1, 1, WATCH), id="not restored"
        ),
        pytest.param(
            "recovery_left_out:invalid",
            deployed(failures=(a_failure("tag:v2", began_at=at(5), restored_at=at(4)),)),
            known(),
            (1, 1, WATCH),
            id="restored before it began",
        ),
        pytest.param(
            "unattributed",
            deployed(failures=(a_failure(None, attribution="unattributed"), a_failure("tag:v2"))),
            known(),
            (1, 2, WATCH),
            id="tied to nothing",
        ),
        pytest.param(
            "not_in_Dc",
            deployed(failures=(a_failure("tag:v1", attribution="not_in_Dc"),)),
            known(),
            (1, 1, FINE),
            id="the initial one blamed",
        ),
        pytest.param("unconfirmed_hotfixes", deployed(changes=(A_HOTFIX,)), known(), (1, 1, WATCH), id="by label"),
        pytest.param(
            "unconfirmed_rollbacks", deployed(deployments=(FIRST, SECOND, THIRD)), known(), (1, 1, WATCH), id="back"
        ),
        pytest.param(
            "with_pull_request",
            deployed(changes=(a_change(2, **DELIVERED), a_change(3, **DELIVERED, pull_request=None))),
            known(),
            (1, 2, FINE),
            id="half have one",
        ),
        pytest.param(
            "with_pull_request",
            deployed(changes=(a_change(3, **DELIVERED, pull_request=None),)),
            known(),
            (0, 1, WATCH),
            id="none has one",
        ),
        pytest.param(
            "undeployed",
            deployed(changes=(a_change(2, **DELIVERED), a_change(3))),
            known(),
            (1, 2, FINE),
            id="half wait",
        ),
        pytest.param("undeployed", deployed(changes=(a_change(3),)), known(), (1, 1, WATCH), id="all wait"),
        pytest.param(
            "unresolved",
            deployed(changes=(a_change(2, **DELIVERED), a_change(3, left_out="unresolved"))),
            known(),
            (1, 2, WATCH),
            id="unresolved is no undeployed change",
        ),
        pytest.param(
            "left_out:carrier",
            deployed(changes=(*(a_change(n, **DELIVERED) for n in range(2, 11)), a_change(12, left_out="carrier"))),
            known(),
            (1, 10, FINE),
            id="a carrier",
        ),
        pytest.param(
            "left_out:left_truncated",
            deployed(changes=(a_change(2, **DELIVERED), a_change(3, left_out="left_truncated"))),
            known(),
            (1, 2, WATCH),
            id="many left out",
        ),
        pytest.param(
            "left_out:new_reason",
            deployed(changes=(a_change(2, left_out="new_reason"),)),
            known(),
            (1, 1, WATCH),
            id="a reason without words is not lost",
        ),
        pytest.param(
            "clamped",
            deployed(changes=(a_change(2, **DELIVERED, flags=("clamped",)),)),
            known(),
            (1, 1, FINE),
            id="skew",
        ),
        pytest.param(
            "via:merge_commit", deployed(changes=(a_change(2, **DELIVERED),)), known(), (1, 1, FINE), id="by rule"
        ),
        pytest.param("undated_commits", deployed(undated_commits=3), known(), (3, None, WATCH), id="no time"),
        pytest.param("undated_tags", deployed(undated_tags=("v9",)), known(), (1, None, WATCH), id="no tag time"),
        pytest.param("unreachable", deployed(unreachable=(sha(9),)), known(), (1, None, FINE), id="force-push"),
        pytest.param(
            "sha_missing",
            deployed(deployments=(FIRST, replace(SECOND, flags=("sha_missing",)))),
            known(),
            (1, 2, ACT),
            id="commit gone",
        ),
        pytest.param(
            "no_new_changes",
            deployed(deployments=(FIRST, replace(SECOND, flags=("no_new_changes",)))),
            known(),
            (1, 2, FINE),
            id="nothing new",
        ),
    ],
)  # fmt: skip
def test_each_finding_is_counted_of_its_total(
    code: str, dataset: Dataset, facts: Facts, expected: tuple[int, int, str]
) -> None:
    finding = found(dataset, facts)[code]

    assert (finding.count, finding.total, finding.severity) == expected


@pytest.mark.parametrize(
    ("dataset", "word", "code"),
    [
        (deployed(changes=(A_HOTFIX,)), a_decision(f"commit:{sha(3)}", "reviewed", "yes"), "unconfirmed_hotfixes"),
        (deployed(changes=(A_HOTFIX,)), a_decision(f"commit:{sha(3)}", "notes", "agreed"), "unconfirmed_hotfixes"),
        (
            deployed(deployments=(FIRST, SECOND, THIRD)),
            a_decision("tag:v3", "is_rollback", "yes"),
            "unconfirmed_rollbacks",
        ),
        (
            deployed(deployments=(FIRST, SECOND, THIRD)),
            a_decision(f"commit:{sha(3)}", "reviewed", "yes"),
            "unconfirmed_rollbacks",
        ),
    ],
)
def test_what_a_person_reviewed_is_no_open_proposal(dataset: Dataset, word: Annotation, code: str) -> None:
    assert code in found(dataset)
    assert code not in found(dataset, words=(word,))


def test_the_gravest_stands_first() -> None:
    dataset = deployed(
        deployments=(FIRST, replace(SECOND, flags=("no_new_changes", "sha_missing"))),
        changes=(a_change(2, **DELIVERED), a_change(3)),
    )

    severities = [
        SEVERITIES.index(finding.severity) for finding in assess_quality([dataset], [known(truncated=True)], NO_WORDS)
    ]

    assert severities == sorted(severities)
    assert set(severities) == {0, 1, 2}


def test_the_order_of_repositories_says_nothing() -> None:
    other = replace(deployed(changes=(a_change(2, **DELIVERED),)), repository="acme/api")
    both = [deployed(undated_commits=1), other]
    facts = [known(), known(repository="acme/api")]

    assert assess_quality(both, facts, NO_WORDS) == assess_quality(both[::-1], facts[::-1], NO_WORDS)


def test_two_services_count_the_repository_once() -> None:
    api, web = (replace(deployed(undated_commits=2), service=name) for name in ("api", "web"))

    pooled = {finding.code: finding for finding in assess_quality([api, web], [known(), known()], NO_WORDS)}

    assert pooled["undated_commits"].count == 2
    assert "truncated" not in pooled


def test_of_nothing_there_is_no_finding_and_no_share() -> None:
    assert assess_quality((), (), NO_WORDS) == ()
    assert set(found(a_dataset())) == {"no_deployments"}


def test_what_asks_for_something_says_what_to_do() -> None:
    """Only impossible dates and commits without a pull request leave nothing to do."""
    silent = {code for code, rule in RULES.items() if rule.severity != FINE and not rule.remedy}

    assert silent == {"undated_commits", "bad_author_date"}
    assert all(rule.meaning for rule in RULES.values())
