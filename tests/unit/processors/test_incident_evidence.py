"""What incidents state, what belongs to them, and what a person says of them (definitions.md 6 and 11)."""

from __future__ import annotations

from typing import Optional

import pytest

from dora_metrics.domain.timestamps import format_utc
from support.incident_samples import fixed, only, outage, shipped
from support.small_history import day, sha


class TestStatedCause:
    """Rule 2, by the issue's own text: explicit."""

    @pytest.mark.parametrize(
        ("body", "deployment"),
        [
            pytest.param("Caused by #20.", "tag:v1.1", id="a pull request"),
            pytest.param("It was CAUSED BY acme/shop#20, we think", "tag:v1.1", id="with the repository"),
            pytest.param("caused by https://github.com/acme/shop/pull/20/files", "tag:v1.1", id="by its address"),
            pytest.param("Root cause: v1.1", "tag:v1.1", id="a tag"),
            pytest.param("**Root Cause:** `v1.1`.", "tag:v1.1", id="with markup"),
            pytest.param("### Root cause\n\ncommit {b}\n", "tag:v1.1", id="a commit below a heading"),
            pytest.param("root cause is {b:.8}", "tag:v1.1", id="an abbreviated commit"),
            pytest.param("root cause: https://github.com/acme/shop/releases/tag/v1.1", "tag:v1.1", id="a release"),
            pytest.param("Root cause: a race. Caused by #20", "tag:v1.1", id="of several, the one that is known"),
        ],
    )
    def test_named(self, body: str, deployment: str) -> None:
        failure = only(shipped().incident(50, opened=3.5, body=body.format(b=sha("b"))).judged())

        assert (failure.deployment, failure.attribution) == (deployment, "stated")
        assert (failure.provenance, failure.confidence) == ("explicit", "high")

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param("<!-- root cause: v1.1 -->", id="the template's own words"),
            pytest.param("caused by other/project#20", id="another repository's number"),
            pytest.param("caused by https://github.com/other/project/pull/20", id="another repository's address"),
            pytest.param("caused by #999", id="a number that is no pull request"),
            pytest.param("caused by heavy load", id="words"),
            pytest.param("see #20 and v1.1", id="named, but not as the cause"),
        ],
    )
    def test_names_nothing(self, body: str) -> None:
        failure = only(shipped().incident(50, opened=3.5, body=body).judged())

        assert (failure.deployment, failure.attribution) == ("tag:v1.2", "inferred")

    def test_what_never_shipped_caused_nothing(self) -> None:
        history = shipped().commit("d", "c", at=3.2).pull(60, merged=3.2, merge="d")

        assert only(history.incident(50, opened=3.5, body="caused by #60").judged()).attribution == "inferred"

    def test_a_cause_that_cannot_fail_is_outside(self) -> None:
        failure = only(shipped().incident(50, opened=3.5, body="root cause: v1.0").judged())

        assert (failure.deployment, failure.attribution) == ("tag:v1.0", "not_in_Dc")

    def test_a_commit_of_a_squashed_branch(self) -> None:
        history = shipped().commit("f", "c", at=3.1, branch=False).commit("s", "c", at=3.2)
        history.pull(60, merged=3.2, merge="s", head="f", commits="f").tag("v1.3", "s", at=4).commit("d", "s", at=4.1)
        history.tag("v1.4", "d", at=4.2).incident(50, opened=4.5, body=f"root cause: {sha('f')}")

        assert only(history.judged()).deployment == "tag:v1.3"


