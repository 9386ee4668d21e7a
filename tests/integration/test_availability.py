"""One layer, one reason to change: another pip, another Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.testing.machine import interpreters
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from tests.integration.site import Site

pytestmark = pytest.mark.integration

PYTHONS = [minor for minor in interpreters() if minor in ("3.11", "3.12", "3.13", "3.14")]


def test_another_pip_leaves_the_python_layer_untouched_and_says_why_the_tool_layer_is_new(site: Site) -> None:
    python, record = tree(site.layers / "python"), site.record("python").read_bytes()
    written = site.record("python").stat().st_mtime_ns
    site.app.write("layerwright.toml", '[pip]\nversion = "25.3"\n')

    outcome = site.build()

    assert outcome.layers["python"] == "kept"
    assert outcome.layers["tool-pip"] == "created"
    assert "pip version: 26.3 → 25.3" in outcome.reasons("tool-pip")
    # Neither of its distributions has a script, which is what pip 25 writes differently.
    assert "it writes the same files" in outcome.reasons("venv")
    assert difference(python, tree(site.layers / "python")) == ""
    assert (site.record("python").read_bytes(), site.record("python").stat().st_mtime_ns) == (record, written)
    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_an_old_pip_that_is_still_supported_builds_and_updates(site: Site) -> None:
    site.app.write("layerwright.toml", '[pip]\nversion = "24.0"\n')
    site.build()

    site.app.write("requirements.txt", "base\n")

    assert site.build().layers["venv"] == "updated"
    assert site.installed() == {"base": "1.0"}


@pytest.mark.skipif(len(PYTHONS) < 2, reason="there is only one Python to build with")
def test_another_python_makes_every_layer_that_depends_on_it_and_says_why(site: Site) -> None:
    before = site.seen()["python"]
    other = next(minor for minor in PYTHONS if not before.startswith(f"{minor}."))
    site.app.write(".python-version", f"{other}\n")

    outcome = site.build()

    after = site.seen()["python"]
    assert after.startswith(f"{other}.")
    minor = before.rpartition(".")[0]
    assert f"Python version: {before} → {after}" in outcome.reasons("python")
    assert f"Python: CPython {minor} → CPython {other}" in outcome.reasons("venv")
    assert f"Python minor version: {minor} → {other}" in outcome.reasons("tool-pip")
    assert "default: >=3.11" in outcome.log
    assert f".python-version: {other} (decides)" in outcome.log
    assert site.installed() == {"acme": "1.0", "base": "1.0"}


def test_the_python_layer_is_the_same_whatever_the_application_is(site: Site) -> None:
    before = tree(site.layers / "python")
    site.app.write("requirements.txt", "")
    site.app.write("layerwright.toml", '[pip]\nversion = "25.3"\nlaunch = true\n')

    site.build("--clean")

    assert difference(before, tree(site.layers / "python")) == ""
