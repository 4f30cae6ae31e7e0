"""Releases and GitHub Deployments as deployments, their precedence, and environments (definitions.md 3 and 11)."""

from __future__ import annotations

from typing import Any

import pytest

from dora_metrics.domain.models import Dataset
from support.github_history import GitHubHistory
from support.small_history import change, day, days, kinds, sha


def history_of(letters: str, **options: Any) -> GitHubHistory:
    history = GitHubHistory()
    history.line(letters, **options)
    return history


def made(dataset: Dataset) -> list[tuple[str, float]]:
    """Key and day of each deployment, in order."""
    return [(found.key, (found.deployed_at - day(0)).total_seconds() / 86400) for found in dataset.deployments]


class TestReleases:
    """What a Release is, and what its tag becomes."""

    def test_a_release_and_its_tag_are_one_at_the_time_of_publishing(self) -> None:
        dataset = history_of("ab").tag("v1.0", "b", at=2).release("v1.0", "b", at=3).judged()

        [found] = dataset.deployments
        assert (found.key, found.source, found.tag, found.deployed_at) == ("release:v1.0", "release", "v1.0", day(3))
        assert found.evidence == ("tag:v1.0",)

    def test_two_releases_of_one_commit_each_keep_their_own_tag(self) -> None:
        """The tag v1.1 is nearer in time to the release of v1.0: it is v1.1's all the same."""
        history = history_of("ab").tag("v1.1", "b", at=2).tag("v1.0", "b", at=3)
        dataset = history.release("v1.0", "b", at=2.1).release("v1.1", "b", at=5).judged()

        assert [(found.key, found.evidence) for found in dataset.deployments] == [
            ("release:v1.0", ("tag:v1.0",)),
            ("release:v1.1", ("tag:v1.1",)),
        ]
        assert kinds(dataset) == ["initial", "redeploy"]

    def test_drafts_never_count_and_leave_the_tag_alone(self) -> None:
        history = history_of("ab").tag("v1.0", "b", at=2).release("v1.0", "b", at=None, draft=True)

        assert made(history.judged(include_prereleases=True)) == [("tag:v1.0", 2)]

    def test_prereleases_only_when_asked_for_and_neither_do_their_tags(self) -> None:
        history = history_of("ab").tag("v2.0", "b", at=2).release("v2.0", "b", at=3, prerelease=True)

        assert made(history.judged()) == []
        assert made(history.judged(include_prereleases=True)) == [("release:v2.0", 3)]

    def test_the_tag_pattern_is_for_tags(self) -> None:
        history = history_of("ab").tag("nightly", "b", at=2).release("nightly", "b", at=3)

        assert made(history.judged(tag_pattern="v*")) == [("release:nightly", 3)]

    def test_a_release_whose_tag_is_gone_is_counted_and_delivers_nothing(self) -> None:
        """Two of them are not the same commit twice."""
        history = history_of("abc").release("v1.0", "a", at=0.5).release("v1.1", "", at=1).release("v1.2", "", at=2)
        dataset = history.release("v1.3", "c", at=3).judged()

        assert kinds(dataset) == ["initial", "normal", "normal", "normal"]
        assert [found.flags for found in dataset.deployments[1:3]] == [("no_new_changes", "sha_missing")] * 2
        assert change(dataset, "c").deployment == "release:v1.3"

    def test_a_moved_tag_deploys_where_it_was_last_seen(self) -> None:
        """GitHub's answer may be older than the clone: the clone's tag counts."""
        dataset = history_of("abc").tag("v1.0", "c", at=2).release("v1.0", "b", at=3).judged()

        assert [found.commit_sha for found in dataset.deployments] == [sha("c")]

    def test_sources_are_a_choice(self) -> None:
        history = history_of("ab").tag("v1.0", "b", at=2).release("v1.0", "b", at=3).deploy(1, "b", at=4)

        assert made(history.judged()) == [("deployment:1", 4)]
        assert made(history.judged(sources=("release", "tag"))) == [("release:v1.0", 3)]
        assert made(history.judged(sources=("tag",))) == [("tag:v1.0", 2)]
        assert made(history.judged(sources=("release",))) == [("release:v1.0", 3)]

    @pytest.mark.parametrize("key", ["release:v1.1", "tag:v1.1"])
    def test_no_deployment_is_said_of_a_release_and_its_tag_at_once(self, key: str) -> None:
        history = history_of("abc").tag("v1.0", "a", at=1).tag("v1.1", "b", at=2).release("v1.1", "b", at=3)

        assert made(history.say(key, is_deployment="no").judged()) == [("tag:v1.0", 1)]

    def test_what_was_said_of_a_tag_is_said_of_its_release(self) -> None:
        """A project that worked from the clone alone keeps its people's word when GitHub's releases come in."""
        history = history_of("abc").tag("v1.0", "a", at=1).tag("v1.1", "b", at=2)
        history.say("tag:v1.1", deployed_at="2025-01-06T00:00:00Z", deployment_failed="yes")
        dataset = history.release("v1.1", "b", at=3).judged()

        assert made(dataset) == [("tag:v1.0", 1), ("release:v1.1", 5)]
        assert dataset.deployments[1].explicit
        assert [failure.deployment for failure in dataset.failures] == ["release:v1.1"]


