from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest

from dora_metrics import __version__
from dora_metrics.cli import SUMMARIES, cli
from dora_metrics.cli_options import ANALYSIS, EVERY_SECTION, IMPORT, STORE
from dora_metrics.config_kinds import Flag
from dora_metrics.config_table import SECTIONS, SETTINGS, settings_of
from support.command_line import invoke

if TYPE_CHECKING:
    from click.testing import Result

COMMANDS = ["init", "extract", "update", "import", "review", "calculate", "report", "status", "explain", "log"]
COMMANDS += ["verify", "auth", "demo"]
HEAVY = ("pandas", "numpy", "boto3", "httpx", "jinja2", "dora_metrics.pipeline", "dora_metrics.storage")


@cache
def help_of(*arguments: str) -> str:
    """The help text on one line, with words that were broken at a hyphen mended."""
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    text = re.sub(r"(?<=\w-)\n\s+", "", result.stdout)
    return " ".join(text.split())


def run(*arguments: str) -> Result:
    return invoke(*arguments)


def test_the_commands_stand_in_the_order_in_which_they_are_needed() -> None:
    assert list(cli.commands) == COMMANDS
    text = help_of()
    places = [text.index(f" {name} {SUMMARIES[name]}") for name in COMMANDS]
    assert places == sorted(places)


def test_without_a_command_there_is_help_and_no_error() -> None:
    """Versions of click differ here."""
    alone = run()

    assert alone.exit_code == 0
    assert alone.stdout == run("--help").stdout
    assert alone.stderr == ""


def test_the_version() -> None:
    assert run("--version").stdout == f"dora-metrics, version {__version__}\n"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_explained_with_option_variable_and_default(setting: object) -> None:
    row = next(row for row in SETTINGS if row is setting)
    text = help_of("extract")
    shown = text[text.index(f" {row.option} ") :]
    shown = shown[: shown.index("]", shown.index("[env var:")) + 1]

    assert row.explanation in shown
    assert row.variables[0] in shown
    if row.default not in {"", ()}:
        assert "default: " in shown
    if isinstance(row.kind, Flag):
        assert f"/ --no-{row.option[2:]} " in shown


@pytest.mark.parametrize(
    ("command", "sections"),
    [
        ("init", EVERY_SECTION),
        ("extract", EVERY_SECTION),
        ("update", EVERY_SECTION),
        ("import", IMPORT),
        ("calculate", ANALYSIS),
        ("report", ANALYSIS),
        ("status", ANALYSIS),
        ("explain", ANALYSIS),
        ("log", STORE),
        ("verify", STORE),
        ("demo", ()),
    ],
)
def test_help_groups_what_matters_to_the_command(command: str, sections: tuple[str, ...]) -> None:
    text = help_of(command)
    titles = [f"Settings [{section}] ({SECTIONS[section]}):" for section in sections]

    places = [text.index(title) for title in [*titles, "Every command:"]]
    assert places == sorted(places)
    for section in SECTIONS:
        assert (f"Settings [{section}]" in text) == (section in sections)
        for setting in settings_of(section):
            assert (f" {setting.option} " in text) == (section in sections)
    for option in ("--log-format", "--quiet", "--verbose", "--help"):
        assert option in text[places[-1] :]
    assert ("--config" in text) == (command != "demo")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_help_and_a_variable_of_its_own(command: str) -> None:
    options = [param for param in cli.commands[command].params if param.param_type_name == "option"]

    for option in options:
        assert getattr(option, "help", "")
        assert "[env var: DORA_" in help_of(command)[help_of(command).index(max(option.opts, key=len)) :]
    variables = [option.envvar for option in options if option.envvar]
    assert len(set(variables)) == len(variables)


def test_a_variable_means_one_thing_in_all_commands() -> None:
    """One value in the environment must suit each command that reads it."""
    meanings: dict[str, set[tuple[str, str]]] = {}
    for command in cli.commands.values():
        for param in command.params:
            if param.envvar:
                kind = ",".join(getattr(param.type, "choices", ())) or param.type.name
                meanings.setdefault(str(param.envvar), set()).add((max(param.opts, key=len), kind))

    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}
    assert not set(meanings) & {name for setting in SETTINGS for name in setting.variables}


@pytest.mark.parametrize(
    ("words", "index", "expected"),
    [
        ("dora-metrics ex", "1", {"extract", "explain"}),
        ("dora-metrics calculate --period q", "3", {"quarterly"}),
        ("dora-metrics calculate --format ", "3", {"table", "json", "csv", "markdown"}),
        ("dora-metrics extract --tag-p", "2", {"--tag-pattern"}),
    ],
)
def test_the_shell_completes(words: str, index: str, expected: set[str]) -> None:
    environ = {"_DORA_METRICS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": index}
    finished = subprocess.run(
        [sys.executable, "-m", "dora_metrics"],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert {line.partition(",")[2] for line in finished.stdout.splitlines()} == expected


@pytest.mark.parametrize("arguments", [["--help"], ["extract", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['dora-metrics', *{arguments!r}]\n"
        "from dora_metrics.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as done:\n    assert not done.code\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], sep=',', file=sys.stderr)\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=20)

    assert finished.stderr == "\n"
