"""Pipenv by the conformance kit."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from layerwright.testing import PackageManagerConformance
from tests.fixtures.wheelhouse import tool_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.testing import Application, Release


class TestPipenv(PackageManagerConformance):
    """Applications that Pipenv has locked."""

    package_manager = "pipenv"
    wheelhouse = tool_wheelhouse("pipenv")

    @staticmethod
    def application(app: Application, releases: Sequence[Release], index: str) -> None:
        source = {"name": "loopback", "url": index, "verify_ssl": True}
        pipfile = {
            "_meta": {"sources": [source], "requires": {}},
            "default": {release.name: "*" for release in releases},
            "develop": {},
        }
        lines = [f"{release.name} = '*'\n" for release in releases]
        app.write(
            "Pipfile",
            f'[[source]]\nname = "loopback"\nurl = "{index}"\nverify_ssl = true\n\n[packages]\n{"".join(lines)}',
        )
        # By this Pipenv knows that the lock file belongs to the Pipfile.
        text = json.dumps(pipfile, sort_keys=True, separators=(",", ":"))
        meta = {
            "hash": {"sha256": hashlib.sha256(text.encode()).hexdigest()},
            "pipfile-spec": 6,
            "requires": {},
            "sources": [source],
        }
        locked = {
            release.name: {
                "hashes": [f"sha256:{release.sha256}"],
                "index": "loopback",
                "version": f"=={release.version}",
            }
            for release in releases
        }
        lock = {"_meta": meta, "default": locked, "develop": {}}
        app.write("Pipfile.lock", json.dumps(lock, indent=4, sort_keys=True) + "\n")
