"""The real command line under `strace`: which calls change the data folder, and a run in which one of them fails.

Only the program's own process is followed: git writes nothing below the data folder (a test looks), and a fault that
counts calls would strike it as well.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.small_shop import SmallShop

ENTRY = Path(__file__).with_name("crash_entry.py")
WRITING = (
    "openat", "write", "writev", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "ftruncate", "chmod", "fchmod", "fchmodat", "symlinkat",
)  # fmt: skip
LONGEST_RUN_S = 120
_CALL = re.compile(r"(?:\d+ +)?(?P<name>\w+)\((?P<arguments>.*)")
_RESULT = re.compile(r"\) +=.*$")
_RANDOM = re.compile(r"\.dora-[0-9a-f]{16}")


@dataclass(frozen=True)
class Point:
    """The `count`-th call of a name in a run, which changes the data folder."""

    name: str
    count: int
    what: str
    """The call as strace shows it, without what is random in it."""


@dataclass(frozen=True)
class Struck:
    """A run in which one call did not do what it should."""

    code: int
    """-9 when it was killed."""
    err: str
    what: str
    """The call that was struck."""


def changes_data(line: str, data: Path) -> bool:
    """Whether a line of a trace is a call that could change what is below `data`."""
    found = _CALL.match(line)
    if found is None or found["name"] not in WRITING:
        return False
    if found["name"] == "openat" and "O_CREAT" not in line:
        return False
    arguments = found["arguments"]
    if "write" in found["name"] or "sync" in found["name"]:
        arguments = arguments.partition(">")[0]
    return f"<{data}" in arguments or f'"{data}' in arguments


def survey(shop: SmallShop, *arguments: str, bug: str = "none") -> list[Point]:
    """The points of an undisturbed run, in order."""
    lines = trace(shop, *arguments, bug=bug)
    return list(_points(lines, shop.data))


def warm_up(shop: SmallShop, *arguments: str, bug: str = "none") -> None:
    """A run that leaves the bytecode of all it imports: otherwise which files are opened would change between runs."""
    command = [sys.executable, str(ENTRY), bug, *arguments]
    subprocess.run(command, cwd=shop.work, env=_environ(shop), capture_output=True, check=True)


def _environ(shop: SmallShop) -> dict[str, str]:
    bytecode = str(shop.folder.parent / "bytecode")
    return {**shop.full_environ(), "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": bytecode}


def trace(shop: SmallShop, *arguments: str, bug: str = "none", options: Sequence[str] = ()) -> list[str]:
    """What an undisturbed run called; it must succeed."""
    code, err, lines = _run(shop, arguments, bug, ("-e", f"trace={','.join(WRITING)}", *options))
    assert code == 0, err
    return lines


def strike(shop: SmallShop, point: Point, fault: str, *arguments: str, bug: str = "none") -> Struck:
    """A run in which the call at `point` is not made: the process is killed instead, or it gets an error.

    `fault` is `signal=KILL` or `error=…`, as strace takes them.
    """
    inject = ("-e", f"trace={point.name}", "-e", f"inject={point.name}:{fault}:when={point.count}")
    code, err, lines = _run(shop, arguments, bug, inject)
    struck = [line for line in lines if "(INJECTED)" in line or line.rstrip().endswith("= ?")]
    assert struck, f"{point} was never reached"
    return Struck(code, err, _bare(struck[0]))


def _run(shop: SmallShop, arguments: Sequence[str], bug: str, options: Sequence[str]) -> tuple[int, str, list[str]]:
    output = shop.folder / "trace"
    command = ["strace", "-y", "-s", "300", "-o", str(output), *options]
    done = subprocess.run(
        [*command, sys.executable, str(ENTRY), bug, *arguments],
        cwd=shop.work,
        env={**_environ(shop), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN_S,
        check=False,
    )
    return done.returncode, done.stderr, output.read_text(encoding="utf-8", errors="replace").splitlines()


def _points(lines: Sequence[str], data: Path) -> Iterator[Point]:
    counts: Counter[str] = Counter()
    for line in lines:
        found = _CALL.match(line)
        if found is None:
            continue
        counts[found["name"]] += 1
        if changes_data(line, data):
            yield Point(found["name"], counts[found["name"]], _bare(line))


def _bare(line: str) -> str:
    """A call without its result and random names."""
    return _RANDOM.sub(".dora-", _RESULT.sub("", line)).partition("O_")[0]
