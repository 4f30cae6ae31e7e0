from __future__ import annotations

import os
from pathlib import Path

import pytest

from dora_metrics.cli_output import write_or_emit, write_whole
from dora_metrics.errors import StorageError


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)

    write_whole(path, "ä\r\n")

    assert path.read_bytes() == "ä\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_mode_that_the_person_gives_to_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", "x")
    finally:
        os.umask(before)

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_without_replace_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old", encoding="utf-8")

    with pytest.raises(StorageError, match="File exists"):
        write_whole(tmp_path / "out", "new", replace=False)

    assert (tmp_path / "out").read_text(encoding="utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_missing_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none/out cannot be written \(No such file or directory\)"):
        write_whole(tmp_path / "none" / "out", "x")


def test_a_folder_in_the_place_of_the_file_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(StorageError):
        write_whole(tmp_path / "out", "x")

    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("text", ["one\n", "one"])
@pytest.mark.parametrize("output", ["", "-"])
def test_no_name_is_standard_output(text: str, output: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_or_emit(text, output)

    assert capsys.readouterr().out == "one\n"
