"""A repository that lives, a person who edits the review file at any moment, and runs that may die at any call.

The oracle knows what the person saved and what `import` accepted; nothing of either is ever lost.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Optional
from unittest import mock

import openpyxl
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dora_metrics.config import DeploymentSettings, RepositorySettings, ReviewSettings, Settings, StorageSettings
from dora_metrics.domain.progress import NoProgress
from dora_metrics.domain.review import decisions_in_force
from dora_metrics.errors import ConfigurationError, InputError
from dora_metrics.pipeline.extract import extract, update
from dora_metrics.pipeline.github_access import GitHubAccess
from dora_metrics.pipeline.github_facts import GitHubFacts
from dora_metrics.pipeline.review_import import import_file
from dora_metrics.pipeline.review_session import Answers, kept_answers, open_review
from dora_metrics.pipeline.review_undo import undo_import
from dora_metrics.pipeline.workspace import Workspace
from support.faulty_disk import Death, FaultyDisk
from support.git_repository import GitRepository
from support.github_memory import MemoryGitHub, MemoryWorld

SHOP = "acme/shop"
START = datetime(2025, 1, 1, tzinfo=timezone.utc)
REVIEW = "processed/pending_review"
DANGEROUS = "=+-@\t\r"
TITLES = st.sampled_from(["work", "hotfix: mend it", "=HYPERLINK(1)", "+1 to this", "@all, look", 'Revert "work"'])
CELLS = st.sampled_from([
    ("is_hotfix", "yes"), ("is_hotfix", "no"), ("is_hotfix", "-"), ("reviewed", "yes"), ("is_rollback", "no"),
    ("deployment_failed", "yes"), ("deployment_failed", "no"), ("notes", "looks fine"), ("notes", "=1+1"),
    ("notes", 'a, "b"\nc'), ("notes", "😀 שלום"), ("notes", "-"), ("started_at", "2025-01-02T03:04:05Z"),
])  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, 4), CELLS), min_size=1, max_size=3)
Edits = list[tuple[int, tuple[str, str]]]
"""Rows from the top, each with a column and what is typed there."""
Cells = dict[tuple[str, str], str]
"""Key and column to what stands there."""


class LostError(AssertionError):
    """Something that a person said or saved is gone, or a formula has survived."""


def typed_in(content: bytes) -> Cells:
    """The decision cells of a review file, read without any code of ours."""
    found = {}
    for row in Spreadsheet.open(content).rows:
        for column in list(row)[list(row).index("confidence") + 1 :]:
            if row[column]:
                found[row["key"], column] = row[column].removeprefix("'")
    return found


def is_workbook(content: bytes) -> bool:
    """Whether it is an xlsx, which is a zip."""
    return content.startswith(b"PK")


@dataclass
class Spreadsheet:
    """The file as a person has it open."""

    names: list[str]
    rows: list[dict[str, str]]
    book: bytes = b""
    """The workbook that it was; empty for a csv."""
    name: str = ""
    """What it is saved as."""

    @classmethod
    def open(cls, content: bytes, name: str = "") -> Spreadsheet:
        if is_workbook(content):
            sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
            names, *cells = [[str(value or "") for value in row] for row in sheet.iter_rows(values_only=True)]
            return cls(names, [dict(zip(names, row)) for row in cells], content, name)
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        rows = list(reader)
        return cls(list(reader.fieldnames or ()), rows, name=name)

    def saved(self) -> bytes:
        return self._saved_workbook() if self.book else self._saved_text()

    def _saved_workbook(self) -> bytes:
        """The workbook with what was typed; cells that we wrote are text, and so is what is typed into them."""
        book = openpyxl.load_workbook(io.BytesIO(self.book))
        for row, cells in zip(book.worksheets[0].iter_rows(min_row=2), self.rows):
            for cell, name in zip(row, self.names):
                if cells[name] != (cell.value or ""):
                    cell.value = cells[name] or None
                    cell.data_type = "s"
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def _saved_text(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.names)
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


class ReviewMachine(RuleBasedStateMachine):
    """One project. A subclass may plant a bug."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.git = GitRepository(self.root / "clone")
        self.world = MemoryWorld()
        self.now = START
        self.number = 0
        self.sheet: Optional[Spreadsheet] = None
        self.accepted: Cells = {}
        self.saved: list[bytes] = []
        """What the person saved and has not written over themselves."""
        self.form = "csv"
        self.undoable: list[Cells] = []
        """What was in force before each import that stands."""
        self.journal: Answers = {}
        """What was answered in the terminal and not imported."""

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    # ---- the project

    @initialize(titles=st.lists(TITLES, min_size=1, max_size=4))
    def begin(self, titles: list[str]) -> None:
        for title in ["start", *titles]:
            self.work(title, ship=True)
        self._run(lambda: extract(self._workspace(), full=True))

    @rule(title=TITLES, ship=st.booleans())
    def work(self, title: str, ship: bool) -> None:
        self.number += 1
        self.now += timedelta(hours=7)
        name = f"commit {self.number}"
        sha = self.git.commit(name, at=self.now, subject=f"{title} (#{self.number})")
        self.world.now = self.now
        self.world.merge_pull(self.number, title=title, merge_sha=sha, head_sha=sha, commits=(sha,))
        if ship:
            self.git.tag(f"v1.{self.number}.0", name, at=self.now)
        self.git.flush()

    @rule(number=st.integers(1, 6), labels=st.sampled_from([(), ("hotfix",)]), title=TITLES)
    def edit_pull_request(self, number: int, labels: tuple[str, ...], title: str) -> None:
        if self.world.find(f"PR_{number}"):
            self.now = self.world.now = self.now + timedelta(minutes=5)
            self.world.touch_pull(number, labels=labels, title=title)

    @rule(back=st.integers(1, 3))
    def force_push(self, back: int) -> None:
        target = f"commit {max(self.number - back, 1)}"
        if "missing" not in self.git.git("cat-file", "--batch-check", stdin=self.git[target].encode()):
            self.git.branch("main", target)
            self.git.flush()

    @rule()
    def collect_garbage(self) -> None:
        """Git forgets what nothing reaches any more; what was said about it is kept."""
        self.git.git("reflog", "expire", "--expire=now", "--all")
        self.git.git("gc", "--quiet", "--prune=now")

    # ---- the person

    @rule(edits=EDITS)
    def open(self, edits: list[tuple[int, tuple[str, str]]]) -> None:
        """The person opens the file, and types into some of the rows on top."""
        if self.path.exists():
            self.sheet = Spreadsheet.open(self.path.read_bytes(), self.path.name)
            self.edit(edits)

    @rule(edits=EDITS)
    def edit(self, edits: list[tuple[int, tuple[str, str]]]) -> None:
        """They type into what they have open, however old it is."""
        sheet = self.sheet or Spreadsheet([], [])
        for row, (column, value) in edits:
            if row < len(sheet.rows):
                sheet.rows[row][column] = value

    @rule()
    def save(self) -> None:
        if self.sheet is None:
            return
        path = self.path.with_name(self.sheet.name)  # in the form in which it was opened, whatever we write by now
        if path.exists() and path.read_bytes() in self.saved:
            self.saved.remove(path.read_bytes())  # their own, which they write over
        content = self.sheet.saved()
        path.write_bytes(content)
        self.saved.append(content)

    # ---- the program

    @rule()
    def switch_format(self) -> None:
        """The next run writes the other form."""
        self.form = "xlsx" if self.form == "csv" else "csv"

    @rule(full=st.booleans(), saves_at=st.none() | st.integers(1, 60), dies_at=st.none() | st.integers(1, 60))
    def update(self, full: bool, saves_at: Optional[int], dies_at: Optional[int]) -> None:
        step: Callable[[Workspace], object] = (lambda w: extract(w, full=True)) if full else update
        self._run(lambda: step(self._workspace()), saves_at=saves_at, dies_at=dies_at)

    @rule(edits=st.none() | EDITS, dies_at=st.none() | st.integers(1, 60))
    def import_file(self, edits: Optional[list[tuple[int, tuple[str, str]]]], dies_at: Optional[int]) -> None:
        """What stands there is imported; with `edits` the person has just opened it, typed them and saved."""
        if edits:
            self.open(edits)
            self.save()
        if not self.path.exists():
            return
        content = self.path.read_bytes()
        before, kept = self._in_force(), self._annotations()
        self._run(lambda: import_file(self._workspace(), self.path.name, content), dies_at=dies_at)
        said = {place: value for place, value in typed_in(content).items() if value != "-"}
        taken_back = {place for place, value in typed_in(content).items() if value == "-"}
        after = {**{place: value for place, value in before.items() if place not in taken_back}, **said}
        found = self._in_force()
        if _without_reviewed(found) not in (_without_reviewed(before), _without_reviewed(after)):
            raise LostError((before, after, found))
        self._take(found, before, kept)

    @rule(dies_at=st.none() | st.integers(1, 60))
    def undo(self, dies_at: Optional[int]) -> None:
        """The decisions are as before the last import that stands, every one; without one they stay."""
        before, kept = self._in_force(), self._annotations()
        expected = self.undoable[-1] if self.undoable else before
        with suppress(*([] if self.undoable else [ConfigurationError])):
            self._run(lambda: undo_import(self._workspace()), dies_at=dies_at)
        found = self._in_force()
        if found != expected and (dies_at is None or found != before):
            raise LostError((before, expected, found))
        if self._annotations() != kept:
            self.undoable.pop()
        self.accepted = found

    @rule(first=EDITS, second=EDITS)
    def changes_their_mind(self, first: Edits, second: Edits) -> None:
        """Two imports, and the second taken back: the first stands."""
        self.import_file(first, None)
        self.import_file(second, None)
        self.undo(None)

    @rule(words=st.lists(st.booleans(), min_size=1, max_size=3), finishes=st.booleans(),
          dies_at=st.none() | st.integers(1, 60))  # fmt: skip
    def review(self, words: list[bool], finishes: bool, dies_at: Optional[int]) -> None:
        """Questions are answered in the terminal, which may be closed before the answers are imported, or die."""
        before, kept = self._in_force(), self._annotations()
        attempted = self.journal

        def ask() -> None:
            nonlocal attempted
            session = open_review(self._workspace())
            for asked, yes in zip(session.asked, words):
                question = asked.questions[0]
                decisions = dict(question.yes if yes else question.no)
                attempted = {**self.journal, asked.place: {**self.journal.get(asked.place, {}), **decisions}}
                session.answer(asked.place, decisions)
                self.journal = {place: said for place, said in attempted.items() if said}
            if finishes:
                session.finish()

        self._run(ask, dies_at=dies_at)
        answered = {(place[2], column): value for place, cells in attempted.items() for column, value in cells.items()}
        found, left = self._in_force(), self._left()
        if self._annotations() == kept:
            in_force_already = not left and answered.items() <= before.items()  # a run died between import and journal
            if left not in (self.journal, attempted) and not in_force_already:
                raise LostError((self.journal, left))
        elif _without_reviewed(found) != _without_reviewed({**before, **answered}):
            raise LostError((before, answered, found))
        self.journal = left
        self._take(found, before, kept)

    # ---- what must hold

    @invariant()
    def what_was_answered_is_kept_until_it_is_imported(self) -> None:
        if self._left() != self.journal:
            raise LostError((self.journal, self._left()))

    @invariant()
    def what_was_accepted_stays_in_force(self) -> None:
        found = self._in_force()
        if found != self.accepted:
            raise LostError((self.accepted, found))

    @invariant()
    def what_was_saved_is_somewhere(self) -> None:
        files = [
            *(self.data / "processed").glob("pending_review.*"),
            *(self.data / "backup").glob("*"),
            *(self.data / "imports").glob("*"),
        ]
        kept = {path.read_bytes() for path in files if path.exists()}
        lost = [content for content in self.saved if content not in kept]
        if lost:
            raise LostError(lost[0].decode(errors="replace"))

    @invariant()
    def no_formula_stands_in_what_we_write(self) -> None:
        if not self.path.exists() or self.path.read_bytes() in self.saved:
            return
        if is_workbook(self.path.read_bytes()):
            sheet = openpyxl.load_workbook(self.path).worksheets[0]
            formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
            if formulas:
                raise LostError(formulas[0])
            return
        for row in csv.reader(io.StringIO(self.path.read_text(encoding="utf-8-sig"), newline="")):
            for cell in row:
                if cell[:1] and cell[0] in DANGEROUS:
                    raise LostError(cell)

    # ---- how it is done

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def path(self) -> Path:
        """The file that a person finds: in the form that is written, else in the other."""
        wanted, other = (self.data / f"{REVIEW}.{form}" for form in sorted(("csv", "xlsx"), key=self.form.__ne__))
        return wanted if wanted.exists() or not other.exists() else other

    def _take(self, found: Cells, before: Cells, kept: Optional[bytes]) -> None:
        """What is in force now; when it was an import, `before` is what an undo leads back to."""
        if self._annotations() != kept:
            self.undoable.append(before)
        self.accepted = found

    def _annotations(self) -> Optional[bytes]:
        return self._workspace().manager().read_annotations()

    def _left(self) -> Answers:
        return kept_answers(self._workspace())

    def _workspace(self) -> Workspace:
        self.now += timedelta(minutes=1)
        return Workspace(
            settings=Settings(
                repositories=(RepositorySettings(path=str(self.root / "clone"), github=SHOP, branch="main"),),
                deployments=DeploymentSettings(sources=("tag",)),
                review=ReviewSettings(format=self.form),
                storage=StorageSettings(path=str(self.data)),
            ),
            root=self.root,
            now=self.now,
            environ={"PATH": "/usr/local/bin:/usr/bin:/bin"},
            tool_version="0.1.0",
            actor="ada",
            progress=NoProgress(),
        )

    def _in_force(self) -> Cells:
        manager = self._workspace().manager()
        content = manager.read_annotations()
        if content is None:
            return {}
        words = self._workspace().csv_handler().parse_annotations(content)
        return {
            (key, column): value
            for (_, _, key), columns in decisions_in_force(words).items()
            for column, value in columns.items()
        }

    def _run(
        self, step: Callable[[], object], *, saves_at: Optional[int] = None, dies_at: Optional[int] = None
    ) -> None:
        """One command; the person may save while it runs, and it may die at any call that changes the disk."""
        disk = SavingDisk(self.save, saves_at, dies_at)
        with self._github(), self.planted(), disk, suppress(Death, InputError):
            step()

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Nothing; a subclass plants its bug here."""
        yield

    @contextmanager
    def _github(self) -> Iterator[None]:
        @contextmanager
        def asking(workspace: Workspace, manager: Any, *, wanted: bool, rebind: bool, window: Any) -> Iterator[Any]:
            facts = GitHubFacts(workspace, manager, MemoryGitHub(self.world), rebind=rebind, window=window)
            yield GitHubAccess(workspace, facts if wanted else None)

        with mock.patch("dora_metrics.pipeline.extract.asking_github", asking):
            yield


class SavingDisk(FaultyDisk):
    """A disk under whose calls a person saves, and a process dies."""

    def __init__(self, save: Callable[[], None], saves_at: Optional[int], dies_at: Optional[int]) -> None:
        super().__init__(at=dies_at or 0, fault=Death)
        self._save = save
        self._saves_at = saves_at or 0

    def _faulty(self, name: str) -> Callable[..., Any]:
        call = super()._faulty(name)

        def saving(*arguments: Any, **options: Any) -> Any:
            if self._saves_at and len(self.calls) + 1 >= self._saves_at:
                self._saves_at = 0
                self._save()
            return call(*arguments, **options)

        return saving


def _without_reviewed(cells: Cells) -> Cells:
    """`reviewed` is also implied by every other decision."""
    return {place: value for place, value in cells.items() if place[1] != "reviewed"}
