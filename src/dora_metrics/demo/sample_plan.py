"""Eighty weeks of an invented web shop: when it was released, what went wrong, and what its team worked on.

Times are hours since the Monday on which the plan begins, so that it can lie anywhere in the calendar. It tells a
story: releases every second week, then weekly; a freeze before Christmas; version 2 with a bad start; releases twice a
week.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from dora_metrics.demo.sample_words import BOT, CHORES, DEEDS, PACKAGES, PEOPLE, SUBJECTS

DAY = 24.0
WEEK = 7 * DAY
TUESDAY, THURSDAY = 1, 3
FIRST_WEEK, LAST_WEEK = -7, 79
"""People worked before the first release, and do so after the last one."""
END = 79 * WEEK + 4 * DAY + 16
"""The instant that counts as now: Friday of the last week, 16:00."""
SECOND_MAJOR_WEEK = 44
TUESDAYS = (
    *range(0, 12, 2), *(week for week in range(12, 25) if week not in {17, 19}), 25, 27, 29, 32, *range(40, 70),
    *range(71, 79),
)  # fmt: skip
THURSDAYS = (48, *range(52, 64, 2), 66, 68, 71, 72, 74, 75, 78)
"""Nothing was merged before that of week 54: its tag names a commit that is live already."""
BACKPORTS = (("v1.24.1", 46), ("v1.24.2", 57))
"""Releases of the old line: tag and week. The first holds a fix that version 2 got too."""
PICKED_FIX = "Refuse vouchers that were used twice"
OLD_LINE_ONLY = "Keep the old voucher codes valid until June"
ROLLBACK_AFTER_H = 2.6
ANSWERED_WEEKS = 64
"""So many weeks have been looked through by a person; the newest quarter has not."""


@dataclass(frozen=True)
class Work:
    """A pull request, or one commit straight on the branch."""

    title: str
    author: str
    started: float
    merged: float
    style: str
    """`merge`, `squash`, `rebase`, `direct`, or `open` for what nobody has merged."""
    branch: str = ""
    """Empty = made of the title."""
    commits: int = 1
    takes_back: str = ""
    """The title of the work that it reverts."""

    @property
    def opened(self) -> float:
        """When its pull request was opened: on the way between the first commit and the merge."""
        return self.started + 0.6 * (self.merged - self.started)


@dataclass(frozen=True)
class Release:
    """A tag."""

    tag: str
    at: float
    source: str = "main"
    """The branch whose newest commit it names, or the earlier tag whose commit it names again."""


@dataclass(frozen=True)
class Mishap:
    """A release that needed a hotfix or a revert; hours count from that release."""

    week: int
    title: str
    began: float
    shipped: float
    """When the patch release went out; 0 = with the next planned release."""
    branch: str = ""
    """`hotfix/…`; empty = a revert of the work called `title`."""
    weekday: int = TUESDAY


MISHAPS = (
    Mishap(4, "Hotfix: charge shipping only once", 1.5, 4.2, "hotfix/shipping-twice"),
    Mishap(8, "Load product pictures later", 21.0, 25.5),
    Mishap(13, "Hotfix: let guests check out again", 3.1, 7.6, "hotfix/guest-checkout"),
    Mishap(20, "Right month on invoices", 30.0, 51.0, "hotfix/invoice-month"),
    Mishap(29, "Sort search results by stock", 22.5, 26.0),
    Mishap(44, "Hotfix: bring back saved addresses", 2.0, 5.4, "hotfix/saved-addresses"),
    Mishap(44, "Hotfix: show prices with tax in the app", 46.0, 50.3, "hotfix/prices-with-tax"),
    Mishap(55, "Reserve stock when a cart is opened", 70.0, 0.0),
    Mishap(60, "Hotfix: stop sending order mails twice", 2.2, 6.1, "hotfix/order-mails", THURSDAY),
    Mishap(67, "Hotfix: accept postcodes with spaces", 18.5, 23.2, "hotfix/postcodes"),
    Mishap(73, "Remember the payment method", 20.0, 23.8),
    Mishap(76, "Hotfix: do not round gift cards to whole euros", 1.2, 3.4, "hotfix/gift-card-cents"),
)
FREEZE_FIX = Mishap(35, "Hotfix: trust the payment provider's new certificate", 0.0, 9.5, "hotfix/certificate")
"""In the freeze, weeks after the last release: no deployment caused it. Hours count from that Tuesday, ten o'clock."""
UNSHIPPED_FIX = Mishap(79, "Hotfix: show the right delivery day on holidays", 23.0, 0.0, "hotfix/delivery-day")
NEVER_SEEN = ("Ask for the phone number at checkout", 23)
"""Merged and reverted again between two releases."""


