"""Applications without requirements files: what they declare is installed, kept while unchanged, and updated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import source_tree, wheel
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from tests.integration.site import SharedIndex, Site

pytestmark = pytest.mark.integration

PROJECT = "[project]\nname = 'shop'\nversion = '1'\ndependencies = ['acme']\n"


def write_project(site: Site, **files: str) -> None:
    (site.app.path / "requirements.txt").unlink(missing_ok=True)
    for name, text in source_tree("shop", "1.0", requires=["acme"], files=files or None).items():
        site.app.write(name, text)


def test_a_project_without_a_lock_is_installed_kept_and_updated_like_a_fresh_one(
    site: Site, index: SharedIndex
) -> None:
    write_project(site)
    first = site.build()
    assert "pip, because pyproject.toml exists, and nothing else claims it" in first.log
    assert "Warning: The dependencies of pyproject.toml are not locked" in first.log
    assert site.seen()["distributions"] == {"acme": "1.0", "base": "1.0", "shop": "1.0"}

    assert site.build().reasons("venv") == "the resolution is unchanged"

    write_project(site, **{"shop.py": "GREETING = 'hello'\n"})
    assert site.build().layers["venv"] == "updated"
    index.add(wheel("base", "1.1"))
    assert site.build().layers["venv"] == "updated"
    assert site.seen()["distributions"]["base"] == "1.1"
    updated = site.layers / "venv"
    kept = site.root / "updated"
    updated.rename(kept)
    site.build("--clean")
    assert difference(tree(kept), tree(updated)) == ""


def test_groups_and_extras_are_installed_beside_requirements_files(site: Site, index: SharedIndex) -> None:
    index.add(wheel("jobs", "1.0"), wheel("tls", "1.0"), wheel("tests", "1.0"))
    site.app.write("requirements.txt", "base\n")
    site.app.write(
        "pyproject.toml",
        f"{PROJECT}optional-dependencies.tls = ['tls']\n[dependency-groups]\nwork = ['jobs']\nt = ['tests']\n",
    )
    site.app.write("layerwright.toml", "[pip]\nextras = ['tls']\ngroups = ['work']\ntest-groups = ['t']\n")
    site.build()
    assert site.seen()["distributions"] == dict.fromkeys(("acme", "base", "jobs", "tls"), "1.0")
    site.build("--exec-env", "test")
    assert site.seen()["distributions"]["tests"] == "1.0"


def test_a_script_with_inline_metadata_is_an_application(site: Site) -> None:
    (site.app.path / "requirements.txt").unlink()
    main = (site.app.path / "main.py").read_text()
    site.app.write("main.py", f'# /// script\n# dependencies = ["base"]\n# ///\n{main}')
    site.build()
    assert site.seen()["distributions"] == {"base": "1.0"}
    assert site.build().reasons("venv") == "the resolution is unchanged"


def test_an_application_without_dependencies_is_built(site: Site) -> None:
    (site.app.path / "requirements.txt").unlink()
    site.build()
    assert site.seen()["distributions"] == {}
    assert site.build().reasons("venv") == "unchanged"
