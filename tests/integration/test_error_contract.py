"""The error contract, row by row: one line, the right exit code, no traceback, and the store as it was.

The faults of git repositories one by one, without the command line: test_git_faults.py.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.git_repository import GitRepository, clean_environ
from support.prompt import CommandLine

LONGEST_LINE = 300


class Scene:
    """A project that was extracted once, and a way to break it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = GitRepository(folder / "shop")
        self.repository.commit("a", at="2025-01-06T09:00:00Z")
        self.repository.tag("v1.0", "a", at="2025-01-06T10:00:00Z")
        self.repository.commit("b", at="2025-01-07T09:00:00Z")
        self.repository.tag("v1.1", "b", at="2025-01-08T10:00:00Z")
        self.repository.flush()
        self.cli = CommandLine(folder / "work")
        self.cli.run("init", "--yes", str(self.path))
        self.cli.run("extract", "--full")
        self.before = self.cli.files()

    @property
    def path(self) -> Path:
        return self.folder / "shop"

    def loose_object(self, sha: str) -> Path:
        return self.path / ".git" / "objects" / sha[:2] / sha[2:]


Break = Callable[[Scene], None]


def shallow(scene: Scene) -> None:
    source = scene.folder / "source"
    scene.path.rename(source)
    clone = ["git", "clone", "-q", "--depth=1", f"file://{source}", str(scene.path)]
    subprocess.run(clone, env=clean_environ(), check=True)


def other_branch(scene: Scene) -> None:
    text = (scene.cli.folder / "dora-metrics.toml").read_text()
    (scene.cli.folder / "dora-metrics.toml").write_text(text.replace('branch = "main"', 'branch = "trunk"'))


def detached(scene: Scene) -> None:
    text = (scene.cli.folder / "dora-metrics.toml").read_text()
    (scene.cli.folder / "dora-metrics.toml").write_text(text.replace('branch = "main"', 'branch = ""'))
    scene.repository.git("checkout", "-q", "--detach", scene.repository["b"])


def no_repository(scene: Scene) -> None:
    shutil.rmtree(scene.path)
    scene.path.mkdir()


def no_folder(scene: Scene) -> None:
    shutil.rmtree(scene.path)


def missing_object(scene: Scene) -> None:
    scene.repository.commit("c", at="2025-01-09T09:00:00Z")
    scene.repository.commit("d", at="2025-01-10T09:00:00Z")
    scene.repository.flush()
    scene.loose_object(scene.repository["c"]).unlink()


def old_git(scene: Scene) -> None:
    fake = scene.folder / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho git version 1.8.3\n")
    fake.chmod(0o755)
    scene.cli.environ["PATH"] = str(fake.parent)


def no_git(scene: Scene) -> None:
    (scene.folder / "empty").mkdir()
    scene.cli.environ["PATH"] = str(scene.folder / "empty")


def broken_toml(scene: Scene) -> None:
    (scene.cli.folder / "dora-metrics.toml").write_text('[repository]\npath = "."\nbranch = main\n')


def unknown_key(scene: Scene) -> None:
    (scene.cli.folder / "dora-metrics.toml").write_text('[deployments]\ntag_patern = "v*"\n')


def newer_store(scene: Scene) -> None:
    record = scene.cli.folder / "data" / "history" / "00000001.json"
    record.write_bytes(record.read_bytes().replace(b'"schema": 1', b'"schema": 99'))
    scene.before = scene.cli.files()


def missing_record(scene: Scene) -> None:
    """Two imports, and between them the record of the first is lost."""
    for number, answer in enumerate(("yes", "no")):
        row = f"key,repository,is_hotfix\ncommit:{scene.repository['b']},local/shop,{answer}\n"
        (scene.cli.folder / f"{number}.csv").write_text(row)
        scene.cli.run("import", f"{number}.csv")
    (scene.cli.folder / "data" / "history" / "00000002.json").unlink()
    scene.before = scene.cli.files()


def as_it_was(scene: Scene) -> None:
    """Nothing is broken; the arguments are."""


