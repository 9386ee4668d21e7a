"""A release of a distribution, with the data that a lock file contains."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

if TYPE_CHECKING:
    from layerwright.testing.distributions import Artifact

__all__ = ["Release"]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A wheel (``py3-none-any``) on a package index, with all the data that a lock file may contain."""

    name: str
    """The name of the distribution."""

    version: str
    """Its version."""

    filename: str
    """The name of the wheel."""

    sha256: str
    """The hash of the wheel, in hexadecimal."""

    url: str
    """The URL of the wheel."""

    requires: tuple[str, ...] = ()
    """The requirements in its metadata (PEP 508)."""

    @classmethod
    def of(cls, artifact: Artifact, index: str) -> Release:
        """Return the release for *artifact*, which the package index at *index* serves."""
        return cls(
            name=artifact.name,
            version=artifact.version,
            filename=artifact.filename,
            sha256=artifact.sha256,
            url=urljoin(index, f"/files/{quote(artifact.filename)}"),
            requires=tuple(HeaderParser().parsestr(artifact.metadata).get_all("Requires-Dist", ())),
        )
