"""What failed, by which rule, and what a person's word does to it (definitions.md 6)."""

from __future__ import annotations

import pytest

from dora_metrics.domain.models import Failure
from dora_metrics.domain.timestamps import format_utc
from support.small_history import SmallHistory, change, day, kinds, sha

HOTFIX = "Merge pull request #5 from ada/hotfix/cart\n\nRepair the cart"


def shipped() -> SmallHistory:
    """a, b, c shipped one by one: v1.0 at day 1, v1.1 at day 2, v1.2 at day 3."""
    history = SmallHistory().line("abc", step=0.5)
    return history.tag("v1.0", "a", at=1).tag("v1.1", "b", at=2).tag("v1.2", "c", at=3)


def reverting(letter: str) -> str:
    return f'Revert "change {letter}"\n\nThis reverts commit {sha(letter)}.'


def only(failures: tuple[Failure, ...]) -> Failure:
    [failure] = failures
    return failure


@pytest.mark.parametrize(
    ("written", "expected", "attribution", "confidence"),
    [
        pytest.param(3.5, "tag:v1.2", "inferred", "medium", id="the last deployment before it was begun"),
        pytest.param(2.5, "tag:v1.1", "inferred", "medium", id="not one that came after"),
        pytest.param(6, "tag:v1.2", "inferred", "low", id="days later: less sure"),
        pytest.param(10, "tag:v1.2", "inferred", "low", id="exactly the window"),
        pytest.param(10.1, None, "unattributed", "low", id="beyond the window nobody is blamed"),
        pytest.param(1.5, None, "unattributed", "low", id="the initial deployment cannot be blamed by time"),
    ],
)
def test_a_hotfix_blames_the_last_deployment_before_it(
    written: float, expected: str | None, attribution: str, confidence: str
) -> None:
    history = shipped().commit("h", "c", at=max(written, 3.2), written=written, message="hotfix: stop the loss (#7)")
    failure = only(history.tag("v1.3", "h", at=11).judged().failures)

    assert (failure.deployment, failure.attribution, failure.confidence) == (expected, attribution, confidence)
    assert (failure.restored_at, failure.restored_by) == (day(11), "tag:v1.3")
    assert failure.provenance == "inferred"


def test_a_hotfix_by_its_branch() -> None:
    history = shipped().commit("h", "c", at=3.5, branch=False).commit("m", "ch", at=4, message=HOTFIX)
    dataset = history.tag("v1.3", "m", at=5).judged()

    assert change(dataset, "#5").hotfix_reason == "branch hotfix/cart"
    assert only(dataset.failures).deployment == "tag:v1.2"
    assert kinds(dataset)[-1] == "hotfix"


def test_an_undeployed_fix_leaves_the_failure_open() -> None:
    failure = only(shipped().commit("h", "c", at=3.5, message="[hotfix] now").judged().failures)

    assert (failure.began_at, failure.restored_at, failure.restored_by) == (day(3), None, None)


def test_a_direct_commit_by_a_person_makes_a_hotfix_release_normal() -> None:
    history = shipped().commit("h", "c", at=3.5, message="hotfix: x").commit("d", "h", at=3.6)

    assert kinds(history.tag("v1.3", "d", at=4).judged())[-1] == "normal"


def test_a_revert_blames_what_shipped_the_reverted_change() -> None:
    history = shipped().commit("r", "c", at=4, message=reverting("b"))
    failure = only(history.tag("v1.3", "r", at=5).judged().failures)

    assert (failure.deployment, failure.attribution, failure.confidence) == ("tag:v1.1", "revert", "high")
    assert (failure.began_at, failure.restored_at) == (day(2), day(5))


def test_a_revert_of_what_the_initial_deployment_shipped_is_outside() -> None:
    history = shipped().commit("r", "c", at=4, message=reverting("a"))
    failure = only(history.tag("v1.3", "r", at=5).judged().failures)

    assert (failure.deployment, failure.attribution) == ("tag:v1.0", "not_in_Dc")


def test_a_revert_of_a_revert_is_a_relanding() -> None:
    history = shipped().commit("r", "c", at=4, message=reverting("b")).tag("v1.3", "r", at=5)
    history.commit("s", "r", at=6, message=f'Revert "Revert "change b""\n\nThis reverts commit {sha("r")}.')

    assert [f.deployment for f in history.tag("v1.4", "s", at=7).judged().failures] == ["tag:v1.1"]


def test_a_revert_of_what_was_never_shipped_is_no_failure() -> None:
    history = shipped().commit("d", "c", at=4).commit("r", "d", at=5, message=reverting("d"))

    assert history.judged().failures == ()


def test_a_title_alone_names_nothing() -> None:
    history = shipped().commit("r", "c", at=4, message='Revert "change b"')
    dataset = history.tag("v1.3", "r", at=5).judged()

    assert (change(dataset, "r").is_revert, change(dataset, "r").reverts) == (True, ())
    assert dataset.failures == ()


