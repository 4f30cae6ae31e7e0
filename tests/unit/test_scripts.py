"""`./script/test` and `./script/demo` choose their Pythons rightly, and say what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    "awk",
    "cat",
    "cksum",
    "date",
    "dirname",
    "env",
    "find",
    "git",
    "head",
    "id",
    "ls",
    "mkdir",
    "rm",
    "sh",
    "sort",
)
TOOLS += ("tail", "uname")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with the usual tools and servers, without any Python or package manager: its bin folder."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (place / name).symlink_to(found)
    for name in ("chromium", "setpriv", "strace", "soffice"):
        program(place / name, "true")
    return place


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(machine: Path, *command: str, ci: bool = False) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine), "HOME": str(machine.parent), **({"CI": "true"} if ci else {})}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def pythons(machine: Path) -> list[str]:
    answer = run(machine, "sh", "-c", ". script/environment.sh; pythons")
    assert not answer.stderr
    return answer.stdout.splitlines()


def test_pythons_are_found_on_path_and_in_pyenv_oldest_first(machine: Path) -> None:
    program(machine / "python3.13", "echo 13")
    kept = program(machine.parent / ".pyenv/versions/3.9.18/bin/python", "echo 9")

    assert pythons(machine) == [f"9 {kept}", f"13 {machine / 'python3.13'}"]


def test_a_shim_of_an_inactive_version_is_passed_over(machine: Path) -> None:
    program(machine / "python3.9", "echo 'not active' >&2; exit 127")
    program(machine / "python3", "echo 11")

    assert pythons(machine) == [f"11 {machine / 'python3'}"]


@pytest.mark.parametrize("minor", [8, 15])
def test_a_python_that_is_not_supported_is_passed_over(machine: Path, minor: int) -> None:
    program(machine / "python3", f"echo {minor}")

    assert pythons(machine) == []


def test_one_version_is_taken_once(machine: Path) -> None:
    for name in ("python3.12", "python3", "python"):
        program(machine / name, "echo 12")

    assert pythons(machine) == [f"12 {machine / 'python3.12'}"]


def test_in_ci_a_second_python_must_be_there(machine: Path) -> None:
    program(machine / "python3.9", "echo 9")

    ended = run(machine, "./script/test", ci=True)

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("error: Python 3.9 is the only one here")


def test_in_ci_the_oldest_python_must_be_there(machine: Path) -> None:
    program(machine / "python3.12", "echo 12")
    program(machine / "python3.13", "echo 13")

    ended = run(machine, "./script/test", ci=True)

    assert ended.returncode == 1
    assert "no Python 3.9 here, the oldest supported one (found: 3.12)" in ended.stderr


def test_in_ci_the_browser_must_be_there(machine: Path) -> None:
    program(machine / "python3.9", "echo 9")
    (machine / "chromium").unlink()

    ended = run(machine, "./script/test", ci=True)

    assert ended.returncode == 1
    assert ended.stderr.startswith("error: no Chromium")


@pytest.mark.parametrize("script", ["./script/test", "./script/demo"])
def test_without_any_python_it_says_so(machine: Path, script: str) -> None:
    ended = run(machine, script)

    assert ended.returncode == 1
    assert ended.stderr.startswith("error: no Python 3.9 to 3.14")


def test_without_git_it_says_so(machine: Path) -> None:
    (machine / "git").unlink()

    ended = run(machine, "./script/demo")

    assert ended.returncode == 1
    assert ended.stderr.startswith("error: no git")
