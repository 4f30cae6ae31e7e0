"""One call of the program, from its arguments to its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dora_metrics.cli_run import App

PROGRAM = "dora-metrics"


class Call:
    """What is known before any command is: its arguments; and, once a command runs, how it logs."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = arguments
        self.app: Optional[App] = None
