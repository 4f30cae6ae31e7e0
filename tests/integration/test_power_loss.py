"""The power goes at any moment of a run: the store is as before or one commit further, and what was told is there.

Invariants 1, 2 and 5 of the store, on every disk image that a trace of the real command allows. Needs strace.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import IntegrityError
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support import power_loss, syscalls
from support.prompt import CommandLine
from support.small_shop import AS_OF, SmallShop
from support.store_samples import bytes_below

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.crash

SAVED = b"\nsaved by a person"


class PowerLoss:
    """A store with one commit and a person's file, and the next run's trace."""

    def __init__(self, folder: Path, command: str, bug: str = "none") -> None:
        self.shop = SmallShop(folder)
        self.shop.grow(1)
        CommandLine(self.shop.work, as_of=AS_OF).run("extract", "--full")
        self.shop.decide(self.shop.clone["c1"])
        self.shop.grow(2)
        with (self.shop.data / "processed/pending_review.csv").open("ab") as file:
            file.write(SAVED)
        before = bytes_below(self.shop.data)
        arguments = {"update": ("update",), "import": ("import", "decisions.csv")}[command]
        lines = syscalls.trace(self.shop, *arguments, bug=bug, options=power_loss.OPTIONS)
        self.images = power_loss.images(before, lines, self.shop.data)
        self.final = bytes_below(self.shop.data)
        self.place = folder / "image"

    def judge_all(self) -> int:
        """Look at each image once; how many there were."""
        seen = set()
        for over, image in self.images:
            known = (over, frozenset(image.items()))
            if known not in seen:
                seen.add(known)
                self._judge(image, over=over)
        return len(seen)

    def _judge(self, image: power_loss.Image, *, over: bool) -> None:
        self._lay_out(image)
        records = verify(StorageManager(root=self.place)).records
        assert records in {1, 2}, "old or new"
        assert records == 2 or not over, "acknowledged, then lost"
        saved = [path for path, content in image.items() if content is not None and content.endswith(SAVED)]
        assert any(path.startswith(("processed/pending", "backup/")) for path in saved), "a person's file is lost"

    def _lay_out(self, image: power_loss.Image) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for path, content in image.items():
            if content is None:
                (self.place / path).mkdir()
            else:
                (self.place / path).write_bytes(content)


@pytest.mark.parametrize("command", ["update", "import"])
def test_old_or_new_whatever_the_disk_had_of_it(tmp_path: Path, command: str) -> None:
    loss = PowerLoss(tmp_path, command)

    assert loss.judge_all() > 25, "that many images, or nothing was tested"


def test_the_model_of_the_disk_ends_where_the_real_one_did(tmp_path: Path) -> None:
    """Everything that the run did is in the model: with nothing lost, both hold the same."""
    loss = PowerLoss(tmp_path, "update")
    *_, (_, last) = loss.images

    assert last == loss.final


@pytest.mark.parametrize("command", ["update", "import"])
@pytest.mark.parametrize("bug", ["in place", "no fsync", "no folder fsync", "record first", "acknowledged too early"])
def test_the_replay_catches_a_planted_bug(tmp_path: Path, bug: str, command: str) -> None:
    loss = PowerLoss(tmp_path, command, bug)

    with pytest.raises((IntegrityError, AssertionError)):
        loss.judge_all()
