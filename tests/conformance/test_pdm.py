"""PDM by the conformance kit."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from layerwright.testing import PackageManagerConformance
from tests.fixtures.wheelhouse import tool_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.testing import Application, Release

PYPROJECT = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.10"
dependencies = {dependencies}

[tool.pdm]
distribution = false

[[tool.pdm.source]]
name = "pypi"
url = "{index}"
"""

LOCK = """\
[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:{content_hash}"

[[metadata.targets]]
requires_python = ">=3.10"
"""

PACKAGE = """
[[package]]
name = "{name}"
version = "{version}"
summary = ""
groups = ["default"]
dependencies = {requires}
files = [
    {{file = "{filename}", hash = "sha256:{sha256}"}},
]
"""


class TestPdm(PackageManagerConformance):
    """Applications that PDM has locked."""

    package_manager = "pdm"
    wheelhouse = tool_wheelhouse("pdm")
    secrets = ("PDM_PYPI_PASSWORD",)

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        names = [release.name for release in releases]
        # PDM uses this hash to check that the lock file matches pyproject.toml.
        content = {
            "dependencies": names,
            "dev-dependencies": {},
            "optional-dependencies": {},
            "requires-python": ">=3.10",
            "resolution": {},
            "sources": [{"name": "pypi", "url": index}],
        }
        content_hash = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        packages = (
            PACKAGE.format(**{**vars(release), "requires": json.dumps(release.requires)})
            for release in releases
        )
        app.write("pyproject.toml", PYPROJECT.format(dependencies=json.dumps(names), index=index))
        app.write("pdm.lock", LOCK.format(content_hash=content_hash) + "".join(packages))
