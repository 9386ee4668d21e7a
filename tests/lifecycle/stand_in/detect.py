"""The detect phase."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lifecycle.lifecycle import PhaseFailed
from tests.lifecycle.stand_in.descriptor import Buildpack
from tests.lifecycle.stand_in.environment import as_environ, build_environment
from tests.lifecycle.stand_in.plan import Unresolved, read_alternatives, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lifecycle.lifecycle import Member, Platform, Target
    from tests.lifecycle.stand_in.plan import Alternative, PlanEntry

__all__ = ["NOBODY", "detect", "target_variables"]

NOBODY = 20
SOMEBODY_FAILED = 21
_FAIL = 100
_ERROR = -1


def detect(
    order: Sequence[Sequence[Member]],
    platform: Platform,
    environment: Mapping[str, str],
    app: Path,
    platform_dir: Path,
) -> tuple[list[Buildpack], dict[str, PlanEntry]]:
    """Return the buildpacks of the first group that passes, and their plan.

    What they wrote is in ``PhaseFailed`` alone: it is shown to those whose build ends here.
    """
    log, erred = "", False
    groups = [[Buildpack.of(member) for member in group] for group in order]
    for group in groups:
        offers: list[tuple[Buildpack, list[Alternative]]] = []
        statuses: list[tuple[int, bool]] = []
        for buildpack in group:
            status, alternatives, said = _run(buildpack, platform, environment, app, platform_dir)
            log += said
            if status == 0:
                offers.append((buildpack, alternatives))
            elif status is not None:
                statuses.append((status, buildpack.optional))
        if not all(optional for _, optional in statuses):
            erred = erred or any(status != _FAIL for status, _ in statuses)
        elif offers:
            try:
                return resolve(offers)
            except Unresolved:
                continue
    raise PhaseFailed("detect", SOMEBODY_FAILED if erred else NOBODY, log)


def target_variables(target: Target) -> dict[str, str]:
    variables = {
        "CNB_TARGET_OS": target.os,
        "CNB_TARGET_ARCH": target.arch,
        "CNB_TARGET_DISTRO_NAME": target.distro_name,
        "CNB_TARGET_DISTRO_VERSION": target.distro_version,
    }
    return {name: value for name, value in variables.items() if value}


def _run(
    buildpack: Buildpack, platform: Platform, environment: Mapping[str, str], app: Path, platform_dir: Path
) -> tuple[int | None, list[Alternative], str]:
    if not buildpack.supports(platform.target) and not buildpack.optional:
        return _ERROR, [], f"{buildpack.id}: unable to satisfy target os/arch constraints\n"
    if not buildpack.takes_part_in(platform.exec_env):
        return None, [], ""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.toml")
        plan.touch(mode=0o600)
        variables = {
            **build_environment(environment, platform_dir, clear=buildpack.clear_env),
            "CNB_BUILDPACK_DIR": str(buildpack.path),
            "CNB_BUILD_PLAN_PATH": str(plan),
            "CNB_PLATFORM_DIR": str(platform_dir),
            **(target_variables(platform.target) if buildpack.api >= (0, 10) else {}),
            **({"CNB_EXEC_ENV": platform.exec_env} if buildpack.api >= (0, 12) else {}),
        }
        done = subprocess.run(
            [buildpack.path / "bin/detect", platform_dir, plan],
            cwd=app,
            env=as_environ(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = _formatted(done.stdout.decode(errors="replace"))
        if done.returncode:
            return done.returncode, [], output
        try:
            return 0, read_alternatives(plan), output
        except (OSError, ValueError) as error:
            return _ERROR, [], f"{output}{error}\n"


def _formatted(text: str) -> str:
    """Return *text* as it comes out of a formatting function with nothing to put in."""

    def missing(verb: re.Match[str]) -> str:
        character = verb[1]
        return "%" if character == "%" else f"%!{character}(MISSING)" if character else "%!(NOVERB)"

    return re.sub(r"%[-+# 0]*\d*(?:\.\d*)?(.|\Z)", missing, text, flags=re.DOTALL)
