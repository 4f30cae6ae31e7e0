"""Plans for the oracle's histories, made by hypothesis or by a number: moves, settings, and what is published."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any, Optional

from hypothesis import strategies as st

from support.oracle_commits import BEGIN, TO_MIDNIGHT
from support.oracle_facts import World
from support.oracle_worlds import Move, WorldBuilder
from support.small_history import settings_with

Cuts = tuple[Optional[int], Optional[int]]

SETTINGS: dict[str, tuple[Any, ...]] = {
    "sources": (("deployment", "release", "tag"), ("tag",), ("merge",), ("deployment", "merge"), ("release", "tag")),
    "environment": ("^prod(uction)?$|^live$", "prod|staging"),
    "release_line": ("", r"^v(\d+)"),
    "include_prereleases": (False, True),
    "include_initial": (False, True),
    "rollback_blames": ("live", "introduced"),
    "window_days": (7, 1, 60),
    "timezone": ("UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Pacific/Apia"),
    "period": ("weekly", "monthly", "quarterly", "yearly", "7d", "30d", "all"),
    "fiscal_start_month": (1, 4, 12),
    "lead_time_start": ("first_commit", "first_commit", "ready", "created", "merged"),
    "exclude_bots": (False, True),
}

MOVES = st.lists(
    st.tuples(st.integers(0, 17), st.integers(0, 99), st.integers(0, 99), st.integers(0, TO_MIDNIGHT)), max_size=22
)
CHOICES = st.tuples(*(st.sampled_from(values) for values in SETTINGS.values()))
CUT_DAYS: tuple[Cuts, ...] = (*[(None, None)] * 6, (9, None), (None, 30), (10, 40), (3, 400), (500, None), (30, 10))
CUTS = st.sampled_from(CUT_DAYS)


Plan = tuple[list[Move], tuple[Any, ...], Cuts]

PLANS: st.SearchStrategy[Plan] = st.tuples(MOVES, CHOICES, CUTS)
"""Any history under any settings: moves, a choice of each of `SETTINGS`, and the days of `since` and `until`."""


def world_of(plan: Plan) -> World:
    """The facts that a plan makes."""
    moves, choices, cuts = plan
    world = WorldBuilder(settings_with(**dict(zip(SETTINGS, choices)))).play(moves)
    world.since, world.until = (None if d is None else BEGIN + timedelta(days=d) for d in cuts)
    return world


def plan_number(number: int) -> Plan:
    """A full plan by chance, the same one for the same number: for counting how soon a planted bug is found."""
    chance = Random(number)  # noqa: S311 (not for secrets)
    moves = [
        (chance.randint(0, 17), chance.randint(0, 99), chance.randint(0, 99), chance.randint(0, TO_MIDNIGHT))
        for _ in range(22)
    ]
    return moves, tuple(chance.choice(values) for values in SETTINGS.values()), chance.choice(CUT_DAYS)
