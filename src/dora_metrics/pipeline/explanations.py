"""Finding what a person asks about: a period, a deployment, a pull request, an issue, a tag or a commit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Optional

from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived
from dora_metrics.pipeline.explain_decisions import Decisions, rows_of_change, rows_of_deployment, rows_of_failure
from dora_metrics.pipeline.explain_evidence import evidence_of
from dora_metrics.pipeline.explain_label import explain_label
from dora_metrics.pipeline.explain_names import (
    change_of_commit,
    commit_section,
    explain_lone_commit,
    explain_number,
    explain_tag,
    why_no_change,
)
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.judgement import Facts
from dora_metrics.report.explain_items import explain_change, explain_deployment, explain_failure
from dora_metrics.report.explain_rows import decision_section, deployment_names, with_names
from dora_metrics.report.explanation import Explanation, Section, render_explanation
from dora_metrics.spelling import did_you_mean

MOST_CANDIDATES = 5
OF_NO_SERVICE = "It belongs to no service: it touches none of their folders (`services` in dora-metrics.toml)."
FEWEST_DIGITS = 7
"""Of an abbreviated hash."""
_HEX = re.compile(r"[0-9a-f]{4,64}")
_NUMBER = re.compile(r"(?:#|pr:|issue:)(\d{1,18})")


class Place(NamedTuple):
    """One service, and what was said about its repository."""

    dataset: Dataset
    facts: Facts


def explain_what(workspace: Workspace, derived: Derived, what: str, form: str) -> str:
    """The explanation of `what`, rendered; `ConfigurationError` when it names nothing that is there."""
    finder = Finder(workspace, derived)
    name = what.strip()
    found = (
        finder.items(name)
        or explain_label(workspace, derived, finder.decisions, name)
        or (finder.items(f"#{name}") if name.isdecimal() else None)
    )
    if found is None:
        message = f"{what!r} is no period, deployment, pull request, issue, tag or commit of the data"
        raise ConfigurationError(message, remedy=finder.remedy(name))
    return render_explanation(with_names(found, deployment_names(derived.datasets)), form)


class Finder:
    """Finds things by the names that people give them."""

    def __init__(self, workspace: Workspace, derived: Derived) -> None:
        self._workspace = workspace
        self._derived = derived
        self._places = [Place(*pair) for pair in zip(derived.datasets, derived.facts)]
        self.decisions = Decisions(workspace, derived)

    def items(self, what: str) -> Optional[Explanation]:
        """All that bears this name; with `owner/name#12`, `owner/name:v1` or `owner/name/service:v1` only there."""
        places, name = self._scope(what)
        self._require_unambiguous(places, name)
        found = [explanation for place in places for explanation in self._named(place, name)]
        counted = [explanation for explanation in found if not _counts_for_nothing(explanation)]
        counted = counted or self._of_no_service(name) or found
        if len(counted) <= 1:
            return counted[0] if counted else None
        sections = [
            replace(section, title=f"{explanation.subject} - {section.title}")
            for explanation in counted
            for section in explanation.sections
        ]
        return Explanation(f"{what}: {len(counted)} of that name", tuple(sections))

    def _of_no_service(self, name: str) -> list[Explanation]:
        """Of a pull request or commit that belongs to no service of a monorepo; empty for anything else."""
        match = _NUMBER.fullmatch(name)
        digits = name.removeprefix("commit:").lower()
        subjects = []
        for uncovered in self._derived.uncovered:
            if match and int(match[1]) in uncovered.pull_requests:
                subjects.append(f"{uncovered.repository}: #{match[1]}")
            if len(digits) >= FEWEST_DIGITS and _HEX.fullmatch(digits):
                fits = [sha for sha in uncovered.commits if sha.startswith(digits)]
                subjects += [f"{uncovered.repository}: commit {sha}" for sha in fits]
        section = Section("Not counted", (OF_NO_SERVICE,), code="not_counted")
        return [Explanation(subject, (section,)) for subject in subjects[:1]]

    def remedy(self, name: str) -> str:
        """What to ask for instead of a name that nothing bears."""
        if _NUMBER.fullmatch(name) and not all(place.facts.from_github for place in self._places):
            return "without a token only pull requests that a message of the branch names are known, and no issue"
        if len(name) < FEWEST_DIGITS and _HEX.fullmatch(name.lower()):
            return f"give at least {FEWEST_DIGITS} digits of a commit's hash"
        tags = [tag.name for place in self._places for tag in place.facts.tags]
        return did_you_mean(name, tags, 'ask for a period (2025-Q1), a tag, a pull request ("#123") or a commit')

    def _scope(self, what: str) -> tuple[list[Place], str]:
        for place in self._places:
            dataset = place.dataset
            for label in (f"{dataset.repository}/{dataset.service}", dataset.repository):
                rest = what[len(label) :]
                if what.startswith(label) and rest[:1] in ("#", ":"):
                    wanted = [
                        other
                        for other in self._places
                        if label in (f"{other.dataset.repository}/{other.dataset.service}", other.dataset.repository)
                    ]
                    return wanted, rest.removeprefix(":")
        return self._places, what

    def _require_unambiguous(self, places: Sequence[Place], name: str) -> None:
        digits = name.removeprefix("commit:").lower()
        if _HEX.fullmatch(digits) is None:
            return
        for place in places:
            history = place.facts.history
            fits = sorted(history.sha(commit) for commit in history.graph.find_abbreviated(digits))
            if len(fits) > 1 and history.graph.find(digits) is None:
                message = f"{name!r} is the beginning of {len(fits)} commits: {', '.join(fits[:MOST_CANDIDATES])}"
                raise ConfigurationError(message, remedy="give more digits of the one that you mean")

    def _named(self, place: Place, name: str) -> list[Explanation]:
        dataset = place.dataset
        made = [made for made in dataset.deployments if name in (made.key, made.tag) and name]
        if made:
            return [self._deployment(dataset, deployment) for deployment in made]
        swallowed = [
            made for made in dataset.deployments if {name, f"tag:{name}", f"release:{name}"} & set(made.evidence)
        ]
        if swallowed:
            return [self._swallowed(dataset, deployment, name) for deployment in swallowed]
        failures = [failure for failure in dataset.failures if failure.key == name]
        if failures:
            return [self._failure(dataset, failure) for failure in failures]
        return list(self._numbered(place, name) or self._committed(place, name) or self._tagged(place, name))

    def _numbered(self, place: Place, name: str) -> list[Explanation]:
        match = _NUMBER.fullmatch(name)
        if match is None:
            return []
        number, dataset = int(match[1]), place.dataset
        changes = [change for change in dataset.changes if change.pull_request == number]
        issues = [failure for failure in dataset.failures if failure.issue == number]
        found = [self._change(place, change) for change in changes]
        found += [self._failure(dataset, failure) for failure in issues]
        other = None if found else explain_number(dataset, place.facts, number)
        return found if other is None else [other]

    def _committed(self, place: Place, name: str) -> list[Explanation]:
        commit = place.facts.history.find(name.removeprefix("commit:").lower())
        if commit is None:
            return []
        sha = place.facts.history.sha(commit)
        member = change_of_commit(place.dataset, place.facts, sha)
        made = [made for made in place.dataset.deployments if made.commit_sha == sha]
        if member is None and made:
            section = commit_section(place.facts, sha, why_no_change(place.dataset, place.facts, sha), place.dataset)
            return [_with_first(self._deployment(place.dataset, deployment), section) for deployment in made]
        if member is None:
            lone = explain_lone_commit(place.dataset, place.facts, sha)
            return [self._with_words(lone, place.dataset, {f"commit:{sha}"})]
        change, role = member
        section = commit_section(place.facts, sha, role, place.dataset)
        return [_with_first(self._change(place, change), section)]

    def _tagged(self, place: Place, name: str) -> Iterator[Explanation]:
        wanted = name.removeprefix("tag:")
        for tag in place.facts.tags:
            if tag.name == wanted:
                rows = {f"tag:{tag.name}", f"release:{tag.name}", f"commit:{tag.commit_sha}"}
                said = self.decisions.on(place.dataset, rows)
                found = explain_tag(place.dataset, place.facts, tag, self._workspace.settings, said)
                yield self._with_words(found, place.dataset, rows)

    def _deployment(self, dataset: Dataset, deployment: Deployment) -> Explanation:
        rows = rows_of_deployment(deployment)
        for failure in dataset.failures:
            if failure.deployment == deployment.key:
                rows |= rows_of_failure(dataset, failure)
        return self._with_words(explain_deployment(dataset, deployment), dataset, rows)

    def _swallowed(self, dataset: Dataset, deployment: Deployment, name: str) -> Explanation:
        words = (
            f"{name} is evidence of this deployment, whose source ranks higher: its time counts, not that of {name}."
        )
        return _with_first(self._deployment(dataset, deployment), Section("Evidence", (words,), code="evidence"))

    def _change(self, place: Place, change: Change) -> Explanation:
        dataset = place.dataset
        rows = rows_of_change(change)
        for failure in dataset.failures:
            if failure.fixed_by == change.key:
                rows |= rows_of_failure(dataset, failure)
        return self._with_words(
            explain_change(dataset, change, evidence_of(dataset, place.facts, change)), dataset, rows
        )

    def _failure(self, dataset: Dataset, failure: Failure) -> Explanation:
        return self._with_words(explain_failure(dataset, failure), dataset, rows_of_failure(dataset, failure))

    def _with_words(self, explanation: Explanation, dataset: Dataset, rows: set[str]) -> Explanation:
        said = decision_section(self.decisions.on(dataset, rows))
        return replace(explanation, sections=(*explanation.sections, *said))


def _counts_for_nothing(explanation: Explanation) -> bool:
    return any(section.code == "not_counted" for section in explanation.sections)


def _with_first(explanation: Explanation, section: Section) -> Explanation:
    return replace(explanation, sections=(section, *explanation.sections))
