"""The person's file: how it is written, and that nothing is lost on its way through a spreadsheet and back."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics.domain.known_keys import KnownService
from dora_metrics.domain.review import DECISIONS, ReviewRow
from dora_metrics.domain.typed_values import read_text
from dora_metrics.storage.csv_handler import CSVHandler
from dora_metrics.storage.review_import import TAKES_BACK
from dora_metrics.storage.review_table import open_review
from support.judgement_samples import SHOP, a_decision, at, sha

COLUMNS = [
    *("key", "repository", "service", "date", "pull_request", "title", "labels", "url", "deployment"),
    *("attention", "proposal", "reason", "confidence", "reviewed", "is_deployment", "deployed_at", "is_hotfix"),
    *("is_rollback", "deployment_failed", "started_at", "resolved_at", "caused_by", "notes"),
]
NUMBERS = range(1, 40)
KNOWN = KnownService(
    repository=SHOP, commits=frozenset(map(sha, NUMBERS)), tags={"v1": "tag:v1"}, deployments=frozenset(["tag:v1"])
)
ROW = ReviewRow(
    key=f"commit:{sha(1)}",
    repository=SHOP,
    date=at(0),
    pull_request=12,
    title="=HYPERLINK(1)\r\n, by ada@example.org",
    labels=("bug", "urgent"),
    host="https://github.com",
    deployment="v1.0",
    attention=True,
    proposal="hotfix",
    reason="title starts with hotfix:",
    confidence="high",
    decisions={"is_hotfix": "yes", "notes": "1.10"},
)


def test_a_row_as_a_person_sees_it() -> None:
    content = CSVHandler().review_csv([ROW])

    assert content.startswith(b'\xef\xbb\xbf"key","repository",')
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == COLUMNS
    assert dict(zip(header, row)) == {
        **dict.fromkeys(COLUMNS, ""),
        "key": f"commit:{sha(1)}",
        "repository": SHOP,
        "date": "2025-03-02T14:05:00Z",
        "pull_request": "#12",
        "title": "'=HYPERLINK(1) , by <email>",
        "labels": "bug; urgent",
        "url": "https://github.com/acme/shop/pull/12",
        "deployment": "v1.0",
        "attention": "yes",
        "proposal": "hotfix",
        "reason": "title starts with hotfix:",
        "confidence": "high",
        "is_hotfix": "yes",
        "notes": "'1.10",
    }
    assert content.count(b"\r\n") == content.count(b"\n") == 2


def test_an_endless_title_is_cut() -> None:
    content = CSVHandler().review_csv([ReviewRow(key="tag:v1", repository=SHOP, title="x" * 70_000)])
    assert len(content) < 2000


MOMENTS = st.integers(0, 10**6).map(lambda hours: (at(0) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"))
NOTES = st.one_of(st.text(), st.text(st.sampled_from("=+-@|%\t\r\n'\" ,;1.e/aＡ＝－＠🚀א"), max_size=8))  # noqa: RUF001 (full-width forms)
CELLS = {
    **{column: st.sampled_from(["yes", "no"]) for column, kind in DECISIONS.items() if kind == "yes or no"},
    **dict.fromkeys(("deployed_at", "started_at", "resolved_at"), MOMENTS),
    "caused_by": st.sampled_from(["none", "tag:v1", f"commit:{sha(3)}"]),
    "notes": NOTES.map(read_text).filter(lambda note: note not in {"", *TAKES_BACK} and "@" not in note),
}
REVIEWED = {"reviewed": CELLS.pop("reviewed")}
DECIDED = st.dictionaries(st.sampled_from(NUMBERS), st.fixed_dictionaries(REVIEWED, optional=CELLS))


def saved_again(content: bytes, delimiter: str, encoding: str) -> bytes:
    """As a spreadsheet in another locale saves the same cells, rows sorted by someone, one column deleted."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    gone = header.index("title")
    writer.writerows([row[:gone] + row[gone + 1 :] for row in [header, *sorted(rows, reverse=True)]])
    return text.getvalue().encode(encoding)


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")])
@given(decided=DECIDED)
def test_what_was_decided_comes_back_whatever_saved_it(
    decided: dict[int, dict[str, str]], delimiter: str, encoding: str
) -> None:
    rows = [ReviewRow(f"commit:{sha(n)}", SHOP, title="=1", decisions=cells) for n, cells in decided.items()]
    content = CSVHandler().review_csv(rows)

    expected = {f"commit:{sha(n)}": cells for n, cells in decided.items()}
    assert taken_from(content) == taken_from(saved_again(content, delimiter, encoding)) == expected


@given(decided=DECIDED)
def test_what_was_decided_comes_back_from_a_workbook(decided: dict[int, dict[str, str]]) -> None:
    rows = [ReviewRow(f"commit:{sha(n)}", SHOP, title="=1", decisions=cells) for n, cells in decided.items()]
    expected = {f"commit:{sha(n)}": cells for n, cells in decided.items()}
    assert taken_from(CSVHandler().review_file(rows, "xlsx")) == expected


def taken_from(content: bytes) -> dict[str, dict[str, str]]:
    taken = CSVHandler().parse_review(
        content, file_name="f.csv", known=[KNOWN], timezone="Asia/Kolkata", accepted_at=at(0)
    )
    found: dict[str, dict[str, str]] = {}
    for word in taken.annotations:
        found.setdefault(word.key, {})[word.column] = word.value
    return found


SECRETS = ("ghp_" + "a1B2" * 9, "github_pat_" + "a1B2" * 9, "AKIA" + "ABCD" * 4, "xoxb-" + "12345678901-" * 2)
PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("secret", [*SECRETS, PRIVATE_KEY, "ada@example.org"])
def test_no_address_and_nothing_with_the_form_of_a_secret_leaves(secret: str, form: str) -> None:
    """Nor what stands in a note that an older version took."""
    told = f"use {secret} now"
    row = ROW._replace(
        title=told, labels=(told,), proposal=told, reason=told, decisions={"notes": told, "caused_by": told}
    )

    [(_, cells)] = open_review(CSVHandler().review_file([row], form), "f").rows

    hidden = sum(cell.startswith(("use ***", "use <email>")) for cell in cells)
    assert hidden == 6
    assert not [cell for cell in cells if secret[:12] in cell or "MIIE" in cell]


def test_what_was_written_is_read_back_as_nothing_new() -> None:
    """Importing our own file again changes nothing: each decision in force comes back as itself."""
    accepted = [a_decision(f"commit:{sha(2)}", "notes", "'=x"), a_decision(f"commit:{sha(2)}", "reviewed", "yes")]
    row = ReviewRow(f"commit:{sha(2)}", SHOP, decisions={word.column: word.value for word in accepted})
    taken = CSVHandler().parse_review(
        CSVHandler().review_csv([row]), file_name="f.csv", known=[KNOWN], timezone="UTC", accepted_at=at(0)
    )
    assert {(w.column, w.value) for w in taken.annotations} == {(w.column, w.value) for w in accepted}
    assert taken.warnings == []
