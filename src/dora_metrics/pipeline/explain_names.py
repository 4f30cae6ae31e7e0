"""What is no change, no deployment and no failure, and why not: commits, tags and numbers that count for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from dora_metrics.config import Settings
from dora_metrics.domain.models import Change, Dataset, Tag
from dora_metrics.domain.timestamps import format_utc, from_seconds
from dora_metrics.pipeline.explain_evidence import head_of
from dora_metrics.processors.deployments import version_tags
from dora_metrics.processors.judgement import Facts
from dora_metrics.processors.release_records import prerelease_tags
from dora_metrics.processors.versions import is_prerelease
from dora_metrics.report.explain_rows import Decision, deployment_names, short
from dora_metrics.report.explanation import Explanation, Section
from dora_metrics.report.words import NO_DATA

FACTS = ("what", "value")


def change_of_commit(dataset: Dataset, facts: Facts, sha: str) -> Optional[tuple[Change, str]]:
    """The change that the commit belongs to, and as what; `None` when it belongs to none."""
    for change in dataset.changes:
        if sha == change.merge_commit:
            return change, f"the commit that brought {short(change.key)} to the branch"
        if sha in change.commits:
            own = (
                "itself the change" if change.pull_request is None else f"one of the own commits of {short(change.key)}"
            )
            return change, own
    named = {pull.number for pull in facts.pull_requests if sha in (pull.commits or ()) or sha == pull.head_sha}
    named |= {number for number, head in facts.pull_heads.items() if head == sha}
    for change in dataset.changes:
        if change.pull_request in named:
            return (
                change,
                f"a commit of the branch of {short(change.key)} that did not come to the branch under this hash",
            )
    return None


def commit_section(facts: Facts, sha: str, role: str, dataset: Dataset) -> Section:
    """The commit itself, as what it counts, and the deployments made of it."""
    history = facts.history
    commit = history.find(sha)
    names = deployment_names((dataset,))
    made = [names.get(each.key, short(each.key)) for each in dataset.deployments if each.commit_sha == sha]
    written = None if commit is None else from_seconds(history.written_s(commit))
    committed = None if commit is None else history.committed_at(commit)
    rows = (
        ("commit", sha),
        ("subject", "" if commit is None else history.subjects[commit]),
        ("written", format_utc(written) or NO_DATA),
        ("committed", format_utc(committed) or NO_DATA),
        ("is", role),
        ("deployments made of it", ", ".join(made) or "none"),
    )
    return Section("The commit", (), FACTS, rows, "commit", whole=True)


def explain_lone_commit(dataset: Dataset, facts: Facts, sha: str) -> Explanation:
    """A commit that is no change: why not."""
    section = commit_section(facts, sha, why_no_change(dataset, facts, sha), dataset)
    return Explanation(f"{dataset.name}: commit {sha}", (replace(section, code="not_counted"),))


def why_no_change(dataset: Dataset, facts: Facts, sha: str) -> str:
    """Why the commit, which belongs to no change, is none itself."""
    history = facts.history
    commit = history.find(sha)
    if sha in dataset.unreachable:
        return "not counted: no ref reaches it any more (a force-push, or a removed branch)"
    if commit is None:
        return "not counted: it is not in the clone"
    tips = [facts.branch_tip, *(made.commit_sha for made in dataset.deployments)]
    seen = bytearray(len(history))
    for _ in history.graph.reach([tip for tip in map(history.find, tips) if tip is not None], seen):
        pass
    if not seen[commit]:
        return "not counted: neither the branch nor a deployment reaches it, like what is not merged yet"
    if history.is_merge(commit):
        return "not counted: a merge is no change; what it brought counts by itself"
    if not history.in_prefix[commit]:
        return "not counted: it touches nothing below `path_prefix`"
    return "not counted: only a release branch reaches it, and no deployment"


def explain_number(dataset: Dataset, facts: Facts, number: int) -> Optional[Explanation]:
    """A number that is neither a change nor a counted incident: what is known of it; `None` when nothing is."""
    said = ""
    pull = next((pull for pull in facts.pull_requests if pull.number == number), None)
    incident = next((incident for incident in facts.incidents if incident.number == number), None)
    if pull is not None:
        said = f"The merged pull request “{pull.title}” touches nothing below `path_prefix`."
    elif incident is not None:
        said = f"The issue “{incident.title}” bears none of `incident_labels` now ({', '.join(incident.labels)})."
    elif head_of(facts, number):
        said = (
            f"Only the tip of its branch is known ({head_of(facts, number)[:10]}): it is not merged, or no message of "
            "the branch names it."
        )
    if not said:
        return None
    return Explanation(f"{dataset.name}: #{number}", (Section("Not counted", (said,), code="not_counted"),))


def explain_tag(dataset: Dataset, facts: Facts, tag: Tag, settings: Settings, said: Sequence[Decision]) -> Explanation:
    """A tag that is no deployment: why not."""
    rows = (("tag", tag.name), ("commit", tag.commit_sha or "none: it names a tree or a blob"))
    why = (f"No deployment: {_why_no_deployment(dataset, facts, tag, settings, said)}.",)
    return Explanation(
        f"{dataset.name}: tag {tag.name}", (Section("Not counted", why, FACTS, rows, "not_counted", whole=True),)
    )


def _why_no_deployment(dataset: Dataset, facts: Facts, tag: Tag, settings: Settings, said: Sequence[Decision]) -> str:
    rules = settings.deployments
    prereleases = prerelease_tags(facts.releases, rules)
    marked = not rules.include_prereleases and (is_prerelease(tag.name) or tag.name in prereleases)
    versions = {version.name for version in version_tags(facts.tags, rules, prereleases)}
    pattern = rules.tag_pattern or "names that look like versions"
    reasons = (
        (any((word.column, word.value) == ("is_deployment", "no") for word in said), "a person said so"),
        (tag.commit_sha is None, "it names no commit"),
        (tag.name in dataset.undated_tags, "its time cannot be read"),
        (marked, "it is a pre-release, and `include_prereleases` under [deployments] is false"),
        (tag.name not in versions, f"its name does not match `tag_pattern` ({pattern})"),
        ("tag" not in rules.sources, "tags are not among `sources` under [deployments]"),
    )
    return next((why for holds, why in reasons if holds), "another record speaks for it: ask for its commit")
