"""Interpreters, and sources of a Python version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError
from layerwright.files.frozen import frozen
from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Interpreter", "VersionSource", "specifier"]

_PLAIN: Final = re.compile(r"(?P<minor>[0-9]+\.[0-9]+)(?P<patch>\.[0-9]+)?")
# 3.12.x, v3.12, python-3.12.1, cpython@3.12
_SPELT_OTHERWISE: Final = r"(?i)(?:(?:c?python[-@ ]?|v)?)([0-9]+\.[0-9]+(?:\.[0-9]+)?)(?:\.[x*])?"


@frozen
class Interpreter:
    """An installed CPython."""

    version: str
    """Its full version, such as ``3.13.2``."""

    prefix: Path
    """The directory that contains it."""

    @property
    def minor(self) -> str:
        """The minor version, such as ``3.13``."""
        return ".".join(self.version.split(".")[:2])

    @property
    def abi(self) -> str:
        """The implementation, the minor version and the kind of build, which decide what works with it.

        There is one implementation and one kind: others, such as free-threaded and debug builds, are not used.
        """
        return f"CPython {self.minor}"

    @property
    def executable(self) -> Path:
        """The executable whose name has the minor version, which no other tool provides."""
        return self.prefix / "bin" / f"python{self.minor}"

    def site_packages(self, base: Path) -> Path:
        """Return the site-packages directory below *base*: a prefix, a virtual environment or a user base."""
        return base / "lib" / f"python{self.minor}" / "site-packages"


@frozen
class VersionSource:
    """A source of a Python version."""

    origin: str
    """Where the version is written, in words for messages."""

    value: str
    """The version as it is written there."""

    specifier: str
    """The version as a specifier set (PEP 440)."""


def specifier(value: str, origin: str) -> str:
    """Return *value*, a version or a PEP 440 specifier set, as a specifier set: ``3.13`` means ``==3.13.*``.

    ``UserError``: it is neither; the message names *origin*.
    """
    plain = _PLAIN.fullmatch(value)
    if plain:
        return f"=={value}" if plain["patch"] else f"=={value}.*"
    if not value or value[0] not in "<>=!~":
        raise _bad_version(value, origin)
    try:
        version_matcher(value)
    except ValueError as error:
        raise _bad_version(value, origin) from error
    return value


def _bad_version(value: str, origin: str) -> UserError:
    hidden = [f"U+{ord(c):04X}" for c in value if not c.isprintable() or not c.isascii()]
    if hidden:
        cause = f"It contains a character that cannot be seen or is not ASCII: {', '.join(hidden)}."
        remedy = f"Retype the version in {origin}, for example: 3.13"
    elif meant := re.fullmatch(_SPELT_OTHERWISE, value):
        cause = "This is the notation of another tool."
        remedy = f"Write {meant[1]} in {origin}."
    elif re.match(r"(?i)(pypy|graalpy|pyston|micropython|jython|ironpython)", value):
        cause = "Layerwright builds with CPython only."
        remedy = f"Name a CPython version in {origin}, for example: 3.13"
    else:
        cause = "It is neither a version (3.13, 3.13.1) nor a version specifier (>=3.12,<3.14)."
        remedy = f"Correct {origin}, for example: 3.13"
    return UserError(
        f'"{_visible(value)}" in {origin} is not a Python version.',
        cause=cause,
        remedy=remedy,
        reference="bad-python-version",
    )


def _visible(value: str) -> str:
    return ascii(value)[1:-1]
