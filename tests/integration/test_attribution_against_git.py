"""First deliveries equal what git itself says, on random histories with dates out of order.

The oracle is `git rev-list --topo-order s_k ^s_1 … ^s_{k-1}` in a repository with a commit-graph (without one git 2.39
lists wrong commits when dates are out of order), over an order of deployments made here by brute force.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dora_metrics.domain.history import History
from dora_metrics.domain.models import Commit, Deployment
from dora_metrics.domain.timestamps import EPOCH, from_seconds
from dora_metrics.processors.attribution import attribute
from dora_metrics.processors.deployment_order import order_deployments
from support.git_repository import FIRST_TIME_S, GitRepository


@dataclass(frozen=True)
class Drawn:
    """A random history: parents (positions of earlier commits), committer times, and tags (commit, time)."""

    parents: tuple[tuple[int, ...], ...]
    times: tuple[int, ...]
    tags: tuple[tuple[int, int], ...]


@st.composite
def histories(draw: st.DrawFn) -> Drawn:
    size = draw(st.integers(1, 12))
    parents = tuple(
        tuple(draw(st.lists(st.integers(0, here - 1), max_size=3, unique=True))) if here else () for here in range(size)
    )
    times = tuple(draw(st.lists(st.integers(0, 50), min_size=size, max_size=size)))
    tags = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, 6)), min_size=1, max_size=6))
    return Drawn(parents, times, tuple(tags))


Attribute = Callable[[History, Sequence[Deployment]], "dict[str, int]"]


def ours(history: History, ordered: Sequence[Deployment]) -> dict[str, int]:
    first = attribute(history, ordered).first
    return {history.sha(commit): position for commit, position in enumerate(first) if position >= 0}


def previous_tag_only(history: History, ordered: Sequence[Deployment]) -> dict[str, int]:
    """Planted: what many tools do, the difference of neighbours; of several answers the first."""
    found: dict[str, int] = {}
    before: set[str] = set()
    for position, deployment in enumerate(ordered):
        commit = history.find(deployment.commit_sha)
        assert commit is not None
        reached = {history.sha(c) for c, yes in enumerate(history.graph.ancestors(commit)) if yes}
        found.update(dict.fromkeys(reached - before, position))
        before = reached
    return found


def by_name_at_equal_times(history: History, ordered: Sequence[Deployment]) -> list[Deployment]:
    """Planted: ties broken by the name alone."""
    del history
    return sorted(ordered, key=lambda deployment: (deployment.deployed_at, deployment.key))


def build(folder: Path, drawn: Drawn) -> tuple[GitRepository, History, list[Deployment]]:
    repository = GitRepository(folder / "repo", bare=True)
    commits = []
    for here, (parents, time) in enumerate(zip(drawn.parents, drawn.times)):
        name, at = str(here), FIRST_TIME_S + time
        sha = repository.commit(name, parents=[str(p) for p in parents], at=at, branch=f"b{here}", files={})
        parent_shas = tuple(repository[str(p)] for p in parents)
        commits.append(Commit(sha, parent_shas, "A", at, at, name, ()))
    repository.git("commit-graph", "write", "--reachable")
    tagged = [
        Deployment(
            key=f"tag:v{number}",
            repository="r",
            commit_sha=repository[str(commit)],
            deployed_at=from_seconds(time) or EPOCH,
            source="tag",
            tag=f"v{number}",
        )
        for number, (commit, time) in enumerate(drawn.tags)
    ]
    return repository, History.from_commits(commits), tagged


def reached_from(here: int, drawn: Drawn) -> set[int]:
    return {here}.union(*(reached_from(parent, drawn) for parent in drawn.parents[here]))


def ordered_by_brute_force(drawn: Drawn, repository: GitRepository, tagged: Sequence[Deployment]) -> list[Deployment]:
    """By time; at equal times every order is tried, the best that keeps ancestors first is taken."""
    ordered: list[Deployment] = []
    shas = [repository[str(here)] for here in range(len(drawn.parents))]
    for _, group in itertools.groupby(sorted(tagged, key=lambda d: d.deployed_at), key=lambda d: d.deployed_at):
        tied = sorted(group, key=lambda d: int(d.tag[1:]))
        reached = {d.commit_sha: {shas[c] for c in reached_from(shas.index(d.commit_sha), drawn)} for d in tied}
        ordered += next(
            list(order)
            for order in itertools.permutations(tied)
            if all(
                one.commit_sha == other.commit_sha or other.commit_sha not in reached[one.commit_sha]
                for one, other in itertools.combinations(order, 2)
            )
        )
    return ordered


def check(drawn: Drawn, attributed: Attribute, order: Callable[..., list[Deployment]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository, history, tagged = build(Path(folder), drawn)
        expected: dict[str, int] = {}
        tips: list[str] = []
        for position, deployment in enumerate(ordered_by_brute_force(drawn, repository, tagged)):
            excluded = [f"^{tip}" for tip in tips]
            listed = repository.git("rev-list", "--topo-order", deployment.commit_sha, *excluded).split()
            expected.update(dict.fromkeys(listed, position))
            tips.append(deployment.commit_sha)

        assert attributed(history, order(tagged, history)) == expected


@given(drawn=histories())
def test_first_deliveries_are_what_git_says(drawn: Drawn) -> None:
    check(drawn, ours, order_deployments)


@pytest.mark.parametrize(
    ("attributed", "order"),
    [
        pytest.param(previous_tag_only, order_deployments, id="previous tag only"),
        pytest.param(ours, lambda tagged, history: by_name_at_equal_times(history, tagged), id="ties by name"),
    ],
)
def test_the_oracle_catches_a_planted_bug(attributed: Attribute, order: Callable[..., list[Deployment]]) -> None:
    @settings(max_examples=400, derandomize=True, database=None, phases=[Phase.generate])
    @given(drawn=histories())
    def planted(drawn: Drawn) -> None:
        check(drawn, attributed, order)

    with pytest.raises(AssertionError):
        planted()
