"""What all commands are: their settings as options, and a `Run` in place of these when one is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dora_metrics.cli_options import everywhere_options, setting_options, write_help_groups

if TYPE_CHECKING:
    from collections.abc import Sequence


class DoraCommand(click.Command):
    """A command whose settings come from options, environment and file."""

    _params: list[click.Parameter]
    _complete: bool

    def __init__(self, *args: Any, sections: Sequence[str] = (), reads_file: bool = True, **attributes: Any) -> None:
        """`sections` are those whose settings are options here; `init` and `demo` read no file."""
        self.sections = sections
        self.has_settings = bool(sections)
        self.reads_file = reads_file and self.has_settings
        super().__init__(*args, **attributes)

    @property
    def params(self) -> list[click.Parameter]:
        """Its own and those of its settings; made when asked for, since a call needs those of one command only."""
        if not self._complete:
            self._complete = True
            self._params += [*setting_options(self.sections), *everywhere_options(reads_file=self.reads_file)]
        return self._params

    @params.setter
    def params(self, own: list[click.Parameter]) -> None:
        """Its own: click's constructor sets them."""
        self._params, self._complete = own, False

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Grouped by what the options are about."""
        write_help_groups(self, ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Read the settings, set up logs and progress, then call the command with a `Run`."""
        from dora_metrics.cli_run import run_in

        with run_in(ctx.obj, ctx.params, has_settings=self.has_settings, reads_file=self.reads_file) as run:
            ctx.obj = run
            return super().invoke(ctx)
