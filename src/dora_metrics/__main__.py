"""`python -m dora_metrics` and the command `dora-metrics`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from dora_metrics.cli import cli  # noqa: PLC0415 (the import is the start-up cost, and belongs to the run)

    cli()


if __name__ == "__main__":
    main()
