"""Which datasets a person wants to see: all, pooled item by item, or those of one repository or service."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived, each_table
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.spelling import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

Place = tuple[str, str]
"""Repository and service, which is empty where the repository is one service."""


def all_places(workspace: Workspace) -> list[Place]:
    """Every configured dataset, in the order of the configuration."""
    return [
        (name, service)
        for name, repository in zip(workspace.names(), workspace.settings.repositories)
        for service in ([one.name for one in repository.services] or [""])
    ]


def wanted_places(workspace: Workspace) -> list[Place]:
    """The datasets that --repository and --service leave, in the order of the configuration; without them all.

    A service's name means each service of that name. Raises `ConfigurationError` for names that are not there.
    """
    known = all_places(workspace)
    here = [place for place in known if workspace.repository in ("", place[0])]
    if not here:
        _refuse("repository", workspace.repository, [repository for repository, _ in known])
    found = [place for place in here if workspace.service in ("", place[1])]
    if not found:
        _refuse("service", workspace.service, [service for _, service in here if service])
    return found


def _refuse(what: str, asked: str, names: Sequence[str]) -> NoReturn:
    listed = list(dict.fromkeys(names))
    usual = f"they are {', '.join(listed)}" if listed else "the configuration names none: see `services`"
    message = f"no configured {what} is called {asked}"
    raise ConfigurationError(message, remedy=did_you_mean(asked, listed, otherwise=usual))


def rows_at(frame: pd.DataFrame, places: Collection[Place]) -> pd.DataFrame:
    """The rows of `frame` that belong to one of `places`, in their order."""
    import numpy as np  # noqa: PLC0415 (beside pandas)

    held = np.zeros(len(frame), dtype=bool)
    for repository, service in places:
        held |= ((frame["repository"] == repository) & (frame["service"] == service)).to_numpy(dtype=bool)
    rows: pd.DataFrame = frame[held].reset_index(drop=True)
    return rows


def derived_at(workspace: Workspace, derived: Derived) -> Derived:
    """`derived` with only the datasets that are wanted, and tables of these."""
    places = wanted_places(workspace)
    kept = [
        (dataset, facts)
        for dataset, facts in zip(derived.datasets, derived.facts)
        if (dataset.repository, dataset.service) in places
    ]
    if len(kept) == len(derived.datasets):
        return derived
    datasets, facts = tuple(dataset for dataset, _ in kept), tuple(facts for _, facts in kept)
    chosen = replace(derived, datasets=datasets, facts=facts)
    return replace(chosen, tables=dict(each_table(workspace, replace(chosen, uncovered=()))))
