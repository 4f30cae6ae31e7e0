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

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dora_metrics.config import DeploymentSettings, RepositorySettings, Settings, StorageSettings
from dora_metrics.domain.progress import NoProgress
from dora_metrics.domain.review import decisions_in_force
from dora_metrics.errors import InputError
from dora_metrics.pipeline.extract import extract, update
from dora_metrics.pipeline.github_access import GitHubAccess
from dora_metrics.pipeline.github_facts import GitHubFacts
from dora_metrics.pipeline.review_import import import_file
from dora_metrics.pipeline.workspace import Workspace
from support.faulty_disk import Death, FaultyDisk
from support.git_repository import GitRepository
from support.github_memory import MemoryGitHub, MemoryWorld

SHOP = "acme/shop"
START = datetime(2025, 1, 1, tzinfo=timezone.utc)
REVIEW = "processed/pending_review.csv"
DANGEROUS = "=+-@\t\r"
TITLES = st.sampled_from(["work", "hotfix: mend it", "=HYPERLINK(1)", "+1 to this", "@all, look", 'Revert "work"'])
CELLS = st.sampled_from([
    ("is_hotfix", "yes"), ("is_hotfix", "no"), ("is_hotfix", "-"), ("reviewed", "yes"), ("is_rollback", "no"),
    ("deployment_failed", "yes"), ("deployment_failed", "no"), ("notes", "looks fine"), ("notes", "=1+1"),
    ("notes", 'a, "b"\nc'), ("notes", "😀 שלום"), ("notes", "-"), ("started_at", "2025-01-02T03:04:05Z"),
])  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, 4), CELLS), min_size=1, max_size=3)
Cells = dict[tuple[str, str], str]
"""Key and column to what stands there."""


class LostError(AssertionError):
    """Something that a person said or saved is gone, or a formula has survived."""


def typed_in(content: bytes) -> Cells:
    """The decision cells of a review file, read without any code of ours."""
    found = {}
    for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for column in list(row)[list(row).index("confidence") + 1 :]:
            if row[column]:
                found[row["key"], column] = row[column].removeprefix("'")
    return found


@dataclass
class Spreadsheet:
    """The file as a person has it open."""

    names: list[str]
    rows: list[dict[str, str]]

    @classmethod
    def open(cls, content: bytes) -> Spreadsheet:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        rows = list(reader)
        return cls(list(reader.fieldnames or ()), rows)

    def saved(self) -> bytes:
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
        self.git.branch("main", target)
        self.git.flush()

    # ---- the person

    @rule(edits=EDITS)
    def open(self, edits: list[tuple[int, tuple[str, str]]]) -> None:
        """The person opens the file, and types into some of the rows on top."""
        if self.path.exists():
            self.sheet = Spreadsheet.open(self.path.read_bytes())
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
        if self.path.exists() and self.path.read_bytes() in self.saved:
            self.saved.remove(self.path.read_bytes())  # their own, which they write over
        content = self.sheet.saved()
        self.path.write_bytes(content)
        self.saved.append(content)

    # ---- the program

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
        before = self._in_force()
        self._run(lambda: import_file(self._workspace(), "pending_review.csv", content), dies_at=dies_at)
        said = {place: value for place, value in typed_in(content).items() if value != "-"}
        taken_back = {place for place, value in typed_in(content).items() if value == "-"}
        after = {**{place: value for place, value in before.items() if place not in taken_back}, **said}
        found = self._in_force()
        if _without_reviewed(found) not in (_without_reviewed(before), _without_reviewed(after)):
            raise LostError((before, after, found))
        self.accepted = found

    # ---- what must hold

    @invariant()
    def what_was_accepted_stays_in_force(self) -> None:
        found = self._in_force()
        if found != self.accepted:
            raise LostError((self.accepted, found))

    @invariant()
    def what_was_saved_is_somewhere(self) -> None:
        files = [self.path, *(self.data / "backup").glob("*"), *(self.data / "imports").glob("*")]
        kept = {path.read_bytes() for path in files if path.exists()}
        lost = [content for content in self.saved if content not in kept]
        if lost:
            raise LostError(lost[0].decode())

    @invariant()
    def no_formula_stands_in_what_we_write(self) -> None:
        if not self.path.exists() or self.path.read_bytes() in self.saved:
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
        return self.data / REVIEW

    def _workspace(self) -> Workspace:
        self.now += timedelta(minutes=1)
        return Workspace(
            settings=Settings(
                repositories=(RepositorySettings(path=str(self.root / "clone"), github=SHOP, branch="main"),),
                deployments=DeploymentSettings(sources=("tag",)),
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
