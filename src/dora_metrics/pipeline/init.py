"""`init`: looks at a repository, shows what each source of deployments would give, and proposes settings."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dora_metrics.config import DeploymentSettings, RepositorySettings, Settings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Dataset
from dora_metrics.domain.questions import Question
from dora_metrics.extractors.git_cache import GitCache
from dora_metrics.extractors.git_extractor import GitExtractor, RepositoryState
from dora_metrics.extractors.git_refs import github_name
from dora_metrics.pipeline.init_services import family_lines, folders_of, propose_services, tag_families
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.judgement import Facts, judge
from dora_metrics.report.words import plural

_VERSION_AT_END = re.compile(r"v?\d+(?:[._-]?[0-9A-Za-z]+)*$")
FALLBACK_SOURCES = ("deployment", "release", "tag")


@dataclass(frozen=True)
class Proposal:
    """What `init` found, and the settings it would write."""

    summary: str
    settings: Settings
    questions: tuple[Question, ...]


def propose(repo: str, workspace: Workspace) -> Proposal:
    """What the repository at `repo` (a path, `OWNER/NAME` or a URL) would give, and settings for it.

    A URL is cloned into our cache first. Nothing is written into the repository. Raises `RepositoryError` when it
    cannot be read.
    """
    settings, clone = _located(repo, workspace)
    extractor = GitExtractor(clone, environ=workspace.environ, branch=settings.branch, allow_shallow=True)
    state = extractor.inspect()
    github = settings.github or github_name(state.remote_url) or ""
    chosen = replace(settings, github=github, branch=state.branch)
    pattern = tag_pattern([tag.name for tag in state.tags if tag.commit_sha is not None])
    folders: Counter[str] = Counter()
    facts = _facts(workspace, chosen, extractor, state, folders)
    families = tag_families(state.tags, facts.history)
    one_by_one = not (chosen.path_prefix or chosen.services or workspace.settings.deployments.tag_pattern)
    services = propose_services(families, folders) if one_by_one else ()
    by_source = {source: _dataset(facts, source, pattern) for source in ("tag", "merge")}
    sources = FALLBACK_SOURCES if by_source["tag"].deployments or github else ("merge",)
    proposed = replace(
        workspace.settings,
        repositories=(replace(chosen, services=services or chosen.services),),
        deployments=DeploymentSettings(sources=sources, tag_pattern=pattern),
    )
    summary = "\n".join(
        (_summary(clone, state, github, by_source, pattern, sources), *family_lines(families, services))
    )
    return Proposal(summary, proposed, _questions(by_source, state))


def _located(repo: str, workspace: Workspace) -> tuple[RepositorySettings, Path]:
    """Settings that lead to `repo`, and the clone. A folder of that name wins over `OWNER/NAME`."""
    given = workspace.settings.repositories[0]
    path = Path(repo)
    if path.exists() or not ("/" in repo or ":" in repo) or repo.startswith((".", "/", "~")):
        resolved = path.expanduser().resolve()
        relative = os.path.relpath(resolved, workspace.root.resolve())
        shown = str(resolved) if relative.startswith("..") else relative
        return replace(given, path=shown, url=""), resolved
    workspace.progress.begin(f"Cloning {repo}")
    clone = GitCache(workspace.cache(), environ=workspace.environ).refresh(repo)
    workspace.progress.end()
    return replace(given, url=repo), clone


def _facts(
    workspace: Workspace,
    repository: RepositorySettings,
    extractor: GitExtractor,
    state: RepositoryState,
    folders: Counter[str],
) -> Facts:
    """What git says; `folders` gets how many commits touched each folder."""
    progress = workspace.progress
    history = History()
    progress.begin("Reading commits")
    for number, commit in enumerate(extractor.extract_commits(state), 1):
        history.add(commit)
        folders.update(folders_of(commit.files_changed))
        if number % 1000 == 0:
            progress.advance(1000)
    progress.end()
    return Facts(
        repository=repository.github or "local/repository",
        history=history.complete(),
        branch_tip=state.branch_tip,
        tags=state.tags,
        pull_heads={head.number: head.sha for head in state.pull_heads},
        tips=state.tips,
    )


def _dataset(facts: Facts, source: str, pattern: str) -> Dataset:
    deployments = DeploymentSettings(sources=(source,), tag_pattern=pattern if source == "tag" else "")
    return judge(facts, replace(Settings(), deployments=deployments))


def tag_pattern(names: Iterable[str]) -> str:
    """The shell pattern that most version-like tags follow, such as `v*` or `app-*`.

    Empty when they have no prefix, follow several, or there are none: then the default rule decides.
    """
    prefixes = Counter(
        name[: found.start()] + ("v" if found.group().startswith("v") else "")
        for name in names
        if (found := _VERSION_AT_END.search(name))
    )
    if len(prefixes) != 1:
        return ""
    [prefix] = prefixes
    return f"{prefix}*" if prefix and not re.search(r"[\[\]*?]", prefix) else ""


def _summary(
    clone: Path,
    state: RepositoryState,
    github: str,
    by_source: dict[str, Dataset],
    pattern: str,
    sources: Sequence[str],
) -> str:
    tagged, merged = by_source["tag"], by_source["merge"]
    changes = merged.changes
    pulls = sum(change.pull_request is not None for change in changes)
    reverts = sum(change.is_revert for change in changes)
    hotfixes = sum(change.is_hotfix for change in changes)
    lines = [
        f"Repository: {clone}",
        f"Branch: {state.branch} ({plural(len(merged.line), 'commit')} on its first-parent line)"
        if state.branch_tip
        else f"Branch: {state.branch} (no commits yet)",
        f"GitHub: {github or 'no remote found; everything comes from the clone'}",
        "",
        "What each source of deployments would give:",
        f"  {_line('tags ' + (pattern or 'that look like versions'), tagged)}",
        f"  {_line(f'every commit on {state.branch}', merged)}",
        f"{plural(pulls, 'pull request')} in the messages, {plural(len(state.pull_heads), 'pull request head')} in the "
        f"clone; {plural(reverts, 'revert')}, {plural(hotfixes, 'hotfix', 'hotfixes')} by title or branch.",
    ]
    if state.shallow:
        lines.append("This is a shallow clone: run `git fetch --unshallow` before extract.")
    if pulls and not state.pull_heads:
        lines.append(
            "For the commits of squashed pull requests run once: git fetch origin '+refs/pull/*/head:refs/pull/*/head'"
        )
    if sources == ("merge",):
        lines += [
            "",
            "No version tags: the proposal is that each commit on the branch is deployed when it lands there.",
        ]
    else:
        lines += ["", "The proposal is that version tags are deployments; merges are not mixed in."]
    return "\n".join(lines)


def _line(name: str, dataset: Dataset) -> str:
    counted = [deployment for deployment in dataset.deployments if deployment.kind != "redeploy"]
    if not counted:
        return f"{name}: none"
    newest = counted[-1]
    what = f" {newest.tag}" if newest.tag else ""
    return f"{name}: {len(counted):,}, newest{what} on {newest.deployed_at:%Y-%m-%d}"


def _questions(by_source: dict[str, Dataset], state: RepositoryState) -> tuple[Question, ...]:
    questions = [Question("sources", "Which sources are deployments (deployment, release, tag, merge)")]
    if by_source["tag"].deployments:
        questions.append(Question("tag_pattern", "Which tags are deployments (a shell pattern; empty = version-like)"))
    if len(state.branches) > 1:
        questions.append(Question("branch", "Which branch goes to production"))
    return tuple(questions)
