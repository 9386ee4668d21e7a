"""Specifies the venv layer, and how its sameness is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build._decide import LayerSpec
from layerwright.build.installed.checkouts import CHECKOUTS
from layerwright.build.installed.dist_info import directories_by_name
from layerwright.build.layers import names
from layerwright.build.layers.commands import beside, command_inputs, variables_of
from layerwright.build.layers.python import abi_input
from layerwright.build.layers.tool import version_input
from layerwright.build.venv._backend_variables import backend_variables
from layerwright.build.venv.resolved import changed_since
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import resolution_of, update_of
from layerwright.process.redaction import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.build.layers.commands import Places
    from layerwright.cnb.target import Target
    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.environment import EnvironmentInstall
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["counted", "describe_venv"]


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
    that fills it, by its display name, *environment* the user's variables. The patch release of Python is no input:
    the metadata of the layer says what depends on it.
    """
    site_packages = interpreter.site_packages(contents)
    return LayerSpec(
        name=names.VENV,
        types=LayerTypes(build=True, launch=True, cache=True),
        inputs={
            **abi_input(interpreter),
            "package manager": manager.name,
            **{version_input(name): version for name, version in tools.items()},
            "target": target.words,
            "layer path": str(layer),
            # No package manager treats them as inputs, but they change the result of building a source.
            **backend_variables(environment),
        },
        content_inputs={**install.inputs, "execution environment": exec_env, **counted},
        sameness=install.sameness,
        python=interpreter.version,
        examined=_examined(install, manager),
        env=LayerEnv().override("VIRTUAL_ENV", str(layer)),
        fresh_because=changed_since(contents, site_packages),
        no_update_because=f"it has checkouts in {CHECKOUTS}"
        if (contents / CHECKOUTS).is_dir()
        else _stays(manager, install, site_packages),
    )


def _examined(install: EnvironmentInstall, manager: PackageManager) -> dict[str, None]:
    """Return the inputs whose change need not create the layer: the version of *manager*, if that can be examined."""
    resolution = resolution_of(install.sameness)
    can = resolution is not None and resolution.reinstall is not None
    return {version_input(manager.display_name): None} if can else {}


def counted(
    install: EnvironmentInstall, tools: Iterable[LayerEnv], environment: Mapping[str, str], places: Places
) -> dict[str, str]:
    """Return the inputs from the commands of *install*, and from the variables that *tools* set for them.

    *environment* has the user's variables.
    """
    secret = {n for c in install.commands for n, value in c.env.items() if isinstance(value, SecretStr)}
    users = {name: value for name, value in environment.items() if name not in secret}
    variables = beside(install.inputs, variables_of(tools, users, places))
    return {**variables, **command_inputs(install.commands, places, install.inputs)}


def _stays(manager: PackageManager, install: EnvironmentInstall, site_packages: Path) -> str:
    """Return, as text, the installed distributions that the commands of *manager* would not remove."""
    update = update_of(install.sameness)
    # If nothing stays, the environment need not be read.
    if update is None or not update.keeps:
        return ""
    found = directories_by_name(site_packages).intersection(map(normalised_name, update.keeps))
    if not found:
        return ""
    return f"{manager.display_name} would not remove {', '.join(sorted(found))}"
