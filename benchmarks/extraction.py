"""Extraction beside raw git and beside other tools.

    python benchmarks/extraction.py [--repository CLONE] [--scale SMALL LARGE] [--rivals [--slice TAG]] [--runs 5]

Raw git is the same `git log`, with the same fields and the same starting points, to /dev/null. --scale takes two
synthetic repositories (history_of_300k.py). --rivals installs GitPython, PyDriller and Perceval into an environment of
its own, and runs them on CLONE's history up to --slice, which should have some thousand commits.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from dora_metrics.extractors.git_extractor import GitExtractor
from dora_metrics.extractors.git_log import LOG_ARGS
from measure import Series, describe_machine, git, in_turns, table

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
RIVALS = {"gitpython": "GitPython", "pydriller": "PyDriller", "perceval": "Perceval"}
RAW = "raw git log"
OURS = "dora-metrics"


def ours(repository: Path, place: Path) -> list[str]:
    """The command that extracts `repository` into a store below `place`."""
    return [sys.executable, str(HERE / "ours.py"), str(repository), str(place / "store")]


def raw_git(repository: Path, place: Path) -> tuple[list[str], Path]:
    """The same log by git alone, and the file with the hashes that it starts from."""
    tips = place / "tips"
    state = GitExtractor(repository, environ=os.environ).inspect()
    tips.write_text("".join(f"{sha}\n" for sha in state.tips), encoding="ascii")
    return ["git", "-C", str(repository), *LOG_ARGS], tips


def last_answer(series: Series) -> dict[str, float]:
    """What ours.py printed."""
    answer: dict[str, float] = json.loads(series.costs[-1].output)
    return answer


def compare_with_git(repository: Path, place: Path, *, runs: int) -> tuple[dict[str, Series], int]:
    """Raw git and ours in turns, and how many commits that were."""
    raw, tips = raw_git(repository, place)
    measured = in_turns({RAW: raw, OURS: ours(repository, place)}, runs=runs, stdin=tips)
    return measured, int(last_answer(measured[OURS])["commits"])


def report_against_git(repositories: Sequence[Path], place: Path, *, runs: int) -> None:
    """Print targets 1 and 2."""
    print(f"Paired runs, median of {runs}. Targets: CPU at most 1.4 times git's, wall 1.25 times, memory 64 MB.\n")
    rows = []
    for repository in repositories:
        measured, commits = compare_with_git(repository, place, runs=runs)
        mine, its = measured[OURS], measured[RAW]
        rows.append(
            [
                repository.name,
                f"{commits:,}",
                f"{its.cpu_s / commits * 1e6:.0f} µs",
                f"{mine.cpu_s / commits * 1e6:.0f} µs",
                f"{mine.cpu_ratio(its):.2f}",
                f"{mine.wall_ratio(its):.2f}",
                f"{last_answer(mine)['memory']:.0f} MiB",
            ]
        )
    head = ["repository", "commits", "git, CPU a commit", "ours, CPU a commit", "CPU ratio", "wall ratio", "memory"]
    print(table(head, rows), end="\n\n")


def environment_of_rivals(place: Path) -> str:
    """The Python of an environment with the other tools, made when it is not there."""
    folder = place / "rivals"
    python = str(folder / "bin/python")
    if not folder.exists():
        venv.create(folder, with_pip=True)
        packages = [name.lower() for name in RIVALS.values()]
        subprocess.run([python, "-m", "pip", "install", "-qq", *packages], check=True)
    return python


def slice_of(repository: Path, tag: str, place: Path) -> Path:
    """A repository with the history up to `tag`, and nothing else."""
    folder = place / "slice.git"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)
    git(folder, "fetch", "--quiet", "--no-tags", str(repository.resolve()), f"refs/tags/{tag}")
    git(folder, "update-ref", "refs/heads/main", "FETCH_HEAD^{commit}")
    return folder


def report_against_rivals(repository: Path, tag: str, place: Path, *, runs: int) -> None:
    """Print target 10."""
    sliced = slice_of(repository, tag, place)
    python = environment_of_rivals(place)
    raw, tips = raw_git(sliced, place)
    commands = {RAW: raw, OURS: ours(sliced, place)}
    commands.update({name: [python, str(HERE / "rivals.py"), tool, str(sliced)] for tool, name in RIVALS.items()})
    measured = in_turns(commands, runs=runs, warm_up=False, stdin=tips)
    commits = int(last_answer(measured[OURS])["commits"])
    rows = [
        [
            name,
            f"{series.cpu_s / commits * 1e6:,.0f} µs",
            f"{series.cpu_ratio(measured[RAW]):.1f}",
            f"{series.cpu_ratio(measured[OURS]):.1f}",
            f"{series.wall_s:.2f} s",
        ]
        for name, series in measured.items()
    ]
    print(f"{commits:,} commits with their files, each tool in a process of its own, median of {runs}.")
    print("Targets: at least 30 times less than GitPython and PyDriller, 5 times less than Perceval.\n")
    print(table(["tool", "CPU a commit", "times git's", "times ours", "wall"], rows), end="\n\n")


def report(
    *, repositories: Sequence[Path], runs: int, sliced: Optional[tuple[Path, str]] = None, rival_runs: int = 3
) -> None:
    """Print the tables."""
    print(f"## Extraction\n\n{describe_machine()}.\n")
    with tempfile.TemporaryDirectory() as folder:
        report_against_git(repositories, Path(folder), runs=runs)
        if sliced:
            report_against_rivals(*sliced, Path(folder), runs=rival_runs)


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--scale", type=Path, nargs=2, default=())
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--slice", default="v1.4.0")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    repositories = [*([chosen.repository] if chosen.repository else []), *chosen.scale]
    sliced = (chosen.repository, chosen.slice) if chosen.rivals else None
    report(repositories=repositories, runs=chosen.runs, sliced=sliced)


if __name__ == "__main__":
    main()
