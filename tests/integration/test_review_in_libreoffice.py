"""Each way through a real LibreOffice: opened, filled in, saved; then exactly what was decided is imported.

The same matrix stands in docs/review.md.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dora_metrics.domain.known_keys import KnownService
from dora_metrics.domain.review import ReviewRow
from dora_metrics.domain.typed_values import read_text
from dora_metrics.errors import InputError
from dora_metrics.storage.csv_handler import CSVHandler
from dora_metrics.storage.review_import import TAKES_BACK
from support.judgement_samples import SHOP, at
from support.office import DELIMITERS, Office, Sitting

if TYPE_CHECKING:
    from pathlib import Path

    from dora_metrics.storage.review_import import ReviewImport

pytestmark = pytest.mark.office

TITLES = {
    "1234567890" * 4: "=1+1",
    "1e5" + "0" * 37: "+1 to that",
    "9" * 39 + "e": "-rm *",
    "0" * 39 + "1": '@x, "quoted"; and\ttab',
    "12e4" + "5" * 36: "\U0001f680 \u05d0\u05d1\u05d2 \u202etxet",
    "a" * 40: '=HYPERLINK("https://example.org","click")',
    "b" * 40: "1.10",
    "c" * 40: "TRUE",
}
SHAS = list(TITLES)
KEYS = [f"commit:{sha}" for sha in SHAS]
EARLIER = {
    KEYS[0]: {"reviewed": "yes", "notes": "=1+1"},
    KEYS[1]: {"reviewed": "yes", "notes": "first\n\nthird,  with  gaps", "deployed_at": "2025-03-02T14:05:00Z"},
    KEYS[2]: {"reviewed": "no", "notes": "1e5"},
    KEYS[3]: {"reviewed": "yes", "notes": '@ada said "no"; 00012', "caused_by": "tag:1.10"},
}
"""Decisions in force that the file shows."""
ROWS = [
    ReviewRow(key, SHOP, date=at(number), title=TITLES[sha], pull_request=number, attention=True,
              page=f"https://github.com/acme/shop/commit/{sha}", decisions=EARLIER.get(key, {}))
    for number, (sha, key) in enumerate(zip(SHAS, KEYS), 1)
]  # fmt: skip
KNOWN = KnownService(
    SHOP,
    commits=frozenset(SHAS),
    tags={"1.10": "tag:1.10"},
    deployments=frozenset(["tag:1.10"]),
    pull_requests=frozenset(range(1, 9)),
    rows={row.key: row for row in ROWS},
)
NOTE = 'two\nlines, a "quote", \U0001f680 and \u05d0\u05d1\u05d2'
YES = {"en-US": "TRUE", "de-DE": "WAHR"}
MOMENT = {"en-US": "12/31/2025 2:05 PM", "de-DE": "31.12.2025 14:05"}
TYPED = {
    KEYS[4]: {"is_hotfix": "yes", "notes": NOTE, "caused_by": f"commit:{SHAS[1]}"},
    KEYS[5]: {"is_deployment": "{yes}", "deployed_at": "{moment}", "deployment_failed": "1"},
    KEYS[6]: {"reviewed": "x", "started_at": "2025-12-31T13:05:00Z", "notes": "'=1+1"},
    KEYS[7]: {"reviewed": "no", "is_rollback": "0", "caused_by": "#3"},
    KEYS[0]: {"notes": "'-"},
}
DECIDED = {
    **EARLIER,
    KEYS[0]: {"reviewed": "yes", "notes": "-"},
    KEYS[4]: {"reviewed": "yes", "is_hotfix": "yes", "notes": NOTE, "caused_by": f"commit:{SHAS[1]}"},
    KEYS[5]: {
        "reviewed": "yes",
        "is_deployment": "yes",
        "deployed_at": "2025-12-31T13:05:00Z",
        "deployment_failed": "yes",
    },
    KEYS[6]: {"reviewed": "yes", "started_at": "2025-12-31T13:05:00Z", "notes": "=1+1"},
    KEYS[7]: {"reviewed": "no", "is_rollback": "no", "caused_by": "#3"},
}
OPENED = [("csv", True), ("csv", False), ("xlsx", False)]
"""How our own file is written, and whether `Detect special numbers` is on where LibreOffice asks."""
SAVED = ["csv", "xlsx", "ods"]
LOCALES = ["en-US", "de-DE"]


ODD = "=+-@|%\n'\" ,;1.e/a<>&_x\uff21\uff1d\uff0d\uff20\U0001f680\u05d0\u202e\u200b"
NOTES = 300


def odd_rows() -> list[ReviewRow]:
    """Rows with notes of random characters that mean something to somebody: the same ones each time."""
    random = Random(NOTES)  # noqa: S311 (not for secrets)
    notes = (read_text("".join(random.choices(ODD, k=random.randint(1, 12)))) for _ in range(NOTES))
    said = [note for note in notes if note not in {"", *TAKES_BACK} and "@" not in note]
    return [
        ReviewRow(f"commit:{number:040x}", SHOP, decisions={"reviewed": "yes", "notes": note})
        for number, note in enumerate(said)
    ]


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file of the matrix, made by one LibreOffice a locale."""
    folder = tmp_path_factory.mktemp("office")
    for form in ("csv", "xlsx"):
        (folder / f"pending_review.{form}").write_bytes(CSVHandler().review_file(ROWS, form))
        (folder / f"odd.{form}").write_bytes(CSVHandler().review_file(odd_rows(), form))
    for locale in LOCALES:
        odd = [
            Sitting(folder / f"odd.{f}", {}, [folder / f"odd-{locale}-{f}.{kind}" for kind in SAVED]) for f in SAVED[:2]
        ]
        said = {"yes": YES[locale], "moment": MOMENT[locale]}
        typed = {key: {column: text.format(**said) for column, text in cells.items()} for key, cells in TYPED.items()}
        Office(folder / f"profile-{locale}", locale).work(
            [
                *odd,
                *(
                    Sitting(
                        folder / f"pending_review.{form}",
                        words,
                        [folder / name_of(locale, form, kind, special=special, typed=bool(words)) for kind in SAVED],
                        special_numbers=special,
                    )
                    for form, special in OPENED
                    for words in ({}, typed)
                ),
            ]
        )
    return folder


