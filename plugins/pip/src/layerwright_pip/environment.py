"""How pip, or uv in its place, fills the virtual environment, and the inputs that determine the result."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from layerwright import EnvironmentInstall, Locked, Resolution, Unprovable, redacted
from layerwright_pip.commands import PipCommands
from layerwright_pip.pip_config import building_settings, read_settings, refuse_reserved, setting_inputs
from layerwright_pip.pylock import refuse_older_pip, refuse_unhashed
from layerwright_pip.requirement import without_credentials
from layerwright_pip.requirements_file import read_closure
from layerwright_pip.resolution import Convergence, Repetition, read_report
from layerwright_pip.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import EnvironmentRequest
    from layerwright_pip.pip_config import PipSetting
    from layerwright_pip.requirements_file import Closure
    from layerwright_pip.sources import Sources

__all__ = ["Said", "environment", "read", "sameness"]


class Said(NamedTuple):
    """What to install, everything that the files include, and pip's settings."""

    sources: Sources
    closure: Closure
    settings: Mapping[str, PipSetting]


def read(request: EnvironmentRequest) -> Said:
    """Read the application's files and pip's settings. Raises ``UserError`` if they cannot be installed."""
    settings = read_settings(request.project, request.environment)
    refuse_reserved(settings)
    sources = read_sources(request)
    for name in sources.locks:
        refuse_unhashed(request.project, name)
    closure = read_closure(
        request.project,
        request.environment,
        [name for name in sources.files if name not in sources.locks],
        constraints=_constraints(settings),
        declared=sources.declared,
    )
    return Said(sources, closure, settings)


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how to install the requirements files, the lock file, or what is declared elsewhere.

    If everything is locked by hash, equal inputs prove an equal result. Otherwise the requirements are resolved
    first, and the resolved set decides. If that proves nothing either, the environment is recreated.
    """
    said = read(request)
    inputs = _inputs(request, said)
    if request.settings.installer == "uv":
        from layerwright_pip.uv_installer import install_with_uv

        return install_with_uv(request, said, inputs)
    for name in said.sources.locks:
        refuse_older_pip(request.tool.version, name)
    return _install_with_pip(request, said, inputs)


def _install_with_pip(
    request: EnvironmentRequest, said: Said, inputs: Mapping[str, str]
) -> EnvironmentInstall:
    sources, closure, settings = said
    has_lock = bool(sources.locks)
    commands = PipCommands(request=request, sources=sources, require_hashes=has_lock)
    # These change what is built from the resolved set, so a resolution proves nothing.
    otherwise = (*closure.built_otherwise, *building_settings(settings))
    resolution = Resolution(
        command=commands.resolve(),
        read=partial(read_report, project=request.project),
        # The archives of a lock file may not be on the index, so they cannot be installed by name and hash.
        converge=Repetition(uninstall=commands.uninstall, install=commands.install())
        if has_lock
        else Convergence(commands=commands, closure=closure),
        reinstall=commands.reinstall,
    )
    return EnvironmentInstall(
        inputs=inputs,
        commands=() if sources.is_empty else (commands.install(),),
        sameness=sameness(
            locked=sources.is_empty or (closure.hash_locked and "no-require-hashes" not in settings),
            resolution=None if sources.is_empty or otherwise else resolution,
            unprovable=closure.unprovable,
            unresolvable=otherwise,
        ),
        # Without no-deps, pip's resolver has just checked this.
        checks=(commands.check(),) if "no-deps" in settings else (),
        warnings=sources.warnings,
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


def _inputs(request: EnvironmentRequest, said: Said) -> dict[str, str]:
    project, closure = request.project, said.closure
    return {
        **{name: f"sha256:{project.digest(name)}" for name in said.sources.locks},
        **{name: f"sha256:{digest}" for name, digest in closure.files.items()},
        **{path: f"sha256:{project.digest(path)}" for path in closure.local},
        **{f"${{{name}}}": _digest(request.environment[name]) for name in closure.variables},
        **setting_inputs(said.settings),
    }


def _digest(value: str) -> str:
    # A variable may hold a secret, or a URL with one. Rotating it changes nothing.
    return f"sha256:{hashlib.sha256(redacted(without_credentials(value)).encode()).hexdigest()}"
