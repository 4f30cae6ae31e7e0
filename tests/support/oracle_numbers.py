"""The oracle's numbers: definitions.md 5 to 10, each period by looking at every item."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Callable, Optional
from zoneinfo import ZoneInfo

from support.oracle_changes import C, changes_of
from support.oracle_deployments import D, deployments_of
from support.oracle_facts import World
from support.oracle_incidents import Outages
from support.oracle_statistics import frequency_band, median, poisson, seconds, spread, wilson

TICK = timedelta(microseconds=1)


@dataclass
class Cut:
    """One period: [start, end) of the part that counts, and where open things stand."""

    label: str
    start: datetime
    end: datetime
    at: datetime
    partial: bool
    provisional: bool

    def holds(self, moment: Optional[datetime]) -> bool:
        return moment is not None and self.start <= moment < self.end


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, found among the hours around it where the clock skips midnight."""
    guess = datetime.combine(day, time(), tzinfo=zone).astimezone(timezone.utc)
    tries = sorted(guess + timedelta(minutes=15 * n) for n in range(-8, 9))
    return next(m for m in tries if m.astimezone(zone).date() >= day)


def starts(grain: str, first: date, last: date, fiscal: int) -> list[date]:
    """The days on which periods begin, from the one that holds `first` to the one after `last`."""
    begin = first - timedelta(days=370)
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 370)]
    opens: dict[str, Callable[[date], bool]] = {
        "daily": lambda _: True,
        "weekly": lambda d: d.isoweekday() == 1,
        "monthly": lambda d: d.day == 1,
        "quarterly": lambda d: d.day == 1 and (d.month - fiscal) % 3 == 0,
        "yearly": lambda d: d.day == 1 and d.month == fiscal,
    }
    found = [d for d in days if opens[grain](d)]
    return found[bisect.bisect_right(found, first) - 1 : bisect.bisect_right(found, last) + 1]


def name(grain: str, day: date, fiscal: int) -> str:
    year = day.year - (day.month < fiscal)
    return {
        "daily": f"{day:%Y-%m-%d}",
        "weekly": f"{day:%G-W%V}",
        "monthly": f"{day:%Y-%m}",
        "quarterly": f"{year}-Q{(day.month - fiscal) % 12 // 3 + 1}",
        "yearly": f"{year}",
    }[grain]


