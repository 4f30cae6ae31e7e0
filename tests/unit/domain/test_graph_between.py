"""What lies between commits: right against all ancestors, and each commit looked at once, whatever is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.commit_graph import CommitGraph


def graph_of(parents: list[list[int]], order: Optional[Sequence[int]] = None) -> CommitGraph:
    """Commits 0, 1, 2 …, each with these earlier ones as its parents, added in that order or in another one."""
    graph = CommitGraph()
    names = [hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest() for number in range(len(parents))]
    for number in range(len(parents)) if order is None else order:
        graph.add(names[number], [names[parent] for parent in parents[number]])
    return graph


def behind(graph: CommitGraph, tip: int) -> set[int]:
    """The oracle: all known commits that `tip` reaches, itself included."""
    seen = graph.ancestors(tip)
    return {commit for commit in range(len(graph)) if seen[commit] and graph.known(commit)}


@st.composite
def histories(draw: st.DrawFn) -> tuple[CommitGraph, list[int]]:
    """A history with forks, merges and octopuses, told in any order and cut anywhere, and some of its commits."""
    size = draw(st.integers(1, 25))
    parents = [
        draw(st.lists(st.integers(0, number - 1), unique=True, max_size=3)) if number else [] for number in range(size)
    ]
    told = draw(st.permutations(range(size)).map(lambda order: order[: size - size // 5]))
    graph = graph_of(parents, told if draw(st.booleans()) else range(size - 1, -1, -1))
    known = [commit for commit in range(len(graph)) if graph.known(commit)]
    return graph, draw(st.lists(st.sampled_from(known), max_size=6))


@given(histories())
def test_one_reaches_another_where_that_is_among_its_ancestors(drawn: tuple[CommitGraph, list[int]]) -> None:
    graph, asked = drawn
    for tip in asked:
        assert {other for other in asked if graph.reaches(tip, other)} == behind(graph, tip) & set(asked)


@given(histories())
def test_those_among_are_the_ancestors_that_were_asked_about(drawn: tuple[CommitGraph, list[int]]) -> None:
    """As if all ancestors of each were listed."""
    graph, asked = drawn
    assert graph.ancestors_among(asked) == {one: (behind(graph, one) & set(asked)) - {one} for one in asked}


@given(histories())
def test_what_is_beyond_is_the_difference_of_the_ancestors(drawn: tuple[CommitGraph, list[int]]) -> None:
    """For any two commits, one behind the other or not, and for one twice."""
    graph, asked = drawn
    for tip in asked:
        for other in asked:
            assert graph.count_beyond(tip, other) == len(behind(graph, tip) - behind(graph, other))


def looks(monkeypatch: pytest.MonkeyPatch, graph: CommitGraph, asked: list[int]) -> int:
    """How many commits' parents are looked up for the ancestors among `asked`."""
    graph.reaches(0, 0)  # the generations, kept for good
    looked: list[int] = []
    parents = CommitGraph.parents

    def counted(of: CommitGraph, commit: int) -> tuple[int, ...]:
        looked.append(commit)
        return parents(of, commit)

    monkeypatch.setattr(CommitGraph, "parents", counted)
    graph.ancestors_among(asked)
    monkeypatch.undo()
    return len(looked)


def test_a_hundred_commits_take_one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who gives many deployments one time makes a long tie: each commit of it walked by itself once."""
    graph = graph_of([[]] + [[number] for number in range(999)])
    assert looks(monkeypatch, graph, list(range(0, 1000, 10))) <= len(graph)


def test_what_is_near_the_tip_is_found_near_the_tip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rollback by three commits looks at few, whatever lies below."""
    graph = graph_of([[]] + [[number] for number in range(999)])
    graph.reaches(0, 0)
    looked: list[int] = []
    parents = CommitGraph.parents
    monkeypatch.setattr(CommitGraph, "parents", lambda of, commit: (looked.append(commit), parents(of, commit))[1])
    assert graph.count_beyond(999, 996) == 3
    assert len(looked) <= 6
