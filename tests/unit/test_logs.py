from __future__ import annotations

import json
import logging
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from dora_metrics.logs import JsonFormatter, StderrHandler, TextFormatter, logging_to_stderr
from dora_metrics.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

ours = logging.getLogger("dora_metrics.pipeline.extract")
theirs = logging.getLogger("botocore.endpoint")
CANARY = "hunter2-the-second"


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Logging is as it was, whatever a test did."""
    names = ("", "dora_metrics", "botocore", "httpx")
    before = [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names]
    yield
    assert [(logging.getLogger(name).level, list(logging.getLogger(name).handlers)) for name in names] == before


def logging_here(log_format: str = "text", verbosity: int = 0, **attributes: Any) -> Any:
    return logging_to_stderr(redactor=Redactor([CANARY]), log_format=log_format, verbosity=verbosity, **attributes)


def say_everything() -> None:
    ours.debug("detail")
    ours.info("milestone")
    ours.warning("the clone\nis  %s", "old")
    ours.error("it failed")


@pytest.mark.parametrize(
    ("verbosity", "expected"),
    [
        (-1, ["warning: the clone is old", "error: it failed"]),
        (0, ["warning: the clone is old", "error: it failed"]),
        (1, ["debug: detail", "milestone", "warning: the clone is old", "error: it failed"]),
    ],
)
def test_text_for_people(verbosity: int, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here(verbosity=verbosity):
        say_everything()

    assert capsys.readouterr() == ("", "".join(f"{line}\n" for line in expected))


@pytest.mark.parametrize(
    ("verbosity", "levels"),
    [(-1, ["warning", "error"]), (0, ["info", "warning", "error"]), (1, ["debug", "info", "warning", "error"])],
)
def test_one_json_object_a_line(verbosity: int, levels: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here("json", verbosity):
        say_everything()

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == levels
    assert all(list(line) == ["time", "level", "run", "event", "fields"] for line in lines)
    assert all(len(line["time"]) == len("2025-03-02T14:05:00.123Z") and line["time"][-1] == "Z" for line in lines)


def test_fields_stand_beside_the_event(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here("json"):
        ours.info("read", extra={"fields": {"commits": 12, "tags": ["v1"], "at": object}})

    fields = json.loads(capsys.readouterr().err)["fields"]
    assert fields == {"logger": ours.name, "commits": 12, "tags": ["v1"], "at": "<class 'object'>"}


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_other_libraries_are_capped_at_warning(verbosity: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Also when somebody switched on their debug output: it holds whole answers and session tokens."""
    theirs.setLevel(logging.DEBUG)
    try:
        with logging_here(verbosity=verbosity):
            theirs.debug("session token")
            theirs.info("whole answer")
            theirs.warning("slow down")
    finally:
        theirs.setLevel(logging.NOTSET)

    assert capsys.readouterr().err == "warning: slow down\n"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_secret_in_message_fields_or_traceback(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here(log_format, verbosity=1):
        try:
            raise ValueError(f"header {CANARY} of ada@example.org")  # noqa: EM102, TRY003, TRY301 (as others raise it)
        except ValueError:
            ours.exception("sent %s", CANARY, extra={"fields": {"url": f"https://u:{CANARY}@h/x", CANARY: CANARY}})

    text = capsys.readouterr().err
    assert "Traceback" in text
    assert "ValueError: header ***" in text
    assert CANARY not in text
    assert "example.org" not in text


def test_a_secret_inside_json_keeps_it_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Hidden before it is encoded: an address after a line break must not take the break's backslash with it."""
    with logging_here("json"):
        ours.warning("x", extra={"fields": {"text": 'line\nada@example.org "quoted"'}})

    assert json.loads(capsys.readouterr().err)["fields"]["text"] == 'line\n<email> "quoted"'


def test_a_traceback_is_for_v_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here():
        ours.error("failed", exc_info=ValueError("x"))

    assert capsys.readouterr().err == "error: failed\n"


def test_details_come_before_the_line_that_sums_them_up(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here():
        ours.error("2 rows are wrong", extra={"fields": {"details": ["line 3: a", "line 5: b"]}})

    assert capsys.readouterr().err == "line 3: a\nline 5: b\nerror: 2 rows are wrong\n"


def test_a_warning_of_python_is_for_v_alone(capsys: pytest.CaptureFixture[str]) -> None:
    for verbosity in (0, 1):
        with logging_here(verbosity=verbosity), warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=False)
            logging.captureWarnings(capture=True)
            warnings.warn("old form", DeprecationWarning, stacklevel=1)

        assert ("old form" in capsys.readouterr().err) == (verbosity == 1)


def test_a_record_that_cannot_be_formatted_is_mentioned_without_its_content(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = StderrHandler()
    handler.setFormatter(TextFormatter(Redactor(), with_tracebacks=True))

    handler.handle(logging.LogRecord(ours.name, logging.WARNING, "", 0, "%d of them", (CANARY,), None))

    assert capsys.readouterr().err == f"warning: a log record of {ours.name} could not be written\n"


def test_a_closed_stderr_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, _text: str) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())

    with logging_here():
        ours.warning("lost")


def test_the_bar_is_wiped_before_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_here(wipe=lambda: print("<wiped>", file=sys.stderr)):  # noqa: T201 (stands for a bar)
        ours.warning("x")

    assert capsys.readouterr().err == "<wiped>\nwarning: x\n"


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_a_record_is_one_line_whatever_it_says(formatter: Any) -> None:
    record = logging.LogRecord(ours.name, logging.INFO, "", 0, "a\r\nb\u2028c", None, None)

    assert len(formatter(Redactor(), with_tracebacks=False).format(record).splitlines()) == 1
