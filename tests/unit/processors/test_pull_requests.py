"""Pull requests read from messages, and which commits are theirs."""

from __future__ import annotations

import pytest

from dora_metrics.domain.models import Dataset
from support.small_history import SmallHistory, change, days, sha

MERGE_1 = "Merge pull request #1 from ada/feature\n\nAdd a feature"


def commits_of(dataset: Dataset, name: str) -> set[str]:
    letters = {sha(letter): letter for letter in "abcdefghijklmnopqrstuvwxyz"}
    return {letters[own] for own in change(dataset, name).commits}


def keys(dataset: Dataset) -> set[str]:
    letters = {f"commit:{sha(letter)}": letter for letter in "abcdefghijklmnopqrstuvwxyz"}
    return {letters.get(found.key, found.key) for found in dataset.changes}


def test_a_merge_owns_what_its_branch_brought() -> None:
    history = SmallHistory().line("ab").commit("f", "a", branch=False).commit("g", "f", branch=False)
    dataset = history.commit("m", "bg", at=3, message=MERGE_1).judged()

    assert commits_of(dataset, "#1") == {"f", "g"}
    assert keys(dataset) == {"a", "b", "pr:1"}
    assert change(dataset, "#1").merged_at is not None


def test_updating_a_branch_from_main_gives_it_none_of_mains_commits() -> None:
    history = (
        SmallHistory()
        .line("ab")
        .commit("f", "a", branch=False)
        .commit("u", "fb", message="Merge branch 'main' into feature", branch=False)
        .commit("m", "bu", at=3, message=MERGE_1)
    )

    assert commits_of(history.judged(), "#1") == {"f"}


def test_a_pull_request_into_a_pull_request_keeps_its_own_commits() -> None:
    history = (
        SmallHistory()
        .line("a")
        .commit("f", "a", branch=False)
        .commit("g", "f", branch=False)
        .commit("i", "fg", message="Merge pull request #2 from ada/inner\n\nInner", branch=False)
        .commit("m", "ai", at=3, message=MERGE_1)
    )
    dataset = history.judged()

    assert (commits_of(dataset, "#1"), commits_of(dataset, "#2")) == ({"f"}, {"g"})


def test_stacked_squashes_each_get_only_their_own_commits() -> None:
    """The second branch stood on the first one's commits, which the first squash replaced."""
    history = (
        SmallHistory()
        .line("a")
        .commit("f", "a", branch=False)
        .commit("g", "f", branch=False)
        .commit("s", "a", at=3, message="First (#1)")
        .commit("t", "s", at=4, message="Second (#2)")
        .head(1, "f")
        .head(2, "g")
    )
    dataset = history.judged()

    assert (commits_of(dataset, "#1"), commits_of(dataset, "#2")) == ({"f"}, {"g"})


def test_commits_of_a_plain_merge_are_changes_by_themselves() -> None:
    history = SmallHistory().line("a").commit("f", "a", branch=False).commit("g", "f", branch=False)
    dataset = history.commit("m", "ag", at=3, message="Merge branch 'feature'").judged()

    assert keys(dataset) == {"a", "f", "g"}


def test_a_forks_own_merge_of_the_same_number_is_no_pull_request_here() -> None:
    """The clone knows the head of #1, and it is not among the parents."""
    history = (
        SmallHistory()
        .line("ab")
        .commit("f", "a", branch=False)
        .commit("m", "bf", at=3, message=MERGE_1)
        .commit("x", "a", branch=False)
        .head(1, "x")
    )

    assert keys(history.judged()) == {"a", "b", "f"}


def test_an_issue_number_behind_a_subject_is_no_pull_request() -> None:
    """Pull request heads are known up to #9, and #4 has none: an issue."""
    history = SmallHistory().line("a").commit("b", "a", message="Fix the cart (#4)").commit("x", "a", branch=False)

    assert keys(history.head(9, "x").judged()) == {"a", "b"}


def test_a_number_above_all_known_heads_may_be_newer_than_the_last_fetch() -> None:
    history = SmallHistory().line("a").commit("b", "a", message="Fix the cart (#12)").commit("x", "a", branch=False)

    assert keys(history.head(9, "x").judged()) == {"a", "pr:12"}


def test_of_a_number_used_twice_the_oldest_on_the_branch_wins() -> None:
    history = (
        SmallHistory().line("a").commit("b", "a", at=2, message="One (#1)").commit("c", "b", at=3, message="Two (#1)")
    )
    dataset = history.judged()

    assert change(dataset, "#1").merge_commit == sha("b")
    assert keys(dataset) == {"a", "pr:1", "c"}


def test_a_cherry_picked_squash_leaves_the_number_to_the_branch() -> None:
    history = (
        SmallHistory()
        .line("a")
        .commit("r", "a", at=1, message="One (#1)", branch=False)
        .commit("b", "a", at=2, message="One (#1)")
        .tag("v0.9", "a", at=0.5)
        .tag("v1.0", "r", at=4)
    )
    assert change(history.judged(), "#1").merge_commit == sha("b")


def test_a_cherry_pick_by_its_trailer_is_the_same_change_delivered_earlier() -> None:
    """Earliest start, earliest delivery; the copy is listed and left out."""
    history = (
        SmallHistory()
        .line("ab")
        .commit("r", "a", at=3, written=1, message=f"change b\n\n(cherry picked from commit {sha('b')})", branch=False)
        .tag("v1.0", "a", at=0.5)
        .tag("v1.0.1", "r", at=4)
        .tag("v1.1", "b", at=9)
    )
    dataset = history.judged()

    origin, copy = change(dataset, "b"), change(dataset, "r")
    assert (origin.via, days(origin.lead_time)) == ("cherry_pick", 3)
    assert (copy.left_out, copy.flags) == ("cherry_pick", (f"cherry_pick_of=commit:{sha('b')}",))


