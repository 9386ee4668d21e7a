"""Environments whose bytecode is stored and taken."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from layerwright.build.installed.sources import bytecode_of, list_files
from layerwright.build.store.bytecode import BytecodeStore, Linked
from layerwright.build.store.listing import stored_bytecode
from layerwright.files.trees.tree import tree_of
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".cpython-313.pyc"
FILES = ("acme/__init__.py", "acme/a.py", "acme/bad.py")
VALID = FILES[:2]


def install(site_packages: Path, name: str, *files: str, recorded: str = "", direct_url: Any = None) -> None:
    """Install a distribution as package managers do that compile nothing, with *recorded* as more lines."""
    metadata = f"{name}-1.0.dist-info"
    for file in (*files, f"{metadata}/RECORD"):
        (site_packages / file).parent.mkdir(parents=True, exist_ok=True)
        (site_packages / file).write_text(f"# {file}\n")
    lines = "".join(f"{file},sha256=x,1\n" for file in files)
    (site_packages / metadata / "RECORD").write_text(lines + recorded)
    if direct_url is not None:
        (site_packages / metadata / "direct_url.json").write_text(
            direct_url if isinstance(direct_url, str) else json.dumps(direct_url)
        )


class Machine:
    """A store below *path*, and environments that are filled like a build fills them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = path / "store"
        self.interpreter = Interpreter(version="3.13.1", prefix=path / "python")
        self.interpreter.executable.parent.mkdir(parents=True)
        self.interpreter.executable.write_text("CPython 3.13.1")

    def environment(self, name: str, **changes: str) -> Path:
        """Return the site-packages of an environment with two distributions; *changes* are other contents."""
        site_packages = self.path / name
        shutil.rmtree(site_packages, ignore_errors=True)
        install(site_packages, "acme", *FILES)
        install(site_packages, "bravo", "bravo.py")
        for file, text in changes.items():
            (site_packages / f"acme/{file}.py").write_text(text)
        return site_packages

    def build(self, name: str, *, afresh: bool = False, **changes: str) -> tuple[Linked, Path]:
        """Return what an environment gets from the store, which then gets what was compiled."""
        site_packages = self.environment(name, **changes)
        store = BytecodeStore(self.store, self.interpreter)
        linked = store.take(list_files(tree_of(site_packages)), site_packages, afresh=afresh)
        compile_rest(site_packages)
        store.offer(site_packages)
        return linked, site_packages

    def entry(self, label: str = "acme 1.0") -> Path:
        [path] = (one.path for one in stored_bytecode(self.store)[0] if one.label == label)
        return path

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in (self.store / "bytecode").iterdir())


def compile_rest(site_packages: Path) -> None:
    """Compile every source except one as its content says, unless there is bytecode."""
    for source in site_packages.rglob("*.py"):
        path = site_packages / bytecode_of(str(source.relative_to(site_packages)), SUFFIX)
        if source.stem != "bad" and not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"compiled " + source.read_bytes())


def contents(site_packages: Path) -> dict[str, bytes]:
    return {str(path.relative_to(site_packages)): path.read_bytes() for path in site_packages.rglob("*.pyc")}


def pyc(site_packages: Path, source: str = "acme/a.py") -> Path:
    return site_packages / bytecode_of(source, SUFFIX)
