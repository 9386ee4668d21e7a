"""Every kind of requirement that pip knows, and secrets that get into nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import source_tree, wheel
from layerwright.testing.tree import difference
from tests.fixtures.littering import litter, littering_tree
from tests.fixtures.wheelhouse import wheelhouse
from tests.integration.site import Site, application_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import SharedIndex

pytestmark = pytest.mark.integration

SECRET = "hunter2-Tr0ub4dor"


def write_tree(site: Site, folder: str, name: str, version: str) -> Path:
    for path, content in source_tree(name, version).items():
        site.app.write(f"{folder}/{path}", content)
    return site.app.path / folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.check_output(["git", *identity, *arguments], cwd=folder, text=True).strip()


def test_a_local_directory_is_installed_and_its_changes_update_the_venv(site: Site) -> None:
    write_tree(site, "local", "local", "1.0")
    site.app.write("requirements.txt", "acme\n./local\n")
    site.build()
    assert site.installed() == {"acme": "1.0", "base": "1.0", "local": "1.0"}

    write_tree(site, "local", "local", "2.0")
    outcome = site.build()

    assert outcome.layers["venv"] == "updated"
    assert "local" in outcome.reasons("venv")
    assert site.installed() == {"acme": "1.0", "base": "1.0", "local": "2.0"}
    assert site.build().layers["venv"] == "kept"


def test_an_editable_directory_is_imported_from_where_it_lies(site: Site) -> None:
    folder = write_tree(site, "local", "local", "1.0")
    site.app.write("requirements.txt", "-e ./local\n")
    site.build()

    (folder / "src" / "local" / "__init__.py").write_text("print('edited')\n")

    assert site.layerwright("run", "python", "-c", "import local").log == "edited\n"
    assert site.build().layers["venv"] == "created"


def test_a_local_wheel_is_installed_and_a_new_one_in_its_place_as_well(site: Site) -> None:
    wheel("local", "1.0").save(site.app.path)
    site.app.write("requirements.txt", "acme\n./local-1.0-py3-none-any.whl\n")
    site.build()
    wheel("local", "1.0", files={"local/anew.py": ""}).save(site.app.path)

    outcome = site.build()

    assert outcome.layers["venv"] != "kept"
    assert site.installed() == {"acme": "1.0", "base": "1.0", "local": "1.0"}
    assert (site.site_packages / "local" / "anew.py").exists()


SHADOWING = (
    "copy.py", "email/__init__.py", "encodings/__init__.py", "json.py", "logging.py", "pip.py", "platform.py",
    "random.py", "re.py", "setuptools.py", "site.py", "sitecustomize.py", "string.py", "types.py",
    "usercustomize.py",
)  # fmt: skip


def test_an_application_may_be_as_odd_as_those_that_people_have(index: SharedIndex, tmp_path: Path) -> None:
    """Modules named like the standard library's, Windows' byte order marks and line ends, a blank in the path."""
    site = Site(tmp_path / "two words", index)
    site.furnish()
    for name in SHADOWING:
        site.app.write(name, f"raise SystemExit('{name} is imported')\n")
    local = wheel("local", "1.0")
    local.save(site.app.write("_vendor/README", "").parent)
    lines = [
        f'acme==1.0 ; python_version >= "3.8" --hash=sha256:{wheel("acme", "1.0", requires=["base>=1"]).sha256}',
        "# comment",
        f"base==1.0 --hash=sha256:{wheel('base', '1.0').sha256}",
        f"local @ file:_vendor/{local.filename} --hash=sha256:{local.sha256}",
    ]
    site.app.write("requirements.txt", "\ufeff" + "\r\n".join(lines) + "\r\n")
    site.app.write("Procfile", "\ufeffweb: python sub/go.py\r\n")
    site.app.write("sub/go.py", "import acme, base, local; print('fine')\n")
    site.app.write(".python-version", f"\ufeff{sys.version_info[0]}.{sys.version_info[1]}\r\n")

    debugging = {"PYTHONINSPECT": "1", "PYTHONOPTIMIZE": "2", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    # From elsewhere: `python -m`, by which the tests start it, would import the application's own modules.
    site.layerwright("build", site.app.path, env=debugging, cwd=tmp_path)
    again = site.layerwright("build", site.app.path, cwd=tmp_path)

    assert site.layerwright("run", "--app", site.app.path, cwd=tmp_path).log == "fine\n"
    assert again.layers["venv"] == "kept"
    assert "$ pip" not in again.log


def test_what_is_built_leaves_nothing_in_the_application_and_takes_nothing_from_there(
    site: Site, index: SharedIndex
) -> None:
    index.add_directory(wheelhouse())
    for name in ("plain", "own"):
        pyproject = f'[project]\nname = "{name}"\nversion = "1.0"\n'
        site.app.write(f"{name}/pyproject.toml", pyproject)
        site.app.write(f"{name}/src/{name}/__init__.py", "")
    site.app.write("plain/src/plain/gone.py", "")
    # Left by a build that was made there by hand, before a module was removed.
    site.app.write("plain/build/lib/plain/removed.py", "")
    for name in ("native", "linked"):
        for file, content in littering_tree(name, "1.0").items():
            site.app.write(f"{name}/{file}", content)
    site.app.write("requirements.txt", "./plain\n-e ./own\n./native\n-e ./linked\n")
    before = application_tree(site.app.path)

    outcome = site.build()

    after = application_tree(site.app.path)
    editable = {f"linked/{name}" for name in litter("linked")}
    assert difference(before, {name: entry for name, entry in after.items() if name not in editable}) == ""
    assert editable <= after.keys()
    assert "  Builds left native/_skbuild, native/src/native/fast.c: moved to " in outcome.log
    assert site.installed() == {"linked": "1.0", "native": "1.0", "own": "1.0", "plain": "1.0"}
    modules = {path.name for path in (site.site_packages / "plain").glob("*.py")}
    assert modules == {"__init__.py", "gone.py"}

    (site.app.path / "plain" / "src" / "plain" / "gone.py").unlink()
    site.build()
    assert not (site.site_packages / "plain" / "gone.py").exists()


@pytest.mark.parametrize("editable", [False, True], ids=["plain", "editable"])
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_repository_is_installed_and_leaves_no_checkout_in_the_application(
    site: Site, editable: bool
) -> None:
    folder = site.root / "repository"
    for path, content in source_tree("checked", "1.0").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "First")
    line = f"git+file://{folder}@main#egg=checked" if editable else f"checked @ git+file://{folder}@main"
    site.app.write("requirements.txt", f"{'-e ' if editable else ''}{line}\n")
    before = site.app.snapshot()

    site.build()
    assert site.installed() == {"checked": "1.0"}
    assert site.app.snapshot() == before

    metadata = folder / "PKG-INFO"
    metadata.write_text(metadata.read_text().replace("Version: 1.0", "Version: 2.0"))
    git(folder, "commit", "--quiet", "--all", "--message", "Second")
    site.build()
    assert site.installed() == {"checked": "2.0"}
    assert list(site.layers.glob("venv/**/.git")) == []

    site.app.write("requirements.txt", "acme\n")
    site.build()
    assert site.installed() == {"acme": "1.0", "base": "1.0"}
    assert not (site.layers / "venv" / "src").exists()


def test_a_url_is_installed_and_what_replaces_it_too(site: Site, index: SharedIndex) -> None:
    index.add(wheel("extra", "1.0"), wheel("extra", "2.0"))
    url = index.url.replace("/simple/", "/files/extra-{}-py3-none-any.whl")
    site.app.write("requirements.txt", f"extra @ {url.format('1.0')}\n")
    site.build()
    assert site.installed() == {"extra": "1.0"}
    assert site.build().layers["venv"] == "kept"

    site.app.write("requirements.txt", f"extra @ {url.format('2.0')}\n")

    assert site.build().layers["venv"] == "updated"
    assert site.installed() == {"extra": "2.0"}


def test_the_same_version_from_another_place_is_installed_again(site: Site, index: SharedIndex) -> None:
    url = index.url.replace("/simple/", "/files/base-1.0-py3-none-any.whl")
    site.app.write("requirements.txt", f"acme\nbase @ {url}\n")

    site.build()

    assert list(site.site_packages.glob("base-1.0.dist-info/direct_url.json")) != []
    site.app.write("requirements.txt", "acme\n")
    site.build()
    assert list(site.site_packages.glob("base-1.0.dist-info/direct_url.json")) == []
    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_included_files_and_constraints_count_however_deep_they_are(site: Site, index: SharedIndex) -> None:
    index.add(wheel("base", "2.0"))
    site.app.write("requirements.txt", "-r requirements/web.txt\n")
    site.app.write("requirements/web.txt", "acme\n-c constraints.txt\n")
    site.app.write("requirements/constraints.txt", "base<2\n")
    site.build()
    assert site.installed() == {"acme": "1.0", "base": "1.0"}

    site.app.write("requirements/constraints.txt", "base>=2\n")
    outcome = site.build()

    assert "requirements/constraints.txt changed" in outcome.reasons("venv")
    assert site.installed() == {"acme": "1.0", "base": "2.0"}


def files_with(site: Site, secret: str) -> list[Path]:
    files = (path for path in [*site.cache.rglob("*"), *site.home.rglob("*")] if path.is_file())
    return [path for path in files if secret.encode() in path.read_bytes()]


def test_credentials_of_the_index_are_in_no_file_and_no_line_of_the_log(
    site: Site, index: SharedIndex
) -> None:
    url = index.require_login("reader", SECRET)
    index.add(wheel("extra", "2.0"))
    site.app.write("requirements.txt", "acme\nextra\n")

    for arguments in ((), ("--clean",)):
        outcome = site.build(*arguments, env={"PIP_INDEX_URL": url})
        assert SECRET not in outcome.log + outcome.errors
        assert site.installed() == {"acme": "1.0", "base": "1.0", "extra": "2.0"}
        assert files_with(site, SECRET) == []


def test_credentials_in_requirements_come_from_variables_and_stay_there(
    site: Site, index: SharedIndex
) -> None:
    index.require_login("reader", SECRET)
    place = index.url.removeprefix("http://")
    site.app.write(
        "requirements.txt",
        f"--index-url http://${{READER}}:${{TOKEN}}@{place}\n--trusted-host 127.0.0.1\nacme\n",
    )
    env = {"READER": "reader", "TOKEN": SECRET}
    explained = site.layerwright("explain", "--json", env=env)

    outcome = site.build(env=env)

    assert SECRET not in outcome.log + outcome.errors + explained.log
    assert files_with(site, SECRET) == []
    index.add(wheel("base", "3.0"))
    assert site.build(env=env).layers["venv"] == "updated"
    assert site.installed() == {"acme": "1.0", "base": "3.0"}
    assert files_with(site, SECRET) == []


def test_a_wrong_password_is_not_told_either(site: Site, index: SharedIndex) -> None:
    index.require_login("reader", "another")
    url = index.url.replace("://", f"://reader:{SECRET}@")
    site.app.write("requirements.txt", "extra\n")

    outcome = site.build(status=1, env={"PIP_INDEX_URL": url})

    assert SECRET not in outcome.log + outcome.errors
    assert files_with(site, SECRET) == []
