"""GitHub's pull requests: which rule ties each to the history, and which commits are its own (definitions.md 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dora_metrics.domain.history import History
from dora_metrics.processors.judgement import judge
from support.github_history import GitHubHistory, commits_of, history_of, keys
from support.small_history import change, day, days, kinds, settings_with, sha


def test_merge_commit() -> None:
    """Rule 1, with all that GitHub says beside it."""
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("m", "af", at=3, message="whatever")
    history.pull(1, merged=3, merge="m", head="f", commits="f", created=2, first_review_at=day(2.5))
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "m", at=5).judged()

    found = change(dataset, "#1")
    assert (found.via, found.deployment, days(found.lead_time)) == ("merge_commit", "tag:v1.1", 4)
    assert (found.created_at, found.first_review_at, found.merged_at) == (day(2), day(2.5), day(3))
    assert (found.labels, found.author, found.merge_commit) == ((), "ada", sha("m"))
    assert keys(dataset) == {"a", "pr:1"}


@pytest.mark.parametrize("merge", ["", "?"])
def test_head_where_the_merge_is_null_or_unknown_to_the_clone(merge: str) -> None:
    """Rule 2: pushed by hand as a fast-forward; normal in old data."""
    history = history_of()
    history.commit("h", "a", at=1).pull(1, merged=3, merge=merge, head="h", commits="h")
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "h", at=2).judged()

    found = change(dataset, "#1")
    assert (found.via, found.deployment, days(found.lead_time)) == ("head", "tag:v1.1", 1)
    assert dataset.unresolved == ()


def test_head_of_the_clone_where_github_names_none() -> None:
    history = history_of()
    history.commit("h", "a", at=1).head(1, "h").pull(1, merged=3)
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "h", at=2).judged()

    assert change(dataset, "#1").via == "head"


def test_the_earliest_of_merge_and_head_delivers() -> None:
    """Head deployed @2, merged @3: a later deployment never rewrites the past."""
    history = history_of()
    history.commit("h", "a", at=1, branch=False).commit("m", "ah", at=3).pull(5, merged=3, merge="m", head="h")
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "h", at=2).tag("v1.2", "m", at=4).judged()

    found = change(dataset, "#5")
    assert (found.via, found.deployed_at, days(found.lead_time)) == ("head", day(2), 1)
    assert found.merged_at > found.deployed_at


@pytest.mark.parametrize(
    ("message", "at", "parents", "via"),
    [
        pytest.param("Cart (#7)", 3.5, "a", "subject", id="a squash by its number"),
        pytest.param("Cart (#7)", 4, "a", "subject", id="exactly a day from the merge"),
        pytest.param("Cart (#7)", 4.01, "a", "unresolved", id="more than a day from the merge"),
        pytest.param("Cart (#8)", 3, "a", "unresolved", id="another number"),
        pytest.param("Mention #7 in words", 3, "a", "unresolved", id="a mention is no merge"),
        pytest.param("Merge pull request #7 from ada/x", 3, "ag", "unresolved", id="a merge of another head: a fork's"),
    ],
)
def test_subject(message: str, at: float, parents: str, via: str) -> None:
    """Rule 3: merged @3; GitHub's merge is unknown to the clone, and the head reaches no deployment."""
    history = history_of()
    history.commit("h", "a", at=1, branch=False).commit("g", "a", at=1, branch=False)
    history.commit("s", parents, at=at, message=message)
    history.pull(7, merged=3, merge="?", head="h", commits="h")
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "s", at=6).judged()

    found = change(dataset, "#7")
    assert found.via == via
    assert dataset.unresolved == ((7,) if via == "unresolved" else ())
    assert (found.deployment, found.left_out) == (("tag:v1.1", "") if via == "subject" else (None, "unresolved"))


def test_subject_of_a_merge_whose_head_is_not_known() -> None:
    history = history_of()
    history.commit("f", "a", at=1, branch=False)
    history.commit("m", "af", at=3, message="Merge pull request #7 from ada/x").pull(7, merged=3)
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "m", at=6).judged()

    assert (change(dataset, "#7").via, commits_of(dataset, "#7")) == ("subject", "f")


