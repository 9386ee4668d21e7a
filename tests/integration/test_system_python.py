from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.process.runner import Runner
from layerwright.pythons._relocate import binaries
from layerwright.pythons.elf import MAGIC, read_dynamic
from layerwright.pythons.system._strip import stripped
from layerwright.pythons.system.provider import SystemProvider
from layerwright.testing.machine import hostile_env, interpreters
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from layerwright.pythons.provider import Candidate

pytestmark = pytest.mark.integration

EXTENSION = """\
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "made", NULL, -1, methods};
PyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&definition); }
"""
EMBEDDING = """\
#include <Python.h>
int main(void) { Py_Initialize(); PyRun_SimpleString("print(6 * 7)"); return Py_FinalizeEx(); }
"""
BUILD = """\
import json, shlex, subprocess, sysconfig
cc, cflags, ccshared, ldshared, suffix = sysconfig.get_config_vars("CC", "CFLAGS", "CCSHARED", "LDSHARED", "EXT_SUFFIX")
include = "-I" + sysconfig.get_path("include")
subprocess.check_call([*shlex.split(cc), *shlex.split(cflags), *shlex.split(ccshared), include, "-c", "made.c"])
subprocess.check_call([*shlex.split(ldshared), "made.o", "-o", "made" + suffix])
print(json.dumps("made" + suffix))
"""


@cache
def hiding(directory: Path) -> tuple[str, ...]:
    """Return what to put before a command so that it finds *directory* empty, if this machine lets us."""
    users = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    hide = 'mount -t tmpfs none "$0" && exec "$@"'
    before = ("unshare", *users, "--mount", "sh", "-c", hide, str(directory))
    permitted = subprocess.run([*before, "true"], check=False, capture_output=True)
    return () if permitted.returncode else before


