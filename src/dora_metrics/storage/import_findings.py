"""What the import of a review file has found so far: problems, warnings, and how all of it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import RowId, RowName
from dora_metrics.errors import InputError
from dora_metrics.storage.review_wording import few, quoted

MOST_PROBLEMS = 50
"""Printed; how many more there are is said."""


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken."""

    row: int
    """As a spreadsheet numbers them; 0 when it is about the whole file."""
    column: str
    """Empty when it is about the whole row."""
    value: str
    """The start of the cell, in quotes, without addresses; empty without a column."""
    problem: str
    remedy: str

    def line(self) -> str:
        """As a person reads it."""
        if not self.row:
            return self.problem
        where = f"row {self.row}, column {self.column}: {self.value} " if self.column else f"row {self.row}: "
        return f"{where}{self.problem}; {self.remedy}"


class ReviewRefusedError(InputError):
    """Rows of a review file that cannot be taken, so none is."""

    def __init__(self, file_name: str, problems: Sequence[Problem]) -> None:
        """`problems` are all of them, in the file's order."""
        count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        lines = [f"{file_name} {problem.line()}" for problem in problems[:MOST_PROBLEMS]]
        more = len(problems) - MOST_PROBLEMS
        super().__init__(
            f"{file_name}: {count}, nothing was imported",
            remedy="correct the cells listed above and import the file again",
            details=[*lines, f"{file_name}: {more:,} more; --format json lists them all"] if more > 0 else lines,
        )
        self.problems = tuple(problems)


@dataclass
class Findings:
    """What has been read so far."""

    decided: dict[RowId, dict[str, Annotation]] = field(default_factory=dict)
    """Row to column to what was said first about it."""
    names: dict[RowId, RowName] = field(default_factory=dict)
    """Of the rows that something was said about."""
    first_seen: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """By repository and service, each key that was met to the number of its first row."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ignored_keys: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    edited_facts: list[str] = field(default_factory=list)

    def refuse(self, row: int, column: str, value: str, problem: str, remedy: str) -> None:
        """Note why the row cannot be taken."""
        self.problems.append(Problem(row, column, quoted(value) if column else "", problem, remedy))

    def all_warnings(self) -> list[str]:
        """Those about single rows, then a line for each kind of which there may be many."""
        many = (
            ("rows ignored because their keys are not in the extracted data", self.ignored_keys),
            ("rows that repeat a key and contradict nothing", self.repeated),
            (
                "facts ignored because they differ from the data (edited, older or changed by the spreadsheet)",
                self.edited_facts,
            ),
        )
        counted = [f"{what}: {len(found):,} (first {found[0]})" for what, found in many if found]
        return [*few(self.warnings), *counted]
