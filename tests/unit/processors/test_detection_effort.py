"""What a person's word on deployments costs: looks at the history do not grow with the number of words."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dora_metrics.domain.commit_graph import CommitGraph
from support.small_history import SmallHistory

LETTERS = "ABCDEFGHIJKLMNOP"


def sweeps(monkeypatch: pytest.MonkeyPatch, said: str) -> int:
    """How often all of the history is walked when these commits are said to be deployments."""
    walked: list[int] = []
    sweep = CommitGraph.sweep

    def counted(graph: CommitGraph, tips: Sequence[int]) -> object:
        walked.append(len(tips))
        return sweep(graph, tips)

    monkeypatch.setattr(CommitGraph, "sweep", counted)
    history = SmallHistory().line(LETTERS)
    for letter in said:
        history.say(letter, is_deployment="yes")
    assert len(history.judged().deployments) == len(said)
    monkeypatch.undo()
    return len(walked)


def test_ten_added_deployments_walk_the_history_as_often_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each took a walk of its own once: 2,000 words over 100,000 commits were two minutes."""
    assert sweeps(monkeypatch, LETTERS[:10]) == sweeps(monkeypatch, LETTERS[:1])


def test_without_a_word_that_needs_it_the_line_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A history without decisions takes one walk less than one with them."""
    assert sweeps(monkeypatch, "") == sweeps(monkeypatch, "A") - 1
