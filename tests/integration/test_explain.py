"""`explain` on the demo's sample and on a small project, as typed: whatever bears a name, and why it counts or not."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.config_sources import load
from dora_metrics.demo.walk import CONFIGURATION
from dora_metrics.domain.progress import NoProgress
from dora_metrics.pipeline.derive import Derived, derive
from dora_metrics.pipeline.workspace import Workspace
from support.explained_sums import GRAINS, published, require_sums
from support.git_repository import GitRepository, clean_environ
from support.prompt import CommandLine

AS_OF = "2025-10-17T16:00:00Z"


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A person in front of the demo's folder."""
    outside = CommandLine(tmp_path_factory.mktemp("demo"), as_of=AS_OF)
    outside.run("demo", "--no-open")
    return CommandLine(outside.folder / "dora-demo", as_of=AS_OF)


@pytest.fixture(scope="module")
def derived(cli: CommandLine) -> Derived:
    loaded = load(file=cli.folder / CONFIGURATION, cwd=cli.folder, environ={}, options={})
    now = datetime(2025, 10, 17, 16, tzinfo=timezone.utc)
    workspace = Workspace(loaded.settings, loaded.root, now, clean_environ(), "1", "ada", NoProgress())
    return derive(workspace, workspace.manager())


def as_json(cli: CommandLine, what: str) -> dict[str, Any]:
    """The rows of each section, by its code."""
    said = json.loads(cli.run("explain", what, "--format", "json").out)
    return {section["code"]: section["rows"] for section in said["sections"]}


@pytest.mark.parametrize("grain", GRAINS)
def test_every_period_of_the_sample_adds_up(derived: Derived, grain: str) -> None:
    require_sums(derived.datasets, published(derived.datasets, datetime(2025, 10, 17, 16, tzinfo=timezone.utc), grain))


def test_a_quarter_as_typed_is_the_published_one(cli: CommandLine) -> None:
    """The failed and the left-out ones of the sample are there, so the sums are not of nothing."""
    numbers = json.loads(cli.run("calculate", "--format", "json").out)
    for quarter in (*numbers["periods"], numbers["overall"]):
        rows = as_json(cli, quarter["label"])
        assert len(rows["lead_time.counted"]) == quarter["lead_time"]["n"]
        assert len(rows["change_failure_rate.failed"]) == quarter["change_failure_rate"]["failed"]

    assert numbers["overall"]["change_failure_rate"]["failed"] > 3
    assert numbers["overall"]["lead_time"]["left_out"]


def test_text_fits_a_terminal_and_long_lists_say_how_much_is_missing(cli: CommandLine) -> None:
    text = cli.run("explain", "all").out

    assert max(map(len, text.splitlines())) <= 100
    assert "--format json has all" in text


def test_markdown_is_cut_like_text_and_json_is_whole(cli: CommandLine) -> None:
    numbers = json.loads(cli.run("calculate", "--format", "json").out)["overall"]

    markdown = cli.run("explain", "all", "--format", "markdown").out

    assert len(markdown.splitlines()) < numbers["lead_time"]["n"]
    assert "more of" in markdown


def test_who_confirmed_a_failure_and_in_which_line_of_which_file(cli: CommandLine, derived: Derived) -> None:
    word = next(word for word in derived.annotations if word.column == "deployment_failed" and word.value == "yes")
    dataset = derived.datasets[0]
    made = next(made for made in dataset.deployments if word.key in (made.key, f"commit:{made.commit_sha}"))

    said = as_json(cli, made.tag)["decisions"]

    assert {
        "row": word.key,
        "decision": "deployment_failed = yes",
        "said_by": "demo",
        "when": AS_OF,
        "file": f"imports/{word.source}.csv",
        "line": word.line,
    } in said


