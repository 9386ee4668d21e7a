"""The wheels of a tool, as values."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.process.redaction import SecretStr

__all__ = ["LockedWheels", "WheelLayout"]


class WheelLayout(Enum):
    """Where the files of wheels are in a tool layer."""

    ENVIRONMENT = "environment"
    """In the virtual environment ``venv``; ``bin`` has links to the scripts."""

    EXECUTABLES = "executables"
    """Only the scripts, in ``bin``: executables that need neither the interpreter nor another file."""

    USER = "user"
    """In the layer itself, as ``pip install --user`` puts them if the layer is ``PYTHONUSERBASE``."""


@frozen
class LockedWheels:
    """The content of a tool layer as a lock file: core can unpack it without a process.

    Core does that if it finds a wheel for each distribution, and otherwise runs the commands of the layer, which must
    give the same result. Every wheel must have a hash in the lock file, so it does not matter where it comes from.
    """

    hashed: str
    """The text of a requirements file that pins every distribution by version and by SHA-256."""

    layout: WheelLayout = WheelLayout.ENVIRONMENT
    """Where the files are in the layer."""

    scripts: tuple[str, ...] = ()
    """The commands in ``bin``; with :attr:`WheelLayout.USER`, those of all distributions."""

    directories: tuple[Path, ...] = ()
    """Directories with wheels that come with the plugin. They need not have all of them."""

    index: Mapping[str, str | SecretStr | None] | None = None
    """The variables with which pip reaches the package index, such as ``PIP_INDEX_URL``, those with credentials as
    ``SecretStr``. ``None``: core downloads no wheel."""

    contents: Mapping[str, str] = field(default_factory=dict)
    """By the hash of a wheel (``sha256:…``), the digest of its files, which ``layerwright.testing.wheel_contents``
    returns. With that, core can also copy the distribution if it is installed in the environment of Layerwright."""
