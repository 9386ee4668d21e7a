"""Checks that a lock is complete: it pins everything that it needs, in every supported environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.closure import Requirer, unmet
from layerwright.buildpack.package.locks import pinned
from layerwright.buildpack.package.target import machine_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["NEWEST", "environments", "faults"]

NEWEST: Final = "3.15"
"""The newest minor version of CPython for which locks are checked."""

_MACHINES: Final = ("linux/amd64", "linux/arm64")
# A marker or a Requires-Python may name a patch release: the two sides of each one are different environments.
_PATCH: Final = re.compile(r"\b3\.(\d+)\.(\d+)")
_LATE_PATCH: Final = 50


def environments(oldest: str, texts: Iterable[str], newest: str = NEWEST) -> list[Mapping[str, str]]:
    """Return the marker environments (PEP 508) from CPython *oldest* to *newest*, on each supported machine.

    *texts* are all texts with markers; for each patch release that they name there is an environment with it, one
    before it and one after it.
    """
    patches = {(int(minor), int(patch) + near) for text in texts for minor, patch in _PATCH.findall(text)
               for near in (-1, 0, 1)}  # fmt: skip
    first, last = (int(version.partition(".")[2]) for version in (oldest, newest))
    patches |= {(minor, patch) for minor in range(first, last + 1) for patch in (0, _LATE_PATCH)}
    return [
        machine_of(machine).marker_environment(f"3.{minor}.{patch}")
        for minor, patch in sorted(patches)
        if first <= minor <= last and patch >= 0
        for machine in _MACHINES
    ]


def faults(
    lock: Path,
    asked: Sequence[str],
    known: Mapping[tuple[str, str], Requirer],
    where: Collection[Mapping[str, str]],
) -> list[str]:
    """Return, as text, what the pins of *lock* or the requirements *asked* need in *where* and is not pinned.

    *known* has the metadata of every pin, by name and version. Each fault is reported once, with the first
    environment that has it. ``UserError``: *lock* has a line that is not a pin with a hash.
    """
    found: dict[str, str] = {}
    for environment in where:
        pins = pinned([lock], environment)
        distributions = [known[pin.name, pin.version] for pin in pins.values()]
        # No distribution has this name.
        root = Requirer(name=lock.name, version="as a whole", requires=tuple(asked))
        for fault in unmet(
            [root, *distributions], {name: pin.version for name, pin in pins.items()}, environment
        ):
            python, machine = environment["python_full_version"], environment["platform_machine"]
            found.setdefault(fault.words, f"{fault.words} (CPython {python}, {machine})")
    return list(found.values())
