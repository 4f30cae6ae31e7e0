"""Several repositories in one data folder: read one by one, pooled item by item."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from support.git_repository import GitRepository
from support.pages import Page
from support.prompt import CommandLine


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    for name, days in (("api", (6, 8)), ("web", (6, 16))):
        repository = GitRepository(tmp_path / name)
        repository.commit("start", at="2025-01-05T09:00:00Z")
        repository.tag("v1.0", "start", at="2025-01-05T10:00:00Z")
        for number, day in enumerate(days):
            repository.commit(f"c{number}", at=f"2025-01-{day:02}T09:00:00Z")
            repository.tag(f"v1.{number + 1}", f"c{number}", at=f"2025-01-{day + 1:02}T09:00:00Z")
        repository.flush()
    cli = CommandLine(tmp_path / "work")
    (cli.folder / "dora-metrics.toml").write_text(
        '[[repository]]\npath = "../api"\nbranch = "main"\n\n[[repository]]\npath = "../web"\nbranch = "main"\n'
    )
    cli.run("extract", "--full")
    return cli


def test_their_items_are_pooled(cli: CommandLine) -> None:
    results = json.loads(cli.run("calculate", "--period", "monthly", "--format", "json").out)

    assert results["repositories"] == ["local/api", "local/web"]
    assert results["periods"][0]["deployment_frequency"]["deployments"] == 6
    assert results["periods"][0]["lead_time"]["n"] == 4


def test_each_row_says_where_it_is_from(cli: CommandLine) -> None:
    text = (cli.folder / "data" / "processed" / "deployments.csv").read_text(encoding="utf-8")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted((row["repository"], row["key"]) for row in rows) == [
        (f"local/{name}", f"tag:v1.{number}") for name in ("api", "web") for number in range(3)
    ]


def test_a_decision_counts_for_its_own_repository(cli: CommandLine) -> None:
    path = cli.folder / "data" / "processed" / "pending_review.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    chosen = next(row for row in rows if row["repository"] == "local/web" and row["title"] == "c1")
    (cli.folder / "mine.csv").write_text(
        f"key,repository,deployment_failed\n{chosen['key']},local/web,yes\n", encoding="utf-8"
    )

    cli.run("import", "mine.csv")

    text = (cli.folder / "data" / "processed" / "deployments.csv").read_text(encoding="utf-8")
    failed = [row for row in csv.DictReader(io.StringIO(text)) if row["failed"] == "true"]
    assert [(row["repository"], row["key"]) for row in failed] == [("local/web", "tag:v1.2")]


def test_an_update_of_one_leaves_the_other_alone(cli: CommandLine, tmp_path: Path) -> None:
    before = {name: content for name, content in cli.files().items() if name.startswith("raw/local/web/")}
    assert before
    other = GitRepository(tmp_path / "other")
    other.git("fetch", "-q", "--no-tags", "--update-head-ok", str(tmp_path / "api"), "main:main")
    (tmp_path / "api").rename(tmp_path / "old")
    (tmp_path / "other").rename(tmp_path / "api")

    assert "tag v1.0 was deleted" in cli.run("update").err

    assert {name: content for name, content in cli.files().items() if name.startswith("raw/local/web/")} == before


def test_the_page_sets_them_side_by_side_under_the_pooled_one(cli: CommandLine) -> None:
    """In the order of the configuration; the pooled row is of all items, no average of the rows under it."""
    page = Page(cli.run("report", "--period", "all", "--output", "-").out)

    said = page.within("first-screen", "small")
    text = page.within("first-screen")
    places = [text.index(name) for name in ("All, pooled item by item", "local/api", "local/web")]
    assert places == sorted(places)
    assert said.count("n = 4") >= 1
    assert said.count("n = 2") >= 2
