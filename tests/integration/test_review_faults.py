# ruff: noqa: ARG005 (each damage takes what another one needs)
"""What can be wrong with a review file: for each row the exit code, one line that says it, and an untouched store.

The rows are numbered C1 to C14; the second half of each is that the same command works once the cause is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

import pytest

from support.shop_project import Project

if TYPE_CHECKING:
    from pathlib import Path

FILE = "saved.csv"
Damage = Callable[[str, str, str], bytes]
"""Makes a saved file of the text of our own one, and of two keys in it."""


@dataclass(frozen=True)
class Fault:
    """One thing that happens to a file between a person and us."""

    damage: Damage
    refused: str = ""
    """In what is printed when nothing is taken."""
    warned: str = ""
    """In what is printed when it is taken all the same."""


def header(*rows: str) -> str:
    return "key,repository,is_hotfix,notes\r\n" + "\r\n".join(rows) + "\r\n"


def good(one: str, two: str) -> str:
    return header(f"{one},local/shop,yes,'=1+1", f"{two},local/shop,,fine")


FAULTS = {
    "C2 byte order mark": Fault(lambda _, one, two: b"\xef\xbb\xbf" + good(one, two).encode()),
    "C2 semicolons": Fault(
        lambda _, one, two: good(one, two).replace(",", ";").encode(), warned="with semicolons between the cells"
    ),
    "C2 tabs and LF": Fault(
        lambda _, one, two: good(one, two).replace(",", "\t").replace("\r", "").encode(), warned="with tabs between"
    ),
    "C2 a line sep=": Fault(
        lambda _, one, two: b"sep=;\r\n" + good(one, two).replace(",", ";").encode(), warned="semicolons"
    ),
    "C3 UTF-16 with its mark": Fault(lambda _, one, two: good(one, two).encode("utf-16"), warned="read as utf-16"),
    "C3 Windows-1252": Fault(
        lambda _, one, two: good(one, two).replace("fine", "caf\u00e9").encode("cp1252"),
        refused="(0xe9) is not UTF-8; save it as `CSV UTF-8`",
    ),
    "C4 equal rows": Fault(
        lambda _, one, two: (good(one, two) + f"{one},local/shop,yes,'=1+1\r\n").encode(),
        warned="rows that repeat a key and contradict nothing: 1 (first row 4 as row 2)",
    ),
    "C4 contradictory rows": Fault(
        lambda _, one, two: (good(one, two) + f"{one},local/shop,no,\r\n").encode(),
        refused="row 4, column is_hotfix: 'no' contradicts row 2",
    ),
    "C5 never extracted": Fault(
        lambda _, one, two: (good(one, two) + f"commit:{'f' * 40},local/shop,yes,\r\n").encode(),
        refused="names no commit that was extracted; run `dora-metrics update`, or remove the row",
    ),
    "C5 abbreviated, in capitals, with a blank": Fault(
        lambda _, one, two: good(one[:17].upper() + " ", two).encode(), warned="is taken for commit:"
    ),
    "C6 a key that became a number": Fault(
        lambda _, one, two: header("1.23E+11,local/shop,yes,", f"{two},local/shop,,").encode(),
        refused="'1.23E+11' looks changed by a spreadsheet",
    ),
    "C6 a date of two meanings": Fault(
        lambda _, one, two: f"key,started_at\n{one},12/03/2024 10:00\n".encode(), refused="--date-order"
    ),
    "C7 columns in another order, one more": Fault(
        lambda _, one, two: f"mood,notes,is_hotfix,key\nfine,'=1+1,yes,{one}\n,fine,,{two}\n".encode(),
        warned="column 'mood' is not one of ours and was ignored",
    ),
    "C7 no key column": Fault(lambda _, one, two: b"commit,is_hotfix\nx,yes\n", refused="has no column `key`"),
    "C7 a column twice": Fault(
        lambda _, one, two: f"key,notes,Notes\n{one},a,b\n".encode(), refused="the header names notes more than once"
    ),
    "C9 half saved": Fault(
        lambda text, one, two: text.encode("utf-8-sig")[:-3], refused="no longer CSV at or before line"
    ),
    "C9 an open quote": Fault(
        lambda text, one, two: text.replace('"",""', '"","', 1).encode("utf-8-sig"), refused="nothing was imported"
    ),
    "C10 a cell without end": Fault(
        lambda _, one, two: header(f"{one},local/shop,yes,{'x' * 140_000}").encode(), refused="field larger than"
    ),
    "C10 NUL": Fault(lambda _, one, two: good(one, two).replace("fine", "f\0").encode(), refused="holds a NUL"),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_is_taken_whole_or_refused_in_one_line(name: str, project: Project) -> None:
    cli, fault = project.started(), FAULTS[name]
    keys = [f"commit:{project.repository[ref]}" for ref in ("merge", "cart")]
    ours = cli.files()["processed/pending_review.csv"].decode("utf-8-sig")
    before = cli.files()
    (cli.folder / FILE).write_bytes(fault.damage(ours, *keys))

    said = cli.run("import", FILE, code=4 if fault.refused else 0)

    assert (fault.refused or fault.warned) in said.err
    if fault.refused:
        assert said.error.startswith("error: ")
        assert len(said.error) <= 300
        assert cli.files() == before
        (cli.folder / FILE).write_bytes(good(*keys).encode())
        cli.run("import", FILE)
    decided = {key: row for key, row in project.table("pending_review.csv").items() if row["reviewed"]}
    assert {key: (row["is_hotfix"], row["notes"]) for key, row in decided.items()} == {
        keys[0]: ("yes", "'=1+1"),
        keys[1]: ("", "fine"),
    }


def test_c1_what_could_run_is_written_with_a_quote_in_front(project: Project) -> None:
    subject = "=cmd|' /C calc'!A0"
    project.repository.commit("evil", at="2025-02-01T09:00:00Z", parents=["cart"], branch="main", subject=subject)
    project.repository.flush()
    project.started()

    title = project.table("pending_review.csv")[f"commit:{project.repository['evil']}"]["title"]

    assert title == f"'{subject}"


def test_c5_decisions_about_a_commit_that_a_force_push_took_away_are_taken_and_listed(project: Project) -> None:
    cli = project.started()
    key = f"commit:{project.repository['cart']}"
    project.repository.delete_ref("refs/tags/v1.2.0")
    project.repository.delete_ref("refs/pull/2/head")
    project.repository.git("update-ref", "refs/heads/main", project.repository["merge"])
    cli.run("update")
    (cli.folder / FILE).write_text(f"key,notes\n{key},gone but noted\n")

    said = cli.run("import", FILE)

    assert "is in the history no more; its decisions are kept" in said.err


def test_c8_a_row_that_was_deleted_keeps_its_decisions_and_a_minus_takes_them_back(project: Project) -> None:
    cli = project.started()
    keys = [f"commit:{project.repository[ref]}" for ref in ("merge", "cart")]
    (cli.folder / FILE).write_text(good(*keys))
    cli.run("import", FILE)

    (cli.folder / FILE).write_text(header(f"{keys[1]},local/shop,,-"))
    cli.run("import", FILE)

    table = project.table("pending_review.csv")
    assert [(table[key]["is_hotfix"], table[key]["notes"]) for key in keys] == [("yes", "'=1+1"), ("", "")]


def test_c11_the_very_bytes_that_were_checked_are_kept(project: Project) -> None:
    cli = project.started()
    content = good(*(f"commit:{project.repository[ref]}" for ref in ("merge", "cart"))).encode()
    (cli.folder / FILE).write_bytes(content)

    cli.run("import", FILE)

    assert [held for name, held in cli.files().items() if name.startswith("imports/")] == [content]


def test_c12_an_old_copy_saved_after_an_update_is_moved_aside_and_its_cells_carried(project: Project) -> None:
    cli = project.started()
    path = cli.folder / "data/processed/pending_review.csv"
    old = path.read_bytes()
    project.repository.commit("more", at="2025-02-01T09:00:00Z", branch="main", parents=["cart"])
    project.repository.flush()
    cli.run("update")
    path.write_bytes(old)
    saved = project.decide(f"commit:{project.repository['cart']}", notes="typed into the old copy").read_bytes()

    cli.run("extract")

    table = project.table("pending_review.csv")
    assert f"commit:{project.repository['more']}" in table
    assert table[f"commit:{project.repository['cart']}"]["notes"] == "typed into the old copy"
    assert saved in [content for name, content in cli.files().items() if name.startswith("backup/")]
