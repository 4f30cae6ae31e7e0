"""Whatever happens, in whatever order: what a person saved or said is never lost, and no formula survives."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dora_metrics.storage.storage_manager import StorageManager
from support.review_machine import LostError, ReviewMachine

pytestmark = pytest.mark.filterwarnings(  # a run that dies while a workbook is written leaves its archive open
    "ignore:Exception ignored in. <function ZipFile.__del__:pytest.PytestUnraisableExceptionWarning"
)

REPLACE = "dora_metrics.pipeline.views.replace_shared"


def try_out(machine: type[ReviewMachine], examples: int) -> None:
    """Runs that many histories, or to the first loss."""
    try:
        _try_out(machine, examples)
    finally:
        gc.collect()  # what a run that died left half done is told of here, and not in another test


def _try_out(machine: type[ReviewMachine], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            report_multiple_bugs=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


class Regenerates(ReviewMachine):
    """Writes the file anew, whatever stands there."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        def regenerate(
            storage: StorageManager, path: str, make: Callable[[Optional[bytes]], bytes], *, stamp: str
        ) -> list[str]:
            del stamp
            storage.write(path, make(None))
            return []

        with mock.patch(REPLACE, regenerate):
            yield


class Merges(ReviewMachine):
    """Reads the file, carries what was typed over, and writes: what is saved in between is gone."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        def merge(
            storage: StorageManager, path: str, make: Callable[[Optional[bytes]], bytes], *, stamp: str
        ) -> list[str]:
            del stamp
            storage.write(path, make(storage.read_if_there(path)))
            return []

        with mock.patch(REPLACE, merge):
            yield


class WritesFormulas(ReviewMachine):
    """Writes cells as they are."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        with (
            mock.patch("dora_metrics.storage.csv_text.guard", lambda text: text),
            mock.patch("dora_metrics.storage.review_csv.guard_typed", lambda text: text),
        ):
            yield


class ForgetsOnUpdate(ReviewMachine):
    """Drops what was accepted when new data come."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        from dora_metrics.storage.transaction import Transaction  # noqa: PLC0415 (beside its use)

        real = Transaction.commit

        def forgetful(transaction: Transaction, *arguments: Any, **options: Any) -> Any:
            if transaction._origin.command == "update":
                transaction.put_annotations(b"repository,service,key,column,value,accepted_at,source,line\n", rows=0)
            return real(transaction, *arguments, **options)

        with mock.patch.object(Transaction, "commit", forgetful):
            yield


class UndoesTooMuch(ReviewMachine):
    """Takes every decision back, not those of the last import."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        with mock.patch("dora_metrics.pipeline.review_undo.read_annotations", return_value=[]):
            yield


class ForgetsAnswers(ReviewMachine):
    """Keeps the answers of the terminal in memory alone."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        with mock.patch("dora_metrics.pipeline.review_session.ReviewSession._note", return_value=None):
            yield


class DropsTheOtherForm(ReviewMachine):
    """Deletes the file in its former format."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        def drop(storage: StorageManager, path: str, *, stamp: str) -> None:
            del stamp
            storage.delete(path)

        with mock.patch("dora_metrics.pipeline.views.retire_shared", drop):
            yield


FOUND_LATE = (Regenerates, Merges, ForgetsOnUpdate, ForgetsAnswers, DropsTheOtherForm)
"""After hundreds of histories: four to twenty seconds each."""


@pytest.mark.parametrize(
    "machine",
    [
        *(WritesFormulas, UndoesTooMuch),
        *(pytest.param(planted, marks=pytest.mark.slow) for planted in FOUND_LATE),
    ],
)
def test_the_harness_finds_planted_bugs(machine: type[ReviewMachine]) -> None:
    with pytest.raises(LostError):
        try_out(machine, 1000)


def test_nothing_is_lost() -> None:
    try_out(ReviewMachine, 8)


@pytest.mark.slow
def test_nothing_is_lost_in_many_more_histories() -> None:
    try_out(ReviewMachine, 150)
