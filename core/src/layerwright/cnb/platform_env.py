"""The users' variables for a build, which the platform stores in files of the directory ``env``."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["platform_environment", "user_environment"]

# The variables of root directories in the lifecycle: the user's value precedes the existing one.
_JOINED: Final = frozenset({"CPATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "PATH", "PKG_CONFIG_PATH"})
# The lifecycle sets these after the user's.
_OF_THE_LIFECYCLE: Final = frozenset(
    {
        "CNB_BP_PLAN_PATH",
        "CNB_BUILDPACK_DIR",
        "CNB_BUILD_PLAN_PATH",
        "CNB_EXEC_ENV",
        "CNB_LAYERS_DIR",
        "CNB_PLATFORM_DIR",
        "CNB_TARGET_ARCH",
        "CNB_TARGET_ARCH_VARIANT",
        "CNB_TARGET_DISTRO_NAME",
        "CNB_TARGET_DISTRO_VERSION",
        "CNB_TARGET_OS",
    }
)


def platform_environment(platform: Path) -> dict[str, str]:
    """Return the users' variables in the directory *platform*, byte for byte, sorted by name.

    ``SiteError``: a file cannot be read, or its value is not valid for a variable; the message names the file and not
    the value.
    """
    directory = platform / "env"
    try:
        names = sorted(os.listdir(directory))  # noqa: PTH208  # names, of which a Path each is not needed
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(directory, f"{error.strerror}.") from error
    return {name: value for name in names if (value := _value(directory / name)) is not None}


def user_environment(process: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for commands of a buildpack: that of its *process*, with the users' *variables*.

    It equals the environment in which the lifecycle starts a buildpack without ``clear-env``. ``PATH`` and the other
    search paths are joined, the user's part first; any other variable replaces the existing one.
    """
    result = dict(process)
    for name, value in variables.items():
        if name in _OF_THE_LIFECYCLE and name in process:
            continue
        before = result.get(name, "") if name in _JOINED else ""
        result[name] = f"{value}:{before}" if before else value
    return result


def _value(path: Path) -> str | None:
    try:
        # A Secret or a ConfigMap mounted by Kubernetes has symlinks to files, next to a directory.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return None
        if not stat.S_ISREG(mode):
            raise _unusable(path, "It is not a file.")
        value = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"{error.strerror}.") from error
    if "=" in path.name:
        raise _unusable(path, 'The name of a variable has no "=".')
    if b"\0" in value:
        raise _unusable(path, "It has a NUL character, which no variable can hold.")
    return os.fsdecode(value)


def _unusable(path: Path, cause: str) -> SiteError:
    return SiteError(
        f"The platform's environment variables cannot be read from {path}.",
        cause=cause,
        remedy="Correct the variables that are passed to the platform for the build, then build again.",
        reference="platform-variable",
    )