def release_hour(week: int, weekday: int = TUESDAY) -> float:
    """When that day's release went out: about ten."""
    return week * WEEK + weekday * DAY + 10 + (week * 37 % 50) / 60


def releases() -> list[Release]:
    """All tags by time."""
    planned = [(release_hour(week), "") for week in TUESDAYS]
    patches = [(release_hour(week, THURSDAY), "main") for week in THURSDAYS]
    patches += [(patch, "main") for _, patch in _mishap_windows()]
    rollback = (release_hour(48, THURSDAY) + ROLLBACK_AFTER_H, "v2.4.0")
    found: list[Release] = []
    major, minor, patch = 1, -1, 0
    for at, source in sorted([*planned, *patches, rollback]):
        if source:
            patch += 1
        elif major == 1 and at >= SECOND_MAJOR_WEEK * WEEK:
            major, minor, patch = 2, 0, 0
        else:
            minor, patch = minor + 1, 0
        found.append(Release(f"v{major}.{minor}.{patch}", at, source or "main"))
    found += [Release(tag, week * WEEK + 2 * DAY + 14.4, "release/1.x") for tag, week in BACKPORTS]
    return sorted(found, key=lambda release: release.at)


def work() -> list[Work]:
    """All work by the hour of its merge. While a mishap is being mended nothing else is merged."""
    random = Random(1815)  # noqa: S311 (sample data; only its random() is used, the same on every Python)
    everyday = [_moved(item, position) for position, item in enumerate([*_features(random), *_small_things(random)])]
    return sorted([*everyday, *_story()], key=lambda item: (item.merged, item.title))


def _mishap_windows() -> list[tuple[float, float]]:
    """From the release that failed to its patch release, for each mishap that had one."""
    starts = [(release_hour(mishap.week, mishap.weekday), mishap.shipped) for mishap in (*MISHAPS, FREEZE_FIX)]
    return [(start, start + shipped) for start, shipped in starts if shipped]


def _moved(item: Work, position: int) -> Work:
    merged = item.merged
    for start, end in _mishap_windows():
        if start - 0.1 < merged <= end:
            merged = end + 0.3 + position % 40 / 10
    return replace(item, merged=merged)


def _features(random: Random) -> Iterator[Work]:
    """Pull requests of people, week by week, no title twice."""
    titles = [deed.format(subject) for deed in DEEDS for subject in SUBJECTS]
    for week in range(FIRST_WEEK, LAST_WEEK + 1):
        for _ in range(_pull_requests_in(week, random)):
            title = titles.pop(int(random.random() * len(titles)))
            merged = _working_hour(week, random)
            usual_days = 3.2 if week < SECOND_MAJOR_WEEK else 1.4
            days = usual_days * math.exp(1.05 * _bell(random))
            style = _pick(("merge", "merge", "merge", "squash") if week < SECOND_MAJOR_WEEK else _LATER_STYLES, random)
            commits = 1 + int(random.random() * min(2 + days, 6))
            started = _in_working_time(merged - max(days * DAY, 0.7))
            yield Work(title, _pick(PEOPLE, random), started, merged, style, commits=commits)