@pytest.mark.parametrize(
    "message",
    [
        pytest.param('Revert "Add a cart (#4)" (#6)', id="by the number that the quoted title ends in"),
        pytest.param('Revert "Cart" (#6)\n\nReverts acme/shop#4', id="by GitHub's own line"),
        pytest.param('Revert "Cart" (#6)\n\nReverts #4', id="without the repository"),
        pytest.param(f"Take the cart out (#6)\n\nThis reverts commit {sha('p')[:12]}.", id="by an abbreviated hash"),
    ],
)
def test_a_pull_request_names_what_it_reverts(message: str) -> None:
    history = shipped().commit("p", "c", at=3.5, message="Add a cart (#4)").tag("v1.3", "p", at=4)
    dataset = history.commit("r", "p", at=5, message=message).tag("v1.4", "r", at=6).judged()

    assert change(dataset, "#6").reverts == ("pr:4",)
    assert only(dataset.failures).deployment == "tag:v1.3"


def test_another_repositorys_number_is_not_ours() -> None:
    history = shipped().commit("p", "c", at=3.5, message="Add a cart (#4)").tag("v1.3", "p", at=4)
    history.commit("r", "p", at=5, message='Revert "Cart" (#6)\n\nReverts other/shop#4').tag("v1.4", "r", at=6)

    assert history.judged().failures == ()


def test_consecutive_rollbacks_are_one_failure_restored_at_the_last() -> None:
    history = shipped().tag("v1.3", "b", at=4).tag("v1.4", "a", at=5)
    dataset = history.judged()

    assert kinds(dataset) == ["initial", "normal", "normal", "rollback", "rollback"]
    failure = only(dataset.failures)
    assert (failure.deployment, failure.restored_at, failure.restored_by) == ("tag:v1.2", day(5), "tag:v1.4")
    assert failure.title == "rollback to v1.0"


def test_a_rollback_may_blame_what_introduced_the_trouble() -> None:
    """C back to a: by default what was live (v1.2), else the first deployment after the one rolled back to (v1.1)."""
    history = shipped().tag("v1.4", "a", at=5)

    assert only(history.judged().failures).deployment == "tag:v1.2"
    assert only(history.judged(rollback_blames="introduced").failures).deployment == "tag:v1.1"


def test_a_deployment_fails_once_however_many_signs_there_are() -> None:
    """A rollback and a revert of the same deployment: one failure, from the earliest to the latest."""
    history = shipped().tag("v1.2.1", "b", at=4).commit("r", "c", at=5, message=reverting("c")).tag("v1.3", "r", at=6)
    failure = only(history.judged().failures)

    assert (failure.key, failure.attribution) == ("failure:tag:v1.2", "rollback")
    assert (failure.began_at, failure.restored_at, failure.restored_by) == (day(3), day(6), "tag:v1.3")


def test_release_lines_are_rolled_back_one_by_one() -> None:
    """1.1 after 2.0 on an older commit is another line's news, no rollback of 2.0."""
    history = SmallHistory().line("abc").tag("v1.0", "a", at=0.5).tag("v1.1", "b", at=1.5).tag("v2.0", "c", at=3)
    history.tag("v1.0.1", "a", at=4)

    assert kinds(history.judged(release_line=r"^v(\d+)"))[-1] == "rollback"
    assert history.judged(release_line=r"^v(\d+)").failures[0].deployment == "tag:v1.1"


