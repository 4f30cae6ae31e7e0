"""`python -m dora_metrics` and the command `dora-metrics`."""

from __future__ import annotations

import gc
import sys

INTERRUPTED = 130
YOUNG_OBJECTS = 100_000
"""Python looks for cycles after so many new objects, not after its 700 to 2,000: a history is hundreds of thousands of
records, none of which is in a cycle, and looking through them again and again is a tenth of a long run."""
RARELY = 50
"""Times that before it looks through the older ones."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(YOUNG_OBJECTS, RARELY, RARELY)
    try:
        from dora_metrics.cli import cli  # noqa: PLC0415 (the import is the start-up cost, and belongs to the run)
    except KeyboardInterrupt:  # Ctrl-C before there is anything that could tell of it
        sys.stderr.write("error: interrupted; run the same command again\n")
        raise SystemExit(INTERRUPTED) from None
    cli()


if __name__ == "__main__":
    main()