class TestGitHubDeployments:
    """What a GitHub Deployment is."""

    @pytest.mark.parametrize(
        ("environment", "counts"),
        [
            ("production", True),
            ("Production", True),
            ("PROD", True),
            ("live", True),
            ("staging", False),
            ("pro", False),
        ],
    )
    def test_environments_of_production_in_any_case(self, environment: str, counts: bool) -> None:
        dataset = history_of("ab").deploy(1, "b", at=2, to=environment).judged()

        assert made(dataset) == ([("deployment:1", 2)] if counts else [])

    def test_what_never_succeeded_is_none(self) -> None:
        assert made(history_of("ab").deploy(1, "b", at=None).judged()) == []

    def test_two_sources(self) -> None:
        """Tag v1@2, tag v2@3, GitHub deploys v1@4, v2@5: two deployments, @4 and @5, normal; tags are evidence."""
        history = history_of("abc", step=0.5).tag("v0", "a", at=0).tag("v0.1", "a", at=0)
        history.tag("v1.0", "b", at=2).tag("v2.0", "c", at=3).deploy(1, "b", at=4, ref="v1.0").deploy(2, "c", at=5)
        dataset = history.judged()

        assert made(dataset)[-2:] == [("deployment:1", 4), ("deployment:2", 5)]
        assert kinds(dataset) == ["initial", "normal", "normal"]
        assert [found.evidence for found in dataset.deployments[1:]] == [("tag:v1.0",), ("tag:v2.0",)]
        assert [found.tag for found in dataset.deployments[1:]] == ["v1.0", "v2.0"]

    def test_three_sources_are_one_deployment(self) -> None:
        history = history_of("ab").tag("v1.0", "b", at=2).release("v1.0", "b", at=3).deploy(1, "b", at=4)
        [found] = history.judged().deployments

        assert (found.key, found.evidence, found.tag) == ("deployment:1", ("release:v1.0", "tag:v1.0"), "v1.0")

    def test_a_release_that_was_rolled_back_to_keeps_its_tag(self) -> None:
        """GitHub deploys 1.21.1@2, then 1.21.0@3 (released @1): the release stays, and its tag with it."""
        history = history_of("abc", step=0.2).tag("1.20.0", "a", at=0).tag("1.21.0", "b", at=0.9)
        history.tag("1.21.1", "c", at=1.5).release("1.21.0", "b", at=1).deploy(1, "c", at=2).deploy(2, "b", at=3)
        dataset = history.judged()

        assert made(dataset) == [("tag:1.20.0", 0), ("release:1.21.0", 1), ("deployment:1", 2), ("deployment:2", 3)]
        assert dataset.deployments[1].evidence == ("tag:1.21.0",)
        assert kinds(dataset) == ["initial", "normal", "normal", "rollback"]
        assert [(failure.deployment, failure.attribution) for failure in dataset.failures] == [
            ("deployment:1", "rollback")
        ]

    def test_a_commit_that_the_clone_lacks(self) -> None:
        """From a fork, or force-pushed away: kept for frequency, delivers nothing."""
        dataset = history_of("ab").deploy(1, "a", at=1).deploy(2, "?", at=2).deploy(3, "b", at=3).judged()

        assert kinds(dataset) == ["initial", "normal", "normal"]
        assert "sha_missing" in dataset.deployments[1].flags
        assert change(dataset, "b").deployment == "deployment:3"


