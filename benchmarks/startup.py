"""How long `--help` takes, against an empty Python: `python benchmarks/startup.py [--runs 15]`. Target: 6 times."""

from __future__ import annotations

import argparse
import os
import sys

from measure import describe_machine, in_turns, table

TARGET = 6.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    report(runs=runs)


def report(*, runs: int) -> None:
    """Measure, and print the table."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import click": [sys.executable, "-c", "import click"],
        "dora-metrics --help": [sys.executable, "-m", "dora_metrics", "--help"],
    }
    measured = in_turns(commands, runs=runs)
    base = measured["python -c pass"]
    rows = [
        [name, f"{series.wall_s * 1000:.0f} ms", f"{series.cpu_ratio(base):.1f}", f"{series.wall_ratio(base):.1f}"]
        for name, series in measured.items()
    ]
    print(f"## Start-up\n\n{describe_machine()}. Target: at most {TARGET:g} times `python -c pass`.\n")
    print(table(["command", "wall, median", "CPU ratio", "wall ratio"], rows), end="\n\n")


if __name__ == "__main__":
    main()
