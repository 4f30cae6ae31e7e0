"""What the HTML report of a hundred thousand changes costs: target 5 s and 5 MB, open in under 2 s.

    python benchmarks/report_100k.py [CHANGES]

Ten years, one deployment for every forty changes, a title of four to nine words each, one change in ten without a pull
request. The same numbers on every run. Timed: reading the tables, the metrics by three lengths of period, the page;
and, where playwright and a Chromium are there, from opening the file to its tables being at work.
"""

from __future__ import annotations

import csv
import io
import random
import resource
import shutil
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path

from dora_metrics.calculators.frames import read_changes, read_deployments, read_incidents
from dora_metrics.calculators.metrics import calculate_results
from dora_metrics.calculators.shapes import shapes_of
from dora_metrics.domain.timestamps import format_utc, parse_utc
from dora_metrics.report.html import render_html
from dora_metrics.report.report_facts import ReportFacts

START = datetime(2015, 1, 1, tzinfo=timezone.utc)
AS_OF = datetime(2025, 1, 1, tzinfo=timezone.utc)
SECONDS = int((AS_OF - START).total_seconds())
GRAINS = ("monthly", "quarterly", "yearly")
PER_DEPLOYMENT = 40
FAILED_SHARE = 0.1
WAITING = 50
WEB = "https://github.com/acme/shop"
WORDS = """cart order price ship label customs voucher search index page cache queue retry login token image thumb
mail invoice tax refund report export import schema column field null round trip session cookie banner footer header menu
contrast keyboard focus modal dialog table sort filter list detail view model store fetch parse render escape quote""".split()  # noqa: E501, SIM905 (words)
Row = dict[str, object]


def csv_of(rows: list[Row]) -> bytes:
    """The rows as a CSV file."""
    target = io.StringIO()
    writer = csv.DictWriter(target, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def make_deployments(count: int, chance: random.Random) -> list[Row]:
    times = sorted(START + timedelta(seconds=chance.randrange(SECONDS)) for _ in range(count))
    return [make_deployment(number, at, chance) for number, at in enumerate(times)]


def make_deployment(number: int, at: datetime, chance: random.Random) -> Row:
    kind = "initial" if number == 0 else chance.choices(["normal", "hotfix", "rollback"], [0.9, 0.07, 0.03])[0]
    hours = round(chance.lognormvariate(1.5, 1), 3)
    failed = kind in {"normal", "hotfix"} and chance.random() < FAILED_SHARE
    tag = f"v{number // 20}.{number % 20}.0"
    return {
        "key": f"tag:{tag}",
        "repository": "acme/shop",
        "service": "",
        "commit": f"{chance.getrandbits(160):040x}",
        "tag": tag,
        "deployed_at": format_utc(at),
        "source": "tag",
        "kind": kind,
        "changes": PER_DEPLOYMENT,
        "failed": str(failed).lower(),
        "failure_provenance": "inferred" if failed else "",
        "failed_because": "a hotfix came" if failed else "",
        "began_at": format_utc(at) if failed else "",
        "restored_at": format_utc(at + timedelta(hours=hours)) if failed else "",
        "recovery_hours": hours if failed else "",
        "flags": "",
        "url": f"{WEB}/releases/tag/{tag}",
    }


def make_incident(deployment: Row) -> Row:
    return {
        "key": f"failure:{deployment['key']}",
        "repository": "acme/shop",
        "service": "",
        "issue": "",
        "title": f"Hotfix of {deployment['tag']}",
        "started_at": deployment["began_at"],
        "resolved_at": deployment["restored_at"],
        "caused_by": deployment["key"],
        "attribution": "inferred",
        "because": "a hotfix came",
        "confidence": "low",
        "provenance": "inferred",
    }


def make_change(number: int, deployment: Row, chance: random.Random, *, waits: bool) -> Row:
    at = parse_utc(str(deployment["deployed_at"]))
    seconds = int(chance.lognormvariate(12, 1.2))
    begun, merged = at - timedelta(seconds=seconds), at - timedelta(seconds=seconds - seconds // 2)
    alone, sha = number % 10 == 0, f"{chance.getrandbits(160):040x}"
    reason = "left_truncated" if deployment["kind"] == "initial" else "negative" if number % 97 == 0 else ""
    return {
        "key": f"commit:{sha}" if alone else f"pr:{number}",
        "repository": "acme/shop",
        "service": "",
        "pull_request": "" if alone else f"#{number}",
        "title": " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 9))),
        "labels": "",
        "is_bot": str(number % 7 == 0).lower(),
        "first_commit_at": format_utc(begun),
        "ready_at": format_utc(merged),
        "merged_at": format_utc(merged),
        "started_at": format_utc(begun),
        "via": "subject",
        "deployment": "" if waits else deployment["key"],
        "deployed_at": "" if waits else deployment["deployed_at"],
        "lead_time_hours": "" if waits or reason else round(seconds / 3600, 6),
        "is_hotfix": "false",
        "is_revert": "false",
        "flags": "",
        "left_out": "" if waits else reason,
        "hotfix_reason": "",
        "url": f"{WEB}/commit/{sha}" if alone else f"{WEB}/pull/{number}",
    }


def make_tables(count: int) -> tuple[bytes, bytes, bytes]:
    """changes.csv, deployments.csv and incidents.csv."""
    chance = random.Random(9)  # noqa: S311 (a story, no secret)
    deployments = make_deployments(max(count // PER_DEPLOYMENT, 2), chance)
    changes = [
        make_change(
            number,
            deployments[min(number // PER_DEPLOYMENT, len(deployments) - 1)],
            chance,
            waits=number >= count - WAITING,
        )
        for number in range(count)
    ]
    incidents = [make_incident(row) for row in deployments if row["failed"] == "true"]
    return csv_of(changes), csv_of(deployments), csv_of(incidents)


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
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 (may be missing)
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
    import_module("jinja2")  # imports are not what is timed
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
