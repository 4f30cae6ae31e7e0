"""Incident issues: what each blames by time, when it began and ended (definitions.md 6 and 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Optional

import pytest

from dora_metrics.domain.outages import outages_by_deployment
from dora_metrics.domain.review import LineCommit
from dora_metrics.processors.review import build_review_rows
from support.github_history import GitHubHistory
from support.incident_samples import fixed, only, outage, shipped
from support.small_history import change, day, days, sha

TWO_MINUTES = 120 / 86400


@pytest.mark.parametrize(
    ("opened", "deployment", "attribution", "confidence"),
    [
        pytest.param(3.5, "tag:v1.2", "inferred", "medium", id="the last deployment before it was opened"),
        pytest.param(3, "tag:v1.2", "inferred", "medium", id="opened at that very moment"),
        pytest.param(2.5, "tag:v1.1", "inferred", "medium", id="not one that came after"),
        pytest.param(10, "tag:v1.2", "inferred", "low", id="exactly the window"),
        pytest.param(10.1, None, "unattributed", "low", id="beyond the window nobody is blamed"),
        pytest.param(1.5, None, "unattributed", "low", id="the initial deployment cannot be blamed by time"),
    ],
)
def test_an_incident_blames_the_last_deployment_before_it(
    opened: float, deployment: Optional[str], attribution: str, confidence: str
) -> None:
    failure = only(shipped().incident(50, opened=opened, closed=11).judged())

    assert (failure.key, failure.issue, failure.title) == ("issue:50", 50, "Checkout is down")
    assert (failure.deployment, failure.attribution, failure.confidence) == (deployment, attribution, confidence)
    assert (failure.provenance, failure.began_at, failure.restored_at) == ("inferred", day(opened), day(11))
    assert failure.restored_by == "issue:50"


def test_the_window_is_a_setting() -> None:
    assert only(shipped().incident(50, opened=10.1).judged(window_days=8)).deployment == "tag:v1.2"


def test_two_incidents_one_deployment() -> None:
    """4 deployments, 2 incidents on #2: rate 1/4. Each incident has a row; the deployment failed once."""
    history = shipped().commit("d", "c", at=3.2).tag("v1.3", "d", at=4).commit("e", "d", at=4.2)
    history.tag("v1.4", "e", at=5)
    dataset = history.incident(50, opened=3.1, closed=3.5).incident(51, opened=3.2, closed=3.9).judged()

    assert [failure.key for failure in dataset.failures] == ["issue:50", "issue:51"]
    assert list(outages_by_deployment(dataset.failures)) == ["tag:v1.2"]
    assert (outage(dataset).began_at, outage(dataset).restored_at) == (day(3.1), day(3.9))
    assert len([made for made in dataset.deployments if made.kind in ("normal", "hotfix")]) == 4


def test_late_failure() -> None:
    """Deploy 31 March, incident 2 April: it is the deployment of 31 March that failed, in the first quarter."""
    history = GitHubHistory()
    history.line("ab").tag("v1.0", "a", at=0).tag("v1.1", "b", at=89)
    dataset = history.incident(50, opened=91, closed=91.5).judged()

    assert only(dataset).deployment == "tag:v1.1"
    assert (dataset.deployments[1].deployed_at, only(dataset).restored_at) == (day(89), day(91.5))


def test_auto_closed_issue() -> None:
    """Opened 1, fix merged = closed 2, shipped 4: recovery 3, not 1."""
    history = GitHubHistory()
    history.line("ab", step=0.1).tag("v1.0", "a", at=0.5).tag("v1.1", "b", at=0.9)
    history.commit("h", "b", at=2).pull(40, merged=2, merge="h").tag("v1.2", "h", at=4)
    dataset = history.incident(50, opened=1, closed=2, by_pull=40).judged()

    failure = only(dataset)
    assert (failure.deployment, days(outage(dataset).recovery)) == ("tag:v1.1", 3)
    assert (failure.fixed_by, failure.restored_by, failure.flags) == ("pr:40", "tag:v1.2", ("auto_closed",))


