"""The client against the official schema over a small world: what it brings, what it asks, what it costs."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.errors import AccessError, UnreachableError
from support.github_asking import Asking, items
from support.github_faults import bad_gateway, resource_limits, slow
from support.github_server import Fault, Reply, Request
from support.github_world import START_S, FakeActor, FakeCommit, FakeEvent, FakeRepository


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.utc)


@pytest.fixture
def asking() -> Asking:
    return Asking()


def fill(asking: Asking, pulls: int) -> None:
    for _ in range(pulls):
        asking.world.tick()
        asking.world.add_pull(labels=["bug"])
    asking.world.tick(600)


# ---- target 7


@pytest.mark.parametrize(
    ("options", "requests", "points"),
    [
        pytest.param({"max_page_size": 25}, 40, 40, id="page size 25"),
        pytest.param({}, 12, 43, id="pages that double to 100"),
    ],
)
def test_what_a_thousand_pull_requests_cost(options: dict[str, Any], requests: int, points: int) -> None:
    asking = Asking(options=options)
    fill(asking, 1000)

    found = asking.pulls()

    assert {pull.number for pull in found} == set(range(1, 1001))
    assert (len(asking.github.requests), asking.github.points) == (requests, points)


def test_nothing_new_is_one_request_a_stream(asking: Asking) -> None:
    fill(asking, 60)
    asking.world.add_issue()
    asking.world.add_release("v1")
    asking.world.add_deployment("SUCCESS")
    asking.world.tick(20 * 86400)
    client = asking.client
    streams = (
        client.get_pull_requests,
        client.get_deployments,
        lambda owner, name, after: client.get_issues(owner, name, labels=["incident"], after=after),
    )
    cursors = [[page.cursor for page in stream("acme", "shop", None)][-1] for stream in streams]
    asking.github.requests.clear()

    again = [list(stream("acme", "shop", cursor)) for stream, cursor in zip(streams, cursors)]
    releases = items(client.get_releases("acme", "shop"))

    assert all(cursors)
    assert [[len(page.items) for page in pages] for pages in again] == [[0], [0], [0]]
    assert all(page.cursor is None and page.end is None for pages in again for page in pages)
    assert len(releases) == 1
    assert asking.operations == ["PullRequests", "Deployments", "Issues", "Releases"]


def test_lists_of_small_items_begin_with_a_hundred(asking: Asking) -> None:
    for number in range(250):
        asking.world.add_release(f"v{number}")

    assert len(items(asking.client.get_releases("acme", "shop"))) == 250
    assert asking.sizes == [100, 100, 100]


# ---- cursors


def test_a_cursor_is_two_minutes_old_by_the_servers_clock(asking: Asking) -> None:
    asking.github.takes_s = 0
    for age in (300, 121, 119, 0):
        asking.world.add_pull(age, updated_s=int(asking.world.now_s) - age)

    [page] = asking.client.get_pull_requests("acme", "shop")

    assert [pull.number for pull in page.items] == [300, 121, 119, 0]
    rest = asking.pulls(after=page.cursor)
    assert [pull.number for pull in rest] == [119, 0]
    assert asking.pulls(after=page.end) == []


def test_a_page_of_young_items_keeps_the_old_cursor(asking: Asking) -> None:
    asking.world.add_pull()

    [page] = asking.client.get_pull_requests("acme", "shop")

    assert (page.cursor, page.end is None) == (None, False)


def test_a_deployment_may_get_a_status_for_fourteen_days(asking: Asking) -> None:
    old, young = (asking.world.add_deployment("QUEUED") for _ in range(2))
    old.created_s -= 15 * 86400
    young.created_s -= 13 * 86400

    [page] = asking.client.get_deployments("acme", "shop")
    again = items(asking.client.get_deployments("acme", "shop", page.cursor))

    assert [deployment.node_id for deployment in page.items] == [old.id, young.id]
    assert [deployment.node_id for deployment in again] == [young.id]


def test_a_row_that_is_touched_while_we_page_is_met_again(asking: Asking) -> None:
    fill(asking, 60)
    first = asking.world.repository.pulls[1]
    asking.github.before[2] = lambda: asking.world.touch(first, labels=["hotfix"])

    found = asking.pulls()

    assert [pull.labels for pull in found if pull.number == 1] == [("bug",), ("hotfix",)]
    assert {pull.number for pull in found} == set(range(1, 61))


@given(
    pulls=st.integers(0, 30),
    size=st.integers(1, 12),
    touched=st.dictionaries(st.integers(1, 6), st.lists(st.integers(1, 30), max_size=3), max_size=4),
)
def test_no_row_is_lost_whatever_is_touched_between_pages(pulls: int, size: int, touched: dict[int, list[int]]) -> None:
    asking = Asking(options={"page_size": size, "max_page_size": size})
    fill(asking, pulls)

    def touch(numbers: list[int]) -> None:
        for number in numbers:
            if number in asking.world.repository.pulls:
                asking.world.touch(asking.world.repository.pulls[number], title=f"at {asking.world.now_s}")

    for request, numbers in touched.items():
        asking.github.before[request] = lambda numbers=numbers: touch(numbers)

    latest = {pull.number: pull.title for pull in asking.pulls()}

    assert latest == {number: pull.title for number, pull in asking.world.repository.pulls.items()}


def test_a_cursor_that_died_restarts_the_list_once(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    fill(asking, 30)
    cursor = next(asking.client.get_pull_requests("acme", "shop")).cursor
    asking.world.cursors += 1

    found = asking.pulls(after=cursor)

    assert {pull.number for pull in found} == set(range(1, 31))
    assert "does not know the stored place" in caplog.text


def test_cursors_that_die_again_and_again_are_an_end(asking: Asking) -> None:
    fill(asking, 60)
    for number in range(2, 9):
        asking.github.before[number] = lambda: setattr(asking.world, "cursors", asking.world.cursors + 1)

    with pytest.raises(UnreachableError, match="refuses its own cursors"):
        asking.pulls()


@pytest.mark.parametrize("cursor", ["same", None], ids=["unchanged", "none"])
def test_a_list_that_goes_on_nowhere_is_an_end(asking: Asking, cursor: Any) -> None:
    fill(asking, 60)

    def stuck(_request: Request, _reply: Reply) -> Fault:
        return lambda _github, request, reply: _with_page_info(
            reply, {"hasNextPage": True, "endCursor": request.variables["after"] if cursor else None}
        )

    asking.github.rule = stuck

    with pytest.raises(UnreachableError, match="go on, but not where"):
        asking.pulls(after=next(Asking(asking.world).client.get_pull_requests("acme", "shop")).end)


def _with_page_info(reply: Reply, page_info: dict[str, Any]) -> Reply:
    body = reply.json
    body["data"]["repository"]["pullRequests"]["pageInfo"] = page_info
    return reply.with_json(body)


# ---- page sizes


def test_pages_double_after_each_quick_one_and_not_after_a_slow_one(asking: Asking) -> None:
    fill(asking, 300)
    asking.github.faults[2] = slow(2.5)

    asking.pulls()

    assert asking.sizes == [25, 50, 50, 100, 100]


@pytest.mark.parametrize("fault", [bad_gateway(), bad_gateway(504, html=False), resource_limits()])
def test_a_page_that_takes_too_long_is_asked_for_again_at_half_its_size(asking: Asking, fault: Fault) -> None:
    fill(asking, 60)
    asking.github.faults.update({1: fault, 2: fault})

    found = asking.pulls()

    assert [pull.number for pull in found] == list(range(1, 61))
    assert asking.sizes[:5] == [25, 12, 6, 6, 6]
    assert asking.pauses == [1, 1]


def test_a_size_that_failed_is_tried_again_only_after_several_quick_pages(asking: Asking) -> None:
    fill(asking, 300)
    asking.github.rule = lambda request, _reply: bad_gateway() if (request.first or 0) > 24 else None

    assert len(asking.pulls()) == 300
    assert asking.sizes[:11] == [25, 12, 24, 24, 24, 24, 24, 24, 24, 48, 24]


def test_a_poison_pull_request_is_stepped_over_and_said(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    fill(asking, 40)

    def poison(request: Request, reply: Reply) -> Any:
        numbers = [edge["node"]["number"] for edge in reply.json["data"]["repository"]["pullRequests"]["edges"]]
        return bad_gateway() if request.operation == "PullRequests" and 7 in numbers else None

    asking.github.rule = poison

    found = {pull.number: pull for pull in asking.pulls()}

    assert set(found) == set(range(1, 41))
    assert [number for number, pull in found.items() if pull.incomplete] == [7]
    assert (found[7].commits, found[7].labels, found[7].ready_at, found[7].merge_sha is None) == (
        None,
        None,
        None,
        False,
    )
    assert "#7" in caplog.text
    assert len(asking.github.requests) < 40


def test_where_even_the_thin_query_fails_nothing_is_invented(asking: Asking) -> None:
    fill(asking, 3)
    asking.github.rule = lambda _request, _reply: bad_gateway()

    with pytest.raises(UnreachableError, match="even one by one"):
        asking.pulls()


def test_ids_are_asked_for_in_smaller_portions_when_that_is_too_much(asking: Asking) -> None:
    made = [asking.world.add_issue() for _ in range(130)]
    asking.github.faults[1] = bad_gateway()

    found = items(asking.client.get_issues_by_id([issue.id for issue in made]))

    assert [issue.node_id for issue in found] == [issue.id for issue in made]
    assert [len(request.variables["ids"]) for request in asking.github.requests] == [100, 50, 50, 30]


# ---- lists inside


def test_commits_and_labels_are_read_to_their_end(asking: Asking) -> None:
    commits = [FakeCommit(f"{number:040x}") for number in range(257)]
    issues = [asking.world.add_issue() for _ in range(30)]
    asking.world.add_pull(commits=commits, labels=[f"l{number}" for number in range(103)], closes=issues)

    [pull] = asking.pulls()

    assert pull.commits == tuple(commit.oid for commit in commits)
    assert len(pull.commit_times) == 257
    assert pull.labels == tuple(f"l{number}" for number in range(103))
    assert pull.closes == tuple(issue.number for issue in issues)
    assert not pull.incomplete
    assert sorted(asking.operations) == [
        "PullRequestCommits",
        "PullRequestCommits",
        "PullRequestIssues",
        "PullRequestLabels",
        "PullRequests",
    ]


def test_fewer_commits_than_github_counts_are_said(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    asking.world.add_pull()

    def miscount(_github: Any, _request: Request, reply: Reply) -> Reply:
        body = reply.json
        body["data"]["repository"]["pullRequests"]["edges"][0]["node"]["commits"]["totalCount"] = 251
        return reply.with_json(body)

    asking.github.faults[1] = miscount

    [pull] = asking.pulls()

    assert pull.incomplete
    assert "#1" in caplog.text


def test_an_inner_page_that_cannot_be_had_makes_it_incomplete(asking: Asking) -> None:
    asking.world.add_pull(commits=[FakeCommit(f"{number:040x}") for number in range(150)])
    asking.github.rule = lambda request, _reply: bad_gateway() if request.operation == "PullRequestCommits" else None

    [pull] = asking.pulls()

    assert (pull.incomplete, len(pull.commits or ())) == (True, 100)


def test_a_review_far_down_the_timeline_is_found(asking: Asking) -> None:
    pull = asking.world.add_pull()
    bob, author = FakeActor("bob"), pull.author
    chatter = [FakeEvent("IssueComment", pull.created_s + 10 + place, author) for place in range(120)]
    pull.timeline = [*chatter, FakeEvent("PullRequestReview", pull.created_s + 900, bob)]

    [found] = asking.pulls()

    assert found.first_review_at == moment(pull.created_s + 900)
    assert asking.operations == ["PullRequests", "PullRequestTimeline"]


def test_commits_of_several_pull_requests_by_their_ids(asking: Asking) -> None:
    long = asking.world.add_pull(commits=[FakeCommit(f"{number:040x}") for number in range(130)])
    short = asking.world.add_pull()

    found = asking.client.get_pr_commits_batch([long.id, "PR_gone", short.id])

    assert {key: len(commits) for key, commits in found.items()} == {long.id: 130, short.id: 1}
    assert asking.client.get_pr_commits_batch([]) == {}


# ---- odd items


def test_a_ghost_and_a_lost_merge_commit_are_normal(asking: Asking) -> None:
    asking.world.add_pull(author=None, merge_oid=None, merged_s=None)

    [pull] = asking.pulls()

    assert (pull.author, pull.is_bot, pull.merge_sha, pull.merged_at) == (None, None, None, None)


def test_an_empty_place_is_counted_and_said(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    fill(asking, 3)

    def holes(_github: Any, _request: Request, reply: Reply) -> Reply:
        body = reply.json
        edges = body["data"]["repository"]["pullRequests"]["edges"]
        edges[0]["node"] = None
        edges[1] = None
        return reply.with_json(body)

    asking.github.faults[1] = holes

    assert [pull.number for pull in asking.pulls()] == [3]
    assert "left 2 places empty" in caplog.text


def test_bots_are_known_by_their_type(asking: Asking) -> None:
    asking.world.add_pull(author=FakeActor("dependabot", "Bot"))

    [pull] = asking.pulls()

    assert (pull.author, pull.is_bot) == ("dependabot", True)


def test_no_email_address_comes_through(asking: Asking) -> None:
    asking.world.add_pull(title="by ada@example.org", body="x <ada@example.org>", labels=["for ada@example.org"])
    asking.world.add_issue(title="ada@example.org", body="ask ada@example.org", labels=["incident"])

    found = repr([*asking.pulls(), *items(asking.client.get_issues("acme", "shop", labels=["incident"]))])

    assert "example.org" not in found
    assert "<email>" in found


def test_a_long_text_is_cut(asking: Asking) -> None:
    asking.world.add_pull(body="ä" * 100_000)

    [pull] = asking.pulls()

    assert len((pull.body or "").encode()) == 64 * 1024


# ---- repository, releases, deployments, issues


def test_an_empty_repository_has_no_branch(asking: Asking) -> None:
    asking.world.repository.default_branch = None

    assert asking.client.get_repository("acme", "shop").default_branch is None


def test_a_renamed_repository_is_followed(asking: Asking) -> None:
    asking.world.repository.name_with_owner = "acme/store"
    asking.world.repository.old_names = ["acme/shop"]
    fill(asking, 2)

    assert asking.client.get_repository("acme", "shop").name_with_owner == "acme/store"
    assert len(asking.pulls()) == 2


def test_a_repository_whose_old_name_leads_nowhere_is_followed_by_its_id(asking: Asking) -> None:
    asking.world.repository.name_with_owner = "new/home"
    fill(asking, 2)

    with pytest.raises(AccessError, match="acme/shop was not found"):
        asking.client.get_repository("acme", "shop")
    found = asking.client.get_repository("acme", "shop", known_id="R_1")

    assert found.name_with_owner == "new/home"
    assert len(asking.pulls()) == 2


def test_a_deleted_repository_is_not_found_by_its_id_either(asking: Asking) -> None:
    asking.world.repositories = [FakeRepository("other/one", id="R_2")]

    with pytest.raises(AccessError, match="acme/shop was not found"):
        asking.client.get_repository("acme", "shop", known_id="R_1")


def test_another_repository_under_the_same_name_in_the_middle_is_an_end(asking: Asking) -> None:
    fill(asking, 60)

    def replace() -> None:
        asking.world.repository.id = "R_9"

    asking.github.before[2] = replace

    with pytest.raises(UnreachableError, match="another repository has taken the name"):
        asking.pulls()


def test_releases_of_every_kind(asking: Asking) -> None:
    asking.world.add_release("v1", published_s=START_S + 5, created_s=START_S - 99)
    asking.world.add_release("v2", is_draft=True, published_s=None, commit_oid=None)

    by_tag = {release.tag: release for release in items(asking.client.get_releases("acme", "shop"))}

    assert by_tag["v1"].published_at == moment(START_S + 5)
    assert (by_tag["v2"].is_draft, by_tag["v2"].published_at, by_tag["v2"].commit_sha) == (True, None, None)


def test_a_deployment_succeeded_with_its_first_success_whatever_the_order(asking: Asking) -> None:
    deployment = asking.world.add_deployment("QUEUED", "SUCCESS", "INACTIVE", "SUCCESS", "INACTIVE")
    deployment.statuses.reverse()
    for place in range(60):
        deployment.statuses.insert(0, type(deployment.statuses[0])("IN_PROGRESS", START_S + 9000 + place))

    [found] = items(asking.client.get_deployments("acme", "shop"))

    assert found.succeeded_at == moment(START_S + 60)
    assert found.is_terminal


@pytest.mark.parametrize(
    ("states", "terminal"), [(["QUEUED"], False), (["QUEUED", "IN_PROGRESS"], False), (["FAILURE"], True), ([], False)]
)
def test_a_deployment_that_did_not_succeed_has_no_time(asking: Asking, states: list[str], *, terminal: bool) -> None:
    asking.world.add_deployment(*states, ref_name=None, environment=None)

    [found] = items(asking.client.get_deployments("acme", "shop"))

    assert (found.succeeded_at, found.is_terminal, found.ref, found.environment) == (None, terminal, None, "")


def test_unfinished_deployments_by_id_without_those_that_are_gone(asking: Asking) -> None:
    deployment = asking.world.add_deployment("SUCCESS")

    found = items(asking.client.get_deployments_by_id(["DE_gone", deployment.id]))

    assert [each.node_id for each in found] == [deployment.id]
    assert items(asking.client.get_deployments_by_id([])) == []


def test_what_closed_an_incident(asking: Asking) -> None:
    world = asking.world
    elsewhere = FakeRepository("other/one", id="R_2")
    fix = world.add_pull()
    by_pull = world.add_issue(closed_s=START_S + 9, closer=fix)
    by_commit = world.add_issue(closed_s=START_S + 9, closer=FakeCommit("f" * 40))
    by_hand = world.add_issue(closed_s=START_S + 9)
    by_stranger = world.add_issue(closed_s=START_S + 9, closer=type(fix)(number=3, repository=elsewhere))
    reopened = world.add_issue(closed_s=None, closer=fix)

    pages = list(asking.client.get_issues("acme", "shop", labels=["INCIDENT", "other"]))
    found = {issue.number: (issue.closed_by_pull_request, issue.closed_by_commit) for issue in items(pages)}

    assert found == {
        by_pull.number: (fix.number, None),
        by_commit.number: (None, "f" * 40),
        by_hand.number: (None, None),
        by_stranger.number: (None, None),
        reopened.number: (None, None),
    }
    assert pages[-1].total == 5


def test_an_issue_without_its_label_is_found_by_id_only(asking: Asking) -> None:
    issue = asking.world.add_issue(labels=["bug"])

    assert items(asking.client.get_issues("acme", "shop", labels=["incident"])) == []
    [found] = items(asking.client.get_issues_by_id([issue.id]))
    assert found.labels == ("bug",)


# ---- ready and first review


AUTHOR, BOB = FakeActor("ada"), FakeActor("bob")
READY, REVIEW, COMMENT = "ReadyForReviewEvent", "PullRequestReview", "IssueComment"


@pytest.mark.parametrize(
    ("events", "ready", "review"),
    [
        pytest.param([], 0, None, id="without events ready when created, never reviewed"),
        pytest.param([(REVIEW, 5, BOB)], 0, 5, id="a review"),
        pytest.param([(COMMENT, 3, BOB), (REVIEW, 5, BOB)], 0, 3, id="a comment counts"),
        pytest.param([(COMMENT, 3, AUTHOR), (REVIEW, 5, BOB)], 0, 5, id="the author's own words do not"),
        pytest.param([(COMMENT, 3, FakeActor("ci", "Bot")), (REVIEW, 5, BOB)], 0, 5, id="nor a bot's"),
        pytest.param([(REVIEW, 3, BOB), (READY, 4, None), (REVIEW, 6, BOB)], 4, 6, id="nothing before ready"),
        pytest.param([(READY, 4, None), (REVIEW, 4, BOB)], 4, 4, id="at the very moment of ready"),
        pytest.param([(READY, 4, None), (READY, 8, None), (REVIEW, 9, BOB)], 4, 9, id="the first ready counts"),
        pytest.param([(REVIEW, None, BOB), (REVIEW, 7, BOB)], 0, 7, id="a review that was not submitted is none"),
        pytest.param([(REVIEW, 5, None)], 0, 5, id="a deleted account was a person"),
        pytest.param([(REVIEW, 5, FakeActor("old", "Mannequin"))], 0, 5, id="so was an imported one"),
    ],
)
def test_when_it_was_ready_and_first_reviewed(asking: Asking, events: list[Any], ready: int, review: Any) -> None:
    pull = asking.world.add_pull(author=AUTHOR)
    pull.timeline = [FakeEvent(kind, None if at is None else pull.created_s + at, actor) for kind, at, actor in events]

    [found] = asking.pulls()

    assert found.ready_at == moment(pull.created_s + ready)
    assert found.first_review_at == (None if review is None else moment(pull.created_s) + timedelta(seconds=review))


def test_a_deleted_authors_own_review_is_not_taken_for_anothers(asking: Asking) -> None:
    pull = asking.world.add_pull(author=None)
    pull.timeline = [FakeEvent(REVIEW, pull.created_s + 5, None)]

    [found] = asking.pulls()

    assert found.first_review_at is None


def test_commits_have_their_times(asking: Asking) -> None:
    asking.world.add_pull(commits=[FakeCommit("a" * 40, START_S - 50, START_S - 40)])

    [pull] = asking.pulls()

    assert pull.commit_times == ((START_S - 50, START_S - 40),)


def test_the_clients_log_says_nothing_when_all_is_well(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="dora_metrics")
    fill(asking, 5)

    asking.pulls()

    assert [record for record in caplog.records if record.name.startswith("dora_metrics")] == []
