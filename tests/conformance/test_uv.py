"""uv by the conformance kit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from layerwright.testing import Application, PackageManagerConformance, Release
from tests.fixtures.wheelhouse import tool_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


PYPROJECT = """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = {requires}

[[tool.uv.index]]
url = "{index}"
default = true
"""

LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"
"""

PACKAGE = """
[[package]]
name = "{name}"
version = "{version}"
source = {{ registry = "{index}" }}
{dependencies}wheels = [
    {{ url = "{url}", hash = "sha256:{sha256}" }},
]
"""

SHOP = """
[[package]]
name = "shop"
version = "1.0"
source = {{ virtual = "." }}
{dependencies}
[package.metadata]
requires-dist = [{requires}]
"""


class TestUv(PackageManagerConformance):
    """Applications that uv has locked."""

    package_manager = "uv"
    wheelhouse = tool_wheelhouse("uv")

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        names = [release.name for release in releases]
        app.write("pyproject.toml", PYPROJECT.format(requires=json.dumps(names), index=index))
        packages = [
            PACKAGE.format(
                name=release.name,
                version=release.version,
                index=index,
                dependencies=dependencies(line.partition(">")[0] for line in release.requires),
                url=release.url,
                sha256=release.sha256,
            )
            for release in releases
        ]
        requires = ", ".join(f'{{ name = "{name}" }}' for name in names)
        shop = SHOP.format(dependencies=dependencies(names), requires=requires)
        app.write("uv.lock", "".join([LOCK, *packages, shop]))


def dependencies(names: Iterable[str]) -> str:
    """Return the key of a lock file's table, and nothing where there is nothing to list."""
    lines = [f'    {{ name = "{name}" }},' for name in sorted(names)]
    return "\n".join(["dependencies = [", *lines, "]", ""]) if lines else ""
