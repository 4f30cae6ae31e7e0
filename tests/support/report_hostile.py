"""A report in which every field that people can write holds a payload."""

from __future__ import annotations

from typing import Any

from dora_metrics.report import html
from dora_metrics.report.view_overview import Part
from support import report_inputs, report_rows
from support.payloads import BAD_URLS, PAYLOADS


def a_hostile_page() -> str:
    """Every payload in every field that people can write."""
    results, _ = report_inputs.shop()
    tables = report_inputs.frames(
        changes=[hostile_change(number, text) for number, text in enumerate(PAYLOADS)],
        deployments=[hostile_deployment(number, text) for number, text in enumerate(PAYLOADS)],
        incidents=[hostile_incident(number, text) for number, text in enumerate(PAYLOADS)],
    )
    facts = report_inputs.facts(title=PAYLOADS[0], notes=PAYLOADS, rules=tuple((text, text) for text in PAYLOADS))
    parts = [Part(text, {results.grain: results}) for text in PAYLOADS]
    return html.render_html(results, **tables, facts=facts, parts=parts)


def hostile_change(number: int, text: str) -> dict[str, Any]:
    row = report_rows.a_change(number, report_rows.FIRST, report_rows.a_deployment(number, report_rows.FIRST), 5.0)
    row.update(title=text, labels=text, hotfix_reason=text, flags=text, repository=text, service=text)
    row.update(url=BAD_URLS[number % len(BAD_URLS)])
    row.update(left_out=text if number % 3 == 0 else "", deployment="" if number % 3 == 1 else f"tag:{text}")
    return row


def hostile_deployment(number: int, text: str) -> dict[str, Any]:
    row = report_rows.a_deployment(number, report_rows.FIRST)
    row.update(tag=text, kind="rollback", kind_reason=text, source=text, evidence=f"{text}:x", flags=text)
    row.update(failed="true", failed_because=text, url=BAD_URLS[number % len(BAD_URLS)], service=text)
    return row


def hostile_incident(number: int, text: str) -> dict[str, Any]:
    row = report_rows.an_incident(number, hostile_deployment(number, text))
    row.update(title=text, because=text, attribution=text, confidence=text, caused_by=text, started_at=text)
    row.update(url=BAD_URLS[number % len(BAD_URLS)])
    return row
