"""Which datasets a person wants to see: all, pooled item by item, or those of one repository or service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived, tables_from
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.spelling import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from dora_metrics.pipeline.numbers import Frames

Place = tuple[str, str]
"""Repository and service, which is empty where the repository is one service."""


@dataclass(frozen=True)
class Selection:
    """What was asked for; empty texts ask for everything."""

    repository: str = ""
    service: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.repository or self.service)

    def places(self, workspace: Workspace) -> list[Place]:
        """The datasets that are meant, in the order of the configuration.

        A service's name means each service of that name. Raises `ConfigurationError` for names that are not there.
        """
        known = places_of(workspace)
        repositories = list(dict.fromkeys(repository for repository, _ in known))
        if self.repository and self.repository not in repositories:
            message = f"no configured repository is called {self.repository}"
            usual = f"they are {', '.join(repositories)}"
            raise ConfigurationError(message, remedy=did_you_mean(self.repository, repositories, otherwise=usual))
        here = [place for place in known if self.repository in ("", place[0])]
        found = [place for place in here if self.service in ("", place[1])]
        if not found:
            services = list(dict.fromkeys(service for _, service in here if service))
            message = f"no configured service is called {self.service}"
            usual = f"they are {', '.join(services)}" if services else "none is configured: see `services` in docs"
            raise ConfigurationError(message, remedy=did_you_mean(self.service, services, otherwise=usual))
        return found


EVERYTHING = Selection()


def places_of(workspace: Workspace) -> list[Place]:
    """Every configured dataset, in the order of the configuration."""
    return [
        (name, service)
        for name, repository in zip(workspace.names(), workspace.settings.repositories)
        for service in ([one.name for one in repository.services] or [""])
    ]


def frames_at(frames: Frames, places: Sequence[Place]) -> Frames:
    """The rows of `frames` that belong to one of `places`, in their order."""
    wanted = set(places)
    return replace(
        frames,
        changes=_rows_at(frames.changes, wanted),
        deployments=_rows_at(frames.deployments, wanted),
        incidents=_rows_at(frames.incidents, wanted),
    )


def _rows_at(frame: pd.DataFrame, places: set[Place]) -> pd.DataFrame:
    held = [place in places for place in zip(frame["repository"], frame["service"])]
    rows: pd.DataFrame = frame[held].reset_index(drop=True)
    return rows


def derived_at(workspace: Workspace, derived: Derived, places: Sequence[Place]) -> Derived:
    """`derived` with only the datasets at `places`, and tables of these."""
    kept = [
        (dataset, facts)
        for dataset, facts in zip(derived.datasets, derived.facts)
        if (dataset.repository, dataset.service) in places
    ]
    datasets = tuple(dataset for dataset, _ in kept)
    return replace(
        derived,
        datasets=datasets,
        facts=tuple(facts for _, facts in kept),
        tables=tables_from(workspace, datasets),
    )
