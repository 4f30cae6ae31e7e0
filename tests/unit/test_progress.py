from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from dora_metrics.domain.progress import NoProgress, Progress
from dora_metrics.logs import logging_to_stderr
from dora_metrics.progress import BarProgress, LineProgress, Step, bar, numbers, progress_for
from dora_metrics.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logged() -> Iterator[None]:
    with logging_to_stderr(redactor=Redactor(), log_format="text", verbosity=0):
        yield


def run(progress: Progress, clock: Clock, *, seconds: float, total: int | None = 100, steps: int = 100) -> None:
    progress.begin("Reading commits", total)
    for _ in range(steps):
        clock.now_s += seconds / steps
        progress.advance()
    progress.end()


@pytest.mark.usefixtures("logged")
def test_without_a_terminal_a_plain_line_every_few_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    run(LineProgress(clock), clock, seconds=12.5)

    assert capsys.readouterr() == (
        "",
        "Reading commits: 8 of 100 (8 %)\nReading commits: 48 of 100 (48 %)\nReading commits: 88 of 100 (88 %)\n",
    )


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("progress", [LineProgress, BarProgress])
def test_a_quick_step_shows_nothing(
    progress: type[LineProgress], clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    run(progress(clock), clock, seconds=0.9)

    assert capsys.readouterr() == ("", "")


def test_a_bar_redraws_one_line_and_leaves_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    run(BarProgress(clock), clock, seconds=2.0, total=64, steps=64)

    frames = capsys.readouterr().err.split("\r\x1b[K")
    assert frames[1] == f"Reading commits: [{'#' * 15}{' ' * 15}] 32 of 64 (50 %)"
    assert frames[-1] == ""
    assert "\n" not in "".join(frames)
    assert len(frames) <= 13


def test_a_bar_makes_room_once(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    progress = BarProgress(clock)
    progress.begin("x", 2)
    clock.now_s += 2
    progress.advance()
    capsys.readouterr()

    progress.wipe()
    progress.wipe()

    assert capsys.readouterr().err == "\r\x1b[K"


@pytest.mark.parametrize(
    ("done", "total", "expected"),
    [
        (1200, 34000, "1,200 of 34,000 (3 %)"),
        (999, 1000, "999 of 1,000 (99 %)"),
        (5, 4, "5 of 4 (100 %)"),
        (1200, None, "1,200"),
        (3, 0, "3"),
    ],
)
def test_numbers_round_down(done: int, total: int | None, expected: str) -> None:
    assert numbers(Step("x", total, 0.0, done)) == expected


def test_without_a_total_there_is_no_bar() -> None:
    assert bar(Step("x", None, 0.0, 5)) == ""


def test_a_new_step_ends_the_one_before(clock: Clock) -> None:
    progress = LineProgress(clock)
    progress.begin("a")
    progress.begin("b", 3)

    assert progress.step == Step("b", 3, began_s=clock())
    progress.end()
    progress.advance()
    assert progress.step is None


@pytest.mark.parametrize(
    ("is_terminal", "term", "verbosity", "log_format", "expected"),
    [
        (True, "xterm", 0, "text", BarProgress),
        (False, "xterm", 0, "text", LineProgress),
        (True, "dumb", 0, "text", LineProgress),
        (True, "xterm", -1, "text", LineProgress),
        (True, "xterm", 0, "json", LineProgress),
    ],
)
def test_a_bar_is_for_terminals(
    is_terminal: bool, term: str, verbosity: int, log_format: str, expected: type[LineProgress]
) -> None:
    found = progress_for(is_terminal=is_terminal, term=term, verbosity=verbosity, log_format=log_format)

    assert type(found) is expected


def test_quiet_hides_the_lines(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr(redactor=Redactor(), log_format="text", verbosity=-1):
        run(LineProgress(clock), clock, seconds=60)

    assert capsys.readouterr().err == ""


def test_nobody_watching_is_a_progress_too(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    run(NoProgress(), clock, seconds=60)

    assert capsys.readouterr() == ("", "")
    assert logging.getLogger("dora_metrics.progress").level == logging.NOTSET
