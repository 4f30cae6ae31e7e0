"""Telling people that they are needed, after a run: a notification, and the summary of a CI job. Never fails a run."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dora_metrics.notify import Message, notify
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.announcement import LARGEST_SUMMARY, Asked, body, job_summary, subject

SUMMARY_FILE = "GITHUB_STEP_SUMMARY"

logger = logging.getLogger("dora_metrics.pipeline")


def announce(workspace: Workspace, asked: Asked, sentences: Sequence[str], *, notifies: bool) -> None:
    """Append to the CI job's summary, where there is one; with `notifies`, send a message when a new question has come.

    What cannot be written or sent is a warning. Old questions alone send nothing: a nightly run that repeats itself is
    soon read by nobody.
    """
    write_job_summary(workspace.environ, job_summary(asked, sentences))
    if notifies and asked.fresh:
        message = Message(subject(asked), body(asked))
        for problem in notify(workspace.settings.notify.targets, workspace.environ, message):
            logger.warning("%s", problem)


def run_link(environ: Mapping[str, str]) -> str:
    """The page of the GitHub Actions run that this is; empty elsewhere."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def write_job_summary(environ: Mapping[str, str], text: str) -> None:
    """Append `text` to the file that GitHub Actions shows on the run's page; nothing happens elsewhere.

    Where the step's summary would grow beyond what GitHub takes nothing is written, since then it would show nothing.
    """
    name = environ.get(SUMMARY_FILE, "")
    if not name:
        return
    content = text.encode()
    try:
        with Path(name).open("ab") as file:
            if file.seek(0, os.SEEK_END) + len(content) <= LARGEST_SUMMARY:
                file.write(content)
                return
        logger.warning("the job summary is full: GitHub takes 1 MiB for a step")
    except OSError as error:
        logger.warning("the job summary could not be written (%s)", error.strerror)
