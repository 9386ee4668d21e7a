"""The bytecode of the application's modules in an image."""

from __future__ import annotations

import io
import platform
import sys
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.build.application.source_tree import SourceTree
from layerwright.files.project import Project
from layerwright.image.layers.bytecode import Compiler
from layerwright.image.settings import Choices
from layerwright.process.runner import Runner
from layerwright.pythons.interpreter import Interpreter
from tests.unit.image.samples import image

if TYPE_CHECKING:
    from layerwright.image.image import Image
    from layerwright.process.command import Command

SUFFIX = f".{sys.implementation.cache_tag}.pyc"


class Site:
    """An application with modules whose image has their bytecode."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.python = platform.python_version()
        self.commands: list[Command] = []
        self.said: list[str] = []
        for name in ("source/app.py", "source/shop/cart.py", "source/vendor/acme.py"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("main = print\n")

    def image(self, *exclude: str) -> Image:
        tree = SourceTree(
            project=Project(self.root / "source"),
            venv=self.root / "layers" / "venv",
            interpreter=Interpreter(version=self.python, prefix=Path(sys.base_prefix)),
            kept=self.root / "kept",
        )
        compiler = Compiler(
            tree, Runner(env={}, on_command=self.commands.append), self.root, self.said.append
        )
        return image(
            self.root, tree=self.root / "source", compiler=compiler, settings=Choices(exclude=exclude)
        )

    def members(self, *exclude: str) -> dict[str, tarfile.TarInfo]:
        """Return the members of the last layer."""
        layer = self.image(*exclude).layers[-1]
        assert layer.history["created_by"] == "Application: bytecode"
        with layer.blobs.open(layer.descriptor) as file:
            content = io.BytesIO(file.read())
        with tarfile.open(fileobj=content) as archive:
            return {member.name: member for member in archive}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site(tmp_path)
    # Files that were written to just now are read again.
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 60_000_000_000)
    return site


def test_bytecode_is_where_imports_find_it_and_the_source_tree_is_unchanged(site: Site) -> None:
    found = site.members()
    cache = "/workspace/{}__pycache__"
    folders = [cache.format(place) for place in ("", "shop/", "vendor/")]
    assert list(found) == [
        "/workspace",
        *(
            path
            for folder, name in zip(folders, ("app", "cart", "acme"), strict=True)
            for path in (folder, f"{folder}/{name}{SUFFIX}")
        ),
    ]
    assert {member.mode for member in found.values() if member.isfile()} == {0o644}
    assert {member.mode for member in found.values() if member.isdir()} == {0o755}
    assert list((site.root / "source").rglob("__pycache__")) == []


def test_files_that_are_left_out_have_none(site: Site) -> None:
    assert f"/workspace/shop/__pycache__/cart{SUFFIX}" not in site.members("shop")
    assert site.image("*.py").layers[-1].history["created_by"] == "Application"


def test_an_unchanged_application_is_neither_read_nor_compiled(site: Site) -> None:
    first = site.image()
    (site.root / "kept").unlink()
    assert site.image().digest == first.digest
    assert len(site.commands) == 1


def test_only_changed_modules_are_compiled(site: Site) -> None:
    first = site.image()
    assert len(site.commands) == 1
    (site.root / "source" / "shop" / "cart.py").unlink()
    assert site.image().digest != first.digest
    assert len(site.commands) == 1


def test_another_python_has_other_bytecode(site: Site) -> None:
    site.image()
    site.python += ".1"
    site.image()
    assert len(site.commands) == 2


def test_what_cannot_be_kept_is_compiled_again(site: Site) -> None:
    (site.root / "kept").mkdir()
    first = site.image()
    (site.root / "source" / "more.txt").touch()
    assert first.layers[-1].diff_id == site.image().layers[-1].diff_id


def test_modules_that_do_not_compile_are_named_and_the_others_have_bytecode(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.image()
    assert site.said == []
    (tmp_path / "source" / "old.py").write_text("print 'hello'\n")
    members = site.members()
    minor = ".".join(site.python.split(".")[:2])
    assert site.said == [f"Not valid in Python {minor}, so without bytecode: old.py"]
    assert f"/workspace/__pycache__/app{SUFFIX}" in members
    assert f"/workspace/__pycache__/old{SUFFIX}" not in members
