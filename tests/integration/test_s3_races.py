"""Several runs write to one bucket at once over a network that loses answers: each effect is there exactly once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, Optional

import pytest

from dora_metrics.errors import BusyError, StorageError
from dora_metrics.storage import repository_manager
from dora_metrics.storage.history import History
from dora_metrics.storage.s3_draft import S3Draft
from dora_metrics.storage.shared_file import replace_shared
from dora_metrics.storage.storage_manager import StorageManager
from dora_metrics.storage.transaction import Transaction
from dora_metrics.storage.verification import verify
from support.s3_proxy import BUSY, CUT, LOST, RESET, Asked, proxy_before
from support.s3_server import S3Server
from support.s3_stores import a_bucket, a_client, a_writer, new_prefix
from support.store_samples import MARCH_2, SHOP, add_lines

pytestmark = pytest.mark.s3

WRITERS = 4
COMMITS = 15


def lossy(seed: int) -> Any:
    """One record in five is stored without an answer; one request in twenty meets each of the other faults."""
    chance, one_at_a_time = random.Random(seed), threading.Lock()  # noqa: S311 (no secret)

    def script(asked: Asked) -> Optional[str]:
        with one_at_a_time:
            luck = chance.random()
        if asked.method == "PUT" and "/history/" in asked.path and luck < 0.2:
            return LOST
        return {0: BUSY, 1: RESET, 2: CUT}.get(int(luck * 20) - 10)

    return script


def effects(storage: StorageManager, commits: int, writers: int = WRITERS) -> list[bytes]:
    """What stands in the store after each writer has added that many lines, a commit each, all at the same time."""

    def write(writer: int) -> None:
        manager = a_writer(storage, f"w{writer}")
        for number in range(commits):

            def build(transaction: Transaction, number: int = number) -> None:
                with transaction.open_segment(SHOP, "commits") as segment:
                    segment.append(b"%d-%d" % (writer, number))

            with manager.apply(build, command="update", actor="ada", now=MARCH_2) as (record, _):
                assert record.commit_id.startswith(f"w{writer}-")

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    return list(a_writer(storage, "reader").read_lines(SHOP, "commits"))


def wanted(commits: int, writers: int = WRITERS) -> list[bytes]:
    return sorted(b"%d-%d" % (writer, number) for writer in range(writers) for number in range(commits))


def test_every_effect_of_four_writers_is_there_exactly_once(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_manager, "LONGEST_PAUSE_S", 0.5)  # four busy writers, not two a night
    with proxy_before(s3_server.port) as proxy:
        proxy.script = lossy(seed=6)
        storage = a_bucket(a_client(proxy.port), new_prefix())
        found = effects(storage, COMMITS)
        lost = proxy.faults.count(LOST)
        proxy.script = lambda _: None

        assert sorted(found) == wanted(COMMITS)
        assert lost >= WRITERS, "or nothing was tried"
        checked = verify(storage)
        assert checked.records == WRITERS * COMMITS


def test_without_reading_back_the_same_test_would_find_doubles(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a refusal always counts as another run's doing."""
    monkeypatch.setattr(S3Draft, "_stored_hash", lambda *_: b"another's")
    monkeypatch.setattr(History, "_read_back", lambda *_: b"another's")
    with proxy_before(s3_server.port) as proxy:
        asked: list[Asked] = []

        def every_third_record(request: Asked) -> Optional[str]:
            if request.method == "PUT" and "/history/" in request.path:
                asked.append(request)
                return LOST if len(asked) % 3 == 1 else None
            return None

        proxy.script = every_third_record
        found = effects(a_bucket(a_client(proxy.port), new_prefix()), 4, writers=1)

    assert len(found) > 4
    assert sorted(set(found)) == wanted(4, writers=1)


def test_who_is_overtaken_builds_on_what_the_other_stored(s3_server: S3Server) -> None:
    client, prefix = a_client(s3_server.port), new_prefix()
    ours, theirs = (a_writer(a_bucket(client, prefix), name) for name in ("ours", "theirs"))
    seen: list[int] = []

    def build(transaction: Transaction) -> None:
        seen.append(transaction.head.number if transaction.head else 0)
        transaction.put_import(b"ours", extension="csv")
        if len(seen) == 1:
            with theirs.begin(command="import", actor="eve", now=MARCH_2) as other:
                other.put_annotations(b"theirs", rows=1)
                other.commit()

    with ours.apply(build, command="update", actor="ada", now=MARCH_2) as (record, _):
        assert record.number == 2

    assert seen == [0, 1]
    assert {"annotations"} < set(record.files)
    assert ours.read_annotations() == b"theirs"


