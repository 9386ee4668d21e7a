"""Builds with the real Poetry: each ends with what a fresh install would have, and does no more than it takes."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_poetry
from layerwright.build.layers.names import STAND_INS
from layerwright.testing.build_backend import wheel_bytes
from layerwright.testing.distributions import Artifact, wheel
from layerwright.testing.tree import difference, tree
from tests.fixtures.littering import litter, littering_tree
from tests.integration.poetry_site import PoetryIndex, PoetrySite, poetry_is_there, reversioned_poetry
from tests.integration.site import Site, application_tree, link_tree
from tests.integration.test_interruption import stop, wait_until_alone
from tests.integration.test_rebuild import without_process

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

SCRIPT = Path(layerwright_poetry.__file__).with_name("poetry_script.py")

KEPT = dict.fromkeys(("python", "tool-poetry", STAND_INS, "cache-poetry", "venv"), "kept")
UPDATED = {**KEPT, "venv": "updated"}
CREATED = {**KEPT, "venv": "created"}
BEFORE = {"acme": "1.0", "base": "1.0"}

LIBRARY = """\
[project]
name = "lib"
version = "1.0"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""

PLUGIN = """\
from poetry.plugins.application_plugin import ApplicationPlugin

class Greeting(ApplicationPlugin):
    def activate(self, application):
        print("Greetings from a plugin")
"""


@pytest.fixture(scope="session")
def _poetry_index() -> Iterator[PoetryIndex]:
    if not poetry_is_there():
        pytest.skip("Poetry's wheels are not there: run python -m tests.fixtures.wheelhouse")
    with PoetryIndex() as index:
        yield index


@pytest.fixture(scope="session")
def _poetry_template(
    _poetry_index: PoetryIndex, tmp_path_factory: pytest.TempPathFactory
) -> tuple[PoetrySite, Path]:
    _poetry_index.reset()
    root = tmp_path_factory.mktemp("poetry")
    site, kept = PoetrySite(root / "here", _poetry_index), root / "kept"
    site.furnish()
    site.build()
    link_tree(site.root, kept)
    return site, kept


@pytest.fixture
def index(_poetry_index: PoetryIndex) -> Iterator[PoetryIndex]:
    """Serve Poetry, ``acme`` 1.0 and what goes with it."""
    _poetry_index.reset()
    yield _poetry_index
    _poetry_index.reset()


@pytest.fixture
def site(_poetry_template: tuple[PoetrySite, Path], index: PoetryIndex) -> PoetrySite:
    """Return a site whose application is built: it has ``acme`` 1.0 and ``base`` 1.0."""
    site, kept = _poetry_template
    link_tree(kept, site.root)
    # A test writes into these, and the template has the same ones.
    for file in filter(lambda path: path.is_file(), list(site.app.path.iterdir())):
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content)
    return PoetrySite(site.root, index)


@pytest.fixture
def new_site(index: PoetryIndex, tmp_path: Path) -> Iterator[PoetrySite]:
    """Return a site where nothing is built yet."""
    site = PoetrySite(tmp_path / "site", index)
    site.shared = Site.shared
    site.furnish()
    yield site
    shutil.rmtree(site.root)


def as_fresh(site: PoetrySite) -> None:
    """Assert that the virtual environment is, to the byte, what it is when it is made afresh."""
    there = tree(site.layers / "venv")
    (site.site_packages / "stray.py").touch()
    assert site.build().layers == CREATED
    assert difference(there, tree(site.layers / "venv")) == ""


def test_a_first_build_makes_every_layer_and_leaves_the_application_alone(new_site: PoetrySite) -> None:
    before = new_site.app.snapshot()

    outcome = new_site.build()

    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert new_site.installed() == new_site.seen()["distributions"] == BEFORE
    assert new_site.app.snapshot() == before
    assert [path.name for path in (new_site.layers / "tool-poetry" / "bin").iterdir()] == ["poetry"]
    assert list(new_site.home.rglob("*poetry*")) == []


