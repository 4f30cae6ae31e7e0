"""Whatever goes wrong: one line on stderr, the exit code of its kind, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from dora_metrics import errors
from support.command_line import invoke
from support.fake_pipeline import FakePipeline

CANARY = "ghp_0123456789abcdefghijABCDEFGHIJ"


if TYPE_CHECKING:
    from click.testing import Result


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakePipeline:
    monkeypatch.chdir(tmp_path)
    return FakePipeline().install(monkeypatch)


def run(*arguments: str, **attributes: Any) -> Result:
    return invoke(*arguments, **attributes)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigurationError, 2),
        (errors.AccessError, 3),
        (errors.InputError, 4),
        (errors.RepositoryError, 5),
        (errors.UnreachableError, 6),
        (errors.StorageError, 7),
        (errors.BusyError, 8),
        (errors.IntegrityError, 9),
    ],
)
@pytest.mark.parametrize("command", ["extract", "calculate"])
def test_a_foreseen_failure(
    error: type[errors.DoraMetricsError], code: int, command: str, pipeline: FakePipeline, tmp_path: Path
) -> None:
    pipeline.fails = error("main is missing", remedy="name one with --branch")

    result = run(command)

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr == "error: main is missing; name one with --branch\n"
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_ours_asks_for_a_report(pipeline: FakePipeline) -> None:
    pipeline.fails = KeyError("mergedAt")

    result = run("extract")

    assert result.exit_code == 1
    assert result.stderr.startswith("error: a fault of dora-metrics in fake_pipeline.py:")
    assert result.stderr.endswith(
        "KeyError: 'mergedAt'; please report it, together with what the same command prints with -v\n"
    )
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("error", [KeyError(CANARY), errors.StorageError(f"no {CANARY}", remedy="x")])
def test_a_traceback_is_for_v_alone_and_holds_no_secret(error: Exception, pipeline: FakePipeline) -> None:
    pipeline.fails = error

    result = run("extract", "-v")

    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert CANARY not in result.stderr
    assert "Traceback" not in run("extract").stderr


def test_details_come_first(pipeline: FakePipeline) -> None:
    pipeline.fails = errors.InputError("2 rows are wrong", remedy="correct them", details=["line 3: a", "line 7: b"])

    assert run("update").stderr == "line 3: a\nline 7: b\nerror: 2 rows are wrong; correct them\n"


def test_json_logs_hold_the_error_too(pipeline: FakePipeline) -> None:
    pipeline.fails = errors.InputError("2 rows are wrong", remedy="correct them", details=["line 3: a"])

    line = json.loads(run("update", "--log-format", "json").stderr)

    assert line["level"] == "error"
    assert line["event"] == "2 rows are wrong; correct them"
    assert line["fields"]["exit_code"] == 4
    assert line["fields"]["details"] == ["line 3: a"]


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["extrct"], "there is no command extrct; did you mean extract?"),
        (["zzz"], "there is no command zzz; the commands are auth, calculate, demo, explain, extract, import"),
        (["extract", "--ful"], "dora-metrics extract has no option --ful; did you mean --full?"),
        (["report", "--full"], "dora-metrics report has no option --full; it belongs to extract"),
        (["calculate", "--page-size", "3"], "it belongs to init, extract and update"),
        (["calculate", "--zzz"], "dora-metrics calculate has no option --zzz; see dora-metrics calculate --help"),
        (["--ful"], "dora-metrics has no option --ful"),
        (["calculate", "--format", "jsn"], "--format jsn is none of table, json, csv, markdown; did you mean json?"),
        (["calculate", "--period", "quaterly"], "--period quaterly is not a period; did you mean quarterly?"),
        (["calculate", "--period"], "option '--period' requires an argument; see dora-metrics"),
        (["import"], "import needs the file to read; name it, such as data/processed/pending_review.csv"),
        (["explain", "a", "b"], "got unexpected extra argument (b); see dora-metrics explain --help"),
        (["calculate", "--since", "2025-13-01"], "--since 2025-13-01 is no date; write it like"),
        (["calculate", "--since", "soon"], "--since soon is"),
        (["calculate", "--since", "2025-02-01", "--until", "2025-02-01"], "is not before --until 2025-02-01; swap"),
        (["calculate", "--config", "none.toml"], "none.toml cannot be read (No such file or directory); name"),
        (["extract", "--as-of", "2025-03-30T02:30", "--timezone", "Europe/Berlin"], "--as-of 2025-03-30T02:30"),
    ],
)
def test_wrong_usage_names_the_right_one(arguments: list[str], line: str) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert line in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("pipeline")
def test_a_wrong_variable_is_named() -> None:
    result = run("calculate", env={"DORA_CALCULATE_FORMAT": "jsn"})

    assert result.stderr.startswith("error: DORA_CALCULATE_FORMAT=jsn is none of table")


@pytest.mark.usefixtures("pipeline")
@pytest.mark.parametrize("wish", [{"args": ["--log-format=json"]}, {"env": {"DORA_LOG_FORMAT": "json"}}])
def test_wrong_usage_is_json_where_json_is_wanted(wish: dict[str, Any]) -> None:
    result = run("calculate", "--nope", *wish.get("args", []), env=wish.get("env"))

    assert json.loads(result.stderr)["level"] == "error"


@pytest.mark.usefixtures("pipeline")
def test_a_file_that_is_not_there_is_bad_input() -> None:
    result = run("import", "none.csv")

    assert result.exit_code == 4
    assert result.stderr.startswith("error: none.csv cannot be read (No such file or directory); name a file")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130(error: BaseException, pipeline: FakePipeline) -> None:
    pipeline.fails = error

    result = run("extract")

    assert (result.exit_code, result.stderr) == (130, "error: interrupted; run the same command again\n")


# Ctrl-C as on a terminal: a shell starts its background jobs, and so perhaps these tests, with SIGINT ignored.
SCRIPT = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.default_int_handler)
from dora_metrics.__main__ import main
from support.fake_pipeline import FakePipeline

def does(workspace):
    exec(code)

code = sys.argv.pop(1)
FakePipeline(does=does).install(pytest.MonkeyPatch())
main()
"""


def in_a_process(code: str, *arguments: str, folder: Path, stdout: Any = subprocess.PIPE) -> subprocess.Popen[str]:
    """A real `dora-metrics`, with a pipeline whose steps run `code`."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, textwrap.dedent(code), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUNBUFFERED": ""},
        text=True,
        stdout=stdout,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_after_cleaning_up(number: int, code: int, tmp_path: Path) -> None:
    waiting = """
        import time
        try:
            print("ready", flush=True)
            time.sleep(30)
        finally:
            print("cleaned", flush=True)
    """
    with in_a_process(waiting, "extract", folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        process.send_signal(number)
        output, complaint = process.communicate(timeout=20)

    assert (process.returncode, output) == (code, "cleaned\n")
    assert complaint == "error: interrupted; run the same command again\n"


def test_a_reader_that_leaves_is_no_failure_to_talk_about(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with in_a_process("pass", "calculate", folder=tmp_path, stdout=writer) as process:
        os.close(writer)
        _, complaint = process.communicate(timeout=20)

    assert (process.returncode, complaint) == (141, "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
def test_a_full_disk_behind_standard_output_is_said(tmp_path: Path) -> None:
    with (
        Path("/dev/full").open("w") as full,
        in_a_process("pass", "calculate", folder=tmp_path, stdout=full) as process,
    ):
        _, complaint = process.communicate(timeout=20)

    assert process.returncode == 7
    assert (
        complaint
        == "error: standard output cannot be written (No space left on device); make room, or write elsewhere\n"
    )