class TestEnvironments:
    """prod-eu and prod-us both match: kinds within each, a commit's earliest arrival in any of them."""

    @staticmethod
    def judged(*deployed: tuple[str, str, float]) -> Dataset:
        history = history_of("abcd", step=0.1)
        for number, (letter, region, at) in enumerate(deployed, 1):
            history.deploy(number, letter, at=at, to=f"prod-{region}")
        return history.judged(environment="^prod-")

    def test_later_arrivals_of_a_commit_are_redeploys(self) -> None:
        dataset = self.judged(("a", "eu", 1), ("a", "us", 2), ("b", "eu", 3), ("b", "us", 4), ("c", "us", 5))

        assert kinds(dataset) == ["initial", "redeploy", "normal", "redeploy", "normal"]
        assert change(dataset, "b").deployed_at == day(3)

    def test_a_region_that_lags_behind_rolls_nothing_back(self) -> None:
        dataset = self.judged(("a", "eu", 1), ("b", "eu", 2), ("a", "us", 3), ("b", "us", 4))

        assert kinds(dataset) == ["initial", "normal", "redeploy", "redeploy"]
        assert dataset.failures == ()

    def test_a_rollback_in_one_region_blames_what_brought_the_commit_to_users(self) -> None:
        dataset = self.judged(("a", "eu", 1), ("a", "us", 1.5), ("b", "eu", 2), ("b", "us", 3), ("a", "us", 4))

        assert kinds(dataset)[-1] == "rollback"
        [failure] = dataset.failures
        assert (failure.deployment, failure.restored_at) == ("deployment:3", day(4))

    def test_a_rollback_in_both_regions_is_one_failure_restored_at_the_last(self) -> None:
        dataset = self.judged(
            ("a", "eu", 1),
            ("a", "us", 1),
            ("b", "eu", 2),
            ("b", "us", 3),
            ("a", "eu", 4),
            ("a", "us", 5),
            ("b", "eu", 6),
        )

        assert kinds(dataset) == ["initial", "redeploy", "normal", "redeploy", "rollback", "rollback", "normal"]
        [failure] = dataset.failures
        assert (failure.deployment, failure.restored_at) == ("deployment:3", day(5))

    def test_what_was_rolled_back_everywhere_and_shipped_again_counts_once_more(self) -> None:
        dataset = self.judged(
            ("a", "eu", 1),
            ("a", "us", 1.5),
            ("b", "eu", 3),
            ("b", "us", 3.5),
            ("a", "eu", 4),
            ("a", "us", 4.5),
            ("b", "eu", 5),
            ("b", "us", 5.5),
        )

        assert kinds(dataset)[4:] == ["rollback", "rollback", "normal", "redeploy"]

    def test_a_region_rolls_back_what_it_had_and_not_what_another_got_since(self) -> None:
        dataset = self.judged(
            ("a", "eu", 1), ("a", "us", 1.5), ("b", "eu", 2), ("b", "us", 3), ("c", "eu", 4), ("a", "us", 5)
        )

        assert kinds(dataset)[-2:] == ["normal", "rollback"]
        assert [failure.deployment for failure in dataset.failures] == ["deployment:3"]

    def test_earlier_tags_count_as_production_whatever_the_environment_is_called(self) -> None:
        """Tags until day 2, GitHub Deployments to "live" since: its first one is not the first of all."""
        history = history_of("abc", step=0.1).tag("v1.0", "a", at=1).tag("v1.1", "b", at=2)
        history.deploy(1, "c", at=3, to="live")
        dataset = history.judged()

        assert kinds(dataset) == ["initial", "normal", "normal"]
        assert days(change(dataset, "c").lead_time) == pytest.approx(2.8)

    def test_going_back_behind_a_tag_is_a_rollback_of_it(self) -> None:
        history = history_of("abc", step=0.1).deploy(1, "a", at=1, to="live").tag("v1.1", "b", at=2)
        history.deploy(2, "a", at=3, to="live")
        dataset = history.judged()

        assert kinds(dataset) == ["initial", "normal", "rollback"]
        assert [failure.deployment for failure in dataset.failures] == ["tag:v1.1"]
