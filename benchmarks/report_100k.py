"""What the HTML report of a hundred thousand changes costs: target 5 s and 5 MB, open in under 2 s.

    python benchmarks/report_100k.py [CHANGES]

Ten years, one deployment for every forty changes, a title of four to nine words each, one change in ten without a pull
request. The same numbers on every run. Timed: reading the tables, the metrics by three lengths of period, the page; and, where
playwright and a Chromium are there, from opening the file to its tables being at work.
"""

from __future__ import annotations

import random
import resource
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from dora_metrics.calculators.frames import read_changes, read_deployments, read_incidents
from dora_metrics.calculators.metrics import calculate_results
from dora_metrics.calculators.shapes import shapes_of
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.html import render_html
from dora_metrics.report.report_facts import ReportFacts

START = datetime(2015, 1, 1, tzinfo=timezone.utc)
AS_OF = datetime(2025, 1, 1, tzinfo=timezone.utc)
GRAINS = ("monthly", "quarterly", "yearly")
PER_DEPLOYMENT = 40
WEB = "https://github.com/acme/shop"
WORDS = (
    "cart order price ship label customs voucher search index page cache queue retry login token image thumb mail invoice "
    "tax refund report export import schema column field null round trip session cookie banner footer header menu color "
    "contrast keyboard focus modal dialog table sort filter list detail view model store fetch parse render escape quote"
).split()


def make_tables(count: int) -> tuple[bytes, bytes, bytes]:
    """changes.csv, deployments.csv and incidents.csv."""
    chance = random.Random(9)
    places = max(count // PER_DEPLOYMENT, 2)
    times = sorted(
        START + timedelta(seconds=chance.randrange(int((AS_OF - START).total_seconds()))) for _ in range(places)
    )
    deployments = [
        "key,repository,service,commit,tag,deployed_at,source,kind,changes,failed,failure_provenance,failed_because,began_at,restored_at,recovery_hours,flags,url"
    ]
    incidents = [
        "key,repository,service,issue,title,started_at,resolved_at,caused_by,attribution,fixed_by,flags,because,confidence,provenance"
    ]
    for number, at in enumerate(times):
        kind = "initial" if number == 0 else chance.choices(["normal", "hotfix", "rollback"], [0.9, 0.07, 0.03])[0]
        hours = round(chance.lognormvariate(1.5, 1), 3)
        failed = kind != "rollback" and number > 0 and chance.random() < 0.1
        ends = f"{format_utc(at)},{format_utc(at + timedelta(hours=hours))},{hours}" if failed else ",,"
        tag = f"v{number // 20}.{number % 20}.0"
        deployments.append(
            f"tag:{tag},acme/shop,,{chance.getrandbits(160):040x},{tag},{format_utc(at)},tag,{kind},{PER_DEPLOYMENT},"
            f"{str(failed).lower()},{'inferred' if failed else ''},{'a hotfix came' if failed else ''},{ends},,{WEB}/releases/tag/{tag}"
        )
        if failed:
            incidents.append(
                f"failure:tag:{tag},acme/shop,,,Hotfix of {tag},{format_utc(at)},,tag:{tag},inferred,,,a hotfix came,low,inferred"
            )
    changes = [
        "key,repository,service,pull_request,title,labels,is_bot,first_commit_at,ready_at,merged_at,started_at,via,deployment,deployed_at,lead_time_hours,is_hotfix,is_revert,flags,left_out,hotfix_reason,url"
    ]
    for number in range(count):
        place = min(number // PER_DEPLOYMENT, places - 1)
        seconds = int(chance.lognormvariate(12, 1.2))
        begun = times[place] - timedelta(seconds=seconds)
        merged = begun + timedelta(seconds=seconds // 2)
        sha = f"{chance.getrandbits(160):040x}"
        key, pull, url = (
            (f"commit:{sha}", "", f"{WEB}/commit/{sha}")
            if number % 10 == 0
            else (f"pr:{number}", f"#{number}", f"{WEB}/pull/{number}")
        )
        title = " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 9)))
        waits = number >= count - 50
        reason = "left_truncated" if place == 0 else "negative" if number % 97 == 0 else ""
        ends = (
            f",,{''}"
            if waits
            else f"tag:v{place // 20}.{place % 20}.0,{format_utc(times[place])},{'' if reason else round(seconds / 3600, 6)}"
        )
        changes.append(
            f"{key},acme/shop,,{pull},{title},,{str(number % 7 == 0).lower()},{format_utc(begun)},{format_utc(merged)},"
            f"{format_utc(merged)},{format_utc(begun)},subject,{ends},false,false,,{'' if waits else reason},,{url}"
        )
    return tuple("\n".join(lines).encode() for lines in (changes, deployments, incidents))  # type: ignore[return-value]


def make_page(tables: tuple[bytes, bytes, bytes]) -> str:
    changes, deployments, incidents = read_changes(tables[0]), read_deployments(tables[1]), read_incidents(tables[2])
    results = [
        calculate_results(
            changes,
            deployments,
            incidents,
            as_of=AS_OF,
            grain=grain,
            timezone="UTC",
            fiscal_start_month=1,
            repositories=("acme/shop",),
        )
        for grain in GRAINS
    ]
    return render_html(
        results[0],
        changes=changes,
        deployments=deployments,
        incidents=incidents,
        facts=ReportFacts(tool_version="benchmark"),
        others=results[1:],
        shapes={each.grain: shapes_of(changes, each) for each in results},
    )


def opened_in_s(page: str) -> float:
    """Seconds from opening the file until its full tables are at work; NaN without playwright or Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return float("nan")
    browser_path = shutil.which("chromium")
    if browser_path is None:
        return float("nan")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder, "report.html")
        file.write_text(page, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        began = time.perf_counter()
        tab.goto(file.as_uri())
        tab.locator("#changes[data-found]").wait_for(state="attached")
        took = time.perf_counter() - began
        browser.close()
    return took


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    tables = make_tables(count)
    import jinja2  # noqa: F401 (imports are not what is timed)

    wall, cpu = time.perf_counter(), time.process_time()
    page = make_page(tables)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    kept = page.partition('"kept":{')[2].partition("}")[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count:,} changes: {wall:.1f} s ({cpu:.1f} s CPU), {len(page.encode()):,} bytes, peak {peak} MiB")
    print(f"rows in the page: {kept}")
    print(f"opened, with full tables, in {opened_in_s(page):.1f} s")


if __name__ == "__main__":
    main()