def test_who_is_always_overtaken_gives_up_after_twenty_times(s3_server: S3Server) -> None:
    client, prefix = a_client(s3_server.port), new_prefix()
    theirs = a_writer(a_bucket(client, prefix), "theirs")
    pauses: list[float] = []
    ours = repository_manager.RepositoryManager(a_bucket(client, prefix), tool_version="0.1.0", sleep=pauses.append)

    def build(transaction: Transaction) -> None:
        transaction.put_import(b"ours", extension="csv")
        with theirs.begin(command="import", actor="eve", now=MARCH_2) as other:
            other.put_annotations(b"%d" % len(pauses), rows=1)
            other.commit()

    with pytest.raises(BusyError, match="other runs"), ours.apply(build, command="update", actor="ada", now=MARCH_2):
        pass
    assert len(pauses) == repository_manager.MOST_REBASES + 1


def test_a_file_that_another_run_may_name_by_now_is_not_removed(s3_server: S3Server) -> None:
    """Two runs that fetched the same write the same file; the one that gives up must leave it to the other."""
    prefix = new_prefix()
    storage = a_bucket(a_client(s3_server.port), prefix)
    theirs = a_writer(storage, "theirs")
    with proxy_before(s3_server.port) as proxy:
        ours = a_writer(a_bucket(a_client(proxy.port), prefix), "ours")

        def just_before_our_record(asked: Asked) -> None:
            if asked.method == "PUT" and "/history/" in asked.path:
                add_lines(theirs, b"the same")

        proxy.script = just_before_our_record
        with pytest.raises(BusyError):
            add_lines(ours, b"the same")

    assert verify(storage).records == 1


def test_when_nothing_answers_any_more_the_outcome_is_called_unknown_and_running_again_is_right(
    s3_server: S3Server,
) -> None:
    """The record is stored, but neither its answer nor any later one comes through."""
    with proxy_before(s3_server.port) as proxy:
        manager = a_writer(a_bucket(a_client(proxy.port, attempts=1), new_prefix()), "ada")

        def dies(asked: Asked) -> Optional[str]:
            stored = any(one.method == "PUT" and "/history/" in one.path for one in proxy.seen[:-1])
            if stored:
                return RESET
            return LOST if asked.method == "PUT" and "/history/" in asked.path else None

        proxy.script = dies

        def build(transaction: Transaction) -> None:
            transaction.put_annotations(b"one", rows=1)

        with pytest.raises(StorageError, match="outcome unknown") as caught:  # noqa: SIM117 (the error is ours)
            with manager.apply(build, command="import", actor="ada", now=MARCH_2):
                pass
        proxy.script = lambda _: None

        assert "safe" in caught.value.remedy
        with manager.apply(build, command="import", actor="ada", now=MARCH_2) as (record, _):
            assert record.number == 1


def test_beside_a_file_that_somebody_keeps_saving_goes_the_new_one(
    s3_server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    """412 each time: nothing that was saved is overwritten, and the new rows are not lost either."""
    storage, path = a_bucket(a_client(s3_server.port), new_prefix()), "processed/pending_review.csv"
    storage.write(path, b"saved 0")
    saves = count(1)

    def make(seen: Optional[bytes]) -> bytes:
        storage.write(path, b"saved %d" % next(saves))
        return b"new, with " + (seen or b"nothing")

    replace_shared(storage, path, make, stamp="now")

    assert storage.read(path) == b"saved 5"
    assert storage.read("processed/pending_review.1.csv") == b"new, with saved 4"
    assert "pending_review.1.csv" in caplog.text
    assert {storage.read(name) for name in storage.list("backup/")} == {b"saved %d" % number for number in range(5)}


def test_the_version_that_was_read_is_replaced_though_the_answer_is_lost(s3_server: S3Server) -> None:
    storage, path = a_bucket(a_client(s3_server.port), prefix := new_prefix()), "processed/pending_review.csv"
    storage.write(path, b"theirs")
    with proxy_before(s3_server.port) as proxy:
        through = a_bucket(a_client(proxy.port), prefix)
        left = [LOST]
        proxy.script = lambda asked: (
            left.pop() if asked.method == "PUT" and "processed" in asked.path and left else None
        )

        [backup] = replace_shared(through, path, lambda _: b"ours", stamp="now")

    assert storage.read(path) == b"ours"
    assert storage.read(backup) == b"theirs"
    assert storage.list("processed/") == [path]
