"""Whatever is wrong: what happened, why, what to do, no traceback, and the last build still runs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import BUILD_FAILURE, sdist, wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import interpreters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.integration.site import Outcome, SharedIndex, Site

pytestmark = [pytest.mark.integration, pytest.mark.measured]

NEWEST = list(interpreters())[-1]


def refused(site: Site, *arguments: str, env: Mapping[str, str] | None = None, status: int = 1) -> Outcome:
    """Run a build that fails; check the form of the error, and that the last complete build runs."""
    outcome = site.build(*arguments, status=status, env=env)
    assert outcome.errors.lstrip().startswith("Error: ")
    assert "What to do:\n  1. " in outcome.errors
    assert "\n  Reference: " in outcome.errors
    assert "Traceback" not in outcome.log + outcome.errors
    assert site.seen()["distributions"] == {"acme": "1.0", "base": "1.0"}
    return outcome


def test_everything_that_is_wrong_with_the_configuration_is_reported_at_once(site: Site) -> None:
    site.app.write("layerwright.toml", '[pip]\nlunch = true\nversion = 3\n\n[pyton]\nversion = "3.12"\n')

    errors = refused(site).errors

    assert "The configuration has 3 problems." in errors
    assert "layerwright.toml: pip.lunch is an unknown key; did you mean launch?" in errors
    assert "layerwright.toml: pip.version" in errors
    assert "layerwright.toml: pyton is an unknown table; did you mean python?" in errors


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param(
            {"pyproject.toml": "[project]\nname = acme\n"},
            ["pyproject.toml is not valid TOML.", "line 2, column 8"],
            id="malformed TOML",
        ),
        pytest.param(
            {"requirements.txt": "-r more.txt\n", "more.txt": "-r requirements.txt\n"},
            ["requirements.txt", "more.txt"],
            id="requirements that include themselves",
        ),
        pytest.param({"requirements.txt": "acme\n-r gone.txt\n"}, ["gone.txt"], id="missing include"),
        pytest.param(
            {"requirements.txt": "acme\nbase=>1\n"}, ["requirements.txt", "base=>1"], id="requirement"
        ),
        pytest.param({"Procfile": "web\n"}, ["The Procfile is malformed.", "Line 1"], id="Procfile"),
        pytest.param({".python-version": ""}, [".python-version must name one Python version."], id="empty"),
        pytest.param(
            {".python-version": "3.12\n3.13\n"},
            [".python-version must name one Python version.", "3.12, 3.13"],
            id="several versions",
        ),
        pytest.param({".python-version": "3.1\u200b3\n"}, ["U+200B"], id="invisible character"),
        pytest.param({".python-version": "pypy3.10\n"}, ["CPython only"], id="PyPy"),
        pytest.param(
            {
                ".python-version": f"{NEWEST}\n",
                "pyproject.toml": f'[project]\nname = "app"\nrequires-python = "<{NEWEST}"\n',
            },
            ["is excluded by the application.", f"<{NEWEST}", ".python-version"],
            id="requires-python",
        ),
        pytest.param(
            {".python-version": f"{NEWEST}.99\n"},
            ["which .python-version asks for, was not found.", "Nearest available versions", NEWEST],
            id="nowhere",
        ),
    ],
)
def test_bad_files_are_named_with_what_is_wrong_in_them(
    site: Site, files: dict[str, str], words: list[str]
) -> None:
    for name, content in files.items():
        site.app.write(name, content)

    errors = refused(site).errors

    assert [word for word in words if word not in errors] == []


def test_a_misspelt_requirements_file_is_recognised(site: Site) -> None:
    site.app.remove("requirements.txt")
    site.app.write("requirement.txt", "acme\n")

    assert "requirement.txt exists: is it meant to be requirements.txt?" in refused(site).errors


def test_a_directory_without_python_is_recognized(new_site: Site) -> None:
    for name in ("main.py", "requirements.txt"):
        new_site.app.remove(name)

    assert "No Python application was found." in new_site.build(status=1).errors


def test_variables_that_make_another_build_are_named_all_at_once(site: Site) -> None:
    errors = refused(site, env={"PIP_TARGET": "/tmp", "PYTHONPLATLIBDIR": "lib"}).errors

    assert "PIP_TARGET, PYTHONPLATLIBDIR" in errors
    assert "env -u PIP_TARGET -u PYTHONPLATLIBDIR" in errors


PLUGIN = """\
from layerwright import Detection, PackageManager, hookimpl


class Other(PackageManager):
    name = "other"
    display_name = "Other"

    def detect(self, request):
        return Detection(evidence="other.lock") if request.project.exists("other.lock") else None

    def tool_layer(self, request):
        raise NotImplementedError

    def environment(self, request):
        raise NotImplementedError


