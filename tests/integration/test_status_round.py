"""`status` says where the data stand, what is stale, and the next command, all the way round."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from support.git_repository import GitRepository
from support.prompt import CommandLine

NEEDS_A_PERSON = 10


class Shop:
    """A repository with a release that a patch follows, and a person in front of it."""

    def __init__(self, folder: Path) -> None:
        self.cli = CommandLine(folder / "work")
        self.git = GitRepository(folder / "shop")
        self.release("v1.0.0", 6)
        self.release("v1.1.0", 9)
        self.cli.run("init", "--yes", str(self.git.path))

    def release(self, tag: str, day: int) -> None:
        self.git.commit(tag, at=f"2025-01-{day:02}T09:00:00Z")
        self.git.tag(tag, tag, at=f"2025-01-{day:02}T10:00:00Z")
        self.git.flush()

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.cli.run("status", "--format", "json").out)
        return found

    @property
    def state(self) -> str:
        return str(self.status()["state"])

    def fill_in(self, rows: int, **decisions: str) -> None:
        """Save the review file with decisions in its first rows."""
        path = self.cli.folder / "data/processed/pending_review.csv"
        table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        for row in table[:rows]:
            row.update(decisions)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_all_the_way_round_and_back_to_waiting(shop: Shop) -> None:
    cli = shop.cli
    assert shop.state == "empty"

    cli.run("extract", "--full")
    assert shop.state == "extracted"
    cli.run("report")
    assert shop.state == "calculated"

    shop.release("v1.1.1", 10)
    shop.release("v1.2.0", 20)
    shop.release("v1.2.1", 22)
    cli.run("update")
    assert shop.state == "waiting for review"

    shop.fill_in(1, is_hotfix="yes")
    assert shop.state == "under review"
    shop.fill_in(2, is_hotfix="no")
    assert shop.state == "reviewed"

    cli.run("import", "data/processed/pending_review.csv")
    assert shop.state == "annotated"
    cli.run("report")
    assert shop.state == "calculated"


def test_the_check_is_for_a_machine_that_has_to_ask_a_person(shop: Shop) -> None:
    shop.cli.run("extract", "--full")
    shop.cli.run("status", "--check", code=0)

    shop.release("v1.1.1", 10)
    shop.cli.run("update")
    shop.cli.run("status", "--check", code=NEEDS_A_PERSON)
    shop.fill_in(1, is_hotfix="no")
    shop.cli.run("status", "--check", code=NEEDS_A_PERSON)

    shop.cli.run("import", "data/processed/pending_review.csv")
    shop.cli.run("status", "--check", code=0)


def test_what_is_stale_is_said_with_what_to_run(shop: Shop) -> None:
    shop.cli.run("extract", "--full")
    shop.cli.run("report")
    assert shop.status()["stale"] == []

    shop.release("v1.2.0", 20)
    shop.cli.run("update")
    assert shop.status()["stale"] == ["the report (report writes it anew)"]

    text = shop.cli.run("status", "--include-initial").out
    assert "stale: the tables in processed/ (extract writes them anew)" in text


def test_a_report_may_have_other_periods_but_not_other_numbers(shop: Shop) -> None:
    """A page shows periods of several lengths; in another time zone their numbers are others."""
    shop.cli.run("extract", "--full")

    shop.cli.run("report", "--period", "yearly")
    assert shop.state == "calculated"

    shop.cli.run("report", "--timezone", "Asia/Tokyo")
    assert shop.state == "extracted"


@pytest.mark.parametrize("command", [["status"], ["report", "--output", "-"]])
def test_reading_changes_nothing(shop: Shop, command: list[str]) -> None:
    shop.cli.run("extract", "--full")
    before = shop.cli.files()

    shop.cli.run(*command)

    assert shop.cli.files() == before


def test_a_review_file_that_cannot_be_read_hides_no_question(shop: Shop) -> None:
    shop.release("v1.1.1", 10)
    shop.cli.run("extract", "--full")
    (shop.cli.folder / "data/processed/pending_review.csv").write_bytes(b'key,"\xff')

    assert shop.state == "waiting for review"


def test_the_questions_say_what_they_can_move(shop: Shop) -> None:
    shop.release("v1.1.1", 10)
    shop.cli.run("extract", "--full")

    text = shop.cli.run("status").out

    assert "1 row needs a person; what can move a number most first:" in text
    assert "was that one broken?" in text
    assert "rework rate of 2025-Q1 by up to 50 points" in text
    assert "answer in the terminal: dora-metrics review" in text


def test_the_file_that_stands_is_the_one_that_is_read_and_named_whatever_its_format(shop: Shop) -> None:
    """`--review-format` of one run is not known to the next, which must not name a file that is not there."""
    shop.release("v1.1.1", 10)
    shop.cli.run("extract", "--full", "--review-format", "xlsx")
    path = shop.cli.folder / "data/processed/pending_review.xlsx"
    assert f"import {path}" in shop.status()["next"][0].replace("dora-metrics ", "")

    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["is_hotfix"]).value = "no"
    book.save(path)

    assert shop.state == "reviewed"


def test_without_a_review_file_in_the_store_nobody_is_sent_to_one(shop: Shop) -> None:
    shop.release("v1.1.1", 10)
    shop.cli.run("extract", "--full", "--review-file", "mine.csv")

    assert shop.status()["next"] == ["dora-metrics extract", "dora-metrics review"]
    assert "answer in the terminal: dora-metrics review" in shop.cli.run("status").out


def test_a_report_of_one_repository_is_not_the_report_of_all(shop: Shop) -> None:
    shop.cli.run("extract", "--full")
    shop.cli.run("report")
    assert shop.state == "calculated"

    shop.cli.run("report", "--repository", "local/shop")
    assert shop.state == "extracted"
    assert shop.status()["stale"] == ["the report (report writes it anew)"]
