"""The build phase."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import PhaseFailed
from tests.lifecycle.stand_in.detect import target_variables
from tests.lifecycle.stand_in.environment import as_environ, build_environment, modified_for_build
from tests.lifecycle.stand_in.outputs import Malformed, Outputs, read_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lifecycle.lifecycle import Platform
    from tests.lifecycle.stand_in.descriptor import Buildpack
    from tests.lifecycle.stand_in.plan import PlanEntry

__all__ = ["build"]

BUILDPACK_FAILED = 51
BUILD_FAILED = 52


def build(
    group: Sequence[Buildpack],
    plan: Mapping[str, PlanEntry],
    platform: Platform,
    environment: Mapping[str, str],
    *,
    app: Path,
    layers: Path,
    platform_dir: Path,
) -> tuple[Outputs, str]:
    """Run each buildpack of *group*, and return what all of them made, with what they wrote.

    ``PhaseFailed`` has what was written until then.
    """
    made, log, met = Outputs(), "", set[str]()
    modified = build_environment(environment, None, clear=True)
    remove(layers / "sbom")
    try:
        for buildpack in group:
            given = [
                require
                for entry in plan.values()
                if buildpack.id in {provider.id for provider in entry.providers}
                and not met & {require["name"] for require in entry.requires}
                for require in entry.requires
            ]
            directory = layers / buildpack.directory_name
            directory.mkdir(exist_ok=True)
            variables = build_environment(
                environment, platform_dir, clear=buildpack.clear_env, modified=modified
            )
            done = _run(buildpack, given, platform, variables, app, directory, platform_dir)
            log += done.stdout.decode(errors="replace")
            if done.returncode:
                raise PhaseFailed("build", BUILDPACK_FAILED, log)
            outputs = read_outputs(buildpack, directory, given)
            modified = modified_for_build(modified, outputs.build_layers)
            met |= {require["name"] for require in given} - set(outputs.unmet)
            _add(made, outputs)
        _collect_sboms(layers, made, group)
    except (Malformed, OSError, ValueError) as error:
        raise PhaseFailed("build", BUILD_FAILED, f"{log}{error}\n") from error
    made.processes.sort(key=lambda process: process["type"])
    return made, log


def _run(
    buildpack: Buildpack,
    given: list[dict[str, Any]],
    platform: Platform,
    variables: dict[str, str],
    app: Path,
    directory: Path,
    platform_dir: Path,
) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.toml")
        plan.write_text(tomli_w.dumps({"entries": given}))
        variables |= {
            "CNB_BUILDPACK_DIR": str(buildpack.path),
            "CNB_PLATFORM_DIR": str(platform_dir),
            "CNB_BP_PLAN_PATH": str(plan),
            "CNB_LAYERS_DIR": str(directory),
            **(target_variables(platform.target) if buildpack.api >= (0, 10) else {}),
            **({"CNB_EXEC_ENV": platform.exec_env} if buildpack.api >= (0, 12) else {}),
        }
        return subprocess.run(
            [buildpack.path / "bin/build", directory, platform_dir, plan],
            cwd=app,
            env=as_environ(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )


def _add(made: Outputs, outputs: Outputs) -> None:
    for process in outputs.processes:
        same_type = [each for each in made.processes if each["type"] == process["type"]]
        for each in same_type:
            made.processes.remove(each)
        if process["default"]:
            for each in made.processes:
                each["default"] = False
        made.processes.append(process)
    made.labels += outputs.labels
    made.sboms += outputs.sboms


def _collect_sboms(layers: Path, made: Outputs, group: Sequence[Buildpack]) -> None:
    names = {layers / buildpack.directory_name: buildpack.directory_name for buildpack in group}
    for kind, layer, path in made.sboms:
        suffix = "sbom." + path.name.rpartition(".sbom.")[2]
        destination = layers / "sbom" / kind / names[path.parent] / layer / suffix
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, destination)
    for kind in ("launch", "build"):
        legacy = layers / "sbom" / kind / "sbom.legacy.json"
        legacy.parent.mkdir(parents=True, exist_ok=True)
        legacy.write_text("null\n")
