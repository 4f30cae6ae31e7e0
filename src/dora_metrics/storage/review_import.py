"""A saved pending_review.csv back into decisions: every row is checked, then all are taken or none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from dora_metrics.domain.known_keys import KnownService, Unknown, find_service
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.privacy import redact
from dora_metrics.domain.review import (
    CAUSE,
    DECISIONS,
    MOMENT,
    TAKE_BACK,
    RowId,
    read_decision,
    require_fitting,
)
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.domain.typed_values import Unreadable
from dora_metrics.errors import InputError
from dora_metrics.storage.csv_reading import Table, open_table
from dora_metrics.storage.csv_text import unguard
from dora_metrics.storage.review_csv import FACT_CELLS
from dora_metrics.storage.review_wording import about_columns, few, quoted, refused

TAKES_BACK = frozenset({"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"})
"""A hyphen, and what spreadsheets make of one."""
FEWEST_DELIMITERS = 5
"""So many on a line of a cell that begins with a key: it is a row, swallowed by an open quote."""
CHANGING_FACTS = frozenset({"attention", "proposal", "reason", "confidence"})
"""Facts that every decision may change: a saved file may well hold older ones."""

_KEY = re.compile(r"\"?(?:commit|issue|tag|release|deployment|merge|annotation):")


@dataclass(frozen=True)
class ReviewImport:
    """What a file says."""

    annotations: list[Annotation]
    """In the file's order; a decision taken back has the value `-`."""
    warnings: list[str]
    """What was accepted all the same, in words; empty when there was nothing."""