def test_the_number_on_another_pull_requests_merge_is_not_its_own() -> None:
    history = history_of()
    history.commit("s", "a", at=3, message="Again (#7)").pull(9, merged=3, merge="s").pull(7, merged=3, merge="?")

    assert history.judged().unresolved == (7,)


def test_cherry_pick_where_the_merge_never_reached_users() -> None:
    """Rule 4, into a release branch, by the hash of a merge that the clone lacks."""
    history = history_of("ab")
    picked = f"Cart\n\n(cherry picked from commit {sha('?')})"
    history.commit("r", "a", at=4, written=1, message=picked, branch=False)
    history.pull(7, merged=3, merge="?", created=2).tag("v1.0", "a", at=0.5).tag("v1.0.1", "r", at=5)
    dataset = history.judged()

    found, copy = change(dataset, "#7"), change(dataset, "r")
    assert (found.via, found.deployment, days(found.lead_time)) == ("cherry_pick", "tag:v1.0.1", 4)
    assert (copy.left_out, copy.flags) == ("cherry_pick", ("cherry_pick_of=pr:7",))


def test_a_pick_of_a_pick_that_the_branch_never_reached() -> None:
    """#7's f was picked as p on a branch that went nowhere, and p as r, which was released: r is #7."""
    history = history_of("a")
    history.commit("f", "a", at=1, branch=False)
    history.commit("p", "a", at=2, message=f"Cart\n\n(cherry picked from commit {sha('f')})", branch=False)
    history.commit("r", "a", at=4, message=f"Cart\n\n(cherry picked from commit {sha('p')})", branch=False)
    history.pull(7, merged=3, merge="?", head="f", commits="f").tag("v1.0", "a", at=0.5).tag("v1.0.1", "r", at=5)
    dataset = history.judged()

    found, copy = change(dataset, "#7"), change(dataset, "r")
    assert dataset.unresolved == ()
    assert (found.via, found.deployment, days(found.lead_time)) == ("cherry_pick", "tag:v1.0.1", 4)
    assert (copy.left_out, copy.flags) == ("cherry_pick", ("cherry_pick_of=pr:7",))


def test_picks_that_name_each_other_come_to_an_end() -> None:
    """Trailers are text: x claims to be picked from y, and y from x."""
    history = history_of("a").commit("x", "a", at=1, message=f"X\n\n(cherry picked from commit {sha('y')})")
    history.commit("y", "x", at=2, message=f"Y\n\n(cherry picked from commit {sha('x')})")

    assert keys(history.judged()) == {"a", "x", "y"}


def test_a_pull_request_that_picks_from_itself_is_found_by_nothing() -> None:
    """P repeats f, both are the pull request's own, and neither is its head."""
    history = history_of()
    history.commit("f", "a", at=1, branch=False)
    history.commit("p", "a", at=2, message=f"Cart\n\n(cherry picked from commit {sha('f')})")

    assert history.pull(7, merged=3, merge="?", head="?", commits="fp").judged().unresolved == (7,)


def test_a_backport_pull_request_is_the_same_change_delivered_earlier() -> None:
    """#8 brings #7 to the release branch by a cherry-pick; the release branch ships first."""
    history = history_of("a")
    history.commit("f", "a", at=1, branch=False).commit("m", "af", at=2)
    history.commit("p", "a", at=3, message=f"Cart\n\n(cherry picked from commit {sha('f')})", branch=False)
    history.commit("r", "ap", at=4, branch=False)
    history.pull(7, merged=2, merge="m", head="f", commits="f")
    history.pull(8, merged=4, merge="r", head="p", commits="p", base="1.x")
    dataset = history.tag("v1.0", "a", at=0.5).tag("v1.0.1", "r", at=5).tag("v1.1", "m", at=9).judged()

    assert (change(dataset, "#7").via, days(change(dataset, "#7").lead_time)) == ("cherry_pick", 4)
    assert change(dataset, "#8").left_out == "cherry_pick"


