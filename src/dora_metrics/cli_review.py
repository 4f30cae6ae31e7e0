"""`review` talks to a person: one row at a time, y, n, or a word about where to go; what was answered is kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dora_metrics.cli_signals import StoppedError
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.domain.typed_values import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dora_metrics.cli_run import Run
    from dora_metrics.pipeline.review_session import OpenQuestion, ReviewSession
    from dora_metrics.pipeline.workspace import RunSummary
    from dora_metrics.processors.review_questions import ReviewQuestion

HELP = "y yes · n no · s skip · b back · q quit and keep the answers · ? this"
SKIP, BACK, QUIT = "skip", "back", "quit"
WORDS = ("yes", "no", SKIP, BACK, QUIT)


def ask_through(run: Run, session: ReviewSession) -> RunSummary:
    """Ask about each row that needs a person, then import the answers; Ctrl-C and the end of input are `quit`."""
    if session.resumed:
        run.say([f"Answers of an interrupted review taken up: {session.resumed}."])
    if session.asked:
        run.say([HELP])
    try:
        _ask_all(session)
    except (EOFError, click.Abort, KeyboardInterrupt, StoppedError):
        _tell("")
    return session.finish()


def _ask_all(session: ReviewSession) -> None:
    todo = [asked for asked in session.asked if asked.place not in session.answers]
    steps = [(asked, question) for asked in todo for question in asked.questions]
    place = 0
    while place < len(steps):
        asked, question = steps[place]
        _show(asked, f"{place + 1} of {len(steps)}")
        answer = _ask(question)
        if answer == QUIT:
            return
        if answer == BACK:
            place = max(place - 1, 0)
            _forget(session, *steps[place])
            continue
        session.answer(asked.place, _decisions(session, asked, question, answer))
        for key, decisions in question.yes_elsewhere.items() if answer == "yes" else ():
            session.answer((*asked.place[:2], key), decisions)
        place += 1


def _forget(session: ReviewSession, asked: OpenQuestion, question: ReviewQuestion) -> None:
    session.forget(asked.place, question.columns)
    for key, decisions in question.yes_elsewhere.items():
        session.forget((*asked.place[:2], key), decisions.keys())


def _decisions(session: ReviewSession, asked: OpenQuestion, question: ReviewQuestion, answer: str) -> Mapping[str, str]:
    """What the answer decides; nothing when it was skipped."""
    if answer == SKIP:
        return {}
    if answer == "yes" or not question.column:
        return question.yes if answer == "yes" else question.no
    typed = _ask_for(session, asked, question)
    return {question.column: typed} if typed else {}


def _show(asked: OpenQuestion, number: str) -> None:
    row = asked.row
    named = f"  [{row.deployment}]" if row.deployment and row.deployment not in row.title else ""
    lines = (
        f"{number}  {format_utc(row.date)[:10]}  {row.repository} {row.service}".rstrip(),
        f"  {row.title}{named}",
        f"  {row.proposal}: {row.reason} (confidence {row.confidence})",
        f"  it can move the {row.moves}" if row.moves else "",
        f"  {row.url}" if row.url else "",
    )
    _tell("\n".join(["", *filter(None, lines)]))


def _ask(question: ReviewQuestion) -> str:
    """One of `WORDS`, typed whole or by its first letter; an empty line skips."""
    while True:
        typed = _line(f"  {question.text} [y/n/s/b/q] ").lower()
        for word in WORDS:
            if typed in (word, word[0]) or (not typed and word == SKIP):
                return word
        _tell(f"  {HELP}")


def _ask_for(session: ReviewSession, asked: OpenQuestion, question: ReviewQuestion) -> str:
    """What the person types into the question's column, as it will be stored; empty when they leave it."""
    while True:
        typed = _line(f"  What then? {question.hint} (an empty line skips): ")
        if not typed:
            return ""
        try:
            return session.read(asked.place, question.column, typed)
        except Unreadable as unreadable:
            _tell(f"  {typed!r} {unreadable.problem}; {unreadable.remedy}")


def _tell(text: str) -> None:
    """To stderr: questions are no results."""
    click.echo(text, err=True)


def _line(prompt: str) -> str:
    """One line from the person, without the space around it. Raises `EOFError` when there is none."""
    click.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()
