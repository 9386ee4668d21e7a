"""The grammar of ``layerwright sbom``."""

from __future__ import annotations

from typing import Any, Final

from layerwright.cli.grammar.command import LAYERS, add_tree, command

__all__ = ["add_sbom"]

_PART: Final = "launch: what an image has; build: what only the build has; all: both (default: launch)"


def add_sbom(commands: Any) -> None:
    """Add the command to *commands*."""
    sbom = command(
        commands, "sbom", "write a bill of materials of the built application, or of an image", "trust.sbom"
    )
    add_tree(sbom)
    sbom.add_argument(
        "--format",
        metavar="FORMAT",
        choices=("cyclonedx", "spdx"),
        default="cyclonedx",
        help="cyclonedx (1.6) or spdx (2.3), both as JSON (default: cyclonedx)",
    )
    sbom.add_argument(
        "--part", metavar="PART", choices=("launch", "build", "all"), default="launch", help=_PART
    )
    sbom.add_argument(
        "--output", metavar="FILE", help="the file to write; - means standard output (default: -)"
    )
    sbom.add_argument("--layers", metavar="DIR", help=LAYERS)
