"""Packages a buildpack: a pipeline that reads top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.wheels.install import PLACE
from layerwright.buildpack.package._distributions import install
from layerwright.buildpack.package._interpreter import choose, strip
from layerwright.buildpack.package._place import (
    MARK,
    check_output,
    is_file_output,
    normalise,
    put,
    working_directory,
)
from layerwright.buildpack.package._proof import prove_buildpack
from layerwright.buildpack.package._selection import select_distributions
from layerwright.buildpack.package._tools import add_wheels, carried_tools
from layerwright.buildpack.package.locks import RUNTIME
from layerwright.buildpack.package.source import READY_MADE, SCRIPT, copy_source, describe, load_buildpack
from layerwright.buildpack.package.target import machine_of
from layerwright.cnb.package.buildpackage import SUFFIX, write_buildpackage
from layerwright.files.atomic import write_atomically
from layerwright.files.trees.size import size_of
from layerwright.output.words import bytes_words
from layerwright.pythons.bytecode import compile_command
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.buildpack.package._interpreter import Interpreters
    from layerwright.buildpack.package._selection import Selection
    from layerwright.buildpack.package._tools import CarriedTool
    from layerwright.buildpack.package.target import Machine
    from layerwright.cnb.package.descriptor import Descriptor
    from layerwright.output.log import Log
    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Provider

__all__ = ["PackageRequest", "Packaged", "package"]

_STUB: Final = """\
#!/bin/sh
{mark}
exec "${{0%/*}}/../python/bin/python3" -I "${{0%/*}}/../{script}" {phase}
"""


@dataclass(frozen=True, kw_only=True)
class PackageRequest:
    """What to package, for which target, and where to write it.

    ``python`` is a version or a specifier, ``api`` a Buildpack API and ``target`` a target such as ``linux/arm64``;
    empty ones mean the default. ``plugins`` are distributions in addition to those that the source names,
    ``requirements`` the files that lock their dependencies. ``cache`` is kept between runs. ``standalone`` replaces
    the published archives of interpreters, ``path`` replaces ``sys.path`` for the search of installed distributions,
    and ``runtime`` replaces the lock of core's dependencies.
    """

    environment: Mapping[str, str]
    cache: Path
    source: Path = READY_MADE
    output: Path | None = None
    python: str = ""
    api: str = ""
    target: str = ""
    plugins: tuple[str, ...] = ()
    requirements: tuple[Path, ...] = ()
    standalone: Provider | None = None
    path: tuple[str, ...] | None = None
    runtime: Path = RUNTIME


@dataclass(frozen=True, kw_only=True)
class Packaged:
    """A packaged buildpack: its path, its size in bytes and, if it is a file, the digest of its image."""

    path: Path
    size: int
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """Everything that is decided before the first file is written."""

    descriptor: Descriptor
    machine: Machine
    interpreters: Interpreters
    selection: Selection
    tools: tuple[CarriedTool, ...]
    markers: Mapping[str, str]


def package(request: PackageRequest, log: Log, runner: Runner) -> Packaged:
    """Package the buildpack of *request*; if anything is raised, an existing output is unchanged."""
    parts = _decide(request, log, runner)
    output = (request.output or Path(_file_name(parts))).absolute()
    check_output(output)
    with working_directory(output) as work:
        made = work / "buildpack"
        made.mkdir()
        copy_source(request.source, made, without=(output,))
        _add_interpreter(request, parts, made, work, log, runner)
        _describe(parts, made)
        log.heading("Buildpack")
        if parts.machine.is_this:
            managers = prove_buildpack(made, runner)
            log.note(f"Tested: its interpreter loads it. Package managers: {', '.join(managers) or 'none'}")
        else:
            log.note(f"Not tested: this machine cannot run programs for {parts.machine.target.words}.")
        normalise(made)
        if not is_file_output(output):
            put(made, output, work)
            return Packaged(path=output, size=size_of(output))
        (work / "image").mkdir()
        written = write_buildpackage(made, parts.descriptor, output, work / "image")
        return Packaged(path=output, size=written.size, digest=written.digest)


def _decide(request: PackageRequest, log: Log, runner: Runner) -> _Parts:
    buildpack = load_buildpack(request.source)
    machine = machine_of(request.target)
    descriptor = describe(buildpack, request.source, machine.target)
    if request.api:
        descriptor = replace(descriptor, api=request.api)
    log.heading(f"Packaging {buildpack.id} {buildpack.version} for {machine.target.words}")
    log.note(f"source: {request.source}")
    interpreters = choose(
        request.python,
        machine,
        request.environment,
        cache=request.cache,
        runner=runner,
        standalone=request.standalone,
    )
    log.note(interpreters.words)
    if interpreters.candidate.provider == "system":
        log.warning("Wherever it runs, it needs the shared libraries of this machine, including OpenSSL.")
    markers = machine.marker_environment(interpreters.version)
    selection = select_distributions(
        (*buildpack.plugins, *request.plugins),
        request.requirements,
        markers,
        path=request.path,
        runtime=request.runtime,
    )
    return _Parts(
        descriptor=descriptor,
        machine=machine,
        interpreters=interpreters,
        selection=selection,
        tools=carried_tools(buildpack, selection.plugins, request.path, machine, log),
        markers=markers,
    )


def _add_interpreter(
    request: PackageRequest, parts: _Parts, made: Path, work: Path, log: Log, runner: Runner
) -> None:
    """Install the interpreter into *made*, with all distributions and bytecode, without unneeded parts."""
    root = made / "python"
    root.mkdir()
    log.heading(f"Python {parts.interpreters.version}")
    python = parts.interpreters.install(root, runner, log.progress(f"Python {parts.interpreters.version}"))
    site = Interpreter(version=parts.interpreters.version, prefix=root).site_packages(root)
    log.heading("Distributions")
    for words in parts.selection.words:
        log.note(words)
    if parts.selection.difference:
        log.warning(parts.selection.difference)
    left_out = install(
        parts.selection,
        site,
        work=work,
        python=python,
        machine=parts.machine,
        markers=parts.markers,
        environment=request.environment,
        runner=runner,
    )
    if left_out:
        log.warning(
            f"Left out, because they would run at every start of the interpreter: {', '.join(left_out)}"
        )
    wheels = work / "wheels"
    add_wheels(
        parts.tools,
        wheels,
        python=python,
        machine=parts.machine,
        environment=request.environment,
        runner=runner,
    )
    strip(root)
    if parts.tools:
        (root / PLACE).parent.mkdir(parents=True)
        wheels.rename(root / PLACE)
        log.note(
            f"Wheels of {', '.join(tool.words for tool in parts.tools)}: {bytes_words(size_of(root / PLACE))}"
        )
    runner.within({}).run(compile_command(python, [root / "lib"], fixed_seed=True))
    log.note(
        f"{bytes_words(size_of(root))} with bytecode, of which {bytes_words(size_of(site))} are distributions"
    )


def _describe(parts: _Parts, made: Path) -> None:
    """Write ``buildpack.toml`` and the two scripts into *made*."""
    write_atomically(made / "buildpack.toml", parts.descriptor.toml())
    (made / "bin").mkdir()
    for phase in ("detect", "build"):
        stub = made / "bin" / phase
        stub.write_text(_STUB.format(mark=MARK, script=SCRIPT, phase=phase), encoding="utf-8")
        stub.chmod(0o755)


def _file_name(parts: _Parts) -> str:
    target = parts.machine.target
    name = parts.descriptor.id.replace("/", "_")
    return f"{name}-{parts.descriptor.version}-{target.os}-{target.arch}{SUFFIX}"
