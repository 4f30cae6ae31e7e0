"""What an import costs: the stored facts are read once for both judgings, and what it leaves is what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora_metrics.pipeline import derive
from support.shop_project import Project

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_facts_are_read_once_and_the_tables_are_those_that_the_store_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second judging takes facts and decisions from memory: made anew from the store alone, nothing differs."""
    project = Project(tmp_path)
    cli, read = project.started(), []
    load = derive.load_facts

    def counted(*arguments: Any) -> Any:
        read.append(arguments)
        return load(*arguments)

    monkeypatch.setattr(derive, "load_facts", counted)
    said = f'key,is_hotfix,notes\ncommit:{project.repository["merge"]},yes,"\'=1, ä"\n'
    (cli.folder / "said.csv").write_text(said, encoding="utf-8")
    cli.run("import", "said.csv")
    assert len(read) == 1
    tables = {name: content for name, content in cli.files().items() if "processed/" in name}

    for name in ("changes.csv", "made_from.json"):
        (cli.folder / "data/processed" / name).unlink()
    cli.run("update")
    assert len(read) == 2
    assert {name: content for name, content in cli.files().items() if "processed/" in name} == tables
