"""The inputs that a platform passes to a buildpack in environment variables.

They are named tuples, as in the build plan: importing dataclasses takes as long as half a detect phase.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from layerwright.cnb.api import PRODUCTION
from layerwright.cnb.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BuildContext", "DetectContext"]

_DIRECTORIES: Final = {"buildpack": "CNB_BUILDPACK_DIR", "platform": "CNB_PLATFORM_DIR"}
_DETECT: Final = {**_DIRECTORIES, "plan": "CNB_BUILD_PLAN_PATH"}
_BUILD: Final = {**_DIRECTORIES, "plan": "CNB_BP_PLAN_PATH", "layers": "CNB_LAYERS_DIR"}
_TARGET: Final = ("CNB_TARGET_OS", "CNB_TARGET_ARCH")


class DetectContext(NamedTuple):
    """The inputs of the detect phase: directories, the file for the build plan, and the target."""

    application: Path
    buildpack: Path
    platform: Path
    plan: Path
    target: Target
    exec_env: str = PRODUCTION

    @classmethod
    def of(cls, environment: Mapping[str, str], directory: Path) -> Self:
        """Return the context of a detect phase that was started in *directory*, the application directory.

        ``SiteError``: variables are missing; the message names all of them.
        """
        return cls(application=directory, **_given(environment, _DETECT, phase="detect"))


class BuildContext(NamedTuple):
    """The inputs of the build phase: directories, the buildpack plan, and the target."""

    application: Path
    buildpack: Path
    platform: Path
    plan: Path
    layers: Path
    target: Target
    exec_env: str = PRODUCTION

    @classmethod
    def of(cls, environment: Mapping[str, str], directory: Path) -> Self:
        """Return the context of a build phase that was started in *directory*, the application directory.

        ``SiteError``: variables are missing; the message names all of them.
        """
        return cls(application=directory, **_given(environment, _BUILD, phase="build"))


def _given(environment: Mapping[str, str], paths: Mapping[str, str], *, phase: str) -> dict[str, Any]:
    missing = [name for name in (*paths.values(), *_TARGET) if not environment.get(name)]
    if missing:
        from layerwright.errors import SiteError

        raise SiteError(
            f"The {phase} phase of a buildpack was started without {', '.join(missing)}.",
            cause="The lifecycle of a platform starts it, and sets these variables since Buildpack API 0.10.",
            remedy=(
                "Run the buildpack with a platform: pack, kpack, Tekton or another.",
                "To build on this machine without one, run `layerwright build`.",
            ),
            reference="missing-cnb-variable",
        )
    return {
        **{field: Path(environment[name]) for field, name in paths.items()},
        "target": Target.of(environment),
        "exec_env": environment.get("CNB_EXEC_ENV") or PRODUCTION,
    }
