"""The launcher: which process, in which environment, with which arguments."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.lifecycle.stand_in.environment import as_environ, launch_environment, modified_for_launch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LAUNCH_FAILED", "LaunchFailed", "Start", "prepare"]

LAUNCH_FAILED = 82


class LaunchFailed(Exception):
    """There is nothing to start, or it cannot be started."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """What to start."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    output: bytes
    """What the programs in exec.d wrote."""


def prepare(environment: Mapping[str, str], process: str, arguments: Sequence[str]) -> Start:
    """Return what the launcher starts in a container with *environment*, called by the name *process*."""
    layers, app = Path(environment["CNB_LAYERS_DIR"]), environment["CNB_APP_DIR"]
    config = tomllib.loads((layers / "config" / "metadata.toml").read_text())
    types = {each["type"] for each in config.get("processes", ())}
    chosen = _choose(config, process if process in types else "", arguments, environment)
    buildpacks = [
        [
            path
            for path in sorted(directory.iterdir(), key=os.fsencode)
            if path.is_dir() and not path.is_symlink()
        ]
        for each in config["buildpacks"]
        if (directory := layers / each["id"].replace("/", "_")).exists()
    ]
    try:
        variables = modified_for_launch(launch_environment(environment), buildpacks, chosen["type"])
        output = b""
        for buildpack in buildpacks:
            for layer in buildpack:
                for scope in ("exec.d", *([f"exec.d/{chosen['type']}"] if chosen["type"] else [])):
                    output += _execute(layer / scope, variables, app)
    except OSError as error:
        raise LaunchFailed(str(error)) from error
    program = (
        shutil.which(chosen["command"][0], path=variables.get("PATH", "")) if chosen["command"] else None
    )
    if program is None:
        raise LaunchFailed(f"path lookup: {chosen['command']}")
    directory = Path(app, chosen.get("working-dir", ""))
    if not directory.is_dir():
        raise LaunchFailed(f"change directory: {directory}")
    return Start(
        arguments=[program, *chosen["command"][1:], *chosen["args"]],
        environment=as_environ(variables),
        directory=directory,
        output=output,
    )


def _choose(
    config: Mapping[str, Any], process: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> dict[str, Any]:
    if not process:
        command = arguments[1:]
        if not command:
            raise LaunchFailed("when there is no default process a command is required")
        assert arguments[0] == "--", "a command that the shell reads is not for the stand-in"
        return {"type": "", "command": [command[0]], "args": list(command[1:])}
    exec_env = environment.get("CNB_EXEC_ENV") or "production"
    for each in config["processes"]:
        wanted = each.get("exec-env", ())
        if each["type"] == process and (not wanted or {"*", exec_env} & set(wanted)):
            return {**each, "args": list(arguments) or each.get("args", [])}
    raise LaunchFailed(f"process type {process} was not found")


def _execute(directory: Path, variables: dict[str, str], app: str) -> bytes:
    """Run each program in *directory*, and take over the variables that it writes to descriptor 3."""
    output = b""
    # Errors of exec itself, such as that of a script without an interpreter, are the program's.
    programs = sorted(directory.iterdir(), key=os.fsencode) if directory.is_dir() else []
    for program in programs:
        if program.is_dir() and not program.is_symlink():
            continue
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as reader:
            if not os.access(program, os.X_OK):
                os.close(writing)
                raise LaunchFailed(f"failed to execute exec.d file at path '{program}'")
            running = subprocess.Popen(
                [program],
                env=as_environ(variables),
                cwd=app,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[3],
                preexec_fn=partial(os.dup2, writing, 3),  # noqa: PLW1509  # takes no lock
            )
            os.close(writing)
            text = reader.read()
            said, _ = running.communicate()
        output += said
        if running.returncode:
            raise LaunchFailed(f"failed to execute exec.d file at path '{program}'")
        try:
            found = tomllib.loads(text.decode())
        except ValueError as error:
            raise LaunchFailed(f"failed to decode output from exec.d file at path '{program}'") from error
        if not all(isinstance(value, str) for value in found.values()):
            raise LaunchFailed(f"exec.d file at path '{program}': not a string")
        variables |= found
    return output
