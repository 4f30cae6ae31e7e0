"""Runs the examples of docs/definitions.md: each expected value, and what the program says instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support.definition_facts import Answers
from support.definition_history import draw
from support.definition_page import Example
from support.definition_sums import sum_of
from support.definition_values import agrees


@dataclass(frozen=True)
class Check:
    """One expected value of an example."""

    about: str
    """The subject and the name of the value, as the page has them."""
    written: str
    found: Any

    @property
    def holds(self) -> bool:
        """Whether the program says what the page says."""
        return agrees(self.written, self.found)

    def __str__(self) -> str:
        return f"{self.about}: the page says {self.written!r}, the program {self.found!r}"


def checks_of(example: Example) -> list[Check]:
    """All expected values of the example.

    Raises `ValueError` for a line that cannot be read, a value that has no name, and an example that expects nothing.
    """
    checks = list(_sums(example) if example.kind == "sums" else _history(example))
    if not checks:
        message = f"{example.name}: nothing is expected"
        raise ValueError(message)
    return checks


def _sums(example: Example) -> Iterator[Check]:
    for line in example.lines:
        what, equals, written = line.rpartition(" = ")
        if not equals:
            message = f"{line!r} says no value"
            raise ValueError(message)
        yield Check(what.strip(), written.strip(), sum_of(what.strip()))


def _history(example: Example) -> Iterator[Check]:
    answers = Answers(draw(example.given))
    for line in example.expected:
        place, subject, pairs = _parts(line)
        facts = answers.about(subject, place)
        for pair in pairs:
            name = _name(pair, facts)
            yield Check(f"{subject} {name}".strip(), pair[len(name) :].strip(), facts[name])


def _parts(line: str) -> tuple[str, str, list[str]]:
    """Where (a service or a profile, mostly empty), about what, and the expected pairs of name and value."""
    match = re.fullmatch(r"(?:in ([\w-]+), )?(.+?): +(.+)", line)
    if not match:
        message = f"{line!r} expects nothing"
        raise ValueError(message)
    return match[1] or "", match[2], match[3].split(", ")


def _name(pair: str, facts: Mapping[str, Any]) -> str:
    """The longest name that the pair begins with; of a list of keys the empty one."""
    names = [name for name in facts if not name or pair.startswith(f"{name} ")]
    if not names:
        message = f"{pair!r}: no value has such a name; there are {', '.join(facts)}"
        raise ValueError(message)
    return max(names, key=len)
