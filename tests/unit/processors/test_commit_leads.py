"""The lead time of each commit by itself (definitions.md 5): of non-merge commits, from author time to users."""

from __future__ import annotations

from typing import Any, Callable, Optional

import pytest

from support.github_history import GitHubHistory, history_of
from support.small_history import SmallHistory, sha

DAY_S = 86_400
LETTERS = {sha(letter): letter for letter in map(chr, range(33, 127))}


def squash() -> SmallHistory:
    """Commits p@0 and q@1 off the branch, squashed as s@3, shipped @4; a first deployment before."""
    history = SmallHistory().commit("a", at=-9).commit("s", "a", at=3, message="Add it (#12)")
    history.commit("p", "a", at=0, branch=False).commit("q", "p", at=1, branch=False).head(12, "q")
    return history.tag("v1", "a", at=-8).tag("v2", "s", at=4)


def two_lines() -> SmallHistory:
    """Main a-b-c, release a-x; c shipped @2, x @3, their merge m @4."""
    history = SmallHistory().line("abc", step=0.5).commit("x", "a", at=2.5, branch=False).commit("m", "cx", at=3.5)
    return history.tag("v2.0", "c", at=2).tag("v1.1", "x", at=3).tag("v2.1", "m", at=4)


def ahead(*, at: float, written: Optional[float] = None) -> SmallHistory:
    """a, b and c, of which c is shipped with b @3."""
    history = SmallHistory().line("ab").commit("c", "b", at=at, written=written)
    return history.tag("v1", "a", at=1).tag("v2", "c", at=3)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(lambda: SmallHistory().line("abcd").tag("v1", "b", at=2).tag("v2", "c", at=5), {"c": 3.0},
                     id="linear: the first deployment's have waited nobody knows how long, the last is undeployed"),
        pytest.param(squash, {"s": 1.0}, id="squash: only the commit that reached users, from when it was squashed"),
        pytest.param(two_lines, {"x": 0.5}, id="two lines: no merge, and nothing of the first deployment"),
        pytest.param(lambda: ahead(at=3 + 60 / DAY_S), {"b": 2.0, "c": 0.0}, id="a clock a minute ahead: none"),
        pytest.param(lambda: ahead(at=3.1), {"b": 2.0}, id="written hours after it was shipped: left out"),
        pytest.param(lambda: ahead(at=2, written=9), {"b": 2.0, "c": 1.0},
                     id="an author date a week ahead of the committer's is bad: the committer's counts"),
        pytest.param(SmallHistory, {}, id="nothing at all"),
    ],
)  # fmt: skip
def test_each_commit_by_itself(history: Callable[[], SmallHistory], expected: dict[str, float]) -> None:
    found = history().judged()

    assert {LETTERS[lead.sha]: lead.seconds / DAY_S for lead in found.commit_leads} == expected


def test_they_name_the_deployment_that_first_contained_them() -> None:
    found = SmallHistory().line("abc").tag("v1", "a", at=3).tag("v2", "b", at=4).tag("v3", "c", at=5).judged()

    assert {LETTERS[lead.sha]: lead.deployment for lead in found.commit_leads} == {"b": "tag:v2", "c": "tag:v3"}


@pytest.mark.parametrize(("settings", "expected"), [({}, {"b", "c"}), ({"exclude_bots": True}, {"b"})])
def test_bots_count_unless_they_are_left_out(settings: dict[str, Any], expected: set[str]) -> None:
    history = SmallHistory().line("ab").commit("c", "b", at=2, author="renovate[bot]")
    found = history.tag("v1", "a", at=1).tag("v2", "c", at=3).judged(**settings)

    assert {LETTERS[lead.sha] for lead in found.commit_leads} == expected


def rebased_by_a_bot() -> GitHubHistory:
    """P and q of a bot's branch went out with v2 and became r and s on the branch, which go out with v3."""
    history = history_of()
    history.commit("p", "a", at=1, message="one", branch=False)
    history.commit("q", "p", at=2, message="two", branch=False)
    history.commit("r", "a", at=3, written=1, message="one").commit("s", "r", at=3, written=2, message="two")
    history.pull(5, merged=3, merge="s", head="q", commits="pq", is_bot=True)
    history.tag("v1", "a", at=0.5).tag("v2", "q", at=2.5).tag("v3", "s", at=4)
    return history


@pytest.mark.parametrize(("settings", "expected"), [({}, {"p", "q", "r", "s"}), ({"exclude_bots": True}, set())])
def test_a_bots_commits_are_left_out_before_and_after_a_rebase(settings: dict[str, Any], expected: set[str]) -> None:
    found = rebased_by_a_bot().judged(**settings)

    assert {LETTERS[lead.sha] for lead in found.commit_leads} == expected


def test_the_first_deployments_count_where_it_is_asked_for() -> None:
    found = SmallHistory().line("ab").tag("v1", "b", at=3).judged(include_initial=True)

    assert {LETTERS[lead.sha]: lead.seconds / DAY_S for lead in found.commit_leads} == {"a": 3.0, "b": 2.0}


def test_of_a_service_only_its_own_commits_count() -> None:
    history = SmallHistory().commit("a", files="api/x").commit("b", "a", at=1, files="api/x")
    history = history.commit("c", "b", at=2, files="web/x").tag("v1", "a", at=1).tag("v2", "c", at=3)
    history.path_prefix = "api/"

    assert {LETTERS[lead.sha] for lead in history.judged().commit_leads} == {"b"}