_LATER_STYLES = ("squash",) * 12 + ("merge",) * 5 + ("rebase",)


def _small_things(random: Random) -> Iterator[Work]:
    """Pull requests of a bot, and commits straight on the branch."""
    for week in range(FIRST_WEEK, LAST_WEEK + 1):
        if week % 2 == 0:
            merged = _working_hour(week, random)
            version = f"{2 + week // 30}.{(week + 8) % 30}.0"
            title = f"Bump {PACKAGES[week // 2 % len(PACKAGES)]} to {version}"
            yield Work(title, BOT, merged - 5 - 60 * random.random(), merged, "squash", branch=f"renovate/{week + 8}")
        if random.random() < 0.3:  # noqa: PLR2004 (every third week)
            at = _working_hour(week, random)
            yield Work(_pick(CHORES, random), _pick(PEOPLE, random), at, at, "direct")


def _story() -> Iterator[Work]:
    """What went wrong, and how it was mended."""
    yield from (item for mishap in MISHAPS for item in _mended(mishap))
    yield from _mended(FREEZE_FIX)
    fix = UNSHIPPED_FIX
    begun = release_hour(fix.week) + fix.began
    yield Work(fix.title, "Devi", begun, begun + 6.5, "merge", fix.branch)
    yield Work("Move pictures to the new storage", "Carmen", 70 * WEEK + 34, 78 * WEEK + 87, "merge", commits=9)
    title, week = NEVER_SEEN
    tried = week * WEEK - 3 * DAY + 11
    yield Work(title, "Emil", tried - 30, tried, "merge", commits=3)
    yield Work(f'Revert "{title}"', "Bo", tried + 49, tried + 50, "merge", takes_back=title)
    fixed = 46 * WEEK + 12
    yield Work(PICKED_FIX, "Grace", fixed - 9, fixed, "squash", commits=2)
    yield Work("Try another search engine", "Carmen", 61 * WEEK + 12, END, "open", commits=4)


def _mended(mishap: Mishap) -> Iterator[Work]:
    released = release_hour(mishap.week, mishap.weekday)
    begun = released + mishap.began
    merged = released + mishap.shipped - 0.4 if mishap.shipped else begun + 1.5
    person = PEOPLE[mishap.week % len(PEOPLE)]
    if mishap.branch:
        yield Work(mishap.title, person, begun, merged, "merge", mishap.branch, 1 + mishap.week % 2)
        return
    culprit = released - 19
    yield Work(mishap.title, PEOPLE[mishap.week % 3], culprit - 57, culprit, "merge", commits=3)
    title = f'Revert "{mishap.title}"'
    yield Work(title, person, begun, merged, "merge", takes_back=mishap.title)


def _pull_requests_in(week: int, random: Random) -> int:
    usual = 1.2 if 33 <= week < 39 else 2.6 if week < SECOND_MAJOR_WEEK else 4.2  # noqa: PLR2004 (the freeze)
    return int(usual + 1.6 * (random.random() - 0.5) + 0.5)


def _working_hour(week: int, random: Random) -> float:
    """Some hour from Monday to Friday, before now."""
    days = 5 if week < LAST_WEEK else 4
    return week * WEEK + int(random.random() * days) * DAY + 8 + 9.5 * random.random()


def _in_working_time(hour: float) -> float:
    """The hour, or the Friday before a weekend; never in the night."""
    week, within = divmod(hour, WEEK)
    day, of_day = divmod(within, DAY)
    return week * WEEK + min(day, 4) * DAY + min(max(of_day, 7.5), 18.5)


def _bell(random: Random) -> float:
    """A standard normal number (Box and Muller)."""
    return math.sqrt(-2 * math.log(1 - random.random())) * math.cos(2 * math.pi * random.random())


def _pick(choices: tuple[str, ...], random: Random) -> str:
    return choices[int(random.random() * len(choices))]
