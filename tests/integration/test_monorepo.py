"""A monorepo with services beside another repository, from git to the numbers, through the real command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.processors import association
from dora_metrics.storage.repository_manager import RepositoryManager
from support.git_repository import GitRepository
from support.git_tools import CountingGit
from support.prompt import CommandLine

SERVICES = """\
[[repository]]
path = "../mono"
branch = "main"
services = [
  {name = "web", path_prefix = "web/", tag_pattern = "web/v*"},
  {name = "api", path_prefix = "api/, libs/", tag_pattern = "api/v*"},
]

[[repository]]
path = "../site"
branch = "main"
"""


def monorepo(path: Path) -> GitRepository:
    """Web and api in one repository: `both` touches both, `docs` neither; api is released twice after it, web once."""
    repository = GitRepository(path)
    repository.commit("start", at="2025-01-01T09:00:00Z", files={"web/a": "1", "api/a": "1"})
    for service in ("web", "api"):
        repository.tag(f"{service}/v1.0", "start", at="2025-01-01T10:00:00Z")
    repository.commit("both", at="2025-01-02T09:00:00Z", files={"web/b": "1", "libs/b": "1"})
    repository.commit("docs", at="2025-01-03T09:00:00Z", files={"README": "1", "api2/x": "1"})
    repository.commit("only api", at="2025-01-04T09:00:00Z", files={"api/c": "1"})
    repository.tag("web/v1.1", "both", at="2025-01-05T09:00:00Z")
    repository.tag("api/v1.1", "both", at="2025-01-06T09:00:00Z")
    repository.tag("api/v1.2", "only api", at="2025-01-07T09:00:00Z")
    repository.flush()
    return repository


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    monorepo(tmp_path / "mono")
    site = GitRepository(tmp_path / "site")
    site.commit("s", at="2025-01-08T09:00:00Z")
    site.tag("v1.0", "s", at="2025-01-08T10:00:00Z")
    site.flush()
    cli = CommandLine(tmp_path / "work")
    (cli.folder / "dora-metrics.toml").write_text(SERVICES, encoding="utf-8")
    cli.run("extract", "--full")
    return cli


def table(cli: CommandLine, name: str) -> list[dict[str, str]]:
    text = (cli.folder / "data" / "processed" / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def numbers(cli: CommandLine, *options: str) -> dict[str, object]:
    found = json.loads(cli.run("calculate", "--period", "monthly", "--format", "json", *options).out)
    whole = found["overall"]
    return {
        "repositories": found["repositories"],
        "services": found.get("services"),
        "deployments": whole["deployment_frequency"]["deployments"],
        "n": whole["lead_time"]["n"],
    }


def test_each_row_names_its_service(cli: CommandLine) -> None:
    places = [(row["repository"], row["service"], row["key"]) for row in table(cli, "deployments.csv")]

    assert places == [
        ("local/mono", "api", "tag:api/v1.0"),
        ("local/mono", "api", "tag:api/v1.1"),
        ("local/mono", "api", "tag:api/v1.2"),
        ("local/mono", "web", "tag:web/v1.0"),
        ("local/mono", "web", "tag:web/v1.1"),
        ("local/site", "", "tag:v1.0"),
    ]
    both = [(row["service"], row["deployed_at"]) for row in table(cli, "changes.csv") if row["title"] == "both"]
    assert both == [("api", "2025-01-06T09:00:00Z"), ("web", "2025-01-05T09:00:00Z")]


def test_items_are_pooled_and_can_be_looked_at_one_by_one(cli: CommandLine) -> None:
    mono, site = "local/mono", "local/site"

    everything = {"repositories": [mono, site], "services": ["web", "api"], "deployments": 6, "n": 3}
    assert numbers(cli) == everything
    assert numbers(cli, "--repository", mono) == {**everything, "repositories": [mono], "deployments": 5}
    api = {"repositories": [mono], "services": ["api"], "deployments": 3, "n": 2}
    assert numbers(cli, "--service", "api") == api
    cli.environ["DORA_SERVICE"] = "api"
    assert numbers(cli) == api


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--service", "wep"), "no configured service is called wep; did you mean web?"),
        (("--repository", "other"), "no configured repository is called other; they are local/mono, local/site"),
        (
            ("--repository", "local/site", "--service", "web"),
            "no configured service is called web; the configuration names none: see `services`",
        ),
    ],
)
@pytest.mark.parametrize("command", [("calculate",), ("calculate", "--by", "service"), ("report",), ("explain", "all")])
def test_a_name_that_is_not_configured_is_one_line(
    cli: CommandLine, command: tuple[str, ...], options: tuple[str, ...], message: str
) -> None:
    assert cli.run(*command, *options, code=2).error == f"error: {message}"


def test_by_service_is_one_block_each_in_the_order_of_the_file_then_all_pooled(cli: CommandLine) -> None:
    lines = cli.run("calculate", "--by", "service", "--period", "yearly").out.splitlines()

    assert [line.partition(": yearly")[0] for line in lines if ": yearly" in line] == [
        "local/mono (service web)",
        "local/mono (service api)",
        "local/site",
        "local/mono, local/site (services web, api)",
    ]
    assert sum("Each value, its 95 % interval" in line for line in lines) == 1


def test_by_repository_pools_the_services_of_each(cli: CommandLine) -> None:
    rows = list(csv.DictReader(io.StringIO(cli.run("calculate", "--by", "repository", "--format", "csv").out)))
    counts = [
        (row["repository"], row["service"], row["value"])
        for row in rows
        if (row["period"], row["metric"], row["field"]) == ("overall", "deployment_frequency", "deployments")
    ]

    assert counts == [("local/mono", "", "5"), ("local/site", "", "1"), ("all, pooled", "", "6")]


def test_json_by_service_is_the_usual_object_with_parts_beside(cli: CommandLine) -> None:
    usual = json.loads(cli.run("calculate", "--format", "json").out)
    parted = json.loads(cli.run("calculate", "--by", "service", "--format", "json").out)

    parts = parted.pop("parts")
    assert parted == usual
    assert [(part["repository"], part["service"]) for part in parts] == [
        ("local/mono", "web"),
        ("local/mono", "api"),
        ("local/site", ""),
    ]
    assert [part["overall"]["lead_time"]["n"] for part in parts] == [1, 2, 0]


def test_markdown_by_service_has_a_table_each(cli: CommandLine) -> None:
    assert cli.run("calculate", "--by", "service", "--format", "markdown").out.count("## DORA metrics") == 4


def test_what_belongs_to_no_service_is_said(cli: CommandLine) -> None:
    said = "local/mono: 1 of 4 changes belong to no service (0 pull requests, 1 lone commit): they are in no number"

    assert said in cli.run("extract").err
    assert said in cli.run("status").out
    assert json.loads(cli.run("status", "--format", "json").out)["changes_of_no_service"] == 1


def test_status_names_each_service(cli: CommandLine) -> None:
    lines = cli.run("status").out.splitlines()

    assert [line.split(": ")[1] for line in lines if "have a pull request" in line and "mono" in line] == ["web", "api"]


def test_explain_answers_for_each_service_that_has_it(cli: CommandLine, tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "mono")
    commits = dict(line.split(" ", 1)[::-1] for line in repository.git("log", "--format=%H %s", "main").splitlines())

    both = cli.run("explain", commits["both"]).out
    assert "local/mono: web: " in both, both
    assert "local/mono: api: " in both
    assert cli.run("explain", commits["both"], "--service", "web").out.startswith("local/mono: web: ")
    assert "belongs to no service" in cli.run("explain", commits["docs"][:12]).out
    only_api = cli.run("explain", commits["only api"]).out
    assert only_api.startswith("local/mono: api: ")
    assert "Not counted" not in only_api
    assert "Deployments, counted: 3 deployments" in cli.run("explain", "2025", "--service", "api").out


def test_a_report_of_one_service_says_whose_it_is_and_holds_nothing_else(cli: CommandLine) -> None:
    page = cli.run("report", "--output", "-", "--service", "web").out
    assert "<title>DORA metrics of local/mono: web" in page
    assert "web/v1.1" in page
    assert "api/v1.1" not in page
    assert "api: api/, libs/, tags api/v*" in page

    assert (
        "local/mono (service web)" in cli.run("report", "--format", "markdown", "--output", "-", "--service", "web").out
    )


def test_the_same_key_is_a_row_of_its_own_in_each_service(cli: CommandLine) -> None:
    """A person's word on one of two rows with one key counts for that service alone, and comes back on that row."""
    review = table(cli, "pending_review.csv")
    rows = {row["service"]: row for row in review if row["title"] == "both"}
    assert set(rows) == {"api", "web"}
    assert rows["api"]["key"] == rows["web"]["key"]

    answers = io.StringIO()
    writer = csv.DictWriter(answers, review[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{**rows["api"], "notes": "mine"}, {**rows["web"], "deployment_failed": "yes"}])
    (cli.folder / "mine.csv").write_text(answers.getvalue(), encoding="utf-8")
    shown = cli.run("import", "mine.csv", "--dry-run").out
    web = shown.partition("local/mono: web both")[2]
    assert "deployment_failed: (blank) -> yes" in web
    cli.run("import", "mine.csv")

    failed = [(row["service"], row["key"]) for row in table(cli, "deployments.csv") if row["failed"] == "true"]
    assert failed == [("web", "tag:web/v1.1")]
    again = {row["service"]: row for row in table(cli, "pending_review.csv") if row["title"] == "both"}
    assert (again["web"]["deployment_failed"], again["web"]["notes"]) == ("yes", "")
    assert (again["api"]["deployment_failed"], again["api"]["notes"]) == ("", "mine")
    assert "decides nothing new" in cli.run("import", "data/processed/pending_review.csv").out