def name_of(locale: str, form: str, kind: str, *, special: bool, typed: bool) -> str:
    return f"{'typed' if typed else 'untouched'}-{locale}-{form}-{special}.{kind}"


def taken(content: bytes, **given: Any) -> ReviewImport:
    given = {"known": [KNOWN], "timezone": "Europe/Berlin", "accepted_at": at(9000), **given}
    return CSVHandler().parse_review(content, file_name="saved", **given)


def decisions(found: ReviewImport) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for word in found.annotations:
        words.setdefault(word.key, {})[word.column] = word.value
    return words


@pytest.mark.parametrize("kind", SAVED)
@pytest.mark.parametrize(("form", "special"), OPENED)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("typed", [False, True])
def test_exactly_what_was_decided_comes_back(
    saved: Path, typed: bool, locale: str, form: str, special: bool, kind: str
) -> None:
    content = (saved / name_of(locale, form, kind, special=special, typed=typed)).read_bytes()

    found = taken(content)

    assert decisions(found) == (DECIDED if typed else EARLIER)
    if kind == "csv":
        assert content.decode("utf-8-sig").splitlines()[0].count(DELIMITERS[locale]) == 22
    damaged = [warning for warning in found.warnings if "facts ignored" in warning]
    assert not damaged or form == "csv", "a workbook keeps every fact; a csv may lose the form of a title"


@pytest.mark.parametrize("kind", SAVED)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("locale", LOCALES)
def test_any_note_survives(saved: Path, locale: str, form: str, kind: str) -> None:
    rows = odd_rows()
    known = KnownService(SHOP, commits=frozenset(row.key[len("commit:") :] for row in rows))
    content = (saved / f"odd-{locale}-{form}.{kind}").read_bytes()

    found = decisions(taken(content, known=[known]))

    assert found == {row.key: row.decisions for row in rows}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_matrix_notices_a_reader_that_loses_line_breaks(saved: Path, locale: str, monkeypatch: Any) -> None:
    """The harness catches a planted mistake."""
    monkeypatch.setattr("dora_metrics.storage.sheet_reading._with_line_breaks", lambda content: content)
    content = (saved / name_of(locale, "xlsx", "ods", special=False, typed=True)).read_bytes()
    assert decisions(taken(content)) != DECIDED


def test_a_file_whose_keys_were_overwritten_is_refused(saved: Path, tmp_path: Path) -> None:
    """A key is open in a csv; what a spreadsheet makes of a bare number is no key any more."""
    out = tmp_path / "lost.csv"
    office = Office(tmp_path / "profile", "en-US")
    office.work([Sitting(saved / "pending_review.csv", {KEYS[0]: {"key": "12345678901234567890123"}}, [out])])
    with pytest.raises(InputError) as refused:
        taken(out.read_bytes())
    assert "looks changed by a spreadsheet" in refused.value.details[0]