@dataclass(frozen=True)
class Layer:
    """An installed Python layer, and the machine's interpreter that it is a copy of."""

    root: Path
    provider: SystemProvider
    candidate: Candidate

    @property
    def original(self) -> Path:
        return Path(self.candidate.origin)

    @property
    def library(self) -> Path:
        return self.root / "lib" / ("python" + self.candidate.version.rpartition(".")[0])

    def install(self) -> None:
        self.root.mkdir(parents=True)
        self.provider.install(
            self.candidate, self.root, Runner(env=hostile_env()), lambda _done, _total: None
        )

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run with an empty environment and the original hidden, where that is possible; return the output."""
        completed = subprocess.run(
            [*hiding(self.original), "env", "-i", "PATH=/usr/bin:/bin", *command],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd,
        )
        assert completed.returncode == 0, completed.stdout
        output: str = completed.stdout
        return output


@pytest.fixture(scope="module", params=["3.9", "3.11", "3.12", "3.13"])
def layer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Layer:
    executable = interpreters().get(request.param)
    if executable is None:
        pytest.skip(f"this machine has no Python {request.param}")
    folder = tmp_path_factory.mktemp("system")
    provider = SystemProvider(
        {"PATH": str(executable.parent)},
        folder,
        folder / "cache",
        Runner(env=hostile_env()),
        base_prefix="/none",
    )
    candidates = [one for one in provider.candidates() if one.version.startswith(f"{request.param}.")]
    if not candidates:
        pytest.skip(f"this machine's Python {request.param} cannot be copied: {provider.looked_in()}")
    layer = Layer(folder / "layers" / "python", provider, candidates[0])
    layer.install()
    return layer


@pytest.fixture(scope="module")
def venv_with_pip(layer: Layer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("venv")
    layer.run(layer.root / "bin" / "python", "-B", "-m", "venv", path)
    return path


def test_the_copy_works_without_the_original(layer: Layer) -> None:
    script = (
        "import ctypes, json, sqlite3, ssl, sys, zlib; print(json.dumps([sys.version.split()[0], sys.path]))"
    )
    for name in ("python", "python3", layer.library.name):
        version, path = json.loads(layer.run(layer.root / "bin" / name, "-I", "-B", "-c", script))
        assert version == layer.candidate.version
        assert all(Path(entry).is_relative_to(layer.root) for entry in path)


def test_nothing_in_the_copy_mentions_the_original(layer: Layer) -> None:
    old = os.fsencode(layer.original)
    if layer.original == Path("/usr/local"):
        pytest.skip("the standard library mentions /usr/local of its own accord")
    for path in layer.root.rglob("*"):
        if path.is_symlink():
            assert str(layer.original) not in str(path.readlink())
        elif path.is_file():
            content = path.read_bytes()
            if content.startswith(MAGIC):
                content = "".join(entry.value for entry in read_dynamic(path).search_paths).encode()
            assert old not in content, path


def test_no_tool_is_installed_and_no_script_left(layer: Layer) -> None:
    assert list((layer.library / "site-packages").iterdir()) == []
    assert all(path.name.startswith("python") for path in (layer.root / "bin").iterdir())
    assert not list(layer.root.rglob("*.a"))


def test_virtual_environments_with_and_without_pip_can_be_made(
    layer: Layer, venv_with_pip: Path, tmp_path: Path
) -> None:
    layer.run(layer.root / "bin" / "python", "-B", "-m", "venv", "--without-pip", tmp_path)
    where = layer.run(tmp_path / "bin" / "python", "-c", "import sys; print(sys.prefix, sys.base_prefix)")
    assert where.split() == [str(tmp_path), str(layer.root)]
    assert str(venv_with_pip) in layer.run(venv_with_pip / "bin" / "pip", "--version")


def test_a_stray_install_is_refused_in_our_words(layer: Layer, venv_with_pip: Path) -> None:
    stray = ("--python", layer.root / "bin" / "python", "install", "--no-index", "--no-cache-dir", "anything")
    with pytest.raises(AssertionError) as caught:
        layer.run(venv_with_pip / "bin" / "pip", *stray)
    assert "externally-managed-environment" in str(caught.value)
    assert "built by Layerwright" in str(caught.value)


def test_c_extensions_are_built_against_the_copy(layer: Layer, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("this machine has no C compiler")
    (tmp_path / "made.c").write_text(EXTENSION)
    python = layer.root / "bin" / "python"
    name = json.loads(layer.run(python, "-B", "-c", BUILD, cwd=tmp_path).splitlines()[-1])
    assert layer.run(python, "-B", "-c", "import made; print(made.answer())", cwd=tmp_path) == "42\n"
    search_paths = {entry.value for entry in read_dynamic(tmp_path / name).search_paths}
    assert search_paths <= {f"{layer.root}/lib"}


def test_programs_that_embed_python_find_only_the_copy(layer: Layer) -> None:
    said = layer.run(layer.root / "bin" / "python3-config", "--prefix", "--includes", "--ldflags", "--embed")
    assert str(layer.root) in said
    assert str(layer.original) not in said


def test_a_program_that_embeds_python_is_linked_with_the_copy_and_runs(layer: Layer, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("this machine has no C compiler")
    if not (layer.root / "lib" / f"lib{layer.library.name}.so").exists():
        pytest.skip("this interpreter was built without a shared library")
    (tmp_path / "embeds.c").write_text(EMBEDDING)
    config = layer.root / "bin" / "python3-config"
    flags = layer.run(config, "--includes", "--ldflags", "--embed").split()
    layer.run("cc", "embeds.c", *flags, f"-Wl,-rpath,{layer.root}/lib", "-o", "embeds", cwd=tmp_path)
    assert layer.run("env", f"PYTHONHOME={layer.root}", "./embeds", cwd=tmp_path) == "42\n"


def test_lib2to3_is_there_as_long_as_it_is_part_of_the_standard_library(layer: Layer) -> None:
    if not (layer.original / "lib" / layer.library.name / "lib2to3").is_dir():
        pytest.skip("this interpreter has no lib2to3")
    script = "from lib2to3.pgen2.driver import load_grammar; from lib2to3.pygram import python_grammar"
    assert layer.run(layer.root / "bin" / "python", "-I", "-B", "-W", "ignore", "-c", script) == ""
    assert list((layer.library / "lib2to3").glob("Grammar*.pickle"))


def test_what_only_debuggers_read_is_not_copied(layer: Layer) -> None:
    for path in binaries(layer.root):
        data = path.read_bytes()
        assert stripped(data) is data, path
        assert b".debug_info" not in data


def test_the_bytecode_stays_valid_whatever_the_timestamps_are(layer: Layer) -> None:
    sources = [path for path in layer.library.rglob("*.py") if "lib2to3" not in path.parts]
    compiled = list(layer.library.rglob("__pycache__/*.pyc"))
    assert len(compiled) > 0.95 * len(sources)
    # PEP 552: bit 0 is for a hash in place of a timestamp, bit 1 for one that is checked.
    contents = [path.read_bytes() for path in compiled]
    assert {content[4:8] for content in contents} == {b"\x01\0\0\0"}
    assert not [content for content in contents if bytes(layer.original) + b"/lib/" in content]


def test_only_its_owner_may_write_to_it(layer: Layer) -> None:
    modes = {path.stat().st_mode & 0o7777 for path in (layer.root, *layer.root.rglob("*"))}
    assert modes == {0o755, 0o644}


def test_installed_again_at_the_same_place_it_is_the_same_to_the_byte(layer: Layer) -> None:
    before = tree(layer.root)
    shutil.rmtree(layer.root)
    layer.install()
    assert difference(before, tree(layer.root)) == ""
