"""Options: those that every command has, those that stand for settings, and how `--help` groups them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Callable, Optional

import click

from dora_metrics.config_kinds import Flag
from dora_metrics.config_table import SECTIONS, Setting, settings_of
from dora_metrics.config_writing import quoted
from dora_metrics.errors import ConfigurationError
from dora_metrics.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    Choice = click.Choice[str]
    ParamType = click.ParamType[str]
else:  # click has generic classes since 8.2 only
    Choice = click.Choice
    ParamType = click.ParamType

LOG_FORMATS = ("text", "json")
SETTING = "setting_"
"""Begins the name of each parameter that stands for a setting."""
EVERY_SECTION = tuple(SECTIONS)
ANALYSIS = ("repository", "deployments", "failures", "metrics", "privacy", "storage")
"""What the numbers depend on, and where they lie."""
IMPORT = (*ANALYSIS, "review")
"""Also how the person's file is read, and written anew."""
STORE = ("storage",)


class OneOf(Choice):
    """A choice that names the value which was probably meant."""

    def convert(self, value: Any, param: Optional[click.Parameter], ctx: Optional[click.Context]) -> Any:
        """The value itself. Raises `ConfigurationError`."""
        del ctx
        if value in self.choices:
            return value
        names = [str(choice) for choice in self.choices]
        message = f"{_source(param, value)} is none of {', '.join(names)}"
        raise ConfigurationError(message, remedy=did_you_mean(str(value), names, otherwise=f"write {names[0]}"))


class SettingText(ParamType):
    """The text for a setting, checked later together with its other sources."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.name = setting.kind.metavar

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The values that begin like this."""
        del ctx, param
        from click.shell_completion import CompletionItem

        return [CompletionItem(offer) for offer in self.setting.kind.offers if offer.startswith(incomplete)]


class SettingOption(click.Option):
    """The option of one setting; `None` means not given."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        default = setting.default
        shown = ",".join(default) if isinstance(default, tuple) else "" if default == "" else quoted(default).strip('"')
        if isinstance(default, str):
            shown = default
        extra = [f"env var: {', '.join(setting.variables)}", *([f"default: {shown}"] if shown else [])]
        explanation = f"{setting.explanation}.  [{'; '.join(extra)}]"
        name = f"{SETTING}{setting.name}"
        if isinstance(setting.kind, Flag):
            off = setting.option.replace("--", "--no-", 1)
            super().__init__([name, f"{setting.option}/{off}"], default=None, help=explanation)
        else:
            kind = setting.kind
            super().__init__([name, setting.option], type=SettingText(setting), metavar=kind.metavar, help=explanation)


class EverywhereOption(click.Option):
    """An option that every command has."""


def own(*names: str, env: str, **attributes: Any) -> Callable[[Any], Any]:
    """An option of one command, with its environment variable."""
    shown = {} if attributes.get("is_flag") else {"show_default": attributes.get("default") is not None}
    return click.option(*names, envvar=env, show_envvar=True, **{**shown, **attributes})


repository_option = own(
    "--repository", env="DORA_REPOSITORY", metavar="NAME", default="", help="Only this one of several repositories."
)
service_option = own(
    "--service", env="DORA_SERVICE", metavar="NAME", default="", help="Only this one of a repository's services."
)
as_of_option = own("--as-of", env="DORA_AS_OF", metavar="TIME", help="The time or date that counts as now.")


def format_option(*forms: str, env: str, help: str = "How to write it.") -> Callable[[Any], Any]:  # noqa: A002 (click's)
    """How a command writes what it tells, as its argument `format_`; the first of `forms` unless told otherwise."""
    return own("--format", "format_", env=env, type=OneOf(forms), default=forms[0], help=help)


def setting_options(sections: Sequence[str]) -> list[click.Parameter]:
    """The options of all settings in these sections; the commands share them."""
    return [_setting_option(setting) for section in sections for setting in settings_of(section)]


@cache
def _setting_option(setting: Setting) -> SettingOption:
    return SettingOption(setting)


def everywhere_options(*, reads_file: bool) -> list[click.Parameter]:
    """Where the settings stand (where the command has any), and how much is said."""
    config = EverywhereOption(
        ["--config"],
        metavar="PATH",
        envvar="DORA_CONFIG",
        show_envvar=True,
        help="Read this file instead of the nearest dora-metrics.toml.",
    )
    return [
        *([config] if reads_file else []),
        EverywhereOption(
            ["--log-format"],
            type=OneOf(LOG_FORMATS),
            default="text",
            show_default=True,
            envvar="DORA_LOG_FORMAT",
            show_envvar=True,
            help="Logs on stderr: for people, or one JSON object a line.",
        ),
        EverywhereOption(
            ["-q", "--quiet"],
            is_flag=True,
            envvar="DORA_QUIET",
            show_envvar=True,
            help="Only results, warnings, errors.",
        ),
        EverywhereOption(
            ["-v", "--verbose"],
            is_flag=True,
            envvar="DORA_VERBOSE",
            show_envvar=True,
            help="Also what is going on, and tracebacks.",
        ),
    ]


def write_help_groups(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The command's own options first, then the settings by section, then what every command has."""
    groups: dict[str, list[tuple[str, str]]] = {"Options": []}
    last: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        if isinstance(param, SettingOption):
            section = param.setting.section
            groups.setdefault(f"Settings [{section}] ({SECTIONS[section]})", []).append(record)
        elif isinstance(param, EverywhereOption) or "--help" in param.opts:
            last.append(record)
        else:
            groups["Options"].append(record)
    for title, records in [*groups.items(), ("Every command", last)]:
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


def _source(param: Optional[click.Parameter], value: object) -> str:
    """`--format x`, or `DORA_…=x` when the environment says so."""
    variable = param.envvar if param is not None and isinstance(param.envvar, str) else ""
    if variable and os.environ.get(variable) == value:
        return f"{variable}={value}"
    return f"{param.opts[0]} {value}" if param is not None else str(value)
