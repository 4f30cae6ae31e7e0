"""What `dora-metrics import` takes for a filled-in review file of 100,000 rows: target under 15 s and 300 MB.

    python benchmarks/import_rows.py [ROWS]

The whole command, each time in a process of its own over the same freshly extracted data: a history of lone commits,
so that each is a change and a row, with a tag for every 166 of them, and a review file that shows all rows. Every
second row is answered, every tenth in two cells more. In `moved` every thousandth names a time of deployment as well:
then what was deployed when has changed, and no change that was judged before the file was read can be used after it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from history_of_300k import make
from measure import table

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS_PER_TAG = 166
FILES = ("csv", "xlsx", "moved")
SETTINGS = """\
[repository]
path = "../history"
github = "acme/shop"
[storage]
path = "data"
[review]
format = "csv"
"""
TOLD = re.compile(r"([\d,]+) decisions from")


def main() -> None:
    """Print the table, or with a folder fill in the review file that was extracted there."""
    if len(sys.argv) > 2:  # noqa: PLR2004 (the second argument is the folder)
        fill(Path(sys.argv[2]))
        return
    report(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)


def report(rows: int) -> None:
    """Extract, fill the file in, import it in each form, print what each import took."""
    print(f"## Import\n\nA review file of {rows:,} rows. Target: under 15 s and 300 MB.\n", flush=True)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder, "history"), commits=rows, tags=rows // ROWS_PER_TAG, pull_request_share=0)
        work = Path(folder, "work")
        work.mkdir()
        (work / "dora-metrics.toml").write_text(SETTINGS, encoding="utf-8")
        dora_metrics(work, "extract", "--review-rows", "all")
        (work / "data").rename(work / "extracted")
        # In another process: what Linux tells of a child's memory includes what its parent had when it started it.
        subprocess.run([sys.executable, __file__, str(rows), str(work)], check=True)
        for name in FILES:
            file = work / f"filled-{name}"
            shutil.rmtree(work / "data", ignore_errors=True)
            shutil.copytree(work / "extracted", work / "data")
            lines.append([name, f"{file.stat().st_size / 1e6:.1f} MB", *dora_metrics(work, "import", str(file))])
    print(table(["file", "size", "decisions", "CPU", "wall", "peak"], lines))


def fill(work: Path) -> None:
    """Write the review file as a person sends it back, in each of `FILES`."""
    text = (work / "extracted/processed/pending_review.csv").read_text(encoding="utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    column = {name: place for place, name in enumerate(header)}
    for number, row in enumerate(rows):
        if number % 2 == 0:
            row[column["reviewed"]] = "yes"
        if number % 10 == 0:
            row[column["is_hotfix"]], row[column["notes"]] = "yes", "looked at, by me"
    as_csv(work / "filled-csv", [header, *rows])
    as_xlsx(work / "filled-xlsx", [header, *rows])
    for row in rows[::1000]:
        row[column["deployed_at"]] = "2025-03-02T14:05:00Z"
    as_csv(work / "filled-moved", [header, *rows])


def as_csv(file: Path, rows: Sequence[Sequence[str]]) -> None:
    """As Excel's `CSV UTF-8`."""
    with file.open("w", encoding="utf-8-sig", newline="") as written:
        csv.writer(written).writerows(rows)


def as_xlsx(file: Path, rows: Sequence[Sequence[str]]) -> None:
    """With every cell as text, as our own file has them."""
    from xlsxwriter import Workbook  # noqa: PLC0415 (one form of three)

    with Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if cell:
                    sheet.write_string(number, place, cell)


def dora_metrics(work: Path, *arguments: str) -> list[str]:
    """Decisions taken, CPU and wall seconds and peak memory of one run of the command."""
    command = [sys.executable, "-m", "dora_metrics", *arguments]
    started = time.perf_counter()
    with subprocess.Popen(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        said = TOLD.search(child.stdout.read())
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    if child.returncode not in (0, 10):
        sys.exit(f"{' '.join(arguments)} failed with {child.returncode}")
    peak = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    cpu_s = usage.ru_utime + usage.ru_stime
    return [said[1] if said else "", f"{cpu_s:.1f} s", f"{wall_s:.1f} s", f"{peak:.0f} MiB ({peak * 1.048576:.0f} MB)"]


if __name__ == "__main__":
    main()
