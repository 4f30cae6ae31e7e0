"""The picture of all deployments on one line of time: kinds, failures, recoveries. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Optional
from zoneinfo import ZoneInfo

from dora_metrics.domain.periods import make_periods
from dora_metrics.report import words
from dora_metrics.report.svg_timeline import Event, Timeline
from dora_metrics.report.table import Row
from dora_metrics.report.view_frames import minute_of, moment_of, newest, rows_of, seconds_of, short_key

if TYPE_CHECKING:
    import pandas as pd

LANES = ("Shipped", "Hotfix", "Rollback", "Failed")
LANE_OF = {"hotfix": 1, "rollback": 2}
FAILED = 3
MOST = 300
"""So many deployments are drawn, the newest."""
MOST_TICKS = 14
NARROW_TICKS = 4
LEGEND = (
    ("point", "normal, first or repeated deployment"),
    ("diamond", "hotfix"),
    ("triangle", "rollback"),
    ("outage", "failed: from its beginning to its recovery"),
    ("outage proposed", "a thin one: a proposal that nobody has confirmed"),
)


@dataclass(frozen=True)
class Scale:
    """Where an instant stands across the picture."""

    start: datetime
    end: datetime

    def place(self, moment: datetime) -> float:
        """Per cent of the width; what lies outside stands at the edge."""
        whole = (self.end - self.start) / timedelta(seconds=1) or 1.0
        part = (moment - self.start) / timedelta(seconds=1) / whole
        return 100 * min(max(part, 0.0), 1.0)


def make_timeline(deployments: pd.DataFrame, *, zone: tzinfo, as_of: datetime) -> Optional[Timeline]:
    """The picture; `None` when nothing was ever deployed."""
    rows = [row for row in rows_of(newest(deployments, "deployed_at").head(MOST)) if moment_of(row, "deployed_at")]
    moments = [moment for row in rows if (moment := moment_of(row, "deployed_at"))]
    if not moments:
        return None
    margin = max((as_of - min(moments)) / 50, timedelta(hours=1))
    scale = Scale(min(moments) - margin, max(as_of, *moments))
    events = tuple(event for row in reversed(rows) for event in _events(row, scale, zone))
    failed = sum(event.lane == FAILED for event in events)
    older = len(deployments) - len(rows)
    return Timeline(
        key="chart_timeline",
        title="Deployments, failures and recoveries over time",
        description=" ".join(
            [
                f"{words.plural(len(rows), 'deployment')} from {words.format_date(min(moments), zone)} to "
                f"{words.format_date(as_of, zone)}, {failed:,} of them failed.",
                "Each failure is a bar as long as it lasted.",
                *([f"{words.plural(older, 'older deployment')} not drawn; all stand in the table."] if older else []),
            ]
        ),
        lanes=LANES,
        events=events,
        ticks=tuple(_ticks(scale, zone)),
    )


def _events(row: Row, scale: Scale, zone: tzinfo) -> Iterator[Event]:
    at = moment_of(row, "deployed_at")
    if at is None:
        return
    name, kind = row.get("tag") or short_key(row.get("key", "")), row.get("kind", "")
    lane = LANE_OF.get(kind, 0)
    tip = f"{name}, {minute_of(row, 'deployed_at', zone)}: {kind or 'deployment'}"
    if row.get("changes"):
        tip += f", {words.plural(int(float(row['changes'])), 'change')}"
    key = row.get("key", "")
    yield Event(lane, scale.place(at), kind if kind in LANE_OF else "normal", tip, key=key)
    if row.get("failed") == "true":
        yield _outage(row, scale, zone, f"{name} failed", at)


def _outage(row: Row, scale: Scale, zone: tzinfo, name: str, at: datetime) -> Event:
    began, restored = moment_of(row, "began_at") or at, moment_of(row, "restored_at")
    proposed = row.get("failure_provenance") == "inferred"
    seconds = seconds_of(row, "recovery_hours")
    lasted = f"recovered after {words.format_duration(seconds)}" if seconds is not None else ""
    if restored is None:
        lasted = "still open"
    tip = f"{name} on {words.format_minute(began, zone)}, {lasted or 'recovery left out'}"
    return Event(
        lane=FAILED,
        at=scale.place(began),
        kind="proposed" if proposed else "failed",
        tip=f"{tip}; a proposal" if proposed else tip,
        until=scale.place(restored or scale.end),
        still_open=restored is None,
        key=row.get("key", ""),
    )


def _ticks(scale: Scale, zone: tzinfo) -> Iterator[tuple[float, str, bool]]:
    """The beginnings of months, quarters or years, whichever are few enough; a narrow page labels some of them."""
    known = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")
    for grain in ("daily", "weekly", "monthly", "quarterly", "yearly"):
        if (scale.end - scale.start) / _DAYS[grain] > 4 * MOST_TICKS and grain != "yearly":
            continue
        periods = [
            period
            for period in make_periods(grain, scale.start, scale.end.astimezone(timezone.utc), zone=known)
            if scale.start <= period.start and scale.place(period.start) < 96  # noqa: PLR2004 (its label would be cut)
        ]
        if len(periods) <= MOST_TICKS or grain == "yearly":
            break
    step, narrow = -(-len(periods) // MOST_TICKS) or 1, -(-len(periods) // NARROW_TICKS) or 1
    for index, period in enumerate(periods):
        if index % step == 0:
            yield scale.place(period.start), period.label, index % narrow != 0


_DAYS = {
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "quarterly": timedelta(days=91),
    "yearly": timedelta(days=365),
}
