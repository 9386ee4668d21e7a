from __future__ import annotations

import errno
import io
import json
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.venv._left_behind import left_as_found
from layerwright.files.project import Project
from layerwright.output.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Builds:
    """An application below *path* with the directory ``lib``, and what builds of it would use."""

    def __init__(self, path: Path) -> None:
        self.app = path / "app"
        self.layers = path / "layers"
        self.site_packages = self.layers / "venv" / "site-packages"
        self.place = self.layers / ".layerwright" / "left-behind"
        self.lib = self.directory("lib")
        self.said = ""
        (self.lib / "x.pyx").write_text("x")
        self.site_packages.mkdir(parents=True)

    def directory(self, name: str, file: str = "pyproject.toml") -> Path:
        """Make the directory *name* of the application, which *file* says how to build."""
        directory = self.app / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / file).touch()
        return directory

    def install(self, name: str, directory: Path, *, editable: bool = True) -> None:
        """Install *name* from *directory*, as a package manager records it (PEP 610)."""
        info = {"url": directory.as_uri(), "dir_info": {"editable": True} if editable else {}}
        self.record(name, json.dumps(info))

    def record(self, name: str, direct_url: str) -> None:
        """Have ``direct_url.json`` of the distribution *name* say *direct_url*."""
        metadata = self.site_packages / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "direct_url.json").write_text(direct_url)

    @contextmanager
    def build(self, *names: str) -> Iterator[None]:
        """Build the directories *names*, of which the inputs of the environment have digests, meanwhile."""
        stream, project = io.StringIO(), Project(self.app)
        for name in names or ("lib",):
            project.digest(name)
        try:
            with left_as_found(
                project,
                layers=self.layers,
                site_packages=self.site_packages,
                place=self.place,
                log=Log(stream, stream),
            ):
                yield
        finally:
            self.said = stream.getvalue()

    @property
    def moved(self) -> list[str]:
        """The files that were moved away, relative to the place where they are now."""
        return found(self.place)


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path)


