"""The lines of a `history` example as a small history: what happened, in the words of the page.

    line a b c step 0.5                a at day 0, b on it at day 0.5, …
    commit f on a @1 aside written 0.5 by Bob files api/x: subject | body
    tag v1.0 b @2                      annotated; without a time lightweight
    head 7 f                           refs/pull/7/head
    release v1.0 b @3                  draft, prerelease; the commit `gone` = without its tag
    deploy 1 b @4 to prod-eu           a GitHub Deployment; `never` = it did not succeed
    pull 7 @3 merge m head f commits f,g created 2 ready 2 review 2.5 base 1.x labels hotfix closes 50: title | body
    issue 50 opened 3 closed 4 by #40: title | body
    person b deployment_failed = yes   a decision on the row of a commit, or of a key
    setting window_days = 8
    service api files api/,libs/ tags api/v*
    as of @10

`@2` is day 2 since 2025-01-01T00:00Z, `@2025-03-31T22:30` that time; `{b}` in a message is the hash of b.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Optional

from dora_metrics.config import ServiceSettings
from dora_metrics.domain.timestamps import format_utc
from support.definition_words import Words, days_of, listed, moment, optional_days
from support.github_history import GitHubHistory
from support.small_history import SmallHistory, day

GITHUB_WORDS = ("release", "deploy", "pull", "issue", "github")


@dataclass
class Drawn:
    """An example's history, and how it is to be judged and counted."""

    history: SmallHistory
    from_github: bool
    judging: dict[str, Any] = field(default_factory=dict)
    calculating: dict[str, Any] = field(default_factory=dict)
    as_of: Optional[datetime] = None


CALCULATED: dict[str, Callable[[str], Any]] = {
    "period": str,
    "timezone": str,
    "fiscal_start_month": int,
    "levels": str,
    "since": moment,
}
"""Settings of the calculators and how they are read; all others are for the judgement."""


def draw(lines: tuple[str, ...]) -> Drawn:
    """The history that the lines tell. Raises `ValueError` for a line that none of the rules above reads."""
    from_github = any(line.split()[0] in GITHUB_WORDS for line in lines)
    drawn = Drawn(GitHubHistory() if from_github else SmallHistory(), from_github)
    for line in lines:
        word = line.split()[0]
        if word not in READERS:
            message = f"no rule reads {line!r}"
            raise ValueError(message)
        READERS[word](drawn, Words(line))
    return drawn


def _line(drawn: Drawn, words: Words) -> None:
    step = float(words.after("step") or 1)
    letters = "".join(words.words)
    drawn.history.line(letters, step=step)


def _commit(drawn: Drawn, words: Words) -> None:
    letter, written = words.first(), words.after("written")
    at, parents = words.time(), words.after("on").replace(",", "")
    more = {
        "written": optional_days(written),
        "author": words.after("by") or "Ada",
        "files": words.after("files").replace(",", " "),
        "branch": not words.has("aside"),
        "message": words.text,
    }
    words.end()
    drawn.history.commit(letter, parents, at=at or 0, **more)


def _tag(drawn: Drawn, words: Words) -> None:
    at = words.time()
    name, letter = words.words
    drawn.history.tag(name, letter, at=at)


def _head(drawn: Drawn, words: Words) -> None:
    number, letter = words.words
    drawn.history.head(int(number), letter)


def _github(drawn: Drawn) -> GitHubHistory:
    assert isinstance(drawn.history, GitHubHistory)
    return drawn.history


def _release(drawn: Drawn, words: Words) -> None:
    at, draft, prerelease = words.time(), words.has("draft"), words.has("prerelease")
    name, letter = words.words
    _github(drawn).release(name, "" if letter == "gone" else letter, at=at, draft=draft, prerelease=prerelease)


def _deploy(drawn: Drawn, words: Words) -> None:
    at, to = words.time(), words.after("to") or "production"
    assert (at is None) == words.has("never"), words.line
    number, letter = words.words
    _github(drawn).deploy(int(number), letter, at=at, to=to)


def _pull(drawn: Drawn, words: Words) -> None:
    number, merged = int(words.first()), words.time()
    assert merged is not None, words.line
    title, _, body = words.text.partition("\n\n")
    more: dict[str, Any] = {"title": title} if title else {}
    created, ready, review = (optional_days(words.after(name)) for name in ("created", "ready", "review"))
    if ready is not None:
        more["ready_at"] = day(ready)
    if review is not None:
        more["first_review_at"] = day(review)
    branch, commits = words.after("branch"), words.after("commits")
    if branch:
        more["head_branch"] = branch
    more["is_bot"] = words.has("bot")
    more["labels"] = listed(words.after("labels"))
    more["closes"] = tuple(map(int, listed(words.after("closes"))))
    more["base"] = words.after("base") or "main"
    merge, head = words.after("merge"), words.after("head")
    words.end()
    own = commits.replace(",", "") if commits else None
    _github(drawn).pull(number, merged=merged, merge=merge, head=head, commits=own, created=created, body=body, **more)


def _issue(drawn: Drawn, words: Words) -> None:
    number, opened, closed = int(words.first()), words.after("opened"), words.after("closed")
    title, _, body = words.text.partition("\n\n")
    fix, labels = words.after("by"), words.after("labels")
    words.end()
    more: dict[str, Any] = {"labels": listed(labels)} if labels else {}
    if fix:
        more |= {"by_pull": int(fix[1:])} if fix.startswith("#") else {"by_commit": fix}
    more["title"] = title or "Checkout is down"
    _github(drawn).incident(number, opened=days_of(opened), closed=optional_days(closed), body=body, **more)


def _person(drawn: Drawn, words: Words) -> None:
    key, column, equals, *value = words.words
    assert equals == "=", words.line
    said = " ".join(value)
    drawn.history.say(key, **{column: format_utc(moment(said)) if said.startswith("@") else said})


def _setting(drawn: Drawn, words: Words) -> None:
    key, equals, *value = words.words
    assert equals == "=", words.line
    said = " ".join(value)
    if key in CALCULATED:
        drawn.calculating[key] = CALCULATED[key](said)
    else:
        drawn.judging[key] = _typed(key, said)


def _typed(key: str, said: str) -> Any:
    if key in ("sources", "bots", "incident_labels"):
        return listed(said)
    if said in ("true", "false"):
        return said == "true"
    return int(said) if said.isdigit() else said


def _service(drawn: Drawn, words: Words) -> None:
    name, files, tags = words.first(), words.after("files"), words.after("tags")
    words.end()
    drawn.history.services += (ServiceSettings(name, files, tags),)


def _as_of(drawn: Drawn, words: Words) -> None:
    drawn.as_of = moment(words.words[-1])


def _nothing_more(_drawn: Drawn, words: Words) -> None:
    words.end()


READERS: dict[str, Callable[[Drawn, Words], None]] = {
    "line": _line,
    "commit": _commit,
    "tag": _tag,
    "head": _head,
    "release": _release,
    "deploy": _deploy,
    "pull": _pull,
    "issue": _issue,
    "person": _person,
    "setting": _setting,
    "service": _service,
    "as": _as_of,
    "github": _nothing_more,
}
