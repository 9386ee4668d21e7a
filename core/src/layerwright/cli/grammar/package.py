"""The grammar of ``layerwright package``."""

from __future__ import annotations

from typing import Any, Final

from layerwright.cli.grammar.command import command
from layerwright.cnb.api import SUPPORTED_APIS

__all__ = ["add_package"]

_OUTPUT: Final = (
    "where to write the buildpack: a file if it ends with .cnb, else a directory "
    "(default: a file named after it)"
)
_SOURCE: Final = "the directory of the buildpack.py to package (default: the ready-made buildpack)"


def add_package(commands: Any) -> None:
    """Add the command to *commands*."""
    package = command(commands, "package", "create a self-contained buildpack, as a directory or a file")
    package.add_argument("source", nargs="?", metavar="SOURCE", help=_SOURCE)
    package.add_argument("--output", metavar="PATH", help=_OUTPUT)
    package.add_argument(
        "--python",
        metavar="VERSION",
        default="",
        help="the Python that runs the buildpack, not that of applications (default: the newest minor version known)",
    )
    package.add_argument(
        "--api",
        metavar="VERSION",
        choices=SUPPORTED_APIS,
        help="the Buildpack API (default: the one the source names, else 0.10); 0.12 supports execution environments",
    )
    package.add_argument(
        "--target",
        metavar="OS/ARCH",
        default="",
        help="the target: linux/amd64 or linux/arm64 (default: this machine)",
    )
    package.add_argument(
        "--plugin",
        metavar="DISTRIBUTION",
        action="append",
        default=[],
        help="a plugin to add to those that the source names; can be repeated",
    )
    package.add_argument(
        "--requirements",
        metavar="FILE",
        action="append",
        default=[],
        help="a requirements file that locks the dependencies of plugins with hashes; can be repeated",
    )
