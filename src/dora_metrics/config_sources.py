"""The settings in force: option before environment before file before default; each error names its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.config import RepositorySettings, Settings
from dora_metrics.config_file import FileValues, find_file, read_file
from dora_metrics.config_kinds import WrongValueError
from dora_metrics.config_table import SETTINGS, Setting
from dora_metrics.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_VALUE = 60
Given = Mapping[str, object]
"""Values by the name of the setting, such as `tag_pattern` or `storage_path`."""


@dataclass(frozen=True)
class Loaded:
    """The settings, and the folder that their relative paths mean."""

    settings: Settings
    root: Path
    file: Optional[Path]
    """The configuration file, when one was read."""

    @classmethod
    def defaults(cls, folder: Path) -> Loaded:
        """What nobody has changed."""
        return cls(Settings(), root=folder, file=None)


def load(*, file: Optional[Path], cwd: Path, environ: Mapping[str, str], options: Given) -> Loaded:
    """What counts for a command that runs in `cwd`; without `file`, the nearest dora-metrics.toml is read.

    `options` are the texts (flags: booleans) of the command line; `None` means not given, and so does an environment
    variable that is empty. Raises `ConfigurationError`.
    """
    path = file or find_file(cwd)
    values = read_file(path, shown_as=_shown_path(path, cwd)) if path else FileValues()
    root = path.parent if path else cwd
    layers = [from_environment(environ), from_options(options)]
    settings = merge(_from_file(values), layers)
    return Loaded(settings=check_together(_relative_to(root, cwd, settings, layers)), root=root, file=path)


def override(settings: Settings, *, cwd: Path, root: Path, environ: Mapping[str, str], options: Given) -> Settings:
    """`settings` with what environment and options say on top. Raises `ConfigurationError`."""
    layers = [from_environment(environ), from_options(options)]
    return check_together(_relative_to(root, cwd, merge(settings, layers), layers))


def from_options(options: Given) -> Given:
    """The checked values of the options that were given. Raises `ConfigurationError`."""
    given = {setting: options.get(setting.name) for setting in SETTINGS}
    return {
        setting.name: value if isinstance(value, bool) else _read(setting, str(value), f"{setting.option} {{}}")
        for setting, value in given.items()
        if value is not None
    }


def from_environment(environ: Mapping[str, str]) -> Given:
    """The checked values of the environment variables that are set and not empty. Raises `ConfigurationError`."""
    found = {}
    for setting in SETTINGS:
        variable = next((name for name in setting.variables if environ.get(name)), None)
        if variable:
            found[setting.name] = _read(setting, environ[variable], f"{variable}={{}}")
    return found


def merge(settings: Settings, layers: Iterable[Given]) -> Settings:
    """`settings` with each layer of checked values on top of the earlier ones. Raises `ConfigurationError`."""
    for layer in layers:
        for section in ("deployments", "failures", "metrics", "review", "privacy", "github", "storage", "notify"):
            record = replace(getattr(settings, section), **_of_section(section, layer))
            settings = replace(settings, **{section: record})
        ours = _of_section("repository", layer)
        if ours:
            settings = replace(settings, repositories=(_only(settings, ours),))
    return settings


def check_together(settings: Settings) -> Settings:
    """`settings`, when its values also suit each other. Raises `ConfigurationError`."""
    storage, github = settings.storage, settings.github
    if storage.type == "s3" and not storage.s3_bucket:
        message = "[storage] type is s3, but no bucket is named"
        raise ConfigurationError(message, remedy="set s3_bucket, --s3-bucket or DORA_S3_BUCKET")
    if storage.type == "local" and not storage.path:
        message = "[storage] path is empty"
        raise ConfigurationError(message, remedy="name a folder, such as data")
    if github.page_size > github.max_page_size:
        message = f"[github] page_size {github.page_size} is larger than max_page_size {github.max_page_size}"
        raise ConfigurationError(message, remedy="make page_size smaller")
    if any(item.services and item.path_prefix for item in settings.repositories):
        message = "[repository] has both path_prefix and services"
        raise ConfigurationError(message, remedy="keep services: each has a path_prefix of its own")
    places = [(item.path, item.url, item.path_prefix) for item in settings.repositories]
    if len(set(places)) < len(places):
        message = "two of the [[repository]] sections name the same repository"
        raise ConfigurationError(message, remedy="remove one; several parts of one repository are its `services`")
    return settings


def _from_file(values: FileValues) -> Settings:
    flat: dict[str, object] = {}
    for setting in SETTINGS:
        of_section = values.sections.get(setting.section, {})
        if setting.key in of_section:
            flat[setting.name] = of_section[setting.key]
    repositories = tuple(_with(RepositorySettings(), keys) for keys in values.repositories)
    return replace(merge(Settings(), [flat]), repositories=repositories)


def _only(settings: Settings, keys: Given) -> RepositorySettings:
    if len(settings.repositories) > 1:
        options = ", ".join(setting.option for setting in SETTINGS if _is(setting, keys))
        message = f"{options} could mean any of the {len(settings.repositories)} repositories in the file"
        raise ConfigurationError(message, remedy="set it below each [[repository]] in the file instead")
    return _with(settings.repositories[0], keys)


def _is(setting: Setting, keys: Given) -> bool:
    return setting.section == "repository" and setting.key in keys


def _with(repository: RepositorySettings, keys: Any) -> RepositorySettings:
    """`repository` with `keys` on top; a path replaces an earlier URL, a URL an earlier path."""
    default = RepositorySettings()
    if keys.get("url") and keys.get("path", default.path) != default.path:
        message = "a repository has both a path and a url"
        raise ConfigurationError(message, remedy="keep the one to read from")
    if keys.get("url"):
        keys = {**keys, "path": default.path}
    elif "path" in keys:
        keys = {**keys, "url": ""}
    return replace(repository, **keys)


def _of_section(section: str, layer: Given) -> dict[str, Any]:
    rows = (setting for setting in SETTINGS if setting.section == section)
    return {setting.key: layer[setting.name] for setting in rows if setting.name in layer}


def _read(setting: Setting, text: str, source: str) -> object:
    try:
        return setting.kind.check(setting.kind.from_text(text))
    except WrongValueError as error:
        cut = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
        message = f"{source.format(cut or chr(34) * 2) if error.show else source[:-3]} {error.fault}"
        raise ConfigurationError(message, remedy=error.remedy) from error


def _relative_to(root: Path, cwd: Path, settings: Settings, layers: Iterable[Given]) -> Settings:
    """Paths typed by a person mean the folder they stand in, not the file's: made absolute where these differ."""
    typed = {name for layer in layers for name in layer}
    if root == cwd:
        return settings
    if "repository_path" in typed and not settings.repositories[0].url:
        first = settings.repositories[0]
        settings = replace(settings, repositories=(replace(first, path=str(cwd / first.path)),))
    if "storage_path" in typed and settings.storage.type == "local":
        settings = replace(settings, storage=replace(settings.storage, path=str(cwd / settings.storage.path)))
    return settings


def _shown_path(path: Path, cwd: Path) -> str:
    return path.name if path.parent == cwd else str(path)
