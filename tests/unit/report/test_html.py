"""The page: what it says is what the results say, nothing in it acts, and it is the same every time."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pandas as pd
import pytest

from dora_metrics.calculators import frames as calculators_frames
from dora_metrics.domain.measurements import Results
from dora_metrics.report import html, words
from dora_metrics.report.view_frames import web_url
from support import report_inputs, report_rows
from support.pages import Page
from support.payloads import BAD_URLS, PAYLOADS
from support.report_hostile import a_hostile_page


@pytest.fixture(scope="module")
def shop() -> tuple[Results, dict[str, pd.DataFrame]]:
    return report_inputs.shop()


@pytest.fixture(scope="module")
def shop_html(shop: tuple[Results, dict[str, pd.DataFrame]]) -> str:
    results, tables = shop
    return html.render_html(results, **tables, facts=report_inputs.facts())


@pytest.fixture(scope="module")
def shop_page(shop_html: str) -> Page:
    return Page(shop_html)


def test_every_headline_is_the_number_of_the_results(shop: tuple[Results, Any], shop_page: Page) -> None:
    newest = next(result for result in reversed(shop[0].periods) if not result.partial)

    said = {key: shop_page.within(key, "value") for key in EXPECTED}

    assert newest.period.label == "2025-Q1"
    assert said == {key: say(newest, shop[0].overall) for key, say in EXPECTED.items()}


EXPECTED = {
    "lead_time": lambda result, _: words.format_duration(result.lead_time.spread.median_s),
    "deployment_frequency": lambda result, overall: words.format_rate(
        result.deployment_frequency.per_day, overall.deployment_frequency.per_day
    ),
    "mttr": lambda result, _: words.format_duration(result.mttr.spread.median_s),
    "change_failure_rate": lambda result, _: words.format_ratio(result.change_failure_rate.ratio),
    "rework_rate": lambda result, _: words.format_ratio(result.rework_rate.ratio),
}


def test_each_period_of_the_results_is_in_each_charts_table(shop: tuple[Results, Any], shop_page: Page) -> None:
    for key in EXPECTED:
        text = shop_page.within(f"chart-{key}-quarterly")

        assert [label for label in (result.period.label for result in shop[0].periods) if label not in text] == []


def test_the_first_screen_names_period_repository_and_doubt(shop_page: Page) -> None:
    top = shop_page.text[: shop_page.text.index("a mark for each quarter")]

    for words_ in (
        "acme/shop",
        "2025-Q1",
        "2025-01-01 to 2025-03-31",
        "dora.dev: change fail rate",
        "How far to trust",
    ):
        assert words_ in top


def test_the_same_input_gives_the_same_bytes(shop: tuple[Results, dict[str, pd.DataFrame]], shop_html: str) -> None:
    results, tables = shop

    assert html.render_html(results, **tables, facts=report_inputs.facts()) == shop_html


def test_frames_read_from_the_csv_files_give_the_same_page(
    shop: tuple[Results, dict[str, pd.DataFrame]], shop_html: str
) -> None:
    """Typed columns (times, categories, nullable truths) say what the texts say."""
    results, tables = shop
    read = {
        name: getattr(calculators_frames, f"read_{name}")(table.to_csv(index=False).encode())
        for name, table in tables.items()
    }

    assert html.render_html(results, **read, facts=report_inputs.facts()) == shop_html


def test_nothing_is_loaded_and_only_our_style_and_script_are_allowed(shop_html: str, shop_page: Page) -> None:
    style = re.search(r"<style>(.*?)</style>", shop_html, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style.group(1).encode()).digest()).decode()

    assert "default-src &#39;none&#39;" in shop_html or "default-src 'none'" in shop_html
    assert f"'sha256-{digest}'" in shop_html.replace("&#43;", "+")
    assert "url(" not in style.group(1)
    assert "@import" not in style.group(1)
    assert shop_page.dangers == []


def test_hostile_texts_are_shown_and_nothing_of_them_acts() -> None:
    page = Page(a_hostile_page())

    assert page.dangers == []
    assert [text for text in PAYLOADS if text not in page.isolated] == []
    assert "49" not in page.within("deployments")


def test_the_same_page_without_escaping_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof that the test above can fail."""
    make = html._environment

    def careless() -> Any:
        environment = make()
        environment.autoescape = False
        return environment

    monkeypatch.setattr(html, "_environment", careless)

    assert {"<script>", "<img>", "img onerror", "<iframe>"} <= set(Page(a_hostile_page()).dangers)


@pytest.mark.parametrize("url", BAD_URLS)
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_url(url) == ""


def test_a_web_address_becomes_a_link(shop_page: Page) -> None:
    assert web_url("https://github.com/acme/shop/pull/7") == "https://github.com/acme/shop/pull/7"
    assert any(link.startswith("https://github.com/acme/shop/pull/") for link in shop_page.links)