def test_nothing_changed_means_that_no_process_is_started(site: PoetrySite, index: PoetryIndex) -> None:
    requests = len(index.requests)

    done = without_process(site)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Layer venv kept" in done.stdout
    assert len(index.requests) == requests


def test_what_other_tools_have_in_pyproject_changes_nothing(site: PoetrySite) -> None:
    site.lock(more="[tool.other]\nkey = 1")

    assert site.build().layers == KEPT


def test_a_dependency_that_is_added_removed_or_upgraded(site: PoetrySite, index: PoetryIndex) -> None:
    index.add(wheel("acme", "1.1", requires=["base"]))
    site.lock("acme 1.0", "base 1.0", "extra 2.0", requires=("acme", "extra"))
    outcome = site.build()
    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "poetry.lock changed; pyproject.toml changed"
    assert outcome.commands == ["poetry sync --only=main", "compile bytecode"]
    assert site.installed() == {**BEFORE, "extra": "2.0"}

    site.lock("acme 1.1", "base 1.0")
    assert site.build().layers == UPDATED
    assert site.installed() == {"acme": "1.1", "base": "1.0"}
    as_fresh(site)

    site.lock("base 1.0", requires=("base",))
    assert site.build().layers == UPDATED
    assert site.installed() == {"base": "1.0"}
    as_fresh(site)


def test_another_archive_of_the_same_version_is_installed(site: PoetrySite, index: PoetryIndex) -> None:
    other = wheel("base", "1.0", files={"base/__init__.py": "other = True\n"})
    index.remove("base", "1.0")
    index.add(replace(other, filename="base-1.0-1-py3-none-any.whl"))
    site.lock()

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert "To reinstall, from other archives: base==1.0" in outcome.log
    assert (site.site_packages / "base" / "__init__.py").read_text() == "other = True\n"
    as_fresh(site)


def test_pip_goes_like_any_other_dependency(site: PoetrySite) -> None:
    site.lock("acme 1.0", "base 1.0", "pip 25.3", requires=("acme", "pip"))
    assert site.build().layers == UPDATED
    assert site.installed() == {**BEFORE, "pip": "25.3"}

    site.lock()
    site.build()
    assert site.installed() == BEFORE


def test_groups_and_extras_come_and_go(site: PoetrySite) -> None:
    site.app.write("layerwright.toml", '[poetry]\ngroups = ["web"]\n')
    outcome = site.build()
    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "command poetry sync: --only=main → --only=main,web"
    assert site.installed() == {**BEFORE, "extra": "2.0"}
    as_fresh(site)

    site.app.write("layerwright.toml", '[poetry]\nextras = ["fast"]\n')
    site.lock("acme 1.0", "base 1.0", "extra 2.0 fast")
    assert "--only=main,web → --only=main --extras=fast" in site.build().reasons("venv")
    assert site.installed() == {**BEFORE, "extra": "2.0"}

    site.app.remove("layerwright.toml")
    assert site.build().reasons("venv") == "command poetry sync: --extras=fast is gone"
    assert site.installed() == BEFORE


def test_the_test_environment_has_the_test_groups(site: PoetrySite) -> None:
    site.app.write("layerwright.toml", '[poetry]\ntest-groups = ["test"]\n')

    assert site.build().layers["venv"] == "kept"
    assert site.build("--exec-env", "test").layers["venv"] == "updated"
    assert site.installed() == {**BEFORE, "probe": "3.0"}
    assert site.build().layers["venv"] == "updated"
    assert site.installed() == BEFORE


def test_another_version_of_poetry_comes_as_the_index_has_it(site: PoetrySite, index: PoetryIndex) -> None:
    index.add(reversioned_poetry("2.5.99"))
    site.app.write("layerwright.toml", '[poetry]\nversion = "2.5.99"\n')

    outcome = site.build()

    assert outcome.layers == {**CREATED, "tool-poetry": "created"}
    assert "Poetry version: 2.5.1 → 2.5.99" in outcome.reasons("tool-poetry")
    assert "pip install poetry==2.5.99 (not hash-pinned)" in outcome.commands
    assert site.installed() == BEFORE


