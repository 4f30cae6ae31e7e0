"""Waiting in real time, with a clock of the test's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Optional

import pytest

from dora_metrics.extractors.github_wait import CountdownWaiter, growing


class Shown:
    """A `Progress` that writes down what it is told."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, Optional[int]]] = []
        self.done: list[int] = []
        self.ended = 0

    def begin(self, what: str, total: Optional[int] = None) -> None:
        self.begun.append((what, total))

    def advance(self, n: int = 1) -> None:
        self.done.append(n)

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pieces: list[float] = []
    time = SimpleNamespace(sleep=pieces.append, monotonic=lambda: sum(pieces))
    monkeypatch.setattr("dora_metrics.extractors.github_wait.time", time)
    return pieces


def test_a_wait_is_a_countdown_of_seconds(slept: list[float]) -> None:
    shown = Shown()

    CountdownWaiter(shown).sleep(5.0, "its hourly limit")

    assert shown.begun == [("Waiting for GitHub (its hourly limit), seconds", 5)]
    assert shown.done == [1] * 5
    assert slept == [1.0] * 5
    assert shown.ended == 1


def test_an_hour_is_told_in_sixty_steps(slept: list[float]) -> None:
    shown = Shown()

    CountdownWaiter(shown).sleep(3600.0, "its hourly limit")

    assert (len(slept), sum(slept), sum(shown.done)) == (60, 3600, 3600)


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1.5])
def test_a_moment_is_not_shown(slept: list[float], seconds: float) -> None:
    shown = Shown()

    CountdownWaiter(shown).sleep(seconds, "no answer")

    assert shown.begun == []
    assert slept == [max(0.0, seconds)]


def test_a_wait_that_is_interrupted_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "dora_metrics.extractors.github_wait.time", SimpleNamespace(sleep=interrupt, monotonic=lambda: 0.0)
    )
    shown = Shown()

    with pytest.raises(KeyboardInterrupt):
        CountdownWaiter(shown).sleep(60, "its hourly limit")

    assert shown.ended == 1


def test_pauses_double_and_get_up_to_a_quarter_longer() -> None:
    assert [growing(1.0, times, 0.0) for times in range(4)] == [1, 2, 4, 8]
    assert growing(4.0, 1, 1.0) == 10


def test_time_goes_on(slept: list[float]) -> None:
    waiter = CountdownWaiter(Shown())
    waiter.sleep(1.0, "x")

    assert waiter.monotonic() == 1.0
    assert slept == [1.0]
