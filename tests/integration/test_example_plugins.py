"""The example plugins, from wheels in a virtual environment of their own: what a stranger has, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.testing.machine import clean_env, interpreters
from requirements.locks import ROOT
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse
from tests.integration.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import SharedIndex

pytestmark = pytest.mark.integration

PLUGINS: Final = sorted(path.parent for path in ROOT.glob("examples/plugins/*/pyproject.toml"))
BUILD: Final = "import sys; from flit_core import buildapi; buildapi.build_wheel(sys.argv[1])"
TIERS: Final = [
    pytest.param(
        plugin, tier, id=f"{plugin.name}, {tier}", marks=[pytest.mark.long] if tier == "real" else []
    )
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
    for source in (ROOT / "core", ROOT / "plugins" / "pip", *PLUGINS):
        subprocess.run([sys.executable, "-c", BUILD, root], cwd=source, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "venv"], check=True)
    places = (root, wheelhouse(), tool_wheelhouse("buildpack"))
    pip = [sys.executable, "-m", "pip", f"--python={root / 'venv' / 'bin' / 'python'}", "install", "--quiet"]
    offline = ["--no-index", "--disable-pip-version-check", *(f"--find-links={place}" for place in places)]
    # pip-tools refines pip.
    names = ["layerwright-pip", *(f"layerwright-{plugin.name}[test]" for plugin in PLUGINS)]
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
    skipped = {*re.findall(r"^SKIPPED \[\d+\] \S+ (.+)$", done.stdout, re.MULTILINE)}
    # One check needs a second Python.
    assert skipped <= {"it has no resolution"} or len(interpreters()) == 1


def test_compiled_requirements_that_do_not_fit_are_refused_and_the_last_build_stays(
    stranger: Path, index: SharedIndex, tmp_path: Path
) -> None:
    index.add_directory(tool_wheelhouse("pip-tools"))
    site = Site(tmp_path, index, program=[str(stranger / "layerwright")])
    site.make_directories()
    site.app.write("requirements.in", "acme\n")
    compiled = [index.requirement("acme", "1.0"), index.requirement("base", "1.0")]

    missing = site.build(status=1).errors
    site.app.write("requirements.txt", "".join(f"{line}\n" for line in compiled))
    first = site.build()
    site.app.write("requirements.in", "acme\nbase>=2\n")
    stale = site.build(status=1)

    assert "Run `pip-compile --generate-hashes`, and commit requirements.txt." in missing
    assert "pip-tools, because requirements.in exists, and pip-tools refines pip" in first.log
    assert site.installed() == {"acme": "1.0", "base": "1.0"}
    assert "run `pip-compile --generate-hashes` and commit requirements.txt" in stale.errors
