"""`dora-metrics demo`, as typed: the same bytes each time, in a few seconds, over a history that holds every case."""

from __future__ import annotations

import csv
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dora_metrics.demo.sample_github import SampleGitHub
from dora_metrics.demo.sample_project import sample_project
from dora_metrics.demo.walk import ANSWERS, CONFIGURATION, MARKER, REPOSITORY
from dora_metrics.domain.timestamps import parse_utc
from dora_metrics.pipeline.workspace import Workspace
from support.demo_cases import CASES, Judged
from support.git_repository import clean_environ
from support.prompt import CommandLine, Outcome

AS_OF = "2025-10-17T16:00:00Z"
TOKEN = "ghp_" + 36 * "x"


@dataclass(frozen=True)
class Demo:
    """A demo that was run."""

    cli: CommandLine
    outcome: Outcome

    @property
    def folder(self) -> Path:
        return self.cli.folder / "dora-demo"

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "data/processed" / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def files(self) -> dict[str, bytes]:
        """Every file but git's own, with its bytes."""
        paths = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        names = {path.relative_to(self.folder): path for path in paths}
        return {str(name): path.read_bytes() for name, path in names.items() if name.parts[0] != REPOSITORY}


def run_demo(folder: Path, **environ: str) -> Demo:
    cli = CommandLine(folder, as_of=AS_OF)
    cli.environ.update(environ)
    outcome = cli.run("demo", "--no-open")
    return Demo(cli, outcome)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Run where a token lies ready and no name can be looked up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", no_network)
        patch.setattr(socket.socket, "connect", no_network)
        return run_demo(tmp_path_factory.mktemp("demo"), GITHUB_TOKEN=TOKEN)


def no_network(*asked: object, **options: object) -> None:
    message = f"the demo asked the network for {asked} {options}"
    raise AssertionError(message)


def test_no_token_and_no_address_is_in_what_it_leaves(demo: Demo) -> None:
    assert TOKEN not in demo.outcome.out
    assert "@" not in demo.outcome.out
    for name, content in demo.files().items():
        assert TOKEN.encode() not in content, name
        assert b"@example" not in content, name


def test_twice_in_different_places_it_gives_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    again = run_demo(tmp_path / "elsewhere")

    assert again.files() == demo.files()
    assert {"data/reports/dora-report.html", "data/processed/changes.csv", ANSWERS} < set(demo.files())


def test_it_tells_the_commands_and_where_the_report_is(demo: Demo) -> None:
    commands = [line for line in demo.outcome.out.splitlines() if line.startswith("$ ")]

    assert commands[0] == f"$ cd {demo.folder}"
    assert [command.split()[2] for command in commands[1:]] == [
        "init", "extract", "status", "import", "calculate", "explain", "report",
    ]  # fmt: skip
    assert "\nWrote data/reports/dora-report.html\n" in demo.outcome.out
    assert (demo.folder / "data/reports/dora-report.html").stat().st_size > 50_000
    assert f"The report:       {demo.folder / 'data/reports/dora-report.html'}\n" in demo.outcome.out
    assert f"The review file:  {demo.folder / 'data/processed/pending_review.csv'} (" in demo.outcome.out
    assert demo.outcome.err == ""


@pytest.mark.parametrize("command", ["calculate", "explain v2.16.1"])
def test_what_it_shows_of_an_output_stands_in_the_output(command: str, demo: Demo) -> None:
    block = demo.outcome.out.partition(f"$ dora-metrics {command}\n")[2].partition("\n$ ")[0]
    shown = [line for line in block.splitlines() if not line.startswith("  [...")]

    real = iter(CommandLine(demo.folder, as_of=AS_OF).run(*command.split()).out.splitlines())

    assert len(shown) > 20
    assert [line for line in shown if line not in real] == []  # `in` reads on: the order counts, too


