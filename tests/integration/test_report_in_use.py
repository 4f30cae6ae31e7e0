"""The report of the demo in a real Chromium, used as a person uses it: choosing, counting, searching, by keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.browser import DESK, PHONE, Opened, choices, open_page
from support.command_line import invoke
from support.in_page import CHOOSE, FOLLOW, MISSED, NUMBERS
from support.page_numbers import compare, says

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
AS_OF = "2025-10-17T16:00:00Z"
GRAINS = ("monthly", "quarterly", "yearly")


@pytest.fixture(scope="module")
def opened(browser: Browser, demo: Path) -> Opened:
    return open_page(browser, demo / "data/reports/dora-report.html")


@pytest.fixture(scope="module")
def numbers(demo: Path) -> dict[str, dict[str, Any]]:
    """By length of period and label, what `calculate --format json` says."""
    found = {}
    for grain in GRAINS:
        config = str(demo / "dora-metrics.toml")
        made = invoke("calculate", "--config", config, "--period", grain, "--format", "json")
        assert made.exit_code == 0, made.output
        answer = json.loads(made.stdout)
        found[grain] = {period["label"]: period for period in (*answer["periods"], answer["overall"])}
    return found


def test_every_number_of_every_period_is_that_of_calculate(opened: Opened, numbers: dict[str, dict[str, Any]]) -> None:
    """Both what a machine reads (`data-raw`) and what a person reads, in headlines and in the tables of the charts."""
    wrong, seen = compare(opened, choices(opened), numbers)

    assert wrong == []
    assert {(grain, period) for grain, period, _ in seen} == set(choices(opened))
    assert len(seen) > 500


def test_the_same_store_gives_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    """Through the command line, twice: nothing of the page depends on the clock or on the process."""
    made = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.html"
        answer = invoke("report", "--config", str(demo / "dora-metrics.toml"), "--output", str(file))
        assert answer.exit_code == 0, answer.output
        made.append(file.read_bytes())

    assert made[0] == made[1] == (demo / "data/reports/dora-report.html").read_bytes()


def test_a_wrong_number_on_the_page_is_found(opened: Opened) -> None:
    """The proof that the test above can fail."""
    assert says("4.1 days", "98.4", "lead_time.median_hours")
    assert not says("4.2 days", "98.4", "lead_time.median_hours")
    assert not says("13.6 %", "0.14", "rework_rate.ratio")
    assert not says("0", "null", "lead_time.median_hours", "Median, days")
    opened.page.evaluate("document.querySelector('#lead_time .value').dataset.raw = '1'")
    spots = [
        spot
        for spot in opened.page.evaluate(NUMBERS)
        if not spot["heading"] and spot["path"] == "lead_time.median_hours"
    ]
    assert not says(spots[0]["text"], spots[0]["raw"], spots[0]["path"])


def test_each_headline_leads_to_exactly_the_items_it_counts(opened: Opened) -> None:
    followed = 0
    for grain, period in choices(opened):
        opened.page.evaluate(CHOOSE, [grain, period])
        ways = opened.page.evaluate(FOLLOW, "#first-screen a[data-show]")
        followed += len(ways)

        assert [way for way in ways if way["count"] and int(way["count"]) != way["found"]] == []
    assert followed > 200


def test_each_mark_of_each_picture_leads_to_exactly_its_items(
    opened: Opened, numbers: dict[str, dict[str, Any]]
) -> None:
    """Of the pictures over time the count is that of the JSON; of the others it is what their tip says."""
    counts = {
        "lead_time": "n",
        "mttr": "n",
        "deployment_frequency": "deployments",
        "change_failure_rate": "deployments",
        "rework_rate": "deployments",
    }
    for grain in GRAINS:
        opened.page.evaluate(CHOOSE, [grain, "overall"])
        marks = opened.page.evaluate(FOLLOW, f"[data-of-grain={grain}] .chart:not([id^=stages]) .mark[data-show]")
        for mark in marks:
            metric = mark["show"].split(".")[0]
            assert mark["found"] == numbers[grain][mark["period"]][metric][counts[metric]], mark
        assert len(marks) == 5 * (len(numbers[grain]) - 1)
    for mark in opened.page.evaluate(FOLLOW, "#distribution .mark, #ages .mark"):
        assert f": {mark['found']:,} change" in mark["tip"], mark
    for mark in opened.page.evaluate(FOLLOW, "#timeline .mark"):
        assert (mark["found"], mark["table"]) == (1, "deployments"), mark


def test_the_way_back_leads_to_where_the_reader_was(browser: Browser, demo: Path) -> None:
    page = open_page(browser, demo / "data/reports/dora-report.html").page
    page.click("#rework_rate a[data-show]")
    page.wait_for_function("() => window.scrollY > 2000")

    page.go_back()

    page.wait_for_function("() => window.scrollY < 900")


def test_left_out_items_stand_with_their_reason(opened: Opened, numbers: dict[str, dict[str, Any]]) -> None:
    reasons = {label: period["lead_time"]["left_out"] for label, period in numbers["quarterly"].items()}
    del reasons["overall"]
    chosen = max(reasons, key=lambda label: reasons[label].get("left_truncated", 0))
    opened.page.evaluate(CHOOSE, ["quarterly", chosen])
    opened.page.click("#lead_time a[data-show='lead_time.left_out']")

    rows = opened.page.eval_on_selector_all(
        "#changes tbody tr td:last-child", "cells => cells.map(cell => cell.textContent)"
    )

    assert len(rows) == min(sum(reasons[chosen].values()), 25)
    assert all("left out" in row for row in rows)
    assert sum("first known deployment" in row for row in rows) > 20


def test_a_table_is_searched_filtered_sorted_and_turned(opened: Opened) -> None:
    page = opened.page
    page.evaluate("document.querySelector('#changes').open = true")
    if page.is_visible("#changes .clear"):
        page.click("#changes .clear")
    total = int(page.evaluate("document.querySelector('#changes').dataset.found"))
    assert total > 300

    page.click("#changes thead th:nth-child(4) button")
    page.click("#changes .later")
    assert page.inner_text("#changes .place").startswith("26 to 50 of ")
    leads = [
        float(text.replace(",", ""))
        for text in page.eval_on_selector_all(
            "#changes tbody td:nth-child(4)", "cells => cells.map(cell => cell.textContent)"
        )
    ]
    assert leads == sorted(leads, reverse=True)
    assert page.get_attribute("#changes thead th:nth-child(4)", "aria-sort") == "descending"

    page.fill("#changes .search", "Shipping")
    page.select_option("#changes .filter", "counted")
    found = page.eval_on_selector_all("#changes tbody tr", "rows => rows.map(row => row.textContent)")
    assert 0 < len(found) < total
    assert all("shipping" in row.lower() for row in found)
    page.fill("#changes .search", "no such words anywhere")
    assert page.inner_text("#changes .place") == "Nothing fits"
    page.click("#changes .clear")
    assert int(page.evaluate("document.querySelector('#changes').dataset.found")) == total


def test_the_keyboard_reaches_every_control_and_every_mark(opened: Opened) -> None:
    """Tab visits every control there is, and one mark a picture; arrows visit the other marks; Enter follows one."""
    page = opened.page
    page.evaluate(CHOOSE, ["quarterly", "2025-Q3"])
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    page.evaluate("document.body.focus(); window.scrollTo(0, 0); document.activeElement.blur()")
    wanted = page.evaluate("""(() => {
      const all = [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')];
      const seen = all.filter((one) => !one.disabled && one.getClientRects().length);
      window.wantedStops = seen;
      return seen.length;
    })()""")
    visited: set[int] = set()
    for _ in range(wanted + 40):
        page.keyboard.press("Tab")
        visited.add(page.evaluate("window.wantedStops.indexOf(document.activeElement)"))
        if len(visited - {-1}) == wanted:
            break

    missed = page.evaluate(MISSED, sorted(visited))
    assert missed == []

    page.focus(".over-time [data-of-grain=quarterly] .mark[tabindex='0']")
    last = page.evaluate("document.activeElement.dataset.tip")
    page.keyboard.press("ArrowLeft")
    tip = page.evaluate("document.activeElement.dataset.tip")
    assert tip != last
    assert page.inner_text("#tip") == tip
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.classList.contains('said')")
    assert "Lead time for changes, " in page.evaluate("document.activeElement.textContent")


def test_the_page_complains_of_nothing_and_asks_nothing(opened: Opened) -> None:
    """After all that the tests above did with it."""
    assert opened.complaints == []
    assert opened.requests == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_width_needs_scrolling_sideways(browser: Browser, demo: Path, width: int) -> None:
    page = open_page(browser, demo / "data/reports/dora-report.html", viewport={**PHONE, "width": width}).page

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_screen_holds_period_headlines_and_doubt(browser: Browser, demo: Path) -> None:
    """All five values, their interval and n, and the sentence on trust are seen on a laptop without scrolling."""
    page = open_page(browser, demo / "data/reports/dora-report.html").page
    seen = "h1, .period, .trust:not(.note), .value, .basis"

    ends = page.eval_on_selector_all(seen, "parts => parts.map(part => part.getBoundingClientRect().bottom)")

    assert len(ends) == 13
    assert max(ends) <= DESK["height"]
