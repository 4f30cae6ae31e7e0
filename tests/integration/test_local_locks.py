"""Several processes, one data folder: each effect is there exactly once, and a dead holder holds nothing."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from dora_metrics.errors import BusyError
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.verification import verify
from support import store_writer
from support.small_shop import SmallShop
from support.store_samples import SHOP, a_manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import Popen


@contextmanager
def held_by_another(root: Path) -> Iterator[Popen[str]]:
    """While this lasts, a process holds the lock; it is killed at the end if it still lives."""
    with store_writer.start(root, "holder", 0) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.kill()


@pytest.fixture(name="shop")
def _shop(tmp_path: Path) -> SmallShop:
    shop = SmallShop(tmp_path)
    shop.grow(1)
    return shop


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as holder:
        threading.Timer(0.3, holder.kill).start()
        started = time.monotonic()
        with StorageManager(root=tmp_path, lock_timeout_s=30).lock():
            waited = time.monotonic() - started

    assert 0.2 < waited < 10


def test_a_living_holder_is_waited_for_as_long_as_asked(tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        held_by_another(tmp_path),
        pytest.raises(BusyError, match=r"still is after 0\.4 seconds") as caught,
        StorageManager(root=tmp_path, lock_timeout_s=0.4).lock(),
    ):
        pytest.fail("both hold it")

    assert time.monotonic() - started >= 0.4
    assert "--lock-timeout" in caught.value.remedy


def test_the_command_line_says_that_it_waits_and_ends_with_8(shop: SmallShop) -> None:
    shop.run("extract", "--full", "-q")
    with held_by_another(shop.data):
        _, err = shop.run("extract", "--lock-timeout", "0", code=8)
        assert "another run is writing" in err
        shop.environ["DORA_LOCK_TIMEOUT"] = "1"
        _, err = shop.run("update", code=8)
        assert err.startswith(f"Another run is writing to {shop.data.resolve()}; waiting for it, at most 1 seconds.\n")


def test_the_command_goes_on_when_the_holder_dies(shop: SmallShop) -> None:
    shop.run("extract", "--full", "-q")
    shop.grow(2)
    with held_by_another(shop.data) as holder:
        update = shop.start("update", "--log-format", "json")
        assert update.stderr is not None
        assert "waiting for it" in update.stderr.readline()
        holder.kill()
        out, err = update.communicate(timeout=60)

    assert update.returncode == 0, err
    assert "1 new commit" in out


def test_four_writers_with_forty_commits_each_leave_all_160(tmp_path: Path) -> None:
    names = ("ada", "bob", "cyd", "dan")
    writers = [store_writer.start(tmp_path, name, 40) for name in names]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 4
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()

    lines = list(a_manager(tmp_path).read_lines(SHOP, "commits"))
    assert len(lines) == 160
    for name in names:
        ours = [line.decode() for line in lines if line.startswith(name.encode())]
        assert ours == [f"{name}-{number}" for number in range(1, 41)], "each once, in order"
    assert verify(StorageManager(root=tmp_path)).records == 160


def test_two_updates_at_once_take_every_commit_once(shop: SmallShop) -> None:
    shop.run("extract", "--full", "-q")
    shop.grow(2)
    runs = [shop.start("update"), shop.start("update")]
    told = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], told
    assert sorted("1 new commit" in out for out, _ in told) == [False, True], "the second one finds nothing new"
    out, _ = shop.run("log", "--format", "json")
    assert len(out.splitlines()) == 2
    shop.run("verify")


def test_two_updates_on_the_real_clock_at_once_do_not_blame_the_clock(shop: SmallShop) -> None:
    """The one that began first may get the lock last: then the data reach further than its own now."""
    shop.environ["DORA_AS_OF"] = ""
    shop.run("extract", "--full", "-q")
    shop.grow(2)
    with held_by_another(shop.data) as holder:
        early = shop.start("update", "--log-format", "json")
        assert early.stderr is not None
        early.stderr.readline()
        time.sleep(1.1)  # times are stored to the second
        late = shop.start("update", "--log-format", "json")
        assert late.stderr is not None
        late.stderr.readline()
        os.kill(early.pid, 19)  # SIGSTOP: the late one comes first
        holder.kill()
        late.communicate(timeout=60)
        shop.grow(3)
        os.kill(early.pid, 18)
        out, err = early.communicate(timeout=60)

    assert late.returncode == 0
    assert early.returncode == 0, err
    assert "1 new commit" in out


def test_an_update_and_an_import_at_once_lose_nothing(shop: SmallShop) -> None:
    shop.run("extract", "--full", "-q")
    sha = shop.clone["c1"]
    shop.grow(2)
    decisions = shop.decide(sha)
    runs = [shop.start("update"), shop.start("import", decisions.name)]
    told = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], told
    out, _ = shop.run("log", "--format", "json")
    commands = [json.loads(line)["command"] for line in out.splitlines()]
    assert sorted(commands) == ["extract", "import", "update"]
    shop.run("verify")
    rows = (shop.data / "processed/changes.csv").read_text(encoding="utf-8")
    assert "feat: number 2" in rows
    _, err = shop.run("import", decisions.name)
    assert err == ""
    out, _ = shop.run("import", decisions.name)
    assert "decides nothing new" in out
