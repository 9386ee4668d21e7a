"""The buildpack of the documentation, built with as a lifecycle would."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.launch import read_launch
from layerwright.testing.distributions import wheel

if TYPE_CHECKING:
    from tests.integration.site import Site

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs" / "packaging.md"


class Own:
    """The buildpack, its directories as a platform has them, and the application of *site*."""

    def __init__(self, site: Site, root: Path) -> None:
        [source] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        self.app, self.layers = site.app.path, root / "layers"
        self.script, self.plan, self.entries = (
            root / "buildpack.py",
            root / "plan.toml",
            root / "entries.toml",
        )
        self.script.write_text(source)
        self.plan.touch()
        (root / "platform" / "env").mkdir(parents=True)
        self.layers.mkdir()
        user = {
            **site.index.pip_env(),
            "LAYERWRIGHT_PYTHON_PROVIDER": "system",
            "LAYERWRIGHT_PYTHON_VERSION": ">=3.11",
            "PATH": site.env["PATH"],
        }
        for name, value in user.items():
            (root / "platform" / "env" / name).write_text(value)
        self.env = {
            "CNB_BUILDPACK_DIR": str(root),
            "CNB_BUILD_PLAN_PATH": str(self.plan),
            "CNB_BP_PLAN_PATH": str(self.entries),
            "CNB_LAYERS_DIR": str(self.layers),
            "CNB_PLATFORM_DIR": str(root / "platform"),
            "CNB_TARGET_ARCH": "amd64",
            "CNB_TARGET_OS": "linux",
            "HOME": str(site.home),
        }

    def run(self, phase: str) -> str:
        done = subprocess.run(
            [sys.executable, "-I", self.script, phase],
            cwd=self.app,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def test_the_documented_buildpack_builds_with_its_defaults_and_its_hooks(
    new_site: Site, tmp_path: Path
) -> None:
    new_site.app.remove("Procfile")
    new_site.app.write("requirements.txt", "gunicorn\n")
    new_site.index.add(wheel("gunicorn", "1.0"))
    own = Own(new_site, tmp_path)

    assert own.run("detect") == "pip, because requirements.txt exists\n"
    required = tomllib.loads(own.plan.read_text())["requires"]
    own.entries.write_text("".join(f'[[entries]]\nname = "{entry["name"]}"\n' for entry in required))
    log = own.run("build")

    assert "LAYERWRIGHT_PYTHON_VERSION: >=3.11 (decides)\n" in log
    assert tomllib.loads((own.layers / "tool-pip.toml").read_text())["types"]["launch"] is True
    [web] = read_launch(own.layers / "launch.toml")
    assert (web.type, web.command, web.default) == ("web", ("gunicorn", "app:app"), True)
    # The directories in which layers are set aside may stay, because the lifecycle ignores them.
    assert [path for path in (own.layers / ".layerwright").rglob("*") if not path.is_dir()] == []
