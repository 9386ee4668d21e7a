"""The wheels of ``make dist`` are all that ``pip install "layerwright[standard]"`` needs beside core's dependencies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.testing.machine import clean_env
from requirements.locks import ROOT
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse
from tests.integration.site import Site

if TYPE_CHECKING:
    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

PLUGINS = ("frameworks", "pdm", "pip", "pipenv", "poetry", "uv")
DEPENDENCIES = tool_wheelhouse("buildpack")


class Installed(Site):
    """A site where Layerwright is the one in the virtual environment *venv*."""

    def __init__(self, root: Path, index: PackageIndex, venv: Path) -> None:
        super().__init__(root, index)
        self.venv = venv

    @override
    def command(self, *arguments: str | Path) -> list[str]:
        return [str(self.venv / "bin" / "layerwright"), *map(str, arguments)]


def test_one_line_installs_the_wheels_of_make_dist_and_builds(index: PackageIndex, tmp_path: Path) -> None:
    if not is_complete(DEPENDENCIES, TOOL_LOCKS["buildpack"]):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    dist, venv, env = tmp_path / "dist", tmp_path / "venv", clean_env(tmp_path)
    # With -o, make uses the running environment as it is.
    environment = Path(sys.prefix)
    make = ["make", "-o", environment / ".run", f"VENV={environment}", f"DIST={dist}", "dist"]
    subprocess.run(make, cwd=ROOT, env=env, check=True)
    wheels = {path.name.partition("-")[0] for path in dist.iterdir()}
    assert wheels == {
        "layerwright",
        *(f"layerwright_{name}" for name in PLUGINS),
    }

    subprocess.run([sys.executable, "-m", "venv", venv], env=env, check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check", "--no-index"]
    places = [f"--find-links={place}" for place in (dist, DEPENDENCIES, wheelhouse(), tool_wheelhouse("uv"))]
    subprocess.run([*pip, *places, "--quiet", "layerwright[standard]"], env=env, check=True)
    # The other way to install from a clone, pip install dist/*.whl, has nothing more to install.
    more = subprocess.check_output([*pip, "--dry-run", *dist.iterdir()], env=env, text=True)
    assert more.count("is already installed with the same version as the provided wheel") == len(wheels)
    assert "Would install" not in more

    site = Installed(tmp_path / "site", index, venv)
    site.furnish()
    said = site.layerwright("plugins").log
    assert all(f"layerwright-{name} " in said for name in PLUGINS)
    assert set(site.build().layers.values()) == {"created"}
    assert site.seen()["distributions"] == {"acme": "1.0", "base": "1.0"}
