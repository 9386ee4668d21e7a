"""Builds with the real uv: each ends with what a fresh install has, and does no more than it takes."""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.names import STAND_INS
from layerwright.local.places import default_layers
from layerwright.testing.distributions import source_tree, wheel
from layerwright.testing.machine import interpreters
from layerwright.testing.tree import difference, tree
from tests.fixtures.littering import litter, littering_tree
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import application_tree, link_tree
from tests.integration.uv_site import OTHER_UV, UvIndex, UvSite, is_filled, other_uv, pyproject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

PYTHONS = [minor for minor in interpreters() if minor in ("3.11", "3.12", "3.13", "3.14")]
KEPT = dict.fromkeys(("python", "tool-uv", STAND_INS, "venv"), "kept")
UPDATED = {**KEPT, "venv": "updated"}
CREATED = {**KEPT, "venv": "created"}
BEFORE = {"acme": "1.0", "base": "1.0"}
AFTER = {**BEFORE, "extra": "2.0"}
UV_BUILD = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'


@pytest.fixture(scope="session")
def _uv_index() -> Iterator[UvIndex]:
    if not is_filled():
        pytest.skip("uv's wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with UvIndex() as index:
        yield index


@pytest.fixture(scope="session")
def _uv_template(_uv_index: UvIndex, tmp_path_factory: pytest.TempPathFactory) -> tuple[UvSite, Path]:
    """Build once for all tests: what a layer holds is bound to its path, so every test gets it back there."""
    _uv_index.reset()
    root = tmp_path_factory.mktemp("uv")
    site, kept = UvSite(root / "here", _uv_index), root / "kept"
    site.furnish()
    site.build()
    link_tree(site.root, kept)
    return site, kept


@pytest.fixture
def index(_uv_index: UvIndex) -> Iterator[UvIndex]:
    """Serve uv, ``acme`` 1.0, ``base`` 1.0 and ``tester`` 1.0."""
    _uv_index.reset()
    yield _uv_index
    _uv_index.reset()


@pytest.fixture
def site(_uv_template: tuple[UvSite, Path], index: UvIndex) -> UvSite:
    """Return a site whose application is built: it has ``acme`` 1.0 and ``base`` 1.0."""
    site, kept = _uv_template
    link_tree(kept, site.root)
    for file in filter(lambda path: path.is_file(), list(site.app.path.iterdir())):
        # A test writes into these, and the template has the same ones.
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content)
    return UvSite(site.root, index)


@pytest.fixture
def new_site(index: UvIndex, tmp_path: Path) -> Iterator[UvSite]:
    """Return a site where nothing is built yet."""
    site = UvSite(tmp_path / "site", index)
    site.furnish()
    yield site
    shutil.rmtree(site.root)


def assert_kept(site: UvSite) -> None:
    """Build again, and expect that nothing is run for it."""
    outcome = site.build()
    assert outcome.layers == KEPT
    assert outcome.commands == []


def test_a_first_build_makes_every_layer_and_leaves_no_downloads(new_site: UvSite) -> None:
    outcome = new_site.build()

    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert outcome.commands[-2] == "uv sync --locked --no-default-groups"
    assert new_site.installed() == new_site.seen()["distributions"] == BEFORE == new_site.fresh()
    assert not (new_site.layers / "cache-uv").exists()
    assert sorted(path.name for path in (new_site.layers / "tool-uv" / "bin").iterdir()) == ["uv", "uvx"]
    assert [path.name for path in (new_site.layers / "tool-uv").iterdir() if path.name[:3] != "env"] == [
        "bin"
    ]


def test_nothing_changed_means_that_nothing_is_run_or_asked_for(site: UvSite, index: UvIndex) -> None:
    before = tree(site.layers / "venv")
    requests = len(index.requests)

    assert_kept(site)

    assert len(index.requests) == requests
    assert tree(site.layers / "venv") == before


