"""Our own buildpack as a directory, its programs run by the interpreter that runs the tests."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from layerwright.testing.applications import Application
from layerwright.testing.machine import interpreters
from tests.integration.site import MAIN
from tests.lifecycle.lifecycle import PhaseFailed, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.integration.site import SharedIndex
    from tests.lifecycle.image import Image
    from tests.lifecycle.lifecycle import Lifecycle, Member

__all__ = ["ID", "Log", "OurSite", "our_buildpack"]

ID: Final = "layerwright/python"

_PROGRAM: Final = """\
#!/bin/sh
{exports}exec '{python}' -I "${{0%/*}}/../buildpack.py" {phase}
"""
_SOURCE: Final = """\
from layerwright.buildpack import Buildpack

buildpack = Buildpack(id="{id}", version="{version}", name="Layerwright")

if __name__ == "__main__":
    buildpack.main()
"""


def our_buildpack(
    folder: Path, *, version: str = "1.0.0", api: str = "0.10", keys: str = "", measured: bool = True
) -> Path:
    """Write the buildpack, with *keys* in its ``[buildpack]``; return its directory.

    Its own lines count for the coverage of the tests, unless it is not *measured*.
    """
    path = folder / f"layerwright-{version}-{api}"
    (path / "bin").mkdir(parents=True, exist_ok=True)
    (path / "buildpack.toml").write_text(
        f'api = "{api}"\n\n[buildpack]\nid = "{ID}"\nversion = "{version}"\nname = "Layerwright"\n'
        'sbom-formats = ["application/vnd.cyclonedx+json", "application/spdx+json"]\n'
        f'clear-env = true\n{keys}\n\n[[targets]]\nos = "linux"\narch = "amd64"\n\n'
        '[[targets]]\nos = "linux"\narch = "arm64"\n'
    )
    (path / "buildpack.py").write_text(_SOURCE.format(id=ID, version=version))
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    exports = "".join(f"export {name}='{value}'\n" for name, value in coverage.items() if measured)
    for phase in ("detect", "build"):
        program = path / "bin" / phase
        program.write_text(_PROGRAM.format(exports=exports, python=sys.executable, phase=phase))
        program.chmod(0o755)
    return path


class OurSite:
    """An application that our buildpack builds under *lifecycle*, with packages from *index*.

    The user sets the worst that is theirs to set, and the lifecycle itself runs in no better environment.
    """

    first: Image
    """The image of the first build."""

    def __init__(self, lifecycle: Lifecycle, index: SharedIndex, place: Path) -> None:
        self.lifecycle = lifecycle
        self.index = index
        self.place = place
        self.app = Application(lifecycle.app)

    def furnish(self) -> None:
        """Make an application that requires ``acme``."""
        self.app.write("requirements.txt", "acme\n")
        self.app.write("Procfile", "web: python main.py\n")
        self.app.write("main.py", MAIN)

    @property
    def layers(self) -> Path:
        """The layers directory of our buildpack, as the last build left it."""
        return self.lifecycle.layers / ID.replace("/", "_")

    def platform(
        self, *, exec_env: str = "production", umask: int = 0o022, **variables: str | bytes
    ) -> Platform:
        """Return the platform on which the user sets *variables* as well."""
        folders = [str(path.parent) for path in interpreters().values()]
        return Platform(
            env={
                **self.index.pip_env(),
                "LAYERWRIGHT_PYTHON_PROVIDER": "system",
                "PATH": os.pathsep.join(["/invalid", *folders]),
                "LD_LIBRARY_PATH": "/invalid",
                "SHELL": "/invalid",
                **variables,
            },
            process={"PATH": f"/invalid:{os.defpath}", "LD_LIBRARY_PATH": "/invalid", "CPATH": "/invalid"},
            exec_env=exec_env,
            umask=umask,
        )

    def build(
        self,
        *order: Path | Member | None,
        platform: Platform | None = None,
        **variables: Any,
    ) -> Image:
        """Build with the buildpacks *order*, where ``None`` stands for our own, which is all by default."""
        # Who builds phase by phase is not who may write what was measured.
        ours = our_buildpack(self.place, measured=self.lifecycle.name == "stand-in")
        return self.lifecycle.build(
            *(ours if each is None else each for each in order or [None]),
            platform=platform or self.platform(**variables),
        )

    def fails(self, *order: Path | Member | None, status: int = 51, **variables: Any) -> str:
        """Build, expect that it ends with *status*, and return what our buildpack says."""
        with pytest.raises(PhaseFailed) as caught:
            self.build(*order, **variables)
        assert caught.value.status == status, caught.value
        assert "Traceback" not in caught.value.log
        return caught.value.log

    def seen(
        self, image: Image, process: str = "web", env: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Launch ``MAIN`` as a *process* of *image*, and return what it sees."""
        launched = self.lifecycle.launch(image, process, env=env)
        assert launched.status == 0, launched
        seen: dict[str, Any] = json.loads(launched.output)
        return seen


@dataclass(frozen=True)
class Log:
    """What our buildpack says of a build."""

    text: str

    @classmethod
    def of(cls, image: Image) -> Log:
        return cls(image.log)

    @property
    def layers(self) -> dict[str, str]:
        """What became of each layer: ``kept``, ``updated`` or ``created``."""
        return dict(re.findall(r"^  Layer (\S+) (kept|updated|created)\b", self.text, re.MULTILINE))

    @property
    def commands(self) -> list[str]:
        """The commands that were run."""
        return re.findall(r"^  \$ (.*)$", self.text, re.MULTILINE)
