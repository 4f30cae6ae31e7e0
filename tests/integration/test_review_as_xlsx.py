"""`--review-format xlsx`: the person's file as a workbook, with the same promises as the csv."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from dora_metrics.storage.review_table import open_review
from support.shop_project import Project

if TYPE_CHECKING:
    from pathlib import Path

REVIEW = "data/processed/pending_review.xlsx"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.cli.environ["DORA_REVIEW_FORMAT"] = "xlsx"
    return project


def rows(content: bytes) -> dict[str, dict[str, str]]:
    table = open_review(content, "f")
    return {row["key"]: row for row in (dict(zip(table.header, cells)) for _, cells in table.rows)}


def fill_in(path: Path, key: str, **decisions: str) -> bytes:
    """Type into cells of the workbook as it lies there; the bytes that were saved."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    places = {cell.value: cell.column for cell in sheet[1]}
    [number] = [cell.row for cell in sheet["A"] if cell.value == key]
    for column, value in decisions.items():
        sheet.cell(number, places[column]).value = value
    book.save(path)
    return path.read_bytes()


def test_the_workbook_stands_in_place_of_the_csv_and_says_the_same(project: Project) -> None:
    cli = project.started()
    as_xlsx = rows((cli.folder / REVIEW).read_bytes())
    assert "processed/pending_review.csv" not in cli.files()

    cli.run("extract", "--review-format", "csv")

    text = cli.files()["processed/pending_review.csv"].decode("utf-8-sig")
    assert as_xlsx == {row["key"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert "processed/pending_review.xlsx" not in cli.files()


def test_what_a_person_typed_is_imported_and_stands_in_the_new_workbook(project: Project) -> None:
    cli = project.started()
    key = f"commit:{project.repository['merge']}"
    fill_in(cli.folder / REVIEW, key, is_hotfix="yes", deployed_at="2025-01-09 10:00", notes="'=1+1")

    said = cli.run("import", REVIEW).out

    assert "4 decisions from" in said
    row = rows((cli.folder / REVIEW).read_bytes())[key]
    assert (row["is_hotfix"], row["deployed_at"], row["notes"]) == ("yes", "2025-01-09T10:00:00Z", "'=1+1")
    assert [name for name in cli.files() if name.startswith("imports/") and name.endswith(".xlsx")]
    assert "decides nothing new" in cli.run("import", REVIEW).out


def test_what_was_typed_and_not_imported_is_carried_over_and_kept(project: Project) -> None:
    cli = project.started()
    key = f"commit:{project.repository['cart']}"
    saved = fill_in(cli.folder / REVIEW, key, notes="look again")
    project.repository.commit("more", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"])
    project.repository.flush()

    cli.run("update")

    assert rows((cli.folder / REVIEW).read_bytes())[key]["notes"] == "look again"
    assert saved in [content for name, content in cli.files().items() if name.startswith("backup/")]


@pytest.mark.parametrize(("old", "new"), [("csv", "xlsx"), ("xlsx", "csv")])
def test_another_format_takes_over_what_was_typed_into_the_old_file(project: Project, old: str, new: str) -> None:
    cli = project.cli
    cli.environ["DORA_REVIEW_FORMAT"] = old
    project.started()
    key = f"commit:{project.repository['cart']}"
    path = cli.folder / "data" / "processed" / f"pending_review.{old}"
    saved = project.decide(key, notes="mine").read_bytes() if old == "csv" else fill_in(path, key, notes="mine")

    cli.run("extract", "--review-format", new)

    assert rows((path.with_suffix(f".{new}")).read_bytes())[key]["notes"] == "mine"
    assert not path.exists()
    assert saved in [content for name, content in cli.files().items() if name.startswith("backup/")]


def test_the_same_data_give_the_same_workbook(project: Project) -> None:
    cli = project.started()
    first = (cli.folder / REVIEW).read_bytes()
    cli.run("extract", "--full")

    assert (cli.folder / REVIEW).read_bytes() == first
    assert not [name for name in cli.files() if name.startswith("backup/")]


@pytest.mark.parametrize(("path", "is_workbook"), [("mine.xlsx", True), ("mine.csv", False), ("mine.txt", True)])
def test_a_path_of_ones_own_says_by_its_ending_what_it_is(project: Project, path: str, is_workbook: bool) -> None:
    cli = project.started()
    cli.run("extract", "--review-file", path)
    assert (cli.folder / path).read_bytes().startswith(b"PK") == is_workbook


def test_status_names_the_file_that_is_written(project: Project) -> None:
    cli = project.started()
    said = cli.run("status").out
    assert ("pending_review.xlsx" in said) == ("need a person" in said or "needs a person" in said)


@pytest.mark.parametrize(
    ("mark", "program"), [(".~lock.pending_review.xlsx#", "LibreOffice"), ("~$pending_review.xlsx", "Excel")]
)
def test_a_file_that_a_spreadsheet_has_open_is_replaced_with_a_warning(
    project: Project, mark: str, program: str
) -> None:
    cli = project.started()
    (cli.folder / "data" / "processed" / mark).write_bytes(b"x")

    warned = cli.run("extract").err

    assert f"warning: {program} seems to have {cli.folder / REVIEW} open" in warned
