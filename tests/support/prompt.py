"""The command line in this process, with its two output streams apart."""

from __future__ import annotations

import inspect
from typing import Any

from click.testing import CliRunner, Result

from dora_metrics.cli import cli

APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}
"""Newer versions of click keep the streams apart by themselves."""


def invoke(*arguments: str, **attributes: Any) -> Result:
    """What `dora-metrics ARGUMENTS` did; `input` and `env` as click's runner takes them."""
    return CliRunner(**APART).invoke(cli, list(arguments), **attributes)
