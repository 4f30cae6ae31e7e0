"""The main job, end to end: a clone, no token, the commands a person types, the files they find."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from support.git_repository import GitRepository
from support.prompt import CommandLine


class Project:
    """A repository with two releases, and a person in front of it."""

    def __init__(self, folder: Path) -> None:
        self.repository = GitRepository(folder / "shop")
        self.cli = CommandLine(folder / "work")
        git = self.repository
        git.commit("start", at="2025-01-06T09:00:00Z")
        git.tag("v1.0.0", "start", at="2025-01-06T10:00:00Z")
        git.commit("login", at="2025-01-07T09:00:00Z", branch="login", parents=["start"])
        git.commit("merge", parents=["start", "login"], at="2025-01-08T09:00:00Z",
                   message="Merge pull request #1 from ada/login\n\nAdd a login page")  # fmt: skip
        git.ref("refs/pull/1/head", "login")
        git.tag("v1.1.0", "merge", at="2025-01-09T09:00:00Z")
        git.commit("cart-branch", at="2025-01-10T09:00:00Z", branch=None, parents=["merge"])
        git.ref("refs/pull/2/head", "cart-branch")
        git.commit("cart", at="2025-01-12T09:00:00Z", subject="Add a cart (#2)")
        git.tag("v1.2.0", "cart", at="2025-01-13T09:00:00Z")
        git.flush()

    def started(self) -> CommandLine:
        self.cli.run("init", "--yes", str(self.repository.path))
        self.cli.run("extract", "--full")
        return self.cli

    def table(self, name: str) -> dict[str, dict[str, str]]:
        text = (self.cli.folder / "data" / "processed" / name).read_text(encoding="utf-8-sig")
        return {row["key"]: row for row in csv.DictReader(io.StringIO(text))}

    def decide(self, key: str, **decisions: str) -> Path:
        """Fill in cells of the review file, as a spreadsheet would save it."""
        path = self.cli.folder / "data" / "processed" / "pending_review.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        for row in rows:
            if row["key"] == key:
                row.update(decisions)
        assert key in {row["key"] for row in rows}
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_from_a_clone_to_the_tables(project: Project) -> None:
    project.started()

    deployments = project.table("deployments.csv")
    changes = project.table("changes.csv")
    assert {key: row["kind"] for key, row in deployments.items()} == {
        "tag:v1.0.0": "initial",
        "tag:v1.1.0": "normal",
        "tag:v1.2.0": "normal",
    }
    assert changes["pr:1"]["lead_time_hours"] == "48"
    assert changes["pr:2"]["lead_time_hours"] == "72"
    assert changes["pr:2"]["first_commit_at"] == "2025-01-10T09:00:00Z"
    assert changes["pr:1"]["title"] == "Add a login page"
    assert changes["pr:1"]["created_at"] == changes["pr:1"]["labels"] == ""


def test_the_numbers_as_json(project: Project) -> None:
    printed = project.started().run("calculate", "--period", "quarterly", "--format", "json").out

    results: dict[str, Any] = json.loads(printed)
    quarter = results["periods"][0]
    assert (results["schema"], results["as_of"], quarter["label"]) == (1, "2025-06-01T12:00:00Z", "2025-Q1")
    assert quarter["lead_time"]["median_hours"] == 60
    assert quarter["lead_time"]["left_out"] == {"left_truncated": 1}
    assert quarter["deployment_frequency"]["deployments"] == 3
    assert quarter["change_failure_rate"]["ratio"] == 0
    assert quarter["mttr"]["median_hours"] is None


def test_the_report_is_one_file_that_names_the_deployments(project: Project) -> None:
    said = project.started().run("report").out

    page = (project.cli.folder / "data" / "reports" / "dora-report.html").read_text(encoding="utf-8")
    assert said.strip().endswith("dora-report.html")
    assert "v1.2.0" in page
    assert "Add a login page" in page
    assert "From the clone alone" in page


def test_a_second_update_changes_nothing(project: Project) -> None:
    """`update` is safe to run from cron."""
    cli = project.started()
    before = cli.files()

    assert cli.run("update").out.strip() == "Nothing new."

    assert cli.files() == before


def test_the_next_day_an_update_records_that_nothing_was_new(project: Project) -> None:
    cli = project.started()
    cli.as_of = "2025-06-02T03:00:00Z"

    cli.run("update")

    assert json.loads(cli.run("status", "--format", "json").out)["as_of"] == "2025-06-02T03:00:00Z"


def test_an_update_takes_what_is_new_and_equals_a_full_extract(project: Project, tmp_path: Path) -> None:
    cli = project.started()
    project.repository.commit("more", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"])
    project.repository.tag("v1.3.0", "more", at="2025-02-02T09:00:00Z")
    project.repository.flush()

    said = cli.run("update").out

    assert "1 new commit, 1 new tag" in said
    other = CommandLine(tmp_path / "other")
    other.run("init", "--yes", str(project.repository.path))
    other.run("extract", "--full")
    for name in ("changes.csv", "deployments.csv", "incidents.csv", "pending_review.csv"):
        assert cli.files()[f"processed/{name}"] == other.files()[f"processed/{name}"]


def test_a_persons_word_counts_and_survives_a_full_extract(project: Project) -> None:
    """Decision → import → numbers → `extract --full` → the same numbers."""
    cli = project.started()
    merge = project.repository["merge"]
    path = project.decide(
        f"commit:{merge}",
        deployment_failed="yes",
        started_at="2025-01-09T10:00:00Z",
        resolved_at="2025-01-09T13:00:00Z",
    )

    cli.run("import", str(path))
    failed = project.table("deployments.csv")["tag:v1.1.0"]
    cli.run("extract", "--full")

    assert (failed["failed"], failed["failure_provenance"], failed["recovery_hours"]) == ("true", "explicit", "3")
    assert project.table("deployments.csv")["tag:v1.1.0"] == failed
    results = json.loads(cli.run("calculate", "--period", "all", "--format", "json").out)
    assert results["overall"]["change_failure_rate"]["explicit_ratio"] == 0.5
    assert results["overall"]["mttr"]["median_hours"] == 3


def test_importing_the_same_file_again_changes_nothing(project: Project) -> None:
    cli = project.started()
    content = project.decide(f"commit:{project.repository['merge']}", is_hotfix="yes").read_bytes()
    (cli.folder / "mine.csv").write_bytes(content)
    cli.run("import", "mine.csv")
    before = cli.files()

    assert "decides nothing new" in cli.run("import", "mine.csv").out

    assert cli.files() == before


def test_a_dry_run_tells_and_changes_nothing(project: Project) -> None:
    cli = project.started()
    project.decide(f"commit:{project.repository['merge']}", is_hotfix="yes")
    before = cli.files()

    said = cli.run("import", "--dry-run", "data/processed/pending_review.csv").out

    assert "is_hotfix: (nothing) -> yes" in said
    assert cli.files() == before


def test_a_bad_row_lists_every_problem_and_takes_nothing(project: Project) -> None:
    cli = project.started()
    project.decide(f"commit:{project.repository['merge']}", is_hotfix="perhaps", started_at="03/04/2025")
    before = cli.files()

    failed = cli.run("import", "data/processed/pending_review.csv", code=4)

    assert "perhaps" in failed.err
    assert "03/04/2025" in failed.err
    assert failed.error.startswith("error: ")
    assert cli.files() == before


def test_what_a_person_typed_and_did_not_import_is_carried_over(project: Project) -> None:
    """The review file is a view that a person writes in: an update moves it aside and keeps each typed cell."""
    cli = project.started()
    saved = project.decide(f"commit:{project.repository['cart']}", notes="look again").read_bytes()
    project.repository.commit("more", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"])
    project.repository.flush()

    cli.run("update")

    assert project.table("pending_review.csv")[f"commit:{project.repository['cart']}"]["notes"] == "look again"
    assert saved in [content for name, content in cli.files().items() if name.startswith("backup/")]


def test_an_old_copy_of_a_decision_gives_way_to_a_newer_one(project: Project) -> None:
    """The file still shows the first word when the second one comes from another file: the second one stays."""
    cli = project.started()
    key = f"commit:{project.repository['cart']}"
    cli.run("import", str(project.decide(key, notes="first")))
    newer = project.decide(key, notes="second").read_bytes()
    project.decide(key, notes="first")
    (cli.folder / "newer.csv").write_bytes(newer)

    cli.run("import", "newer.csv")

    assert project.table("pending_review.csv")[key]["notes"] == "second"


def test_deleted_and_moved_tags_are_said(project: Project) -> None:
    cli = project.started()
    project.repository.delete_ref("refs/tags/v1.2.0")
    project.repository.tag("v1.1.0", "start", at="2025-01-09T09:00:00Z")
    project.repository.flush()

    said = cli.run("update").err

    assert "tag v1.2.0 was deleted" in said
    assert "tag v1.1.0 moved" in said
    assert set(project.table("deployments.csv")) == {"tag:v1.0.0", "tag:v1.1.0"}


def test_a_force_push_keeps_the_lost_commits_and_says_so(project: Project) -> None:
    """G20."""
    cli = project.started()
    project.repository.delete_ref("refs/tags/v1.2.0")
    project.repository.delete_ref("refs/pull/2/head")
    project.repository.branch("main", "merge")
    project.repository.flush()

    said = cli.run("update").err

    assert "can no longer be reached" in said
    assert "pr:2" not in project.table("changes.csv")


def test_another_repository_at_the_same_path_is_refused(project: Project, tmp_path: Path) -> None:
    """G21: the histories are not mixed unless a person says so."""
    cli = project.started()
    before = cli.files()
    other = GitRepository(tmp_path / "other")
    other.commit("elsewhere", at="2024-01-01T00:00:00Z")
    other.flush()
    project.repository.path.rename(tmp_path / "away")
    (tmp_path / "other").rename(tmp_path / "shop")

    refused = cli.run("update", code=2)
    assert cli.run("extract", "--full", code=2).error == refused.error

    assert "--rebind" in refused.error
    assert cli.files() == before
    cli.run("extract", "--full", "--rebind")
    assert set(project.table("changes.csv")) == {f"commit:{other['elsewhere']}"}


def test_an_orphan_branch_with_a_tag_is_no_other_repository(project: Project) -> None:
    cli = project.started()
    project.repository.commit("docs", parents=[], at="2025-02-01T09:00:00Z", branch="gh-pages")
    project.repository.tag("docs-1", "docs")
    project.repository.flush()

    cli.run("update")

    assert set(project.table("deployments.csv")) == {"tag:v1.0.0", "tag:v1.1.0", "tag:v1.2.0"}


def test_merges_as_deployments_when_configured(project: Project) -> None:
    cli = project.started()
    cli.run("extract", "--sources", "merge")

    kinds = {key.partition(":")[0] for key in project.table("deployments.csv")}
    assert kinds == {"merge"}
    assert len(project.table("deployments.csv")) == 3


def test_settings_on_the_command_line_change_the_numbers_and_not_the_files(project: Project) -> None:
    """A reading command never writes."""
    cli = project.started()
    before = cli.files()

    printed = cli.run("calculate", "--sources", "merge", "--period", "all", "--format", "json").out

    assert json.loads(printed)["overall"]["deployment_frequency"]["deployments"] == 3
    assert json.loads(printed)["overall"]["lead_time"]["n"] == 2
    assert cli.files() == before


def test_the_tables_can_be_deleted_and_are_made_again(project: Project) -> None:
    cli = project.started()
    before = cli.files()
    expected = cli.run("calculate", "--period", "all").out
    for path in (cli.folder / "data" / "processed").iterdir():
        path.unlink()

    assert cli.run("calculate", "--period", "all").out == expected
    cli.as_of = "2025-06-01T12:00:00Z"
    cli.run("extract")

    assert {k: v for k, v in cli.files().items() if k.endswith("s.csv")} == {
        k: v for k, v in before.items() if k.endswith("s.csv")
    }


def test_explain_adds_up_to_the_published_numbers(project: Project) -> None:
    cli = project.started()

    explained = json.loads(cli.run("explain", "2025-Q1", "--format", "json").out)

    titles = [section["title"] for section in explained["sections"]]
    assert titles == [
        "Numbers",
        "Deployments: 3",
        "Failed, of the deployments above: 0",
        "Restored in the period: 0",
        "Failures in neither rate nor recovery: 0",
        "Counted: 2 changes",
        "Left out, left_truncated: 1 changes",
    ]


@pytest.mark.parametrize("what", ["#1", "v1.1.0", "tag:v1.1.0", "2025", "2025-01", "2025-W02", "2025-01-09", "all"])
def test_explain_knows_each_kind_of_name(project: Project, what: str) -> None:
    said = project.started().run("explain", what).out

    assert "#1" in said


def test_explain_of_what_is_not_there_is_one_clear_line(project: Project) -> None:
    cli = project.started()

    assert "2031-Q1" in cli.run("explain", "2031-Q1", code=2).error


def test_log_and_verify(project: Project) -> None:
    cli = project.started()

    assert "extract" in cli.run("log").out
    assert "1 modification" in cli.run("verify").out


def test_a_changed_fact_is_found(project: Project) -> None:
    """S14: a hand-edited raw file is refused by every command, and named."""
    cli = project.started()
    [segment] = (cli.folder / "data" / "raw").rglob("commits-*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b"Ada", b"Eve"))

    for command in (["verify"], ["explain", "#1"], ["extract"]):
        failed = cli.run(*command, code=9)
        assert segment.name in failed.err


def test_nothing_before_extract_names_the_next_command(project: Project) -> None:
    cli = project.cli
    cli.run("init", "--yes", str(project.repository.path))

    assert "extract --full" in cli.run("status").out
    for command in ("calculate", "report", "update"):
        assert "extract --full" in cli.run(command, code=2).error


def test_no_address_and_no_name_leaves_the_clone(project: Project) -> None:
    project.repository.commit(
        "signed",
        at="2025-03-01T00:00:00Z",
        branch="main",
        parents=["cart"],
        author="canary@example.org",
        author_mail="canary@example.org",
        message="Add a thing\n\nCo-authored-by: Grace <canary@example.org>",
    )
    project.repository.flush()
    cli = project.started()
    cli.run("report")

    for name, content in cli.files().items():
        assert b"canary@" not in content, name
        assert name.startswith("raw/") or b"Lovelace" not in content, name


def test_status_check_asks_for_a_person_when_there_is_a_proposal(project: Project) -> None:
    git = project.repository
    git.commit("revert", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"],
               message=f'Revert "Add a cart (#2)"\n\nThis reverts commit {git["cart"]}.')  # fmt: skip
    git.tag("v1.2.1", "revert", at="2025-02-01T10:00:00Z")
    git.flush()
    cli = project.started()

    assert cli.run("status", "--check", code=10).out
    cart = f"commit:{git['cart']}"
    cli.run("import", str(project.decide(cart, reviewed="yes")))
    decided = project.table("deployments.csv")["tag:v1.2.0"]

    assert (decided["failed"], decided["failure_provenance"]) == ("true", "explicit")


def test_a_view_that_cannot_be_written_is_a_warning_after_the_commit(project: Project) -> None:
    """Trouble after the commit point never makes the exit code lie: the data are stored."""
    cli = project.started()
    project.repository.commit("more", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"])
    project.repository.flush()
    (cli.folder / "data" / "processed" / "changes.csv").unlink()
    (cli.folder / "data" / "processed" / "changes.csv").mkdir()

    said = cli.run("update").err

    assert "changes.csv" in said
    assert "2 modifications" in cli.run("verify").out
    assert cli.run("calculate", "--period", "all").out


def test_a_clone_that_is_behind_its_remote_is_told(project: Project) -> None:
    """G4: a person's clone is never fetched by us."""
    cli = project.started()
    project.repository.commit("ahead", at="2025-02-01T09:00:00Z", branch=None, parents=["cart"])
    project.repository.ref("refs/remotes/origin/main", "ahead")
    project.repository.flush()

    assert "behind its remote" in cli.run("extract").err


