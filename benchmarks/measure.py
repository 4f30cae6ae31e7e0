"""Runs commands in turns and takes the CPU time of each, its children included.

Ratios within one run are to be trusted, absolute times are not: so the compared commands take turns, and the median of
the ratios of each turn is what is reported.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cost:
    """What one run of a command took."""

    cpu_s: float
    """User and system time of the process and of the children that it waited for."""
    wall_s: float
    output: str = ""
    """What it wrote to stdout; empty when that went to /dev/null."""


def cost(command: Sequence[str], *, keep_output: bool = False, stdin: Path = Path(os.devnull)) -> Cost:
    """One run, reading from the file `stdin`. Ends the benchmark when the command fails."""
    output = subprocess.PIPE if keep_output else subprocess.DEVNULL
    started = time.perf_counter()
    with stdin.open("rb") as given, subprocess.Popen(command, stdout=output, stdin=given) as child:
        written = child.stdout.read().decode() if child.stdout else ""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command[0]} … failed with {child.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, written)


@dataclass(frozen=True)
class Series:
    """The runs of one command, in the order of the turns."""

    costs: tuple[Cost, ...]

    @property
    def cpu_s(self) -> float:
        """Median CPU seconds."""
        return median(each.cpu_s for each in self.costs)

    @property
    def wall_s(self) -> float:
        """Median wall seconds."""
        return median(each.wall_s for each in self.costs)

    def cpu_ratio(self, base: Series) -> float:
        """Median of the turns' CPU ratios to `base`."""
        return median(mine.cpu_s / its.cpu_s for mine, its in zip(self.costs, base.costs))

    def wall_ratio(self, base: Series) -> float:
        """Median of the turns' wall ratios to `base`."""
        return median(mine.wall_s / its.wall_s for mine, its in zip(self.costs, base.costs))


def in_turns(
    commands: Mapping[str, Sequence[str]], *, runs: int, warm_up: bool = True, stdin: Path = Path(os.devnull)
) -> dict[str, Series]:
    """Each command once to warm up, then all of them `runs` times in turns; by the name of each.

    All of them read from the file `stdin`, and what they print is kept only of those that print little: not git's.
    """
    if warm_up:
        for command in commands.values():
            cost(command, stdin=stdin)
    turns = [
        {name: cost(command, keep_output=command[0] != "git", stdin=stdin) for name, command in commands.items()}
        for _ in range(runs)
    ]
    return {name: Series(tuple(turn[name] for turn in turns)) for name in commands}


def peak_memory_mb() -> float:
    """The most memory that this process has had, in MiB.

    On Linux from /proc: what `getrusage` tells includes the process that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except FileNotFoundError:
        import resource  # noqa: PLC0415 (macOS only)

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1)) / 1024


def git(repository: Path, *arguments: str) -> str:
    """What git printed."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace").stdout


def count_commits(repository: Path) -> int:
    """Commits that any ref reaches."""
    return int(git(repository, "rev-list", "--count", "--all"))


def describe_machine() -> str:
    """The versions and the size of this machine, for the head of a report."""
    version = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return f"{platform.system()}, {os.cpu_count()} cores, {version}, Python {platform.python_version()}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