@pytest.mark.parametrize("damage", ["deleted", "altered", "metadata"])
def test_a_damaged_environment_is_recreated(site: PoetrySite, damage: str) -> None:
    module = site.site_packages / "acme" / "__init__.py"
    if damage == "metadata":
        shutil.rmtree(site.site_packages / "acme-1.0.dist-info")
    else:
        module.unlink()
        if damage == "altered":
            module.write_text("raise SystemExit\n")

    assert site.build().layers == CREATED
    assert module.read_text() == '__version__ = "1.0"\n'
    assert site.installed() == BEFORE


def test_an_update_that_is_killed_leaves_the_last_build_and_the_next_one_is_right(
    site: PoetrySite, index: PoetryIndex
) -> None:
    site.lock("acme 1.0", "base 1.0", "extra 2.0", requires=("acme", "extra"))
    fault = index.stall("/files/extra*")
    build = site.start("build")

    fault.wait_until_met()
    stop(build, "$ poetry sync", signal.SIGKILL)
    fault.lift()

    wait_until_alone(site)
    assert site.seen()["distributions"] == BEFORE
    site.build()
    assert site.installed() == {**BEFORE, "extra": "2.0"}


def test_a_stale_lock_is_poetrys_words_then_ours_and_the_last_build_stays(site: PoetrySite) -> None:
    lock = (site.app.path / "poetry.lock").read_text()
    site.lock(requires=("acme", "extra"))
    site.app.write("poetry.lock", lock)

    outcome = site.build(status=1)

    said = outcome.log + outcome.errors
    theirs = said.index("pyproject.toml changed significantly since poetry.lock was last generated")
    assert theirs < said.index("Run `poetry lock`, and commit poetry.lock")
    assert site.seen()["distributions"] == BEFORE
    assert (site.app.path / "poetry.lock").read_text() == lock


def test_without_a_lock_nothing_is_chosen(site: PoetrySite) -> None:
    site.app.remove("poetry.lock")
    site.app.write("layerwright.toml", 'package-manager = "poetry"\n')

    assert "There is no poetry.lock." in site.build(status=1).errors
    assert not (site.app.path / "poetry.lock").exists()


def test_a_python_that_the_lock_excludes_is_an_error_before_anything_is_installed(site: PoetrySite) -> None:
    lock = (site.app.path / "poetry.lock").read_text()
    site.app.write("poetry.lock", lock.replace('">=3.9,<4.0"', '">=3.9,<3.11"'))
    site.app.write(".python-version", "3.13")

    outcome = site.build(status=1)

    for words in ("3.13", ">=3.9,<3.11", ".python-version", "poetry.lock"):
        assert words in outcome.errors
    assert "poetry sync" not in outcome.log


def test_what_is_cached_is_not_downloaded_again(site: PoetrySite, index: PoetryIndex) -> None:
    index.fail("/files/*")

    as_fresh(site)


def test_what_is_removed_needs_no_network(site: PoetrySite, index: PoetryIndex) -> None:
    index.fail("*")
    site.lock("base 1.0", requires=("base",))

    assert site.build().layers == UPDATED
    assert site.installed() == {"base": "1.0"}


def test_with_launch_poetry_has_all_bytecode_runs_commands_and_makes_nothing(
    site: PoetrySite, tmp_path: Path
) -> None:
    assert "set `launch = true`" in site.layerwright("run", "poetry", "run", "true", status=1).errors
    site.app.write("layerwright.toml", "[poetry]\nlaunch = true\n")
    outcome = site.build()
    assert (outcome.layers["tool-poetry"], outcome.reasons("tool-poetry")) == ("created", "bytecode changed")
    packages = site.layers / "tool-poetry" / "venv" / "lib"
    assert list(packages.rglob("poetry/console/commands/__pycache__/publish.*.pyc"))
    before = tree(site.root)
    nowhere = {"HOME": "/dev/null", "CONDA_DEFAULT_ENV": "base", "CONDA_PREFIX": str(tmp_path)}

    outcome = site.layerwright(
        "run", "poetry", "run", "python", "-c", "import acme, sys; print(sys.prefix)", env=nowhere
    )

    assert outcome.log == f"{site.layers / 'venv'}\n"
    assert difference(before, tree(site.root)) == ""