def test_characters_that_no_page_can_hold_are_replaced() -> None:
    change = report_rows.a_change(1, report_rows.FIRST)
    change["title"] = "bell \x07, nothing \x00, half a pair \ud800"

    page = html.render_html(
        report_inputs.results(), **report_inputs.frames(changes=[change]), facts=report_inputs.facts()
    )

    assert "bell \ufffd, nothing \ufffd, half a pair \ufffd" in page
    page.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        pytest.param("bots 6 days (n = 7)", "bots 6\xa0days (n\xa0=\xa07)", id="numbers and their units"),
        pytest.param("the highest is 4 deployments", "the highest is 4\xa0deployments", id="counts"),
        pytest.param("2025-Q4: 95 %", '<span class="whole">2025-Q4</span>: 95\xa0%', id="a quarter"),
        pytest.param(
            "2025-W01, 2025-03, 2025-03-02/7d",
            ", ".join(f'<span class="whole">{label}</span>' for label in ("2025-W01", "2025-03", "2025-03-02/7d")),
            id="every kind of period",
        ),
        pytest.param("2025 to 2026-2", "2025 to 2026-2", id="nothing to bind"),
        pytest.param("<b>&\x07", "&lt;b&gt;&amp;\ufffd", id="escaped"),
    ],
)
def test_no_line_ends_inside_a_number_or_a_label(text: str, bound: str) -> None:
    assert str(html.tight(text)) == bound


def test_without_any_deployment_the_page_says_so() -> None:
    page = Page(html.render_html(report_inputs.results(), **report_inputs.frames(), facts=report_inputs.facts()))

    assert [page.within(key, "value") for key in EXPECTED] == ["no data", "0 a week", "no data", "no data", "no data"]
    assert "Nothing has been deployed yet" in page.text
    assert "svg" not in page.tags
    assert "nan" not in page.text.lower().split()


def test_not_a_number_reads_as_no_data() -> None:
    nan = float("nan")
    spread = report_inputs.Spread(3, nan, nan, nan, nan, nan, (nan, nan))
    period = report_inputs.a_period(
        "2025-Q1",
        lead_time=report_inputs.LeadTime(spread, undeployed=1, undeployed_oldest_s=nan, undeployed_median_age_s=nan),
        mttr=report_inputs.RecoveryTime(spread, open=1, open_oldest_s=nan),
    )

    text = html.render_html(report_inputs.results(period), **report_inputs.frames(), facts=report_inputs.facts())

    assert Page(text).within("lead_time", "value") == "no data"
    assert re.search(r"\b(nan|inf|NaN)\b", Page(text).text) is None
    assert re.search(r'="(nan|inf)', text) is None


def test_one_deployment_has_a_page_without_a_trend() -> None:
    period = report_inputs.a_period(
        "2025-Q1",
        lead_time=report_inputs.LeadTime(report_inputs.spread([3600.0])),
        deployment_frequency=report_inputs.DeploymentFrequency(1, 90.0, 1),
        change_failure_rate=report_inputs.ChangeFailureRate(0, 0, 1, ci95=(0.0, 0.79)),
    )
    deployment = report_rows.a_deployment(1, report_rows.FIRST)

    page = Page(
        html.render_html(
            report_inputs.results(period), **report_inputs.frames(deployments=[deployment]), facts=report_inputs.facts()
        )
    )

    assert page.within("lead_time", "value") == "1 h"
    assert page.within("change_failure_rate", "value") == "0 %"
    assert "▲" not in page.text
    assert "▼" not in page.text
    assert "it holds only 1 deployment that could fail" in page.text


def test_a_hundred_thousand_changes_stay_small_and_quick() -> None:
    """performance.md 9, with room for a busy machine: 5 s there."""
    results, tables = report_inputs.shop()
    many = pd.concat([tables["changes"]] * 160, ignore_index=True)
    assert len(many) > 100_000
    began = time.process_time()

    page = html.render_html(results, **{**tables, "changes": many}, facts=report_inputs.facts())

    assert time.process_time() - began < 5
    assert len(page.encode()) < 5_000_000
    assert f"{len(many[many.left_out.isna() & many.deployment.notna()]) - 500:,} more in changes.csv" in page


def test_text_and_marks_have_enough_contrast() -> None:
    """WCAG AA: 4.5 for text, 3 for what the charts draw; in light and in dark."""
    for colours in palettes():
        for ink in ("ink", "quiet", "blue", "good", "bad"):
            for ground in ("page", "paper", "soft"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert contrast(colours["amber"], colours["amber-soft"]) >= 4.5
        assert contrast(colours["ink"], colours["bad-soft"]) >= 4.5
        assert contrast(colours["quiet"], colours["bad-soft"]) >= 4.5
        assert contrast(colours["ink"], colours["focus"]) >= 4.5
        assert contrast(colours["range"], colours["paper"]) >= 3


def palettes() -> list[dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", html.style_sheet(), re.DOTALL)
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks]
    assert len(found) == 3
    return found


def contrast(one: str, other: str) -> float:
    """WCAG 2's contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