def write(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left")


def found(directory: Path) -> list[str]:
    return sorted(
        str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_symlink() or p.is_file()
    )


# What is moved


def test_what_a_build_leaves_in_a_directory_is_moved_away_and_told(builds: Builds) -> None:
    with builds.build():
        write(builds.lib / "_skbuild" / "a" / "CMakeCache.txt", builds.lib / "x.c")
        (builds.lib / "x.pyx").write_text("changed")
        (builds.lib / "pyproject.toml").unlink()
    assert found(builds.lib) == ["x.pyx"]
    assert builds.moved == ["application/lib/_skbuild/a/CMakeCache.txt", "application/lib/x.c"]
    assert builds.said == f"  Builds left lib/_skbuild, lib/x.c: moved to {builds.place}.\n"
    assert builds.place.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_it_is_moved_whatever_becomes_of_the_build(builds: Builds, error: type[BaseException]) -> None:
    def stopped() -> None:
        with builds.build():
            write(builds.lib / "x.c")
            raise error

    with pytest.raises(error):
        stopped()
    assert found(builds.lib) == ["pyproject.toml", "x.pyx"]


def test_what_was_moved_away_is_there_until_a_build_leaves_something_again(builds: Builds) -> None:
    with builds.build():
        write(builds.lib / "x.c", builds.lib / "y.c")
    with builds.build():
        pass
    assert builds.said == ""
    assert builds.moved == ["application/lib/x.c", "application/lib/y.c"]
    with builds.build():
        write(builds.lib / "x.c")
    assert builds.moved == ["application/lib/x.c"]


def test_of_many_names_the_first_are_reported(builds: Builds) -> None:
    with builds.build():
        write(*(builds.lib / f"{number}\n.c" for number in range(8)))
    shown = ", ".join(f"lib/{number}\\n.c" for number in range(5))
    assert f"Builds left {shown} and 3 more: moved" in builds.said


def test_a_directory_outside_of_the_application_stays_as_it_is_as_well(builds: Builds) -> None:
    outside = builds.directory("../shared", "setup.py")
    with builds.build("../shared"):
        write(outside / "x.c")
    assert found(outside) == ["setup.py"]
    assert builds.moved == [f"elsewhere{outside.resolve()}/x.c"]
    assert f"Builds left {outside.resolve()}/x.c: moved" in builds.said


# What stays


def test_what_is_no_project_is_not_looked_at(builds: Builds) -> None:
    data = builds.directory("data", "wheels.txt")
    with builds.build("data", "lib", "absent"):
        write(data / "new", builds.app / "new")
    assert found(data) == ["new", "wheels.txt"]
    assert builds.said == ""


def test_version_control_caches_and_layers_are_not_looked_at(builds: Builds) -> None:
    builds.directory(".")
    for name in (".git", "lib/__pycache__", ".layerwright-build"):
        (builds.app / name).mkdir()
    builds.layers = builds.app / "layers"
    (builds.layers / "venv").mkdir(parents=True)
    kept = [".git/HEAD", "lib/__pycache__/a.pyc", ".layerwright-build/a", "layers/venv/new", "lib/.venv/a"]
    with builds.build("."):
        write(*(builds.app / name for name in (*kept, "layers.txt")))
    assert set(found(builds.app)) >= set(kept)
    assert builds.moved == ["application/layers.txt"]


def test_the_file_that_a_build_is_configured_to_write_the_version_into_stays(builds: Builds) -> None:
    (builds.lib / "pyproject.toml").write_text(
        '[project]\nname = "lib"\ndynamic = ["version"]\n[build-system]\nrequires = ["setuptools-scm"]\n'
        '[tool.setuptools_scm]\nversion_file = "_version.py"\n'
    )
    with builds.build():
        write(builds.lib / "_version.py", builds.lib / "x.c")
    assert found(builds.lib) == ["_version.py", "pyproject.toml", "x.pyx"]


def test_links_are_moved_and_never_followed(builds: Builds, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "old")
    (builds.lib / "old").symlink_to(tmp_path / "elsewhere")
    with builds.build():
        (builds.lib / "new").symlink_to(tmp_path / "elsewhere")
        write(tmp_path / "elsewhere" / "file")
    assert found(tmp_path / "elsewhere") == ["file", "old"]
    assert builds.moved == ["application/lib/new"]


def test_what_takes_the_place_of_a_file_or_a_directory_is_not_looked_into(
    builds: Builds, tmp_path: Path
) -> None:
    write(builds.lib / "file", builds.lib / "folder" / "file", tmp_path / "elsewhere" / "file")
    with builds.build():
        (builds.lib / "file").unlink()
        write(builds.lib / "file" / "new")
        (builds.lib / "folder" / "file").unlink()
        (builds.lib / "folder").rmdir()
        (builds.lib / "folder").symlink_to(tmp_path / "elsewhere")
    assert found(builds.lib) == ["file/new", "folder", "pyproject.toml", "x.pyx"]
    assert found(tmp_path / "elsewhere") == ["file"]


def test_a_directory_that_goes_or_is_very_deep_does_no_harm(builds: Builds) -> None:
    deep = builds.lib.joinpath(*"d" * 150)
    deep.mkdir(parents=True)
    gone = builds.directory("gone")
    with builds.build("lib", "gone"):
        (gone / "pyproject.toml").unlink()
        gone.rmdir()
        write(deep / "new", deep.parents[99] / "new")
    assert builds.moved == [f"application/lib/{'d/' * 50}new"]


# Editable installations


def test_what_an_editable_installation_is_imported_from_stays(builds: Builds) -> None:
    with builds.build():
        builds.install("lib", builds.lib)
        write(builds.lib / "x.so")
    assert (builds.lib / "x.so").exists()
    assert builds.said == ""


def test_below_an_editable_application_only_what_is_not_editable_is_as_before(builds: Builds) -> None:
    builds.directory(".")
    own = builds.directory("lib/own")
    with builds.build(".", "lib"):
        builds.install("app", builds.app)
        builds.install("lib", builds.lib, editable=False)
        # No digest was taken of its files.
        builds.install("own", own)
        write(builds.app / "app.so", builds.lib / "x.c", own / "own.so")
    assert builds.moved == ["application/lib/x.c"]


def test_a_line_of_a_pth_file_tells_where_something_is_imported_from_as_well(builds: Builds) -> None:
    other = builds.directory("other")
    (builds.lib / "src").mkdir()
    with builds.build("lib", "other"):
        lines = ["# comment", "import sys", "import\tos", "", "../nothing", "\0", f"{builds.lib}/src "]
        (builds.site_packages / "lib.pth").write_text("\n".join(lines))
        (builds.site_packages / "absent.pth").symlink_to("nowhere")
        write(builds.lib / "x.so", other / "x.c")
    assert builds.moved == ["application/other/x.c"]


@pytest.mark.parametrize(
    "direct_url",
    [
        "no JSON",
        "[]",
        '{"url": "file:///app"}',
        '{"dir_info": {"editable": true}}',
        '{"url": 5, "dir_info": {"editable": true}}',
        '{"url": "https://example.com/app", "dir_info": {"editable": true}}',
    ],
)
def test_metadata_that_names_no_directory_counts_for_nothing(builds: Builds, direct_url: str) -> None:
    with builds.build():
        builds.record("lib", direct_url)
        write(builds.lib / "x.c")
    assert builds.moved == ["application/lib/x.c"]


# Where nothing can be renamed


@pytest.fixture
def _other_file_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "rename", rename)


@pytest.mark.usefixtures("_other_file_system")
def test_on_another_file_system_it_is_copied(builds: Builds) -> None:
    with builds.build():
        write(builds.lib / "_build" / "a" / "file", builds.lib / "x.c")
        (builds.lib / "_build" / "link").symlink_to("/nowhere")
        (builds.lib / "link").symlink_to("_build")
    assert found(builds.lib) == ["pyproject.toml", "x.pyx"]
    names = ["_build/a/file", "_build/link", "link", "x.c"]
    assert builds.moved == [f"application/lib/{name}" for name in names]
    assert (builds.place / "application/lib/link").readlink().name == "_build"


@pytest.mark.usefixtures("_other_file_system")
def test_what_cannot_be_copied_stays_with_a_warning(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(builds.lib)
    with builds.build():
        write(builds.lib / "_build" / "file", builds.lib / "x.c")
        os.mkfifo(builds.lib / "_build" / "pipe")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    assert sorted(path.name for path in builds.lib.iterdir()) == [
        "_build",
        "pyproject.toml",
        "socket",
        "x.pyx",
    ]
    assert builds.moved == ["application/lib/x.c"]
    assert builds.said.splitlines()[1:] == [
        "  Warning: Builds left lib/_build, lib/socket, which cannot be moved: It is neither a file nor a"
        " directory, Not all of it can be copied.",
        "  Remove them, or the next build treats them as a change to the application.",
    ]
