"""pip by the conformance kit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from layerwright.testing import Application, PackageManagerConformance, Release
from tests.fixtures.wheelhouse import wheelhouse

if TYPE_CHECKING:
    from collections.abc import Sequence


class TestPip(PackageManagerConformance):
    """Applications whose requirements file pins every archive by its hash."""

    package_manager = "pip"
    wheelhouse = wheelhouse()
    settings: ClassVar = {"requirements": ["requirements-extra.txt"]}

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        pins = [f"{r.name}=={r.version} --hash=sha256:{r.sha256}" for r in releases]
        app.write("requirements-extra.txt", "")
        app.write("requirements.txt", "".join(f"{line}\n" for line in [f"--index-url={index}", *pins]))