@hookimpl
def layerwright_package_managers():
    return [Other()]
"""


def build_with_plugin(site: Site, module: str) -> subprocess.CompletedProcess[str]:
    """Build where the plugin *module* is installed as well."""
    folder = site.root / "site-packages"
    metadata = folder / "layerwright_other-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text(
        "[layerwright]\nother = layerwright_other\n[layerwright.api]\n2 = layerwright_other\n"
        "[layerwright.conclusive]\nother.lock = layerwright_other\n"
    )
    (folder / "layerwright_other.py").write_text(module)
    code = (
        f"import sys; sys.path.append({str(folder)!r}); "
        "from layerwright.cli.main import main; sys.exit(main(['build']))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env=site.env,
        cwd=site.app.path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_files_of_two_package_managers_ask_for_the_line_that_decides(site: Site) -> None:
    site.app.write("other.lock", "")

    done = build_with_plugin(site, PLUGIN)

    assert done.returncode == 1
    assert "More than one package manager claims this application." in done.stderr
    assert "pip: requirements.txt exists" in done.stderr
    assert "other: other.lock exists" in done.stderr
    assert 'package-manager = "pip"' in done.stderr


def test_a_plugin_that_has_no_part_in_the_build_and_is_broken_is_a_warning(site: Site) -> None:
    site.app.write("layerwright.toml", 'package-manager = "pip"\n')

    done = build_with_plugin(site, "1 / 0\n")

    assert done.returncode == 0, done.stderr
    assert "Warning: layerwright-other 1.0 could not be loaded" in done.stdout
    assert "ZeroDivisionError" in done.stdout


def test_a_distribution_that_does_not_exist_is_named_by_pip(site: Site) -> None:
    site.app.write("requirements.txt", "acme\nno-such-thing\n")

    outcome = refused(site)

    assert "No matching distribution found for no-such-thing" in outcome.log
    assert "The last complete build is unchanged." in outcome.log


def test_a_source_distribution_that_does_not_build_shows_why(site: Site, index: SharedIndex) -> None:
    index.add(sdist("broken", "1.0", fails=True))
    site.app.write("requirements.txt", "acme\nbroken\n")

    assert BUILD_FAILURE in refused(site).log


def test_a_download_that_is_not_what_the_index_promised_is_refused(site: Site, index: SharedIndex) -> None:
    index.add(wheel("extra", "2.0"))
    index.corrupt("/files/extra-2.0-py3-none-any.whl")
    site.app.write("requirements.txt", "acme\nextra\n")

    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused(site).log


def test_a_download_that_is_cut_off_is_refused_and_made_good_by_the_next_build(
    site: Site, index: SharedIndex
) -> None:
    index.add(wheel("extra", "2.0"))
    fault = index.cut("/files/extra-2.0-py3-none-any.whl", after_bytes=100)
    site.app.write("requirements.txt", "acme\nextra\n")
    refused(site, status=75)

    fault.lift()
    site.build()

    assert site.installed() == {"acme": "1.0", "base": "1.0", "extra": "2.0"}


def test_an_index_that_is_down_leaves_the_last_build(site: Site) -> None:
    with PackageIndex() as other:
        env = other.pip_env()

    refused(site, env=env, status=75)


def test_a_clean_build_that_fails_leaves_the_last_build(site: Site) -> None:
    site.app.write("requirements.txt", "no-such-thing\n")

    refused(site, "--clean")

    assert set(refused(site).layers.values()) == {"kept"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system with room for one build and little more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(disk)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system of a given size needs root, and the right to mount")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_is_said_to_be_full_and_leaves_the_last_build(
    new_site: Site, index: SharedIndex, small_disk: Path
) -> None:
    layers = small_disk / "layers"
    new_site.build("--layers", str(layers))
    index.add(wheel("extra", "2.0", files={"extra/data.txt": "x" * 3_000_000}))
    new_site.app.write("requirements.txt", "acme\nextra\n")
    filler = small_disk / "filler"
    status = os.statvfs(small_disk)
    filler.write_bytes(bytes(status.f_bavail * status.f_frsize - 1_000_000))

    outcome = new_site.build("--layers", str(layers), status=1)

    assert "No space left on device" in outcome.log + outcome.errors
    assert new_site.seen("--layers", str(layers))["distributions"] == {"acme": "1.0", "base": "1.0"}
    filler.unlink()
    new_site.build("--layers", str(layers))
    assert new_site.seen("--layers", str(layers))["distributions"] == {
        "acme": "1.0",
        "base": "1.0",
        "extra": "2.0",
    }


def test_a_first_build_on_a_full_disk_says_so(new_site: Site, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(195_000_000))

    errors = new_site.build("--layers", str(small_disk / "layers"), status=1).errors

    assert "The disk is full." in errors
