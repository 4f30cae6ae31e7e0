"""A real process, killed while it waits for a page; the next one goes on there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple, Optional

import pytest

from support.git_repository import GitRepository, clean_environ
from support.github_server import TOKEN, FakeGitHub
from support.github_world import World

MOST_MIB = 150
# From /proc where there is one: on Linux `getrusage` includes what the process that started this one had held.
MEASURED = """
import re, resource, sys
from pathlib import Path
from dora_metrics.cli import cli
code = cli.main(sys.argv[1:], standalone_mode=False)
status = Path("/proc/self/status")
if status.exists():
    mib = int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024
else:
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20
print("MiB", mib)
raise SystemExit(code)
"""


class Project:
    """A clone, a folder to work in, and a GitHub that listens."""

    def __init__(self, folder: Path, url: str) -> None:
        self.clone = GitRepository(folder / "shop")
        self.clone.commit("start", at="2023-01-06T09:00:00Z")
        self.clone.tag("v1.0.0", "start", at="2023-01-06T10:00:00Z")
        self.folder = folder / "work"
        self.folder.mkdir()
        settings = f'[[repository]]\npath = "{self.clone.path}"\ngithub = "acme/shop"\n'
        (self.folder / "dora-metrics.toml").write_text(settings, encoding="utf-8")
        self.environ = clean_environ(folder, GITHUB_TOKEN=TOKEN, GITHUB_GRAPHQL_URL=url)
        self.running: Optional[subprocess.Popen[str]] = None

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", MEASURED, "extract", "--full"]
        self.running = subprocess.Popen(
            command, cwd=self.folder, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self.running

    def kill(self) -> None:
        assert self.running is not None
        os.kill(self.running.pid, signal.SIGKILL)

    def raw(self) -> dict[str, bytes]:
        """What was stored as facts."""
        found = sorted(path for path in (self.folder / "data" / "raw").rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in found}


def a_world(pulls: int) -> World:
    """So many pull requests, and a tenth of it of everything else, all of them a month old."""
    world = World()
    for number in range(1, pulls + 1):
        world.add_pull(number, body="Text that fills a page. " * 20)
        world.tick(600)
        if number % 10 == 0:
            world.add_release(f"v{number}")
            world.add_deployment("SUCCESS")
            world.add_issue(number + pulls)
    world.tick(30 * 86_400)
    return world


def fetched_twice(github: FakeGitHub, kill_at: int) -> dict[str, int]:
    """How many pages of each list the second run asked for once more; the first one's tries do not count."""
    pages = [
        {
            (request.operation, str(request.variables.get("after")), str(request.variables.get("ids")))
            for request in github.requests
            if (request.number <= kill_at) is first and request.operation != "Repository"
        }
        for first in (True, False)
    ]
    return Counter(operation for operation, _, _ in pages[0] & pages[1])


def resumed(folder: Path, pulls: int, kill_at: int) -> tuple[Project, FakeGitHub, str]:
    """A run killed at that request, and the one after it."""
    github = FakeGitHub(a_world(pulls), limit=None)
    with github.serving() as url:
        project = Project(folder, url)
        github.before[kill_at] = project.kill
        killed = project.start()
        killed.communicate(timeout=600)
        assert killed.returncode == -signal.SIGKILL
        out, _ = project.start().communicate(timeout=600)
    assert project.running is not None
    assert project.running.returncode == 0, out
    return project, github, out


class Undisturbed(NamedTuple):
    requests: int
    raw: dict[str, bytes]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    github = FakeGitHub(a_world(300), limit=None)
    with github.serving() as url:
        project = Project(tmp_path_factory.mktemp("undisturbed"), url)
        out, _ = project.start().communicate(timeout=120)
    assert project.running is not None
    assert project.running.returncode == 0, out
    return Undisturbed(len(github.requests), project.raw())


@pytest.mark.parametrize("seed", range(2))
def test_after_sigkill_at_a_random_page_one_page_a_stream_at_most_is_fetched_twice(
    tmp_path: Path, seed: int, undisturbed: Undisturbed
) -> None:
    kill_at = random.Random(seed).randint(2, undisturbed.requests)  # noqa: S311 (no secret)

    project, github, _ = resumed(tmp_path, 300, kill_at)

    assert fetched_twice(github, kill_at) == {github.requests[kill_at - 1].operation: 1}
    assert project.raw() == undisturbed.raw
    assert len(project.raw()) == 6
    assert not (project.folder / "data" / "staging").exists()


@pytest.mark.slow
def test_twenty_thousand_pull_requests_in_flat_memory(tmp_path: Path) -> None:
    kill_at = random.Random(7).randint(20, 180)  # noqa: S311 (no secret)

    project, github, out = resumed(tmp_path, 20_000, kill_at)

    assert "20,000 pull requests" in out
    assert fetched_twice(github, kill_at) == {github.requests[kill_at - 1].operation: 1}
    assert int(out.rpartition("MiB ")[2]) <= MOST_MIB
    assert not (project.folder / "data" / "staging").exists()