class TestJoined:
    """Evidence about one outage is joined first and attributed once, by its lowest rule."""

    @pytest.mark.parametrize(
        ("title", "body"),
        [
            pytest.param("Hotfix: stop the loss", "Closes #50", id="closes in the body"),
            pytest.param("Hotfix: stop the loss", "resolved: acme/shop#50", id="another form, with the repository"),
            pytest.param("Hotfix: fixing https://github.com/acme/shop/issues/50", "", id="by its address"),
            pytest.param("Hotfix for #50", "", id="a mention in the first line"),
        ],
    )
    def test_a_hotfix_that_names_the_incident(self, title: str, body: str) -> None:
        """Without that it would be a second failure, blamed by its own time."""
        dataset = fixed(title=title, body=body).incident(50, opened=2.5, closed=6).judged()

        assert (only(dataset).deployment, only(dataset).fixed_by) == ("tag:v1.1", "pr:40")
        assert only(dataset).restored_at == day(6)

    @pytest.mark.parametrize(
        ("title", "body"),
        [
            pytest.param("Hotfix: stop the loss", "see #50", id="a mention below the first line"),
            pytest.param("Hotfix: stop the loss", "Closes other/project#50", id="another repository's"),
            pytest.param("Hotfix: order 50", "", id="no number of an issue"),
        ],
    )
    def test_a_hotfix_that_does_not(self, title: str, body: str) -> None:
        dataset = fixed(title=title, body=body).incident(50, opened=2.5, closed=6).judged()

        assert [failure.deployment for failure in dataset.failures] == ["tag:v1.1", "tag:v1.2"]

    def test_a_lone_commit_that_names_it_below_its_subject(self) -> None:
        history = shipped().commit("h", "c", at=4, message="hotfix: stop the loss\n\nFixes #50").tag("v1.3", "h", at=5)

        assert only(history.incident(50, opened=2.5, closed=6).judged()).fixed_by == f"commit:{sha('h')}"

    def test_githubs_link_joins_whatever_the_pull_request_is(self) -> None:
        assert only(fixed(closes=(50,)).incident(50, opened=3.5, closed=6).judged()).fixed_by == "pr:40"

    def test_an_ordinary_pull_request_that_only_mentions_it_does_not(self) -> None:
        dataset = fixed(title="Measure #50", body="fixes #50").incident(50, opened=3.5, closed=4).judged()

        assert (only(dataset).fixed_by, only(dataset).restored_at) == (None, day(4))

    def test_a_revert_says_what_caused_it_and_the_incident_when_it_ended(self) -> None:
        """By time it would have been v1.2; the revert takes back what v1.1 brought."""
        history = fixed(title='Revert "b"', body="Reverts #20\n\nFixes #50", deployed=5)
        failure = only(history.incident(50, opened=3.5, closed=6).judged())

        assert (failure.deployment, failure.attribution, failure.confidence) == ("tag:v1.1", "revert", "high")
        assert (failure.began_at, failure.restored_at, failure.fixed_by) == (day(3.5), day(6), "pr:40")

    def test_what_the_text_states_comes_before_the_revert(self) -> None:
        history = fixed(title='Revert "b"', body="Reverts #20\n\nFixes #50")
        failure = only(history.incident(50, opened=3.5, closed=6, body="caused by #30").judged())

        assert (failure.deployment, failure.attribution) == ("tag:v1.2", "stated")

    def test_two_incidents_with_one_fix_have_one_cause(self) -> None:
        """Opened a week apart, closed by one pull request; what the first states holds for both."""
        history = fixed(merged=9, deployed=10, closes=(50, 51))
        dataset = (
            history.incident(51, opened=8, closed=9).incident(50, opened=3.5, closed=9, body="caused by #20").judged()
        )

        assert [(f.key, f.deployment, f.attribution) for f in dataset.failures] == [
            ("issue:50", "tag:v1.1", "stated"),
            ("issue:51", "tag:v1.1", "stated"),
        ]
        assert (outage(dataset).began_at, outage(dataset).restored_at) == (day(3.5), day(10))

    def test_a_rollback_of_the_same_deployment_is_part_of_the_incident(self) -> None:
        """The incident's own times count, the rollback's rule is lower."""
        dataset = shipped().tag("v1.2.1", "b", at=4).incident(50, opened=3.5, closed=4.5).judged()

        failure = only(dataset)
        assert (failure.deployment, failure.attribution, failure.confidence) == ("tag:v1.2", "rollback", "high")
        assert (failure.began_at, failure.restored_at) == (day(3.5), day(4.5))

    def test_an_incident_that_blames_nobody_takes_nothing_in(self) -> None:
        dataset = shipped().tag("v1.2.1", "b", at=4).incident(50, opened=20, closed=21).judged()

        assert [failure.attribution for failure in dataset.failures] == ["rollback", "unattributed"]


