"""The tool layer: a package manager, build-only unless the configuration says otherwise."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from layerwright.build._decide import LayerSpec, digest_input
from layerwright.build.layers import names
from layerwright.build.layers.commands import APPLICATION, command_inputs
from layerwright.build.layers.python import python_inputs
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.contract.values.tool import PythonDependence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.build._contribute import Contributor
    from layerwright.build._specify import DescribedTool
    from layerwright.build.layers.ahead import Ahead
    from layerwright.build.layers.commands import Places
    from layerwright.build.wheels.pins import Pin
    from layerwright.cnb.target import Target
    from layerwright.config.reading import ToolSettings
    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.tool import ToolLayer
    from layerwright.output.log import Log
    from layerwright.process.command import Command
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["contribute_stand_ins", "contribute_tool", "describe_stand_ins", "describe_tool", "version_input"]

_BYTECODE: Final = "bytecode"
_ALL: Final = "of all modules"
_INCOMPLETE: Final = "If the tool fails, the lock of its plugin is incomplete: tell the plugin's authors."


def version_input(display_name: str) -> str:
    """Return the name of the input that has the version of a package manager."""
    return f"{display_name} version"


def describe_tool(
    manager: PackageManager,
    tool: ToolLayer,
    settings: ToolSettings,
    interpreter: Interpreter,
    target: Target,
    places: Places,
) -> LayerSpec:
    """Return the specification of the layer of *manager*; only *settings* decide whether it is available at launch."""
    inputs = {
        **tool.inputs,
        **command_inputs(tool.install, places, tool.inputs),
        **python_inputs(tool.depends_on_python, interpreter),
    }
    if tool.depends_on_target:
        inputs["target"] = target.words
    if tool.compiled:
        inputs[_BYTECODE] = _ALL if settings.launch else digest_input(_digest(tool.compiled))
    return LayerSpec(
        name=names.tool_layer(manager.name),
        types=LayerTypes(build=True, launch=settings.launch, cache=True),
        inputs={version_input(manager.display_name): tool.version, **inputs},
        env=tool.env,
        # A file of the application may differ from that of another at the same place in it.
        stored=not any(APPLICATION in words for item in inputs.items() for words in item),
    )


def contribute_tool(
    contributor: Contributor,
    described: DescribedTool,
    interpreter: Interpreter,
    *,
    runner: Runner,
    log: Log,
    ahead: Ahead | None = None,
) -> None:
    """Make the layer match the *described* tool, with hash-based bytecode; *ahead* may have unpacked it.

    A lock file is installed without resolving anything. If distributions are missing in it, this warns before the
    tool fails without them.
    """
    manager, tool, spec = described
    log.heading(f"{manager.display_name} {tool.version}")

    def create(layer: Path) -> None:
        from layerwright.build.installed.places import refuse_misplaced_files
        from layerwright.build.layers.lacking import lacking
        from layerwright.build.patches.skeleton import settle_tool
        from layerwright.pythons.bytecode import compile_command

        running = runner.within(contributor.environment)
        unpacked = _moved(ahead, tool, layer, interpreter, running) or _unpack(
            tool, layer, interpreter, running
        )
        if unpacked:
            log.detail(
                f"Unpacked from {len(unpacked)} wheels"
                if len(unpacked) > 1
                else f"Unpacked from the wheel of {unpacked[0]}"
            )
        else:
            for command in tool.install:
                running.run(command)
        refuse_misplaced_files(layer)
        settle_tool(layer)
        faults = lacking(layer, interpreter)
        if faults:
            what = f"The layer {spec.name} lacks distributions that it requires."
            log.warning("\n".join([what, *faults, _INCOMPLETE]))
        if tool.depends_on_python is not PythonDependence.NONE:
            only = "" if spec.types.launch else tool.compiled
            running.run(compile_command(interpreter.executable, [layer], only=only))

    contributor.contribute(spec, create=create)


def _moved(
    ahead: Ahead | None, tool: ToolLayer, layer: Path, interpreter: Interpreter, runner: Runner
) -> tuple[str, ...]:
    """Fill *layer* with what was unpacked *ahead*, if anything was; return the distributions."""
    if ahead is None or tool.wheels is None or not (found := ahead.move(layer)):
        return ()
    from layerwright.build.wheels.install import environment_command

    environment = environment_command(tool.wheels, layer, interpreter)
    if environment is not None:
        runner.run(environment)
    return found


def _unpack(tool: ToolLayer, layer: Path, interpreter: Interpreter, runner: Runner) -> tuple[str, ...]:
    """Fill *layer* from wheels, if the tool is locked and none is missing; return the distributions."""
    if tool.wheels is None:
        return ()
    from layerwright.build.wheels.downloads.by_pip import download_command
    from layerwright.build.wheels.install import install_wheels
    from layerwright.build.wheels.linked import linked_directories

    wheels = tool.wheels

    def download(missing: Sequence[Pin], directory: Path) -> Command | None:
        return download_command(wheels, missing, interpreter, directory, runner.env)

    linked = linked_directories(runner.env)
    return install_wheels(wheels, layer, interpreter, run=runner.run, download=download, more=linked) or ()


def describe_stand_ins(stand_ins: Mapping[str, str]) -> LayerSpec:
    """Return the layer of scripts that explain, at launch, how to get a build-only tool.

    They come last of the layers in ``PATH``, so that any other command of that name wins, but before the system's:
    the operating system's pip installs where the application does not import from.
    """
    return LayerSpec(
        name=names.STAND_INS,
        types=LayerTypes(launch=True),
        inputs={name: digest_input(_digest(_script(text))) for name, text in sorted(stand_ins.items())},
    )


def contribute_stand_ins(contributor: Contributor, spec: LayerSpec, stand_ins: Mapping[str, str]) -> None:
    """Write the stand-in scripts of *spec*."""

    def create(layer: Path) -> None:
        directory = layer / "bin"
        directory.mkdir()
        for name, text in stand_ins.items():
            file = directory / name
            file.write_text(_script(text), encoding="utf-8")
            file.chmod(0o755)

    contributor.contribute(spec, create=create, at_once=True)


def _script(text: str) -> str:
    """Return a script that prints *text* on standard error and fails; it needs only a POSIX shell."""
    lines = " ".join(shlex.quote(line) for line in text.splitlines())
    return f"#!/bin/sh\nprintf '%s\\n' {lines} >&2\nexit 1\n"


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()
