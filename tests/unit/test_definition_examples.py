"""Every example of docs/definitions.md is what the real judgement and calculators say, and every rule has one."""

from __future__ import annotations

import re
from functools import cache

import pytest

from dora_metrics.config import LEVELS, PROFILES
from support.definition_examples import Check, checks_of
from support.definition_page import PAGE, Example, examples_of, sections_of, unchecked_examples
from support.definition_values import Interval, Share, agrees
from support.planted_bugs import PLANTS, Plant

TEXT = PAGE.read_text("utf-8")
FILES = (PAGE.parent / "data-format.md").read_text("utf-8")
EXAMPLES = examples_of(TEXT)
WITHOUT_RULES = {"What these numbers are not for", "What the report draws beside the five", "How this is checked"}
"""Sections that define nothing, or only what is drawn."""
NAMED = (
    ("changes.csv", "via", "via"),
    ("changes.csv", "flags", "flags"),
    ("changes.csv", "left_out", "left out"),
    ("deployments.csv", "kind", "kind"),
    ("deployments.csv", "flags", "flags"),
    ("incidents.csv", "attribution", "rule"),
    ("incidents.csv", "flags", "flags"),
)
"""File and column whose words are names of rules, and what the examples call the column."""


@cache
def checks(example: Example) -> list[Check]:
    return checks_of(example)


def drawn(*lines: str) -> Example:
    return Example("A section", "history", 1, lines)


def test_the_page_is_read() -> None:
    assert len(EXAMPLES) > 90
    assert {example.kind for example in EXAMPLES} == {"history", "sums"}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_each_example_is_what_the_program_says(example: Example) -> None:
    assert [str(check) for check in checks(example) if not check.holds] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_a_wrong_value_anywhere_is_noticed(example: Example) -> None:
    """Each expected value of the page, made wrong, makes its check fail."""
    assert [str(check) for check in checks(example) if agrees(wrong(check.written), check.found)] == []


def wrong(written: str) -> str:
    """Another value: its last digit is another one; words are other words."""
    numbers = list(re.finditer(r"\d", written))
    if numbers:
        last = numbers[-1]
        return f"{written[: last.start()]}{(int(last[0]) + 1) % 10}{written[last.end() :]}"
    return {"yes": "no", "no": "yes", "none": "0"}.get(written, f"{written}x")


def test_each_section_has_an_example() -> None:
    with_one = {example.section for example in EXAMPLES}

    assert [name for name in sections_of(TEXT) if name not in with_one | WITHOUT_RULES] == []


def test_no_example_is_told_in_words_that_nothing_checks() -> None:
    assert unchecked_examples(TEXT) == []


def expected_values(column: str) -> set[str]:
    """All that examples say of a column, item by item, without what stands behind an `=` of a flag."""
    found = [check.written for example in EXAMPLES for check in checks(example) if check.about.endswith(f" {column}")]
    return {item.partition("_of=")[0] for text in found for item in text.split(" and ")}


@pytest.mark.parametrize(("file", "column", "name"), NAMED)
def test_each_rule_that_a_file_can_name_has_an_example(file: str, column: str, name: str) -> None:
    """The words are those of docs/data-format.md."""
    section = FILES.partition(f"## processed/{file}\n")[2].partition("\n## ")[0]
    row = re.search(rf"^\| `{column}` \|(.*)\|$", section, re.MULTILINE)
    assert row, f"data-format.md does not list {column}"
    words = [word.partition("_of=")[0] for word in re.findall(r"`([^`]+)`", row[1])]

    assert [word for word in words if word not in expected_values(name)] == []


def test_each_profile_has_an_example() -> None:
    lines = [line for example in EXAMPLES for line in example.expected]

    assert [name for name in PROFILES if not any(line.startswith(f"in {name}, ") for line in lines)] == []


def test_each_table_of_levels_has_an_example() -> None:
    about = " ".join(check.about for example in EXAMPLES for check in checks(example))

    assert [year for year in LEVELS if year != "none" and f"levels {year}" not in about] == []


LINEAR = ("line a b", "tag v1.0 a @1", "tag v1.1 b @3")


def test_a_wrong_number_fails() -> None:
    right, wrong_lead = checks_of(drawn(*LINEAR, "=> commit:b: in tag:v1.1, lead 2 d")), "=> commit:b: lead 3 d"
    [planted] = checks_of(drawn(*LINEAR, wrong_lead))

    assert all(check.holds for check in right)
    assert not planted.holds
    assert str(planted) == "commit:b lead: the page says '3 d', the program datetime.timedelta(days=2)"


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_bug_in_the_program_makes_an_example_fail(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert not all(holds(example) for example in EXAMPLES)


def holds(example: Example) -> bool:
    """Whether the program, as it is now, says all of it; what it no longer knows at all it does not say."""
    try:
        return all(check.holds for check in checks_of(example))
    except ValueError:
        return False


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(LINEAR, id="an example that expects nothing"),
        pytest.param((*LINEAR, "=> commit:b"), id="a subject of which nothing is said"),
        pytest.param((*LINEAR, "=> commit:z: lead 2 d"), id="a commit that is not drawn"),
        pytest.param((*LINEAR, "=> commit:b: waiting 2 d"), id="a value that no check knows"),
        pytest.param((*LINEAR, "=> 2025-01: deployments 2"), id="numbers without an as_of"),
        pytest.param((*LINEAR, "push b", "=> commit:b: lead 2 d"), id="a word that no reader knows"),
        pytest.param((*LINEAR, "commit c on b @4 yesterday", "=> commit:b: lead 2 d"), id="a word too many"),
    ],
)
def test_what_cannot_be_checked_is_an_error(lines: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        checks_of(drawn(*lines))


@pytest.mark.parametrize("line", ["1 of 4", "1 in 4 = 25 %"])
def test_a_sum_that_cannot_be_checked_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"says no value|no rule reads"):
        checks_of(Example("A section", "sums", 1, (line,)))


def test_a_block_that_nothing_checks_is_an_error() -> None:
    with pytest.raises(ValueError, match="checked by nothing"):
        examples_of("## A section\n\n```text\nv1.0 on a\n```\n")


def test_an_example_in_words_is_found() -> None:
    page = "## A section\n\nFor example, 1 of 4.\n\nAn example:\n\n```sums\n1 of 4 = 25 %\n```\n"

    assert unchecked_examples(page) == [3]


@pytest.mark.parametrize(
    ("written", "found", "holds"),
    [
        ("25 %", Share(0.25), True),
        ("25 %", Share(0.254), False),
        ("4.6 to 69.9 %", Interval(0.04587, 0.69936), True),
        ("4.6 to 69.8 %", Interval(0.04587, 0.69936), False),
        ("0", None, False),
        ("none", 0, False),
        ("none", [], True),
        ("yes", True, True),
        ("1", True, False),
        ("3", 3.0, True),
        ("3", 3.4, False),
        ("3.1", 3.14, True),
        ("b and a", ["a", "b"], True),
        ("a", ["a", "b"], False),
    ],
)
def test_values_are_compared_to_the_last_digit_written(written: str, found: object, *, holds: bool) -> None:
    assert agrees(written, found) == holds