class Numbers:
    """The published values of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._complete: dict[str, list[tuple[datetime, datetime, int]]] = {}
        self.zone = ZoneInfo(world.settings.metrics.timezone)
        self.deployments = deployments_of(world)
        self.changes = changes_of(world, self.deployments)
        outages = Outages(world, self.deployments, self.changes)
        told = outages.failures()
        self.failed, self.listed = outages.failed(told), outages.listed(told)
        as_of = world.as_of
        self.first = min((d.at for d in self.deployments if d.at <= as_of), default=None)
        cut = world.until if world.until and world.until <= as_of else None
        self.end = cut or as_of
        begin = max(self.first or self.end, world.since or self.first or self.end)
        self.begin = min(begin, self.end)
        self.closed = cut is None and (world.since is None or world.since <= as_of)
        self.after = self.end + TICK if self.closed else self.end

    def published(self) -> dict[str, dict[str, Any]]:
        """By label, what each period shows; `overall` last."""
        whole = Cut("overall", self.begin, self.after, self.end, partial=False, provisional=True)
        return {cut.label: self.values(cut) for cut in [*self.cuts(), whole]}

    def cuts(self) -> list[Cut]:
        grain = self.world.settings.metrics.period
        last = self.after if self.closed and self.busy() else self.end
        if self.begin >= last:
            return []
        if grain == "all":
            return [Cut("all", self.begin, self.after, self.end, partial=False, provisional=True)]
        return [self.cut(*edges) for edges in self.edges(grain, self.begin, last)]

    def busy(self) -> bool:
        """Whether something counts at `as_of` itself: only then is the period given that begins there."""
        ends = [d.at for d in self.deployments] + [f.restored for f in self.failed.values()]
        return self.world.as_of in ends

    def edges(self, grain: str, begin: datetime, end: datetime) -> list[tuple[str, datetime, datetime]]:
        first, last = begin.astimezone(self.zone).date(), (end - TICK).astimezone(self.zone).date()
        if grain.endswith("d"):
            found, width = [], timedelta(days=int(grain[:-1]))
            upper = end.astimezone(self.zone).date()
            while midnight(upper, self.zone) > begin:
                low = upper - width
                found.append((f"{low}/{grain}", midnight(low, self.zone), midnight(upper, self.zone)))
                upper = low
            return found[::-1]
        fiscal = self.world.settings.metrics.fiscal_start_month
        days = starts(grain, first, last, fiscal)
        return [
            (name(grain, a, fiscal), midnight(a, self.zone), midnight(b, self.zone)) for a, b in zip(days, days[1:])
        ]

    def cut(self, label: str, start: datetime, end: datetime) -> Cut:
        low, high = max(start, self.begin), min(end, self.end)
        old = timedelta(days=self.world.settings.failures.maturity_days)
        return Cut(label, low, min(end, self.after), high, (low, high) != (start, end), self.world.as_of < end + old)

    def values(self, cut: Cut) -> dict[str, Any]:
        return {
            "flags": (cut.partial, cut.provisional),
            **self.lead_time(cut),
            **self.frequency(cut),
            **self.failure_rate(cut),
            **self.recovery(cut),
            **self.rework(cut),
        }

    def lead_time(self, cut: Cut) -> dict[str, Any]:
        here = [c for c in self.changes if c.deployment and cut.holds(c.deployment.at)]
        counted = [c for c in here if c.lead is not None]
        out = [c.left_out for c in here if c.lead is None]
        waiting = [c for c in self.changes if not c.left_out and is_waiting(c, cut.end)]
        begun = [c.started or c.first_commit for c in waiting]
        ages = [(cut.at - at).total_seconds() for at in begun if at]
        ready = [c.deployment.at - c.pull.ready_at for c in counted if c.deployment and c.pull and c.pull.ready_at]
        merged = [c.deployment.at - c.merged for c in counted if c.deployment and c.merged]
        people = [c.lead for c in counted if not c.is_bot]
        bots = [c.lead for c in counted if c.is_bot]
        return {
            "lead": spread([c.lead for c in counted]),
            "left_out": {reason: out.count(reason) for reason in out},
            "undeployed": (len(waiting), floor0(median(ages)), floor0(max(ages, default=None))),
            "from_review": median([w.total_seconds() for w in ready if w >= timedelta(0)]),
            "from_merge": median([w.total_seconds() for w in merged if w >= timedelta(0)]),
            "people": (len(people), median(seconds(people))),
            "bots": (len(bots), median(seconds(bots))),
            "per_commit": self.per_commit(cut),
        }

    def per_commit(self, cut: Cut) -> tuple[int, Optional[float]]:
        """How many non-merge commits the cut delivered, and their median wait from a(c)."""
        metrics, waits = self.world.settings.metrics, []
        bots = {sha for c in self.changes if c.is_bot for sha in c.everything} if metrics.exclude_bots else set()
        for d in self.deployments:
            if cut.holds(d.at) and (not d.truncated or self.world.settings.deployments.include_initial):
                mine = [sha for sha in d.new if sha not in bots and not self.world.is_merge(sha)]
                waits += [(d.at - self.world.written(sha)).total_seconds() for sha in mine]
        counted = [max(wait, 0.0) for wait in waits if wait >= -300]
        return len(counted), median(counted)

    def frequency(self, cut: Cut) -> dict[str, Any]:
        counted = [d.at for d in self.deployments if d.kind not in ("redeploy", "rollback")]
        here = sorted(at for at in counted if cut.holds(at))
        days = max((cut.at - cut.start).total_seconds(), 0) / 86_400
        weeks, months = self.complete("weekly", counted), self.complete("monthly", counted)
        inside = [[n for a, b, n in found if cut.start <= a and b <= cut.at] for found in (weeks, months)]
        lately = [n for _, b, n in months if b <= cut.at][-6:]
        return {
            "deployments": len(here),
            "per_day": len(here) / days if days else None,
            "days_with": len({at.astimezone(self.zone).date() for at in here}),
            "gap": median([(b - a).total_seconds() for a, b in zip(here, here[1:])]),
            "deployments_ci95": poisson(len(here)),
            "frequency_band": frequency_band(*inside, lately),
        }

    def complete(self, grain: str, counted: list[datetime]) -> list[tuple[datetime, datetime, int]]:
        """Each whole week or month between the first deployment and the end, with its deployments."""
        if self.first is None:
            return []
        if grain in self._complete:
            return self._complete[grain]
        edges = self.edges(grain, self.first, max(self.after, self.first + TICK))
        whole = [(a, b) for _, a, b in edges if self.first <= a and b <= self.after]
        self._complete[grain] = [(a, b, sum(a <= at < b for at in counted)) for a, b in whole]
        return self._complete[grain]

    def failure_rate(self, cut: Cut) -> dict[str, Any]:
        could = [d for d in self.deployments if d.can_fail and cut.holds(d.at)]
        failed = [self.failed[d.key] for d in could if d.key in self.failed]
        rules = [rule for rule, began in self.listed if cut.holds(began)]
        return {
            "failed": len(failed),
            "explicit": sum(f.explicit for f in failed),
            "could_fail": len(could),
            "failed_ci95": wilson(len(failed), len(could)),
            "unattributed": rules.count("unattributed"),
            "not_in_dc": rules.count("not_in_Dc"),
        }

    def recovery(self, cut: Cut) -> dict[str, Any]:
        pairs = [(d, self.failed[d.key]) for d in self.deployments if d.key in self.failed and d.can_fail]
        right = [(d, f) for d, f in pairs if f.restored is None or f.restored >= f.began]
        wrong = [f for _, f in pairs if f.restored and f.restored < f.began and cut.holds(f.restored)]
        done = [(d, f, f.restored) for d, f in right if f.restored and cut.holds(f.restored)]
        still = [f for _, f in right if f.began < cut.end and not (f.restored and f.restored < cut.end)]
        since = [(restored - d.at).total_seconds() for d, _, restored in done]
        return {
            "recovery": spread([restored - f.began for _, f, restored in done]),
            "invalid": len(wrong),
            "open": len(still),
            "open_oldest": floor0(max(((cut.at - f.began).total_seconds() for f in still), default=None)),
            "from_deployment": median([s for s in since if s >= 0]),
        }

    def rework(self, cut: Cut) -> dict[str, Any]:
        local = cut.at.astimezone(self.zone)
        months = local.year * 12 + local.month - 1 - 6
        year, month = divmod(months, 12)
        length = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        back = local.replace(year=year, month=month + 1, day=min(local.day, length)).astimezone(timezone.utc)
        base = [d for d in self.deployments if d.kind in ("normal", "hotfix", "rollback")]
        here = [d for d in base if cut.holds(d.at)]
        trailing = [d for d in base if back <= d.at < cut.at]
        return {
            "rework": sum(map(is_rework, here)),
            "reworkable": len(here),
            "rework_ci95": wilson(sum(map(is_rework, here)), len(here)),
            "trailing": (sum(map(is_rework, trailing)), len(trailing)),
        }


def is_rework(d: D) -> bool:
    return d.kind in ("hotfix", "rollback")


def is_waiting(change: C, end: datetime) -> bool:
    """Merged (or, of a lone commit, begun) before a moment, and not deployed by then."""
    entered = change.merged or change.started or change.first_commit
    there = entered is None or entered < end
    return there and not (change.deployment and change.deployment.at < end)


def floor0(age: Optional[float]) -> Optional[float]:
    return None if age is None else max(age, 0.0)