def test_a_row_that_names_no_service_is_refused_where_there_are_several(cli: CommandLine) -> None:
    key = next(row["key"] for row in table(cli, "pending_review.csv") if row["title"] == "both")
    (cli.folder / "mine.csv").write_text(f"key,repository,notes\n{key},local/mono,mine\n", encoding="utf-8")

    found = cli.run("import", "mine.csv", code=4)
    assert "could belong to more than one repository or service" in found.err


def test_decisions_about_the_whole_are_kept_and_said_to_be_out_of_force(cli: CommandLine) -> None:
    """What a person said before services were configured is neither applied to each of them nor lost."""
    whole = SERVICES[: SERVICES.index("services")] + SERVICES[SERVICES.index("]\n\n") + 2 :]
    (cli.folder / "dora-metrics.toml").write_text(whole, encoding="utf-8")
    cli.run("extract")
    key = next(row["key"] for row in table(cli, "pending_review.csv") if row["title"] == "both")
    text = f"key,repository,deployment_failed\n{key},local/mono,yes\n"
    (cli.folder / "mine.csv").write_text(text, encoding="utf-8")
    cli.run("import", "mine.csv")
    (cli.folder / "dora-metrics.toml").write_text(SERVICES, encoding="utf-8")

    found = cli.run("extract")
    assert "2 decisions about local/mono, which is not in the configuration: kept, and not in force" in found.err
    assert not any(row["failed"] == "true" for row in table(cli, "deployments.csv"))

    (cli.folder / "dora-metrics.toml").write_text(whole, encoding="utf-8")
    cli.run("extract")
    assert any(row["failed"] == "true" for row in table(cli, "deployments.csv"))