class Shop:
    """Three commits and a pull request of two, three tags; one waits, one was force-pushed away."""

    def __init__(self, folder: Path) -> None:
        git = GitRepository(folder / "shop")
        self.git = git
        git.commit("start", at="2025-01-06T09:00:00Z")
        git.tag("v1.0.0", "start", at="2025-01-06T10:00:00Z")
        git.commit("one", at="2025-01-07T09:00:00Z", branch="login", parents=["start"])
        git.commit("two", at="2025-01-07T11:00:00Z", branch="login", parents=["one"])
        git.commit("merge", parents=["start", "two"], at="2025-01-08T09:00:00Z",
                   message="Merge pull request #1 from ada/login\n\nAdd a login page")  # fmt: skip
        git.ref("refs/pull/1/head", "two")
        git.commit("aside", at="2025-01-08T10:00:00Z", branch="aside", parents=["start"])
        git.ref("refs/pull/7/head", "aside")
        git.tag("v1.1.0", "merge", at="2025-01-09T09:00:00Z")
        git.tag("v2.0.0-rc1", "merge", at="2025-01-09T10:00:00Z")
        git.tag("backup", "merge", at="2025-01-09T11:00:00Z")
        git.commit("later", parents=["merge"], at="2025-01-12T09:00:00Z")
        git.flush()
        self.cli = CommandLine(folder / "work")
        self.cli.run("init", "--yes", str(git.path))
        self.cli.run("extract", "--full")

    def explain(self, what: str) -> str:
        """The text, its lines joined: where it is broken is not the question."""
        return " ".join(self.cli.run("explain", what).out.split())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("one", "is one of the own commits of #1"),
        ("merge", "is the commit that brought #1 to the branch"),
        ("later", "counted as undeployed"),
        ("later", "commit: no deployment reaches it so far"),
        ("aside", "neither the branch nor a deployment reaches it"),
        ("start", "deployments made of it 1.0.0"),
    ],
)
def test_a_commit_is_explained_as_what_it_is(shop: Shop, name: str, says: str) -> None:
    assert says.replace("1.0.0", "v1.0.0") in shop.explain(shop.git[name])


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("#1", "Lead time: 2 days"),
        ("#1", "git merge-base --is-ancestor"),
        ("#1", "unknown: first review"),
        ("1", "Lead time: 2 days"),
        ("pr:1", "Lead time: 2 days"),
        ("#7", "Only the tip of its branch is known"),
        ("local/shop#1", "Lead time: 2 days"),
        ("local/shop:v1.1.0", "counts for frequency, failures"),
        ("v1.1.0", "confirmed by nobody"),
        ("v2.0.0-rc1", "it is a pre-release"),
        ("backup", "its name does not match `tag_pattern`"),
    ],
)
def test_a_name_is_explained(shop: Shop, what: str, says: str) -> None:
    assert says in shop.explain(what)


def test_a_hash_is_known_by_seven_digits(shop: Shop) -> None:
    assert "one of the own commits of #1" in shop.explain(shop.git["one"][:7])
    assert "at least 7 digits" in shop.cli.run("explain", shop.git["one"][:5], code=2).error


@pytest.mark.parametrize(("what", "remedy"), [("v1.1.1", "did you mean v1.1.0?"), ("#99", "without a token")])
def test_what_is_not_there_names_what_may_be_meant(shop: Shop, what: str, remedy: str) -> None:
    assert remedy in shop.cli.run("explain", what, code=2).error


def test_stages_that_git_does_not_know_have_no_value(shop: Shop) -> None:
    said = json.loads(shop.cli.run("explain", "#1", "--format", "json").out)

    stages = next(section for section in said["sections"] if section["code"] == "stages")["rows"]
    assert [row["stage"] for row in stages] == ["coding", "pickup", "review", "deploy"]
    assert [row["time_hours"] for row in stages] == [None, None, None, 24.0]


def test_a_struck_tag_says_who_struck_it(tmp_path: Path) -> None:
    """A person's word on the row of the commit takes the deployment away; the tag then says so."""
    other = Shop(tmp_path)
    review = other.cli.folder / "data" / "processed" / "pending_review.csv"
    rows = list(csv.DictReader(io.StringIO(review.read_text(encoding="utf-8-sig"))))
    for row in rows:
        row["is_deployment"] = "no" if row["key"] == f"commit:{other.git['merge']}" else ""
    answers = other.cli.folder / "answers.csv"
    with answers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    other.cli.run("import", str(answers))

    said = other.explain("v1.1.0")

    assert "No deployment: a person said so" in said
    assert "is_deployment = no" in said
    assert "imports/" in said
