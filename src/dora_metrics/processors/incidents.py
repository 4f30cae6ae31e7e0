"""What incident issues say: which of them count, what they name as their cause, and who names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Optional

from dora_metrics.domain.github_facts import Incident

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_STATED = re.compile(
    r"\b(?:caused\s+by|root\s+cause)\b[\s:*_`=]*(?:(?:is|was)\b[\s:*_`]*)?(?:the\s+)?"
    r"(?:(?:pull\s+request|pr|commit|release|tag|version|deployment(?:\s+of)?)\b[\s:*_`]*)?"
    r"(?P<target>[^\s`*,;()<>\[\]\"']+)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<owner>[\w.-]+/[\w.-]+)?#(?P<number>\d{1,18})")
_ADDRESS = re.compile(
    r"https?://[^\s/]+/(?P<owner>[\w.-]+/[\w.-]+)/(?P<kind>pull|commit|releases/tag)/(?P<named>[^\s?#]+)", re.IGNORECASE
)
_MENTION = re.compile(r"(?<![\w&/])(?:(?P<owner>[\w.-]+/[\w.-]+))?#(?P<number>\d{1,18})\b")


def counted_incidents(incidents: Iterable[Incident], labels: Sequence[str]) -> list[Incident]:
    """Those that bear one of `labels` now, in any case, by number; one whose label was taken off counts no more."""
    wanted = {label.casefold() for label in labels}
    counted = {i.number: i for i in incidents if any(label.casefold() in wanted for label in i.labels)}
    return [counted[number] for number in sorted(counted)]


def stated_causes(incident: Incident, repository: str) -> list[str]:
    """What the issue itself says that it was caused by, in the order of its text: `#12`, or a tag or commit as written.

    "Caused by #12" and "root cause: v1.2" in any case, in title and body; what stands in HTML comments, as templates
    have it, and what belongs to other repositories, is passed over.
    """
    text = f"{incident.title}\n\n{_COMMENT.sub(' ', incident.body)}"
    found = (_target(match["target"], repository) for match in _STATED.finditer(text))
    return [target for target in dict.fromkeys(found) if target]


def _target(written: str, repository: str) -> Optional[str]:
    written = written.rstrip(".:!?")
    number = _NUMBER.fullmatch(written)
    if number:
        return f"#{int(number['number'])}" if _is_here(number["owner"], repository) else None
    address = _ADDRESS.fullmatch(written)
    if address is None:
        return written
    if not _is_here(address["owner"], repository):
        return None
    named = address["named"].partition("/")[0] if address["kind"].lower() == "pull" else address["named"]
    return f"#{named}" if address["kind"].lower() == "pull" else named


def mentioned(line: str, repository: str) -> set[int]:
    """The numbers of this repository's issues and pull requests that `line` mentions as #12 or owner/name#12."""
    found = _MENTION.finditer(line)
    return {int(match["number"]) for match in found if _is_here(match["owner"], repository)}


def of_this_repository(named: Iterable[tuple[str, int]], repository: str) -> set[int]:
    """The numbers of `named`, (`owner/name` or empty, number), that are this repository's."""
    return {number for owner, number in named if _is_here(owner, repository)}


def _is_here(owner: Optional[str], repository: str) -> bool:
    return not owner or owner.lower() == repository.lower()
