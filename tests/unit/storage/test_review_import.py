"""A saved review file: what is taken, what is refused, and that a refusal lists everything."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from dora_metrics.domain.known_keys import known_service
from dora_metrics.errors import InputError
from dora_metrics.storage.csv_handler import CSVHandler
from dora_metrics.storage.review_import import ReviewImport
from dora_metrics.storage.review_wording import MOST_WARNINGS
from support.judgement_samples import SHOP, a_dataset, at, sha
from support.review_samples import ALIKE, KNOWN

ONE, TWO, THREE = (f"commit:{sha(number)}" for number in (1, 2, 3))


def take(text: str, *, encoding: str = "utf-8", **given: Any) -> ReviewImport:
    given = {"known": [KNOWN], "timezone": "Europe/Berlin", "accepted_at": at(1000), **given}
    return CSVHandler().parse_review(text.encode(encoding), file_name="saved.csv", **given)


def decisions(text: str, **given: Any) -> dict[tuple[str, str], str]:
    return {(word.key, word.column): word.value for word in take(text, **given).annotations}


def problems(text: str, **given: Any) -> list[str]:
    with pytest.raises(InputError) as refused:
        take(text, **given)
    assert "nothing was imported" in refused.value.message
    assert f"{len(refused.value.details)} problem" in refused.value.message
    return list(refused.value.details)


def test_each_filled_cell_is_one_decision_with_its_origin() -> None:
    text = f"key,repository,service,is_hotfix,notes\n{ONE},{SHOP},,ja,looked\n{TWO},{SHOP},,,\n"

    taken = take(text)

    assert taken.warnings == []
    source = hashlib.sha256(text.encode()).hexdigest()
    assert [(word.key, word.column, word.value) for word in taken.annotations] == [
        (ONE, "reviewed", "yes"),
        (ONE, "is_hotfix", "yes"),
        (ONE, "notes", "looked"),
    ]
    assert {(w.repository, w.service, w.accepted_at, w.source, w.line) for w in taken.annotations} == {
        (SHOP, "", at(1000), source, 2)
    }


@pytest.mark.parametrize(
    ("row", "taken"),
    [
        pytest.param("key,reviewed\nONE,y", {(ONE, "reviewed"): "yes"}, id="I agree"),
        pytest.param("key,reviewed\nONE,", {}, id="a blank cell says nothing"),
        pytest.param("key\nONE", {}, id="a missing column says nothing"),
        pytest.param("key,is_hotfix\nONE,-", {(ONE, "is_hotfix"): "-"}, id="a take-back implies no review"),
        pytest.param(
            "key,is_hotfix\nONE,\u2013", {(ONE, "is_hotfix"): "-"}, id="a dash that a spreadsheet made longer"
        ),
        pytest.param("key,is_hotfix\nONE,'-", {(ONE, "is_hotfix"): "-"}, id="a guarded one"),
        pytest.param(
            "key,reviewed,is_hotfix\nONE,-,no",
            {(ONE, "reviewed"): "-", (ONE, "is_hotfix"): "no"},
            id="a word of its own",
        ),
        pytest.param(
            "key,deployed_at\nONE,31.12.2025 14:05",
            {(ONE, "reviewed"): "yes", (ONE, "deployed_at"): "2025-12-31T13:05:00Z"},
            id="a local time",
        ),
        pytest.param(
            "key,caused_by\nissue:7,v1",
            {("issue:7", "reviewed"): "yes", ("issue:7", "caused_by"): "tag:v1"},
            id="a cause",
        ),
        pytest.param(
            "key,notes\ntag:v2,'=1+1", {("tag:v2", "reviewed"): "yes", ("tag:v2", "notes"): "=1+1"}, id="a note"
        ),
        pytest.param(
            "reviewed,key,mood\ny, ONE ,fine", {(ONE, "reviewed"): "yes"}, id="columns in any order, and more"
        ),
        pytest.param(" Key , REVIEWED \nONE,y", {(ONE, "reviewed"): "yes"}, id="names in any case"),
        pytest.param("key,title,reviewed\nONE,x,y\n\n,,\n", {(ONE, "reviewed"): "yes"}, id="blank rows"),
        pytest.param("key,reviewed,notes\nONE,y", {(ONE, "reviewed"): "yes"}, id="blank cells left off at the end"),
        pytest.param("key,reviewed\nONE,y,,", {(ONE, "reviewed"): "yes"}, id="blank cells added at the end"),
    ],
)
def test_what_a_row_says(row: str, taken: dict[tuple[str, str], str]) -> None:
    assert decisions(row.replace("ONE", ONE)) == taken


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param("key,reviewed\r\nONE,yes\r\n", "utf-8-sig", id="a byte order mark"),
        pytest.param("key,reviewed\nONE,yes", "utf-8", id="no line end at the end"),
        pytest.param("key,reviewed\rONE,yes\r", "utf-8", id="CR"),
        pytest.param("key;reviewed\r\nONE;yes\r\n", "utf-8", id="semicolons"),
        pytest.param("key\treviewed\r\nONE\tyes\r\n", "utf-16", id="UTF-16 with tabs, Excel's Unicode text"),
        pytest.param("sep=;\r\nkey;reviewed\r\nONE;yes\r\n", "utf-8-sig", id="a sep line"),
        pytest.param('"sep=|"\nkey|reviewed\nONE|yes\n', "utf-8", id="a sep line with another delimiter"),
        pytest.param('"key";"reviewed";"a,b"\nONE;"yes";"x,y"\n', "utf-8", id="commas inside"),
    ],
)
def test_every_way_in_which_spreadsheets_save(text: str, encoding: str) -> None:
    assert decisions(text.replace("ONE", ONE), encoding=encoding) == {(ONE, "reviewed"): "yes"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_in_either_byte_order(encoding: str) -> None:
    assert decisions(f"\ufeffkey,reviewed\n{ONE},yes\n", encoding=encoding) == {(ONE, "reviewed"): "yes"}


def test_how_the_file_was_read_is_reported() -> None:
    [warning] = take(f"key;reviewed\n{ONE};yes\n").warnings
    assert warning == "saved.csv: read as utf-8 with semicolons between the cells"


@pytest.mark.parametrize(
    ("row", "where", "remedy"),
    [
        pytest.param(
            "ONE,is_hotfix,maybe", "row 2, column is_hotfix: 'maybe' is neither yes nor no", "write yes", id="a word"
        ),
        pytest.param(
            "ONE,deployed_at,03/04/2025 10:00", "column deployed_at: '03/04/2025 10:00'", "--date-order", id="two dates"
        ),
        pytest.param(
            "ONE,started_at,2025-03-30 02:30", "does not exist in Europe/Berlin", "offset", id="a skipped hour"
        ),
        pytest.param("ONE,started_at,2025-10-26 02:30", "happens twice", "offset", id="a repeated hour"),
        pytest.param("ONE,deployed_at,45999.58", "changed by a spreadsheet", "type it again", id="a serial number"),
        pytest.param("ONE,caused_by,#REF!", "changed by a spreadsheet", "type it again", id="a broken formula"),
        pytest.param("ONE,caused_by,v9", "names no tag, pull request or commit", "none", id="an unknown cause"),
        pytest.param(
            "issue:7,is_hotfix,yes", "an incident is neither", "caused_by", id="a word that does not fit the row"
        ),
        pytest.param(
            "issue:8,reviewed,yes", "row 2, column key: 'issue:8' names no row", "key column", id="an unknown key"
        ),
        pytest.param(
            "commit:0123456789,reviewed,yes", "names no commit that was extracted", "update", id="an unknown commit"
        ),
        pytest.param(
            "commit:abcdef1,reviewed,yes", f"more than one commit: {ALIKE[0]}, {ALIKE[1]}", "more of", id="ambiguous"
        ),
        pytest.param(
            "1.23E+11,reviewed,", "column key: '1.23E+11' looks changed by a spreadsheet", "type", id="a lost key"
        ),
        pytest.param(",reviewed,yes", "column key: '' names no row", "key column", id="no key"),
    ],
)
def test_a_problem_names_row_column_value_and_remedy(row: str, where: str, remedy: str) -> None:
    key, column, value = row.replace("ONE", ONE).split(",")
    [problem] = problems(f"key,{column}\n{key},{value}\n")
    assert problem.startswith("saved.csv row 2, column ")
    assert where in problem
    assert remedy in problem


def test_all_problems_are_listed_and_nothing_is_taken() -> None:
    rows = [f"{ONE},maybe,soon", f"{TWO},yes,2025-03-02 10:00", "issue:99,yes,", f"{THREE},,never"]
    found = problems("key,is_hotfix,deployed_at\n" + "\n".join(rows))
    assert [problem.split(":")[0] for problem in found] == [
        "saved.csv row 2, column deployed_at",
        "saved.csv row 2, column is_hotfix",
        "saved.csv row 4, column key",
        "saved.csv row 5, column deployed_at",
    ]


def test_an_open_quote_behind_other_problems_is_listed_with_them() -> None:
    found = problems(f'key,is_hotfix\n{ONE},maybe\n{TWO},"yes\n')
    assert len(found) == 2
    assert "no longer CSV" in found[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "no column `key`", id="empty"),
        pytest.param(b"name,reviewed\nx,yes\n", "no column `key`, it reads: name,reviewed", id="no key column"),
        pytest.param(b"key,reviewed,Reviewed\n", "the header names reviewed more than once", id="a column twice"),
        pytest.param(b'key,notes\ntag:v1,"half\nsaved', "no longer CSV at or before line 3", id="an open quote"),
        pytest.param(b'key,notes\ntag:v1,"a"b\n', "no longer CSV at or before line 2", id="text behind a quote"),
        pytest.param(b'"key,notes\n', "no column `key`", id="an open quote in the header"),
        pytest.param(b"key,notes\ntag:v1,caf\xe9\n", "line 2, byte 21 of the file (0xe9) is not UTF-8", id="cp1252"),
        pytest.param(b"\xff\xfek\x00e\x00y\x00\n\x00\x00\xd8x\x00", "line 2, byte 11 of the file", id="broken UTF-16"),
        pytest.param(b"key,notes\ntag:v1,a\0b\n", "line 2 holds a NUL character", id="NUL"),
        pytest.param("key,notes\n".encode("utf-16-le"), "line 1 holds a NUL", id="UTF-16 without its mark"),
        pytest.param(b"key,notes\ntag:v1," + b"x" * 140_000, "field larger than field limit", id="a cell over 128 KiB"),
    ],
)
def test_a_file_that_is_no_csv_any_more_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as refused:
        CSVHandler().parse_review(content, file_name="f.csv", known=[KNOWN], timezone="UTC", accepted_at=at(0))
    assert message in refused.value.message
    assert refused.value.message.startswith("f.csv: ")
    assert refused.value.remedy


def test_rows_swallowed_by_an_open_quote_are_noticed() -> None:
    swallowed = f'key,repository,notes\n{ONE},{SHOP},"open\n{TWO},{SHOP},\n{THREE},{SHOP},"\n'
    [problem] = problems(swallowed)
    assert "a quote is open" in problem


def test_a_note_may_have_several_lines() -> None:
    taken = decisions(f'key,repository,notes\n{ONE},{SHOP},"first\r\ncommit: it,\nlast"\n')
    assert taken[ONE, "notes"] == "first\ncommit: it,\nlast"


def test_more_cells_than_columns_are_refused() -> None:
    [problem] = problems(f"key,notes\n{ONE},well, no\n")
    assert "more cells than the header" in problem


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        pytest.param(
            ["ONE,yes", "ONE,yes"], "repeat a key and contradict nothing: 1 (first row 3 as row 2)", id="equal"
        ),
        pytest.param(
            ["ONE,yes", "ONE,"], "repeat a key and contradict nothing: 1 (first row 3 as row 2)", id="one blank"
        ),
        pytest.param([f"commit:{sha(1)[:9]},yes"], f"'commit:{sha(1)[:9]}' is taken for {ONE}", id="abbreviated"),
        pytest.param([f"commit:{sha(99)},yes"], "is in the history no more; its decisions are kept", id="vanished"),
        pytest.param(
            ["issue:99,"],
            "not in the extracted data: 1 (first row 2: 'issue:99')",
            id="an unknown row that says nothing",
        ),
    ],
)
def test_what_is_accepted_with_a_warning(rows: list[str], warning: str) -> None:
    taken = take("key,is_hotfix\n" + "\n".join(rows).replace("ONE", ONE))
    assert [line for line in taken.warnings if warning in line] == taken.warnings
    assert len(taken.warnings) == 1


def test_rows_that_contradict_each_other_are_refused_with_both_numbers() -> None:
    [problem] = problems(f"key,is_hotfix\n{ONE},yes\n{TWO},yes\n{ONE.upper().replace('COMMIT', 'commit')},no\n")
    assert "row 4, column is_hotfix: 'no' contradicts row 2" in problem


def test_with_skip_unknown_a_stranger_is_only_a_warning() -> None:
    taken = take(f"key,is_hotfix\nissue:99,yes\n{ONE},yes\n", skip_unknown=True)
    assert {word.key for word in taken.annotations} == {ONE}
    assert "row 2: 'issue:99'" in taken.warnings[0]


def test_skip_unknown_forgives_no_damage() -> None:
    assert len(problems("key,is_hotfix\n1.23E+11,yes\ncommit:abcdef1,yes\n", skip_unknown=True)) == 2


def test_edited_facts_are_ignored_with_a_warning() -> None:
    text = f"key,title,pull_request,date,attention,reviewed\n{ONE},{{}},#12,2025-03-02T14:05:00Z,yes,yes\n"
    assert take(text.format("'=cart")).warnings == []
    older = text.replace("attention", "deployment").format("'=cart")
    assert take(older).warnings == [], "a decision may have changed what is a deployment since"
    edited = take(text.format("the cart"))
    assert "facts ignored because they differ from the data" in edited.warnings[0]
    assert "1 (first row 2, column title)" in edited.warnings[0]
    assert {word.column for word in edited.annotations} == {"reviewed"}


def test_a_misspelt_column_is_named_with_the_right_one() -> None:
    [warning] = take(f"key,is_hot_fix\n{ONE},yes\n").warnings
    assert "'is_hot_fix' is not one of ours and was ignored; did you mean is_hotfix?" in warning


def test_odd_times_are_taken_and_reported() -> None:
    taken = take(f"key,started_at,resolved_at\n{ONE},2025-03-05 10:00,2025-03-05 09:00\n{TWO},2052-01-01 10:00,\n")
    assert len(taken.annotations) == 5
    assert "resolved_at is before started_at" in taken.warnings[0]
    assert "2052-01-01T09:00:00Z lies in the future" in taken.warnings[1]


def test_an_address_is_kept_out_of_notes_and_of_messages() -> None:
    taken = take(f"key,notes\n{ONE},ask ada@example.org\n")
    assert [word.value for word in taken.annotations if word.column == "notes"] == ["ask <email>"]
    assert "an e-mail address or a secret was left out" in taken.warnings[0]
    assert "ada@" not in "".join(problems(f"key,is_hotfix\n{ONE},ada@example.org\n"))


SHOP_SERVICES = [known_service(a_dataset(service=name), [sha(1)]) for name in ("api", "web")]


def test_decisions_go_to_the_service_that_the_row_names() -> None:
    text = f"key,repository,service,is_hotfix\n{ONE},{SHOP},api,yes\n{ONE},{SHOP},web,no\n"
    taken = take(text, known=SHOP_SERVICES).annotations
    assert {(w.service, w.value) for w in taken if w.column == "is_hotfix"} == {("api", "yes"), ("web", "no")}


def test_a_row_that_fits_two_services_or_none_is_refused() -> None:
    found = problems(f"key,repository,is_hotfix\n{ONE},{SHOP},yes\n{ONE},acme/other,yes\n", known=SHOP_SERVICES)
    assert "row 2, column repository: 'acme/shop' could belong to more than one" in found[0]
    assert "row 3, column repository: 'acme/other' is a row of a repository or service that was never" in found[1]


def test_warnings_about_many_rows_are_cut_and_counted() -> None:
    rows = [f"commit:{sha(1)[:number]},2052-01-01 10:00" for number in [8] * (MOST_WARNINGS + 3)]
    warnings = take("key,deployed_at\n" + "\n".join(rows)).warnings
    assert len(warnings) == MOST_WARNINGS + 2
    assert warnings[-2] == f"saved.csv: {2 * (MOST_WARNINGS + 3) - MOST_WARNINGS} more such rows"