class TestAPersonsWord:
    """Decisions on the incident's row, the fix's and the deployment's."""

    @pytest.mark.parametrize(
        ("named", "deployment", "attribution"),
        [
            pytest.param("v1.1", "tag:v1.1", "annotated_deployment", id="a tag"),
            pytest.param("#20", "tag:v1.1", "annotated_commit", id="a pull request"),
            pytest.param("none", None, "no_deployment", id="no deployment caused it"),
        ],
    )
    def test_what_caused_it(self, named: str, deployment: Optional[str], attribution: str) -> None:
        """A person beats the issue's text."""
        history = shipped().incident(50, opened=3.5, body="caused by #30").say("issue:50", caused_by=named)
        failure = only(history.judged())

        assert (failure.deployment, failure.attribution, failure.provenance) == (deployment, attribution, "explicit")

    def test_the_fix_may_say_it(self) -> None:
        history = fixed(closes=(50,)).incident(50, opened=3.5).say("h", caused_by="v1.1")

        assert (only(history.judged()).deployment, only(history.judged()).provenance) == ("tag:v1.1", "explicit")

    def test_times_of_the_outage_and_the_window_from_its_start(self) -> None:
        """Opened ten days after v1.2, but users had felt it since day 2.5."""
        history = shipped().incident(50, opened=13, closed=14)
        history.say("issue:50", started_at=format_utc(day(2.5)), resolved_at=format_utc(day(12)))
        failure = only(history.judged())

        assert (failure.deployment, failure.attribution) == ("tag:v1.1", "inferred")
        assert (failure.began_at, failure.restored_at, failure.restored_by) == (day(2.5), day(12), "annotation")

    @pytest.mark.parametrize("row", ["issue:50", "h", "c"])
    def test_reviewed_on_any_of_its_rows_confirms_it(self, row: str) -> None:
        history = fixed(closes=(50,)).incident(50, opened=3.5, closed=4).say(row, reviewed="yes")

        assert (only(history.judged()).provenance, only(history.judged()).attribution) == ("explicit", "inferred")

    def test_the_deployment_did_not_fail(self) -> None:
        """The incident stays: its cause is not known."""
        failure = only(shipped().incident(50, opened=3.5, closed=4).say("c", deployment_failed="no").judged())

        assert (failure.key, failure.deployment, failure.attribution) == ("issue:50", None, "unattributed")

    def test_a_cause_named_on_the_fix_outlives_no_failure_on_the_deployment(self) -> None:
        history = (
            fixed(closes=(50,)).incident(50, opened=3.5).say("h", caused_by="v1.1").say("b", deployment_failed="no")
        )

        assert only(history.judged()).deployment == "tag:v1.1"

    def test_it_failed_and_the_incident_says_until_when(self) -> None:
        history = shipped().incident(50, opened=3.5, closed=4).say("c", deployment_failed="yes")
        failure = only(history.judged())

        assert (failure.attribution, failure.provenance) == ("annotated_deployment", "explicit")
        assert (failure.began_at, failure.restored_at) == (day(3.5), day(4))

    def test_it_failed_and_the_hotfix_says_until_when(self) -> None:
        """Without an incident: a person's bare word does not leave open what a shipped hotfix ended."""
        history = shipped().commit("h", "c", at=3.5, message="hotfix: x").tag("v1.3", "h", at=5)
        failure = only(history.say("c", deployment_failed="yes").judged())

        assert (failure.attribution, failure.restored_at) == ("annotated_deployment", day(5))
