"""The values of a build without a network, from a bundle that was fetched with one."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Generic

from layerwright.contract.values.settings import S
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.contract.values.environment import EnvironmentRequest
    from layerwright.process.redaction import SecretStr

__all__ = ["Offline", "OfflineRequest"]


@frozen
class OfflineRequest(Generic[S]):
    """Arguments of :meth:`PackageManager.offline`."""

    environment: EnvironmentRequest[S]
    """What :meth:`PackageManager.environment` got."""

    archives: Path
    """The directory of the bundle with wheels and source archives, those of build backends among them."""

    index: str
    """The ``file://`` URL of the same archives as a package index: a directory for each project (PEP 503)."""


@frozen
class Offline:
    """What a bundle needs, and how the commands of a build use it in place of a package index."""

    env: Mapping[str, str] = field(default_factory=dict)
    """Variables for every command of a build from the bundle. They are no inputs: the layers are the same as those of a
    build with a network. Core adds those with which pip installs from ``archives`` alone."""

    archives: bool = True
    """Whether the commands install from the archives of the bundle: core downloads one for each distribution that is
    installed, with the hashes of the lock file or of the resolved set."""

    cache: bool = False
    """Whether the commands install from the download cache: the bundle has what they left in it."""

    index: Mapping[str, str | SecretStr] = field(default_factory=dict)
    """Variables with which pip downloads the archives, in addition to the user's, and in place of those for the
    indexes that :meth:`PackageManager.index_urls` returns."""

    options: tuple[str, ...] = ()
    """Lines of a requirements file with options for that download, such as ``--extra-index-url``."""

    refused: str = ""
    """Why this application cannot be built without a network, as sentences; empty if it can."""
