"""The house stays as it is described: layers, dependencies, lock files, documents."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from dora_metrics.domain.review import DECISIONS
from dora_metrics.domain.review_columns import REVIEW_COLUMN_TABLE
from dora_metrics.storage import dataset_csv, review_csv

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
LOCKS = ["requirements.txt", "requirements-dev.txt"]
PYTHONS = ["3.9", "3.13"]
LONGEST_FILE = 300
COMPUTED = {"url", "author"}
"""Columns that are written beside the tables of cells."""


def project_file() -> dict[str, Any]:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    loaded: dict[str, Any] = toml.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return loaded


def runtime_dependencies() -> list[Requirement]:
    return [Requirement(text) for text in project_file()["project"]["dependencies"]]


def locked(lock: str, python: str) -> dict[str, str]:
    """Package to version, as that Python gets them."""
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = [Requirement(line.partition("\\")[0]) for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    return {
        each.name: str(each.specifier).lstrip("=") for each in found if not each.marker or each.marker.evaluate(here)
    }


# ---- code


def test_imports_point_down() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 kept, 0 broken" in ran.stdout


def test_every_module_has_its_layer() -> None:
    [contract] = project_file()["tool"]["importlinter"]["contracts"]
    named = {name.rpartition(".")[2] for layer in contract["layers"] for name in re.split(r" [|:] ", layer)}
    modules = {path.stem for path in (ROOT / "src/dora_metrics").glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in (ROOT / "src/dora_metrics").glob("*/__init__.py")}

    assert named == modules | packages


PARTS_OF_BOTO3 = {"botocore", "urllib3", "mypy_boto3_s3"}
"""It raises the errors of the first two; the third holds its types, and only the type checker reads it."""


def test_only_declared_packages_are_imported() -> None:
    optional = [
        Requirement(text) for each in project_file()["project"]["optional-dependencies"].values() for text in each
    ]
    declared = {dependency.name.replace("-", "_") for dependency in [*runtime_dependencies(), *optional]}
    imported = {name for path in SOURCES for name in imported_packages(path)}

    foreign = imported - standard_library() - {"dora_metrics"}

    assert foreign, "nothing was found to check"
    assert foreign <= declared | PARTS_OF_BOTO3


def imported_packages(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def standard_library() -> set[str]:
    """As the newest Python lists it; on 3.9 what lies in its folders, and what only newer ones have."""
    if sys.version_info >= (3, 10):
        return set(sys.stdlib_module_names)
    folder = Path(os.__file__).parent
    names = {path.name.partition(".")[0] for path in [*folder.iterdir(), *(folder / "lib-dynload").iterdir()]}
    return names | set(sys.builtin_module_names) | {"tomllib"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_the_scripts_can_be_run() -> None:
    for name in ("script/demo", "script/test", "script/lock", "script/screenshot", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name
        subprocess.run(["sh", "-n", ROOT / name], check=True)


# ---- dependencies and their lock


def test_each_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    decision = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")

    for dependency in runtime_dependencies():
        named = [line for line in lines if re.match(rf'\s*"{dependency.name}\b', line)]
        assert len(named) == 1
        assert re.search(r"# \w+", named[0]), f"{dependency.name} has no reason in pyproject.toml"
        assert f"| {dependency.name} |" in decision, f"{dependency.name} has no reason in the decision"


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert "://" not in text
    assert not re.search(r"index-url|find-links|trusted-host|\bfile:", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_each_locked_version_has_a_hash(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    assert len(entries) > 10
    assert all(re.match(r"[\w.-]+==\S+.*\\\n\s+--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_fits_the_project_file(python: str) -> None:
    groups = project_file()["dependency-groups"]
    wanted = {
        "requirements.txt": [*runtime_dependencies(), *map(Requirement, groups["build"])],
        "requirements-dev.txt": [Requirement(text) for group in groups.values() for text in group],
    }

    for lock, requirements in wanted.items():
        versions = locked(lock, python)
        for requirement in requirements:
            if not requirement.marker or requirement.marker.evaluate({"python_version": python}):
                assert versions[requirement.name] in SpecifierSet(str(requirement.specifier)), requirement


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_with_the_versions_that_the_program_gets(python: str) -> None:
    assert locked("requirements.txt", python).items() <= locked("requirements-dev.txt", python).items()


# ---- documents


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_in_documents_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        aim = (path.parent / file).resolve() if file else path
        assert aim.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(aim), f"{target} has no such heading"


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands() -> dict[str, click.Command]:
    cli = importlib.import_module("dora_metrics.cli").cli
    assert isinstance(cli, click.Group)
    return dict(cli.commands)


def options_of(command: click.Command) -> set[str]:
    named = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {name for name in named if name.startswith("-")} | {"--help"}


def test_the_readme_lists_the_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Commands\n")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_options_in_documents_exist(path: Path) -> None:
    cli = importlib.import_module("dora_metrics.cli").cli
    known = commands()
    for line in re.findall(r"dora-metrics ([^`\n]*)", path.read_text(encoding="utf-8")):
        before, name, after = re.match(r"((?:-\S+ )*)([a-z]*)(.*)", line.partition("#")[0]).groups()
        used = re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", after.partition("&&")[0])
        if name in known:
            assert set(used) <= options_of(known[name]) | options_of(cli), line
        assert set(before.split()) <= options_of(cli) | {"--version"}, line


def test_every_command_and_option_says_what_it_does() -> None:
    for name, command in commands().items():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("processed/pending_review.csv", {*review_csv.FACT_CELLS, *DECISIONS}),
        ("processed/changes.csv", {*dataset_csv.CHANGE_CELLS, *COMPUTED}),
        ("processed/deployments.csv", {*dataset_csv.DEPLOYMENT_CELLS, "url"}),
        ("processed/incidents.csv", {*dataset_csv.INCIDENT_CELLS}),
        ("processed/commits.csv", {*dataset_csv.COMMIT_COLUMNS}),
    ],
)
def test_every_column_is_described(heading: str, columns: set[str]) -> None:
    text = (ROOT / "docs/data-format.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\|([^|]+)\|", section, flags=re.MULTILINE)

    assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} == columns


def test_what_a_column_means_is_said_the_same_in_the_file_and_in_the_documents() -> None:
    whole = (ROOT / "docs/data-format.md").read_text(encoding="utf-8")
    short = (ROOT / "docs/review.md").read_text(encoding="utf-8")
    for column in REVIEW_COLUMN_TABLE:
        who = "you" if column.is_decision else "we"
        assert f"| `{column.name}` | {who} | {column.meaning} |" in whole
        assert (f"| `{column.name}` | {column.meaning} |" in short) == column.is_decision
