from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import DECISIONS
from dora_metrics.errors import IntegrityError
from dora_metrics.storage.csv_handler import CSVHandler
from support.judgement_samples import a_decision

HANDLER = CSVHandler()
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.just("\n"))
ANNOTATIONS = st.builds(
    Annotation,
    repository=TEXT,
    service=TEXT,
    key=TEXT,
    column=st.sampled_from(list(DECISIONS)),
    value=TEXT,
    accepted_at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(timezone.utc)).map(  # noqa: DTZ001 (hypothesis adds the zone)
        lambda moment: moment.replace(microsecond=0)
    ),
    source=st.text("0123456789abcdef", min_size=64, max_size=64),
    line=st.integers(2, 10**6),
)


@given(st.lists(ANNOTATIONS))
def test_what_was_accepted_comes_back_unchanged(annotations: list[Annotation]) -> None:
    assert HANDLER.parse_annotations(HANDLER.annotations_csv(annotations)) == annotations


STORED = HANDLER.annotations_csv([a_decision("tag:v1", "notes", "=1+1"), a_decision("tag:v1", "is_hotfix", "yes")])


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", id="empty"),
        pytest.param(STORED[:-5], id="cut off"),
        pytest.param(STORED + b"\n", id="a line more"),
        pytest.param(STORED.replace(b"is_hotfix", b"is_hotfox"), id="no such column"),
        pytest.param(STORED.replace(b"accepted_at", b"accepted"), id="another header"),
        pytest.param(STORED.replace(b"'=1+1", b"=1+1"), id="a guard taken off"),
        pytest.param(STORED.replace(b"\n", b"\r\n"), id="other line ends"),
        pytest.param(STORED.replace(b"2025-03-02T", b"2025-03-02 "), id="another form of time"),
        pytest.param(STORED.replace(b"000,2", b"000,two"), id="no line number"),
        pytest.param(STORED.replace(b"000,2", b"00z,2"), id="no hash"),
        pytest.param(STORED.replace(b"yes", b'"yes'), id="an open quote"),
        pytest.param(STORED.replace(b"yes", b"\xff"), id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + STORED, id="a byte order mark"),
    ],
)
def test_anything_else_is_damage(damaged: bytes) -> None:
    with pytest.raises(IntegrityError, match="damaged") as refused:
        HANDLER.parse_annotations(damaged)
    assert "verify" in refused.value.remedy


def test_no_decision_runs_in_a_spreadsheet() -> None:
    assert b",'=1+1," in STORED
