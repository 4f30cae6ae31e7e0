"""The findings about the data, written beside the tables and read back the same."""

from __future__ import annotations

import pytest

from dora_metrics.domain.quality import WATCH, QualityFinding
from dora_metrics.errors import InputError
from dora_metrics.storage.quality_json import parse_quality, quality_json

GIVEN = (
    QualityFinding("left_out:negative", "Changes written after their deployment", 1, 3, WATCH, "a clock", "correct it"),
    QualityFinding("undated_commits", "Commits without a time, „ohne“", 2),
)


def test_what_was_written_is_read_back() -> None:
    assert parse_quality(quality_json(GIVEN)) == GIVEN
    assert parse_quality(quality_json(())) == ()


@pytest.mark.parametrize("content", [b"", b"{}x", b'[{"code": "x"}]', b"[1]", b"\xff"])
def test_what_is_no_list_of_findings_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="quality"):
        parse_quality(content)
