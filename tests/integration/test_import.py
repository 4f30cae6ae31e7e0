"""`import` as a person uses it: what it shows before it counts, whose word it replaces, and how it is taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.shop_project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from support.prompt import CommandLine

REVIEW = "data/processed/pending_review.csv"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def save(cli: CommandLine, name: str, *rows: str) -> str:
    """A file that somebody sent: its rows, without quotes."""
    (cli.folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return name


def word(project: Project, ref: str, value: str, *, column: str = "is_hotfix") -> tuple[str, str]:
    return f"key,{column}", f"commit:{project.repository[ref]},{value}"


def views(cli: CommandLine) -> dict[str, bytes]:
    """The tables and the review file."""
    return {name: content for name, content in cli.files().items() if name.endswith(".csv") and "processed/" in name}


def as_(cli: CommandLine, who: str, when: str) -> CommandLine:
    cli.environ["GITHUB_ACTOR"] = who
    cli.as_of = when
    return cli


def test_a_dry_run_reads_like_a_diff_and_names_whose_decision_is_replaced(project: Project) -> None:
    cli = as_(project.started(), "ada", "2025-06-02T08:00:00Z")
    cli.run("import", save(cli, "ada.csv", *word(project, "merge", "yes")))
    as_(cli, "ben", "2025-06-03T09:00:00Z")

    said = cli.run("import", "--dry-run", save(cli, "ben.csv", *word(project, "merge", "no"))).out

    short = project.repository["merge"][:12]
    assert said.splitlines() == [
        f"#1 Add a login page (commit:{short})",
        "    is_hotfix: yes -> no   replaces what ada decided on 2025-06-02 08:00 UTC",
        "Dry run: 1 decision would change; nothing was stored.",
    ]


def test_an_import_says_which_earlier_decisions_it_replaced_and_the_log_keeps_both(project: Project) -> None:
    cli = as_(project.started(), "ada", "2025-06-02T08:00:00Z")
    cli.run("import", save(cli, "ada.csv", *word(project, "merge", "yes")))
    as_(cli, "ben", "2025-06-03T09:00:00Z")

    said = cli.run("import", save(cli, "ben.csv", *word(project, "merge", "no"))).out

    assert "1 decision from ben.csv is in force now." in said
    assert "replaces what ada decided on 2025-06-02 08:00 UTC" in said
    assert project.table("pending_review.csv")[f"commit:{project.repository['merge']}"]["is_hotfix"] == "no"
    log = cli.run("log").out
    assert "2025-06-02T08:00:00Z  import    ada" in log
    assert "2025-06-03T09:00:00Z  import    ben" in log


def test_as_json_a_dry_run_gives_each_decision(project: Project) -> None:
    cli = as_(project.started(), "ada", "2025-06-02T08:00:00Z")
    cli.run("import", save(cli, "ada.csv", *word(project, "merge", "yes")))

    found: dict[str, Any] = json.loads(
        cli.run("import", "--dry-run", "--format", "json", save(cli, "b.csv", *word(project, "merge", "-"))).out
    )

    assert (found["schema"], found["file"], found["stored"], found["problems"]) == (1, "b.csv", False, [])
    [decision] = found["decisions"]
    assert decision == {
        "repository": "local/shop",
        "service": "",
        "key": f"commit:{project.repository['merge']}",
        "title": "Add a login page",
        "column": "is_hotfix",
        "before": "yes",
        "after": None,
        "conflict": {"decided_at": "2025-06-02T08:00:00Z", "decided_by": "ada"},
    }


def test_every_problem_is_in_the_json_and_the_first_fifty_on_the_terminal(project: Project) -> None:
    cli = project.started()
    header, row = word(project, "merge", "perhaps")
    before = cli.files()

    failed = cli.run("import", "--format", "json", save(cli, "bad.csv", header, *[row] * 60), code=4)

    assert len(json.loads(failed.out)["problems"]) == 60
    assert json.loads(failed.out)["problems"][0] == {
        "row": 2,
        "column": "is_hotfix",
        "value": "'perhaps'",
        "problem": "is neither yes nor no",
        "remedy": "write yes, no or - (takes it back), or leave it blank",
    }
    assert failed.err.count("neither yes nor no") == 50
    assert "bad.csv: 10 more; --format json lists them all" in failed.err
    assert failed.error.startswith("error: bad.csv: 60 problems, nothing was imported")
    assert cli.files() == before


def test_an_unknown_key_is_refused_and_skipped_on_request(project: Project) -> None:
    cli = project.started()
    file = save(cli, "f.csv", *word(project, "merge", "yes"), "issue:999,yes")

    assert "names no row of the extracted data" in cli.run("import", file, code=4).err
    cli.run("import", "--skip-unknown", file)

    assert project.table("pending_review.csv")[f"commit:{project.repository['merge']}"]["is_hotfix"] == "yes"


def test_a_stated_date_order_is_an_option_a_variable_and_a_key(project: Project) -> None:
    cli = project.started()
    file = save(cli, "f.csv", *word(project, "merge", "03/04/2025 10:00", column="started_at"))
    assert "--date-order" in cli.run("import", file, code=4).err

    assert "-> 2025-04-03T10:00:00Z" in cli.run("import", "--dry-run", "--date-order", "dmy", file).out
    cli.environ["DORA_DATE_ORDER"] = "mdy"
    assert "-> 2025-03-04T10:00:00Z" in cli.run("import", "--dry-run", file).out
    del cli.environ["DORA_DATE_ORDER"]
    toml = cli.folder / "dora-metrics.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('date_order = "none"', 'date_order = "dmy"'))
    assert "-> 2025-04-03T10:00:00Z" in cli.run("import", "--dry-run", file).out


# ---- undo


def test_undo_gives_the_views_of_before_and_is_a_modification_like_any_other(project: Project) -> None:
    cli = project.started()
    cli.run("import", save(cli, "first.csv", *word(project, "cart", "yes", column="deployment_failed")))
    before = views(cli)
    cli.run("import", save(cli, "second.csv", *word(project, "cart", "no", column="deployment_failed")))
    cli.run("import", "second.csv")
    assert views(cli) != before

    said = cli.run("import", "--undo").out

    assert views(cli) == before
    assert "Took back the import of 2025-06-01 12:00 UTC by" in said
    assert f"To take it again, import {cli.folder}/data/imports/" in said
    assert "import --undo" in cli.run("log").out
    assert cli.run("verify").code == 0


def test_undo_again_goes_one_import_further_back_until_none_stands(project: Project) -> None:
    cli = project.started()
    untouched = views(cli)
    cli.run("import", save(cli, "first.csv", *word(project, "cart", "yes")))
    once = views(cli)
    cli.run("import", save(cli, "second.csv", *word(project, "merge", "yes", column="notes")))

    cli.run("import", "--undo")
    assert views(cli) == once
    cli.run("import", "--undo")
    assert views(cli) == untouched
    files = cli.files()
    refused = cli.run("import", "--undo", code=2)

    assert refused.error.startswith("error: no import stands that could be taken back; ")
    assert cli.files() == files


def test_undo_takes_only_the_last_import_back(project: Project) -> None:
    """Other cells, which an earlier import touched, stay decided."""
    cli = project.started()
    cli.run("import", save(cli, "first.csv", *word(project, "cart", "looked", column="notes")))
    cli.run("import", save(cli, "second.csv", *word(project, "merge", "too", column="notes")))

    cli.run("import", "--undo")

    notes = {key: row["notes"] for key, row in project.table("pending_review.csv").items() if row["notes"]}
    assert notes == {f"commit:{project.repository['cart']}": "looked"}


def test_what_was_taken_back_is_taken_again_from_its_copy(project: Project) -> None:
    cli = project.started()
    cli.run("import", save(cli, "first.csv", *word(project, "cart", "yes")))
    decided = views(cli)
    copy = cli.run("import", "--undo").out.partition("again, import ")[2].split()[0].rstrip(".")

    cli.run("import", copy)

    assert views(cli) == decided
    cli.run("import", "--undo")
    cli.run("import", "--undo", code=2)


def test_undo_works_after_an_update_and_keeps_what_was_typed_since(project: Project) -> None:
    cli = project.started()
    cli.run("import", save(cli, "first.csv", *word(project, "cart", "yes")))
    project.decide(f"commit:{project.repository['merge']}", notes="not imported yet")
    project.repository.commit("more", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"])
    project.repository.flush()
    cli.run("update")

    cli.run("import", "--undo")

    table = project.table("pending_review.csv")
    assert table[f"commit:{project.repository['cart']}"]["is_hotfix"] == ""
    assert table[f"commit:{project.repository['merge']}"]["notes"] == "not imported yet"
    assert f"commit:{project.repository['more']}" in table


def test_a_dry_undo_shows_what_would_go_and_changes_nothing(project: Project) -> None:
    cli = project.started()
    cli.run("import", save(cli, "first.csv", *word(project, "cart", "yes")))
    before = cli.files()

    said = cli.run("import", "--undo", "--dry-run").out

    assert "is_hotfix: yes -> (blank)" in said
    assert "would be taken back, 2 decisions; nothing was stored." in said
    assert cli.files() == before


def test_undo_takes_no_file_and_an_import_needs_one(project: Project) -> None:
    cli = project.started()
    assert "leave the file out" in cli.run("import", "--undo", REVIEW, code=2).error
    assert "import needs the file" in cli.run("import", code=2).error
    assert (
        "run `dora-metrics extract --full` first"
        in project.cli.run("import", "--undo", "--storage-path", "elsewhere", code=2).error
    )