def test_a_pull_request_into_a_release_branch() -> None:
    """Delivered by the release that has it; before that it is not found, and no change."""
    history = history_of("ab")
    history.commit("f", "a", at=1, branch=False).commit("r", "af", at=2, branch=False)
    history.pull(7, merged=2, merge="r", head="f", commits="f", base="1.x").tag("v1.0", "a", at=0.5)
    assert history.judged().unresolved == (7,)

    dataset = history.tag("v1.0.1", "r", at=3).judged()
    assert (change(dataset, "#7").via, change(dataset, "#7").deployment) == ("merge_commit", "tag:v1.0.1")
    assert "f" not in keys(dataset)


def stacked(parents: int) -> GitHubHistory:
    """#1 squashed into the branch of #2, that one into the branch of #3 (…), the last squashed to main @9."""
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("m", "a", at=2, branch=False)
    history.pull(1, merged=2, merge="m", head="f", commits="f", base="feature-2", created=1.5)
    if parents == 2:
        history.commit("n", "a", at=3, branch=False)
        history.pull(2, merged=3, merge="n", head="m", commits="m", base="feature-3")
    last = parents + 1
    history.commit("s", "a", at=9, message="All of it").pull(last, merged=9, merge="s", head="?", commits="?")
    history.tag("v1.0", "a", at=0).tag("v1.1", "s", at=10)
    return history


@pytest.mark.parametrize("parents", [1, 2])
def test_parent_pr(parents: int) -> None:
    """What was merged into another pull request's branch and squashed away goes with that one, through a stack too."""
    found = change(stacked(parents).judged(), "#1")

    assert (found.via, found.deployment, days(found.lead_time)) == ("parent_pr", "tag:v1.1", 9)


def test_no_parent_where_the_base_is_the_branch_itself() -> None:
    """A fork's pull request from a branch that is also called main has merged nothing of ours."""
    history = history_of()
    history.pull(1, merged=2, merge="?").commit("s", "a", at=3).pull(2, merged=3, merge="s", head_branch="main")

    assert history.judged().unresolved == (1,)


def test_the_branch_by_a_name_that_it_had_before() -> None:
    """Main was called master when #1 and #3 were merged, and somebody's fork still calls its branch so: no parent."""
    history = history_of()
    history.commit("m", "a", at=1).pull(3, merged=1, merge="m", base="master")
    history.pull(1, merged=2, merge="?", base="master")
    history.commit("s", "m", at=3).pull(2, merged=3, merge="s", head_branch="master")
    assert history.judged().unresolved == (1,)

    history.commit("s", "m", at=2, message="Cart (#1)").commit("t", "s", at=3)
    history.pulls[-1] = replace(history.pulls[-1], merge_sha=sha("t"))
    assert change(history.judged(), "#1").via == "subject"


def test_no_parent_that_was_merged_before() -> None:
    history = history_of()
    history.commit("s", "a", at=1).pull(2, merged=1, merge="s").pull(1, merged=2, merge="?", base="feature-2")

    assert history.judged().unresolved == (1,)


def test_hotfix_by_label_and_a_bot_by_githubs_word() -> None:
    history = history_of()
    history.commit("h", "a", at=1, author="Someone").commit("b", "h", at=2, author="Someone")
    history.pull(1, merged=1, merge="h", labels=("Hot-Fix",)).pull(2, merged=2, merge="b", is_bot=True)
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "b", at=3).judged()

    assert (change(dataset, "#1").is_hotfix, change(dataset, "#1").hotfix_reason) == (True, "label Hot-Fix")
    assert [change(dataset, name).is_bot for name in ("#1", "#2")] == [False, True]
    assert kinds(dataset)[-1] == "hotfix", "what a bot did beside it makes it no normal release"


def test_a_path_lists_no_pull_request_that_nothing_ties_to_it() -> None:
    """Of the whole repository an unknown one is listed; that it touched one folder, nothing says."""
    history = history_of().pull(1, merged=2, merge="?")
    assert history.judged().unresolved == (1,)

    narrowed = History.from_commits(history.commits.values(), path_prefix="web/")
    assert judge(replace(history.facts(), history=narrowed), settings_with()).unresolved == ()
