"""The JSON of product.md: fixed keys, NA as null, six decimals, the same bytes every time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from dora_metrics.report.results_json import results_json, results_object
from support.sample_results import a_quarter, nothing_deployed

FIXED_KEYS = {
    "lead_time": "median_hours p75_hours p90_hours mean_hours n ci95_hours band level left_out undeployed "
    "from_review_hours from_merge_hours undeployed_median_age_hours undeployed_oldest_hours insufficient rule",
    "deployment_frequency": "deployments per_day per_week ci95_deployments band level days_with_deployments "
    "median_gap_hours rule",
    "change_failure_rate": "ratio explicit_ratio failed deployments ci95 level proposals unattributed rule",
    "mttr": "median_hours n open ci95_hours band level insufficient p75_hours mean_hours from_deployment_hours "
    "open_oldest_hours left_out rule",
    "rework_rate": "ratio rework deployments trailing_6_months rule",
}


def numbers(node: Any) -> list[float]:
    if isinstance(node, dict):
        return [number for part in node.values() for number in numbers(part)]
    if isinstance(node, list):
        return [number for part in node for number in numbers(part)]
    return [node] if isinstance(node, float) else []


@pytest.mark.parametrize("results", [a_quarter(), nothing_deployed()], ids=["a quarter", "nothing"])
def test_the_keys_are_those_of_the_contract(results: Any) -> None:
    content = json.loads(results_json(results))

    assert list(content)[:5] == ["schema", "as_of", "repositories", "period", "timezone"]
    assert content["schema"] == 1
    for period in (*content["periods"], content["overall"]):
        assert list(period)[:5] == ["label", "start", "end", "partial", "provisional"]
        for metric, keys in FIXED_KEYS.items():
            assert set(keys.split()) <= set(period[metric])


def test_values_are_hours_and_counts() -> None:
    [january, february, _] = results_object(a_quarter())["periods"]

    assert january["label"] == "2025-01"
    assert (january["start"], january["end"]) == ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")
    assert (january["partial"], january["provisional"]) == (True, False)
    assert january["lead_time"]["median_hours"] == 20.5
    assert january["lead_time"]["n"] == 7
    assert january["lead_time"]["ci95_hours"] == [2.0, 170.0]
    assert january["lead_time"]["p90_hours"] is None
    assert january["lead_time"]["left_out"] == {"left_truncated": 1, "negative": 1}
    assert january["lead_time"]["undeployed"] == 1
    assert january["lead_time"]["undeployed_oldest_hours"] == 13 * 24
    assert january["deployment_frequency"]["deployments"] == 4
    assert january["deployment_frequency"]["per_day"] == round(4 / 26, 6)
    assert january["change_failure_rate"]["failed"] == 3
    assert january["change_failure_rate"]["explicit_ratio"] == round(1 / 3, 6)
    assert january["change_failure_rate"]["unattributed"] == 1
    assert (january["mttr"]["median_hours"], january["mttr"]["n"], january["mttr"]["open"]) == (6.0, 1, 1)
    assert (january["mttr"]["insufficient"], january["mttr"]["left_out"]) == (True, {"invalid": 1})
    assert january["rework_rate"]["ratio"] == 0.25
    assert february["lead_time"]["median_hours"] is None
    assert february["change_failure_rate"]["ratio"] is None
    assert (february["deployment_frequency"]["per_day"], february["rework_rate"]["ratio"]) == (0.0, None)


def test_numbers_have_at_most_six_decimals_and_are_never_nan() -> None:
    text = results_json(a_quarter())

    assert not re.search(r"NaN|Infinity|\d\.\d{7}|\de-", text)
    assert all(number == round(number, 6) for number in numbers(json.loads(text)))


def test_the_same_results_are_the_same_bytes() -> None:
    results = a_quarter()
    shuffled = replace(
        results.overall,
        lead_time=replace(results.overall.lead_time, left_out={"negative": 1, "left_truncated": 1}),
    )

    assert results_json(a_quarter()) == results_json(results) == results_json(replace(results, overall=shuffled))
    assert results_json(results).endswith("}\n")


def test_names_stay_readable() -> None:
    assert '"müller/häuser"' in results_json(replace(a_quarter(), repositories=("müller/häuser",)))


def test_nothing_deployed_is_no_periods_and_null() -> None:
    content = results_object(nothing_deployed())

    assert (content["periods"], content["repositories"], content["period"]) == ([], [], "quarterly")
    assert content["overall"]["deployment_frequency"]["per_day"] is None
    assert content["overall"]["lead_time"]["median_hours"] is None


def test_a_level_is_published_with_the_year_of_its_table() -> None:
    content = results_object(a_quarter(levels="2023", maturity_days=0, as_of=a_quarter().as_of))

    assert content["levels"] == "2023"
    assert content["periods"][1]["deployment_frequency"]["level"] == "low (unverified)"
    assert content["periods"][0]["deployment_frequency"]["level"] is None
