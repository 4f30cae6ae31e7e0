"""What the sync asks, stores and says: one rule a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dora_metrics.domain.models import PullRequest
from dora_metrics.errors import ConfigurationError, UnreachableError
from dora_metrics.pipeline.github_streams import PULL_REQUESTS
from dora_metrics.pipeline.github_window import Window
from support.github_memory import START, MemoryGitHub, MemoryWorld, unreachable_at
from support.github_sync import Sync, difference
from support.store_samples import bytes_below

ONE_REQUEST_A_STREAM = ["repository", "pull_requests", "issues", "deployments", "releases"]


@pytest.fixture
def world() -> MemoryWorld:
    """Ten of everything, a day between them, all of it a month old."""
    world = MemoryWorld()
    for number in range(1, 11):
        world.merge_pull(number)
        world.publish(number)
        world.deploy(number)
        world.finish(number)
        world.open_issue(number)
        world.tick(days=1)
    world.tick(days=30)
    return world


@pytest.fixture
def sync(tmp_path: Path) -> Sync:
    return Sync(tmp_path / "data")


def test_the_first_run_stores_what_the_server_has(world: MemoryWorld, sync: Sync) -> None:
    news = sync.run(MemoryGitHub(world, page_size=3))

    assert difference(sync.facts(), world) == {}
    assert news.sentence(full=True) == (
        "acme/shop on GitHub: 10 pull requests, 10 incident issues, 10 deployments, 10 releases."
    )


def test_nothing_new_is_one_request_a_stream_and_no_change(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    before = bytes_below(sync.root)
    github = MemoryGitHub(world)

    news = sync.run(github)

    assert github.asked == ONE_REQUEST_A_STREAM
    assert not news.anything
    assert bytes_below(sync.root) == before


def test_each_further_hundred_releases_and_unfinished_deployments_is_one_request_more(
    world: MemoryWorld, sync: Sync
) -> None:
    for number in range(100, 300):
        world.publish(number)
        world.deploy(number, created_at=START)
    sync.run(MemoryGitHub(world))
    github = MemoryGitHub(world)

    assert not sync.run(github).anything

    more = ["deployments_by_id", "deployments_by_id", "releases", "releases", "releases"]
    assert github.asked == [*ONE_REQUEST_A_STREAM[:-1], *more]


def test_nothing_new_right_after_a_change_stores_nothing_twice(world: MemoryWorld, sync: Sync) -> None:
    """What is younger than two minutes is read again, and is known."""
    world.merge_pull(11)
    world.open_issue(11)
    world.deploy(11)
    sync.run(MemoryGitHub(world))
    before = bytes_below(sync.root)

    for _ in range(2):
        assert not sync.run(MemoryGitHub(world)).anything
        world.tick(minutes=10)

    assert bytes_below(sync.root) == before


def test_a_label_put_on_an_old_pull_request_is_seen(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    world.tick(days=700)
    world.touch_pull(1, labels=("hotfix",))

    news = sync.run(MemoryGitHub(world))

    assert sync.facts()["pull_requests"][0].labels == ("hotfix",)
    assert "1 pull request changed" in news.sentence(full=False)


def test_edited_and_deleted_releases_are_seen_and_said(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    world.publish(3, is_prerelease=True)
    world.remove("RE_4")

    news = sync.run(MemoryGitHub(world))

    assert difference(sync.facts(), world) == {}
    assert list(news.warnings()) == [
        "acme/shop: 1 release edited on GitHub: v3",
        "acme/shop: 1 release deleted on GitHub: v4",
    ]


def test_a_draft_that_is_published_was_not_edited(world: MemoryWorld, sync: Sync) -> None:
    world.publish(20, is_draft=True, published_at=None)
    sync.run(MemoryGitHub(world))
    world.publish(20)

    news = sync.run(MemoryGitHub(world))

    assert list(news.warnings()) == []
    assert "1 release changed" in news.sentence(full=False)


def test_when_all_releases_are_gone_none_is_left(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    for number in range(1, 11):
        world.remove(f"RE_{number}")

    assert "10 releases deleted on GitHub: v1, v10, v2, v3, v4 and 5 more" in "".join(
        sync.run(MemoryGitHub(world)).warnings()
    )
    assert sync.facts()["releases"] == ()


def test_a_status_that_comes_months_later_is_seen(world: MemoryWorld, sync: Sync) -> None:
    world.deploy(11)
    sync.run(MemoryGitHub(world))
    world.tick(days=90)
    sync.run(MemoryGitHub(world))
    world.finish(11)

    sync.run(MemoryGitHub(world))

    assert sync.facts()["github_deployments"][-1].succeeded_at == world.now


def test_a_deployment_that_is_gone_is_not_asked_for_again(world: MemoryWorld, sync: Sync) -> None:
    world.deploy(11)
    world.tick(days=30)
    sync.run(MemoryGitHub(world))
    world.remove("DE_11")
    sync.run(MemoryGitHub(world))
    github = MemoryGitHub(world)

    sync.run(github)

    assert github.asked == ONE_REQUEST_A_STREAM
    assert len(sync.facts()["github_deployments"]) == 11


@pytest.mark.parametrize("how", ["unlabelled", "deleted"])
def test_an_issue_that_is_no_incident_any_more_is_found_out(world: MemoryWorld, sync: Sync, how: str) -> None:
    sync.run(MemoryGitHub(world))
    if how == "unlabelled":
        world.touch_issue(4, labels=("question",))
    else:
        world.remove("I_4")
    github = MemoryGitHub(world)

    sync.run(github)

    assert github.asked.count("issues_by_id") == 1
    assert difference(sync.facts(), world) == {}
    again = MemoryGitHub(world)
    sync.run(again)
    assert again.asked == ONE_REQUEST_A_STREAM


def test_one_label_taken_off_and_one_put_on_are_both_seen(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    world.touch_issue(4, labels=())
    world.open_issue(11)

    sync.run(MemoryGitHub(world))

    assert difference(sync.facts(), world) == {}


def test_an_issue_closed_and_reopened_is_open(world: MemoryWorld, sync: Sync) -> None:
    world.touch_issue(2, closed_at=world.now)
    sync.run(MemoryGitHub(world))
    assert sync.facts()["incidents"][1].closed_at == world.now
    world.tick(hours=1)
    world.touch_issue(2, closed_at=None)

    sync.run(MemoryGitHub(world))

    assert sync.facts()["incidents"][1].closed_at is None


def test_another_label_in_the_settings_reads_all_issues_anew(world: MemoryWorld, sync: Sync) -> None:
    world.open_issue(50, labels=("outage",), updated_at=START)
    sync.run(MemoryGitHub(world))
    settings = sync.workspace.settings
    failures = replace(settings.failures, incident_labels=("outage",))
    other = Sync(sync.root, settings=replace(settings, failures=failures))

    other.run(MemoryGitHub(world))

    assert [issue.number for issue in other.facts()["incidents"] if "outage" in issue.labels] == [50]


def test_without_incident_labels_no_issue_is_asked_for(world: MemoryWorld, sync: Sync) -> None:
    settings = sync.workspace.settings
    none = Sync(sync.root, settings=replace(settings, failures=replace(settings.failures, incident_labels=())))
    github = MemoryGitHub(world)

    none.run(github)

    assert "issues" not in github.asked


def test_pull_requests_not_given_whole_are_named(world: MemoryWorld, sync: Sync) -> None:
    world.touch_pull(7, incomplete=True)

    news = sync.run(MemoryGitHub(world))

    assert list(news.warnings()) == [
        "acme/shop: GitHub did not give all of 1 pull request: #7; commits or labels may be missing"
    ]


def test_a_re_created_repository_is_refused_until_somebody_says_rebind(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    before = bytes_below(sync.root)
    other = MemoryWorld()
    other.repository = replace(world.repository, node_id="R_2")
    other.merge_pull(1)

    with pytest.raises(ConfigurationError, match="is not the repository"):
        sync.run(MemoryGitHub(other))

    assert bytes_below(sync.root) == before
    sync.run(MemoryGitHub(other), rebind=True)
    assert difference(sync.facts(), other) == {}


def test_a_renamed_repository_goes_on_with_a_warning(world: MemoryWorld, sync: Sync) -> None:
    world.repository = replace(world.repository, name_with_owner="acme/store")

    sync.run(MemoryGitHub(world))

    [warning] = sync.warnings
    assert "acme/shop is now called acme/store" in warning


def test_a_name_that_differs_in_case_is_the_same(world: MemoryWorld, sync: Sync) -> None:
    world.repository = replace(world.repository, name_with_owner="Acme/Shop")

    sync.run(MemoryGitHub(world))

    assert sync.warnings == []


@pytest.mark.parametrize(("wrong_by", "warned"), [(timedelta(minutes=4), False), (timedelta(days=-700), True)])
def test_a_wrong_clock_is_told(world: MemoryWorld, sync: Sync, wrong_by: timedelta, warned: bool) -> None:
    given = sync.workspace
    sync.workspace = replace(given, now=world.now + wrong_by, on_the_clock=True)
    sync.run(MemoryGitHub(world))
    assert bool(sync.warnings) is warned
    sync.workspace = replace(sync.workspace, on_the_clock=False)

    sync.run(MemoryGitHub(world))

    assert sync.warnings == []


def test_since_leaves_out_what_was_touched_before_and_is_remembered(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world), window=Window(since=START + timedelta(days=5)))
    assert [pull.number for pull in sync.facts()["pull_requests"]] == [6, 7, 8, 9, 10]
    github = MemoryGitHub(world)

    sync.run(github)

    assert github.asked == ONE_REQUEST_A_STREAM
    sync.run(MemoryGitHub(world), window=Window(since=START + timedelta(days=2)))
    assert len(sync.facts()["pull_requests"]) == 8
    sync.run(MemoryGitHub(world), window=Window())
    assert difference(sync.facts(), world) == {}
    sync.run(MemoryGitHub(world), window=Window(since=world.now))
    assert difference(sync.facts(), world) == {}


def test_until_asks_for_nothing_behind_it_and_update_goes_on_there(world: MemoryWorld, sync: Sync) -> None:
    github = MemoryGitHub(world, page_size=3)

    sync.run(github, window=Window(until=START + timedelta(days=4)))

    assert [pull.number for pull in sync.facts()["pull_requests"]] == [1, 2, 3, 4]
    assert github.asked.count("pull_requests") == 2
    sync.run(MemoryGitHub(world))
    assert difference(sync.facts(), world) == {}


def test_full_begins_anew_and_gives_the_same(world: MemoryWorld, sync: Sync) -> None:
    sync.run(MemoryGitHub(world))
    before = sync.facts()
    github = MemoryGitHub(world, page_size=5)

    sync.run(github, full=True)

    assert sync.facts() == before
    assert github.asked.count("pull_requests") == 2


@pytest.mark.parametrize("crash_at", range(1, 18))
def test_after_a_failure_at_any_request_the_next_run_goes_on(world: MemoryWorld, tmp_path: Path, crash_at: int) -> None:
    """The bytes are those of an undisturbed run, and of each stream one page at most is asked for twice."""
    undisturbed, disturbed = Sync(tmp_path / "one"), Sync(tmp_path / "two")
    undisturbed.run(MemoryGitHub(world, page_size=3))
    first = MemoryGitHub(world, page_size=3, before=unreachable_at(crash_at))
    with pytest.raises(UnreachableError):
        disturbed.run(first)
    assert disturbed.records() == 0
    second = MemoryGitHub(world, page_size=3)

    disturbed.run(second)

    lists = [request for request in [*first.requests, *second.requests] if request[0] != "repository"]
    assert len(lists) - len(set(lists)) <= 1
    raw = [{path: held for path, held in bytes_below(each.root).items() if path.startswith("raw")}
           for each in (undisturbed, disturbed)]  # fmt: skip
    assert raw[0] == raw[1]
    assert not (disturbed.root / "staging").exists()


def test_a_row_that_appears_late_behind_a_young_one_is_not_lost(world: MemoryWorld, sync: Sync) -> None:
    """A page ends young, the next one comes after an hour's wait: meanwhile a slow replica shows another row."""
    moment = world.now - timedelta(seconds=100)
    for number in (21, 22, 23):
        world.merge_pull(number, updated_at=moment)

    def late(number: int) -> None:
        if github.asked[number - 1] == "pull_requests" and number == 6:
            world.tick(hours=1)
            world.merge_pull(20, updated_at=moment)

    github = MemoryGitHub(world, page_size=3, before=late)
    sync.run(github)
    assert github.requests[5][1] is not None
    assert github.requests[5][1].endswith("PR_22")
    assert 20 not in {pull.number for pull in sync.facts()["pull_requests"]}

    sync.run(MemoryGitHub(world))

    assert difference(sync.facts(), world) == {}


