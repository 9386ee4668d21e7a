from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import SiteError
from layerwright.process.command import Completed
from layerwright.process.runner import Runner
from layerwright.pythons._contents import belongs
from layerwright.pythons._finish import compile_library, finish
from tests.unit.pythons.samples import prefix

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = Runner(env={"PYTHONDONTWRITEBYTECODE": "1"})
COMPILED = Completed(returncode=0, output="")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a prefix with what belongs in a layer, and nothing else."""
    root = prefix(tmp_path / "python")
    for path in root.rglob("*"):
        if not path.is_dir() and not belongs(path.relative_to(root).as_posix(), "3.13"):
            path.unlink()
    for path in sorted(root.glob("lib/python3.13/site-packages/**/"), reverse=True):
        path.rmdir()
    return root


def test_every_usual_name_of_the_interpreter_leads_to_it(root: Path) -> None:
    finish(root, version="3.13.1", compiled=COMPILED)
    assert (root / "bin/python").resolve() == root / "bin/python3.13"
    assert (root / "bin/python3").resolve() == root / "bin/python3.13"
    assert (root / "bin/python3-config").resolve() == root / "bin/python3.13-config"
    assert (root / "lib/pkgconfig/python3.pc").resolve() == root / "lib/pkgconfig/python-3.13.pc"


def test_no_name_leads_to_what_is_not_there(root: Path) -> None:
    finish(root, version="3.13.1", compiled=COMPILED)
    assert not (root / "lib/pkgconfig/python3-embed.pc").is_symlink()


def test_site_packages_is_there_and_empty(root: Path) -> None:
    finish(root, version="3.13.1", compiled=COMPILED)
    assert list((root / "lib/python3.13/site-packages").iterdir()) == []


def test_the_marker_is_of_the_specified_form_and_says_what_to_do(root: Path) -> None:
    finish(root, version="3.13.1", compiled=COMPILED)
    marker = configparser.ConfigParser(interpolation=None)
    marker.read(root / "lib/python3.13/EXTERNALLY-MANAGED")
    assert "requirements" in marker["externally-managed"]["Error"]
    assert "python -m venv" in marker["externally-managed"]["Error"]


def test_modes_are_the_same_whatever_they_were(root: Path) -> None:
    (root / "lib/python3.13/os.py").chmod(0o666)
    (root / "lib/python3.13/ensurepip").chmod(0o777)
    (root / "bin/python3.13").chmod(0o700)
    finish(root, version="3.13.1", compiled=COMPILED)
    assert (root / "lib/python3.13/os.py").stat().st_mode & 0o7777 == 0o644
    assert (root / "lib/python3.13/ensurepip").stat().st_mode & 0o7777 == 0o755
    assert (root / "bin/python3.13").stat().st_mode & 0o7777 == 0o755
    assert root.stat().st_mode & 0o7777 == 0o755


def compiled(root: Path, script: str) -> Completed:
    """Return how the compilation ended by an interpreter that is *script*, whose last argument is the library."""
    (root / "bin/python3.13").write_text(f"#!/bin/sh\nfor library; do :; done\n{script}\n")
    return compile_library(root, version="3.13.1", runner=RUNNER)


def test_the_library_is_compiled_in_an_environment_of_its_own_with_a_fixed_seed(root: Path) -> None:
    done = compiled(root, 'test "$PYTHONHASHSEED$PYTHONDONTWRITEBYTECODE" = 0 && echo "$library"')
    assert (done.returncode, done.output) == (0, f"{root / 'lib/python3.13'}\n")


@pytest.mark.parametrize(("script", "words"), [("echo no room; exit 1", "no room"), ("exit 3", "status 3")])
def test_a_library_that_could_not_be_compiled_is_an_error(root: Path, script: str, words: str) -> None:
    with pytest.raises(SiteError, match="compiled") as caught:
        finish(root, version="3.13.1", compiled=compiled(root, script))
    assert words in caught.value.cause
