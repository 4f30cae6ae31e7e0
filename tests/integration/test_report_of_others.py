"""The report under another tool's definitions, and of a monorepo's services: it says what `calculate` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.browser import Opened, choices, open_page
from support.command_line import invoke
from support.git_repository import GitRepository
from support.in_page import CHOOSE, FOLLOW
from support.page_numbers import at, compare, says

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
SERVICES = """\
[[repository]]
path = "mono"
branch = "main"
services = [
  {name = "web", path_prefix = "web/", tag_pattern = "web/v*"},
  {name = "api", path_prefix = "api/", tag_pattern = "api/v*"},
]
[metrics]
period = "monthly"
"""
MONTHS = ("2025-01", "2025-02", "2025-03", "overall")
OVERVIEW = """[...document.querySelectorAll('.overview tbody tr')].map((row) => [
  row.cells[0].textContent,
  [...row.cells].slice(1).map((cell, place) => {
    const head = cell.closest('table').querySelectorAll('thead th')[place + 1];
    return { raw: cell.dataset.raw ?? '', text: cell.querySelector('bdi').textContent, path: head.dataset.path,
      heading: head.textContent };
  }),
])"""


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two services, each released six times in each of three months, the api a day later and with work of its own."""
    folder = tmp_path_factory.mktemp("monorepo")
    repository = GitRepository(folder / "mono")
    for month in (1, 2, 3):
        for turn in range(1, 7):
            at_day, name = f"2025-0{month}-{4 * turn:02d}", f"m{month}t{turn}"
            files = {"web/a": name, "api/a": name} if turn % 2 else {"api/a": name}
            repository.commit(name, at=f"{at_day}T0{turn}:00:00Z", files=files)
            repository.tag(f"web/v{month}.{turn}", name, at=f"{at_day}T12:00:00Z")
            repository.tag(f"api/v{month}.{turn}", name, at=f"2025-0{month}-{4 * turn + 1:02d}T12:00:00Z")
    repository.flush()
    (folder / "dora-metrics.toml").write_text(SERVICES, encoding="utf-8")
    run(folder, "extract", "--full")
    return folder


def run(folder: Path, command: str, *options: str) -> str:
    done = invoke(command, "--config", str(folder / "dora-metrics.toml"), *options)
    assert done.exit_code == 0, done.output
    return done.stdout


def numbers(folder: Path, *options: str, grain: str) -> dict[str, dict[str, Any]]:
    """By label what `calculate --format json` says."""
    answer = json.loads(run(folder, "calculate", "--format", "json", "--period", grain, *options))
    return {period["label"]: period for period in (*answer["periods"], answer["overall"])}


def the_page(browser: Browser, folder: Path, *options: str) -> Opened:
    run(folder, "report", "--output", str(folder / "page.html"), *options)
    return open_page(browser, folder / "page.html")


@pytest.mark.parametrize("profile", ["devlake", "middleware"])
def test_another_tools_numbers_are_those_of_calculate_and_lead_to_no_rows(
    browser: Browser, demo: Path, profile: str
) -> None:
    """Medians or means, every period; what the tool does not define says so, and nothing of ours is beside it."""
    opened = the_page(browser, demo, "--profile", profile)
    chosen = [choice for choice in choices(opened) if choice[0] == "quarterly"]

    wrong, seen = compare(opened, chosen, {"quarterly": numbers(demo, "--profile", profile, grain="quarterly")})

    assert wrong == []
    assert {period for _, period, _ in seen} == {period for _, period in chosen}
    assert any(path == "lead_time.mean_hours" for _, _, path in seen) == (profile == "middleware")
    page = opened.page
    assert page.inner_text("#rework_rate .value") == "not defined"
    assert page.locator("#chart-rework_rate-quarterly, #distribution, [id^=stages]").count() == 0
    assert page.locator("#first-screen [data-show], .over-time [data-show]").count() == 0
    assert "not by DORA's" in page.inner_text(".profile")
    assert (opened.complaints, opened.requests) == ([], [])


def test_each_service_stands_on_the_page_with_the_numbers_of_its_own(browser: Browser, monorepo: Path) -> None:
    """In every period: the first row is all of it, the others what `--service` gives, in the configured order."""
    opened = the_page(browser, monorepo)
    true = [
        numbers(monorepo, *options, grain="monthly") for options in ([], ["--service", "web"], ["--service", "api"])
    ]
    wrong, seen = [], 0
    for period in MONTHS:
        opened.page.evaluate(CHOOSE, ["monthly", period])
        rows = opened.page.evaluate(OVERVIEW)
        assert [name.partition(": ")[2] for name, _ in rows] == ["", "web", "api"]
        for (_, cells), own in zip(rows, true):
            for cell in cells:
                seen += 1
                exact = json.loads(cell["raw"]) == at(own[period], cell["path"])
                if not exact or not says(cell["text"], cell["raw"], cell["path"], cell["heading"]):
                    wrong.append((period, cell))

    assert wrong == []
    assert seen == 3 * 5 * len(MONTHS)
    assert (opened.complaints, opened.requests) == ([], [])


def test_a_page_of_one_service_counts_and_shows_that_one_alone(browser: Browser, monorepo: Path) -> None:
    opened = the_page(browser, monorepo, "--service", "api")

    wrong, _ = compare(
        opened,
        [("monthly", month) for month in MONTHS],
        {"monthly": numbers(monorepo, "--service", "api", grain="monthly")},
    )

    assert wrong == []
    assert opened.page.inner_text("h1").endswith(": api")
    ways = opened.page.evaluate(FOLLOW, "#first-screen a[data-show]")
    assert [way for way in ways if way["count"] and int(way["count"]) != way["found"]] == []
    assert "web/" not in opened.page.inner_text("#behind")
