"""`review`: the questions of the review file in the terminal; its answers are imported like a file's."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from dora_metrics.domain.known_keys import KnownService, find_service
from dora_metrics.domain.review import CAUSE, DECISIONS, ReviewRow, RowId, read_decision
from dora_metrics.errors import InputError
from dora_metrics.pipeline.derive import derive
from dora_metrics.pipeline.review_import import import_file, known_services
from dora_metrics.pipeline.views import review_rows
from dora_metrics.pipeline.workspace import RunSummary, Workspace
from dora_metrics.processors.review_questions import ReviewQuestion, questions_about
from dora_metrics.storage.csv_text import guard, unguard

JOURNAL = "staging/review/answers.csv"
"""The answers of a session that is under way: what was typed survives the end of the terminal."""
SOURCE = "dora-metrics review.csv"
_PLACE = ("repository", "service", "key")
Answers = dict[RowId, dict[str, str]]


@dataclass(frozen=True)
class OpenQuestion:
    """One row that asks, with its questions."""

    row: ReviewRow
    questions: tuple[ReviewQuestion, ...]

    @property
    def place(self) -> RowId:
        """What names the row."""
        return (self.row.repository, self.row.service, self.row.key)


@dataclass
class ReviewSession:
    """The rows that ask, the weightiest first, and what was answered so far."""

    workspace: Workspace
    asked: Sequence[OpenQuestion]
    known: Sequence[KnownService]
    """What answers may name."""
    answers: Answers = field(default_factory=dict)
    resumed: int = 0
    """Answers of a session that ended before they were imported."""

    def read(self, place: RowId, column: str, typed: str) -> str:
        """What was typed into a decision column of a row, as it will be stored. Raises `Unreadable`."""
        value = read_decision(column, typed, ZoneInfo(self.workspace.settings.metrics.timezone))
        if DECISIONS[column] != CAUSE:
            return value
        repository, service, _ = place
        return find_service(self.known, repository, service).cause(value)

    def answer(self, place: RowId, decisions: Mapping[str, str]) -> None:
        """Take decisions about a row, beside its others; lasting when it returns."""
        if decisions:
            self.answers[place] = {**self.answers.get(place, {}), **decisions}
            self._note()

    def forget(self, place: RowId, columns: Collection[str]) -> None:
        """Take the answer in these columns of a row back."""
        kept = {column: value for column, value in self.answers.pop(place, {}).items() if column not in columns}
        if kept:
            self.answers[place] = kept
        self._note()

    def _note(self) -> None:
        storage = self.workspace.storage()
        if self.answers:
            storage.write(JOURNAL, _as_csv(self.answers))
        else:
            storage.delete(JOURNAL)

    def finish(self) -> RunSummary:
        """Import the answers as one modification; nothing is imported when there are none.

        Raises `InputError` where an answer cannot be taken; the answers are kept then.
        """
        if not self.answers:
            said = "No answer, nothing changed." if self.asked else "No question is open."
            return RunSummary((said,), needs_person=bool(self.asked))
        summary = import_file(self.workspace, SOURCE, _as_csv(self.answers))
        self.workspace.storage().delete(JOURNAL)
        return summary


def open_review(workspace: Workspace) -> ReviewSession:
    """The rows that need a person, and the answers that an interrupted session left; nothing is written."""
    derived = derive(workspace, workspace.manager(), tables=False)
    rows = [row for row in review_rows(workspace, derived, "attention") if row.attention]
    kept = kept_answers(workspace)
    asked = [OpenQuestion(row, questions_about(row)) for row in rows]
    return ReviewSession(workspace, asked, known_services(workspace, derived), kept, resumed=len(kept))


def kept_answers(workspace: Workspace) -> Answers:
    """What a session left that ended before its answers were imported; raises `InputError` where it is damaged."""
    content = workspace.storage().read_if_there(JOURNAL)
    return {} if content is None else _from_csv(content, workspace)


def _as_csv(answers: Answers) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*_PLACE, *DECISIONS])
    for place, decisions in answers.items():
        writer.writerow([guard(cell) for cell in (*place, *(decisions.get(column, "") for column in DECISIONS))])
    return text.getvalue().encode()


def _from_csv(content: bytes, workspace: Workspace) -> Answers:
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
        return {
            (unguard(row["repository"]), unguard(row["service"]), unguard(row["key"])): {
                column: unguard(row[column]) for column in DECISIONS if row[column]
            }
            for row in rows
        }
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        message = f"{workspace.storage().where(JOURNAL)} cannot be read"
        raise InputError(message, remedy="look at it, then delete it to begin anew") from error
