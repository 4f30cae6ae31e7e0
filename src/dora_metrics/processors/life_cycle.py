"""Where the data stand between a clone and a number that people rely on, and what to run next. Pure.

    empty → extracted → waiting for review → under review → reviewed → annotated → calculated

New data that ask something bring them back to waiting.
"""

from __future__ import annotations

from dataclasses import dataclass

EMPTY = "empty"
EXTRACTED = "extracted"
WAITING = "waiting for review"
UNDER_REVIEW = "under review"
REVIEWED = "reviewed"
ANNOTATED = "annotated"
CALCULATED = "calculated"
STATES = (EMPTY, EXTRACTED, WAITING, UNDER_REVIEW, REVIEWED, ANNOTATED, CALCULATED)
MEANING = {
    EMPTY: "nothing has been extracted yet",
    EXTRACTED: "nothing asks for a person, and nobody has said anything yet",
    WAITING: "questions are open, and nobody has answered one of them yet",
    UNDER_REVIEW: "answers have been typed that are not imported yet; other questions are still open",
    REVIEWED: "every question has been answered, and the answers are not imported yet",
    ANNOTATED: "every answer is in force; the report is older than they are, or was never made",
    CALCULATED: "the report shows all data and every answer",
}


@dataclass(frozen=True)
class Standing:
    """What decides the state."""

    extracted: bool
    asking: int = 0
    """Rows that need a person."""
    typed: int = 0
    """Rows with answers in the review file, or of an interrupted `review`, that are not imported."""
    answered: int = 0
    """Of `asking`, those that `typed` answers."""
    in_terminal: bool = False
    """Some of them are of a `review` that was interrupted: it goes on from there."""
    decisions: int = 0
    """In force."""
    tables_fresh: bool = True
    """The tables are those of the newest data and the settings."""
    report_fresh: bool = False
    """A report was made of the newest data, the answers in force and the settings."""
    report_made: bool = False
    """A report was ever made."""


@dataclass(frozen=True)
class LifeCycle:
    """The state, what is stale, and what to run."""

    state: str
    stale: tuple[str, ...]
    """In words; empty when all is fresh."""
    next_commands: tuple[str, ...]
    """The command that leads on, without the program's name; several where one has a choice."""

    @property
    def needs_person(self) -> bool:
        """Whether it goes on only when somebody answers or imports."""
        return self.state in (WAITING, UNDER_REVIEW, REVIEWED)


def judge_life_cycle(standing: Standing, review_file: str) -> LifeCycle:
    """The state of data that stand like this; `review_file` is how people call the file, empty where there is none."""
    state = _state(standing)
    take = f"import {review_file}" if review_file else "extract"
    commands = {
        EMPTY: ("extract --full",),
        WAITING: (take, "review"),
        UNDER_REVIEW: (take, "review"),
        REVIEWED: ("review",) if standing.in_terminal or not review_file else (take,),
        CALCULATED: ("update",),
    }
    return LifeCycle(state, tuple(_stale(standing)), commands.get(state, ("report",)))


def _state(standing: Standing) -> str:
    if not standing.extracted:
        return EMPTY
    if standing.typed:
        return REVIEWED if standing.answered >= standing.asking else UNDER_REVIEW
    if standing.asking:
        return WAITING
    if standing.report_fresh:
        return CALCULATED
    return ANNOTATED if standing.decisions else EXTRACTED


def _stale(standing: Standing) -> list[str]:
    if not standing.extracted:
        return []
    found = []
    if not standing.tables_fresh:
        found.append("the tables in processed/ (extract writes them anew)")
    if standing.report_made and not standing.report_fresh:
        found.append("the report (report writes it anew)")
    return found