def test_a_picked_commit_that_is_unknown_here_makes_an_ordinary_change() -> None:
    history = SmallHistory().line("a").commit("b", "a", at=1, message=f"x\n\n(cherry picked from commit {'9' * 40})")
    dataset = history.tag("v1.0", "a", at=0.5).tag("v1.1", "b", at=2).judged()

    assert change(dataset, "b").left_out == ""


@pytest.mark.parametrize(
    ("written", "expected", "flags"),
    [
        pytest.param(3.5, 3.5, (), id="half a day ahead of the committer is believed"),
        pytest.param(4.5, 3, ("bad_author_date",), id="over a day ahead is not: the committer's time counts"),
        pytest.param(-7300, 3, ("bad_author_date",), id="before git existed: the committer's time counts"),
    ],
)
def test_author_dates_that_cannot_be_true(written: float, expected: float, flags: tuple[str, ...]) -> None:
    history = SmallHistory().line("a").commit("b", "a", at=3, written=written)
    found = change(history.tag("v1.0", "a", at=0).tag("v1.1", "b", at=5).judged(), "b")

    assert (days(found.lead_time), found.flags) == (5 - expected, flags)


def test_lead_time_may_start_at_the_merge() -> None:
    history = SmallHistory().line("a").commit("f", "a", at=1, branch=False).commit("m", "af", at=3, message=MERGE_1)
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "m", at=5).judged(lead_time_start="merged")

    assert days(change(dataset, "#1").lead_time) == 2


def test_a_start_that_git_does_not_know_is_left_out_with_the_reason() -> None:
    """Git knows no creation time: nothing is invented."""
    history = SmallHistory().line("a").commit("f", "a", at=1, branch=False).commit("m", "af", at=3, message=MERGE_1)
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "m", at=5).judged(lead_time_start="created")

    found = change(dataset, "#1")
    assert (found.lead_time, found.left_out) == (None, "no_start")


def test_bots_can_be_left_out() -> None:
    history = (
        SmallHistory().line("a").commit("b", "a", at=1, author="renovate[bot]").commit("c", "b", at=2, author="ci")
    )
    history.tag("v1.0", "a", at=0).tag("v1.1", "c", at=3)

    assert change(history.judged(), "b").left_out == ""
    assert change(history.judged(exclude_bots=True), "b").left_out == "bot"
    assert change(history.judged(exclude_bots=True, bots=("CI",)), "c").left_out == "bot"


def test_the_first_deployment_has_no_lead_times_unless_asked() -> None:
    history = SmallHistory().line("abc").tag("v1.0", "b", at=4)

    assert change(history.judged(), "a").left_out == "left_truncated"
    assert days(change(history.judged(include_initial=True), "a").lead_time) == 4


def test_a_deep_history_needs_no_recursion() -> None:
    """10,000 nested merges and 20,000 commits in a row."""
    history = SmallHistory().commit("0", at=0)
    for number in range(1, 10_001):
        history.commit(f"s{number}", "", at=number)
        history.commits[f"s{number}"] = history.commits[f"s{number}"]._replace(parents=(sha(str(number - 1)),))
        history.commit(str(number), "", at=number, message=f"Merge pull request #{number} from ada/x\n\nX")
        parents = (sha(str(number - 1)), sha(f"s{number}"))
        history.commits[str(number)] = history.commits[str(number)]._replace(parents=parents)

    assert len(history.judged().changes) == 10_001


def test_deeply_nested_branches_need_no_recursion() -> None:
    """Each merge brings a branch that was itself merged with the next one, 3,000 deep."""
    history = SmallHistory().commit("0", at=0)
    for number in range(1, 3001):
        history.commit(f"s{number}", "", at=number)
        history.commits[f"s{number}"] = history.commits[f"s{number}"]._replace(parents=(sha("0"),))
        history.commit(str(number), "", at=number, message=f"Merge pull request #{number} from ada/x\n\nX")
        parents = (sha(f"s{number}"), sha(str(number - 1)))
        history.commits[str(number)] = history.commits[str(number)]._replace(parents=parents)

    dataset = history.judged()
    assert sum(len(found.commits) for found in dataset.changes) == 3001


def test_a_squash_is_a_bots_or_a_persons_by_its_own_author() -> None:
    """GitHub squashes in the name of who opened it: pull request 616 of hynek/structlog, with a person's fixup on top.

    Its commit d71e470 is pre-commit-ci[bot]'s; of the two of its branch the second is a person's. And the reverse: a
    bot's suggestion on a person's branch.
    """
    history = SmallHistory().line("a")
    history.commit("p", "a", at=1, author="pre-commit-ci[bot]", branch=False).commit("q", "p", at=2, branch=False)
    history.commit("s", "a", at=3, author="pre-commit-ci[bot]", message="autoupdate (#616)").head(616, "q")
    history.commit("t", "a", at=3, author="pre-commit-ci[bot]", branch=False)
    dataset = history.commit("u", "s", at=4, message="Mine (#617)").head(617, "t").judged()

    assert (change(dataset, "#616").is_bot, change(dataset, "#617").is_bot) == (True, False)
