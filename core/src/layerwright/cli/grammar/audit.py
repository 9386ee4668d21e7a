"""The grammar of ``layerwright audit``."""

from __future__ import annotations

from typing import Any, Final

from layerwright.cli.grammar.command import LAYERS, command

__all__ = ["add_audit"]

_WHAT: Final = (
    "the application, its image (a name in a registry, oci:DIR or FILE.tar), or a bill of materials (FILE.json)"
    " (default: the application in the current directory)"
)
_DIRECTORY: Final = "the application directory in APP, relative to it"
_DATABASE: Final = (
    "a directory or FILE.zip of OSV records, the URL of FILE.zip or of a service, or osv, the public one"
    " (default: that of the policy)"
)
_FORMAT: Final = "text, json, sarif (2.1.0), or vex: what is accepted, in CycloneDX 1.6 (default: text)"
_FAIL: Final = (
    "the severity from which a finding is an error: low, medium, high or critical"
    " (default: that of the policy, or else low)"
)
_PART: Final = "launch: what an image has; build: what only the build has; all: both (default: all)"


def add_audit(commands: Any) -> None:
    """Add the command to *commands*."""
    audit = command(
        commands, "audit", "look for known vulnerabilities and malware in what is installed", "trust.audit"
    )
    audit.add_argument("what", nargs="?", default=".", metavar="APP|IMAGE", help=_WHAT)
    audit.add_argument("--app", dest="directory", metavar="DIR", help=_DIRECTORY)
    audit.add_argument("--database", metavar="WHERE", default="", help=_DATABASE)
    audit.add_argument(
        "--format",
        metavar="FORMAT",
        choices=("text", "json", "sarif", "vex"),
        default="text",
        help=_FORMAT,
    )
    audit.add_argument(
        "--fail-on", metavar="SEVERITY", choices=("low", "medium", "high", "critical"), help=_FAIL
    )
    audit.add_argument(
        "--part", metavar="PART", choices=("launch", "build", "all"), default="all", help=_PART
    )
    audit.add_argument(
        "--output", metavar="FILE", help="the file to write; - means standard output (default: -)"
    )
    audit.add_argument("--layers", metavar="DIR", help=LAYERS)
