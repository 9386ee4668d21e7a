"""pip-tools by the conformance kit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.testing import PackageManagerConformance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.testing import Application, Release


class TestPipTools(PackageManagerConformance):
    """Applications whose requirements are compiled."""

    package_manager = "pip-tools"
    wheelhouse = Path(__file__).parents[1] / "wheelhouse"

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        app.write("requirements.in", "".join(f"{release.name}\n" for release in releases))
        compiled = (
            f"{release.name}=={release.version} \\\n    --hash=sha256:{release.sha256}\n"
            for release in releases
        )
        app.write("requirements.txt", "".join([f"--index-url {index}\n", *compiled]))
