"""The plan played through: each pull request branched, merged, squashed or rebased, each release tagged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Optional, Union

from dora_metrics.demo.git_objects import Files, GitStream, Signature
from dora_metrics.demo.sample_facts import Landed, Tagged, sample_facts
from dora_metrics.demo.sample_github import SampleFacts
from dora_metrics.demo.sample_outages import INCIDENTS
from dora_metrics.demo.sample_plan import Release, Work, releases, work
from dora_metrics.demo.sample_story import ANSWERED_WEEKS, BACKPORTS, END, FIRST_WEEK, OLD_LINE, PICKED_FIXES, WEEK
from dora_metrics.demo.sample_words import BOT, FIRST_FILES, REQUIREMENTS, STEPS, branch_of, file_of
from dora_metrics.domain.timestamps import to_seconds

OWNER = "acme"
MAIN = "refs/heads/main"
FIRST_HOUR = (FIRST_WEEK - 1) * WEEK


@dataclass(frozen=True)
class SampleProject:
    """A repository, ready for `git fast-import`, and when each release of it was made."""

    stream: bytes
    released: dict[str, datetime]
    """Tag to time, in order."""
    answered_until: datetime
    """Up to here a person has answered what the review file asks."""
    facts: SampleFacts
    """What GitHub knows of it."""


def sample_project(as_of: datetime) -> SampleProject:
    """The web shop as it stands at `as_of`; the same bytes for the same instant."""
    return _Player(plan_start(as_of)).play()


def plan_start(as_of: datetime) -> datetime:
    """The Monday on which the plan begins, so that it ends at `as_of` or less than a week before."""
    start = as_of - timedelta(hours=END)
    return (start - timedelta(days=start.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass
class _Player:
    """Adds one event after the other to the stream."""

    start: datetime
    git: GitStream = field(default_factory=GitStream)
    line: list[str] = field(default_factory=list)
    """The branch's first-parent line, oldest first."""
    line_s: list[int] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    """Title of a work to the commit that merged it."""
    tagged: dict[str, str] = field(default_factory=dict)
    old_line: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    """Title of a work, or of an incident, to the number of its pull request or issue."""
    landed: list[Landed] = field(default_factory=list)
    releases: list[Tagged] = field(default_factory=list)

    def play(self) -> SampleProject:
        self.line.append(self._commit(MAIN, [], "Ada", FIRST_HOUR, "Start the shop", FIRST_FILES))
        self.line_s.append(self._seconds(FIRST_HOUR))
        self._number()
        events: list[tuple[float, int, Union[Work, Release]]] = []
        events += [(item.merged, 0, item) for item in work()]
        events += [(release.at, 1, release) for release in releases()]
        for _, _, event in sorted(events, key=lambda entry: entry[:2]):
            if isinstance(event, Work):
                self._do(event)
            else:
                self._release(event)
        moments = {release.tag: self._moment(release.at) for release in releases()}
        facts = sample_facts(self.landed, self.releases, self.numbers, self._moment)
        return SampleProject(bytes(self.git), moments, self._moment(ANSWERED_WEEKS * WEEK), facts)

    def _number(self) -> None:
        """Pull requests and issues are numbered together, as they are opened."""
        opened = [(item.opened, item.title) for item in work() if item.style != "direct"]
        opened += [(plan.opened, plan.title) for plan in INCIDENTS]
        number = 0
        for _, title in sorted(opened):
            number += 1 + len(title) % 5 // 4  # now and then a question takes one
            self.numbers[title] = number

    def _do(self, item: Work) -> None:
        branch = [] if item.style == "direct" else self._branch(item)
        if item.style == "merge":
            message = f"Merge pull request #{self.numbers[item.title]} from {self._head_name(item)}\n\n{item.title}\n"
            self._put_on_line(item, message, parents=[self.line[-1], branch[-1][0]])
        elif item.style == "squash":
            self._put_on_line(item, f"{item.title} (#{self.numbers[item.title]})")
        elif item.style == "direct":
            self._put_on_line(item, item.title)
        elif item.style == "rebase":
            base = self.line[-1]
            for step, hour in enumerate(_hours(item), 1):
                self._put_on_line(
                    item, self._subjects(item)[step - 1], written=hour, files=self._with(item, base, step)
                )
        self.merged[item.title] = self.line[-1]
        if branch and item.style != "open":
            name, number = self._head_name(item).partition("/")[2], self.numbers[item.title]
            self.landed.append(Landed(item, number, name, self.line[-1], tuple(branch)))

    def _branch(self, item: Work) -> list[tuple[str, int, int]]:
        """Each commit of the branch, with its two times; the last one is kept as the pull request's head."""
        base = head = self._line_at(item.started)
        ref = f"refs/pull/{self.numbers[item.title]}/head"
        commits = []
        for step, (hour, message) in enumerate(zip(_hours(item), self._subjects(item)), 1):
            files = self._with(item, base, step)
            authored, committed = hour + item.author_clock_h, hour + item.commit_clock_h
            head = self._commit(ref, [head], item.author, committed, message, files, written=authored)
            commits.append((head, self._seconds(authored), self._seconds(committed)))
        return commits

    def _subjects(self, item: Work) -> list[str]:
        """The message of each commit of a branch."""
        if item.takes_back:
            return [f"{item.title}\n\nThis reverts commit {self.merged[item.takes_back]}.\n"]
        number = self.numbers.get(item.title, 0)
        return [item.title, *(STEPS[(number + step) % len(STEPS)] for step in range(1, item.commits))]

    def _head_name(self, item: Work) -> str:
        """Whose branch it is, and its name: now and then a fork's."""
        owner = OWNER if self.numbers[item.title] % 6 else item.author.lower()
        if item.takes_back:
            return f"{owner}/revert-{self.numbers[item.takes_back]}-{branch_of(item.takes_back)}"
        return f"{owner}/{item.branch or branch_of(item.title)}"

    def _put_on_line(
        self,
        item: Work,
        message: str,
        *,
        parents: Sequence[str] = (),
        written: Optional[float] = None,
        files: Optional[Files] = None,
    ) -> None:
        """The next commit of the branch's first-parent line; without `files` with all that `item` writes."""
        before = self.line[-1]
        files = files or self._with(item, before)
        sha = self._commit(MAIN, parents or [before], item.author, item.merged, message, files, written=written)
        self.line.append(sha)
        self.line_s.append(self._seconds(item.merged))

    def _release(self, release: Release) -> None:
        if release.source == OLD_LINE:
            self._grow_old_line(release)
        sha = {"main": self.line[-1], OLD_LINE: self.old_line}.get(release.source) or self.tagged[release.source]
        self.tagged[release.tag] = sha
        tagger = Signature("Ada", self._seconds(release.at))
        self.git.tag(release.tag, sha, tagger=tagger, message=f"{release.tag}\n")
        self.releases.append(Tagged(release, sha))

    def _grow_old_line(self, release: Release) -> None:
        """What a release of the old line is made for: a fix that version 2 has too, or one of its own."""
        title = next(title for tag, _, title in BACKPORTS if tag == release.tag)
        picked = title in PICKED_FIXES
        message = f"{title}\n\n(cherry picked from commit {self.merged[title]})\n" if picked else title
        base = self.old_line or self._last_of_first_major()
        files = _with_notes(self.git.files(base), file_of(title), [message])
        self.old_line = self._commit(f"refs/heads/{OLD_LINE}", [base], "Emil", release.at - 0.6, message, files)

    def _last_of_first_major(self) -> str:
        return [sha for tag, sha in self.tagged.items() if tag.startswith("v1.")][-1]

    def _with(self, item: Work, base: str, steps: Optional[int] = None) -> Files:
        """What `base` holds, with what the first `steps` commits (default: all) write or take back."""
        files = self.git.files(base)
        if not item.takes_back:
            return _with_notes(files, _path(item), self._subjects(item)[:steps])
        brought_back = _reverted_by(item.takes_back)
        if brought_back:
            return _with_notes(files, _path(item), [brought_back])
        taken_back = {_note(item.takes_back)}
        kept = [line for line in files[_path(item)].splitlines(keepends=True) if line not in taken_back]
        return {**files, _path(item): "".join(kept)}

    def _commit(
        self,
        ref: str,
        parents: Sequence[str],
        author: str,
        hour: float,
        message: str,
        files: Files,
        *,
        written: Optional[float] = None,
    ) -> str:
        """The hash of a commit of that hour, written at the hour `written` where that differs."""
        committer = Signature(author, self._seconds(hour))
        signature = committer if written is None else Signature(author, self._seconds(written))
        return self.git.commit(
            ref, parents=parents, author=signature, committer=committer, message=message, files=files
        )

    def _line_at(self, hour: float) -> str:
        """The newest commit on the line at that hour."""
        return self.line[max(bisect_right(self.line_s, self._seconds(hour)) - 1, 0)]

    def _moment(self, hour: float) -> datetime:
        return (self.start + timedelta(hours=hour)).astimezone(timezone.utc).replace(microsecond=0)

    def _seconds(self, hour: float) -> int:
        return to_seconds(self._moment(hour))


def _path(item: Work) -> str:
    return REQUIREMENTS if item.author == BOT else file_of(item.takes_back or item.title)


def _reverted_by(title: str) -> str:
    """What a revert of this title takes back; empty for the title of anything else."""
    return title[len('Revert "') : -1] if title.startswith('Revert "') else ""


def _hours(item: Work) -> list[float]:
    """When each commit of a branch was written: spread from its start to a little before the merge."""
    length = max(item.merged - item.started - 0.3, 0.05)
    return [item.started + length * step / item.commits for step in range(item.commits)]


def _with_notes(files: Files, path: str, messages: Sequence[str]) -> Files:
    return {**files, path: files[path] + "".join(map(_note, messages))}


def _note(message: str) -> str:
    """The line that a commit leaves in its file."""
    return f"# {message.splitlines()[0]}\n"
