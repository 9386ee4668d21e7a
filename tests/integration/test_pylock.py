"""Applications with a ``pylock.toml`` (PEP 751), installed by pip: each build ends with what the lock file says."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.names import STAND_INS
from layerwright.testing.distributions import sdist, wheel
from layerwright.testing.machine import interpreters
from tests.integration.site import Site, link_tree
from tests.integration.test_rebuild import without_process

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.testing.distributions import Artifact
    from tests.integration.site import Outcome, SharedIndex

pytestmark = pytest.mark.integration

KEPT = dict.fromkeys(("python", "tool-pip", STAND_INS, "cache-pip", "venv"), "kept")
UPDATED = {**KEPT, "venv": "updated"}
CREATED = {**KEPT, "venv": "created"}

ACME = wheel("acme", "1.0", requires=["base>=1"])
BASE = wheel("base", "1.0")


def lock(index: SharedIndex, *artifacts: Artifact, bounds: str = ">=3.9", more: str = "") -> str:
    """Return a lock file of *artifacts*, which are served but on no page of the index."""
    lines = ['lock-version = "1.0"', 'created-by = "tests"', f'requires-python = "{bounds}"']
    for artifact in artifacts:
        index.add(artifact)
        url = f"{index.url.removesuffix('simple/')}files/{artifact.filename}"
        archive = f'name = "{artifact.filename}", url = "{url}", hashes = {{ sha256 = "{artifact.sha256}" }}'
        kind = f"wheels = [{{ {archive} }}]" if artifact.is_wheel else f"sdist = {{ {archive} }}"
        lines += ["", "[[packages]]", f'name = "{artifact.name}"', f'version = "{artifact.version}"', kind]
    return "\n".join([*lines, more, ""])


def write_lock(site: Site, text: str, name: str = "pylock.toml") -> None:
    (site.app.path / "requirements.txt").unlink(missing_ok=True)
    site.app.write(name, text)


@pytest.fixture(scope="module")
def _locked_template(
    _shared_index: SharedIndex, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, Path]:
    """Build once for all tests: what a layer holds is bound to its path, so every test gets it back there."""
    _shared_index.reset()
    root = tmp_path_factory.mktemp("locked")
    site, kept = Site(root / "here", _shared_index), root / "kept"
    site.furnish()
    write_lock(site, lock(_shared_index, ACME, BASE))
    site.build()
    link_tree(site.root, kept)
    return site, kept


@pytest.fixture
def locked(_locked_template: tuple[Site, Path], index: SharedIndex) -> Site:
    """Return a site whose application is built from a lock file of ``acme`` 1.0 and ``base`` 1.0."""
    site, kept = _locked_template
    link_tree(kept, site.root)
    # A test writes it, and the template has the same one.
    (site.app.path / "pylock.toml").unlink()
    write_lock(site, lock(index, ACME, BASE))
    return site


@pytest.fixture
def unfilled(locked: Site) -> Site:
    """Return a site that has an interpreter and pip, and where the virtual environment is still to be made."""
    shutil.rmtree(locked.layers / "venv")
    return locked


def freshly_installed(site: Site) -> dict[str, str]:
    """Return what a new virtual environment of the same application has."""
    shutil.rmtree(site.layers / "venv")
    assert site.build().layers == CREATED
    return site.installed()


def failing(site: Site, *, env: Mapping[str, str] | None = None) -> Outcome:
    return site.build(status=1, env=env)


def test_a_lock_file_is_claimed_and_installed(new_site: Site, index: SharedIndex) -> None:
    write_lock(new_site, lock(index, ACME, sdist("base", "1.0")))

    outcome = new_site.build()

    assert "pip, because pylock.toml exists" in outcome.log
    assert outcome.layers == dict.fromkeys(KEPT, "created")
    assert "pip install -r pylock.toml" in outcome.commands
    assert new_site.installed() == new_site.seen()["distributions"] == {"acme": "1.0", "base": "1.0"}


def test_nothing_changed_means_that_no_process_is_started(locked: Site, index: SharedIndex) -> None:
    requests = len(index.requests)

    done = without_process(locked)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Layer venv kept" in done.stdout
    assert len(index.requests) == requests


def test_what_is_added_is_installed_and_the_rest_stays(locked: Site, index: SharedIndex) -> None:
    write_lock(locked, lock(index, ACME, BASE, wheel("extra", "2.0")))
    before = (locked.site_packages / "acme" / "__init__.py").stat()

    outcome = locked.build()

    assert outcome.layers == UPDATED
    assert outcome.reasons("venv") == "pylock.toml changed; the resolution changed"
    assert (locked.site_packages / "acme" / "__init__.py").stat().st_ino == before.st_ino
    assert locked.installed() == {"acme": "1.0", "base": "1.0", "extra": "2.0"} == freshly_installed(locked)


def test_what_is_replaced_or_gone_is_removed(locked: Site, index: SharedIndex) -> None:
    write_lock(locked, lock(index, wheel("base", "2.0")))

    outcome = locked.build()

    assert outcome.layers == UPDATED
    assert "pip uninstall acme base" in outcome.commands
    assert locked.installed() == {"base": "2.0"} == freshly_installed(locked)


def test_another_archive_of_the_same_version_is_installed(locked: Site, index: SharedIndex) -> None:
    other = replace(wheel("base", "1.0", files={"base/more.py": ""}), filename="base-1.0-1-py3-none-any.whl")
    write_lock(locked, lock(index, ACME, other))

    assert locked.build().layers == UPDATED
    assert (locked.site_packages / "base" / "more.py").exists()


def test_what_is_only_gone_needs_no_install(locked: Site, index: SharedIndex) -> None:
    write_lock(locked, lock(index, BASE))

    outcome = locked.build()

    assert [words for words in outcome.commands if words.startswith("pip ")] == [
        "pip install --dry-run -r pylock.toml",
        "pip uninstall acme",
    ]
    assert locked.installed() == {"base": "1.0"}


def test_a_comment_changes_nothing(locked: Site, index: SharedIndex) -> None:
    write_lock(locked, "# A comment.\n" + lock(index, ACME, BASE))

    assert locked.build().layers == KEPT


def test_requirements_files_win_over_a_lock_file(site: Site, index: SharedIndex) -> None:
    site.app.write("pylock.toml", lock(index, wheel("extra", "2.0")))

    site.build()

    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_a_lock_file_is_named_in_the_configuration(site: Site, index: SharedIndex) -> None:
    site.app.write("pylock.web.toml", lock(index, wheel("extra", "2.0")))
    site.app.write("layerwright.toml", '[pip]\nrequirements = ["pylock.web.toml"]\n')

    site.build()

    assert site.installed() == {"extra": "2.0"}


def test_an_archive_with_another_hash_is_refused(unfilled: Site, index: SharedIndex) -> None:
    write_lock(unfilled, lock(index, ACME, BASE).replace(BASE.sha256, 64 * "0"))

    outcome = failing(unfilled)

    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in outcome.log
    assert "/errors.html#hash-mismatch" in outcome.errors


def test_an_archive_without_a_hash_is_refused(unfilled: Site, index: SharedIndex) -> None:
    write_lock(unfilled, re.sub(r", hashes = \{[^}]*\}", "", lock(index, BASE)))

    assert "hashes" in failing(unfilled).log


def test_a_dependency_that_is_not_locked_is_refused(unfilled: Site, index: SharedIndex) -> None:
    write_lock(unfilled, lock(index, ACME))

    assert "base" in failing(unfilled).log


def test_hashes_cannot_be_switched_off(unfilled: Site, index: SharedIndex) -> None:
    write_lock(unfilled, lock(index, BASE))

    assert "mutually exclusive" in failing(unfilled, env={"PIP_NO_REQUIRE_HASHES": "1"}).log


def test_what_can_have_no_hash_is_refused_before_anything_is_installed(
    unfilled: Site, index: SharedIndex
) -> None:
    more = '\n[[packages]]\nname = "shop"\ndirectory = { path = ".", editable = true }\n'
    write_lock(unfilled, lock(index, BASE, more=more))

    outcome = failing(unfilled)

    assert "shop is a local directory." in outcome.errors
    assert outcome.commands == []


def test_a_python_that_the_lock_file_excludes_is_an_error_that_names_both(
    new_site: Site, index: SharedIndex
) -> None:
    write_lock(new_site, lock(index, BASE, bounds=">=4"))
    new_site.app.write(".python-version", [*interpreters()][-1])

    outcome = failing(new_site)

    assert ".python-version asks for" in outcome.errors
    assert "pylock.toml: requires-python is >=4" in outcome.errors
    assert outcome.commands == []


def test_an_older_pip_says_which_one_can(site: Site, index: SharedIndex) -> None:
    write_lock(site, lock(index, BASE))

    outcome = failing(site, env={"LAYERWRIGHT_PIP_VERSION": "25.3"})

    assert "pip 25.3 cannot install pylock.toml." in outcome.errors
    assert 'installer = "uv"' in outcome.errors
