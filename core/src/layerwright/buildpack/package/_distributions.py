"""Installs the distributions of a buildpack into its interpreter."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.build.installed.startup import startup_files
from layerwright.buildpack.package._fit import refuse_unknown_plugins, refuse_unmet_requirements
from layerwright.buildpack.package._installed import (
    copy_distribution,
    drop_installer_files,
    find_distributions,
    label,
)
from layerwright.buildpack.package._selection import plugin_names
from layerwright.contract.distributions import index_settings, pip_install
from layerwright.errors import UserError
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.metadata import Distribution

    from layerwright.buildpack.package._selection import Selection
    from layerwright.buildpack.package.target import Machine
    from layerwright.process.runner import Runner

__all__ = ["install"]


def install(
    selection: Selection,
    site: Path,
    *,
    work: Path,
    python: Path,
    machine: Machine,
    markers: Mapping[str, str],
    environment: Mapping[str, str],
    runner: Runner,
) -> tuple[str, ...]:
    """Install *selection* into the site-packages directory *site* of an interpreter for *machine*.

    *python* is an executable of the same minor version that runs here; *work* is for temporary files. Return the
    files that were left out, mainly ``.pth`` files: they would run, or be read, at every start. ``UserError``: the
    installed distributions are not compatible.
    """
    for one in selection.copied:
        copy_distribution(one, site)
    if selection.built:
        built = work / "built"
        runner.run(
            pip_install(
                Path(sys.executable),
                *("--no-deps", "--no-build-isolation", "--no-index", f"--target={built}"),
                requirements="".join(f"{path.as_uri()}\n" for path in selection.built.values()),
                environment=environment,
                cwd=work,
                shown=f"pip install --no-deps {' '.join(map(str, selection.built.values()))}",
                remedy=(
                    "Install them as non-editable (pip install PATH), so that the installed files are copied.",
                    "Or install their build requirements in the same environment.",
                ),
                reference="editable-not-built",
            )
        )
        _merge(built, site)
    own = tuple(find_distributions([str(site)]).values())
    locked = work / "locked"
    runner.run(
        pip_install(
            python,
            *("--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation=cp"),
            f"--python-version={markers['python_version']}",
            *(f"--platform={tag}" for tag in machine.wheel_platforms),
            f"--target={locked}",
            requirements="".join(f"{pin.line}\n" for pin in selection.pins),
            environment=environment,
            cwd=work,
            env=index_settings(environment),
            shown=f"pip install --require-hashes ({len(selection.pins)} distributions for {machine.target.words})",
            remedy=(
                "If the package index could not be reached, check pip's index settings (PIP_INDEX_URL and others).",
                f"If there is no wheel for Python {markers['python_version']} on {machine.target.words}, take another "
                "version with --python, or lock a version that has one.",
            ),
            reference="buildpack-not-installed",
        )
    )
    _merge(locked, site)
    _check(selection, site, own, markers)
    drop_installer_files(site)
    startup = startup_files(site)
    for path in startup:
        remove_tree(path)
    return tuple(path.name for path in startup)


def _merge(made: Path, site: Path) -> None:
    # One directory for both does not work: pip skips a namespace package that already exists.
    shutil.rmtree(made / "bin", ignore_errors=True)
    shutil.copytree(made, site, dirs_exist_ok=True)
    shutil.rmtree(made)


def _check(selection: Selection, site: Path, own: Sequence[Distribution], markers: Mapping[str, str]) -> None:
    compiled = [label(one) for one in own if not _is_pure(one)]
    if compiled:
        raise UserError(
            f"Installed distributions have compiled parts: {', '.join(compiled)}.",
            cause="They work with this machine and the Python that runs Layerwright, not with the buildpack's.",
            remedy="Lock it with hashes in a requirements file, and pass that with --requirements.",
            reference="plugin-compiled",
        )
    there = find_distributions([str(site)])
    refuse_unmet_requirements(there.values(), {name: one.version for name, one in there.items()}, markers)
    plugins = plugin_names([str(site)])
    refuse_unknown_plugins([name for name in selection.plugins if name not in plugins], plugins)


def _is_pure(distribution: Distribution) -> bool:
    wheel = distribution.read_text("WHEEL") or ""
    tags = [line.partition(":")[2].strip() for line in wheel.splitlines() if line.startswith("Tag:")]
    return all(tag.endswith("-none-any") for tag in tags)
