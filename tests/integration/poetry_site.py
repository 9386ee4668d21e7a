"""A developer's machine whose application is Poetry's."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from layerwright.testing.build_backend import wheel_bytes
from layerwright.testing.distributions import Artifact, wheel
from tests.fixtures.poetry import Locked, lock_text
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse
from tests.integration.site import MAIN, SharedIndex, Site

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PoetryIndex", "PoetrySite", "poetry_is_there", "reversioned_poetry"]

_WHEELHOUSE: Final = tool_wheelhouse("poetry")

PYPROJECT: Final = """\
[project]
name = "demo"
version = "1.0"
requires-python = "{python}"
dependencies = [{dependencies}]

[project.optional-dependencies]
fast = ["extra"]

[dependency-groups]
web = ["extra"]
test = ["probe"]

[[tool.poetry.source]]
name = "loopback"
url = "{url}"
priority = "primary"

[tool.poetry]
package-mode = {package}
{more}
"""


def poetry_is_there() -> bool:
    """Return whether there are the wheels of Poetry that the shipped lock names."""
    return is_complete(_WHEELHOUSE, TOOL_LOCKS["poetry"])


def reversioned_poetry(version: str) -> Artifact:
    """Return the newest Poetry as a wheel of another *version*."""
    path = max(_WHEELHOUSE.glob("poetry-2*.whl"))
    own = path.name.split("-")[1]
    metadata = Artifact.read(path).metadata.replace(f"Version: {own}\n", f"Version: {version}\n")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        files = {name: archive.read(name) for name in names if ".dist-info/" not in name}
    script = "[console_scripts]\npoetry = poetry.console.application:main\n"
    name, data = wheel_bytes(metadata, files, entry_points=script)
    return Artifact(name, data, metadata)


class PoetryIndex(SharedIndex):
    """A package index that one test after the other uses: Poetry, and ``acme``, which requires ``base``."""

    @override
    def reset(self) -> None:
        super().reset()
        self.add_directory(_WHEELHOUSE)
        self.add(wheel("extra", "2.0"), wheel("probe", "3.0"))

    def wheels(self, name: str, version: str) -> tuple[Artifact, ...]:
        """Return every wheel of *version* of *name*."""
        return tuple(self._release(name, version))

    def wheel(self, name: str, version: str) -> Artifact:
        """Return the wheel of *version* of *name*."""
        return self._release(name, version)[0]


class PoetrySite(Site):
    """The application in ``app`` below *root*, which is locked by Poetry; packages come from *index*."""

    index: PoetryIndex
    # Installing Poetry takes most of the time of a build.
    shared = (*Site.shared, "tool-poetry-*")

    @override
    def furnish(self) -> None:
        for directory in (self.app.path, self.cache, self.home):
            directory.mkdir(parents=True)
        self.app.write("main.py", MAIN)
        self.app.write("Procfile", "web: python main.py\n")
        self.lock()

    def lock(
        self,
        *packages: str,
        requires: Iterable[str] = ("acme",),
        python: str = ">=3.9,<4.0",
        package: bool = False,
        more: str = "",
        directory: str = "",
        editable: bool = True,
    ) -> None:
        """Write a ``pyproject.toml`` that requires *requires*, and the lock file for it, which has *packages*.

        These are as ``acme 1.0``, or as ``acme 1.0 fast`` where an extra needs them; without any, what the
        application has at first. The groups ``web`` and ``test`` are there as well. *more* is more of
        ``[tool.poetry]``; *directory* holds the distribution ``lib``, installed as *editable*.
        """
        found = [self._locked(*words.split()) for words in packages or ("acme 1.0", "base 1.0")]
        if "extra" not in [package.name for package in found]:
            found.append(self._locked("extra", "2.0", group="web"))
        found.append(self._locked("probe", "3.0", group="test"))
        if directory:
            found.append(Locked(name="lib", version="1.0", directory=directory, editable=editable))
        pyproject = PYPROJECT.format(
            dependencies=", ".join(f'"{name}"' for name in requires),
            more=more,
            package=str(package).lower(),
            python=python,
            url=self.index.url,
        )
        self.app.write("pyproject.toml", pyproject)
        extras = 'fast = ["extra"]' if any(package.extra for package in found) else ""
        found.sort(key=lambda package: package.name)
        self.app.write("poetry.lock", lock_text(pyproject, found, extras=extras))

    def _locked(self, name: str, version: str, extra: str = "", group: str = "main") -> Locked:
        artifact = self.index.wheel(name, version)
        return Locked(
            name=name,
            version=version,
            artifact=artifact,
            index=self.index.url,
            extra=extra,
            groups=(group,),
            requires=("base",) if name == "acme" else (),
        )