class TestAPersonsWord:
    """Each decision column, over a proposal."""

    def test_no_failure_strikes_the_proposals(self) -> None:
        history = shipped().commit("r", "c", at=4, message=reverting("c")).tag("v1.3", "r", at=5)

        assert history.say("c", deployment_failed="no").judged().failures == ()

    def test_reviewed_confirms_a_proposal(self) -> None:
        history = shipped().commit("r", "c", at=4, message=reverting("c")).tag("v1.3", "r", at=5)

        assert only(history.say("c", reviewed="yes").judged().failures).provenance == "explicit"
        assert only(history.say("r", reviewed="yes").judged().failures).provenance == "explicit"

    def test_it_failed(self) -> None:
        failure = only(shipped().say("b", deployment_failed="yes").judged().failures)

        assert (failure.deployment, failure.attribution) == ("tag:v1.1", "annotated_deployment")
        assert (failure.provenance, failure.restored_at) == ("explicit", None)

    def test_it_failed_on_the_row_of_a_change_blames_what_delivered_it(self) -> None:
        history = SmallHistory().line("abc").tag("v1.0", "a", at=0.5).tag("v1.1", "c", at=3)
        failure = only(history.say("b", deployment_failed="yes").judged().failures)

        assert (failure.deployment, failure.attribution) == ("tag:v1.1", "annotated_commit")

    def test_times_of_the_outage(self) -> None:
        history = shipped().commit("h", "c", at=3.5, message="hotfix: x").tag("v1.3", "h", at=5)
        history.say("h", started_at=format_utc(day(3.25)), resolved_at=format_utc(day(3.75)))
        failure = only(history.judged().failures)

        assert (failure.began_at, failure.restored_at, failure.restored_by) == (day(3.25), day(3.75), "annotation")

    @pytest.mark.parametrize(
        ("named", "deployment", "attribution"),
        [
            pytest.param("v1.1", "tag:v1.1", "annotated_deployment", id="a tag"),
            pytest.param("tag:v1.1", "tag:v1.1", "annotated_deployment", id="a deployment's key"),
            pytest.param(f"commit:{sha('b')}", "tag:v1.1", "annotated_commit", id="a commit"),
            pytest.param("none", None, "no_deployment", id="no deployment caused it"),
            pytest.param("v1.0", "tag:v1.0", "not_in_Dc", id="the initial one cannot fail"),
        ],
    )
    def test_what_caused_it(self, named: str, deployment: str | None, attribution: str) -> None:
        history = shipped().commit("h", "c", at=3.5, message="hotfix: x").tag("v1.3", "h", at=5)
        failure = only(history.say("h", caused_by=named).judged().failures)

        assert (failure.deployment, failure.attribution, failure.provenance) == (deployment, attribution, "explicit")

    def test_a_confirmed_failure_keeps_what_fixed_it(self) -> None:
        history = shipped().commit("h", "c", at=3.5, message="hotfix: stop the loss").tag("v1.3", "h", at=5)
        failure = only(history.say("c", deployment_failed="yes", resolved_at=format_utc(day(4))).judged().failures)

        assert (failure.title, failure.fixed_by) == ("hotfix: stop the loss", f"commit:{sha('h')}")
        assert (failure.restored_at, failure.restored_by) == (day(4), "annotation")
        assert (failure.provenance, failure.confidence) == ("explicit", "high")

    def test_a_named_cause_outlives_no_failure_on_the_deployment(self) -> None:
        history = shipped().commit("h", "c", at=3.5, message="hotfix: x").tag("v1.3", "h", at=5)
        history.say("h", caused_by="v1.1").say("b", deployment_failed="no")

        assert only(history.judged().failures).deployment == "tag:v1.1"

    def test_not_a_hotfix(self) -> None:
        history = shipped().commit("h", "c", at=3.5, message="hotfix: x").tag("v1.3", "h", at=5)
        dataset = history.say("h", is_hotfix="no").judged()

        assert dataset.failures == ()
        assert kinds(dataset)[-1] == "normal"

    def test_a_hotfix_nobody_saw(self) -> None:
        history = shipped().commit("d", "c", at=3.5).tag("v1.3", "d", at=4)
        dataset = history.say("d", is_hotfix="yes").judged()

        assert kinds(dataset)[-1] == "hotfix"
        assert only(dataset.failures).deployment == "tag:v1.2"

    def test_not_a_deployment(self) -> None:
        dataset = shipped().say("b", is_deployment="no").judged()

        assert [deployment.tag for deployment in dataset.deployments] == ["v1.0", "v1.2"]
        assert change(dataset, "b").deployed_at == day(3)

    def test_a_deployment_that_left_no_trace(self) -> None:
        history = SmallHistory().line("abc").tag("v1.0", "a", at=0.5)
        history.say("b", is_deployment="yes", deployed_at=format_utc(day(5)))
        added = history.judged().deployments[-1]

        assert (added.key, added.deployed_at, added.source) == (f"annotation:{sha('b')}", day(5), "annotation")
        assert added.explicit

    def test_without_a_time_it_is_when_the_commit_reached_the_branch(self) -> None:
        history = SmallHistory().line("a").commit("f", "a", at=1, branch=False).commit("m", "af", at=4)
        [added] = history.say("f", is_deployment="yes").judged().deployments

        assert added.deployed_at == day(4)

    def test_a_time_moves_the_deployment_and_keeps_its_key(self) -> None:
        history = shipped().say("c", deployed_at=format_utc(day(7)))
        moved = history.judged().deployments[-1]

        assert (moved.key, moved.deployed_at, moved.explicit) == ("tag:v1.2", day(7), True)

    def test_a_rollback_that_looks_like_a_release(self) -> None:
        dataset = shipped().say("c", is_rollback="yes").judged()

        assert kinds(dataset)[-1] == "rollback"
        assert only(dataset.failures).deployment == "tag:v1.1"

    def test_no_rollback(self) -> None:
        dataset = shipped().tag("v1.3", "b", at=4).say("tag:v1.3", is_rollback="no").judged()

        assert kinds(dataset)[-1] == "normal"
        assert dataset.failures == ()

    def test_the_later_word_wins_and_a_dash_takes_it_back(self) -> None:
        history = shipped().say("c", deployment_failed="yes").say("c", deployment_failed="no")
        assert history.judged().failures == ()

        assert history.say("c", deployment_failed="-").judged().failures == ()
        assert only(history.say("c", deployment_failed="yes").judged().failures).deployment == "tag:v1.2"
