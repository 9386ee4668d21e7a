"""``layerwright config`` and ``config get``: show the effective values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.cli.config._loaded import Loaded, load, load_for
from layerwright.config.reading import DEFAULT, Setting, configure
from layerwright.config.sources import POLICY
from layerwright.config.tables import keys_of, nearest
from layerwright.config.values import plain, shown
from layerwright.errors import UserError
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["get", "run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Show every setting with its value and origin, as a table or as JSON."""
    loaded = load(arguments.app, environment, option=arguments.directory)
    settings = _settings(loaded)
    if arguments.json:
        document = {
            "settings": [_as_json(setting) for setting in settings],
            "warnings": [redacted(warning) for warning in loaded.plugins.warnings],
        }
        log.json(document)
        return 0
    loaded.tell_choice(log)
    rows = [(setting.key, _words(setting.value), setting.origin) for setting in settings]
    log.table(("key", "value", "from"), rows)
    loaded.warn(log)
    return 0


def get(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Print the value of one setting, without quotes: an array a line for each item, nothing if it is not set."""
    loaded = load_for(arguments.app, arguments.key, environment)
    settings = {setting.key: setting.value for setting in _settings(loaded)}
    if arguments.key not in settings:
        question = nearest(arguments.key, settings)
        raise UserError(
            f"There is no setting {arguments.key}{question or '.'}",
            remedy="`layerwright config` lists the settings.",
            reference="configuration",
        )
    value = settings[arguments.key]
    for item in value if isinstance(value, list | tuple) else () if value is None else (value,):
        log.line(redacted(item) if isinstance(item, str) else shown(plain(item)))
    return 0


def _settings(loaded: Loaded) -> tuple[Setting[Any], ...]:
    found = configure(loaded.sources.without(loaded.left_out), loaded.plugins.tables).settings
    # Most applications have no policy, and a build does not import its rules for their defaults.
    from layerwright.config.policy.models import TABLES, PolicySettings

    known = {setting.key for setting in found}
    rules = {f"{POLICY}.{key}": field for key, field in keys_of(PolicySettings).items() if key not in TABLES}
    unset = [
        Setting(key=key, value=field.default, help=field.metadata["help"])
        for key, field in rules.items()
        if key not in known
    ]
    return (*found, *unset)


def _as_json(setting: Setting[Any]) -> dict[str, object]:
    return {
        "key": setting.key,
        "value": plain(setting.value),
        "origin": setting.origin,
        "is-default": setting.origin == DEFAULT,
        "help": setting.help,
    }


def _words(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        # Items of several words, such as commands, would run into each other.
        value = (", " if any(" " in item for item in value) else " ").join(value)
    # Redacted before the columns are aligned.
    return redacted(str(value))
