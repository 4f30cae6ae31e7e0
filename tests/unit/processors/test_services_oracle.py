"""Services judged together give what each gives alone, for any history: the oracle is the configuration of one service.

The oracle finds out which commits touch a folder by its own comparison of texts, and shares nothing between services.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Optional

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from dora_metrics.config import ServiceSettings
from dora_metrics.domain.models import Dataset
from dora_metrics.processors.association import Associations
from dora_metrics.processors.judgement import judge
from dora_metrics.processors.services import settings_of_service
from support.github_history import GitHubHistory
from support.small_history import SmallHistory, settings_with, sha

PATHS = ("api/x", "api/y/z", "api2/x", "web/x", "web", "libs/shared/x", "libs/x", "README", "apix")
SERVICES = (
    ServiceSettings("api", "api/, ./libs/shared", "api/v*", "^api$"),
    ServiceSettings("web", "web", "web/v*"),
    ServiceSettings("all", "", "*v*"),
    ServiceSettings("deep", "api/y", "api/v*"),
)
LETTERS = "abcdefghijkl"
MESSAGES = ("change", "hotfix: it", "Merge pull request #7 from a/b", "feature (#8)", 'Revert "it"')
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def histories(draw: st.DrawFn) -> SmallHistory:
    """A branch with merges of side lines, tags and deployments anywhere, with or without GitHub."""
    history: SmallHistory = GitHubHistory() if draw(st.booleans()) else SmallHistory()
    history.services = SERVICES
    main: list[str] = []
    side: list[str] = []
    for number, letter in enumerate(LETTERS[: draw(st.integers(2, len(LETTERS)))]):
        files = " ".join(draw(st.lists(st.sampled_from(PATHS), max_size=2, unique=True)))
        message = draw(st.sampled_from(MESSAGES))
        if message.startswith("Revert") and main:
            message += f"\n\nThis reverts commit {sha(draw(st.sampled_from(main)))}."
        how = draw(st.sampled_from(("main", "main", "side", "merge")))
        at = number + draw(st.sampled_from((0.0, 0.3, -1.5)))
        if how == "side" and main:
            history.commit(letter, (side or main)[-1], at=at, files=files, message=message, branch=False)
            side.append(letter)
        elif how == "merge" and side and main:
            history.commit(letter, main[-1] + side[-1], at=at, message=message)
            main.append(letter)
            side = []
        else:
            history.commit(letter, main[-1] if main else "", at=at, files=files, message=message)
            main.append(letter)
    _release(draw, history, [*main, *side])
    _ask_github(draw, history, main)
    return history


def _release(draw: st.DrawFn, history: SmallHistory, letters: Sequence[str]) -> None:
    for number in range(draw(st.integers(0, 5))):
        service, at = draw(st.sampled_from(("api", "web", "x"))), draw(st.sampled_from((None, 3.5, 6.5, 9.5, 12)))
        history.tag(f"{service}/v1.{number}", draw(st.sampled_from(letters)), at=at)


def _ask_github(draw: st.DrawFn, history: SmallHistory, main: Sequence[str]) -> None:
    if not isinstance(history, GitHubHistory):
        return
    for number in (7, 8, 9):
        if draw(st.booleans()):
            commits = draw(st.one_of(st.none(), st.lists(st.sampled_from(LETTERS), max_size=2, unique=True)))
            history.pull(
                number,
                merged=draw(st.sampled_from((3, 5, 8))),
                merge=draw(st.sampled_from(["", *main])),
                commits=None if commits is None else "".join(commits),
            )
    for number in range(draw(st.integers(0, 3))):
        to = draw(st.sampled_from(("api", "production")))
        history.deploy(number, draw(st.sampled_from(main)), at=draw(st.sampled_from((4, 7, 10))), to=to)


def alone(history: SmallHistory, service: ServiceSettings, **keys: Any) -> Dataset:
    """What the repository gives when this service is all that is configured."""
    facts = SmallHistory.facts(history) if not isinstance(history, GitHubHistory) else history.facts()
    whole = facts.history
    prefixes = [prefix.strip().removeprefix("./").rstrip("/") for prefix in service.path_prefix.split(",") if prefix]
    for letter in history.commits:
        commit = whole.find(sha(letter))
        assert commit is not None
        whole.in_prefix[commit] = not prefixes or any(
            f"{path}/".startswith(f"{prefix}/") for path in history.commits[letter].files_changed for prefix in prefixes
        )
    whole._prefix = service.path_prefix
    return judge(facts, settings_of_service(settings_with(**keys), service), history.annotations)


def without_names(dataset: Dataset) -> Dataset:
    return replace(
        dataset,
        service="",
        changes=tuple(change._replace(service="") for change in dataset.changes),
        deployments=tuple(replace(made, service="") for made in dataset.deployments),
        failures=tuple(replace(failure, service="") for failure in dataset.failures),
    )


def differing(history: SmallHistory, sources: tuple[str, ...] = ("deployment", "tag")) -> Iterator[str]:
    """The services that are not what they are alone."""
    for service, dataset in zip(SERVICES, history.judged_services(sources=sources).datasets):
        if without_names(dataset) != alone(history, service, sources=sources):
            yield service.name


@QUICK
@given(histories(), st.sampled_from((("deployment", "tag"), ("tag",), ("merge",))))
def test_services_together_are_what_each_is_alone(history: SmallHistory, sources: tuple[str, ...]) -> None:
    assert list(differing(history, sources)) == []


@QUICK
@given(histories())
def test_every_change_of_the_repository_is_in_a_service_or_counted_as_in_none(history: SmallHistory) -> None:
    history.services = tuple(service for service in SERVICES if service.path_prefix)
    judged = history.judged_services(sources=("tag",))
    covered = {change.key for dataset in judged.datasets for change in dataset.changes if change.left_out != "carrier"}
    [uncovered] = judged.uncovered
    none = {f"pr:{number}" for number in uncovered.pull_requests} | {f"commit:{one}" for one in uncovered.commits}
    history.services = ()
    history.tags = [tag for tag in history.tags if tag.name.startswith(("api/", "web/"))]
    whole = history.judged(sources=("tag",))

    assert none == {change.key for change in whole.changes if change.left_out != "carrier"} - covered
    assert uncovered.changes == len(covered | none)


@pytest.mark.slow
def test_the_oracle_finds_an_answer_that_services_must_not_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: pull requests and their commits of the first service are taken for those of every other."""
    right = Associations.find
    first: dict[int, Any] = {}

    def shared(self: Associations, deployed: Any, *, branch: str = "", pulls: Optional[Any] = None) -> Any:
        if id(self) not in first:
            first[id(self)] = (self, right(self, deployed, branch=branch, pulls=pulls))
        return first[id(self)][1]

    monkeypatch.setattr(Associations, "find", shared)

    assert find(histories(), lambda history: any(differing(history)), settings=settings(QUICK, max_examples=2000))


@pytest.mark.slow
def test_the_oracle_finds_a_prefix_that_is_compared_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: `api` takes in `api2/`."""

    def touched(self: Any, paths: Sequence[str]) -> set[str]:
        return {
            name for path in paths for folder, names in self._names.items() if path.startswith(folder) for name in names
        }

    monkeypatch.setattr("dora_metrics.domain.path_scope.PathIndex.touched", touched)

    assert find(histories(), lambda history: any(differing(history)), settings=settings(QUICK, max_examples=2000))
