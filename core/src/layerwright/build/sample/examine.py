"""Examines whether an installed environment is what another version of its package manager would install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.sample.choose import choose_sample, pack
from layerwright.build.sample.compare import different_files
from layerwright.files.removal import remove_tree
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from layerwright.contract.sameness import Resolved
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["why_written_otherwise"]


def why_written_otherwise(
    environment: Path,
    resolved: Iterable[Resolved],
    reinstall: Callable[[Path, Path], Command],
    *,
    interpreter: Interpreter,
    runner: Runner,
    place: Path,
) -> str:
    """Return why a package manager may write other files than those in *environment*; empty if it writes the same.

    *resolved* is what is installed there. From a wheel, every package manager installs the same files but for its
    scripts and its own metadata. So a sample of these is installed again, by the command of *reinstall*, in a new
    environment without anything else, in the directory *place*, which is removed.
    """
    built = sorted(one.name for one in resolved if not one.archive.endswith(".whl"))
    if built:
        return f"it may build {built[0]} differently"
    sample = choose_sample(interpreter.site_packages(environment))
    if sample is None:
        return "no distribution can be installed again to compare it"
    try:
        other = place / "environment"
        other.mkdir(parents=True)
        wheel = pack(sample, place)
        make = (str(interpreter.executable), "-I", "-m", "venv", "--without-pip", str(other))
        for command in (Command(argv=make, shown="python -m venv --without-pip"), reinstall(wheel, other)):
            if runner.try_run(command).returncode:
                return "it cannot install a distribution again to compare it"
        found = different_files(sample, environment, other)
    finally:
        remove_tree(place)
    return f"it writes {found[0]} differently" if found else ""
