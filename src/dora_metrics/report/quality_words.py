"""Findings about the data as a person reads them: what matters most first, each with what to do about it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from dora_metrics.domain.quality import FINE, QualityFinding
from dora_metrics.report.words import format_ratio, plural

WIDTH = 96
"""Of texts on the terminal."""
HEADING = "How far the data can be trusted"
NOTHING_TO_DO = "nothing"
VIA = "via:"
"""How the codes of the rules of delivery begin."""


def counted(finding: QualityFinding) -> str:
    """`12 of 175 (6.9 %)`, or the count alone where a share says nothing."""
    if finding.total is None:
        return f"{finding.count:,}"
    return f"{finding.count:,} of {finding.total:,} ({format_ratio(finding.share)})"


def remedy_of(finding: QualityFinding) -> str:
    """What to do; `nothing` when there is nothing to do."""
    return finding.remedy or NOTHING_TO_DO


def quality_lines(findings: Sequence[QualityFinding]) -> list[str]:
    """A short section for the terminal, ended by an empty line; no line at all without findings.

    What asks for something, or must be known, stands with its meaning and its remedy; the rest is counted below.
    """
    if not findings:
        return []
    grave = [line for finding in findings if finding.severity != FINE for line in _whole(finding)]
    fine = [finding for finding in findings if finding.severity == FINE]
    counts = [f"{found.what}: {counted(found)}" for found in fine if not found.code.startswith(VIA)]
    short = [line for said in (*counts, *_by_rule(fine)) for line in _wrapped(f"  {FINE:<5}  ", said)]
    return [HEADING, *grave, *short, ""]


def grave_lines(findings: Sequence[QualityFinding], most: int) -> list[str]:
    """The first `most` findings that ask for something or must be known, whole; then how many there are beside."""
    grave = [finding for finding in findings if finding.severity != FINE]
    lines = [line for finding in grave[:most] for line in _whole(finding)]
    rest = len(findings) - len(grave[:most])
    return [*lines, f"  and {plural(rest, 'more finding')}: dora-metrics calculate"] if lines and rest else lines


def _whole(finding: QualityFinding) -> Iterator[str]:
    """The finding whole, in lines of at most `WIDTH`."""
    yield from _wrapped(f"  {finding.severity:<5}  ", f"{finding.what}: {counted(finding)}; {finding.meaning}")
    if finding.remedy:
        yield from _wrapped("         -> ", finding.remedy)


def _by_rule(findings: Sequence[QualityFinding]) -> list[str]:
    """All rules of delivery in one sentence."""
    rules = [found for found in findings if found.code.startswith(VIA)]
    said = ", ".join(f"{found.code[len(VIA) :]} {found.count:,} ({format_ratio(found.share)})" for found in rules)
    return [f"Delivered changes by the rule that found their deployment: {said}"] if rules else []


def _wrapped(first: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False)
