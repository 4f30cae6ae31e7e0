"""A full disk, one that may only be read, links where files should be: one line that says so, and nothing is lost.

S1, S2 and S13 of the store, on real file systems. Mounting needs root: elsewhere these tests are left out with that
reason, and CI, which runs as root, takes a skipped test for a failure.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from support.prompt import CommandLine, Outcome
from support.small_shop import AS_OF, SmallShop
from support.store_samples import bytes_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = (
    ".lock",
    "history",
    "history/00000001.json",
    "history/00000002.json",
    "metadata.json",
    "raw",
    "raw/local",
    "raw/local/shop",
    "processed",
    "processed/changes.csv",
    "processed/pending_review.csv",
    "processed/made_from.json",
    "backup",
    "annotations",
    "imports",
)


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs root and the right to mount: {done.stderr.strip()}")


@contextmanager
def memory_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of that size at `place`."""
    place.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture(name="shop")
def _shop(tmp_path: Path) -> SmallShop:
    shop = SmallShop(tmp_path)
    shop.grow(1)
    return shop


@pytest.fixture(name="cli")
def _cli(shop: SmallShop) -> CommandLine:
    return CommandLine(shop.work, as_of=AS_OF)


def said_once(failed: Outcome, *words: str) -> None:
    assert failed.err.count("error: ") == 1
    assert failed.error.startswith("error: ")
    assert "Traceback" not in failed.err
    for word in words:
        assert word in failed.error


@pytest.mark.crash
def test_a_full_disk_loses_nothing_and_room_is_all_it_takes(shop: SmallShop, cli: CommandLine) -> None:
    """S1: at every size of the disk at which it fails."""
    failures = 0
    with memory_disk(shop.data, "4k"):
        for size in range(4, 60, 4):
            mount("-o", f"remount,size={size}k", str(shop.data))
            tried = cli.run("extract", "--full", code=None)
            if tried.code:
                failures += 1
                assert tried.code == 7
                said_once(tried, "No space left on device", "free some space")
                assert not list(shop.data.rglob("*.tmp"))
                assert "Nothing has been stored yet." in cli.run("verify").out
        mount("-o", "remount,size=8m", str(shop.data))
        cli.run("extract")
        assert failures > 1
        assert "All is as it was written: 1 modification" in cli.run("verify").out


@pytest.mark.crash
def test_a_disk_that_may_only_be_read_is_told_before_anything_is_asked(shop: SmallShop, cli: CommandLine) -> None:
    """S2: reading commands work on."""
    with memory_disk(shop.data, "8m"):
        cli.run("extract", "--full")
        shop.grow(2)
        mount("-o", "remount,ro", str(shop.data))
        before = bytes_below(shop.data)
        said_once(cli.run("update", code=7), "mounted read-only")
        for command in ("calculate", "status", "log", "verify"):
            cli.run(command)
        assert bytes_below(shop.data) == before


@pytest.mark.parametrize("place", PLACES)
def test_no_link_is_followed_wherever_it_stands(shop: SmallShop, cli: CommandLine, place: str) -> None:
    """S13: what it leads to stays as it is; the run fails in one line, or says which view it could not write."""
    cli.run("extract", "--full")
    if place in {"backup", "annotations", "imports"}:
        shop.decide(shop.clone["c1"])
        cli.run("import", "decisions.csv")
    shop.grow(2)
    elsewhere = shop.folder / "elsewhere"
    target = shop.data / place
    if target.exists():
        shutil.move(target, elsewhere)
    else:
        elsewhere.write_bytes(b"theirs")
    target.symlink_to(elsewhere, target_is_directory=elsewhere.is_dir())
    before = bytes_below(shop.folder / "elsewhere") if elsewhere.is_dir() else {"": elsewhere.read_bytes()}

    shop.decide(shop.clone["c2"], "more.csv")
    for command in (("update",), ("import", "more.csv")):
        tried = cli.run(*command, code=None)
        assert tried.code in {0, 4, 7, 9}, tried.err
        assert "Traceback" not in tried.err
        if tried.code:
            said_once(tried)
    after = bytes_below(shop.folder / "elsewhere") if elsewhere.is_dir() else {"": elsewhere.read_bytes()}
    assert after == before
    assert target.is_symlink() or place == "history/00000002.json" or tried.code == 0
