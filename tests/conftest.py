"""How every test runs: which ones on which Python, how many examples, and no silent skip in CI."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser

    from support.s3_server import S3Server

NEWEST_ONLY = "newest Python only"
"""The one reason for which a test may be skipped in CI."""
ON_OLDEST = sys.version_info[:2] == (3, 9)
"""A browser is opened by newer ones only, even where the oldest is the only Python there is."""
REAL_SERVERS = ("browser", "office", "s3", "crash")
"""Marks of tests that need more than Python and git."""
IN_CI = bool(os.environ.get("CI"))

settings.register_profile("dev", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if IN_CI else "dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--everyday",
        action="store_true",
        help="leave out the tests marked slow, browser, office, s3 or crash",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    everyday = bool(config.getoption("--everyday"))
    marks = ["slow"] * everyday + list(REAL_SERVERS) * (everyday or ON_OLDEST)
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in marks)]
    if not left_out:
        return
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def refuse_skip(report: Union[pytest.TestReport, pytest.CollectReport]) -> None:
    """Turn a skip into a failure: in CI everything that a test needs is there, or CI is broken."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if report.outcome == "skipped" and not hasattr(report, "wasxfail") and NEWEST_ONLY not in reason:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be: {reason}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of its own for each module that clicks through a page."""
    from support.browser import a_browser  # noqa: PLC0415 (most tests open none)

    with a_browser() as found:
        yield found


@pytest.fixture(scope="session", name="s3_server")
def _s3_server() -> Iterator[S3Server]:
    """A real S3 server on loopback, for tests marked `s3`."""
    from support.s3_server import s3_server  # noqa: PLC0415 (only for those tests)

    with s3_server() as server:
        yield server


@pytest.fixture(scope="session", name="demo")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo, all its steps done: for tests that read it."""
    from support.command_line import invoke  # noqa: PLC0415 (only for those tests)

    folder = tmp_path_factory.mktemp("demo") / "demo"
    made = invoke("demo", "--no-open", "--output", str(folder))
    assert made.exit_code == 0, made.output
    return folder


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    outcome = yield
    if IN_CI:
        refuse_skip(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, None]:
    outcome = yield
    if IN_CI:
        refuse_skip(outcome.get_result())
