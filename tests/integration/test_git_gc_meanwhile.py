"""G19: `git gc` packs and prunes while we read: the facts are the same, or the run says in one line to try again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from support.prompt import CommandLine
from support.small_shop import AS_OF, SmallShop

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
RUNS = 6


def test_git_gc_meanwhile_changes_no_fact(tmp_path: Path) -> None:
    shop = SmallShop(tmp_path)
    for number in range(40):
        shop.grow(number)
    cli = CommandLine(shop.work, as_of=AS_OF)
    cli.run("extract", "--full", "--storage-path", "quiet")
    expected = (shop.work / "quiet/processed/changes.csv").read_bytes()
    over = threading.Event()
    packed = []

    def pack_again_and_again() -> None:
        while not over.is_set():
            shop.clone.git("repack", "-a", "-d", "-f", "-q")
            packed.append(shop.clone.git("gc", "--prune=now", "-q"))

    packer = threading.Thread(target=pack_again_and_again)
    packer.start()
    try:
        codes = []
        for number in range(RUNS):
            run = cli.run("extract", "--full", "--storage-path", f"busy{number}", code=None)
            codes.append(run.code)
            if run.code == 0:
                assert (shop.work / f"busy{number}/processed/changes.csv").read_bytes() == expected
            else:
                assert run.code == 8, run.err
                assert run.error.startswith("error: ")
    finally:
        over.set()
        packer.join()

    assert len(packed) > 1
    assert 0 in codes
