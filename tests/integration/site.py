"""A developer's machine in a directory, where the application is pip's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from layerwright.files.digests import RECORD_DIRECTORY
from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.sandbox import Outcome, Sandbox, link_tree
from layerwright.testing.tree import tree
from tests.fixtures.wheelhouse import wheelhouse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.testing.tree import Entry

__all__ = ["MAIN", "Outcome", "SharedIndex", "Site", "application_tree", "link_tree"]

MAIN: Final = """\
import json, os, sys
import importlib.metadata
print(json.dumps({
    "arguments": sys.argv[1:],
    "directory": os.getcwd(),
    "distributions": {d.name: d.version for d in importlib.metadata.distributions()},
    "environment": dict(os.environ),
    "path": sys.path[1:],
    "python": sys.version.split()[0],
}))
"""
"""A program that tells what it sees; the first entry of ``sys.path`` is its own directory, and left out."""


def application_tree(app: Path) -> dict[str, Entry]:
    """Return the tree of the application at *app* without the record of its last build."""
    return {name: entry for name, entry in tree(app).items() if name.partition("/")[0] != RECORD_DIRECTORY}


class SharedIndex(PackageIndex):
    """A package index that one test after the other uses: the real pip, and ``acme``, which requires ``base``.

    Caches ask again for every page, as if ten minutes had passed since the last time.
    """

    def __init__(self) -> None:
        super().__init__(page_max_age=0)

    def reset(self) -> None:
        """Offer what there is at first and nothing else, with no fault, and forget the requests."""
        self.clear()
        for path in wheelhouse().glob("pip-*.whl"):
            self._files[path.name] = path
        self.add(wheel("acme", "1.0", requires=["base>=1"]), wheel("base", "1.0"))


class Site(Sandbox):
    """The application in ``app`` below *root*, with a home and a cache of its own, and packages from *index*."""

    def furnish(self) -> None:
        """Make the directories and an application that requires ``acme``."""
        self.make_directories()
        self.app.write("requirements.txt", "acme\n")
        self.app.write("Procfile", "web: python main.py\n")
        self.app.write("main.py", MAIN)

    def seen(self, *arguments: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Launch the default process, ``MAIN``, and return what it sees."""
        seen: dict[str, Any] = json.loads(self.layerwright("run", *arguments, env=env).log)
        return seen

    def record(self, layer: str) -> Path:
        """Return the ``<layer>.toml`` of *layer*."""
        return self.layers / f"{layer}.toml"
