"""Which commits are whose when GitHub lists them: squash, rebase, stacks and carriers (definitions.md 4 and 11)."""

from __future__ import annotations

from datetime import timedelta

from support.github_history import GitHubHistory, commits_of, history_of, keys
from support.small_history import change, day, days, sha


def test_squash() -> None:
    """Commits p@0, q@1 not on main, M = s@3, deploy s@4: lead 4, from merge 1."""
    history = GitHubHistory()
    history.commit("a", at=-2).commit("p", "a", at=0, branch=False).commit("q", "p", at=1, branch=False)
    history.commit("s", "a", at=3).pull(7, merged=3, merge="s", head="q", commits="pq", created=2)
    found = change(history.tag("v1.0", "a", at=-1).tag("v1.1", "s", at=4).judged(), "#7")

    assert (days(found.lead_time), found.deployed_at - found.merged_at) == (4, timedelta(days=1))
    assert (found.commits, found.flags) == ((sha("p"), sha("q")), ())


def test_commits_that_the_clone_lacks_start_at_the_creation_and_say_so() -> None:
    history = GitHubHistory()
    history.commit("a", at=-2).commit("s", "a", at=3).pull(7, merged=3, merge="s", head="?", commits="!?", created=2)
    found = change(history.tag("v1.0", "a", at=-1).tag("v1.1", "s", at=4).judged(), "#7")

    assert (days(found.lead_time), found.flags, found.first_commit_at) == (2, ("start=pr_created",), None)


def test_commits_that_only_github_has_begin_when_it_says() -> None:
    """The branch of a squash is gone from the clone. What an earlier pull request brought is not the later one's."""
    history = GitHubHistory()
    history.commit("a", at=-2).commit("s", "a", at=3).commit("t", "s", at=4)
    history.pull(7, merged=3, merge="s", head="?", commits="!?", written=(0, 1), created=2)
    history.pull(8, merged=4, merge="t", head="*", commits="!?*", written=(0, 1, 3.5), created=3.8)
    dataset = history.tag("v1.0", "a", at=-1).tag("v1.1", "t", at=5).judged()

    assert [days(change(dataset, name).lead_time) for name in ("#7", "#8")] == [5, 1.5]
    assert [change(dataset, name).flags for name in ("#7", "#8")] == [(), ()]
    assert change(dataset, "#7").first_commit_at == day(0)


def rebased(subjects: str = "fg") -> GitHubHistory:
    """Branch f@1, g@2; on main x@3, y@4 in their place, written when those were; `subjects` are what x and y repeat."""
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("g", "f", at=2, branch=False)
    for new, old, at in zip("xy", subjects, (3, 3.1)):
        history.commit(new, "a" if new == "x" else "x", at=at, written="fg".index(old) + 1, message=f"change {old}")
    history.pull(7, merged=3.1, merge="y", head="g", commits="fg")
    history.tag("v1.0", "a", at=0).tag("v1.1", "y", at=5)
    return history


def test_rebase() -> None:
    """The commits that a rebase made belong to the pull request, back from M while (author date, subject) is K's."""
    dataset = rebased().judged()

    assert keys(dataset) == {"a", "pr:7"}
    assert (commits_of(dataset, "#7"), days(change(dataset, "#7").lead_time)) == ("xy", 4)


def test_one_repeated_commit_is_no_rebase() -> None:
    """X is somebody else's commit that lies below a squash of one commit."""
    history = rebased()
    history.commit("x", "a", at=3, message="other work").commit("y", "x", at=3.1, written=2, message="change g")
    dataset = history.judged()

    assert keys(dataset) == {"a", "x", "pr:7"}
    assert commits_of(dataset, "#7") == "fg"


def test_a_rebased_commit_can_be_reverted_by_its_new_hash() -> None:
    history = rebased()
    history.commit("r", "y", at=6, message=f'Revert "change f"\n\nThis reverts commit {sha("x")}.')
    [failure] = history.tag("v1.2", "r", at=7).judged().failures

    assert (failure.deployment, failure.because) == ("tag:v1.1", f"{sha('r')[:10]} reverts #7")


def test_develop_to_main() -> None:
    """Feature PRs merged to develop, one PR develop → main: the feature PRs are changes, the last a `carrier`."""
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("m", "af", at=2, branch=False)
    history.commit("s", "m", at=3, branch=False).commit("r", "as", at=4)
    history.pull(1, merged=2, merge="m", head="f", commits="f", base="develop")
    history.pull(2, merged=3, merge="s", head="?", base="develop", created=2.5)
    history.pull(3, merged=4, merge="r", head="s", commits="fms", head_branch="develop")
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "r", at=5).judged()

    assert [change(dataset, f"#{number}").left_out for number in (1, 2, 3)] == ["", "", "carrier"]
    assert [change(dataset, f"#{number}").via for number in (1, 2)] == ["merge_commit", "merge_commit"]
    assert [days(change(dataset, f"#{number}").lead_time) for number in (1, 2)] == [4, 2.5]


def test_commits_of_an_earlier_pull_request_are_never_a_later_ones() -> None:
    """#2 stood on #1's branch, which was merged first: GitHub lists f in both."""
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("g", "f", at=2, branch=False)
    history.commit("m", "af", at=3).commit("n", "mg", at=4)
    history.pull(2, merged=4, merge="n", head="g", commits="fg").pull(1, merged=3, merge="m", head="f", commits="f")
    history.commit("r", "n", at=5, message=f'Revert "change f"\n\nThis reverts commit {sha("f")}.')
    dataset = history.judged()

    assert (commits_of(dataset, "#1"), commits_of(dataset, "#2")) == ("f", "g")
    assert change(dataset, "r").reverts == ("pr:1",)


def test_what_only_github_has_of_a_branch_makes_it_no_carrier() -> None:
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("m", "af", at=3).commit("s", "m", at=4)
    history.pull(1, merged=3, merge="m", head="f", commits="f")
    history.pull(2, merged=4, merge="s", head="?", commits="f?", written=(1, 2))

    assert change(history.judged(), "#2").left_out == ""


def test_a_list_that_github_gave_in_part_is_completed_from_the_history() -> None:
    history = history_of()
    history.commit("f", "a", at=1, branch=False).commit("g", "f", at=2, branch=False).commit("m", "ag", at=3)
    dataset = history.pull(1, merged=3, merge="m", head="g", commits="g", incomplete=True).judged()

    assert commits_of(dataset, "#1") == "fg"


def test_what_messages_say_of_other_numbers_counts_no_more() -> None:
    """From GitHub means from GitHub: "(#4)" is an issue's number, and a fork's merge is nobody's here."""
    history = history_of()
    history.commit("b", "a", at=1, message="Fix the cart (#4)").commit("f", "a", at=1, branch=False)
    history.commit("m", "bf", at=2, message="Merge pull request #1 from ada/feature")

    assert keys(history.judged()) == {"a", "b", "f"}


def test_two_pull_requests_of_one_merge() -> None:
    """A stack pushed to the branch at once: GitHub names the same commit for both, and each keeps its own."""
    history = history_of()
    history.commit("f", "a", at=1).commit("g", "f", at=2)
    history.pull(1, merged=3, merge="g", head="f", commits="f").pull(2, merged=3, merge="g", head="g", commits="fg")
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "g", at=5).judged()

    assert [days(change(dataset, name).lead_time) for name in ("#1", "#2")] == [4, 3]
    assert (commits_of(dataset, "#1"), commits_of(dataset, "#2")) == ("f", "g")
