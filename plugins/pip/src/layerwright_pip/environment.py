"""How pip, or uv in its place, fills the virtual environment, and the inputs that determine the result."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from layerwright import EnvironmentInstall, Locked, Resolution, Unprovable, redacted
from layerwright_pip.commands import PipCommands
from layerwright_pip.pip_config import building_settings, read_settings, refuse_reserved, setting_inputs
from layerwright_pip.pylock import files_to_install, is_pylock, refuse_older_pip, refuse_unhashed
from layerwright_pip.requirement import without_credentials
from layerwright_pip.requirements_file import read_closure
from layerwright_pip.resolution import Convergence, Repetition, read_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import EnvironmentRequest
    from layerwright_pip.pip_config import PipSetting
    from layerwright_pip.requirements_file import Closure

__all__ = ["Said", "environment", "read", "sameness"]


class Said(NamedTuple):
    """The files to install, the lock files among them, everything that they include, and pip's settings."""

    files: tuple[str, ...]
    locks: tuple[str, ...]
    closure: Closure
    settings: Mapping[str, PipSetting]


def read(request: EnvironmentRequest) -> Said:
    """Read the application's files and pip's settings. Raises ``UserError`` if they cannot be installed."""
    settings = read_settings(request.project, request.environment)
    refuse_reserved(settings)
    more = request.settings.test_requirements if request.exec_env == "test" else ()
    files = (*files_to_install(request.project, request.settings.requirements), *more)
    locks = tuple(filter(is_pylock, files))
    for name in locks:
        refuse_unhashed(request.project, name)
    others = [name for name in files if name not in locks]
    closure = read_closure(request.project, request.environment, others, _constraints(settings))
    return Said(files, locks, closure, settings)


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to install the requirements files or the lock file.

    If everything is locked by hash, equal inputs prove an equal result. Otherwise the requirements are resolved
    first, and the resolved set decides. If that proves nothing either, the environment is recreated.
    """
    files, locks, closure, settings = read(request)
    inputs = _inputs(request, locks, closure, settings)
    if request.settings.installer == "uv":
        from layerwright_pip.uv_installer import install_with_uv

        return install_with_uv(request, files, closure, settings, inputs)
    for name in locks:
        refuse_older_pip(request.tool.version, name)
    return _install_with_pip(request, files, closure, settings, inputs)


def _install_with_pip(
    request: EnvironmentRequest,
    files: tuple[str, ...],
    closure: Closure,
    settings: Mapping[str, PipSetting],
    inputs: Mapping[str, str],
) -> EnvironmentInstall:
    has_lock = any(map(is_pylock, files))
    commands = PipCommands(request=request, files=files, require_hashes=has_lock)
    # These change what is built from the resolved set, so a resolution proves nothing.
    otherwise = (*closure.built_otherwise, *building_settings(settings))
    resolution = Resolution(
        command=commands.resolve(),
        read=read_report,
        # The archives of a lock file may not be on the index, so they cannot be installed by name and hash.
        converge=Repetition(uninstall=commands.uninstall, install=commands.install())
        if has_lock
        else Convergence(commands=commands, closure=closure),
    )
    return EnvironmentInstall(
        inputs=inputs,
        commands=(commands.install(),) if files else (),
        sameness=sameness(
            locked=not files or (closure.hash_locked and "no-require-hashes" not in settings),
            resolution=resolution if files and not otherwise else None,
            unprovable=closure.unprovable,
            unresolvable=otherwise,
        ),
        # Without no-deps, pip's resolver has just checked this.
        checks=(commands.check(),) if "no-deps" in settings else (),
    )


def sameness(
    *,
    locked: bool,
    resolution: Resolution | None,
    unprovable: tuple[str, ...],
    unresolvable: tuple[str, ...],
) -> Locked | Resolution | Unprovable:
    """Return what proves an equal result: the hashes if everything is *locked*, otherwise the *resolution*.

    *unprovable* has the reasons why neither proves it, *unresolvable* those why a resolution does not.
    """
    if locked and not unprovable:
        return Locked(update=resolution)
    reasons = unprovable if resolution else (*unprovable, *unresolvable)
    return Unprovable("; ".join(reasons)) if reasons or resolution is None else resolution


def _constraints(settings: Mapping[str, PipSetting]) -> list[str]:
    names = ("constraint", "build-constraint")
    return [file for name in names if name in settings for file in settings[name].value.split()]


def _inputs(
    request: EnvironmentRequest,
    locks: tuple[str, ...],
    closure: Closure,
    settings: Mapping[str, PipSetting],
) -> dict[str, str]:
    project = request.project
    return {
        **{name: f"sha256:{project.digest(name)}" for name in locks},
        **{name: f"sha256:{digest}" for name, digest in closure.files.items()},
        **{path: f"sha256:{project.digest(path)}" for path in closure.local},
        **{f"${{{name}}}": _digest(request.environment[name]) for name in closure.variables},
        **setting_inputs(settings),
    }


def _digest(value: str) -> str:
    # A variable may hold a secret, or a URL with one. Rotating it changes nothing.
    return f"sha256:{hashlib.sha256(redacted(without_credentials(value)).encode()).hexdigest()}"
