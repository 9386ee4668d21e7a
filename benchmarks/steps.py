"""The steps that scenarios consist of: what a site needs first, and what each turn changes before it is timed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks import program
from benchmarks.patched import can_be_patched
from benchmarks.report import layer_seconds
from benchmarks.scenarios import LeftOut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.site import Site
    from layerwright.process.command import Command

__all__ = [
    "beside_python",
    "built",
    "built_from",
    "change",
    "fresh",
    "hash_locked",
    "installed",
    "not_built",
    "other_python",
    "packaged",
    "patch_release",
    "program_built",
    "python_and_tool",
    "reduce",
    "venv_result",
]


def not_built(site: Site) -> None:
    """Write the application with its direct requirements."""
    site.use(next(iter(site.pythons)))
    site.write(site.application.unlocked)


def installed(site: Site) -> None:
    """Install the direct requirements with both, which also fills every cache."""
    not_built(site)
    site.run(site.build())
    site.forget_venv()
    site.run(site.fresh())


def hash_locked(site: Site) -> None:
    """Build the application with every requirement locked by hash, where the package manager allows it."""
    site.use(next(iter(site.pythons)))
    site.write(site.locked)
    site.run(site.build())


def built(site: Site) -> None:
    """Build the application with its direct requirements."""
    not_built(site)
    site.run(site.build())


def packaged(site: Site) -> None:
    """Package the buildpack, and create an application of a thousand files."""
    not_built(site)
    site.package()
    site.write_files(1000)


def program_built(site: Site) -> None:
    """Build the application with a program of many modules."""
    not_built(site)
    site.write_program()
    # Read-only for the build, too.
    site.run([replace(command, env={**command.env, **program.READ_ONLY}) for command in site.build()])


def patch_release(site: Site) -> None:
    """Build the application with a Python that is available as its next patch release, too."""
    try:
        site.use(next(minor for minor, path in site.pythons.items() if can_be_patched(path)))
    except StopIteration:
        raise LeftOut("no interpreter of this machine can be made to report another patch release") from None
    site.write(site.application.unlocked)
    site.run(site.build())
    site.patch_python()
    site.run(site.build_with(patch=False))


def built_from(site: Site, *, downloads: bool) -> Sequence[Command]:
    """Remove the layers, with *downloads* also every cache, and return the build."""
    site.forget_layers(downloads=downloads)
    return site.build()


def fresh(site: Site, *, downloads: bool = True) -> Sequence[Command]:
    """Remove the bare virtual environment, without *downloads* also the cache, and return what creates it."""
    site.forget_venv()
    if not downloads:
        site.forget_downloads()
    return site.fresh()


def change(site: Site, turn: int) -> Sequence[Command]:
    """Change one requirement, in every other turn back, and return what updates the bare virtual environment."""
    site.write(site.application.unlocked if turn % 2 else site.application.changed)
    return _update(site)


def reduce(site: Site, _turn: int) -> Sequence[Command]:
    """Install every requirement, remove one, and return what updates the bare virtual environment."""
    site.write(site.application.unlocked)
    site.run(site.build())
    if site.converges:
        site.run(site.update())
    site.write(site.application.reduced)
    return _update(site)


def other_python(site: Site, turn: int) -> Sequence[Command]:
    """Change the minor version of Python, and return what creates the bare virtual environment for it."""
    site.use(list(site.pythons)[(turn + 1) % 2])
    return fresh(site, downloads=site.keeps_cache)


def python_and_tool(output: str, _elapsed: float) -> float:
    """Return the seconds of these two layers, from the table that ends a build."""
    spent = layer_seconds(output)
    return sum(spent[layer] for layer in spent if layer == "python" or layer.startswith("tool-"))


def beside_python(output: str, elapsed: float) -> float:
    """Return the *elapsed* seconds of a build without those of its ``python`` layer."""
    return elapsed - layer_seconds(output)["python"]


def venv_result(output: str) -> str:
    """Return what a build did with the ``venv`` layer: ``venv kept``."""
    return " ".join(re.findall(r"^  Layer (venv) (\w+)", output, re.MULTILINE)[-1])


def _update(site: Site) -> Sequence[Command]:
    if not site.keeps_cache:
        site.forget_downloads()
    return site.update()
