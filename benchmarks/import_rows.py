"""What it takes to read a filled-in review file of 100,000 rows: target under 15 s and 300 MB.

    python benchmarks/import_rows.py [ROWS]

Each form is read in a process of its own: every second row is answered, every tenth in three cells more. What may be
named (every commit, every row) is in memory, as in `import`.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from dora_metrics.domain.known_keys import KnownService
from dora_metrics.domain.review import ReviewRow
from dora_metrics.storage.csv_handler import CSVHandler
from measure import peak_memory_mb, table

REPOSITORY = "acme/shop"
START = datetime(2015, 1, 1, tzinfo=timezone.utc)
FORMS = ("csv", "xlsx")


def main() -> None:
    """Print the table, or with a file measure one reading of it."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:  # noqa: PLR2004 (the second argument is the file)
        print(read(rows, Path(sys.argv[2])))
        return
    report(rows)


def report(rows: int) -> None:
    """Write the file in each form, read each in a process of its own, print what that took."""
    print(f"## Import\n\nA review file of {rows:,} rows. Target: under 15 s and 300 MB.\n", flush=True)
    head = ["form", "file", "writing it", "reading and checking every row, CPU", "peak of the process", "decisions"]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMS:
            path, started = Path(folder, f"filled.{form}"), time.process_time()
            path.write_bytes(CSVHandler().review_file(map(answered, range(rows)), form))
            wrote = time.process_time() - started
            command = [sys.executable, __file__, str(rows), str(path)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            lines.append([form, f"{path.stat().st_size / 1e6:.1f} MB", f"{wrote:.1f} s", *" ".join(told).split(" | ")])
    print(table(head, lines))


def read(rows: int, path: Path) -> str:
    """CPU seconds, memory and decisions of one reading."""
    shown = {row.key: row for row in map(plain, range(rows))}
    known = KnownService(REPOSITORY, commits=frozenset(key[len("commit:") :] for key in shown), rows=shown)
    started = time.process_time()
    taken = CSVHandler().parse_review(
        path.read_bytes(),
        file_name=path.name,
        known=[known],
        timezone="Europe/Berlin",
        accepted_at=datetime.now(timezone.utc),
    )
    spent = time.process_time() - started
    assert not taken.warnings, taken.warnings
    return f"{spent:.1f} s | {peak_memory_mb():.0f} MiB | {len(taken.annotations):,}"


def plain(number: int) -> ReviewRow:
    """A row as we write it."""
    sha = hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest()
    return ReviewRow(
        key=f"commit:{sha}",
        repository=REPOSITORY,
        date=START + timedelta(minutes=30 * number),
        pull_request=number,
        title=f"feat: what a pull request of this length is about, number {number}",
        page=f"https://github.com/{REPOSITORY}/pull/{number}",
        deployment=f"v1.{number // 100}",
        proposal="hotfix" if number % 20 == 0 else "",
        reason="title starts with hotfix:" if number % 20 == 0 else "",
    )


def answered(number: int) -> ReviewRow:
    """The same row as a person sends it back."""
    row = plain(number)
    said = {"reviewed": "yes"} if number % 2 == 0 else {}
    if number % 10 == 0:
        said.update({"is_hotfix": "yes", "notes": "looked at, by me", "deployed_at": "2025-03-02T14:05:00Z"})
    return ReviewRow(**{**vars(row), "decisions": said})


if __name__ == "__main__":
    main()
