from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

import pytest

from layerwright.command import Runner
from layerwright.errors import SiteError
from layerwright.pythons.contents import belongs
from layerwright.pythons.finish import finish
from tests.unit.pythons.samples import prefix

if TYPE_CHECKING:
    from pathlib import Path

RUNNER = Runner(env={"PYTHONDONTWRITEBYTECODE": "1"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a prefix whose interpreter compiles by a mere touch."""
    root = prefix(tmp_path / "python")
    for path in root.rglob("*"):
        if not path.is_dir() and not belongs(path.relative_to(root).as_posix(), "3.13"):
            path.unlink()
    for path in sorted(root.glob("lib/python3.13/site-packages/**/"), reverse=True):
        path.rmdir()
    compiles(root, "mkdir -p $cache; : > $cache/os.cpython-313.pyc")
    return root


def compiles(root: Path, how: str) -> None:
    (root / "bin/python3.13").write_text(
        f"#!/bin/sh\nPATH=/bin:/usr/bin\nfor library; do :; done; cache=$library/__pycache__\n{how}\n"
    )


def test_every_usual_name_of_the_interpreter_leads_to_it(root: Path) -> None:
    finish(root, version="3.13.1", runner=RUNNER)
    assert (root / "bin/python").resolve() == root / "bin/python3.13"
    assert (root / "bin/python3").resolve() == root / "bin/python3.13"
    assert (root / "bin/python3-config").resolve() == root / "bin/python3.13-config"
    assert (root / "lib/pkgconfig/python3.pc").resolve() == root / "lib/pkgconfig/python-3.13.pc"


def test_no_name_leads_to_what_is_not_there(root: Path) -> None:
    finish(root, version="3.13.1", runner=RUNNER)
    assert not (root / "lib/pkgconfig/python3-embed.pc").is_symlink()


def test_site_packages_is_there_and_empty(root: Path) -> None:
    finish(root, version="3.13.1", runner=RUNNER)
    assert list((root / "lib/python3.13/site-packages").iterdir()) == []


def test_the_marker_is_of_the_specified_form_and_says_what_to_do(root: Path) -> None:
    finish(root, version="3.13.1", runner=RUNNER)
    marker = configparser.ConfigParser(interpolation=None)
    marker.read(root / "lib/python3.13/EXTERNALLY-MANAGED")
    assert "requirements" in marker["externally-managed"]["Error"]
    assert "python -m venv" in marker["externally-managed"]["Error"]


def test_modes_are_the_same_whatever_they_were(root: Path) -> None:
    (root / "lib/python3.13/os.py").chmod(0o666)
    (root / "lib/python3.13/ensurepip").chmod(0o777)
    (root / "bin/python3.13").chmod(0o700)
    finish(root, version="3.13.1", runner=RUNNER)
    assert (root / "lib/python3.13/os.py").stat().st_mode & 0o7777 == 0o644
    assert (root / "lib/python3.13/ensurepip").stat().st_mode & 0o7777 == 0o755
    assert (root / "bin/python3.13").stat().st_mode & 0o7777 == 0o755
    assert root.stat().st_mode & 0o7777 == 0o755


def test_files_that_do_not_compile_fail_nothing(root: Path) -> None:
    compiles(root, "mkdir -p $cache; : > $cache/os.cpython-313.pyc; exit 1")
    finish(root, version="3.13.1", runner=RUNNER)


@pytest.mark.parametrize(("how", "words"), [("echo no room; exit 1", "no room"), ("exit 3", "status 3")])
def test_a_library_that_is_not_compiled_at_all_is_an_error(root: Path, how: str, words: str) -> None:
    compiles(root, how)
    with pytest.raises(SiteError, match="compiled") as caught:
        finish(root, version="3.13.1", runner=RUNNER)
    assert words in caught.value.cause


def test_the_compiler_runs_in_an_environment_of_its_own_with_a_fixed_seed(root: Path) -> None:
    compiles(
        root,
        'test "$PYTHONHASHSEED$PYTHONDONTWRITEBYTECODE" = 0 && mkdir -p $cache && : > $cache/os.cpython-313.pyc',
    )
    finish(root, version="3.13.1", runner=RUNNER)
    assert (root / "lib/python3.13/__pycache__/os.cpython-313.pyc").exists()
