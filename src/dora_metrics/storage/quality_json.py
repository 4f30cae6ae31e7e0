"""The findings about the data as the file that stands beside the master dataset; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dora_metrics.domain.quality import QualityFinding
from dora_metrics.errors import InputError

FIELDS = ("code", "what", "count", "total", "severity", "meaning", "remedy")


def quality_json(findings: Iterable[QualityFinding]) -> bytes:
    """The findings, in the order given; the same findings give the same bytes."""
    return (json.dumps([found.as_object() for found in findings], indent=1, ensure_ascii=False) + "\n").encode()


def parse_quality(content: bytes) -> tuple[QualityFinding, ...]:
    """The findings that `quality_json` wrote, in their order. Raises `InputError` for any other content."""
    try:
        return tuple(QualityFinding(**{name: entry[name] for name in FIELDS}) for entry in json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        message = f"quality.json cannot be read: {error}"
        raise InputError(message, remedy="rebuild the processed files with dora-metrics extract") from error
