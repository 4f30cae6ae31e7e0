from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from dora_metrics.domain.review import (
    DECISIONS,
    changed_decisions,
    decisions_in_force,
    is_reviewed,
    read_decision,
    require_fitting,
)
from dora_metrics.domain.typed_values import Unreadable
from support.judgement_samples import SHOP, a_decision, at

ROW = (SHOP, "", "tag:v1")


def test_the_later_decision_wins_by_key_and_column() -> None:
    later = a_decision("tag:v1", "is_hotfix", "no", accepted_at=at(5))
    earlier = a_decision("tag:v1", "is_hotfix", "yes", accepted_at=at(1))
    other = a_decision("tag:v1", "notes", "looked", accepted_at=at(1))

    assert decisions_in_force([later, earlier, other]) == {ROW: {"is_hotfix": "no", "notes": "looked"}}


def test_of_two_at_the_same_moment_the_later_in_the_list_wins() -> None:
    both = [a_decision("tag:v1", "is_hotfix", value) for value in ("yes", "no")]
    assert decisions_in_force(both) == {ROW: {"is_hotfix": "no"}}


def test_a_decision_taken_back_is_gone_and_can_come_again() -> None:
    said = [a_decision("tag:v1", "is_hotfix", value, accepted_at=at(n)) for n, value in enumerate(["yes", "-", "no"])]
    assert decisions_in_force(said[:2]) == {}
    assert decisions_in_force(said) == {ROW: {"is_hotfix": "no"}}


def test_repositories_and_services_do_not_mix() -> None:
    words = [a_decision("tag:v1", "is_hotfix", "yes", service=name) for name in ("", "api")]
    assert set(decisions_in_force(words)) == {ROW, (SHOP, "api", "tag:v1")}


@pytest.mark.parametrize(
    ("value", "is_new"),
    [
        pytest.param("yes", False, id="the same again changes nothing"),
        pytest.param("no", True, id="another value does"),
        pytest.param("-", True, id="taking back what is in force does"),
    ],
)
def test_only_what_says_something_new_is_a_change(value: str, is_new: bool) -> None:
    imported = a_decision("tag:v1", "is_hotfix", value, accepted_at=at(9))
    assert changed_decisions([imported], [a_decision("tag:v1", "is_hotfix", "yes")]) == [imported] * is_new


def test_taking_back_what_nobody_said_changes_nothing() -> None:
    assert changed_decisions([a_decision("tag:v1", "is_hotfix", "-")], []) == []


@pytest.mark.parametrize(
    ("decisions", "reviewed"),
    [
        pytest.param({}, False, id="nothing said"),
        pytest.param({"reviewed": "yes"}, True, id="said so"),
        pytest.param({"is_hotfix": "no"}, True, id="any other decision implies it"),
        pytest.param({"is_hotfix": "no", "reviewed": "no"}, False, id="unless they say that they have not"),
    ],
)
def test_a_row_is_reviewed_when_a_person_said_anything_about_it(decisions: dict[str, str], reviewed: bool) -> None:
    assert is_reviewed(decisions) is reviewed


def test_every_kind_of_decision_is_read_into_its_canonical_form() -> None:
    typed = {"reviewed": "Ja", "deployed_at": "2025-03-02 14:05", "caused_by": "#12", "notes": "ask ada@example.org"}
    read = {column: read_decision(column, cell, ZoneInfo("UTC")) for column, cell in typed.items()}
    assert read == {
        "reviewed": "yes",
        "deployed_at": "2025-03-02T14:05:00Z",
        "caused_by": "#12",
        "notes": "ask <email>",
    }


@pytest.mark.parametrize("column", [column for column in DECISIONS if column != "notes"])
def test_damage_is_refused_in_every_column_but_the_notes(column: str) -> None:
    with pytest.raises(Unreadable, match="changed by a spreadsheet"):
        read_decision(column, "1.23E+11", ZoneInfo("UTC"))
    assert read_decision("notes", "1.23E+11", ZoneInfo("UTC")) == "1.23E+11"


def test_an_incident_is_no_deployment() -> None:
    require_fitting("caused_by", "issue:7")
    require_fitting("is_hotfix", "commit:abc")
    with pytest.raises(Unreadable, match="incident"):
        require_fitting("is_hotfix", "issue:7")
