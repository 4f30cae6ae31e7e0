"""One call of the program, from its arguments to its exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dora_metrics.redaction import Redactor

PROGRAM = "dora-metrics"


class Call:
    """Its arguments; and, once a command runs, how that one logs: known here too when it fails."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = arguments
        self.run_id = os.urandom(8).hex()
        self.log_format = ""
        self.verbosity = 0
        self.redactor: Optional[Redactor] = None
