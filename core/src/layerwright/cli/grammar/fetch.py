"""The grammar of ``layerwright fetch``, and of the option that uses what it fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.cli.grammar.command import add_tree, command

if TYPE_CHECKING:
    from layerwright.cli.grammar.command import Parser

__all__ = ["add_bundle", "add_fetch"]

_BUNDLE: Final = "build without a network, from the bundle that layerwright fetch put into DIR"
_EXEC_ENV: Final = "the execution environment: production or test (default: CNB_EXEC_ENV, else production)"


def add_bundle(parser: Parser) -> None:
    """Add the option that names a bundle."""
    parser.add_argument("--bundle", metavar="DIR", help=_BUNDLE)


def add_fetch(commands: Any) -> Parser:
    """Add the command to *commands*, and return its parser."""
    fetch = command(commands, "fetch", "put everything that a build downloads into a directory")
    add_tree(fetch)
    fetch.add_argument("--into", metavar="DIR", required=True, help="the directory of the bundle")
    fetch.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    return fetch
