"""From a clone into the store: commits, tags and pull heads of one repository, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Callable, Optional, TypeVar

from dora_metrics.config import RepositorySettings
from dora_metrics.domain.commit_graph import CommitGraph
from dora_metrics.domain.models import Commit, Tag
from dora_metrics.domain.timestamps import from_seconds
from dora_metrics.errors import ConfigurationError
from dora_metrics.extractors.git_extractor import GitExtractor, RepositoryState
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.fact_codec import (
    decode_commit_without_files,
    decode_pull_head,
    decode_tag,
    encode_commit,
    encode_pull_head,
    encode_tag,
)
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.transaction import Transaction

STALE_FETCH = timedelta(days=1)
PROGRESS_STEP = 1000
Fact = TypeVar("Fact")


@dataclass
class GitNews:
    """What one repository had that the store did not."""

    name: str
    commits: int = 0
    tags_added: list[str] = field(default_factory=list)
    tags_moved: list[str] = field(default_factory=list)
    tags_deleted: list[str] = field(default_factory=list)
    pull_heads: int = 0
    """Heads of pull requests that are new or have moved."""
    empty: bool = False
    """The branch has no commit yet."""
    origin_tip: Optional[str] = None
    """Where the remote's branch stands, when it is elsewhere."""
    warnings: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether the store is not as it was."""
        return bool(self.commits or self.tags_added or self.tags_moved or self.tags_deleted or self.pull_heads)


@dataclass(frozen=True)
class _Roots:
    """Where the extracted history begins."""

    found: tuple[str, ...]
    links: Sequence[tuple[str, Sequence[str]]]
    """Hash and parents of each new commit, when there is an old history to connect to."""


class GitFacts:
    """Brings the facts of one clone into a transaction."""

    def __init__(self, workspace: Workspace, manager: RepositoryManager, *, rebind: bool, allow_shallow: bool) -> None:
        self._workspace = workspace
        self._manager = manager
        self._rebind = rebind
        self._allow_shallow = allow_shallow

    def bring(self, transaction: Transaction, name: str, repository: RepositorySettings, *, full: bool) -> GitNews:
        """Append what the store lacks; with `full` everything anew.

        Raises `RepositoryError` for a clone that cannot be read, `ConfigurationError` when it is another repository or
        branch than the stored one and nobody said `--rebind`.
        """
        head = transaction.head
        extractor = GitExtractor(
            self._workspace.clone(repository),
            environ=self._workspace.environ,
            branch=repository.branch,
            allow_shallow=self._allow_shallow,
        )
        state = extractor.inspect()
        news = GitNews(name, empty=state.branch_tip is None, origin_tip=state.origin_tip)
        self._warn(state, news)
        old = None if head is None or full or name not in head.repositories else head
        stored = head.repositories.get(name) if head is not None else None
        if stored is not None and stored.branch not in ("", state.branch) and not self._rebind:
            message = f"the stored history of {name} is of branch {stored.branch}, this is {state.branch}"
            raise ConfigurationError(
                message, remedy=f"use --branch {stored.branch}, or --rebind to go over to this one"
            )
        if full:
            transaction.restart(name)
        roots = self._commits(transaction, extractor, state, news, old)
        self._require_same(name, stored.root_commits if stored else (), roots, state, old)
        tags = self._snapshot(transaction, name, "tags", state.tags, (encode_tag, decode_tag), old)
        _note_tags(news, tags, state.tags)
        heads = self._snapshot(
            transaction, name, "pull_heads", state.pull_heads, (encode_pull_head, decode_pull_head), old
        )
        news.pull_heads = len(set(state.pull_heads) - set(heads))
        kept = stored.root_commits if stored and not full else ()
        transaction.set_repository(
            name,
            root_commits=sorted({*kept, *roots.found}),
            object_format=state.object_format,
            branch=state.branch,
            github_id=stored.github_id if stored else "",
        )
        others = transaction.cursors(name)
        transaction.set_cursors(name, {**others, "branch_tip": state.branch_tip, "shallow": state.shallow})
        return news

    def _warn(self, state: RepositoryState, news: GitNews) -> None:
        if state.replace_refs_present:
            news.warnings.append(f"{news.name}: replace refs are ignored: the numbers are those of the real commits")
        if state.shallow:
            news.warnings.append(f"{news.name}: a shallow clone: old commits are missing, lead times are incomplete")
        fetched_at = from_seconds(state.last_fetch_s)
        if fetched_at is not None and self._workspace.now - fetched_at > STALE_FETCH:
            days = (self._workspace.now - fetched_at).days
            news.warnings.append(
                f"{news.name}: the clone was last fetched {days} days ago; run `git fetch` there first"
            )

    def _commits(
        self,
        transaction: Transaction,
        extractor: GitExtractor,
        state: RepositoryState,
        news: GitNews,
        old: Optional[CommitRecord],
    ) -> _Roots:
        roots: list[str] = []
        links: list[tuple[str, Sequence[str]]] = []
        progress = self._workspace.progress
        progress.begin(f"Reading commits of {news.name}")
        with transaction.open_segment(news.name, "commits") as segment:
            append = segment.append
            for commit in self._new_commits(extractor, state, news, old):
                append(encode_commit(commit))
                news.commits += 1
                if not commit.parents:
                    roots.append(commit.sha)
                if old is not None:
                    links.append((commit.sha, commit.parents))
                if news.commits % PROGRESS_STEP == 0:
                    progress.advance(PROGRESS_STEP)
        progress.end()
        return _Roots(tuple(roots), links)

    def _new_commits(
        self, extractor: GitExtractor, state: RepositoryState, news: GitNews, old: Optional[CommitRecord]
    ) -> Iterable[Commit]:
        """What the clone reaches and the store does not have."""
        known = [] if old is None else self._known_tips(news.name, old)
        if known and set(state.tips) <= set(known):
            return ()
        return extractor.extract_commits(state, known=known)

    def _known_tips(self, name: str, old: CommitRecord) -> list[str]:
        tags = self._manager.read_facts(name, "tags", decode_tag, record=old)
        heads = self._manager.read_facts(name, "pull_heads", decode_pull_head, record=old)
        tips = {tag.commit_sha for tag in tags} | {head.sha for head in heads}
        tips.add(str(old.cursors.get(name, {}).get("branch_tip") or "") or None)
        return sorted(tip for tip in tips if tip is not None)

    def _require_same(
        self, name: str, stored: Sequence[str], roots: _Roots, state: RepositoryState, old: Optional[CommitRecord]
    ) -> None:
        """Refuse to mix the history of another repository into the stored one."""
        if not stored or not roots.found or set(stored) & set(roots.found) or self._rebind:
            return
        if old is not None and state.branch_tip is not None and self._connected(name, stored, roots, state, old):
            return
        message = f"this is not the repository that {name} was extracted from: their first commits differ"
        raise ConfigurationError(message, remedy="correct `path`, or say --rebind --full to start over with this one")

    def _connected(
        self, name: str, stored: Sequence[str], roots: _Roots, state: RepositoryState, old: CommitRecord
    ) -> bool:
        """Whether the branch still reaches a stored first commit: then the new roots are only an orphan branch's."""
        graph = CommitGraph()
        for commit in self._manager.read_facts(name, "commits", decode_commit_without_files, record=old):
            graph.add(commit.sha, commit.parents)
        for sha, parents in roots.links:
            graph.add(sha, parents)
        tip = graph.find(state.branch_tip or "")
        reached = bytearray() if tip is None else graph.ancestors(tip)
        found = (graph.find(root) for root in stored)
        return any(root is not None and tip is not None and reached[root] for root in found)

    def _snapshot(
        self,
        transaction: Transaction,
        name: str,
        stream: str,
        facts: Sequence[Fact],
        codec: tuple[Callable[[Fact], bytes], Callable[[bytes], Fact]],
        old: Optional[CommitRecord],
    ) -> list[Fact]:
        """Store a list that is always read whole, when it has changed; returns the stored one."""
        encode, decode = codec
        stored = [] if old is None else list(self._manager.read_facts(name, stream, decode, record=old))
        if list(facts) != stored:
            with transaction.open_segment(name, stream, replace=True) as segment:
                for fact in facts:
                    segment.append(encode(fact))
        return stored


def _note_tags(news: GitNews, stored: Sequence[Tag], found: Sequence[Tag]) -> None:
    before = {tag.name: tag.commit_sha for tag in stored}
    now = {tag.name: tag.commit_sha for tag in found}
    news.tags_added = sorted(now.keys() - before.keys())
    news.tags_deleted = sorted(before.keys() - now.keys())
    news.tags_moved = sorted(name for name in now.keys() & before.keys() if now[name] != before[name])
    for word, names in (("moved", news.tags_moved), ("was deleted", news.tags_deleted)):
        news.warnings.extend(f"{news.name}: tag {name} {word}" for name in names)
