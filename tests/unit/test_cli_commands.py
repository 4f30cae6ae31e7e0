"""Each command hands its options to one call of the pipeline, and prints what comes back."""

from __future__ import annotations

import builtins
import gc
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dora_metrics.__main__ import INTERRUPTED, RARELY, YOUNG_OBJECTS, main
from support.command_line import invoke
from support.fake_pipeline import FakePipeline

MARCH_2 = datetime(2025, 3, 2, tzinfo=timezone.utc)


if TYPE_CHECKING:
    from click.testing import Result


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakePipeline:
    monkeypatch.chdir(tmp_path)
    return FakePipeline().install(monkeypatch)


def run(*arguments: str, **attributes: Any) -> Result:
    result = invoke(*arguments, **attributes)
    assert result.exit_code == 0, result.output
    return result


def test_extract_as_it_stands(pipeline: FakePipeline) -> None:
    assert run("extract").stdout == "12 commits read.\n"

    assert pipeline.options == {
        "full": False,
        "since": None,
        "until": None,
        "github": True,
        "review_file": None,
        "allow_shallow": False,
        "rebind": False,
        "review_rows": "auto",
    }


def test_extract_with_everything(pipeline: FakePipeline, tmp_path: Path) -> None:
    run(
        *("extract", "--full", "--since", "2025-03-02", "--until", "2025-03-02T10:00+02:00", "--no-github"),
        *("--review-file", "mine.csv", "--allow-shallow", "--rebind", "--review-rows", "attention"),
    )

    assert pipeline.options == {
        "full": True,
        "since": MARCH_2,
        "until": MARCH_2.replace(hour=8),
        "github": False,
        "review_file": tmp_path / "mine.csv",
        "allow_shallow": True,
        "rebind": True,
        "review_rows": "attention",
    }


def test_update(pipeline: FakePipeline) -> None:
    run("update", "--review-rows", "all")

    [(name, _, options)] = pipeline.calls
    assert name == "update"
    assert options == {"review_file": None, "allow_shallow": False, "rebind": False, "review_rows": "all"}


def test_every_option_is_a_variable(pipeline: FakePipeline) -> None:
    run("extract", env={"DORA_FULL": "1", "DORA_NO_GITHUB": "true", "DORA_SINCE": "2025-03-02", "DORA_REBIND": "no"})

    assert pipeline.options["full"] is True
    assert pipeline.options["github"] is False
    assert pipeline.options["since"] == MARCH_2
    assert pipeline.options["rebind"] is False


def test_the_workspace_says_who_when_where_and_with_what(pipeline: FakePipeline, tmp_path: Path) -> None:
    (tmp_path / "dora-metrics.toml").write_text('[metrics]\ntimezone = "Europe/Berlin"\n', encoding="utf-8")
    before = datetime.now(tz=timezone.utc)

    run("extract", "--tag-pattern", "v*", env={"GITHUB_ACTOR": "ada", "HOME": "/h"})

    workspace = pipeline.workspace
    assert workspace.settings.metrics.timezone == "Europe/Berlin"
    assert workspace.settings.deployments.tag_pattern == "v*"
    assert workspace.root == tmp_path
    assert before <= workspace.now <= datetime.now(tz=timezone.utc)
    assert workspace.environ["HOME"] == "/h"
    assert workspace.actor == "ada"
    assert workspace.tool_version


@pytest.mark.parametrize("command", [["extract"], ["update"], ["import", "-"], ["demo"]])
def test_as_of_counts_as_now(command: list[str], pipeline: FakePipeline) -> None:
    run(*command, "--as-of", "2025-03-02", input="")
    run(*command, env={"DORA_AS_OF": "2025-03-02T00:00:00Z"}, input="")

    found = [positional[1] if name == "run_demo" else positional[0].now for name, positional, _ in pipeline.calls]
    assert found == [MARCH_2, MARCH_2]


def test_a_date_is_the_midnight_of_the_reports_timezone(pipeline: FakePipeline) -> None:
    run("extract", "--since", "2025-03-02", "--timezone", "Asia/Tokyo")

    assert pipeline.options["since"] == datetime(2025, 3, 1, 15, tzinfo=timezone.utc)


def test_import_reads_a_file(pipeline: FakePipeline, tmp_path: Path) -> None:
    (tmp_path / "review.csv").write_bytes(b"\xef\xbb\xbfkey\r\n")

    run("import", "review.csv", "--dry-run")

    [(_, positional, options)] = pipeline.calls
    assert positional[1:] == ("review.csv", b"\xef\xbb\xbfkey\r\n")
    assert options == {"dry_run": True, "skip_unknown": False}


def test_import_reads_standard_input(pipeline: FakePipeline) -> None:
    run("import", "-", input=b"key\n")

    [(_, positional, options)] = pipeline.calls
    assert positional[1:] == ("-", b"key\n")
    assert options == {"dry_run": False, "skip_unknown": False}


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_calculate_prints_the_results(form: str, pipeline: FakePipeline) -> None:
    result = run("calculate", "--format", form, "--since", "2025-03-02", "--period", "quarterly")

    assert result.stdout == f"results as {form}\n"
    assert pipeline.options == {"since": MARCH_2, "until": None}
    assert pipeline.workspace.settings.metrics.period == "quarterly"


