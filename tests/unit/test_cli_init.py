from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dora_metrics.config import DeploymentSettings, RepositorySettings, Settings
from dora_metrics.config_file import FILE_NAME
from dora_metrics.config_sources import load
from dora_metrics.domain.questions import Question
from support.command_line import invoke
from support.fake_pipeline import FakePipeline

PROPOSED = Settings(
    repositories=(RepositorySettings(github="acme/shop", branch="main"),),
    deployments=DeploymentSettings(tag_pattern="v*"),
)


if TYPE_CHECKING:
    from click.testing import Result


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakePipeline:
    monkeypatch.chdir(tmp_path)
    return FakePipeline(proposed=PROPOSED).install(monkeypatch)


@pytest.fixture
def _a_person_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dora_metrics.cli_init.can_ask", lambda: True)


def run(*arguments: str, **attributes: Any) -> Result:
    return invoke("init", *arguments, **attributes)


def written(folder: Path) -> Settings:
    return load(file=folder / FILE_NAME, cwd=folder, environ={}, options={}).settings


def test_init_prints_the_proposal_and_writes_it(pipeline: FakePipeline, tmp_path: Path) -> None:
    result = run("acme/shop")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"tags v*: 42\nWrote {FILE_NAME}. Next: dora-metrics extract --full\n"
    assert written(tmp_path) == PROPOSED
    [(_, positional, _)] = pipeline.calls
    assert positional[0] == "acme/shop"
    assert positional[1].root == tmp_path


@pytest.mark.usefixtures("pipeline")
def test_options_go_into_the_file_and_variables_do_not(tmp_path: Path) -> None:
    run("--timezone", "Europe/Berlin", "--tag-pattern", "release-*", env={"DORA_PERIOD": "yearly"})

    settings = written(tmp_path)
    assert settings.metrics.timezone == "Europe/Berlin"
    assert settings.deployments.tag_pattern == "release-*"
    assert settings.metrics.period == "monthly"
    assert settings.repositories == PROPOSED.repositories


def test_a_file_that_is_there_is_never_overwritten(pipeline: FakePipeline, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("mine", encoding="utf-8")

    result = run()

    assert result.exit_code == 2
    assert result.stderr.endswith(f"{FILE_NAME} is there already; edit it, or replace it with --force\n")
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == "mine"
    assert pipeline.calls == []


@pytest.mark.usefixtures("pipeline")
def test_force_replaces_it_even_when_it_is_broken(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("broken", encoding="utf-8")

    assert run("--force").exit_code == 0
    assert written(tmp_path) == PROPOSED


def test_a_file_that_appears_meanwhile_is_left_alone(pipeline: FakePipeline, tmp_path: Path) -> None:
    pipeline.does = lambda _repo: (tmp_path / FILE_NAME).write_text("theirs", encoding="utf-8")

    result = run()

    assert result.exit_code == 7
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.usefixtures("pipeline")
def test_another_place_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()

    run("--config", f"conf/{FILE_NAME}")

    assert written(tmp_path / "conf") == PROPOSED


@pytest.mark.usefixtures("_a_person_is_there")
def test_answers_go_into_the_file(pipeline: FakePipeline, tmp_path: Path) -> None:
    """A wrong one is explained and asked for again; an empty one keeps the proposal."""
    pipeline.questions = (
        Question("sources", "What makes a deployment"),
        Question("tag_pattern", "Which tags"),
        Question("include_prereleases", "Do pre-releases count"),
    )

    result = run(input="tags\ntag, merge\n\ny\ny\n")

    assert result.exit_code == 0
    assert "error: --sources tags is none of deployment, release, tag, merge; did you mean tag?\n" in result.stderr
    assert "Which tags [v*]:" in result.stderr
    assert written(tmp_path).deployments == DeploymentSettings(
        sources=("tag", "merge"), tag_pattern="v*", include_prereleases=True
    )
    assert result.stdout.startswith("tags v*: 42\n")


@pytest.mark.usefixtures("_a_person_is_there", "pipeline")
def test_no_is_an_answer(tmp_path: Path) -> None:
    assert run(input="n\n").exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_a_person_is_there")
def test_yes_asks_nothing(pipeline: FakePipeline, tmp_path: Path) -> None:
    pipeline.questions = (Question("tag_pattern", "Which tags"),)

    assert run("--yes").stderr == ""
    assert written(tmp_path) == PROPOSED
