"""The source of a buildpack: a directory with a ``buildpack.py`` that defines a ``Buildpack``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.buildpack import Buildpack
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.cnb.package.descriptor import Descriptor
    from layerwright.cnb.target import Target

__all__ = ["READY_MADE", "SCRIPT", "copy_source", "describe", "load_buildpack"]

READY_MADE: Final = Path(__file__).parents[1] / "ready_made"
"""The source of the ready-made buildpack."""
SCRIPT: Final = "buildpack.py"

_WRITTEN: Final = ("bin", "buildpack.toml", "python")


def load_buildpack(source: Path) -> Buildpack:
    """Return the buildpack that ``buildpack.py`` in *source* defines; ``UserError``: it defines none."""
    path = source / SCRIPT
    if not path.is_file():
        raise UserError(
            f"{source} is not a buildpack source.",
            cause=f"It has no {SCRIPT}." if source.is_dir() else "The directory does not exist.",
            remedy=f"Pass a directory with a {SCRIPT}, or no directory to package the ready-made buildpack.",
            reference="no-buildpack-source",
        )
    found = _run(path).get("buildpack")
    if not isinstance(found, Buildpack):
        raise _useless(
            path, f"It defines no `buildpack`, or one that is not a Buildpack: {type(found).__name__}."
        )
    return found


def describe(buildpack: Buildpack, source: Path, target: Target) -> Descriptor:
    """Return the buildpack.toml of *buildpack* for *target*; ``UserError``: a value is invalid."""
    from layerwright.cnb.layers.layer import SBOM_MEDIA_TYPES
    from layerwright.cnb.package.descriptor import Descriptor, DescriptorError

    try:
        return Descriptor(
            id=buildpack.id,
            version=buildpack.version,
            name=buildpack.name,
            api=buildpack.api,
            # The user's variables are for the commands of a build, which gets them from the platform's directory.
            clear_env=True,
            sbom_formats=tuple(SBOM_MEDIA_TYPES.values()),
            targets=(target,),
        )
    except DescriptorError as error:
        raise _useless(source / SCRIPT, "\n".join(error.problems)) from error


def copy_source(source: Path, destination: Path, *, without: Iterable[Path] = ()) -> None:
    """Copy *source* into the existing directory *destination*, following symbolic links.

    It skips hidden files, bytecode, packaged buildpacks, and the paths *without*. ``UserError``: a file is at a path
    that packaging writes.
    """
    in_the_way = [name for name in _WRITTEN if (source / name).exists()]
    if in_the_way:
        raise UserError(
            f"{source} contains files that packaging writes: {', '.join(in_the_way)}.",
            cause="Packaging puts the interpreter, the scripts and the description there.",
            remedy=f"Rename or remove them; {SCRIPT} describes the buildpack.",
            reference="buildpack-source-conflict",
        )
    excluded = {path.resolve() for path in without}

    def ignored(folder: str, names: Sequence[str]) -> set[str]:
        return {
            name
            for name in names
            if name.startswith(".")
            or name == "__pycache__"
            or name.endswith((".cnb", ".pyc"))
            or Path(folder, name).resolve() in excluded
        }

    shutil.copytree(source, destination, ignore=ignored, dirs_exist_ok=True)


def _run(path: Path) -> dict[str, object]:
    import runpy

    try:
        return runpy.run_path(str(path), run_name="buildpack")
    except ModuleNotFoundError as error:
        beside = path.parent / f"{str(error.name).partition('.')[0]}.py"
        remedy = (
            f"Move what is in {beside.name} into {path.name}, or into a plugin: modules beside it are not imported."
            if beside.exists()
            else "Install the distribution of that module here, and add it to the buildpack with --plugin."
        )
        raise _useless(path, f"ModuleNotFoundError: {error}", remedy) from error
    except (Exception, SystemExit) as error:
        raise _useless(path, f"{type(error).__name__}: {error}{_line_of(error, path)}") from error


def _line_of(error: BaseException, path: Path) -> str:
    """Return the line of *path* that raised *error*, as text; empty if none did."""
    import traceback

    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f" (line {lines[-1]})" if lines else ""


def _useless(path: Path, cause: str, remedy: str = "") -> UserError:
    return UserError(
        f"{path} does not define a buildpack.",
        cause=cause,
        remedy=remedy or "Correct it. It must define: buildpack = Buildpack(id=…, version=…)",
        reference="bad-buildpack-source",
    )
