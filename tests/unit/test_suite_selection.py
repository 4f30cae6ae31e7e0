"""Which tests run where: those that open a browser never on the oldest Python, and never among the everyday ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BROWSER_TESTS = "tests/integration/test_report_in_chromium.py"
NO_TESTS = 5


def collect(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run([*command, BROWSER_TESTS], cwd=ROOT, capture_output=True, text=True, check=False)


def test_no_browser_is_opened_by_the_everyday_tests() -> None:
    """`script/test` runs the oldest Python with this option, whatever else it was asked for."""
    found = collect("--everyday", "-m", "browser")

    assert found.returncode == NO_TESTS, found.stdout
    assert "::" not in found.stdout


def test_a_browser_is_opened_on_every_python_but_the_oldest() -> None:
    found = collect()

    assert ("::" in found.stdout) == (sys.version_info[:2] > (3, 9)), found.stdout
