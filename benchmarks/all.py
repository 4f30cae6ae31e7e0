"""All benchmarks, as one report.

python benchmarks/all.py --quick                     small synthetic histories, under two minutes: what CI prints
python benchmarks/all.py [--repository CLONE]        in full size; with a clone also on it, beside other tools
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import attribution
import extraction
import import_rows
import startup
from history_of_300k import make

HERE = Path(__file__).parent


def calculation(changes: int) -> None:
    """Print what a calculation over that many changes takes."""
    print("## Calculation\n\nTarget: at most 1 s of CPU for a million changes.\n", flush=True)
    subprocess.run([sys.executable, str(HERE / "calculate_million.py"), str(changes)], check=True)


def page(changes: int) -> None:
    """Print what the report of that many changes costs."""
    print("## The report\n\nTarget: 5 s and 5 MB for 100,000 changes, open in 2 s.\n", flush=True)
    subprocess.run([sys.executable, str(HERE / "report_100k.py"), str(changes)], check=True)


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--slice", default="v1.4.0", help="a tag of the clone: other tools run on the history up to it")
    chosen = parser.parse_args()
    small, large, runs = (5_000, 15_000, 3) if chosen.quick else (100_000, 300_000, 5)
    clone = chosen.repository
    with tempfile.TemporaryDirectory() as folder:
        made = [make(Path(folder, f"synthetic-{size // 1000}k"), commits=size, tags=100) for size in (small, large)]
        sliced = (clone, chosen.slice) if clone else None
        extraction.report(repositories=[*([clone] if clone else []), *made], runs=runs, sliced=sliced)
    attribution.report(commits=50_000 if chosen.quick else 1_000_000, repository=clone)
    startup.report(runs=5 if chosen.quick else 15)
    calculation(50_000 if chosen.quick else 1_000_000)
    import_rows.report(5_000 if chosen.quick else 100_000)
    page(10_000 if chosen.quick else 100_000)


if __name__ == "__main__":
    main()