def test_typing_the_same_commands_gives_the_same_report(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints is what it did; only its GitHub cannot be typed."""
    source = SampleGitHub(sample_project(parse_utc(AS_OF)).facts, parse_utc(AS_OF))
    monkeypatch.setattr(Workspace, "github_source", lambda _workspace: source)
    typed = CommandLine(tmp_path, as_of=AS_OF)
    shutil.copytree(demo.folder / REPOSITORY, tmp_path / REPOSITORY)
    (tmp_path / ANSWERS).write_bytes((demo.folder / ANSWERS).read_bytes())
    printed = [line for line in demo.outcome.out.splitlines() if line.startswith("$ dora-metrics ")]

    for line in printed:
        typed.run(*line.replace("'", "").split()[2:])

    assert (tmp_path / CONFIGURATION).read_bytes() == (demo.folder / CONFIGURATION).read_bytes()
    for name in ("changes.csv", "deployments.csv", "incidents.csv", "pending_review.csv"):
        path = Path("data/processed", name)
        assert (tmp_path / path).read_bytes() == (demo.folder / path).read_bytes()


def test_git_finds_nothing_wrong(demo: Demo) -> None:
    checked = subprocess.run(
        ["git", "-C", demo.folder / REPOSITORY, "fsck", "--strict"],
        env=clean_environ(), check=True, capture_output=True,
    )  # fmt: skip

    assert (checked.stdout, checked.stderr) == (b"", b"")


@pytest.mark.parametrize("case", CASES)
def test_the_sample_shows(case: str, demo: Demo) -> None:
    least, find = CASES[case]
    tables = ("changes.csv", "deployments.csv", "incidents.csv", "pending_review.csv")

    assert len(find(Judged(*map(demo.table, tables)))) >= least
    assert len(find(Judged([], [], [], []))) == 0, "a case that is seen in nothing at all is no case"


def test_only_the_newest_quarter_waits_for_a_person(demo: Demo) -> None:
    waiting = [row["date"] for row in demo.table("pending_review.csv") if row["attention"] == "yes"]

    assert waiting
    assert min(waiting) >= "2025-07"
    assert {row["provenance"] for row in demo.table("incidents.csv") if row["started_at"] < "2025-07"} == {"explicit"}


def test_the_numbers_are_those_of_a_real_team(demo: Demo) -> None:
    deployments = [row for row in demo.table("deployments.csv") if row["kind"] in {"normal", "hotfix"}]
    hours = sorted(float(row["lead_time_hours"]) for row in demo.table("changes.csv") if row["lead_time_hours"])

    assert 0.10 <= sum(row["failed"] == "true" for row in deployments) / len(deployments) <= 0.25
    assert 3 * 24 <= hours[len(hours) // 2] <= 14 * 24
    assert hours[0] < 6
    assert hours[-1] > 30 * 24


def test_it_can_be_run_again_in_its_own_folder(demo: Demo) -> None:
    before = demo.files()
    (demo.folder / "data/processed/changes.csv").write_text("spoilt", encoding="utf-8")

    demo.cli.run("demo", "--no-open")

    assert demo.files() == before


def a_file(path: Path) -> None:
    path.write_text("mine", encoding="utf-8")


def a_folder(path: Path) -> None:
    (path / "sub").mkdir(parents=True)


@pytest.mark.parametrize("make", [a_file, a_folder])
def test_what_is_not_its_own_is_left_alone(make: Callable[[Path], None], tmp_path: Path) -> None:
    mine = tmp_path / "dora-demo"
    make(mine)

    outcome = CommandLine(tmp_path, as_of=AS_OF).run("demo", "--no-open", code=2)

    assert "is there already and is not the demo's; name an empty or new folder with --output" in outcome.error
    assert not (mine / MARKER).exists()


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    CommandLine(tmp_path, as_of="2020-02-29T00:00:00Z").run("demo", "--no-open", "--output", "empty")

    assert (tmp_path / "empty" / MARKER).is_file()


def test_a_link_in_its_folder_is_removed_not_followed(demo: Demo, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept").write_text("kept", encoding="utf-8")
    folder = tmp_path / "dora-demo"
    folder.mkdir()
    (folder / MARKER).write_bytes((demo.folder / MARKER).read_bytes())
    (folder / "data").symlink_to(mine)

    run_demo(tmp_path)

    assert (mine / "kept").read_text(encoding="utf-8") == "kept"
    assert not (folder / "data").is_symlink()


def test_a_year_without_sense_is_refused(tmp_path: Path) -> None:
    outcome = CommandLine(tmp_path, as_of="1999-01-01").run("demo", "--no-open", code=2)

    assert "the sample project cannot be placed in the year 1999" in outcome.error
    assert not (tmp_path / "dora-demo").exists()


def test_without_git_it_says_so(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path, as_of=AS_OF)
    cli.environ["PATH"] = str(tmp_path)

    assert "install git" in cli.run("demo", "--no-open", code=5).error
