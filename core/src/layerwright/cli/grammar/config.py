"""The grammar of ``layerwright config``, the commands below it, and ``use``."""

from __future__ import annotations

from typing import Any

from layerwright.cli.grammar.command import JSON, Parser, add_application, add_tree, command

__all__ = ["add_config"]


def add_config(commands: Any) -> None:
    """Add the commands to *commands*."""
    show = command(
        commands,
        "config",
        "show the effective configuration and where each value comes from",
        "config.show",
    )
    add_tree(show)
    show.add_argument("--json", action="store_true", help=JSON)

    get = command(commands, "config get", "print the effective value of a setting", "config.show", "get")
    _key(get)
    add_application(get)

    change = command(
        commands, "config set", "set a value in the application's configuration file", "config.change"
    )
    _key(change)
    change.add_argument("value", metavar="VALUE", help="for example true")
    add_application(change)

    unset = command(
        commands,
        "config unset",
        "remove a value from the application's configuration file",
        "config.change",
        "unset",
    )
    _key(unset)
    add_application(unset)

    schema = command(
        commands,
        "config schema",
        "print the JSON Schema of the configuration, for editors",
        "config.schema",
    )
    schema.add_argument(
        "--for",
        dest="file",
        metavar="NAME",
        choices=("layerwright", "pyproject"),
        default="layerwright",
        help="the file: layerwright for layerwright.toml (default), or pyproject for pyproject.toml",
    )
    schema.add_argument("--app", metavar="DIR", help="also add what the application in DIR declares itself")

    use = command(
        commands,
        "use",
        "set the package manager in the application's configuration file",
        "config.change",
        "use",
    )
    use.add_argument("manager", metavar="MANAGER", help="for example pip")
    add_application(use)


def _key(parser: Parser) -> None:
    parser.add_argument("key", metavar="KEY", help="for example pip.launch")
