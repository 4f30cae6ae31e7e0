"""`extract` and `update` with GitHub, as typed: the whole way from its answers to the tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.git_repository import GitRepository
from support.github_faults import errors, unauthorized
from support.github_server import TOKEN, FakeGitHub
from support.github_world import FakeCommit
from support.prompt import CommandLine

ONE_REQUEST_A_STREAM = ["Repository", "PullRequests", "Issues", "Deployments", "Releases"]
JUNE_1_S = 1_748_779_200


class Project:
    """A clone with one merged pull request, GitHub with the same and a release, and a person in front of them."""

    def __init__(self, folder: Path, github: FakeGitHub, url: str) -> None:
        self.github = github
        git = self.clone = GitRepository(folder / "shop")
        git.commit("start", at="2025-01-06T09:00:00Z")
        git.tag("v1.0.0", "start", at="2025-01-06T10:00:00Z")
        git.commit("login", at="2025-01-07T09:00:00Z", branch="login", parents=["start"])
        git.commit("merge", parents=["start", "login"], at="2025-01-08T09:00:00Z",
                   message="Merge pull request #1 from ada/login\n\nAdd a login page")  # fmt: skip
        git.ref("refs/pull/1/head", "login")
        git.tag("v1.1.0", "merge", at="2025-01-09T09:00:00Z")
        github.world.now_s = JUNE_1_S - 90 * 86_400
        github.world.add_pull(
            1,
            title="Add a login page",
            merge_oid=git["merge"],
            head_ref_oid=git["login"],
            commits=[FakeCommit(git["login"], 1_736_240_400, 1_736_240_400)],
            labels=["feature"],
        )
        github.world.add_release("v1.1.0", commit_oid=git["merge"])
        github.world.now_s = JUNE_1_S
        self.cli = CommandLine(folder / "work")
        self.cli.environ = {"GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": url, "PATH": "/usr/bin:/bin"}
        self.name = 'github = "acme/shop"\n'
        self.configure(self.name)

    def configure(self, name: str, more: str = "") -> None:
        text = f'[[repository]]\npath = "{self.clone.path}"\n{name}{more}'
        (self.cli.folder / "dora-metrics.toml").write_text(text, encoding="utf-8")

    def change(self) -> dict[str, str]:
        """The row of the only pull request."""
        text = (self.cli.folder / "data/processed/changes.csv").read_text(encoding="utf-8-sig")
        return next(row for row in csv.DictReader(io.StringIO(text)) if row["key"] == "pr:1")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    github = FakeGitHub()
    with github.serving() as url:
        yield Project(tmp_path, github, url)


def test_what_only_github_knows_is_in_the_tables(project: Project) -> None:
    out = project.cli.run("extract", "--full").out

    assert "acme/shop on GitHub: 1 pull request, 1 release." in out
    assert "GitHub was not asked" not in out
    assert project.change()["labels"] == "feature"
    assert project.change()["created_at"] != ""


def test_an_update_with_nothing_new_is_one_request_a_stream_and_no_byte(project: Project) -> None:
    project.cli.run("extract", "--full")
    before = project.cli.files()
    project.github.requests.clear()

    assert project.cli.run("update").out.strip() == "Nothing new."

    assert [request.operation for request in project.github.requests] == ONE_REQUEST_A_STREAM
    assert project.cli.files() == before


def test_a_late_label_is_seen_by_an_update(project: Project) -> None:
    project.cli.run("extract", "--full")
    world = project.github.world
    world.touch(world.repository.pulls[1], labels=["hotfix"])

    out = project.cli.run("update").out

    assert "acme/shop on GitHub: 1 pull request changed." in out
    assert project.change()["labels"] == "hotfix"


@pytest.mark.parametrize(
    ("how", "because"),
    [
        ("--no-github", "--no-github"),
        ("no token", "there is no token: set GITHUB_TOKEN"),
        ("no name", "no `github` is set in dora-metrics.toml"),
    ],
)
def test_without_github_the_clone_is_enough_and_the_output_says_so(project: Project, how: str, because: str) -> None:
    if how == "no token":
        del project.cli.environ["GITHUB_TOKEN"]
    if how == "no name":
        project.configure("")

    out = project.cli.run("extract", *(["--no-github"] if how == "--no-github" else [])).out

    assert f"GitHub was not asked ({because}): labels, reviews, creation times and incident issues are unknown" in out
    assert project.github.requests == []


def test_github_left_out_once_keeps_what_it_said(project: Project) -> None:
    project.cli.run("extract", "--full")

    out = project.cli.run("extract", "--no-github").out

    assert "GitHub was not asked (--no-github): what it said when it was last asked still counts." in out
    assert project.change()["labels"] == "feature"


def test_a_token_that_is_refused_is_an_error_and_changes_nothing(project: Project) -> None:
    project.cli.run("extract", "--full")
    before = project.cli.files()
    project.cli.environ["GITHUB_TOKEN"] = "another"  # noqa: S105 (no real one)

    refused = project.cli.run("update", code=3)

    assert "another" not in refused.err
    assert project.cli.files() == before


def test_a_repository_that_the_token_does_not_see_is_an_error(project: Project) -> None:
    project.configure('github = "acme/hidden"\n')

    refused = project.cli.run("extract", "--full", code=3)

    assert "acme/hidden" in refused.error
    assert not (project.cli.folder / "data/history").exists()


def test_a_token_revoked_in_the_middle_keeps_the_pages_and_the_next_run_goes_on(project: Project) -> None:
    world = project.github.world
    for number in range(2, 130):
        world.add_pull(number)
        world.tick(60)
    world.tick(3600)
    project.github.faults[4] = unauthorized()
    project.cli.run("extract", "--full", code=3)
    assert not (project.cli.folder / "data/history").exists()
    first = [request.variables.get("after") for request in project.github.requests if request.number > 1]
    project.github.requests.clear()
    project.github.faults.clear()

    out = project.cli.run("extract", "--full").out

    second = [request.variables.get("after") for request in project.github.requests[1:]]
    assert "129 pull requests" in out
    assert second[0] == first[-1] is not None


def test_a_missing_permission_is_no_empty_list(project: Project) -> None:
    message = "Resource not accessible by personal access token"
    forbidden = {"type": "FORBIDDEN", "path": ["repository", "deployments"], "message": message}
    project.github.faults[4] = errors(forbidden, data={"repository": {"id": "R_1", "deployments": None}})

    project.cli.run("extract", "--full", code=3)

    assert not (project.cli.folder / "data/history").exists()


def test_full_without_github_forgets_what_it_said(project: Project) -> None:
    project.cli.run("extract", "--full")

    out = project.cli.run("extract", "--full", "--no-github").out

    assert "are unknown (NA)" in out
    assert project.change()["labels"] == ""


def test_since_and_until_limit_pull_requests_and_no_commits(project: Project) -> None:
    project.cli.run("extract", "--full", "--since", "2025-05-01")

    status = json.loads(project.cli.run("status", "--format", "json").out)
    assert status["as_of"] == "2025-06-01T12:00:00Z"
    files = project.cli.files()
    assert not any("pull_requests-" in name for name in files)
    assert any("commits-" in name for name in files)


def test_the_report_does_not_say_that_github_was_not_asked(project: Project) -> None:
    project.cli.run("extract", "--full")
    project.cli.run("report")

    page = (project.cli.folder / "data/reports/dora-report.html").read_text(encoding="utf-8")
    assert "From the clone alone" not in page
    assert "deployment, release, tag" in page
