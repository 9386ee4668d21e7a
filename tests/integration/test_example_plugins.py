"""The example plugins, from wheels in a virtual environment of their own: what a stranger has, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from layerwright.testing.machine import clean_env, interpreters
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse

pytestmark = pytest.mark.integration

ROOT: Final = Path(__file__).parents[2]
PLUGINS: Final = sorted(path.parent for path in ROOT.glob("examples/plugins/*/pyproject.toml"))
BUILD: Final = "import sys; from flit_core import buildapi; buildapi.build_wheel(sys.argv[1])"
TIERS: Final = [
    pytest.param(plugin, tier, id=f"{plugin.name}, {tier}")
    for plugin in PLUGINS
    for tier in ("not real", "real")
    if tier != "real" or plugin.name in TOOL_LOCKS
]


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``bin`` directory of a new virtual environment with core and the example plugins, all from wheels."""
    if not (
        is_complete(wheelhouse()) and all(is_complete(tool_wheelhouse(n), TOOL_LOCKS[n]) for n in TOOL_LOCKS)
    ):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    root = tmp_path_factory.mktemp("stranger")
    for source in (ROOT / "core", *sorted(ROOT.glob("plugins/*")), *PLUGINS):
        subprocess.run([sys.executable, "-c", BUILD, root], cwd=source, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "venv"], check=True)
    places = (root, wheelhouse(), tool_wheelhouse("buildpack"))
    pip = [sys.executable, "-m", "pip", f"--python={root / 'venv' / 'bin' / 'python'}", "install", "--quiet"]
    offline = ["--no-index", "--disable-pip-version-check", *(f"--find-links={place}" for place in places)]
    names = [f"layerwright-{plugin.name}[test]" for plugin in PLUGINS]
    subprocess.run([*pip, *offline, *names], env=clean_env(root), check=True)
    return root / "venv" / "bin"


@pytest.mark.parametrize(("plugin", "tier"), TIERS)
def test_a_plugin_passes_its_own_tests(stranger: Path, tmp_path: Path, plugin: Path, tier: str) -> None:
    shutil.copytree(plugin / "tests", tmp_path / "tests")
    (tmp_path / "wheelhouse").symlink_to(tool_wheelhouse(plugin.name))

    done = subprocess.run(
        [stranger / "python", "-m", "pytest", "-W", "error", "-m", tier, "-q", "-ra", "tests"],
        cwd=tmp_path,
        env={**clean_env(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    # One check needs a second Python.
    assert "skipped" not in done.stdout or len(interpreters()) == 1