ROWS = [
    pytest.param(shallow, ["update"], 5, "--unshallow", id="G2 a shallow clone names the remedy"),
    pytest.param(other_branch, ["extract"], 5, "main", id="G4 a missing branch lists those that exist"),
    pytest.param(detached, ["extract"], 5, "--branch", id="G5 a detached HEAD asks for the branch"),
    pytest.param(no_repository, ["update"], 5, "shop", id="a folder without a repository"),
    pytest.param(no_folder, ["update"], 5, "shop", id="a folder that is not there"),
    pytest.param(missing_object, ["update"], 5, "object", id="G18 a missing object"),
    pytest.param(old_git, ["update"], 5, "1.8.3", id="G23 a git that is too old"),
    pytest.param(no_git, ["update"], 5, "git", id="G23 no git"),
    pytest.param(broken_toml, ["update"], 2, "toml:3:", id="a broken TOML names the line"),
    pytest.param(unknown_key, ["update"], 2, "tag_pattern", id="an unknown key names the right one"),
    pytest.param(newer_store, ["update"], 2, "upgrade", id="S15 a newer store asks for an upgrade"),
    pytest.param(missing_record, ["log"], 9, "00000002.json is missing", id="S14 a history with a gap is not told"),
    pytest.param(missing_record, ["log", "--limit", "1"], 9, "00000002.json is missing", id="S14 nor its end alone"),
    pytest.param(
        missing_record, ["import", "--undo"], 9, "00000002.json is missing", id="S14 nor an import taken back"
    ),
    pytest.param(missing_record, ["verify"], 9, "1 missing before it", id="S14 verify says how many"),
    pytest.param(as_it_was, ["extract", "--ful"], 2, "--full", id="a wrong option names the right one"),
    pytest.param(as_it_was, ["exctract"], 2, "extract", id="a wrong command names the right one"),
    pytest.param(
        as_it_was, ["calculate", "--period", "monthy"], 2, "monthly", id="a wrong period names the right ones"
    ),
    pytest.param(as_it_was, ["calculate", "--timezone", "Mars/Olympus"], 2, "IANA", id="a timezone that is none"),
    pytest.param(as_it_was, ["extract", "--branch", "nope"], 5, "main", id="a wrong branch lists those that exist"),
    pytest.param(as_it_was, ["import", "nowhere.csv"], 4, "nowhere.csv", id="a file that is not there"),
    pytest.param(as_it_was, ["explain", "v9.9"], 2, "v9.9", id="nothing of that name"),
    pytest.param(as_it_was, ["init", "--yes"], 2, "--force", id="a configuration that is there already"),
    pytest.param(as_it_was, ["extract", "--storage-type", "s3"], 2, "S3", id="S3 without a bucket"),
]


@pytest.mark.parametrize(("breaks", "command", "code", "names"), ROWS)
def test_one_line_the_right_code_and_the_store_as_it_was(
    tmp_path: Path, breaks: Break, command: list[str], code: int, names: str
) -> None:
    scene = Scene(tmp_path)
    breaks(scene)

    failed = scene.cli.run(*command, code=code)

    assert failed.error.startswith("error: ")
    assert "; " in failed.error
    assert len(failed.error) <= LONGEST_LINE
    assert names in failed.error
    assert "Traceback" not in failed.err
    assert scene.cli.files() == scene.before


def test_the_same_command_succeeds_once_the_cause_is_gone(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    away = tmp_path / "away"
    scene.path.rename(away)
    scene.cli.run("update", code=5)
    away.rename(scene.path)

    assert scene.cli.run("update").out.strip() == "Nothing new."


def test_an_empty_repository_has_empty_tables(tmp_path: Path) -> None:
    """G1."""
    GitRepository(tmp_path / "shop").flush()
    cli = CommandLine(tmp_path / "work")
    cli.run("init", "--yes", str(tmp_path / "shop"))

    assert "no commits" in cli.run("extract", "--full").out
    assert "no data" in cli.run("calculate", "--period", "all").out
    assert cli.run("report").out
    assert cli.run("status").out


def test_a_shallow_clone_can_be_allowed_and_is_marked(tmp_path: Path) -> None:
    """G2."""
    scene = Scene(tmp_path)
    shallow(scene)

    said = scene.cli.run("extract", "--full", "--allow-shallow", "--rebind")

    assert "shallow" in said.err
    assert "truncated" in scene.cli.run("status").out


@pytest.mark.parametrize("place", ["bare", "worktree", "subfolder"])
def test_every_kind_of_place_works(tmp_path: Path, place: str) -> None:
    """G3."""
    scene = Scene(tmp_path)
    path = tmp_path / place
    if place == "bare":
        scene.repository.git("clone", "-q", "--bare", str(scene.path), str(path))
    elif place == "worktree":
        scene.repository.git("worktree", "add", "-q", "--detach", str(path), scene.repository["b"])
    else:
        path = scene.path / "docs"
        path.mkdir()
    other = CommandLine(tmp_path / "other")
    other.run("init", "--yes", str(path), "--branch", "main")

    assert "2 commits, 2 tags" in other.run("extract", "--full").out
