"""The report in a real browser: hostile texts stay texts, nothing is asked of any network, nothing is cut off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.report import html
from support import report_inputs, report_rows
from support.chromium import counting_server, dump_dom
from support.pages import Page
from support.payloads import PAYLOADS
from support.report_hostile import a_hostile_page

pytestmark = pytest.mark.browser
TITLE = "DORA metrics of "


def plant_careless_escaping(monkeypatch: pytest.MonkeyPatch) -> None:
    make = html._environment

    def careless() -> Any:
        environment = make()
        environment.autoescape = False
        return environment

    monkeypatch.setattr(html, "_environment", careless)


def without_policy(page: str) -> str:
    policy = page.index('<meta http-equiv="Content-Security-Policy"')
    return page[:policy] + page[page.index(">", policy) + 1 :]


def title_of(page: str) -> str:
    return page.split("<title>", 1)[1].split("</title>", 1)[0]


def the_shop() -> str:
    results, tables = report_inputs.shop()
    rules = tuple((f"Rule {number}", "value") for number in range(20))
    return html.render_html(results, **tables, facts=report_inputs.facts(rules=rules))


def measured(page: str, script: str, folder: Path) -> Any:
    """What the expression `script` is in the loaded page; the page is ours, so its policy may go for this."""
    measuring = f"<script>document.title = JSON.stringify({script})</script></body>"
    return json.loads(title_of(dump_dom(without_policy(page).replace("</body>", measuring), folder)))


CUT = "[...document.querySelectorAll('{0}')].filter(box => box.scrollHeight > box.clientHeight + 1).length"
ROWS = "[...document.querySelectorAll('tbody tr')]"


def test_rules_and_data_quality_are_never_cut_off(tmp_path: Path) -> None:
    boxes = ("#definitions .scroll, #quality .scroll", "#deployments .scroll")

    found = measured(the_shop(), f"[{', '.join(map(CUT.format, boxes))}]", tmp_path)

    assert found == [0, 1]


def test_on_paper_no_row_of_an_open_table_is_lost(tmp_path: Path) -> None:
    paper = the_shop().replace("@media print", "@media all").replace("<details", "<details open")

    assert measured(paper, CUT.format(".scroll"), tmp_path) == 0
    shown, written = measured(
        paper, f"[{ROWS}.filter(row => row.getClientRects().length).length, {ROWS}.length]", tmp_path
    )
    assert shown == written > 500


def test_a_label_is_never_broken_into_two_lines(tmp_path: Path) -> None:
    narrow = the_shop().replace("</style>", ".page { width: 20rem; }</style>")
    pieces = "[...document.querySelectorAll('span.whole')].map(label => label.getClientRects().length)"

    found = measured(narrow, pieces, tmp_path)

    assert len(found) > 10
    assert set(found) == {1}


def test_hostile_texts_are_shown_and_do_nothing(tmp_path: Path) -> None:
    """The browser's own reading of the page, after scripts had their chance."""
    dom = dump_dom(a_hostile_page(), tmp_path)

    page = Page(dom)
    assert page.dangers == []
    assert [text for text in PAYLOADS if text not in page.isolated] == []
    assert title_of(dom).startswith(TITLE)


def test_without_escaping_the_browser_test_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that the test above can fail, and that the policy alone still keeps scripts from running."""
    plant_careless_escaping(monkeypatch)
    careless = a_hostile_page().replace("http-equiv=refresh", "")  # else the browser leaves the page

    held = dump_dom(careless, tmp_path)
    free = dump_dom(without_policy(careless), tmp_path)

    assert {"<script>", "<img>"} <= set(Page(held).dangers)
    assert title_of(held).startswith(TITLE)
    assert title_of(free) == "ran"


def test_nothing_is_asked_of_any_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with counting_server() as (address, asked):
        change = report_rows.a_change(1, report_rows.FIRST)
        change.update(
            title=f'<img src="{address}/image"><link rel=stylesheet href={address}/x.css>', url=f"{address}/link"
        )
        results, _ = report_inputs.shop()
        tables = report_inputs.frames(changes=[change])

        dump_dom(html.render_html(results, **tables, facts=report_inputs.facts()), tmp_path)
        quiet = list(asked)
        plant_careless_escaping(monkeypatch)
        careless = html.render_html(results, **tables, facts=report_inputs.facts())
        dump_dom(without_policy(careless), tmp_path)

    assert quiet == []
    assert "/image" in asked