def test_a_process_that_needs_poetry_at_launch_is_warned_of(site: PoetrySite) -> None:
    site.app.write("Procfile", "web: poetry run python main.py\n")

    outcome = site.build()

    assert "poetry run" in outcome.log + outcome.errors
    assert "python main.py" in outcome.log + outcome.errors


def test_a_hostile_environment_makes_no_difference(site: PoetrySite) -> None:
    site.lock("acme 1.0", "base 1.0", "extra 2.0", requires=("acme", "extra"))
    hostile = {
        "CONDA_DEFAULT_ENV": "base",
        "CONDA_PREFIX": "/invalid",
        "PIP_TARGET": "/invalid",
        "POETRY_CACHE_DIR": "/invalid",
        "POETRY_VIRTUALENVS_CREATE": "true",
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "POETRY_VIRTUALENVS_PATH": "/invalid",
        "UV_PYTHON": "/invalid",
        "VIRTUAL_ENV": "/invalid",
    }
    before = site.app.snapshot()

    assert site.build(env=hostile).layers == UPDATED
    assert site.installed() == {**BEFORE, "extra": "2.0"}
    assert site.app.snapshot() == before


def test_a_variable_that_lets_poetry_choose_versions_is_refused(site: PoetrySite) -> None:
    assert (
        "POETRY_INSTALLER_RE_RESOLVE"
        in site.build(status=1, env={"POETRY_INSTALLER_RE_RESOLVE": "true"}).errors
    )


def test_credentials_reach_the_index_and_are_left_nowhere(site: PoetrySite, index: PoetryIndex) -> None:
    site.lock("acme 1.0", "base 1.0", "extra 2.0", requires=("acme", "extra"))
    index.require_login("me", "s3cret-pass")
    login = {
        "POETRY_HTTP_BASIC_LOOPBACK_USERNAME": "me",
        "POETRY_HTTP_BASIC_LOOPBACK_PASSWORD": "s3cret-pass",
    }

    outcome = site.build(env=login)

    assert site.installed() == {**BEFORE, "extra": "2.0"}
    assert "s3cret-pass" not in outcome.log + outcome.errors
    files = (path for path in site.layers.rglob("*") if path.is_file() and "tool-" not in str(path))
    assert [str(path) for path in files if b"s3cret-pass" in path.read_bytes()] == []


def test_an_application_that_is_a_package_is_installed_as_editable(site: PoetrySite) -> None:
    site.app.write("demo/__init__.py", "def main():\n    print('from the application')\n")
    site.app.write("README.md", "Hello.\n")
    site.lock(package=True, more='readme = "README.md"\n[tool.poetry.scripts]\ngreet = "demo:main"')
    assert site.build().layers == UPDATED
    assert site.installed() == {**BEFORE, "demo": "1.0"}
    assert site.layerwright("run", "greet", cwd=site.app.path).log == "from the application\n"
    assert without_process(site).returncode == 0
    as_fresh(site)

    site.app.write("README.md", "Hello again.\n")
    assert site.build().reasons("venv") == "application changed"
    as_fresh(site)

    site.lock(package=False)
    assert site.build().layers == CREATED
    assert site.installed() == BEFORE


def test_a_local_dependency_beside_the_application_counts_with_its_contents(site: PoetrySite) -> None:
    site.app.write("../lib/pyproject.toml", LIBRARY)
    site.app.write("../lib/lib.py", "")
    site.lock(requires=("acme", "lib @ file:../lib"), directory="../lib")
    tree = (site.root, "--app", site.app.path.name)
    site.build(*tree)
    assert site.installed() == {**BEFORE, "lib": "1.0"}
    assert site.build(*tree).layers == KEPT

    site.app.write("../lib/more.py", "")
    outcome = site.build(*tree)

    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "../lib changed"
    as_fresh(site)


