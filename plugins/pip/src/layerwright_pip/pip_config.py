"""Read pip's settings from its configuration files and the environment, with pip's precedence.

See "Configuration" in pip's documentation. The files are the global ones, the user's, and the one that
``PIP_CONFIG_FILE`` names. The section ``[install]`` of any file wins over ``[global]`` of any file, and the
environment wins over both.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import SecretStr, UserError, redacted
from layerwright_pip.requirement import without_credentials
from layerwright_pip.reserved import RESERVED_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from configparser import Error

    from layerwright import Project

__all__ = [
    "WITHOUT_EFFECT",
    "PipSetting",
    "absolute_paths",
    "building_settings",
    "index_environment",
    "read_settings",
    "refuse_reserved",
    "setting_inputs",
]

_ENVIRONMENT: Final = ":env:"
_ORDER: Final = ("global", "install", _ENVIRONMENT)

# How to reach an index. This cannot change what comes from there.
_TRANSPORT: Final = frozenset({
    "cert", "client-cert", "default-timeout", "keyring-provider", "no-proxy-env", "proxy", "resume-retries",
    "retries", "timeout", "trusted-host",
})  # fmt: skip
_INDEX: Final = frozenset({"extra-index-url", "find-links", "index-url", "no-index", "pypi-url"})
_PATHS: Final = frozenset({"cert", "client-cert", "find-links"})
WITHOUT_EFFECT: Final = frozenset({
    "break-system-packages", "cache-dir", "compile", "config-file", "debug", "disable-pip-version-check",
    "exists-action", "json", "local-log", "log", "log-file", "no-cache-dir", "no-clean", "no-color",
    "no-compile", "no-input", "no-python-version-warning", "no-warn-conflicts", "no-warn-script-location",
    "progress-bar", "quiet", "require-venv", "require-virtualenv", "root-user-action", "verbose",
})  # fmt: skip
"""What pip prints, asks or stores: this does not change what is installed."""

_BUILDING: Final = frozenset({
    "build-constraint", "build-option", "config-setting", "config-settings", "global-option",
    "no-build-isolation", "no-use-pep517", "use-pep517",
})  # fmt: skip


class PipSetting(NamedTuple):
    """A setting: its name as in a configuration file, its value, and the file or variable that sets it."""

    name: str
    value: str
    origin: str


def read_settings(project: Project, environment: Mapping[str, str]) -> dict[str, PipSetting]:
    """Return the settings that apply to ``pip install`` in the application directory, by name."""
    sections: dict[str, dict[str, PipSetting]] = {section: {} for section in _ORDER}
    for file in _files(project, environment):
        for section, setting in _settings(project, file):
            if section in sections:
                sections[section][setting.name] = setting
    for variable, value in environment.items():
        name = _normal(variable.removeprefix("PIP_"))
        if variable.startswith("PIP_") and name not in {"version", "help", "config-file"}:
            sections[_ENVIRONMENT][name] = PipSetting(name=name, value=value, origin=variable)
    return {name: s for section in _ORDER for name, s in sections[section].items() if s.value}


def refuse_reserved(settings: Mapping[str, PipSetting]) -> None:
    """Raise ``UserError`` if pip's configuration has reserved settings. The error names all of them."""
    found = [setting for name, setting in sorted(settings.items()) if name in RESERVED_SETTINGS]
    if found:
        raise UserError(
            "pip's configuration sets options that Layerwright controls.",
            cause="\n".join(f"{setting.origin} sets {setting.name}." for setting in found),
            remedy="Remove those settings, or build with PIP_CONFIG_FILE=/dev/null.",
            reference="reserved-pip-setting",
        )


def index_environment(settings: Mapping[str, PipSetting], project: Project) -> dict[str, str | SecretStr]:
    """Return the variables that tell pip, in any directory, where the index is and how to reach it."""
    found: dict[str, str | SecretStr] = {}
    for name in sorted(settings.keys() & (_INDEX | _TRANSPORT)):
        value = settings[name].value
        if name in _PATHS:
            value = absolute_paths(value, project)
        secret = redacted(value) != value
        found[f"PIP_{name.upper().replace('-', '_')}"] = SecretStr(value) if secret else value
    return found


def absolute_paths(value: str, project: Project) -> str:
    """Return *value*, paths and URLs separated by spaces, with absolute paths, so that it works in any directory."""
    return " ".join(
        word if ":" in word or word.startswith(("/", "~")) else str(project.path(word))
        for word in value.split()
    )


def setting_inputs(settings: Mapping[str, PipSetting]) -> dict[str, str]:
    """Return each setting that can change what is installed, without secrets."""
    counted = sorted(settings.keys() - _TRANSPORT - WITHOUT_EFFECT)
    return {f"pip setting {name}": redacted(without_credentials(settings[name].value)) for name in counted}


def building_settings(settings: Mapping[str, PipSetting]) -> tuple[str, ...]:
    """Return the settings that change how distributions are built, and so what is installed."""
    return tuple(f"pip setting {name} changes builds" for name in sorted(settings.keys() & _BUILDING))


def _files(project: Project, environment: Mapping[str, str]) -> Iterator[str]:
    own = environment.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return
    home = environment.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
    for directory in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield f"{directory}/pip/pip.conf"
    yield "/etc/pip.conf"
    if not (own and project.path(own).exists()):
        yield f"{home}/.pip/pip.conf"
        yield f"{environment.get('XDG_CONFIG_HOME') or f'{home}/.config'}/pip/pip.conf"
    if own:
        yield own


def _settings(project: Project, file: str) -> Iterator[tuple[str, PipSetting]]:
    try:
        text = None if project.read(file) is None else project.text(file)
    except UserError:
        # pip skips files that it may not read. The user of a build often may not read /etc/pip.conf.
        return
    if text is None:
        return
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(text, source=file)
    except Error as error:
        raise UserError(
            f"{file} is not a valid pip configuration file.",
            cause=f"{_words(project, file, error)}.",
            remedy=f"Correct {file}.",
            reference="malformed-pip-configuration",
        ) from error
    for section in parser.sections():
        for name, value in parser.items(section):
            yield section, PipSetting(name=_normal(name), value=value, origin=file)


def _words(project: Project, file: str, error: Error) -> str:
    if not project.is_outside(file):
        return error.message
    # The machine's pip.conf is such a file. Show the number of the line, but not its text, which may be a secret.
    of_all = [number for number, _ in getattr(error, "errors", ())]
    numbers = of_all or [getattr(error, "lineno", None)]
    return f"Line {', '.join(map(str, numbers))}: {project.quoted(file, '')}"


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")
