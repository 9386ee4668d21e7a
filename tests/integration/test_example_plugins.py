"""The example plugins, from wheels in a virtual environment of their own: what a stranger has, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from typing_extensions import override

from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import clean_env, interpreters
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse
from tests.integration.site import Site
from tests.integration.test_examples import EXAMPLES, PYTHONS, page, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

PLUGINS: Final = ("pdm", "pipenv")
ROOT: Final = EXAMPLES.parent
BUILD: Final = "import sys; from flit_core import buildapi; buildapi.build_wheel(sys.argv[1])"

UNLOCKED: Final = {
    "pdm": ("pyproject.toml", '"flask"', '"flask", "click"'),
    "pipenv": ("Pipfile", "[packages]\n", '[packages]\nclick = "*"\n'),
}
"""In which file of the example a requirement that is not locked is added, and how."""


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``bin`` directory of a new virtual environment with core and the example plugins, all from wheels."""
    if not (
        is_complete(wheelhouse()) and all(is_complete(tool_wheelhouse(n), TOOL_LOCKS[n]) for n in TOOL_LOCKS)
    ):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    root = tmp_path_factory.mktemp("stranger")
    for source in (ROOT / "core", *(EXAMPLES / "plugins" / name for name in PLUGINS)):
        subprocess.run([sys.executable, "-c", BUILD, root], cwd=source, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / "venv"], check=True)
    places = (root, wheelhouse(), tool_wheelhouse("buildpack"))
    pip = [sys.executable, "-m", "pip", f"--python={root / 'venv' / 'bin' / 'python'}", "install", "--quiet"]
    offline = ["--no-index", "--disable-pip-version-check", *(f"--find-links={place}" for place in places)]
    names = [f"layerwright-{name}[test]" for name in PLUGINS]
    subprocess.run([*pip, *offline, *names], env=clean_env(root), check=True)
    return root / "venv" / "bin"


class StrangersSite(Site):
    """A site where Layerwright is the one of *stranger*."""

    def __init__(self, root: Path, index: PackageIndex, stranger: Path) -> None:
        super().__init__(root, index)
        self.stranger = stranger
        self.env["PDM_PYPI_URL"] = index.url

    @override
    def command(self, *arguments: str | Path) -> list[str]:
        return [str(self.stranger / "layerwright"), *map(str, arguments)]


@pytest.fixture
def place(stranger: Path, tmp_path: Path) -> Iterator[StrangersSite]:
    """Return a site without an application, and an index that has all that the examples and their tools need."""
    with PackageIndex() as index:
        for directory in (wheelhouse(), *map(tool_wheelhouse, PLUGINS)):
            index.add_directory(directory)
        site = StrangersSite(tmp_path / "site", index, stranger)
        site.home.mkdir(parents=True)
        site.cache.mkdir()
        yield site
    shutil.rmtree(site.root)


# Of the plugin for PDM, the tutorial runs the real tier: it ends with that very plugin.
@pytest.mark.parametrize(("name", "tier"), [("pdm", "not real"), ("pipenv", "not real"), ("pipenv", "real")])
def test_a_plugin_passes_its_own_tests(stranger: Path, tmp_path: Path, name: str, tier: str) -> None:
    shutil.copytree(EXAMPLES / "plugins" / name / "tests", tmp_path / "tests")
    (tmp_path / "wheelhouse").symlink_to(tool_wheelhouse(name))

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


@pytest.mark.parametrize("name", PLUGINS)
def test_its_example_is_built_and_served_with_its_tool_at_launch_and_without(
    place: StrangersSite, name: str
) -> None:
    shutil.copytree(EXAMPLES / name, place.app.path)
    place.app.write(".python-version", PYTHONS[-1])
    before = place.app.snapshot()

    assert set(place.build().layers.values()) == {"created"}
    assert set(place.build().layers.values()) == {"kept"}
    assert place.app.snapshot() == before
    with served(place) as url:
        content = page(url)
    assert content["message"] == "Hello from a layer"
    assert str(content["python"]).startswith(f"{PYTHONS[-1]}.")
    outside = [p for p in content["path"] if not str(p).startswith((str(place.layers), str(place.app.path)))]  # type: ignore[attr-defined]
    assert outside == []

    place.app.write("layerwright.toml", f"[{name}]\nlaunch = true\n")
    place.app.write("Procfile", f"web: {name} run gunicorn app:app\n")
    assert place.build().layers["venv"] == "kept"
    with served(place) as url:
        assert page(url)["message"] == "Hello from a layer"

    file, there, more = UNLOCKED[name]
    place.app.write(file, before[file].decode().replace(there, more))
    outcome = place.build(status=1)
    assert f"run `{name} lock`" in outcome.errors
    assert "venv" not in outcome.layers
    assert (place.site_packages / "flask").is_dir()
