"""A saved pending_review.csv back into decisions: every row is checked, then all are taken or none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
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
    ReviewRow,
    RowId,
    RowName,
    read_decision,
    require_fitting,
)
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.domain.typed_values import Unreadable
from dora_metrics.errors import InputError
from dora_metrics.storage.csv_reading import KEY_COLUMN, Table
from dora_metrics.storage.csv_text import read_cell, unguard
from dora_metrics.storage.import_findings import Findings, Problem, ReviewRefusedError
from dora_metrics.storage.review_csv import FACT_CELLS
from dora_metrics.storage.review_table import open_review
from dora_metrics.storage.review_wording import about_columns, quoted

TAKES_BACK = frozenset({"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212"})
"""A hyphen, and what spreadsheets make of one."""
FEWEST_DELIMITERS = 5
"""So many on a line of a cell that begins with a key: it is a row, swallowed by an open quote."""
CHANGING_FACTS = frozenset({"deployment", "attention", "proposal", "reason", "confidence"})
"""Facts that every decision may change: a saved file may well hold older ones."""

_KEY = re.compile(r"\"?(?:commit|issue|tag|release|deployment|merge|annotation):")


@dataclass(frozen=True)
class ReviewImport:
    """What a file says."""

    annotations: list[Annotation]
    """In the file's order; a decision taken back has the value `-`."""
    warnings: list[str]
    """What was accepted all the same, in words; empty when there was nothing."""
    names: Mapping[RowId, RowName] = field(default_factory=dict[RowId, RowName])
    """Of the rows that something was said about, as the data have them; those of some may be missing."""


def parse_review(
    content: bytes,
    *,
    file_name: str,
    known: Sequence[KnownService],
    timezone: str,
    accepted_at: datetime,
    date_order: str = "",
    skip_unknown: bool = False,
) -> ReviewImport:
    """The decisions in `content` (csv, xlsx or ods); times without an offset are local ones of `timezone` (IANA).

    `date_order` (`dmy` or `mdy`) says how `03/04/2025` is meant; empty refuses it.

    A blank cell and a missing column say nothing. Any decision on a row also says `reviewed=yes` unless that cell is
    filled. Raises `ReviewRefusedError` with every problem; then nothing counts. With `skip_unknown` a row whose
    key was never extracted is a warning instead.
    """
    table = open_review(content, file_name)
    source = hashlib.sha256(content).hexdigest()
    moment = accepted_at.replace(microsecond=0)
    times = _Times(ZoneInfo(timezone), date_order, moment)
    reader = _Reader(table, known, times, source, skip_unknown=skip_unknown)
    findings = reader.findings
    try:
        for number, cells in table.rows:
            reader.read(number, cells)
    except InputError as broken:
        if not findings.problems:
            raise
        findings.problems.append(Problem(0, "", "", broken.message, broken.remedy))
    if findings.problems:
        raise ReviewRefusedError(file_name, findings.problems)
    warnings = [*about_columns(table), *findings.all_warnings()]
    return ReviewImport(_in_order(findings.decided), [f"{file_name}: {w}" for w in warnings], findings.names)


@dataclass(frozen=True)
class _Times:
    """How the file's times are read."""

    zone: ZoneInfo
    """Of times without an offset."""
    date_order: str
    accepted_at: datetime
    """To the second; later ones lie in the future."""


