"""Specifies the venv layer, and how its sameness is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build._contribute import LayerSpec
from layerwright.build.installed.checkouts import CHECKOUTS
from layerwright.build.installed.dist_info import directories_by_name
from layerwright.build.layers import names
from layerwright.build.layers.commands import beside, command_inputs, variables_of
from layerwright.build.venv._backend_variables import backend_variables
from layerwright.build.venv._resolved import changed_since
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked, Resolution, Unprovable, Update
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.build.layers.commands import Places
    from layerwright.cnb.target import Target
    from layerwright.contract.package_manager import EnvironmentInstall, PackageManager
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["counted", "describe_venv", "resolution_of", "update_of"]


def describe_venv(
    manager: PackageManager,
    install: EnvironmentInstall,
    *,
    layer: Path,
    contents: Path,
    interpreter: Interpreter,
    tools: Mapping[str, str],
    target: Target,
    exec_env: str,
    environment: Mapping[str, str],
    counted: Mapping[str, str],
) -> LayerSpec:
    """Return the specification of the venv layer; a change of *install*'s inputs alone can be an update.

    So can a change of *exec_env*, and of *counted*, the inputs from the commands. *tools* has the version of each tool
    that fills it, by its display name, *environment* the user's variables.
    """
    site_packages = interpreter.site_packages(contents)
    unprovable = install.sameness.because if isinstance(install.sameness, Unprovable) else ""
    return LayerSpec(
        name=names.VENV,
        types=LayerTypes(build=True, launch=True, cache=True),
        inputs={
            "Python version": interpreter.version,
            "package manager": manager.name,
            **{f"{name} version": version for name, version in tools.items()},
            "target": target.words,
            "layer path": str(layer),
            # No package manager treats them as inputs, but they change the result of building a source.
            **backend_variables(environment),
        },
        content_inputs={**install.inputs, "execution environment": exec_env, **counted},
        env=LayerEnv().override("VIRTUAL_ENV", str(layer)),
        fresh_because=unprovable or changed_since(contents, site_packages),
        no_update_because=f"it has checkouts in {CHECKOUTS}"
        if (contents / CHECKOUTS).is_dir()
        else _stays(manager, install, site_packages),
    )


def counted(
    install: EnvironmentInstall, tools: Iterable[LayerEnv], environment: Mapping[str, str], places: Places
) -> dict[str, str]:
    """Return what the commands of *install* are, and the variables that *tools* set for them, as inputs.

    *environment* has the user's variables.
    """
    secret = {n for c in install.commands for n, value in c.env.items() if isinstance(value, SecretStr)}
    users = {name: value for name, value in environment.items() if name not in secret}
    variables = beside(install.inputs, variables_of(tools, users, places))
    return {**variables, **command_inputs(install.commands, places, install.inputs)}


def resolution_of(install: EnvironmentInstall) -> Resolution | None:
    """Return the resolution of *install*: the one that decides, or the one that updates a locked set."""
    sameness = install.sameness
    found = sameness.update if isinstance(sameness, Locked) else sameness
    return found if isinstance(found, Resolution) else None


def update_of(install: EnvironmentInstall) -> Update | None:
    """Return how the commands of *install* update an environment, ``None`` if they do not."""
    found = install.sameness.update if isinstance(install.sameness, Locked) else None
    return found if isinstance(found, Update) else None


def _stays(manager: PackageManager, install: EnvironmentInstall, site_packages: Path) -> str:
    """Return, as text, the installed distributions that the commands of *manager* would not remove."""
    update = update_of(install)
    # If nothing stays, the environment need not be read.
    if update is None or not update.keeps:
        return ""
    found = directories_by_name(site_packages).intersection(map(normalised_name, update.keeps))
    if not found:
        return ""
    return f"{manager.display_name} would not remove {', '.join(sorted(found))}"