@dataclass
class _Findings:
    """What has been read so far."""

    decided: dict[RowId, dict[str, Annotation]] = field(default_factory=dict)
    """Row to column to what was said first about it."""
    first_seen: dict[RowId, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ignored_keys: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    edited_facts: list[str] = field(default_factory=list)


def parse_review(
    content: bytes,
    *,
    file_name: str,
    known: Sequence[KnownService],
    timezone: str,
    accepted_at: datetime,
    skip_unknown: bool = False,
) -> ReviewImport:
    """The decisions in `content`; times without an offset are local ones of `timezone` (an IANA name).

    A blank cell and a missing column say nothing. Any decision on a row also says `reviewed=yes` unless that cell is
    filled. Raises `InputError` with every problem in `details`; then nothing counts. With `skip_unknown` a row whose
    key was never extracted is a warning instead.
    """
    table = open_table(content, file_name)
    source = hashlib.sha256(content).hexdigest()
    moment = accepted_at.replace(microsecond=0)
    reader = _Reader(table, known, ZoneInfo(timezone), moment, source, skip_unknown=skip_unknown)
    findings = reader.findings
    try:
        for number, cells in table.rows:
            reader.read(number, cells)
    except InputError as broken:
        if not findings.problems:
            raise
        findings.problems.append(broken.message)
    if findings.problems:
        raise refused(file_name, findings.problems)
    warnings = [*about_columns(table), *few(findings.warnings), *_summaries(findings)]
    return ReviewImport(_in_order(findings.decided), [f"{file_name}: {w}" for w in warnings])


class _Reader:
    """Reads row after row into `findings`."""

    def __init__(
        self,
        table: Table,
        known: Sequence[KnownService],
        zone: ZoneInfo,
        accepted_at: datetime,
        source: str,
        *,
        skip_unknown: bool,
    ) -> None:
        self.findings = _Findings()
        self._table = table
        self._known = known
        self._zone = zone
        self._accepted_at = accepted_at
        self._latest = format_utc(accepted_at)
        self._source = source
        self._skip_unknown = skip_unknown

    def read(self, number: int, cells: Sequence[str]) -> None:
        """Take one row in, or note what is wrong with it."""
        header = self._table.header
        if any(cells[len(header) :]):
            self._problem(number, "", "", "has more cells than the header has columns", "save it from the spreadsheet")
            return
        together = "".join(cells)
        if ("\n" in together or "\r" in together) and any(map(self._holds_a_row, cells)):
            self._problem(number, "", "", "holds other rows: a quote is open", "close it, or save the file again")
            return
        row = {name: unguard(cell.strip()) if cell else "" for name, cell in zip(header, cells)}
        typed = {column: row[column].strip() for column in DECISIONS if row.get(column)}
        place = self._place(number, row, says_something=bool(typed))
        if place is None:
            return
        service, key = place
        if redact(typed.get("notes", "")) != typed.get("notes", ""):
            self.findings.warnings.append(f"row {number}, column notes: an e-mail address or a secret was left out")
        row_id = (service.repository, service.service, key)
        self._note_edited_facts(number, row, service, key)
        self._take(number, row_id, self._decisions(number, typed, service, key))

    def _holds_a_row(self, cell: str) -> bool:
        enough = min(len(self._table.header) - 1, FEWEST_DELIMITERS)
        return any(_KEY.match(line) and line.count(self._table.delimiter) >= enough for line in cell.splitlines()[1:])

    def _place(self, number: int, row: dict[str, str], *, says_something: bool) -> tuple[KnownService, str] | None:
        """Where the row belongs; `None` when that cannot be said, which has then been noted."""
        repository, typed = row.get("repository", "").strip(), row.get("key", "").strip()
        column, cell = "repository", repository
        try:
            service = find_service(self._known, repository, row.get("service", "").strip())
            column, cell = "key", typed
            key = service.row_key(typed)
        except Unknown as unknown:
            if self._skip_unknown or not says_something:
                self.findings.ignored_keys.append(f"row {number}: {quoted(typed)}")
            else:
                self._problem(number, column, cell, unknown.problem, unknown.remedy)
            return None
        except Unreadable as unreadable:
            self._problem(number, column, cell, unreadable.problem, unreadable.remedy)
            return None
        if typed.lower() != key.lower():
            self.findings.warnings.append(f"row {number}: {quoted(typed)} is taken for {key}")
        if says_something and key[len("commit:") :] in service.unreachable:
            self.findings.warnings.append(f"row {number}: {key} is in the history no more; its decisions are kept")
        return service, key

    def _decisions(self, number: int, typed: dict[str, str], service: KnownService, key: str) -> dict[str, str]:
        """Canonical values by column; what cannot be read is noted and left out."""
        values = {column: self._value(number, column, cell, service, key) for column, cell in typed.items()}
        decisions = {column: value for column, value in values.items() if value}
        self._note_odd_times(number, decisions)
        if any(value != TAKE_BACK for value in decisions.values()):
            decisions.setdefault("reviewed", "yes")
        return decisions

    def _value(self, number: int, column: str, cell: str, service: KnownService, key: str) -> str:
        """The canonical value; empty when there is none, which has then been noted."""
        try:
            require_fitting(column, key)
            if cell in TAKES_BACK:
                return TAKE_BACK
            value = read_decision(column, cell, self._zone)
            return service.cause(value) if DECISIONS[column] == CAUSE else value
        except Unreadable as unreadable:
            self._problem(number, column, cell, unreadable.problem, unreadable.remedy)
            return ""

    def _note_odd_times(self, number: int, decisions: dict[str, str]) -> None:
        for column, value in decisions.items():
            if DECISIONS[column] == MOMENT and value != TAKE_BACK and value > self._latest:
                self.findings.warnings.append(f"row {number}, column {column}: {value} lies in the future")
        started, resolved = decisions.get("started_at", TAKE_BACK), decisions.get("resolved_at", TAKE_BACK)
        if TAKE_BACK not in {started, resolved} and resolved < started:
            self.findings.warnings.append(
                f"row {number}: resolved_at is before started_at; its recovery time will be left out as invalid"
            )

    def _note_edited_facts(self, number: int, row: dict[str, str], service: KnownService, key: str) -> None:
        shown = service.rows.get(key)
        if shown is None:
            return
        for column, cell_of in FACT_CELLS.items():
            if column == "key" or column in CHANGING_FACTS or column not in row:
                continue
            if row[column].strip() != unguard(cell_of(shown)).strip():
                self.findings.edited_facts.append(f"row {number}, column {column}")

    def _take(self, number: int, row_id: RowId, decisions: dict[str, str]) -> None:
        earlier = self.findings.first_seen.setdefault(row_id, number)
        columns = self.findings.decided.setdefault(row_id, {}) if decisions else {}
        clashes = False
        for column, value in decisions.items():
            said = columns.setdefault(
                column, Annotation(*row_id, column, value, self._accepted_at, self._source, number)
            )
            if said.value != value:
                clashes = True
                problem = f"contradicts row {said.line} about the same key, which says {quoted(said.value)}"
                self._problem(number, column, value, problem, "delete the row that does not count")
        if earlier != number and not clashes:
            self.findings.repeated.append(f"row {number} as row {earlier}")

    def _problem(self, number: int, column: str, value: str, problem: str, remedy: str) -> None:
        where = f"row {number}, column {column}" if column else f"row {number}"
        what = f"{quoted(value)} {problem}" if column else problem
        self.findings.problems.append(f"{where}: {what}; {remedy}")


def _in_order(decided: dict[RowId, dict[str, Annotation]]) -> list[Annotation]:
    return [columns[column] for columns in decided.values() for column in DECISIONS if column in columns]


def _summaries(findings: _Findings) -> list[str]:
    summaries = []
    if findings.ignored_keys:
        count, first = len(findings.ignored_keys), findings.ignored_keys[0]
        summaries.append(f"rows ignored because their keys are not in the extracted data: {count:,} (first {first})")
    if findings.repeated:
        count, first = len(findings.repeated), findings.repeated[0]
        summaries.append(f"rows that repeat a key and contradict nothing: {count:,} (first {first})")
    if findings.edited_facts:
        count, first = len(findings.edited_facts), findings.edited_facts[0]
        why = "edited, older or changed by the spreadsheet"
        summaries.append(f"facts ignored because they differ from the data ({why}): {count:,} (first {first})")
    return summaries