def test_a_dependency_that_is_added_is_installed_and_the_rest_stays(site: UvSite, index: UvIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.lock("acme", "extra")
    before = (site.site_packages / "acme" / "__init__.py").stat()

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "uv.lock changed; pyproject.toml changed"
    assert site.installed() == AFTER == site.fresh()
    after = (site.site_packages / "acme" / "__init__.py").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert_kept(site)


def test_a_second_application_downloads_only_what_was_edited_in_the_first(
    site: UvSite, index: UvIndex
) -> None:
    second = site.root / "second"
    shutil.copytree(site.app.path, second)
    module = site.site_packages / "acme" / "__init__.py"
    before, times = module.read_bytes(), module.stat()
    index.requests.clear()
    try:
        # In place: the shared download is the same file.
        module.write_text("mine = True\n")
        outcome = site.layerwright("build", second)
    finally:
        module.write_bytes(before)
        os.utime(module, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert "so they are downloaded again: acme 1.0" in outcome.log
    assert [r.path for r in index.requests if r.path.endswith(".whl")] == ["/files/acme-1.0-py3-none-any.whl"]
    layers = default_layers(second, site.cache)
    assert [path.read_bytes() for path in layers.glob("venv/lib/*/*/acme/__init__.py")] == [before]


def test_another_archive_of_the_same_version_is_installed_as_well(site: UvSite, index: UvIndex) -> None:
    index.add(wheel("acme", "1.0", requires=["base>=1"], files={"acme/new.py": ""}))
    site.relock()

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert "To reinstall, from other archives: acme==1.0" in outcome.log
    assert (site.site_packages / "acme" / "new.py").exists()
    assert site.installed() == BEFORE == site.fresh()


def test_groups_and_extras_come_and_go_with_the_configuration(site: UvSite, index: UvIndex) -> None:
    index.add(wheel("extra", "2.0"))
    more = '[project.optional-dependencies]\nmore = ["extra"]\n[dependency-groups]\ndev = ["tester"]\n'
    site.lock("acme", more=more)
    site.build()
    assert site.installed() == BEFORE

    site.app.write("layerwright.toml", '[uv]\ngroups = ["dev"]\nextras = ["more"]\n')
    outcome = site.build()

    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "command uv sync: --group=dev --extra=more is new"
    assert site.installed() == {**AFTER, "tester": "1.0"} == site.fresh("--group=dev", "--extra=more")
    site.app.remove("layerwright.toml")
    assert site.build().layers == UPDATED
    assert site.installed() == BEFORE == site.fresh()


def test_the_execution_environment_test_adds_the_test_groups(site: UvSite) -> None:
    site.lock("acme", more='[dependency-groups]\nunit = ["tester"]\n')
    site.app.write("layerwright.toml", '[uv]\ntest-groups = ["unit"]\n')
    site.build()
    assert site.installed() == BEFORE

    site.build("--exec-env", "test")

    assert site.installed() == {**BEFORE, "tester": "1.0"} == site.fresh("--group=unit")
    assert site.build().layers == UPDATED
    assert site.installed() == BEFORE


@pytest.mark.skipif(len(PYTHONS) < 2, reason="there is only one Python to build with")
def test_another_python_leaves_uv_alone_and_recreates_the_venv(site: UvSite) -> None:
    before = site.seen()["python"]
    other = next(minor for minor in PYTHONS if not before.startswith(f"{minor}."))
    site.app.write(".python-version", f"{other}\n")

    outcome = site.build()

    assert outcome.layers == {**CREATED, "python": "created"}
    after = site.seen()["python"]
    assert after.startswith(f"{other}.")
    assert f"Python: CPython {before.rpartition('.')[0]} → CPython {other}" in outcome.reasons("venv")
    assert site.installed() == BEFORE == site.fresh()


def test_another_uv_leaves_the_python_layer_untouched_and_says_that_it_is_not_pinned(
    site: UvSite, index: UvIndex
) -> None:
    python = tree(site.layers / "python")
    index.add(other_uv())
    site.app.write("layerwright.toml", f'[uv]\nversion = "{OTHER_UV}"\n')

    outcome = site.build()

    assert outcome.layers == {**CREATED, "tool-uv": "created"}
    assert f"→ {OTHER_UV}" in outcome.reasons("tool-uv")
    assert "not hash-pinned" in outcome.reasons("tool-uv")
    assert f"→ {OTHER_UV}" in outcome.reasons("venv")
    assert tree(site.layers / "python") == python
    assert site.installed() == BEFORE == site.fresh()


def damage_by_deleting(site: UvSite) -> None:
    (site.site_packages / "acme" / "__init__.py").unlink()


def damage_by_altering(site: UvSite) -> None:
    file = site.site_packages / "acme" / "__init__.py"
    file.unlink()
    file.write_text("altered\n")


def damage_the_metadata(site: UvSite) -> None:
    shutil.rmtree(site.site_packages / "acme-1.0.dist-info")


@pytest.mark.parametrize("damage", [damage_by_deleting, damage_by_altering, damage_the_metadata])
def test_a_venv_that_was_damaged_is_recreated(site: UvSite, damage: Callable[[UvSite], None]) -> None:
    damage(site)

    assert site.build().layers == CREATED
    assert site.installed() == BEFORE == site.fresh()
    assert (site.site_packages / "acme" / "__init__.py").read_text() == '__version__ = "1.0"\n'


def test_an_update_that_is_killed_leaves_the_last_build_and_the_next_one_is_right(
    site: UvSite, index: UvIndex
) -> None:
    index.add(wheel("extra", "2.0"))
    site.lock("acme", "extra")
    fault = index.stall("/files/extra-2.0-py3-none-any.whl*")
    build = site.start("build")
    fault.wait_until_met()
    build.kill()
    build.communicate(timeout=60)
    fault.lift()

    assert build.returncode == -signal.SIGKILL
    assert site.seen()["distributions"] == BEFORE
    site.build()
    assert site.installed() == AFTER == site.fresh()


def test_a_stale_lock_file_is_reported_in_uvs_words_and_ours_and_not_rewritten(
    site: UvSite, index: UvIndex
) -> None:
    index.add(wheel("extra", "2.0"))
    site.app.write("pyproject.toml", pyproject("acme", "extra"))
    before = site.app.snapshot()

    outcome = site.build(status=1)

    assert "needs to be updated" in outcome.log
    assert "is recreated" not in outcome.log
    assert "Run `uv lock`, commit uv.lock, and build again." in outcome.errors
    assert site.app.snapshot() == before
    assert site.seen()["distributions"] == BEFORE

    assert "layerwright config set uv.frozen true" in outcome.errors
    site.layerwright("config", "set", "uv.frozen", "true")
    frozen = site.build()
    assert "Warning: uv.lock is installed without checking that it matches pyproject.toml" in frozen.log
    assert site.seen()["distributions"] == BEFORE


@pytest.mark.skipif(not is_complete(wheelhouse()), reason="the wheelhouse with pip is not filled")
def test_another_package_manager_takes_the_place_of_uv_and_nothing_of_it_is_left(site: UvSite) -> None:
    python = tree(site.layers / "python")
    site.app.write("requirements.txt", "base\n")
    site.app.write("layerwright.toml", 'package-manager = "pip"\n')

    outcome = site.build()

    assert "package manager: uv → pip" in outcome.reasons("venv")
    assert "Removed, no longer needed: tool-uv" in outcome.log
    assert site.installed() == {"base": "1.0"}
    site.app.write("layerwright.toml", 'package-manager = "uv"\n')
    assert "package manager: pip → uv" in site.build().reasons("venv")
    assert [path.name for path in site.layers.glob("*-pip")] == []
    assert tree(site.layers / "python") == python
    assert site.installed() == BEFORE == site.fresh()


@pytest.mark.skipif(len(PYTHONS) < 2, reason="there is only one Python to build with")
def test_a_python_that_the_lock_file_excludes_is_reported_before_anything_is_installed(site: UvSite) -> None:
    oldest = PYTHONS[0]
    site.app.write(".python-version", f"{oldest}\n")
    lock = (site.app.path / "uv.lock").read_text()
    site.app.write("uv.lock", lock.replace('">=3.11"', f'">={PYTHONS[1]}"'))

    outcome = site.build(status=1)

    assert f".python-version asks for {oldest}" in outcome.errors
    assert f"uv.lock: requires-python is >={PYTHONS[1]}" in outcome.errors
    assert outcome.commands == []


def test_an_application_that_requires_another_uv_is_an_error_before_anything_runs(
    new_site: UvSite,
) -> None:
    new_site.app.write("uv.toml", 'required-version = "<0.7"\n')

    outcome = new_site.build(status=1)

    assert "required-version in uv.toml is <0.7" in outcome.errors
    assert outcome.commands == []


def test_an_editable_application_is_built_again_only_when_one_of_its_inputs_changes(
    new_site: UvSite,
) -> None:
    site = new_site
    site.app.write("src/shop/__init__.py", "answer = 1\n")
    site.lock("acme", more=UV_BUILD)
    site.build()
    assert site.installed() == {**BEFORE, "shop": "1.0"} == site.fresh()

    site.app.write("src/shop/__init__.py", "answer = 2\n")

    assert_kept(site)
    site.layerwright("run", "python", "-c", "import shop; raise SystemExit(shop.answer)", status=2)
    site.app.write("pyproject.toml", pyproject("acme", more=UV_BUILD + '[project.scripts]\ngo = "shop:go"\n'))
    assert site.build().layers == UPDATED
    assert (site.layers / "venv" / "bin" / "go").exists()
    site.app.write("layerwright.toml", "[uv]\neditable = false\n")
    assert site.build().layers == UPDATED
    assert (site.site_packages / "shop" / "__init__.py").read_text() == "answer = 2\n"
    site.app.write("src/shop/__init__.py", "answer = 3\n")
    assert "shop in . changed" in site.build().reasons("venv")
    assert (site.site_packages / "shop" / "__init__.py").read_text() == "answer = 3\n"
    assert site.installed() == site.fresh("--no-editable")


def write_tree(site: UvSite, folder: str, version: str) -> None:
    tree = source_tree("kit", version, files={"kit/data.py": f"number = {version}\n"})
    tree["pyproject.toml"] += '[project]\nname = "kit"\ndynamic = ["version"]\n'
    for name, text in tree.items():
        site.app.write(f"{folder}/{name}", text)


def test_a_local_directory_that_changes_without_a_new_version_is_installed_again(site: UvSite) -> None:
    write_tree(site, "libs/kit", "1.0")
    site.lock("acme", "kit", more='[tool.uv.sources]\nkit = { path = "libs/kit" }\n')
    site.build()
    assert site.installed() == {**BEFORE, "kit": "1.0"} == site.fresh()
    assert_kept(site)

    site.app.write("libs/kit/src/kit/data.py", "number = 3\n")
    outcome = site.build()

    assert outcome.reasons("venv") == "kit in libs/kit changed"
    assert (site.site_packages / "kit" / "data.py").read_text() == "number = 3\n"
    assert site.installed() == site.fresh()


def test_what_is_built_leaves_nothing_in_the_application_unless_it_is_editable(
    site: UvSite, index: UvIndex
) -> None:
    index.add_directory(wheelhouse())
    for name in ("native", "own"):
        for file, content in littering_tree(name, "1.0").items():
            site.app.write(f"{name}/{file}", content)
    site.app.write("kit/pyproject.toml", '[project]\nname = "kit"\nversion = "1.0"\n')
    for name in ("__init__", "gone"):
        site.app.write(f"kit/src/kit/{name}.py", "")
    sources = {"kit": "", "native": "", "own": ", editable = true"}
    lines = (f'{name} = {{ path = "{name}"{more} }}\n' for name, more in sources.items())
    site.lock(*sources, more=f"[tool.uv.sources]\n{''.join(lines)}")
    before = application_tree(site.app.path)

    outcome = site.build()
    after = application_tree(site.app.path)
    assert {name: after.pop(f"own/{name}").kind for name in litter("own")}
    assert difference(before, after) == ""
    assert "  Builds left native/_skbuild, native/src/native/fast.c: moved to " in outcome.log
    assert (site.site_packages / "kit" / "gone.py").exists()
    # What is editable is imported from there, and counts with all of it.
    assert site.build().reasons("venv") == "own in own changed"
    assert_kept(site)

    (site.app.path / "kit" / "src" / "kit" / "gone.py").unlink()
    assert site.build().layers["venv"] == "updated"
    assert [path.name for path in (site.site_packages / "kit").glob("*.py")] == ["__init__.py"]


def test_a_member_of_a_workspace_is_installed_with_what_it_depends_on(site: UvSite, index: UvIndex) -> None:
    index.add(wheel("extra", "2.0"))
    for name, requirement in (("api", "base"), ("job", "extra")):
        text = pyproject(requirement, more=UV_BUILD).replace("shop", name)
        site.app.write(f"packages/{name}/pyproject.toml", text)
        site.app.write(f"packages/{name}/src/{name}/__init__.py", "")
    site.lock("acme", more='[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    site.app.write("layerwright.toml", '[uv]\npackage = "api"\n')

    site.build()

    assert site.installed() == {"api": "1.0", "base": "1.0"} == site.fresh("--package=api")
    assert_kept(site)

    # From its own directory, which the tree around it may be given for or not, into the same layers.
    site.app.remove("layerwright.toml")
    site.app.write("packages/api/Procfile", "web: pwd\n")
    place = ("--layers", site.layers)
    chosen = site.build("--app", "packages/api", *place)
    assert "  uv, because ../../uv.lock exists\n" in chosen.log
    assert site.installed() == {"api": "1.0", "base": "1.0"}
    assert site.layerwright("run", *place).log == f"{site.app.path}/packages/api\n"
    site.app.write("packages/job/src/job/__init__.py", "changed = True\n")
    site.app.write("packages/job/more.py", "")
    assert site.build("packages/api", *place).reasons("venv") == "unchanged"
    site.app.write("packages/api/more.py", "")
    assert site.build("packages/api", *place).reasons("venv") == "api in . changed"


def test_settings_that_change_builds_make_all_of_it_afresh(site: UvSite) -> None:
    # Other files are linked from the shared downloads again.
    record = site.site_packages / "acme-1.0.dist-info" / "RECORD"
    before = record.stat().st_ino
    site.app.write("uv.toml", "no-build = true\n")

    outcome = site.build()

    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "uv.toml is new"
    assert record.stat().st_ino != before
    assert site.installed() == BEFORE == site.fresh()


def test_variables_that_make_another_build_are_named_all_at_once(site: UvSite) -> None:
    hostile = {"UV_PYTHON": "/invalid", "UV_PROJECT_ENVIRONMENT": "/invalid", "UV_NO_DEV": "1"}

    outcome = site.build(env=hostile, status=1)

    assert "change what is built: UV_NO_DEV, UV_PROJECT_ENVIRONMENT, UV_PYTHON." in outcome.errors


def test_what_images_and_developers_set_for_uv_makes_no_difference(new_site: UvSite) -> None:
    harmless = {
        "UV_CACHE_DIR": "/invalid",
        "UV_COMPILE_BYTECODE": "1",
        "UV_LINK_MODE": "symlink",
        "UV_LOCKED": "0",
        "UV_NO_CACHE": "1",
        "UV_NO_SYNC": "1",
        "UV_PYTHON_DOWNLOADS": "automatic",
        "VIRTUAL_ENV": "/invalid",
    }

    new_site.build(env=harmless)

    assert new_site.build().layers == KEPT
    assert new_site.installed() == BEFORE == new_site.fresh()
    assert not (new_site.site_packages / "acme").is_symlink()


def test_what_the_application_sets_for_its_developers_makes_no_difference(new_site: UvSite) -> None:
    table = '[tool.uv]\npython-preference = "only-managed"\ncompile-bytecode = true\nno-cache = true\n'
    new_site.app.write("pyproject.toml", pyproject("acme", more=f'{table}link-mode = "symlink"\n'))

    outcome = new_site.build()

    assert "Removed virtual environment" not in outcome.log
    assert "Bytecode compiled" not in outcome.log
    assert new_site.installed() == BEFORE
    assert new_site.build().layers == KEPT


def test_credentials_of_the_index_are_in_no_file_and_no_line_of_the_log(
    new_site: UvSite, index: UvIndex
) -> None:
    secret = "s3cr3t-of-the-index"
    url = index.require_login("reader", secret)
    del new_site.env["PIP_INDEX_URL"]

    outcome = new_site.build(env={"UV_DEFAULT_INDEX": url})

    assert secret not in outcome.log + outcome.errors
    files = [path for path in new_site.cache.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in files if secret.encode() in path.read_bytes()] == []
    assert new_site.installed() == BEFORE


def test_with_launch_on_uv_runs_what_is_there_and_changes_nothing(site: UvSite) -> None:
    site.app.write("layerwright.toml", "[uv]\nlaunch = true\n")
    site.build()
    before = site.app.snapshot()
    # What is locked no longer matters.
    site.app.write("pyproject.toml", pyproject("acme", "absent"))
    code = "import json, sys; print(json.dumps([sys.prefix, sys.path]))"

    for arguments in (("run", "--no-sync"), ("run",)):
        outcome = site.layerwright("run", "uv", *arguments, "python", "-c", code)
        assert json.loads(outcome.log)[0] == str(site.layers / "venv")
    listed = site.layerwright("run", "uv", "pip", "list", "--format=json").log
    assert {d["name"]: d["version"] for d in json.loads(listed)} == BEFORE
    assert site.installed() == BEFORE
    assert site.app.snapshot() == {**before, "pyproject.toml": pyproject("acme", "absent").encode()}
    assert not (site.app.path / ".venv").exists()
    assert [name for name in site.seen()["environment"] if name.startswith("PYTHONPATH")] == []


def test_with_launch_on_uv_needs_no_home(site: UvSite) -> None:
    site.app.write("layerwright.toml", "[uv]\nlaunch = true\n")
    site.build()

    outcome = site.layerwright("run", "uv", "run", "python", "-c", "print(1)", env={"HOME": "/proc/none"})

    assert outcome.log == "1\n"


def test_uv_is_missing_at_launch_and_a_stand_in_says_how_to_get_it(site: UvSite) -> None:
    outcome = site.layerwright("run", "uv", "run", "python", status=1)

    assert "uv is a build-time tool of this image" in outcome.errors
    # What the developer's own shell has is no matter of the layers.
    assert {name for name in site.seen()["environment"] if name.startswith("UV_")} <= site.env.keys()


def test_a_process_that_uv_starts_is_a_warning_with_the_command_to_write(site: UvSite) -> None:
    site.app.write("Procfile", "web: uv run python main.py\n")

    assert "which is on PATH: python main.py" in site.build().log


def test_a_pylock_file_is_installed_where_the_configuration_names_uv(site: UvSite, index: UvIndex) -> None:
    index.add(wheel("extra", "2.0"))
    site.app.write("layerwright.toml", 'package-manager = "uv"\n')
    site.uv("export", "--format=pylock.toml", "--output-file=pylock.toml")
    site.app.remove("uv.lock")

    outcome = site.build()

    assert outcome.layers == UPDATED | {"venv": "created"}
    assert "uv pip sync --require-hashes pylock.toml" in outcome.commands
    assert site.installed() == BEFORE
    assert_kept(site)
    site.lock("acme", "extra")
    site.uv("export", "--format=pylock.toml", "--output-file=pylock.toml")
    site.app.remove("uv.lock")
    assert site.build().reasons("venv") == "pylock.toml changed"
    assert site.installed() == AFTER


def test_a_pylock_file_without_a_hash_is_refused(site: UvSite) -> None:
    site.app.write("layerwright.toml", 'package-manager = "uv"\n')
    site.app.remove("uv.lock")
    site.app.write(
        "pylock.toml",
        'lock-version = "1.0"\ncreated-by = "hand"\n[[packages]]\nname = "acme"\nversion = "1.0"\n'
        f'wheels = [{{ url = "{site.index.url}../files/acme-1.0-py3-none-any.whl", hashes = {{}} }}]\n',
    )

    outcome = site.build(status=1)

    assert "If pylock.toml lacks a hash" in outcome.errors
    assert site.seen()["distributions"] == BEFORE


def test_without_a_lock_file_there_is_nothing_to_install_from(site: UvSite) -> None:
    site.app.write("layerwright.toml", 'package-manager = "uv"\n')
    site.app.remove("uv.lock")

    errors = site.build(status=1).errors

    assert "uv.lock does not exist." in errors
    assert "Run `uv lock`" in errors


def test_a_script_is_installed_from_its_lock_file_which_must_match_it(site: UvSite, index: UvIndex) -> None:
    main = (site.app.path / "main.py").read_text()
    for name in ("pyproject.toml", "uv.lock", "Procfile"):
        site.app.remove(name)

    def write(*requirements: str, code: str = main) -> None:
        site.app.write("main.py", f"# /// script\n# dependencies = {json.dumps(requirements)}\n# ///\n{code}")

    index.add(wheel("extra", "2.0"))
    write("acme", "extra")
    site.uv("lock", "--script", "main.py")
    outcome = site.build()
    assert "uv, because main.py.lock exists" in outcome.log
    assert outcome.layers == UPDATED
    assert site.installed() == AFTER
    write("acme", "extra", code=f"{main}\n")
    # As the script alone, whatever is beside it, it is the same.
    site.app.write("pyproject.toml", pyproject("other"))
    alone = site.build("--layers", site.layers, "main.py")
    assert alone.layers == KEPT
    assert "web (default): python main.py" in alone.log
    ran = site.layerwright("run", "--layers", site.layers, "--app", "main.py")
    assert json.loads(ran.log)["distributions"] == AFTER

    write("acme")
    stale = site.build("--layers", site.layers, "main.py", status=1)
    assert "Error: main.py.lock does not match main.py." in stale.errors
    assert "Run `uv lock --script main.py`, commit main.py.lock, and build again." in stale.errors
    site.uv("lock", "--script", "main.py")
    assert site.build("--layers", site.layers, "main.py").layers == UPDATED
    assert site.installed() == BEFORE
