"""Locks: requirements files that pin every distribution by version and by hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["RUNTIME", "Pin", "pinned"]

RUNTIME: Final = Path(__file__).with_name("runtime.lock")
"""The lock of core's dependencies."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One version of a distribution, by its normalised name, and the hashes of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]
    origin: str

    @property
    def line(self) -> str:
        """The line of a requirements file."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash={digest}" for digest in self.hashes)))


def pinned(files: Iterable[Path], environment: Mapping[str, str]) -> dict[str, Pin]:
    """Return the pins of *files* whose markers hold in *environment* (PEP 508), by name.

    All mistakes are in one ``UserError``.
    """
    pins: dict[str, Pin] = {}
    problems: list[str] = []
    for file in files:
        for origin, line in _lines(file):
            try:
                pin = _pin(line, origin, environment)
            except ValueError as error:
                problems.append(f"{origin}: {error}")
                continue
            if pin is not None:
                first = pins.setdefault(pin.name, pin)
                if first.version != pin.version:
                    problems.append(
                        f"{origin}: {pin.name}=={pin.version}, but {first.origin} has {first.version}"
                    )
    if problems:
        raise UserError(
            "Not every requirement is locked with hashes.",
            cause="\n".join(problems),
            remedy=(
                "Lock the requirements with a tool that writes hashes.",
                "The package index is taken from pip's settings: PIP_INDEX_URL and others.",
            ),
            reference="requirements-not-locked",
        )
    return pins


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the logical, non-empty lines of *file*, each with its file and number."""
    joined, start = "", 0
    for number, line in enumerate(_text(file).splitlines(), 1):
        start = start if joined else number
        text = re.sub(r"(^|\s)#.*", "", line).rstrip()
        joined += text.removesuffix("\\")
        if not text.endswith("\\"):
            if joined.strip():
                yield f"{file}, line {start}", joined.strip()
            joined = ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{file} cannot be read.",
            cause=str(error),
            remedy="Pass a requirements file.",
            reference="requirements-not-readable",
        ) from error


def _pin(line: str, origin: str, environment: Mapping[str, str]) -> Pin | None:
    """Return the pin in *line* if its marker holds; ``ValueError``, with a message, for anything else."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    words, *options = re.split(r"\s--hash[=\s]\s*", line)
    requirement = Requirement(words.strip())
    versions = list(requirement.specifier)
    if len(versions) != 1 or versions[0].operator != "==" or "*" in versions[0].version:
        raise ValueError(f"{requirement} is not pinned: name==1.2.3")
    if not options:
        raise ValueError(f"{requirement} has no hash")
    if requirement.marker is not None and not requirement.marker.evaluate(dict(environment)):
        return None
    return Pin(
        name=canonicalize_name(requirement.name),
        version=versions[0].version,
        hashes=tuple(option.strip() for option in options),
        origin=origin,
    )
