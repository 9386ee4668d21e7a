"""Problems at the launch of a process, as far as the build can detect them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.build.layers import names
from layerwright.cnb.layers.layer_env import apply_launch
from layerwright.process.shell.process_command import script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright.build._specify import Described, DescribedTool
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.config.processes import FoundProcess
    from layerwright.process.shell.values import Script, Token

__all__ = ["launch_warnings"]


def launch_warnings(
    found: Sequence[FoundProcess],
    request: BuildRequest,
    prepared: Prepared,
    described: Described,
    *,
    complete: bool = True,
) -> tuple[str, ...]:
    """Return a warning for each problem that the processes *found* will have at launch.

    Programs are looked for in the layers only if these are *complete*.
    """
    absent = [one for one in described.tools if not prepared.configuration.tools[one.manager.name].launch]
    path = _launch_path(request, described) if found and complete else ""
    return tuple(
        f"The process {one.process.type} ({one.origin}) {words}"
        for one in found
        for words in _problems(one, request, absent, path)
    )


def _problems(
    found: FoundProcess, request: BuildRequest, absent: Sequence[DescribedTool], path: str
) -> Iterator[str]:
    process = found.process
    script = script_of((*process.command, *process.args))
    if script.instead:
        kept = "no SIGTERM" if script.takes_arguments else "neither SIGTERM nor launch arguments"
        yield (
            f"gets {kept}: its last command {script.instead}.\n"
            "The shell keeps running and does not forward them.\n"
            "End it with one program, or a script that forwards signals."
        )
    if process.command[0].endswith("bash") and script.bash:
        yield from _without_bash(request, script, path)
    directory = request.project.root / (process.working_directory or "")
    for program in script.programs:
        problem = _built_with(program, absent)
        if not problem and path and not (script.moves and "/" in program[0].text):
            problem = _not_there(program, directory, path, request)
        if problem:
            yield problem


def _without_bash(request: BuildRequest, script: Script, path: str) -> Iterator[str]:
    understood = ", ".join(f"`{words}`" for words in script.bash)
    if not request.launch_path:
        yield (
            f"needs bash in the run image: other shells do not understand {understood}.\n"
            "Write it for `sh`, or choose a run image that has bash."
        )
    elif path and not _which("bash", path):
        yield (
            f"needs bash, which is not installed here: other shells do not understand {understood}.\n"
            "Write it for `sh`, or install bash."
        )


def _built_with(program: Sequence[Token], absent: Sequence[DescribedTool]) -> str:
    """Return how to do without a package manager that is not available at launch; empty if *program* is none."""
    words = [token.literal for token in program]
    for manager, tool, _ in absent:
        launcher = next((x.split() for x in tool.launchers if words[: len(x.split())] == x.split()), [])
        if launcher and program[len(launcher) :]:
            instead = _instead(" ".join(launcher), program[len(launcher) :])
        elif words[0] in tool.stand_ins:
            instead = "Use a command that does not need it."
        else:
            continue
        return (
            f"is started by {manager.display_name}, which is not available at launch.\n{instead}\n"
            f"Or make {manager.display_name} available at launch: layerwright config set {manager.name}.launch true"
        )
    return ""


def _instead(launcher: str, rest: Sequence[Token]) -> str:
    text = " ".join(token.text for token in rest)
    # Which of its options take a value is not known here.
    if text.startswith("-"):
        return f"Write the command itself, without `{launcher}` and its options: it is on PATH."
    python = "python " if rest[0].text.endswith(".py") else ""
    return f"Write the command itself, which is on PATH: {python}{text}"


def _not_there(program: Sequence[Token], directory: Path, path: str, request: BuildRequest) -> str:
    name = program[0].literal or ""
    if "/" in name:
        file = directory / name
        if not file.is_file():
            return f"cannot start: there is no file {name}.\nAdd it, or correct the process."
        return (
            ""
            if os.access(file, os.X_OK)
            else f"cannot start: {name} is not executable.\nRun: chmod +x {name}"
        )
    if _which(name, path):
        return ""
    elsewhere = "on this machine's standard PATH" if request.launch_path else "in the build image"
    lines = [f"cannot start: {name} is in no layer, and not {elsewhere}."]
    if len(program) > 2 and program[1].literal == "run":
        instead = _instead(f"{name} run", program[2:])
        lines.append(f"If {name} only runs the command after it, {instead[0].lower()}{instead[1:]}")
    lines.append(
        "Add the distribution that provides it to the application's dependencies, or correct the process."
    )
    if not request.launch_path:
        lines.append("Ignore this warning if the run image or another buildpack provides it.")
    return "\n".join(lines)


def _launch_path(request: BuildRequest, described: Described) -> str:
    """Return the directories of programs at launch, without stand-in scripts."""
    kept = [spec.name for spec in described.specs if spec.types.launch and spec.name != names.STAND_INS]
    layers = [(name, request.layers.layer_path(name)) for name in kept]
    # The run image is unknown to a lifecycle's build; the build image usually has more programs.
    image = request.launch_path or request.environment.get("PATH", os.defpath)
    return apply_launch({"PATH": image}, layers)["PATH"]


def _which(name: str, path: str) -> bool:
    # Without shutil, whose import takes longer than this.
    places = (os.path.join(directory, name) for directory in path.split(":"))  # noqa: PTH118
    return any(os.access(place, os.X_OK) and not os.path.isdir(place) for place in places)  # noqa: PTH112