def test_an_older_answer_does_not_replace_a_newer_one(world: MemoryWorld, sync: Sync) -> None:
    """A replica that lags."""
    world.touch_pull(3, labels=("feature",))
    world.tick(seconds=100)
    world.touch_pull(3, labels=("hotfix",))
    sync.run(MemoryGitHub(world))

    news = sync.run(MemoryGitHub(world, lag_s=lambda _: 60))

    assert not news.anything
    assert difference(sync.facts(), world) == {}


def test_of_two_stored_versions_the_one_touched_later_counts() -> None:
    older = PullRequest(3, "old", None, None, (), node_id="PR_3", updated_at=START)
    newer = replace(older, title="new", updated_at=START + timedelta(seconds=1))
    read_later = replace(newer, title="read later")

    assert PULL_REQUESTS.latest([newer, older]) == {"PR_3": newer}
    assert PULL_REQUESTS.latest([older, newer, read_later, older]) == {"PR_3": read_later}


def test_releases_staged_long_ago_are_read_again(world: MemoryWorld, sync: Sync) -> None:
    """An edit moves a release nowhere: a list must not be put together from pages of different days."""
    sync.run(MemoryGitHub(world))
    with pytest.raises(UnreachableError):
        sync.run(MemoryGitHub(world, page_size=3, before=unreachable_at(7)))
    world.tick(minutes=10)
    world.publish(10, is_prerelease=True)
    world.publish(1, is_prerelease=True)

    sync.run(MemoryGitHub(world, page_size=3))

    assert difference(sync.facts(), world) == {}
