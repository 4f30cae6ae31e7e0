"""The real commands, killed or refused at every single system call that changes the data folder.

Invariants 1, 3, 5, 6 and 8 of the store. Needs strace; where it is missing `script/test` says so, and CI fails. The
portable variant is `test_store_crashes.py`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Callable, Optional

import pytest

from dora_metrics.errors import IntegrityError
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support import crash_entry, syscalls
from support.prompt import CommandLine
from support.small_shop import AS_OF, SmallShop
from support.store_samples import bytes_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.crash

KILL, EIO, ENOSPC = "signal=KILL", "error=EIO", "error=ENOSPC"
COMMANDS = {"extract": ("extract", "--full"), "update": ("update",), "import": ("import", "decisions.csv")}
PARTS = 2
"""Each part is a test of its own, so that two processors share them."""
TAKES_SPACE = ("openat", "write", "mkdirat", "mkdir", "linkat", "renameat", "fsync")
THEIR_WORDS = "seen by a person"
STORAGE_FAILED = 7


class Scene:
    """A project just before a command, and what the command leaves when nothing disturbs it."""

    def __init__(self, folder: Path, command: str, bug: str = "none") -> None:
        self.arguments, self.bug = COMMANDS[command], bug
        self.shop = SmallShop(folder)
        self.shop.grow(1)
        self.cli = CommandLine(self.shop.work, as_of=AS_OF)
        self.cli.environ = {"GITHUB_ACTOR": "ada"}
        if command != "extract":
            self._go_before(command)
        self.before = folder / "before"
        if self.shop.data.exists():
            shutil.copytree(self.shop.data, self.before)
        self.number = self._number()
        syscalls.warm_up(self.shop, *self.arguments, bug=bug)
        self.reset()
        self.points = syscalls.survey(self.shop, *self.arguments, bug=bug)
        self.after = self.kept()

    def _go_before(self, command: str) -> None:
        self.cli.run("extract", "--full")
        review = self.shop.data / "processed/pending_review.csv"
        words = review.read_text(encoding="utf-8-sig").rstrip("\r\n")
        review.write_text(words[: -len('""')] + f'"{THEIR_WORDS}"\r\n', encoding="utf-8-sig")
        if command == "import":
            shutil.copy(review, self.shop.work / "decisions.csv")
        else:
            self.shop.grow(2)

    def reset(self) -> None:
        """As it was before the command."""
        shutil.rmtree(self.shop.data, ignore_errors=True)
        if self.before.exists():
            shutil.copytree(self.before, self.shop.data)

    def kept(self) -> dict[str, Optional[bytes]]:
        """What is in the data folder, without backups, drafts of the dead, and folders."""
        held = bytes_below(self.shop.data).items()
        return {
            path: content
            for path, content in held
            if content is not None and not path.startswith("backup/") and not path.endswith(".tmp")
        }

    def strike(self, point: syscalls.Point, fault: str) -> None:
        """One disturbed run, and the same command again."""
        self.reset()
        struck = syscalls.strike(self.shop, point, fault, *self.arguments, bug=self.bug)
        assert struck.what == point.what, "the point is where it was"
        self._judge(struck, fault)
        self._find_their_words()
        again = self.cli.run(*self.arguments)
        assert "Traceback" not in again.err
        ends_as = dict(self.after)
        if "metadata.json" in struck.err:  # a copy for people: that it is old was said, and nothing depends on it
            ends_as["metadata.json"] = self.kept()["metadata.json"]
        assert self.kept() == ends_as, f"after {point}, {fault}: the same command again ends as an undisturbed run"
        assert self._number() == self.number + 1
        self._find_their_words()

    def _judge(self, struck: syscalls.Struck, fault: str) -> None:
        stored = self._number() - self.number
        assert stored in {0, 1}, "old or new"
        assert "Traceback" not in struck.err
        if fault == KILL:
            assert struck.code == -9
        elif struck.code == 0:
            assert stored == 1, "success means that it is there"
        else:
            assert struck.code == STORAGE_FAILED, struck.err
            assert struck.err.splitlines()[-1].startswith("error: ")
            assert stored == 0 or "outcome unknown" in struck.err, "failure means that it is not"

    def _number(self) -> int:
        return verify(StorageManager(root=self.shop.data)).records

    def _find_their_words(self) -> None:
        if not self.number:
            return
        held = bytes_below(self.shop.data).items()
        places = [path for path, content in held if content and THEIR_WORDS.encode() in content]
        assert any(path.startswith(("processed/pending", "backup/", "imports/")) for path in places), "never lost"


@pytest.fixture(name="scene")
def _scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Scene]]:
    """Makes scenes; records are numbered instead of getting random ids, here as in the processes that are struck."""
    defaults = RepositoryManager.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "new_id", defaults["new_id"])  # put back at the end
    crash_entry.count_ids(tmp_path / "work" / "data")
    return lambda *about: Scene(tmp_path, *about)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fault", [KILL, EIO, ENOSPC])
@pytest.mark.parametrize("command", COMMANDS)
def test_old_or_new_at_every_system_call(scene: Callable[..., Scene], command: str, fault: str, part: int) -> None:
    made = scene(command)
    points = [point for point in made.points if fault != ENOSPC or point.name in TAKES_SPACE]
    assert len(points) > 30, "the run makes that many calls, or nothing is tested"
    for point in points[part::PARTS]:
        made.strike(point, fault)


def test_git_writes_nothing_below_the_data_folder(scene: Callable[..., Scene]) -> None:
    """So it is enough to strike our own process."""
    made = scene("update")
    made.reset()
    lines = syscalls.trace(made.shop, *made.arguments, options=("-f",))
    ours = lines[0].split()[0]
    pids = {line.split()[0] for line in lines}
    writers = {line.split()[0] for line in lines if syscalls.changes_data(line, made.shop.data)}

    assert len(pids) > 1, "git was followed too"
    assert writers == {ours}


@pytest.mark.parametrize("bug", ["in place", "record first", "record overwritten"])
def test_the_harness_catches_a_planted_bug(scene: Callable[..., Scene], bug: str) -> None:
    made = scene("import", bug)
    first = next(number for number, point in enumerate(made.points) if "history" in point.what and number > 8)

    def strike_from_there_on() -> None:
        for point in made.points[first:]:
            made.strike(point, KILL)

    with pytest.raises((IntegrityError, AssertionError)):
        strike_from_there_on()