def test_a_folder_that_no_commit_touches_and_shared_deployments_are_said(cli: CommandLine) -> None:
    text = (
        SERVICES.replace('"web/"', '"wep/"')
        .replace(', tag_pattern = "web/v*"', "")
        .replace(', tag_pattern = "api/v*"', "")
    )
    (cli.folder / "dora-metrics.toml").write_text(text, encoding="utf-8")

    found = cli.run("extract").err
    assert "local/mono: web: no commit touches wep/; look at its path_prefix" in found
    assert "local/mono: 5 deployments are of more than one service" in found


def test_services_start_no_further_process_of_git(tmp_path: Path) -> None:
    monorepo(tmp_path / "mono")
    cli = CommandLine(tmp_path / "work")
    (cli.folder / "dora-metrics.toml").write_text(SERVICES[: SERVICES.index("]\n\n") + 2], encoding="utf-8")
    git = CountingGit(tmp_path)
    cli.environ.update(git.environ)
    cli.run("extract", "--full")

    assert 0 < len(git.calls()) <= 5


def test_the_history_is_read_once_however_many_services_it_has(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are pull requests tied to commits again for services that are all released from the branch."""
    read: list[tuple[str, str]] = []
    tied: list[int] = []
    reading, tying = RepositoryManager.read_facts, association.tied_by_messages

    def count_reading(self: Any, repository: str, stream: str, *rest: Any, **more: Any) -> Any:
        read.append((repository, stream))
        return reading(self, repository, stream, *rest, **more)

    def count_tying(*given: Any) -> Any:
        tied.append(1)
        return tying(*given)

    monkeypatch.setattr(RepositoryManager, "read_facts", count_reading)
    monkeypatch.setattr(association, "tied_by_messages", count_tying)
    cli.run("status")

    assert sorted(place for place in read if place[1] == "commits") == [
        ("local/mono", "commits"),
        ("local/site", "commits"),
    ]
    assert len(read) == len(set(read))
    assert len(tied) == 2
