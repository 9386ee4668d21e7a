"""The distributions that the real tier installs, and the files that an install of a wheel consists of."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Final

from layerwright.testing.distributions import wheel

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.distributions import Artifact

__all__ = ["acme", "base", "extra", "is_own", "other_archive", "serves", "unpacked"]

_KEPT_NAMES: Final = frozenset({"METADATA", "entry_points.txt", "top_level.txt"})
"""The files of a ``.dist-info`` directory that come from the wheel, not from the installer."""


def acme(version: str = "1.0") -> Artifact:
    """Return the distribution that the application requires, which requires ``base``."""
    return wheel("acme", version, requires=["base>=1"])


def base() -> Artifact:
    """Return the distribution that ``acme`` requires."""
    return wheel("base", "1.0")


def extra() -> Artifact:
    """Return a distribution that the application does not have at first."""
    return wheel("extra", "2.0", entry_points={"extra": "extra:main"}, files={"extra/deep/data.txt": "2.0"})


def other_archive(artifact: Artifact) -> Artifact:
    """Return the same version of *artifact*, built again with other contents and another file name."""
    again = wheel(artifact.name, artifact.version, files={f"{artifact.name}/again.txt": "built again"})
    name, version, rest = artifact.filename.split("-", 2)
    return replace(again, filename=f"{name}-{version}-1-{rest}")


def serves(wheelhouse: Path, minor: str) -> bool:
    """Return whether each distribution in *wheelhouse* has a wheel for Python *minor*, by the tags in file names."""
    wheels = [path.stem.split("-") for path in wheelhouse.glob("*.whl")]
    own = f"cp{minor.replace('.', '')}"
    fit = {
        name for name, *_, python, abi, _ in wheels if python[:2] != "cp" or own in python or abi == "abi3"
    }
    return all(name in fit for name, *_ in wheels)


def unpacked(artifact: Artifact) -> dict[str, bytes]:
    """Return the files that an install of *artifact* puts into site-packages, by path."""
    with zipfile.ZipFile(BytesIO(artifact.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if is_own(name)}


def is_own(name: str) -> bool:
    """Return whether the file *name* in site-packages comes from a distribution, and not from an installer."""
    *folders, last = name.split("/")
    if folders and folders[0].endswith(".dist-info"):
        return len(folders) == 1 and last in _KEPT_NAMES
    return "__pycache__" not in folders
