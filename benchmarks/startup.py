"""How long `--help` takes against an empty Python (target: 6 times), and an `update` without news (2 times `--help`).

python benchmarks/startup.py [--runs 15]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import describe_machine, in_turns, table

TARGET = 6.0
UPDATE_TARGET = 2.0
OURS = (sys.executable, "-m", "dora_metrics")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    report(runs=runs)


def report(*, runs: int) -> None:
    """Measure, and print the table."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import click": [sys.executable, "-c", "import click"],
            "dora-metrics --help": [*OURS, "--help"],
            "dora-metrics update, nothing new": [*OURS, "update", "-q", "--config", make_project(Path(folder))],
        }
        measured = in_turns(commands, runs=runs)
    base = measured["python -c pass"]
    rows = [
        [name, f"{series.wall_s * 1000:.0f} ms", f"{series.cpu_ratio(base):.1f}", f"{series.wall_ratio(base):.1f}"]
        for name, series in measured.items()
    ]
    print(f"## Start-up\n\n{describe_machine()}. Target: at most {TARGET:g} times `python -c pass`.\n")
    print(table(["command", "wall, median", "CPU ratio", "wall ratio"], rows), end="\n\n")
    update, usage = measured["dora-metrics update, nothing new"], measured["dora-metrics --help"]
    cpu, wall = update.cpu_ratio(usage), update.wall_ratio(usage)
    print(f"An update without news to --help: CPU {cpu:.1f}, wall {wall:.1f}. Target: {UPDATE_TARGET:g}.\n")


def make_project(folder: Path) -> str:
    """A clone with one commit, extracted, git only; its configuration file."""
    clone, settings = folder / "clone", folder / "dora-metrics.toml"
    settings.write_text('[repository]\npath = "clone"\n', encoding="utf-8")
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(clone)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "start"], check=True)
    subprocess.run([*OURS, "extract", "--full", "-q", "--config", str(settings)], check=True)
    return str(settings)


if __name__ == "__main__":
    main()
