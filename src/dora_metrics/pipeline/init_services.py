"""Whether the tags of a repository are those of several services, and which folders these live in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from dora_metrics.config import ServiceSettings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Tag
from dora_metrics.processors.deployments import tag_time
from dora_metrics.report.words import plural

DEEPEST = 4
"""Folders further down are nobody's service."""
MOST_SHOWN = 30
_VERSIONS = (
    re.compile(r"^(?P<prefix>.*?[-_/@])(?P<v>v?)\d+(?:\.\d+)+[^/@]*$"),
    re.compile(r"^(?P<prefix>.*?[-_/@])(?P<v>v?)\d+$"),
)
_SIGNS_OF_PATTERNS = re.compile(r"[\[\]*?]")


@dataclass(frozen=True)
class TagFamily:
    """The version tags that begin alike, such as `api/v1.0`, `api/v1.1` and so on."""

    prefix: str
    """Such as `api/`, `web-` or `@scope/pkg@`."""
    pattern: str
    """The shell pattern that these tags and no others fit."""
    count: int
    newest: str
    newest_at: Optional[datetime]
    """`None` when no time can be read."""

    @property
    def path(self) -> str:
        """The name without separators at its ends: `api`, `service/s3`, `scope/pkg`."""
        return self.prefix.strip("-_/@")


def tag_families(tags: Iterable[Tag], history: History) -> list[TagFamily]:
    """The families of version tags with a name in front, the largest first, then by name."""
    found: dict[str, list[tuple[Tag, str]]] = {}
    for tag in tags:
        match = next((m for form in _VERSIONS if (m := form.match(tag.name))), None)
        prefix = match["prefix"] if match else ""
        if match and prefix.strip("-_/@") and not _SIGNS_OF_PATTERNS.search(prefix):
            found.setdefault(prefix, []).append((tag, match["v"]))
    families = [_family(prefix, members, found, history) for prefix, members in found.items()]
    return sorted(families, key=lambda family: (-family.count, family.prefix))


def _family(
    prefix: str, members: Sequence[tuple[Tag, str]], all_prefixes: Iterable[str], history: History
) -> TagFamily:
    start = prefix + ("v" if all(v for _, v in members) else "")
    longer = any(other != prefix and other.startswith(start) for other in all_prefixes)
    dated = [(tag_time(tag, history)[0], tag.name) for tag, _ in members]
    known = [(moment, name) for moment, name in dated if moment is not None]
    newest_at, newest = max(known) if known else (None, dated[-1][1])
    return TagFamily(prefix, f"{start}{'[0-9]' if longer else ''}*", len(members), newest, newest_at)


def folders_of(paths: Iterable[str]) -> set[str]:
    """The folders that hold `paths`, each with those above it, not below the fourth level."""
    found: set[str] = set()
    for path in paths:
        parts = path.split("/")[:-1][:DEEPEST]
        found.update("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    return found


def propose_services(families: Sequence[TagFamily], folders: Mapping[str, int]) -> tuple[ServiceSettings, ...]:
    """A service for each family whose name is that of a folder; none for fewer than two.

    `folders` says how many commits touched each. The folder of that very path comes first, then one of that name: where
    most families have theirs, the highest, the one that most commits touched.
    """
    homes = Counter(_parent(folder) for family in families for folder in _alike(family, folders))
    services: dict[str, ServiceSettings] = {}
    for family in families:
        folder = _folder_of(family, folders, homes)
        taken = {other.casefold() for other in services}
        names = (_plain(family.path.rpartition("/")[2]), _plain(family.path))
        name = next((name for name in names if name and name.casefold() not in taken), "")
        if folder and name:
            services[name] = ServiceSettings(name, f"{folder}/", family.pattern)
    return tuple(services.values()) if len(services) > 1 else ()


def _plain(name: str) -> str:
    """`name` with only the signs that a service's name may have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def _parent(folder: str) -> str:
    return folder.rpartition("/")[0]


def _alike(family: TagFamily, folders: Mapping[str, int]) -> list[str]:
    name = family.path.rpartition("/")[2]
    return [folder for folder in folders if folder.rpartition("/")[2] == name and "," not in folder]


def _folder_of(family: TagFamily, folders: Mapping[str, int], homes: Mapping[str, int]) -> str:
    if "/" in family.prefix and not family.prefix.startswith("@") and family.path in folders:
        return family.path

    def order(folder: str) -> tuple[int, int, int, str]:
        return (-homes[_parent(folder)], folder.count("/"), -folders[folder], folder)

    return min(_alike(family, folders), key=order, default="")


def family_lines(families: Sequence[TagFamily], services: Sequence[ServiceSettings]) -> Iterator[str]:
    """What was found, for a person; nothing where the tags are those of one service."""
    if len(families) < 2:  # noqa: PLR2004 (several)
        return
    folder_of = {service.tag_pattern: service.path_prefix for service in services}
    yield ""
    yield "The tags look like those of several services:"
    for family in families[:MOST_SHOWN]:
        date = f" on {family.newest_at:%Y-%m-%d}" if family.newest_at else ""
        where = f"folder {folder_of[family.pattern]}" if family.pattern in folder_of else "no folder proposed"
        yield f"  {family.pattern}: {plural(family.count, 'tag')}, newest {family.newest}{date}; {where}"
    if len(families) > MOST_SHOWN:
        yield f"  … and {len(families) - MOST_SHOWN:,} more"
    if services:
        yield (
            f"The proposal has {len(services):,} `services`, each with its own tags and folder: take out what is none, "
            "add folders they share. Without `services` the repository is measured as one."
        )
    else:
        yield "Fewer than two have a folder of their name: write `services` by hand to measure them one by one."
