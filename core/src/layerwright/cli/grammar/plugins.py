"""The grammar of ``layerwright plugins`` and the commands below it."""

from __future__ import annotations

from typing import Any

from layerwright.cli.grammar.command import JSON, command

__all__ = ["add_plugins"]


def add_plugins(commands: Any) -> None:
    """Add the commands to *commands*."""
    plugins = command(commands, "plugins", "list the installed plugins", "plugins.listing")
    plugins.add_argument("--json", action="store_true", help=JSON)

    check = command(commands, "plugins check", "check the declaration of a package manager", "plugins.check")
    check.add_argument("file", metavar="FILE", help="the declaration, usually package-manager.toml")

    new = command(
        commands,
        "plugins new",
        "create a plugin: a complete distribution that passes its tests",
        "plugins.new",
    )
    new.add_argument("name", metavar="NAME", help="the plugin's name, for example acme")
    kind = new.add_mutually_exclusive_group()
    kind.add_argument(
        "--declarative",
        action="store_const",
        const="declarative",
        default="programmed",
        dest="kind",
        help="declare the package manager in TOML instead of Python",
    )
    kind.add_argument(
        "--hooks",
        action="store_const",
        const="hooks",
        dest="kind",
        help="create a plugin that adds layers to applications instead of a package manager",
    )
    new.add_argument("--output", metavar="DIR", help="where to create it (default: layerwright-NAME)")
