"""All rows of the processed tables as columns for the page's script: what it shows, sorts, searches and counts. Pure.

A column of a table names its `kind` and the values that it shows; further values (`t` when, `from` and `until` of what
was open) tell in which period an item counts. The rules are those of `calculators`; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dora_metrics.report.block import coded
from dora_metrics.report.columns import Seconds, deployment_names, durations, epochs, texts
from dora_metrics.report.table import Shown
from dora_metrics.report.view_basis import reason_words
from dora_metrics.report.view_frames import is_true, short_key, web_url
from dora_metrics.report.view_item_tables import ATTRIBUTIONS, evidence_words, flag_words
from dora_metrics.report.words import choose_unit

if TYPE_CHECKING:
    import pandas as pd

COUNTED, WAITING, LEFT_OUT = "counted", "waiting", "left out"
NOT_SAID = "not_said"
BADGES = {(False, False): "", (True, False): "hotfix", (False, True): "revert", (True, True): "hotfix revert"}
TAIL = "/{}"
"""Ends an address of which the end of the row's key is to be put in the place of the braces."""


def make_block(
    changes: pd.DataFrame, deployments: pd.DataFrame, incidents: pd.DataFrame, shown: Shown
) -> dict[str, dict[str, Any]]:
    """The three tables, newest first, as the page's script reads them."""
    shown = replace(shown, names=deployment_names(deployments))
    return {
        "deployments": _deployments(_ordered(deployments, "deployed_at"), shown),
        "failures": _failures(_ordered(incidents, "started_at"), shown),
        "changes": _changes(_ordered(changes, "deployed_at"), shown),
    }


