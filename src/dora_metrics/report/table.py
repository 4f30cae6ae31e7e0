"""A table of final texts, ready to be placed on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from dora_metrics.report.view_frames import short_key

Row = Mapping[str, str]
"""Column to text; nothing is the empty text."""
NONE = "–"  # noqa: RUF001 (a dash, as print has it)
"""Stands where there is nothing to say."""


@dataclass(frozen=True)
class Column:
    """A heading, and what stands under it."""

    heading: str
    number: bool = False
    whole: bool = False
    """Its cells are never broken into lines: times."""
    path: str = ""
    """Where its numbers stand in the JSON of their period: `lead_time.median_hours`; empty = they stand nowhere."""


@dataclass(frozen=True)
class Cell:
    """Final text; what is not plain stands in a field of its own."""

    text: str
    url: str = ""
    """Where it leads; http or https, or empty."""
    note: str = ""
    """A second, quieter line."""
    badges: tuple[str, ...] = ()
    """Short marks behind the text: `hotfix`."""
    raw: str = ""
    """The number at the column's `path` as JSON writes it; empty for what is no such number."""


@dataclass(frozen=True)
class Table:
    """Rows ready to be placed."""

    key: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    intro: str = ""
    total: int = 0
    """How many there are, shown or not."""
    more: str = ""
    """Where the rest is; empty when all are shown."""
    file: str = ""
    """The CSV file that holds all of them."""
    empty: str = "None."
    """What stands in the place of an empty table."""
    struck: tuple[bool, ...] = ()
    """For each row whether it speaks of a failure; empty = none does."""
    periods: tuple[str, ...] = ()
    """For each row the label of its period; empty = they are of none."""


@dataclass(frozen=True)
class Shown:
    """What every table needs to know."""

    zone: tzinfo
    as_of: datetime
    repositories: bool
    """Whether rows name their repository."""
    services: bool
    """Whether rows name their service."""
    names: Mapping[str, str] = field(default_factory=dict)
    """By key the tags of GitHub's Deployments: what people call them."""

    def deployment(self, key: str) -> str:
        """What people call the deployment of this key; empty without a key."""
        return self.names.get(key) or short_key(key)

    def origin(self, row: Row) -> list[Cell]:
        """The cells that say where a row belongs."""
        names = (("repository", self.repositories), ("service", self.services))
        return [Cell(row.get(name, "")) for name, wanted in names if wanted]

    def columns(self, *before: Column, after: Sequence[Column]) -> tuple[Column, ...]:
        """All columns, those of `origin` in their place."""
        names = (("Repository", self.repositories), ("Service", self.services))
        return (*before, *(Column(name) for name, wanted in names if wanted), *after)


def more_in(total: int, shown: int, file: str) -> str:
    """`1,204 more in changes.csv`; empty when all are shown."""
    return f"{total - shown:,} more in {file}" if total > shown else ""
