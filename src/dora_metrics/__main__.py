"""`python -m dora_metrics` and the command `dora-metrics`."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    try:
        from dora_metrics.cli import cli  # noqa: PLC0415 (the import is the start-up cost, and belongs to the run)
    except KeyboardInterrupt:  # Ctrl-C before there is anything that could tell of it
        sys.stderr.write("error: interrupted; run the same command again\n")
        raise SystemExit(INTERRUPTED) from None
    cli()


if __name__ == "__main__":
    main()
