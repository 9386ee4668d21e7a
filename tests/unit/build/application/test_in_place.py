"""The bytecode that a build writes beside the modules of a source tree that is the platform's copy."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright.build._contribute import Contributor
from layerwright.build.application.in_place import contribute_bytecode, write_files
from layerwright.files.project import Project
from layerwright.output.log import Log
from tests.unit.build.application.samples import SUFFIX, Tree
from tests.unit.small import small_request

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build._contribute import Contribution


class Copy(Tree):
    """A source tree with layers beside it; ``log`` is what the last build wrote."""

    log = ""

    def build(self, *, script: str = "") -> tuple[Contribution, ...]:
        """Write the bytecode, and return the contributed layers."""
        stream = io.StringIO()
        log = Log(stream, stream)
        place = self.path.parent
        (place / "layers").mkdir(exist_ok=True)
        request = replace(
            small_request(place, environment={"TMPDIR": str(self.temporary)}),
            project=Project(self.path, script=script),
        )
        contributor = Contributor(request.layers, environment={}, log=log)
        contribute_bytecode(contributor, request, self.interpreter, runner=self.runner, log=log)
        self.log = stream.getvalue()
        return tuple(contributor.contributions)

    def file(self, name: str) -> Path:
        """Return the path of the bytecode of the module *name* at the top of the tree."""
        return self.path / "__pycache__" / f"{name}{SUFFIX}"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    copy = Copy(tmp_path)
    copy.write("a.py", "print('a')\n")
    copy.write("b.py", "print('b')\n")
    return copy


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if "ayer" not in line]


def test_a_first_build_compiles_and_the_next_one_of_a_fresh_copy_writes_the_same_without_a_process(
    copy: Copy,
) -> None:
    [layer] = copy.build()
    assert (layer.name, layer.types.words, layer.decision.action.value) == ("bytecode", "cache", "created")
    assert layer.size == (layer.path / "modules").stat().st_size
    assert lines(copy.log) == ["Modules of the application", "With bytecode: 2 (2 compiled now)"]
    assert copy.imported("import a, b") == ["a", "b"]
    first = {name: copy.file(name).read_bytes() for name in ("a", "b")}

    for name in first:
        copy.file(name).unlink()
    copy.file("a").parent.rmdir()
    record = (layer.path.parent / "bytecode.toml").stat().st_mtime_ns
    [layer] = copy.build()
    assert layer.decision.action.value == "kept"
    assert lines(copy.log)[-1] == "With bytecode: 2 (0 compiled now)"
    assert {name: copy.file(name).read_bytes() for name in first} == first
    assert len(copy.commands) == 1
    assert (layer.path.parent / "bytecode.toml").stat().st_mtime_ns == record


def test_modules_that_do_not_compile_are_named(copy: Copy) -> None:
    for name in "cdefg":
        copy.write(f"{name}.py", "print 'old'\n")
    copy.build()
    assert lines(copy.log)[-2:] == [
        "With bytecode: 2 (2 compiled now)",
        f"Not valid in Python {copy.interpreter.minor}, so without bytecode: c.py, d.py, e.py and 2 more",
    ]


def test_without_modules_there_is_no_layer(copy: Copy, tmp_path: Path) -> None:
    assert copy.build(script="a.py") == ()
    assert copy.log == ""


def test_a_file_that_cannot_be_written_is_a_warning(copy: Copy, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (copy.path / "__pycache__").symlink_to(elsewhere)
    copy.write("shop/c.py")
    copy.build()
    assert list(elsewhere.iterdir()) == []
    assert (copy.path / "shop" / "__pycache__" / f"c{SUFFIX}").exists()
    assert lines(copy.log)[-2:] == [
        "Warning: Modules of the application have no bytecode, so each process compiles them.",
        f"These files could not be written: __pycache__/a{SUFFIX}, __pycache__/b{SUFFIX}",
    ]


def test_a_failing_interpreter_is_a_warning(copy: Copy, tmp_path: Path) -> None:
    copy.interpreter = replace(copy.interpreter, prefix=tmp_path / "python")
    copy.build()
    assert "Warning: Modules of the application have no bytecode" in copy.log
    assert "Could not start" in copy.log
    assert not copy.file("a").parent.exists()


def test_a_full_disk_is_a_warning(copy: Copy) -> None:
    copy.temporary.rmdir()
    copy.build()
    assert f"No such file or directory: {copy.temporary}" in copy.log


def test_bytecode_replaces_what_is_there_and_removes_what_a_killed_process_left(copy: Copy) -> None:
    copy.write(f"__pycache__/a{SUFFIX}", "of another build")
    copy.write(f"__pycache__/a{SUFFIX}.tmp", "half of a file")
    copy.build()
    assert copy.imported("import a") == ["a"]
    assert [path.name for path in copy.file("a").parent.iterdir() if path.suffix == ".tmp"] == []


def test_a_file_with_the_same_content_is_not_written_again(copy: Copy) -> None:
    copy.build()
    before = copy.file("a").stat()
    copy.build()
    assert copy.file("a").stat().st_ino == before.st_ino


def test_files_are_written_below_the_tree_alone(tmp_path: Path) -> None:
    assert write_files(tmp_path, [("gone/__pycache__/a.pyc", b"")]) == ("gone/__pycache__/a.pyc",)
