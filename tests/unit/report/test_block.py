"""The full tables inside the page: nothing of them is lost, and they fit."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.report.block import coded, pack, pack_tables
from dora_metrics.report.page_json import script_json
from dora_metrics.report.table import Shown
from dora_metrics.report.view_block import make_block
from support.payloads import BAD_URLS, PAYLOADS
from support.report_inputs import AS_OF, frames
from support.report_rows import FIRST, a_change, a_deployment

JSON_TEXT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def unpacked(packed: str) -> Any:
    return json.loads(zlib.decompress(b64decode(packed)))


def read(column: Any, row: int) -> Any:
    """As the page's script reads it."""
    return column[row] if isinstance(column, list) else column["of"][column["at"][row]]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5)))
def test_a_coded_column_says_the_same_texts(texts: list[str]) -> None:
    column = unpacked(pack(coded(texts)))

    assert [read(column, row) for row in range(len(texts))] == texts


@pytest.mark.parametrize("room", [400, 2_000, 20_000, 200_000])
def test_what_does_not_fit_is_left_out_from_the_end(room: int) -> None:
    numbers = list(range(5_000))
    keys = [f"{number * 7919 % 100_003:x}" for number in numbers]
    tables = {"changes": {"columns": [], "values": {"key": keys, "t": numbers, "old": {"before": numbers}}}}

    packed, kept = pack_tables(tables, room)

    values = unpacked(packed)["changes"]["values"]
    assert len(packed) <= room
    assert values["key"] == keys[: kept["changes"]]
    assert values["old"]["before"] == numbers[: kept["changes"]]
    assert kept["changes"] == 5_000 if room == 200_000 else kept["changes"] < 5_000
    assert kept["changes"] >= room / 40 or room < 2_000


@given(JSON_TEXT)
def test_json_in_the_page_says_the_same_and_cannot_end_its_element(content: Any) -> None:
    text = script_json(content)

    assert json.loads(text) == content
    assert not set("<>&\u2028\u2029") & set(text)


def test_no_number_that_is_none_gets_into_the_page() -> None:
    """R3: NaN is no JSON."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json(float("nan"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack([float("inf")])


def block(**rows: Any) -> dict[str, Any]:
    return make_block(**frames(**rows), shown=Shown(AS_OF.tzinfo, AS_OF, repositories=False, services=False))  # type: ignore[arg-type]


def test_hostile_texts_are_data_whole_and_only_web_addresses_are_links() -> None:
    rows = [
        {**a_change(number, FIRST), "title": text, "url": BAD_URLS[number % len(BAD_URLS)]}
        for number, text in enumerate(PAYLOADS)
    ]

    values = unpacked(pack(block(changes=rows)))["changes"]["values"]

    assert {read(values["title"], row) for row in range(len(rows))} == set(PAYLOADS)
    assert {read(values["url"], row) for row in range(len(rows))} == {""}


@pytest.mark.parametrize(
    ("key", "url", "written"),
    [
        pytest.param("pr:7", "https://github.com/a/b/pull/7", "https://github.com/a/b/pull/{}", id="ends like the key"),
        pytest.param("pr:7", "https://github.com/a/b/pull/8", "https://github.com/a/b/pull/8", id="does not"),
        pytest.param("pr:7", "javascript:x/7", "", id="is no web address"),
        pytest.param("tag:a/b", "https://github.com/x/a/b", "https://github.com/x/a/b", id="an end that is no word"),
    ],
)
def test_an_address_is_written_without_the_end_that_its_key_says(key: str, url: str, written: str) -> None:
    values = block(changes=[{**a_change(7, FIRST), "key": key, "url": url}])["changes"]["values"]

    assert read(values["url"], 0) == written


def test_a_github_deployment_is_called_by_its_tag_wherever_it_is_named() -> None:
    """`With` and `Blamed on` say what the table of deployments says."""
    made = [
        {**a_deployment(7, FIRST), "key": "deployment:7", "tag": "v1.7"},
        {**a_deployment(8, FIRST), "key": "deployment:8", "tag": ""},
    ]
    changes = [{**a_change(each, FIRST, made[each - 7], 5.0), "deployment": f"deployment:{each}"} for each in (7, 8)]
    tables = block(changes=changes, deployments=made)

    said = {read(tables["changes"]["values"]["with"], row) for row in (0, 1)}
    assert said == {read(tables["deployments"]["values"]["name"], row) for row in (0, 1)} == {"v1.7", "deployment 8"}


def test_rows_stand_newest_first_and_what_waits_before_them() -> None:
    made = a_deployment(1, FIRST)
    rows = [a_change(1, FIRST, made, 5.0), a_change(2, FIRST)]

    values = block(changes=rows)["changes"]["values"]

    assert values["key"] == ["pr:2", "pr:1"]
    assert [read(values["state"], row) for row in (0, 1)] == ["waiting", "counted"]
