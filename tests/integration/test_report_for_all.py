"""The report for everyone: screen readers, in the dark, without JavaScript, on paper, with hostile texts in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dora_metrics.domain.quality import ACT, FINE, QualityFinding
from dora_metrics.report import html
from support import report_inputs, report_rows
from support.browser import PHONE, Opened, open_page
from support.in_page import SHOWN, TURNED
from support.payloads import PAYLOADS
from support.report_hostile import a_hostile_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
GRAVE = {"serious", "critical"}
KEYS = ("lead_time", "deployment_frequency", "mttr", "change_failure_rate", "rework_rate")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three years, its quality not assessed."""
    results, tables = report_inputs.shop()
    file = tmp_path_factory.mktemp("shop") / "report.html"
    file.write_text(html.render_html(results, **tables, facts=report_inputs.facts()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def hostile(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A page with a payload in every field, opened, its script at work."""
    file = tmp_path_factory.mktemp("hostile") / "report.html"
    file.write_bytes(a_hostile_page().encode())
    return open_page(browser, file)


def findings(opened: Opened, within: str = "") -> list[tuple[str, str]]:
    """What axe-core finds: rule, and how grave."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 (the oldest Python has none)

    opened.page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    answer = Axe().run(opened.page, context=within or None).response
    return [(found["id"], found["impact"]) for found in answer["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(browser: Browser, shop: Path, scheme: Any) -> None:
    """With every table open; contrast (WCAG AA) is among its rules."""
    opened = open_page(browser, shop, color_scheme=scheme)

    assert [found for found in findings(opened) if found[1] in GRAVE] == []
    assert opened.complaints == []


def test_axe_would_find_something_grave(browser: Browser, shop: Path) -> None:
    """The proof that the test above can fail."""
    opened = open_page(browser, shop, java_script_enabled=True)
    opened.page.evaluate("""() => {
      document.querySelector('.search').closest('label').replaceWith(document.querySelector('.search'));
      document.querySelector('#deployments .said').style.color = '#dddddd';
    }""")

    assert {"label", "color-contrast"} <= {rule for rule, impact in findings(opened, "#deployments") if impact in GRAVE}


def test_without_javascript_headlines_pictures_and_tables_are_there(browser: Browser, shop: Path) -> None:
    opened = open_page(browser, shop, java_script_enabled=False)
    page = opened.page

    assert all(page.locator(f"#{key} .value").inner_text() for key in KEYS)
    assert page.locator("svg.drawing[role=img]:visible").count() >= 12
    rows = page.locator("#deployments tbody tr:visible").count()
    assert rows == int(page.locator("#deployments .count").inner_text())
    page.locator("#left-out summary").click()
    assert page.locator("#left-out tbody tr:visible").count() > 20
    for hidden in ("#chooser", ".tools", ".pager"):
        assert page.locator(f"{hidden}:visible").count() == 0
    assert "Without JavaScript" in page.locator("#behind").inner_text()
    assert opened.requests == []


def test_a_browser_that_cannot_unpack_says_so(browser: Browser, shop: Path) -> None:
    opened = open_page(browser, shop, script="delete window.DecompressionStream")

    assert opened.page.locator("#too-old").is_visible()
    assert opened.page.locator("#chooser:visible").count() == 0
    assert opened.page.locator("#left-out").is_visible()
    assert opened.complaints == []


def test_hostile_texts_are_shown_by_the_script_and_do_nothing(hostile: Opened) -> None:
    """In the tables that the script makes, on all their pages; nothing ran, and the title is ours."""
    shown = set(hostile.page.evaluate(SHOWN))
    for name in ("deployments", "failures", "changes"):
        shown |= set(hostile.page.evaluate(TURNED, name))

    assert [text for text in PAYLOADS if text not in shown and f"{text} · {text}" not in shown] == []
    assert hostile.page.title().startswith("DORA metrics of ")
    assert (
        hostile.page.locator("#behind img, #behind iframe, #behind script, #behind a[href^='javascript']").count() == 0
    )
    assert hostile.complaints == []
    assert hostile.requests == []


def test_hostile_names_are_shown_in_every_period_and_do_nothing(hostile: Opened) -> None:
    """The first screens that the script puts in come from the page's block as markup, escaped where it was made."""
    page = hostile.page
    page.click("#earlier")
    page.locator(".first[data-period='2024-Q4']").wait_for()

    names = page.eval_on_selector_all(".overview td:first-child bdi", "all => all.map((one) => one.textContent)")

    assert names[1:] == list(PAYLOADS)
    assert page.title().startswith("DORA metrics of ")
    assert page.locator("#first-screen img, #first-screen iframe, #first-screen script").count() == 0
    assert hostile.complaints == []


def test_text_set_as_markup_is_caught(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that the test above can fail: a script that sets texts as markup; the policy alone still holds it."""
    careless = html.page_script().replace("element.textContent = text", "element.innerHTML = text")
    assert careless != html.page_script()
    monkeypatch.setattr(html, "page_script", lambda: careless)
    page = a_hostile_page()
    policy = page.index('<meta http-equiv="Content-Security-Policy"')
    (tmp_path / "free.html").write_bytes((page[:policy] + page[page.index(">", policy) + 1 :]).encode())
    (tmp_path / "held.html").write_bytes(page.encode())

    loose = open_page(browser, tmp_path / "free.html")
    loose.page.wait_for_function("document.title === 'ran'")
    held = open_page(browser, tmp_path / "held.html")

    assert any("inline event handler" in text for text in held.complaints)
    assert held.page.locator("#behind img").count() > 0
    assert held.page.title() != "ran"


def test_a_text_cannot_end_the_element_that_carries_the_pages_json(hostile: Opened) -> None:
    held = hostile.page.evaluate("[...document.scripts].map((script) => script.id)")

    assert held == ["facts", "fragments", "items", ""]


@pytest.mark.parametrize(
    ("name", "context"),
    [("light", {}), ("dark", {"color_scheme": "dark"}), ("phone", {"viewport": PHONE})],
)
def test_pictures_are_taken_for_people_to_look_at(
    browser: Browser, shop: Path, tmp_path: Path, name: str, context: Any
) -> None:
    """What is taken holds what it should: all sections are as wide as the page, and something is drawn in each."""
    page = open_page(browser, shop, **context).page

    taken = page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    assert len(taken) > 100_000
    empty = page.eval_on_selector_all(
        "figure.chart", "all => all.filter((one) => one.getClientRects().length && one.offsetHeight < 60).length"
    )
    assert empty == 0


def test_on_paper_all_charts_are_there_and_no_control(browser: Browser, shop: Path) -> None:
    page = open_page(browser, shop).page
    page.emulate_media(media="print")

    assert page.locator("button:not(.sort):visible, select:visible, input:visible").count() == 0
    assert page.locator("svg.drawing:visible").count() >= 12
    assert len(page.pdf(format="A4")) > 50_000


def written(folder: Path, **changed: Any) -> Path:
    """A page without anything deployed, or of what `changed` says."""
    page = {"results": report_inputs.results(), **report_inputs.frames(), "facts": report_inputs.facts(), **changed}
    file = folder / "report.html"
    file.write_text(html.render_html(page.pop("results"), **page), encoding="utf-8")
    return file


def test_an_empty_history_is_said_and_nothing_breaks(browser: Browser, tmp_path: Path) -> None:
    opened = open_page(browser, written(tmp_path))

    assert "Nothing has been deployed yet" in opened.page.inner_text("#first-screen")
    assert opened.page.inner_text("#deployments .static").startswith("Nothing has been deployed yet")
    assert opened.complaints == []


def test_one_deployment_and_one_change_are_a_page(browser: Browser, tmp_path: Path) -> None:
    made = report_rows.a_deployment(1, report_rows.FIRST)
    tables = report_inputs.frames(changes=[report_rows.a_change(1, report_rows.FIRST, made, 5.0)], deployments=[made])

    opened = open_page(browser, written(tmp_path, **tables))

    assert opened.page.locator("#deployments tbody tr").count() == 1
    assert opened.complaints == []


def test_rows_that_do_not_fit_are_counted_and_their_file_is_named(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, tables = report_inputs.shop()
    whole = html.render_html(results, **tables, facts=report_inputs.facts())
    monkeypatch.setattr(html, "MOST_BYTES", len(whole.encode()) - 8_000)

    opened = open_page(browser, written(tmp_path, results=results, **tables))

    said = opened.page.text_content("#changes .room")
    assert said is not None
    total = f"{len(tables['changes']):,}"
    assert said.startswith("The page has room for the newest ")
    assert said.endswith(f" of {total} rows; all stand in changes.csv.")
    assert opened.page.evaluate("!document.querySelector('#changes .room').hidden")
    assert opened.page.evaluate("document.querySelector('#deployments .room').hidden")


def test_whose_definitions_made_the_numbers_is_said_first_when_not_doras(browser: Browser, tmp_path: Path) -> None:
    page = open_page(browser, written(tmp_path, results=report_inputs.results(profile="gitlab"))).page

    assert "by the definitions of gitlab, not by DORA's" in page.inner_text("header")
    assert "gitlab" in page.inner_text("#definitions")


def test_findings_about_the_data_say_what_to_do(browser: Browser, tmp_path: Path) -> None:
    findings = (
        QualityFinding("truncated", "Shallow clones", 1, 2, ACT, "old commits are missing", "`git fetch --unshallow`"),
        QualityFinding("undeployed", "Changes not deployed yet", 9, 90, FINE, "they are in no lead time"),
    )

    page = open_page(browser, written(tmp_path, results=report_inputs.results(quality=findings))).page

    rows = page.eval_on_selector_all("#quality tbody tr", "rows => rows.map((row) => row.innerText)")
    said = [" ".join(row.split()) for row in rows]
    assert said == [
        "Do something Shallow clones 1 of 2 (50 %) Old commits are missing. To do: git fetch --unshallow",
        "Fine Changes not deployed yet 9 of 90 (10 %) They are in no lead time.",
    ]
