"""The findings about the data as the page shows them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dora_metrics.domain.quality import ACT, FINE, WATCH, QualityFinding
from dora_metrics.report.quality_words import counted

SEVERITIES = {ACT: "Do something", WATCH: "Know it", FINE: "Fine"}


@dataclass(frozen=True)
class Finding:
    """One row of the data quality table."""

    severity: str
    """`act`, `watch` or `fine`."""
    weight: str
    """The same in words."""
    what: str
    count: str
    meaning: str
    remedy: str
    """What to do, commands as they are typed; may be empty."""


def say_findings(findings: Sequence[QualityFinding]) -> tuple[Finding, ...]:
    """The findings in final words, in their order."""
    return tuple(
        Finding(
            finding.severity,
            SEVERITIES.get(finding.severity, finding.severity),
            finding.what,
            counted(finding),
            _sentence(finding.meaning),
            finding.remedy.replace("`", ""),
        )
        for finding in findings
    )


def _sentence(text: str) -> str:
    """With a capital and a full stop; what stands in backticks loses them."""
    plain = text.replace("`", "")
    return f"{plain[0].upper()}{plain[1:].rstrip('.')}." if plain else ""
