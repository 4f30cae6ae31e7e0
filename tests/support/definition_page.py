"""docs/definitions.md as its tests read it: sections, and in each the examples with their expected results.

An example is a fenced block `history` or `sums`. Its lines that begin with `=>` say what is expected; of `sums` every
line does, behind its `=`. A line that begins with `#` is for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "definitions.md"
KINDS = ("history", "sums")
OTHER_FENCES = ("toml",)
ARROW = "=>"


@dataclass(frozen=True)
class Example:
    """One fenced block of the page."""

    section: str
    """The heading above it, without `#`."""
    kind: str
    line: int
    """Of the page, at which it begins."""
    lines: tuple[str, ...]
    """Without comments and empty ones."""

    @property
    def name(self) -> str:
        """For a test's name."""
        return f"{self.section}, line {self.line}"

    @property
    def given(self) -> tuple[str, ...]:
        """What happened."""
        return tuple(line for line in self.lines if not line.startswith(ARROW))

    @property
    def expected(self) -> tuple[str, ...]:
        """What is made of it, without the arrows."""
        return tuple(line[len(ARROW) :].strip() for line in self.lines if line.startswith(ARROW))


def sections_of(page: str) -> list[str]:
    """The page's headings of the second rank, in order."""
    return re.findall(r"^## (.+)$", page, re.MULTILINE)


def examples_of(page: str) -> list[Example]:
    """All examples, in order. Raises `ValueError` for a fenced block that no test would look at."""
    return list(_blocks(page))


def unchecked_examples(page: str) -> list[int]:
    """Lines of the page that announce an example and are followed by none that a test runs."""
    found = []
    lines = page.splitlines()
    for number, line in enumerate(lines, 1):
        if re.search(r"\bexample\b", line, re.IGNORECASE):
            following = next((text for text in lines[number:] if text.strip()), "")
            ends = line.rstrip().endswith(":") and following.startswith(tuple(f"```{kind}" for kind in KINDS))
            if not ends:
                found.append(number)
    return found


def _blocks(page: str) -> Iterator[Example]:
    section, kind, begun, body = "", "", 0, []
    for number, line in enumerate(page.splitlines(), 1):
        if not kind and line.startswith("## "):
            section = line[3:]
        elif not kind and line.startswith("```"):
            kind, begun, body = line[3:].strip(), number, []
            if kind not in (*KINDS, *OTHER_FENCES):
                message = f"line {number}: a block {kind!r} is checked by nothing"
                raise ValueError(message)
        elif kind and line.startswith("```"):
            if kind in KINDS:
                yield Example(section, kind, begun, tuple(body))
            kind = ""
        elif kind and line.strip() and not line.startswith("#"):
            body.append(line.strip())
