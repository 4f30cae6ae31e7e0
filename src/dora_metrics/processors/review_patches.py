"""Releases that look as if the one before them had been broken: a question, never a judgement.

Where nobody labels hotfixes, the only trace of a bad release is often the next one: a patch version a few days later.
It counts as nothing until a person says so; without the question such a project's failure rate would be a quiet zero.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from dora_metrics.domain.models import Deployment

SOON = timedelta(days=7)
"""As far as the cause of a failure is looked for."""
_VERSION = re.compile(r"(?P<line>.*?\d+\.\d+)\.(?P<patch>\d+)$")
_HOURS_PER_DAY = 24
_SECONDS_PER_HOUR = 3600


class Patch(NamedTuple):
    """A deployment that looks like the repair of another."""

    words: str
    """Why, as a question."""
    before: str
    """Key of the deployment that it may have repaired."""
    at: datetime
    """When it went out."""


def patch_releases(ordered: Sequence[Deployment]) -> dict[str, Patch]:
    """By key, the deployments that look like the repair of the one before them; `ordered` by time.

    A version of three or more numbers whose last is not zero, within seven days after another of the same first
    numbers. Only kind normal: what is known to be a hotfix or a rollback needs no such question.
    """
    found = {}
    newest: dict[str, Deployment] = {}
    for made in ordered:
        version = _VERSION.match(made.tag)
        if version is None or made.kind in ("redeploy", "rollback"):
            continue
        before = newest.get(version["line"])
        newest[version["line"]] = made
        if made.kind == "normal" and int(version["patch"]) and before and made.deployed_at - before.deployed_at <= SOON:
            found[made.key] = Patch(_words(made, before), before.key, made.deployed_at)
    return found


def _words(made: Deployment, before: Deployment) -> str:
    hours = (made.deployed_at - before.deployed_at).total_seconds() / _SECONDS_PER_HOUR
    later = f"{hours / _HOURS_PER_DAY:.0f} days" if hours >= 2 * _HOURS_PER_DAY else f"{hours:.0f} hours"
    return f"a patch {later} after {before.tag}: was that one broken?"
