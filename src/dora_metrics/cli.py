"""The command line: which commands there are. What they do is in `cli_commands.py`, read only when one is called.

`--help` must come at once, so nothing is imported here but click and a few lines of ours.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Optional

import click

from dora_metrics import __version__
from dora_metrics.cli_call import PROGRAM, Call
from dora_metrics.cli_output import close_quietly, emit, flushed
from dora_metrics.cli_signals import BROKEN_PIPE, stopping_on_signals

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

COMPLETION = "_DORA_METRICS_COMPLETE"
EPILOG = f"In a clone: {PROGRAM} init, then {PROGRAM} extract --full, then {PROGRAM} report."
SUMMARIES = {
    "init": "Look at a repository, propose settings, write dora-metrics.toml.",
    "extract": "Fetch what is missing, write the review file.",
    "update": "Fetch only what is new since the last run.",
    "import": "Take the decisions of a filled-in review file.",
    "review": "Answer in the terminal what needs a person.",
    "calculate": "Show the five metrics.",
    "report": "Write the report as one file.",
    "status": "Show where the data stand and what to do next.",
    "explain": "Say why a number is what it is.",
    "log": "Show every modification ever made.",
    "verify": "Check the history and every stored file.",
    "auth": "Keep the token for GitHub in the system's credential store.",
    "demo": "Take a sample project through all the steps.",
}
"""The commands in the order in which a person needs them."""


class DoraGroup(click.Group):
    """All commands; every failure ends here, as one line and an exit code."""

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """The commands themselves: reading this imports them."""
        from dora_metrics.cli_commands import COMMANDS

        return COMMANDS

    @commands.setter
    def commands(self, _none: object) -> None:
        """Nothing to set: click's constructor tries to."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in order."""
        del ctx
        return list(SUMMARIES)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names with a line each, without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[Optional[str], Optional[click.Command], list[str]]:
        """The command that `args` begin with. Raises `ConfigurationError` with the name that was probably meant."""
        if args and args[0] not in SUMMARIES and not args[0].startswith("-") and not ctx.resilient_parsing:
            from dora_metrics.cli_errors import no_such_command

            raise no_such_command(args[0], SUMMARIES)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Optional[Sequence[str]] = None,
        prog_name: Optional[str] = None,
        complete_var: Optional[str] = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command line and exit with its code; without `standalone_mode` give the code back."""
        del prog_name  # whatever we were started as, this is how a person starts us
        if os.environ.get(COMPLETION):
            return super().main(args, PROGRAM, complete_var, standalone_mode, **extra)
        code = self._run(Call(sys.argv[1:] if args is None else list(args)), extra)
        if code and args is None and (code == BROKEN_PIPE or not flushed()):
            close_quietly()  # else what Python still flushes at its end would make the code another one
        return sys.exit(code) if standalone_mode else code

    def _run(self, call: Call, extra: Mapping[str, Any]) -> int:
        try:
            with stopping_on_signals(), self.make_context(PROGRAM, list(call.arguments), obj=call, **extra) as ctx:
                return int(self.invoke(ctx) or 0)
        except click.exceptions.Exit as done:
            return done.exit_code
        except BaseException as error:  # the last place that can tell a person
            if isinstance(error, (SystemExit, GeneratorExit)):
                raise
            from dora_metrics.cli_run import complain

            return complain(error, call)


@click.group(
    cls=DoraGroup,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name=PROGRAM)
@click.pass_context
def cli(context: click.Context) -> None:
    """DORA metrics from the history that is already there."""
    if context.invoked_subcommand is None:
        emit(context.get_help())
