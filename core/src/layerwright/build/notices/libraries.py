"""Shared libraries that installed distributions need from the operating system."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.layers import names
from layerwright.contract.failures.debian import LIBRARIES
from layerwright.errors import ERRORS_PAGE
from layerwright.pythons.elf import ElfError, machine_of, read_dynamic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from layerwright.build._contribute import Contributor
    from layerwright.build._specify import Described
    from layerwright.build.installed.binaries import Binary
    from layerwright.build.request import BuildRequest
    from layerwright.output.log import Log
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Needs", "lacking", "library_needs", "origin_words", "tell_libraries"]

_MOST_SHOWN: Final = 20
_MOST_DISTRIBUTIONS: Final = 3
# Every base image has these: they are parts of the C library, or its package manager needs them.
_OF_EVERY_IMAGE: Final = re.compile(
    r"(?:lib(?:c|m|dl|rt|pthread|util|resolv|nsl|anl|mvec|crypt|gcc_s|stdc\+\+|z)|ld-linux[\w-]*|libc\.musl-\w+|ld-musl-\w+)"
    r"\.so(?:\..*)?"
)
# The driver is part of the machine that has the graphics card, and container engines mount it.
_OF_DRIVERS: Final = re.compile(r"lib(?:cuda|nvcuvid|nvidia-[\w-]+)\.so(?:\..*)?")
# Without it, numba uses another of its thread pools.
_OPTIONAL: Final = frozenset({("numba", "libtbb.so.12")})
_CUDA: Final = re.compile(
    r"lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|cupti|nccl|nvinfer|nvrtc|nvJitLink)\w*\.so\b.*"
)


class Needs(NamedTuple):
    """The libraries that are missing, and those that are not but the run image must have: text, empty if none."""

    missing: str = ""
    of_the_run_image: str = ""


def library_needs(
    site_packages: Path,
    interpreter: Interpreter,
    directories: Iterable[Path],
    *,
    launches_here: bool,
    root: Path = Path("/"),
) -> Needs:
    """Return what the distributions in *site_packages* need beside what they and the *directories* of layers have.

    *launches_here*: the application runs on this machine, whose file system is at *root*, not in a run image.
    Libraries that code loads by their names while it runs are not seen, because no ELF file names them.
    """
    from layerwright.build.installed.binaries import binaries
    from layerwright.build.notices._loader import loader_directories

    machine = machine_of(interpreter.executable)
    places = [str(directory) for directory in (*directories, *loader_directories(root))]

    @cache
    def is_there(name: str) -> bool:
        return _is_in(places, name, machine)

    try:
        runs_with = read_dynamic(interpreter.executable).needed
    except (ElfError, OSError):
        return Needs()
    if not all(map(is_there, runs_with)):
        # The interpreter runs, so this machine has its libraries elsewhere, as NixOS does.
        return Needs()
    absent, present = _outside(binaries(site_packages, machine), is_there, machine)
    return Needs(
        _missing_words(absent, launches_here=launches_here),
        "" if launches_here else _run_image_words(present),
    )


def tell_libraries(contributor: Contributor, described: Described, request: BuildRequest, log: Log) -> None:
    """Log the shared libraries that the virtual environment needs from the operating system."""
    # Platforms add the lib directory of each layer to this variable.
    listed = contributor.environment.get("LD_LIBRARY_PATH", "").split(":")
    needs = library_needs(
        described.interpreter.site_packages(request.layers.layer_path(names.VENV)),
        described.interpreter,
        [
            *(c.path / "lib" for c in contributor.contributions if c.types.launch),
            *(Path(path) for path in listed if path),
        ],
        launches_here=bool(request.launch_path),
    )
    if needs.missing:
        log.warning(needs.missing)
    if needs.of_the_run_image:
        log.note(needs.of_the_run_image)


def lacking(site_packages: Path, executable: Path, is_there: Callable[[str], bool]) -> list[str]:
    """Return a line for each library that an operating system lacks, of which *is_there* knows the libraries.

    They are needed by the interpreter *executable*, or by the distributions in *site_packages*.
    """
    from layerwright.build.installed.binaries import binaries

    machine = machine_of(executable)
    try:
        own = read_dynamic(executable).needed
    except (ElfError, OSError):
        own = ()
    absent, _ = _outside(binaries(site_packages, machine), is_there, machine, own_directories=False)
    missing = [name for name in own if not is_there(name) and "/" not in name]
    return [*(f"  {name}, needed by Python{origin_words(name)}" for name in missing), *_rows(absent)]


def _outside(
    found: Sequence[Binary],
    is_there: Callable[[str], bool],
    machine: bytes,
    *,
    own_directories: bool = True,
) -> tuple[dict[str, list[Binary]], dict[str, list[Binary]]]:
    """Return the libraries outside *found* that are not there, and those that are.

    With each are the files that cannot be loaded without it, either by themselves or because of a library of theirs.
    """
    # A library of the environment counts wherever it is: many distributions load theirs before they import what needs
    # them, so search paths say nothing about it.
    by_name = {name: one for one in found for name in (one.path.name, one.dynamic.soname)}
    ahead = [(one, one) for one in found if one.loaded]
    seen = {one for one, _ in ahead}
    absent, present = defaultdict[str, list["Binary"]](list), defaultdict[str, list["Binary"]](list)
    for one, loaded in ahead:
        for name in one.dynamic.needed:
            inner = by_name.get(name)
            if inner is not None:
                if inner not in seen:
                    seen.add(inner)
                    ahead.append((inner, loaded))
            elif (
                "/" not in name
                and not _OF_DRIVERS.fullmatch(name)
                and (one.distribution.partition(" ")[0], name) not in _OPTIONAL
            ):
                there = is_there(name) or (own_directories and _is_in(_own_directories(one), name, machine))
                (present if there else absent)[name].append(loaded)
    return absent, present


def _own_directories(one: Binary) -> Iterator[str]:
    origin = str(one.path.parent)
    for search_path in one.dynamic.search_paths:
        for entry in search_path.value.split(":"):
            place = entry.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
            if place.startswith("/"):
                yield place


def _is_in(directories: Iterable[str | Path], name: str, machine: bytes) -> bool:
    # Strings, and a file is opened only if it is there: hundreds of names in tens of directories.
    paths = (os.path.join(directory, name) for directory in directories)  # noqa: PTH118
    return any(machine_of(Path(path)) == machine for path in paths if os.path.exists(path))  # noqa: PTH110


def _missing_words(absent: Mapping[str, Sequence[Binary]], *, launches_here: bool) -> str:
    if not absent:
        return ""
    packages = " ".join(sorted({LIBRARIES[name] for name in absent if name in LIBRARIES}))
    lines = []
    if launches_here:
        lines.append("Installed distributions need shared libraries that this machine does not have:")
        lines += [*_rows(absent), "Python cannot load these files, so importing them fails."]
        if packages:
            lines.append(f"Install the Debian packages: apt-get install {packages}")
    else:
        lines.append("Installed distributions need shared libraries that the build image does not have:")
        lines += [*_rows(absent), "Unless the run image has them, importing these files fails."]
        if packages:
            lines.append(f"Use base images with the Debian packages {packages}.")
    if any(not origin_words(name) for name in absent):
        them = "the others" if packages else "them"
        lines.append(f"Find the packages of the operating system that contain {them}.")
    return "\n".join([*lines, f"Reference: {ERRORS_PAGE}#missing-shared-library"])


def _run_image_words(present: Mapping[str, Sequence[Binary]]) -> str:
    needed = {name: users for name, users in present.items() if not _OF_EVERY_IMAGE.fullmatch(name)}
    if not needed:
        return ""
    return "\n".join(
        ("The run image must also have these shared libraries of the build image:", *_rows(needed))
    )


def _rows(libraries: Mapping[str, Sequence[Binary]]) -> list[str]:
    shown = sorted(libraries.items())
    rows = [f"  {name}, needed by {_users(users)}{origin_words(name)}" for name, users in shown[:_MOST_SHOWN]]
    more = len(shown) - len(rows)
    return [*rows, *([f"  … and {more} more"] if more else [])]


def origin_words(name: str) -> str:
    """Return what follows the library *name* in a line: where it comes from, nothing if that is not known."""
    if name in LIBRARIES:
        return f": Debian package {LIBRARIES[name]}"
    return ": a part of CUDA, which is no Debian package" if _CUDA.fullmatch(name) else ""


def _users(users: Sequence[Binary]) -> str:
    files = {one.distribution: one.name for one in reversed(users)}
    shown = [f"{files[name]} of {name}" for name in sorted(files)]
    more = len(shown) - _MOST_DISTRIBUTIONS
    return ", ".join([*shown[:_MOST_DISTRIBUTIONS], *([f"{more} more"] if more > 0 else [])])