class _Reader:
    """Reads row after row into `findings`."""

    def __init__(
        self,
        table: Table,
        known: Sequence[KnownService],
        times: _Times,
        source: str,
        *,
        skip_unknown: bool,
    ) -> None:
        self.findings = Findings()
        self._table = table
        self._known = known
        self._times = times
        self._latest = format_utc(times.accepted_at)
        self._source = source
        self._skip_unknown = skip_unknown
        places = {name: place for place, name in enumerate(table.header)}
        self._row_at = [places.get(name, len(places)) for name in ("repository", "service", KEY_COLUMN)]
        self._decisions_at = [(column, places[column]) for column in DECISIONS if column in places]
        self._facts_at = [
            (column, places[column], cell_of)
            for column, cell_of in FACT_CELLS.items()
            if column in places and column not in CHANGING_FACTS and column != KEY_COLUMN
        ]
        self._services: dict[tuple[str, str], KnownService] = {}

    def read(self, number: int, cells: Sequence[str]) -> None:
        """Take one row in, or note what is wrong with it."""
        header = self._table.header
        if any(cells[len(header) :]):
            self.findings.refuse(
                number, "", "", "has more cells than the header has columns", "save it from the spreadsheet"
            )
            return
        together = "".join(cells)
        if self._table.delimiter and ("\n" in together or "\r" in together) and any(map(self._holds_a_row, cells)):
            self.findings.refuse(
                number, "", "", "holds other rows: a quote is open", "close it, or save the file again"
            )
            return
        filled = [(column, cells[at]) for column, at in self._decisions_at if at < len(cells) and cells[at]]
        typed = {column: text for column, cell in filled if (text := read_cell(cell))}
        place = self._place(number, cells, says_something=bool(typed))
        if place is None:
            return
        service, key = place
        if "notes" in typed and redact(typed["notes"]) != typed["notes"]:
            self.findings.warnings.append(f"row {number}, column notes: an e-mail address or a secret was left out")
        row_id = (service.repository, service.service, key)
        shown = service.rows.get(key)
        if shown is not None:
            self._note_edited_facts(number, cells, shown)
            if typed:
                self.findings.names[row_id] = RowName(shown.pull_request, shown.title)
        self._take(number, row_id, self._decisions(number, typed, service, key))

    def _holds_a_row(self, cell: str) -> bool:
        enough = min(len(self._table.header) - 1, FEWEST_DELIMITERS)
        return any(_KEY.match(line) and line.count(self._table.delimiter) >= enough for line in cell.splitlines()[1:])

    def _place(self, number: int, cells: Sequence[str], *, says_something: bool) -> tuple[KnownService, str] | None:
        """Where the row belongs; `None` when that cannot be said, which has then been noted."""
        repository, of_service, typed = (read_cell(cells[at]) if at < len(cells) else "" for at in self._row_at)
        column, cell = "repository", repository
        try:
            service = self._service(repository, of_service)
            column, cell = "key", typed
            key = service.row_key(typed)
        except Unknown as unknown:
            if self._skip_unknown or not says_something:
                self.findings.ignored_keys.append(f"row {number}: {quoted(typed)}")
            else:
                self.findings.refuse(number, column, cell, unknown.problem, unknown.remedy)
            return None
        except Unreadable as unreadable:
            self.findings.refuse(number, column, cell, unreadable.problem, unreadable.remedy)
            return None
        if typed.lower() != key.lower():
            self.findings.warnings.append(f"row {number}: {quoted(typed)} is taken for {key}")
        if says_something and key[len("commit:") :] in service.unreachable:
            self.findings.warnings.append(f"row {number}: {key} is in the history no more; its decisions are kept")
        return service, key

    def _service(self, repository: str, service: str) -> KnownService:
        """As `find_service`, which is asked once for each pair of cells."""
        found = self._services.get((repository, service))
        if found is None:
            found = self._services[repository, service] = find_service(self._known, repository, service)
        return found

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
            value = read_decision(column, cell, self._times.zone, self._times.date_order)
            return service.cause(value) if DECISIONS[column] == CAUSE else value
        except Unreadable as unreadable:
            self.findings.refuse(number, column, cell, unreadable.problem, unreadable.remedy)
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

    def _note_edited_facts(self, number: int, cells: Sequence[str], shown: ReviewRow) -> None:
        for column, at, cell_of in self._facts_at:
            ours = cell_of(shown)
            if at >= len(cells) or cells[at] == ours:
                continue
            if read_cell(cells[at]) != unguard(ours).strip():
                self.findings.edited_facts.append(f"row {number}, column {column}")

    def _take(self, number: int, row_id: RowId, decisions: dict[str, str]) -> None:
        repository, service, key = row_id
        earlier = self.findings.first_seen.setdefault((repository, service), {}).setdefault(key, number)
        columns = self.findings.decided.setdefault(row_id, {}) if decisions else {}
        clashes = False
        for column, value in decisions.items():
            said = columns.setdefault(
                column, Annotation(*row_id, column, value, self._times.accepted_at, self._source, number)
            )
            if said.value != value:
                clashes = True
                problem = f"contradicts row {said.line} about the same key, which says {quoted(said.value)}"
                self.findings.refuse(number, column, value, problem, "delete the row that does not count")
        if earlier != number and not clashes:
            self.findings.repeated.append(f"row {number} as row {earlier}")


def _in_order(decided: dict[RowId, dict[str, Annotation]]) -> list[Annotation]:
    return [columns[column] for columns in decided.values() for column in DECISIONS if column in columns]
