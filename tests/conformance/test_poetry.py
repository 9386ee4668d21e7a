"""Poetry by the conformance kit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from layerwright.testing import Application, PackageManagerConformance, Release
from tests.fixtures.poetry import Locked, lock_text
from tests.fixtures.wheelhouse import tool_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Sequence


PYPROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11,<4.0"
dependencies = {requires}

[[tool.poetry.source]]
name = "loopback"
url = "{index}"
priority = "primary"

[tool.poetry]
package-mode = false
"""


class TestPoetry(PackageManagerConformance):
    """Applications that Poetry has locked."""

    package_manager = "poetry"
    wheelhouse = tool_wheelhouse("poetry")
    secrets = ("POETRY_HTTP_BASIC_ACME_PASSWORD",)

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        requires = json.dumps([release.name for release in releases])
        pyproject = PYPROJECT.format(requires=requires, index=index)
        locked = [
            Locked(
                name=release.name,
                version=release.version,
                artifact=release,
                index=index,
                requires=tuple(line.partition(">")[0] for line in release.requires),
            )
            for release in releases
        ]
        app.write("pyproject.toml", pyproject)
        app.write("poetry.lock", lock_text(pyproject, locked))