def test_poetry_imports_only_what_has_bytecode(site: PoetrySite, tmp_path: Path) -> None:
    site.app.write("lib/pyproject.toml", LIBRARY)
    site.app.write("lib/lib.py", "")
    site.app.write("demo/__init__.py", "")
    site.lock(requires=("acme", "lib @ file:lib"), directory="lib", editable=False, package=True)
    venv, python = tmp_path / "venv", site.layers / "tool-poetry" / "venv" / "bin" / "python"
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", venv], check=True)

    done = subprocess.run(
        [python, "-I", "-B", "-v", SCRIPT, "sync", "--no-interaction", "--only=main"],
        env={**site.env, "VIRTUAL_ENV": str(venv), "POETRY_CACHE_DIR": str(tmp_path / "cache")},
        cwd=site.app.path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Installing lib" in done.stdout
    compiled = re.findall(r"^# code object from .*/site-packages/(\S+\.py)$", done.stderr, re.MULTILINE)
    # If Poetry was updated, these are lines to add to the plugin's imported.txt.
    assert compiled == []


def test_what_the_build_of_a_local_dependency_leaves_is_moved_away_unless_it_is_editable(
    site: PoetrySite,
) -> None:
    lib = site.app.path / "libs" / "lib"
    for file, content in littering_tree("lib", "1.0").items():
        site.app.write(f"libs/lib/{file}", content)
    site.lock(requires=("acme", "lib @ file:libs/lib"), directory="libs/lib", editable=False)
    before = application_tree(site.app.path)

    outcome = site.build()

    assert site.installed() == {**BEFORE, "lib": "1.0"}
    assert difference(before, application_tree(site.app.path)) == ""
    assert "  Builds left libs/lib/_skbuild, libs/lib/src/lib/fast.c: moved to " in outcome.log
    assert site.build().layers == KEPT

    site.lock(requires=("acme", "lib @ file:libs/lib"), directory="libs/lib")
    assert site.build().layers["venv"] != "kept"
    assert litter("lib") <= tree(lib).keys()


def test_plugins_are_in_poetrys_own_environment(site: PoetrySite, index: PoetryIndex) -> None:
    metadata = "Metadata-Version: 2.1\nName: poetry-greeting\nVersion: 1.2\nRequires-Dist: poetry>=2\n"
    entry_points = "[poetry.application.plugin]\ngreeting = poetry_greeting:Greeting\n"
    name, data = wheel_bytes(metadata, {"poetry_greeting.py": PLUGIN.encode()}, entry_points=entry_points)
    index.add(Artifact(name, data, metadata))
    site.lock(more='[tool.poetry.requires-plugins]\npoetry-greeting = "^1.0"')
    before = site.app.snapshot()

    outcome = site.build()

    assert outcome.layers["tool-poetry"] == "created"
    assert "pip install poetry-greeting>=1.0,<2 (not hash-pinned)" in outcome.commands
    assert site.app.snapshot() == before
    assert site.installed() == BEFORE
    assert site.build().layers == KEPT
    # It speaks whenever Poetry runs.
    site.app.write("layerwright.toml", '[poetry]\ngroups = ["web"]\n')
    assert "Greetings from a plugin" in site.build().log


def test_from_pip_to_poetry_the_python_layer_stays_and_what_was_pips_goes(site: PoetrySite) -> None:
    site.app.write("requirements.txt", "acme\n")
    site.app.write("layerwright.toml", 'package-manager = "pip"\n')
    assert site.build().layers["python"] == "kept"
    assert {path.name for path in site.layers.glob("*-p*") if path.is_dir()} == {"tool-pip", "cache-pip"}
    python = tree(site.layers / "python")
    site.app.write("layerwright.toml", 'package-manager = "poetry"\n')

    assert site.build().layers["python"] == "kept"
    assert tree(site.layers / "python") == python
    names = {path.name for path in site.layers.glob("*-p*") if path.is_dir()}
    assert names == {"tool-poetry", "cache-poetry"}
    assert site.installed() == BEFORE
