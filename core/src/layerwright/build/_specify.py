"""Specifies every layer from the choices: a build creates these layers, and an explanation shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from layerwright.build.layers import names
from layerwright.build.layers.commands import CORE, PLUGIN, Places, directory_of
from layerwright.build.layers.download_cache import describe_cache
from layerwright.build.layers.published import without_known_secrets
from layerwright.build.layers.python import describe_python
from layerwright.build.layers.tool import describe_stand_ins, describe_tool
from layerwright.build.venv.describe import counted, describe_venv
from layerwright.cnb.api import PRODUCTION
from layerwright.config.tables import keys_of
from layerwright.contract.sameness import Locked, resolution_of, update_of
from layerwright.contract.values.environment import EnvironmentInstall, EnvironmentRequest
from layerwright.contract.values.tool import Tool, ToolLayer, ToolRequest
from layerwright.errors import UserError
from layerwright.files.frozen import frozen
from layerwright.plugins.blame import blaming, defect
from layerwright.plugins.wrong_types import checked_parts
from layerwright.process.redaction import KNOWN, SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.build._decide import LayerSpec
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.contract.package_manager import PackageManager
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Described", "DescribedTool", "describe", "learn_secrets"]


class DescribedTool(NamedTuple):
    """The specified layer of a package manager."""

    manager: PackageManager
    tool: ToolLayer
    spec: LayerSpec


@frozen
class Described:
    """The specification of every layer; the last of ``tools`` is the package manager's own.

    The package manager described the virtual environment for the request ``asked``. ``warnings`` are about requests
    that it does not fulfil. ``contributed`` are the layers of plugins, which are known when the virtual environment is
    complete.
    """

    interpreter: Interpreter
    python: LayerSpec
    tools: tuple[DescribedTool, ...]
    stand_ins: LayerSpec | None
    stand_in_texts: Mapping[str, str]
    cache: LayerSpec | None
    install: EnvironmentInstall
    venv: LayerSpec
    asked: EnvironmentRequest
    places: Places
    warnings: tuple[str, ...] = ()
    contributed: tuple[LayerSpec, ...] = ()

    @property
    def specs(self) -> tuple[LayerSpec, ...]:
        """The layers in the order in which they are contributed."""
        tools = (described.spec for described in self.tools)
        wanted = (self.python, *tools, self.stand_ins, self.cache, self.venv, *self.contributed)
        return tuple(spec for spec in wanted if spec is not None)


def describe(request: BuildRequest, prepared: Prepared) -> Described:
    """Return the specification of every layer; the package manager is asked, and nothing is changed."""
    manager, settings, layers = prepared.manager, prepared.settings, request.layers
    venv = layers.layer_path(names.VENV)
    python, interpreter = describe_python(layers.layer_path(names.PYTHON), prepared.candidate, request.target)
    places = _places(request, prepared, interpreter)
    label = prepared.label
    tools = {
        one.name: found
        for one in (*prepared.others, manager)
        if (found := _describe_tool(request, prepared, one, interpreter, places)) is not None
    }
    own = tools.get(manager.name)
    stand_ins = own.tool.stand_ins if own else {}
    paths = {
        name: Tool(version=found.tool.version, layer=layers.layer_path(found.spec.name))
        for name, found in tools.items()
    }
    asked = EnvironmentRequest(
        project=request.project,
        settings=settings,
        environment=prepared.environment,
        interpreter=interpreter,
        target=request.target,
        own_tool=paths.get(manager.name),
        others={one.name: paths[one.name] for one in prepared.others if one.name in paths},
        venv=venv,
        cache=layers.layer_path(names.cache_layer(manager.name)),
        report=request.report,
        exec_env=request.exec_env,
    )
    with blaming(label, "environment"):
        install = manager.environment(asked)
    install = checked_parts(install, EnvironmentInstall, label, "environment")
    update, resolution = update_of(install.sameness), resolution_of(install.sameness)
    learn_secrets((*install.first, *install.commands, *install.checks))
    learn_secrets((*(update.diagnosis if update else ()), *((resolution.command,) if resolution else ())))
    # Not before: only now everything is known that is secret.
    install = replace(install, inputs=without_known_secrets(install.inputs))
    if update and KNOWN.any:
        update = replace(update, archives=without_known_secrets(update.archives))
        install = replace(install, sameness=replace(cast("Locked", install.sameness), update=update))
    tools = {name: _without_secrets(prepared, one) for name, one in tools.items()}
    absent = stand_ins and settings.stand_in and not settings.launch
    return Described(
        interpreter=interpreter,
        python=python,
        tools=tuple(tools.values()),
        stand_ins=describe_stand_ins(stand_ins) if absent else None,
        stand_in_texts=stand_ins,
        cache=describe_cache(manager) if install.keeps_cache or request.keeps_downloads else None,
        install=install,
        venv=describe_venv(
            manager,
            install,
            layer=venv,
            contents=layers.contents_path(names.VENV),
            interpreter=interpreter,
            tools={one.manager.display_name: one.tool.version for one in tools.values()},
            target=request.target,
            exec_env=request.exec_env,
            environment=prepared.environment,
            counted=without_known_secrets(
                counted(install, [one.tool.env for one in tools.values()], prepared.environment, places)
            ),
        ),
        asked=asked,
        places=places,
        warnings=(
            *map(KNOWN.masked_url, install.warnings),
            *_exec_env_warnings(manager, asked, install, label),
        ),
    )


def _places(request: BuildRequest, prepared: Prepared, interpreter: Interpreter) -> Places:
    managers = (*prepared.others, prepared.manager)
    own = {str(directory_of(type(manager))): PLUGIN for manager in managers}
    return Places(
        application=request.project.root,
        named={
            **own,
            str(request.layers.path): "{layers}",
            str(interpreter.executable): "{python}",
            str(request.report): "{report}",
            str(directory_of(Places)): CORE,
        },
    )


def _without_secrets(prepared: Prepared, described: DescribedTool) -> DescribedTool:
    """Return *described* without secrets in its inputs; ``PluginError``: files of the layer contain secrets."""
    tool = described.tool
    texts = {**tool.env.files(), **{name: text.encode() for name, text in tool.stand_ins.items()}}
    for name, content in texts.items():
        if KNOWN.are_in(content):
            label = prepared.plugins.provider(described.manager.name).label
            raise defect(label, f"tool_layer returned a secret in {name}, a file that stays in the layer.")
    spec = replace(described.spec, inputs=without_known_secrets(described.spec.inputs))
    return described._replace(spec=spec)


def learn_secrets(commands: Iterable[Command]) -> None:
    """Learn the secrets of *commands*, even if none of them runs."""
    for command in commands:
        for value in command.env.values():
            if isinstance(value, SecretStr):
                KNOWN.learn_secret(value)


def _exec_env_warnings(
    manager: PackageManager, asked: EnvironmentRequest, install: EnvironmentInstall, label: str
) -> tuple[str, ...]:
    """Return a warning if *install*, for another execution environment than production, equals that of production."""
    name = asked.exec_env
    if name == PRODUCTION:
        return ()
    try:
        with blaming(label, "environment"):
            usual = manager.environment(replace(asked, exec_env=PRODUCTION))
    except UserError:
        # Installable for this execution environment, but not for production.
        return ()
    if (usual.inputs, usual.commands) != (install.inputs, install.commands):
        return ()
    # By convention, the settings of an execution environment begin with its name.
    keys = [key for key in keys_of(type(asked.settings)) if key.startswith(f"{name}-")]
    remedy = (
        f"{' or '.join(keys)} in [tool.layerwright.{manager.name}] sets what else {name} needs."
        if keys
        else f"{manager.display_name} has no setting for it."
    )
    return (
        f"The execution environment is {name}, but {manager.display_name} installs the same as for production.\n"
        f"{remedy}",
    )


def _describe_tool(
    request: BuildRequest,
    prepared: Prepared,
    manager: PackageManager,
    interpreter: Interpreter,
    places: Places,
) -> DescribedTool | None:
    settings, layers = prepared.configuration.tools[manager.name], request.layers
    label = prepared.plugins.provider(manager.name).label
    with blaming(label, "tool_layer"):
        tool = manager.tool_layer(
            ToolRequest(
                project=request.project,
                settings=settings,
                environment=prepared.environment,
                interpreter=interpreter,
                target=request.target,
                layer=layers.layer_path(names.tool_layer(manager.name)),
                venv=layers.layer_path(names.VENV),
            )
        )
    if tool is None:
        return None
    tool = checked_parts(tool, ToolLayer, label, "tool_layer")
    learn_secrets(tool.install)
    spec = describe_tool(manager, tool, settings, interpreter, request.target, places)
    return DescribedTool(manager=manager, tool=tool, spec=spec)