@pytest.mark.parametrize(
    ("closed", "restored"),
    [
        pytest.param(4 + TWO_MINUTES, 5, id="120 s after the merge: by it"),
        pytest.param(4 - TWO_MINUTES, 5, id="120 s before, two clocks"),
        pytest.param(4 + TWO_MINUTES * 1.02, 4 + TWO_MINUTES * 1.02, id="later: by a person, who knows"),
        pytest.param(6, 6, id="long after the fix was shipped"),
    ],
)
def test_what_counts_as_closed_by_its_fix(closed: float, restored: float) -> None:
    failure = only(fixed().incident(50, opened=3.5, closed=closed, by_pull=40).judged())

    assert failure.restored_at == day(restored)


def test_a_commit_that_closed_it() -> None:
    """Pushed long after it was written: what closed the issue was the push, not a person."""
    history = shipped().commit("h", "c", at=3.6, message="Fixes #50").tag("v1.3", "h", at=5)
    failure = only(history.incident(50, opened=3.5, closed=4.5, by_commit="h").judged())

    assert (failure.fixed_by, failure.restored_at) == (f"commit:{sha('h')}", day(5))


def test_a_closed_issue_whose_fix_is_not_shipped_is_open() -> None:
    history = fixed(deployed=None).incident(50, opened=3.5, closed=4, by_pull=40)

    assert (only(history.judged()).restored_at, only(history.judged()).restored_by) == (None, None)


def test_several_fixes_of_which_one_is_not_shipped_are_open() -> None:
    history = fixed(closes=(50,))
    history.commit("i", "h", at=6).pull(41, merged=6, merge="i", closes=(50,))
    history.incident(50, opened=3.5, closed=6, by_pull=41)
    assert only(history.judged()).restored_at is None

    failure = only(history.tag("v1.4", "i", at=7).judged())
    assert (failure.restored_at, failure.restored_by, failure.fixed_by) == (day(7), "tag:v1.4", "pr:41")


def test_open_incident() -> None:
    """Opened 1, as_of 10: no end; its age counts from the opening."""
    failure = only(shipped().incident(50, opened=3.5).judged())

    assert (failure.began_at, failure.restored_at, failure.restored_by) == (day(3.5), None, None)


def test_a_reopened_incident_is_open_though_its_fix_was_shipped() -> None:
    """GitHub clears closedAt on reopening; who had closed it is still told."""
    assert only(fixed().incident(50, opened=3.5, by_pull=40).judged()).restored_at is None


@pytest.mark.parametrize("labels", [(), ("bug",)])
def test_an_issue_without_the_label_is_no_incident(labels: tuple[str, ...]) -> None:
    assert shipped().incident(50, opened=3.5, labels=labels).judged().failures == ()


def test_labels_are_configured_and_compared_in_any_case() -> None:
    history = shipped().incident(50, opened=3.5, labels=("Sev1",))

    assert only(history.judged(incident_labels=("incident", "SEV1"))).issue == 50


def test_an_incident_has_a_review_row_that_asks_once() -> None:
    dataset = fixed(closes=(50,)).incident(50, opened=3.5, closed=4).judged()
    line = {found: LineCommit(sha=found, committed_at=day(1), title="x") for found in dataset.line}
    rows = {row.key: row for row in build_review_rows(dataset, line, [])}

    row = rows["issue:50"]
    assert (row.attention, row.proposal, row.deployment, row.date) == (True, "caused_by", "v1.2", day(3.5))
    assert row.url == "https://github.com/acme/shop/issues/50"
    assert not rows[f"commit:{sha('c')}"].attention, "the deployment's row says it, and does not ask again"


def test_an_incident_moves_no_delivery() -> None:
    history = fixed()

    before = change(history.judged(), "#40")
    assert change(history.incident(50, opened=3.5, closed=4, by_pull=40).judged(), "#40") == before
    assert before.lead_time == timedelta(days=1)
