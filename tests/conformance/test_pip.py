"""pip by the conformance kit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

import pytest

from layerwright.testing import Application, PackageManagerConformance, Release
from tests.fixtures.wheelhouse import wheelhouse

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.long
class TestPipThatResolves(PackageManagerConformance):
    """Applications whose requirements file has no hash: what pip resolves decides."""

    package_manager = "pip"
    wheelhouse = wheelhouse()
    settings: ClassVar = {"requirements": ["requirements-extra.txt"]}

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        pins = (f"{release.name}=={release.version}" for release in releases)
        app.write("requirements-extra.txt", "")
        app.write("requirements.txt", "".join(f"{line}\n" for line in [f"--index-url={index}", *pins]))

    @staticmethod
    def report(releases: Sequence[Release], index: str) -> str:
        installed = [
            {
                "download_info": {"url": r.url, "archive_info": {"hashes": {"sha256": r.sha256}}},
                "is_direct": False,
                "metadata": {"name": r.name, "version": r.version},
            }
            for r in releases
        ]
        return json.dumps({"version": "1", "install": installed})


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
