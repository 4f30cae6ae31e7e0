"""Two years of an invented web shop: when it was released, what went wrong, and what its team worked on.

Hours are those of `sample_story`. What GitHub knows of it besides: `sample_outages.py`, `sample_facts.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from dora_metrics.demo.sample_story import (
    ANSWERED_WEEKS,
    BACKPORTS,
    CULPRITS,
    DAY,
    END,
    FIRST_WEEK,
    FREEZE_FIX,
    LAST_WEEK,
    MISHAPS,
    MONDAY,
    MONDAYS,
    NEVER_SEEN,
    OLD_LINE,
    PICKED_FIXES,
    PRERELEASES,
    RELANDED,
    ROLLBACK_AFTER_H,
    SECOND_MAJOR_WEEK,
    THURSDAY,
    THURSDAYS,
    TUESDAYS,
    UNSHIPPED_FIX,
    WEEK,
    Mishap,
    release_hour,
)  # fmt: skip
from dora_metrics.demo.sample_words import BOT, CHORES, DEEDS, PACKAGES, PEOPLE, SUBJECTS


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
    label: str = ""
    """On GitHub; empty = none, or those of its kind."""
    author_clock_h: float = 0.0
    """How far the author's times are off."""
    commit_clock_h: float = 0.0
    """How far the committer's times of its branch are off."""

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

    @property
    def is_prerelease(self) -> bool:
        """Whether it is one of `PRERELEASES`."""
        return any(self.tag == tag for tag, _ in PRERELEASES)


def releases() -> list[Release]:
    """All tags by time."""
    planned = [(release_hour(week), "") for week in TUESDAYS]
    planned += [(release_hour(week, MONDAY), "") for week in MONDAYS]
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
    found += [Release(tag, week * WEEK + 2 * DAY + 14.4, OLD_LINE) for tag, week, _ in BACKPORTS]
    found += [Release(tag, at) for tag, at in PRERELEASES]
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
            usual_days = 3.2 if week < SECOND_MAJOR_WEEK else 1.8 if week < ANSWERED_WEEKS else 0.3
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
            begun, branch = merged - 5 - 60 * random.random(), f"renovate/{week - FIRST_WEEK}"
            yield Work(title, BOT, begun, merged, "squash", branch=branch)
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
    title, week = PICKED_FIXES[0], 46
    yield Work(title, "Emil", week * WEEK + 3, week * WEEK + 12, "squash", commits=2)
    title, week = PICKED_FIXES[1], 63
    yield Work(title, "Bo", week * WEEK - 21, week * WEEK + 11, "squash", commits=2)
    title, at = RELANDED
    yield Work(f'Reapply "{title}"', "Devi", at - 44, at, "merge", takes_back=f'Revert "{title}"')
    yield from (Work(title, "Carmen", at - 70, at, "squash", commits=2) for title, at in CULPRITS)
    yield from _with_wrong_clocks()
    yield Work("Try another search engine", "Carmen", 61 * WEEK + 12, END, "open", commits=4)


def _with_wrong_clocks() -> Iterator[Work]:
    """Dates as real histories have them: a patch dated before git was made, a laptop two weeks ahead."""
    sent, typed = 9 * WEEK + DAY + 15, 51 * WEEK + DAY + 3
    yield Work("Read the tax table from a file", "Ada", sent - 60, sent, "squash", author_clock_h=-30 * 365 * DAY)
    yield Work(
        "Print labels in two columns", "Bo", typed - 20, typed, "squash",
        author_clock_h=14 * DAY, commit_clock_h=14 * DAY,
    )  # fmt: skip


def _mended(mishap: Mishap) -> Iterator[Work]:
    released = release_hour(mishap.week, mishap.weekday)
    begun = released + mishap.began
    merged = released + mishap.shipped - 0.4 if mishap.shipped else begun + 1.5
    person = PEOPLE[mishap.week % len(PEOPLE)]
    if mishap.branch:
        commits = 1 + mishap.week % 2
        yield Work(mishap.title, person, begun, merged, "merge", mishap.branch, commits, label=mishap.label)
        return
    culprit = released - 19
    yield Work(mishap.title, PEOPLE[mishap.week % 3], culprit - 57, culprit, "merge", commits=3)
    title = f'Revert "{mishap.title}"'
    yield Work(title, person, begun, merged, "merge", takes_back=mishap.title)


def _pull_requests_in(week: int, random: Random) -> int:
    usual = 1.2 if 33 <= week < 39 else 2.6 if week < SECOND_MAJOR_WEEK else 4.8  # noqa: PLR2004 (the freeze)
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