def _ordered(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Without a time first (what still waits), then newest first; ties as in the file, last first."""
    times = epochs(frame, name)
    order = sorted(range(len(times) - 1, -1, -1), key=lambda row: _later_first(times[row]))
    ordered: pd.DataFrame = frame.iloc[order].reset_index(drop=True)
    return ordered


def _later_first(moment: Any) -> float:
    return float("-inf") if moment is None else -float(moment)


def _column(heading: str, kind: str, **values: Any) -> dict[str, Any]:
    return {"heading": heading, "kind": kind, **values}


def _origin(frame: pd.DataFrame, shown: Shown) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Columns and values that say where a row belongs."""
    names = [("Repository", "repository", shown.repositories), ("Service", "service", shown.services)]
    columns = [_column(heading, "text", text=name) for heading, name, wanted in names if wanted]
    return columns, {name: coded(texts(frame, name)) for _, name, wanted in names if wanted}


def _addresses(frame: pd.DataFrame) -> Any:
    """Addresses, of which only what is not the end of the row's key is written."""
    checked: dict[str, str] = {}
    found = []
    for url, key in zip(texts(frame, "url"), texts(frame, "key")):
        tail = key.rpartition(":")[2]
        if tail.isascii() and tail.isalnum() and url.endswith(f"/{tail}"):
            head = url[: -len(tail)]
            if head not in checked:  # most rows share a few; `0` stands for any end of letters and digits
                checked[head] = head[:-1] + TAIL if web_url(f"{head}0") else ""
            found.append(checked[head])
        else:
            found.append(web_url(url))
    return coded(found)


def _changes(frame: pd.DataFrame, shown: Shown) -> dict[str, Any]:
    lead, deployed, reasons = (
        durations(frame, "lead_time_hours"),
        epochs(frame, "deployed_at"),
        texts(frame, "left_out"),
    )
    began = epochs(frame, "started_at", "first_commit_at", "created_at", "merged_at")
    until = [round(shown.as_of.timestamp()) if moment is None else moment for moment in deployed]
    unit = choose_unit(lead)
    states, whys = _states(lead, deployed, reasons)
    columns, origin = _origin(frame, shown)
    pairs = list(zip(texts(frame, "labels"), texts(frame, "hotfix_reason")))
    said = {pair: _note(*pair) for pair in set(pairs)}
    notes = [said[pair] for pair in pairs]
    return {
        "columns": [
            _column("Deployed", "time", time="t"),
            _column("Change", "link", text="title", url="url", note="note", badges="badges"),
            *columns,
            _column("With", "text", text="with"),
            _column(f"Lead time, {unit.name}", "duration", seconds="lead", unit=unit.seconds),
            _column("Counts", "text", text="state", note="why"),
        ],
        "values": {
            "key": texts(frame, "key"),
            "t": coded(deployed),
            "from": _before(epochs(frame, "merged_at", "started_at", "first_commit_at", "created_at"), until),
            "began": _before(began, until),
            "lead": _beyond(lead, began, until),
            "named": [1 if reason else 0 for reason in reasons],
            "title": coded(texts(frame, "title")),
            "url": _addresses(frame),
            "note": coded(notes),
            "badges": coded(_badges(frame)),
            "with": coded([shown.deployment(key) for key in texts(frame, "deployment")]),
            "state": coded(states),
            "why": coded(whys),
            **origin,
        },
    }


def _before(moments: Seconds, until: Sequence[int]) -> dict[str, Seconds]:
    """How many seconds before the deployment, or before `as_of` without one: a third of the bytes of the moments."""
    return {"before": [None if moment is None else end - moment for moment, end in zip(moments, until)]}


def _beyond(lead: Seconds, began: Seconds, until: Sequence[int]) -> dict[str, Seconds]:
    """By how much a lead time differs from the time since `began`: mostly by nothing, which packs to nothing."""
    whole = (0 if start is None else end - start for start, end in zip(began, until))
    return {"beyond": [None if seconds is None else seconds - other for seconds, other in zip(lead, whole)]}


def _states(lead: Seconds, deployed: Seconds, reasons: Sequence[str]) -> tuple[list[str], list[str]]:
    """For each change whether it counts, and in words why not."""
    states, whys = [], []
    for hours, moment, reason in zip(lead, deployed, reasons):
        if reason or (moment is not None and hours is None):
            states.append(LEFT_OUT)
            whys.append(reason_words(reason or NOT_SAID))
        else:
            states.append(WAITING if moment is None else COUNTED)
            whys.append("")
    return states, whys


def _note(labels: str, reason: str) -> str:
    return " · ".join(part for part in (", ".join(_parts(labels)), reason) if part)


def _parts(joined: str) -> list[str]:
    return [part.strip() for part in joined.split(";") if part.strip()]


def _badges(frame: pd.DataFrame) -> list[str]:
    """`hotfix`, `revert` or both, joined by a space."""
    pairs = zip(is_true(frame, "is_hotfix").tolist(), is_true(frame, "is_revert").tolist())
    return [BADGES[pair] for pair in pairs]


def _deployments(frame: pd.DataFrame, shown: Shown) -> dict[str, Any]:
    recovery = durations(frame, "recovery_hours")
    unit = choose_unit(recovery)
    columns, origin = _origin(frame, shown)
    tags, keys, failed = texts(frame, "tag"), texts(frame, "key"), texts(frame, "failed")
    proposed = texts(frame, "failure_provenance")
    restored = texts(frame, "restored_at")
    return {
        "columns": [
            _column("When", "time", time="t"),
            _column("Deployment", "link", text="name", url="url", note="flags"),
            *columns,
            _column("Kind", "text", text="kind", note="kind_note"),
            _column("Source", "text", text="source", note="evidence"),
            _column("Changes", "count", count="changes"),
            _column("Failed", "text", text="failed", note="because", badges="badges"),
            _column(
                f"Recovery, {unit.name}", "duration", seconds="recovery", unit=unit.seconds, otherwise="no_recovery"
            ),
        ],
        "values": {
            "key": keys,
            "name": coded([tag or short_key(key) for tag, key in zip(tags, keys)]),
            "t": epochs(frame, "deployed_at"),
            "from": epochs(frame, "began_at", "deployed_at"),
            "until": epochs(frame, "restored_at"),
            "recovery": recovery,
            "url": _addresses(frame),
            "flags": coded([flag_words(flags) for flags in texts(frame, "flags")]),
            "kind": coded(texts(frame, "kind")),
            "kind_note": coded(
                [
                    why if kind != "normal" else ""
                    for why, kind in zip(texts(frame, "kind_reason"), texts(frame, "kind"))
                ]
            ),
            "source": coded(texts(frame, "source")),
            "evidence": coded(
                [evidence_words(*pair) for pair in zip(texts(frame, "evidence"), texts(frame, "source"))]
            ),
            "changes": coded(texts(frame, "changes")),
            "failed": coded(["failed" if said.lower() == "true" else "no" if said else "" for said in failed]),
            "because": coded(texts(frame, "failed_because")),
            "badges": coded(
                [
                    "proposal" if said.lower() == "true" and by == "inferred" else ""
                    for said, by in zip(failed, proposed)
                ]
            ),
            "no_recovery": coded(
                [
                    "" if said.lower() != "true" else "left out" if end else "still open"
                    for said, end in zip(failed, restored)
                ]
            ),
            **origin,
        },
    }


def _failures(frame: pd.DataFrame, shown: Shown) -> dict[str, Any]:
    columns, origin = _origin(frame, shown)
    numbers = [issue or short_key(key) for issue, key in zip(texts(frame, "issue"), texts(frame, "key"))]
    attributions = texts(frame, "attribution")
    return {
        "columns": [
            _column("Began", "time", time="t"),
            _column("Restored", "time", time="until", otherwise="still open"),
            _column("Failure", "link", text="title", url="url", note="number"),
            *columns,
            _column("Blamed on", "text", text="blamed"),
            _column("How we know", "text", text="how", note="because", badges="badges"),
            _column("Sure", "text", text="sure"),
        ],
        "values": {
            "key": texts(frame, "key"),
            "t": epochs(frame, "started_at"),
            "until": epochs(frame, "resolved_at"),
            "title": coded([title or number for title, number in zip(texts(frame, "title"), numbers)]),
            "url": _addresses(frame),
            "number": coded([f"#{number}" if number.isdigit() else "" for number in numbers]),
            "blamed": coded([shown.deployment(key) for key in texts(frame, "caused_by")]),
            "attribution": coded(attributions),
            "how": coded([ATTRIBUTIONS.get(each, each.replace("_", " ")) for each in attributions]),
            "because": coded(texts(frame, "because")),
            "badges": coded(["proposal" if by == "inferred" else "" for by in texts(frame, "provenance")]),
            "sure": coded(texts(frame, "confidence")),
            **origin,
        },
    }