@pytest.mark.usefixtures("pipeline")
def test_calculate_writes_a_file(tmp_path: Path) -> None:
    assert run("calculate", "--format", "csv", "--output", "out.csv").stdout == ""

    assert (tmp_path / "out.csv").read_bytes() == b"results as csv\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_report(pipeline: FakePipeline, tmp_path: Path) -> None:
    assert run("report", "--format", "markdown", "--output", "r.md").stdout == "Wrote report.html.\n"

    assert pipeline.options == {"format": "markdown", "output": tmp_path / "r.md"}


def test_report_on_standard_output(pipeline: FakePipeline) -> None:
    assert run("report", "--format", "markdown", "--output", "-").stdout == "the page\n"

    assert pipeline.options == {"format": "markdown"}


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(("arguments", "opened"), [(["report"], []), (["report", "--open"], ["/r/report.html"])])
def test_a_page_is_opened_when_asked(arguments: list[str], opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[str] = []
    monkeypatch.setattr("click.launch", lambda url: launched.append(url) or 0)

    run(*arguments)

    assert launched == opened


def test_a_report_in_a_bucket_is_not_opened_and_it_says_so(
    pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.launch", lambda url: pytest.fail(f"opened {url}"))
    pipeline.page.path = None

    assert "/r/report.html cannot be opened from here" in run("report", "--open").stderr


@pytest.mark.usefixtures("pipeline")
def test_a_missing_browser_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.launch", lambda _url: 1)

    assert run("demo", "--open").stderr == "warning: no browser could be opened; the report is /r/demo.html\n"


@pytest.mark.parametrize(
    ("arguments", "needs_person", "code"),
    [(["status"], True, 0), (["status", "--check"], True, 10), (["status", "--check"], False, 0)],
)
def test_status(arguments: list[str], needs_person: bool, code: int, pipeline: FakePipeline) -> None:
    pipeline.needs_person = needs_person

    result = invoke(*arguments)

    assert (result.stdout, result.exit_code) == ("fresh\n", code)


@pytest.mark.usefixtures("pipeline")
def test_status_as_json() -> None:
    assert run("status", "--format", "json").stdout == '{"state": "fresh"}\n'


def test_explain_log_verify(pipeline: FakePipeline) -> None:
    assert run("explain", "#123", "--format", "json").stdout == "the explanation\n"
    assert run("log", "--format", "json", "--limit", "3").stdout == "the log\n"
    assert run("verify", "--expect", "3:0123456789abcdef").stdout == "all is well\n"

    assert [(name, positional[1:], options) for name, positional, options in pipeline.calls] == [
        ("explain", ("#123",), {"format": "json"}),
        ("log_lines", (), {"format": "json", "newest": 3}),
        ("verify", (), {"expect": "3:0123456789abcdef"}),
    ]


def test_the_demo_needs_no_settings(pipeline: FakePipeline, tmp_path: Path) -> None:
    """A broken file in the current folder is none of its business."""
    (tmp_path / "dora-metrics.toml").write_text("broken", encoding="utf-8")

    assert run("demo", "--output", "here", env={"DORA_PERIOD": "nonsense"}).stdout == "The demo is ready.\n"

    [(_, positional, _)] = pipeline.calls
    assert positional[0] == tmp_path / "here"


def test_quiet_leaves_results_and_warnings(pipeline: FakePipeline) -> None:
    pipeline.warnings = ("the last fetch is older than a day",)

    extracted = run("extract", "-q")

    assert (extracted.stdout, extracted.stderr) == ("", "warning: the last fetch is older than a day\n")
    assert run("calculate", "-q").stdout == "results as table\n"


def test_a_file_elsewhere(pipeline: FakePipeline, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.toml").write_text('[metrics]\nperiod = "daily"\n', encoding="utf-8")

    run("calculate", "--config", "other/mine.toml")
    run("calculate", env={"DORA_CONFIG": str(other / "mine.toml")})

    for _, positional, _ in pipeline.calls:
        assert (positional[0].root, positional[0].settings.metrics.period) == (other, "daily")


def test_the_values_of_notification_targets_are_never_logged(pipeline: FakePipeline) -> None:
    pipeline.warnings = ("https://chat.example/hook/1 did not answer",)

    result = run("update", "--notify-targets", "CHAT", env={"CHAT": "https://chat.example/hook/1"})

    assert result.stderr == "warning: *** did not answer\n"


def test_ctrl_c_while_the_program_is_still_loading_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def interrupted(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "dora_metrics.cli":
            raise KeyboardInterrupt
        return real(name, *arguments, **options)

    monkeypatch.setattr("builtins.__import__", interrupted)
    with pytest.raises(SystemExit) as stopped:
        main()

    assert stopped.value.code == INTERRUPTED
    assert capsys.readouterr().err == "error: interrupted; run the same command again\n"


def test_the_command_line_and_not_the_library_makes_the_collector_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(gc, "set_threshold", lambda *thresholds: asked.append(thresholds))
    monkeypatch.setattr(sys, "argv", ["dora-metrics", "--version"])

    run("--help")
    assert asked == []
    with pytest.raises(SystemExit):
        main()
    assert asked == [(YOUNG_OBJECTS, RARELY, RARELY)]
