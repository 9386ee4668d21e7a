"""A bundle of a small application, and builds from it."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layerwright.build.fetch.bundle import ARCHIVES, PYTHON, read_bundle
from layerwright.build.fetch.gather import Gathering
from layerwright.build.phase import build
from layerwright.config.sources import BUNDLE
from layerwright.output.log import Log
from layerwright.output.verbosity import Verbosity
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.build.fetch.bundle import Bundle
    from layerwright.build.phase import Built
    from layerwright.build.request import BuildRequest

__all__ = ["Fetching"]


@dataclass
class Fetching:
    """Builds, gathers and builds from the bundle, below *root*."""

    root: Path
    log: str = ""

    @property
    def directory(self) -> Path:
        return self.root / "bundle"

    def request(
        self, environment: Mapping[str, str] | None = None, *, layers: str = "online"
    ) -> BuildRequest:
        """Return a request for a build of the application, or of a new one, into *layers*."""
        if not (self.root / "app").exists():
            write_lock(self.root / "app", "acme")
        (self.root / layers / "layers").mkdir(parents=True, exist_ok=True)
        request = small_request(self.root, environment=environment)
        return replace(request, layers=type(request.layers)(self.root / layers / "layers"))

    def gathering(self, request: BuildRequest) -> Gathering:
        for name in (ARCHIVES, PYTHON):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        scratch = self.root / "scratch"
        scratch.mkdir(exist_ok=True)
        return Gathering(
            request=request, staged=self.directory, scratch=scratch, downloads=self.root / "downloads"
        )

    def gather(self, request: BuildRequest | None = None) -> Bundle:
        """Build with a network, and return the bundle."""
        request = replace(request or self.request(), keeps_downloads=True)
        self._logged(lambda log: build(request, log))
        self._logged(self.gathering(request).gather)
        return read_bundle(self.directory)

    def build(self, request: BuildRequest | None = None) -> Built:
        """Build from the bundle."""
        request = request or self.request(layers="cutoff")
        environment = {**request.environment, BUNDLE: str(self.directory)}
        found: list[Built] = []
        self._logged(lambda log: found.append(build(replace(request, environment=environment), log)))
        return found[0]

    def _logged(self, do: object) -> None:
        stream = io.StringIO()
        try:
            do(Log(stream, stream, verbosity=Verbosity.VERBOSE))  # type: ignore[operator]
        finally:
            self.log = stream.getvalue()
