"""`review`: what needs a person, asked one by one; nothing that was answered is ever lost."""

from __future__ import annotations

import io
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.pipeline.review_session import JOURNAL
from support.git_repository import GitRepository
from support.prompt import CommandLine, Outcome


class Shop:
    """A repository of which three things ask: two patches soon after a release, and a hotfix's failure."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.cli = CommandLine(folder / "work")
        git = GitRepository(folder / "shop")
        for day, tag in ((6, "v1.0.0"), (9, "v1.1.0"), (10, "v1.1.1"), (20, "v1.2.0"), (22, "v1.2.1")):
            git.commit(f"work for {tag}", at=f"2025-01-{day:02}T09:00:00Z")
            git.tag(tag, f"work for {tag}", at=f"2025-01-{day:02}T10:00:00Z")
        git.commit("fix", at="2025-01-24T09:00:00Z", subject="hotfix: the cart (#7)")
        git.tag("v1.3.0", "fix", at="2025-01-24T10:00:00Z")
        git.flush()
        self.cli.run("init", "--yes", str(git.path))
        self.cli.run("extract", "--full")

    def review(self, *typed: str, code: int = 0) -> Outcome:
        self.patch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        return self.cli.run("review", code=code)

    def decisions(self) -> dict[str, str]:
        """What is in force: `key column` to value; `reviewed`, which any decision implies, left out."""
        [*_, newest] = sorted(
            (self.cli.folder / "data" / "annotations").glob("*.csv"), key=lambda path: path.stat().st_mtime_ns
        )
        rows = (line.split(",") for line in newest.read_text(encoding="utf-8").splitlines()[1:])
        return {f"{row[2]} {row[3]}": row[4] for row in rows if row[3] != "reviewed"}

    def asked(self) -> list[str]:
        """The questions that are open, as they are asked."""
        return [said.rpartition("\n")[2].strip() for said in self.review(*"ssssssssss").err.split(" [y/n/s/b/q]")[:-1]]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, monkeypatch)


def test_yes_and_no_are_the_decisions_of_the_review_file(shop: Shop) -> None:
    ended = shop.review("y", "n", "skip", "q")

    assert sorted(shop.decisions().values()) == ["no", "yes"]
    assert "in force now" in ended.out


def test_a_row_that_was_answered_is_not_asked_about_again(shop: Shop) -> None:
    before = shop.asked()

    shop.review("y", "y", "q")

    assert before[0] == "Did v1.2.1 fail, so that somebody had to act at once?"
    assert before[0] not in shop.asked()


def test_back_takes_the_answer_before_it_back(shop: Shop) -> None:
    shop.review("y", "b", "n", "q")

    assert list(shop.decisions().values()) == ["no"]


@pytest.mark.parametrize("typed", [["q"], ["s", "s", "s", "s"], ["", "", "", ""], []])
def test_without_an_answer_nothing_changes(shop: Shop, typed: list[str]) -> None:
    before = shop.cli.files()

    assert "No answer, nothing changed." in shop.review(*typed).out

    assert shop.cli.files() == before


def test_what_is_no_answer_is_asked_again(shop: Shop) -> None:
    ended = shop.review("maybe", "yes", "q")

    assert "y yes" in ended.err
    assert list(shop.decisions().values()) == ["yes"]


def test_the_end_of_input_keeps_the_answers(shop: Shop) -> None:
    shop.review("y")

    assert list(shop.decisions().values()) == ["yes"]


def test_ctrl_c_keeps_the_answers(shop: Shop) -> None:
    class Interrupted(io.StringIO):
        def readline(self, size: int = -1) -> str:
            line = super().readline(size)
            if not line:
                signal.raise_signal(signal.SIGINT)
            return line

    shop.patch.setattr("sys.stdin", Interrupted("y\n"))
    shop.cli.run("review")

    assert list(shop.decisions().values()) == ["yes"]


def test_answers_of_a_session_that_died_are_taken_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def died(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("dora_metrics.pipeline.review_session.import_file", died)
        shop.review("y", "q", code=1)
    assert (shop.cli.folder / "data" / JOURNAL).exists()

    ended = shop.review("q")

    assert "Answers of an interrupted review taken up: 1." in ended.out
    assert list(shop.decisions().values()) == ["yes"]
    assert not (shop.cli.folder / "data" / JOURNAL).exists()


def test_a_journal_that_cannot_be_read_is_an_error_and_stays(shop: Shop) -> None:
    journal = shop.cli.folder / "data" / JOURNAL
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b'key,"\xff')

    ended = shop.review("y", code=4)

    assert ended.error.startswith("error: ")
    assert "answers.csv cannot be read" in ended.error
    assert journal.read_bytes() == b'key,"\xff'


def test_each_question_says_what_it_rests_on_and_what_it_can_move(shop: Shop) -> None:
    told = shop.review("q").err

    assert "was that one broken?" in told or "hotfix" in told
    assert "it can move the" in told
    assert "points" in told


def test_when_nothing_asks_it_says_so(shop: Shop) -> None:
    shop.review("y", "y", "y", "y", "y", "y")

    assert shop.review("q").out.strip() == "No question is open."
    assert shop.cli.run("status", "--check").code == 0


def test_a_release_that_a_patch_repaired_is_a_failure_with_a_recovery(shop: Shop) -> None:
    """One yes says all of it: the patch a hotfix, the release before it failed, and users well again with the patch."""
    steps = shop.asked()
    place = steps.index("Was v1.1.1 made because the release before it was broken?")

    shop.review(*["s"] * place, "y", "q")

    assert sorted(value for value in shop.decisions().values()) == ["2025-01-10T10:00:00Z", "yes", "yes"]
    told = json.loads(shop.cli.run("calculate", "--period", "all", "--format", "json").out)["overall"]
    assert told["change_failure_rate"]["explicit_ratio"] > 0
    assert told["rework_rate"]["rework"] == 2
    assert told["mttr"]["median_hours"] is not None


def test_back_takes_back_what_a_yes_said_of_another_row(shop: Shop) -> None:
    place = shop.asked().index("Was v1.1.1 made because the release before it was broken?")

    shop.review(*["s"] * place, "y", "b", "n", "q")

    assert list(shop.decisions().values()) == ["no"]
