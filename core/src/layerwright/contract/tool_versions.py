"""The version of a package manager to install, and the versions that the configuration may name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.contract.markers import marker_applies
from layerwright.contract.names import normalised_name
from layerwright.errors import UserError
from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["pinned_version", "tool_version", "version_setting"]

_NEWEST_PYTHON: Final = "3.999.0"
_EXACT: Final = r"\s*==\s*([0-9.]+)\s*"


def version_setting(example: str, *, oldest: str, because: str = "") -> Callable[[str | None], str | None]:
    """Return the check of a setting for one version (PEP 440), such as *example*, or none.

    The check raises ``ValueError`` for a version before *oldest*, the first supported one *because* of a feature.
    """

    def check(value: str | None) -> str | None:
        if value is None:
            return None
        from packaging.version import InvalidVersion, Version

        try:
            version = Version(value)
        except InvalidVersion as error:
            raise ValueError(f'must be one version, for example "{example}"') from error
        if version < Version(oldest):
            raise ValueError(f"must be at least {oldest}{because and f', {because}'}")
        return value

    return check


def tool_version(
    tool: str,
    configured: str | None,
    default: str,
    *,
    required: str = "",
    origin: str = "",
    table: str = "",
    oldest: str = "",
) -> str:
    """Return the version of *tool* to install: the configured one, else an exact *required* one, else *default*.

    *required* is the requirement in the application's own files, a PEP 440 specifier set, and *origin* says so in
    words. *table* is the tool's table in the configuration, if it differs from its name in lower case. *oldest* is
    the first supported version; :func:`version_setting` checks a configured one. ``UserError``: *required* excludes
    the version, or requires one that is too old.
    """
    exact = re.fullmatch(_EXACT, required)
    if oldest and exact and not configured and not _allows(f">={oldest}", exact[1]):
        raise UserError(
            f"{tool} {exact[1]}, which the application requires, is too old for Layerwright.",
            cause=f"{origin}. It must be at least {oldest}.",
            remedy=f"Change the requirement of the application to {tool} {oldest} or newer.",
            reference="required-tool-version",
        )
    version = configured or (exact[1] if exact else default)
    if _allows(required, version):
        return version
    raise UserError(
        f"The application does not allow {tool} {version}.",
        cause=f"{origin}, and {version} is {'the configured one' if configured else 'the default'}.",
        remedy=(
            f'Configure another one: layerwright config set {table or tool.lower()}.version "…"',
            "Or change the requirement of the application.",
        ),
        reference="required-tool-version",
    )


def pinned_version(distribution: str, lock: str, python: str = _NEWEST_PYTHON) -> str:
    """Return the version of *distribution* that the text *lock* pins for CPython *python*; empty if it pins none.

    *lock* is a requirements file, and *python* a full version, by default newer than any. *distribution* may have
    extras.
    """
    name = normalised_name(distribution.partition("[")[0])
    from layerwright.contract.locked import locked_requirements

    found = [entry for entry in locked_requirements(lock) if normalised_name(entry.name) == name]
    if len(found) > 1:
        found = [entry for entry in found if marker_applies(entry.marker, python)]
    return found[0].version if found else ""


def _allows(required: str, version: str) -> bool:
    if re.fullmatch(r"[0-9.]+", version):
        try:
            return version_matcher(required)(version)
        except ValueError:
            return False
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        # A configured pre-release is intended.
        return SpecifierSet(required).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False
