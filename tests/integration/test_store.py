"""Two applications on one machine: what was made for the first is linked into the second."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from layerwright.local.places import default_layers

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.site import Site

pytestmark = [pytest.mark.integration, pytest.mark.measured]

SHARED = ("python", "tool-pip")


def second(site: Site) -> tuple[Path, Path]:
    """Return another application with the same requirements, and its layers directory."""
    application = site.root / "a second app"
    shutil.copytree(site.app.path, application)
    return application, default_layers(application, site.cache)


def contents(layers: Path, name: str) -> dict[str, bytes]:
    """Return the content of each file of the layer *name*, with a word in place of the path of *layers*."""
    return {
        str(path.relative_to(layers)): path.read_bytes().replace(str(layers).encode(), b"{layers}")
        for path in (layers / name).rglob("*")
        if path.is_file() and not (path.name == "RECORD" and path.parent.name.startswith("pip-"))
    }


def test_a_second_application_makes_neither_python_nor_pip_nor_bytecode_again(site: Site) -> None:
    application, layers = second(site)
    outcome = site.layerwright("build", application)
    for name in SHARED:
        assert f"Layer {name} created: first build; from the store (" in outcome.log
        assert contents(layers, name) == contents(site.layers, name)
    bytecode = {name: path for name, path in contents(layers, "venv").items() if name.endswith(".pyc")}
    assert bytecode
    assert bytecode.items() <= contents(site.layers, "venv").items()
    assert all((layers / name).samefile(site.layers / name) for name in bytecode)
    site.layerwright("verify", application)
    assert "acme" in site.layerwright("run", "--app", application).log
    # Only a few scripts and settings are its own.
    files = [path for path in (layers / "python").rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_nlink > 1 for path in files) > len(files) - 20


def test_a_stored_layer_that_was_edited_is_made_anew_and_told(site: Site) -> None:
    application, layers = second(site)
    [entry] = (site.cache / "store").glob("tool-pip-*")
    [module] = (entry / "contents").rglob("site-packages/pip/__init__.py")
    text = module.read_text()
    module.unlink()
    module.write_text(f"{text}\nprint('mine')\n")

    outcome = site.layerwright("build", application)

    assert "The stored layer tool-pip was changed and is removed: " in outcome.log
    assert outcome.reasons("tool-pip") == "first build"
    [again] = (layers / "tool-pip").rglob("site-packages/pip/__init__.py")
    assert "mine" not in again.read_text()
    [entry] = (site.cache / "store").glob("tool-pip-*")
    [module] = (entry / "contents").rglob("site-packages/pip/__init__.py")
    assert module.samefile(again)