def test_dates_that_no_calendar_holds_are_left_out_and_told(project: Project) -> None:
    """G8."""
    git = project.repository
    git.commit("far", at=300_000_000_000, branch="main", parents=["cart"])
    git.tag("v9.0.0", "far")
    git.flush()
    cli = project.started()

    said = cli.run("extract").err

    assert "1 tag without a readable time left out: v9.0.0" in said
    assert "1 commit without a readable time" in said
    assert "tag:v9.0.0" not in project.table("deployments.csv")


def test_calculate_and_status_say_the_same_about_the_data(project: Project) -> None:
    """What is read from the tables on disk is what is made anew without them."""
    cli = project.started()
    from_disk = json.loads(cli.run("calculate", "--format", "json").out)["data_quality"]
    told = json.loads(cli.run("status", "--format", "json").out)["data_quality"]
    (cli.folder / "data" / "processed" / "quality.json").unlink()

    anew = json.loads(cli.run("calculate", "--format", "json").out)["data_quality"]

    assert from_disk == told == anew
    found = {finding["code"]: (finding["count"], finding["total"]) for finding in from_disk}
    assert found == {
        "without_github": (1, 1),
        "no_failure_known": (0, 2),
        "with_pull_request": (2, 2),
        "left_out:left_truncated": (1, 3),
        "via:commit": (1, 3),
        "via:subject": (2, 3),
    }
