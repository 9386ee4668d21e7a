"""The virtual environment's content: all that determines it, and how pip makes it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from layerwright import EnvironmentInstall, Resolution
from layerwright_pip.commands import PipCommands
from layerwright_pip.pip_config import building_settings, read_settings, refuse_reserved, setting_inputs
from layerwright_pip.requirement import without_credentials
from layerwright_pip.requirements_file import read_closure
from layerwright_pip.resolution import Convergence, read_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import EnvironmentRequest
    from layerwright_pip.pip_config import PipSetting
    from layerwright_pip.requirements_file import Closure

__all__ = ["environment"]


def environment(request: EnvironmentRequest) -> EnvironmentInstall:
    """Return how the requirements files become the virtual environment's content.

    Equal inputs prove an equal result when everything is locked by hash. Otherwise pip resolves first, and
    what is resolved decides; where that is no proof either, the environment is made afresh. What is built with
    options of its own is not known by what is resolved, so then there is no resolution to go by.
    """
    settings = read_settings(request.project, request.environment)
    refuse_reserved(settings)
    files = request.settings.requirements
    closure = read_closure(request.project, request.environment, files, _constraints(settings))
    commands = PipCommands(request=request)
    locked = closure.hash_locked and "no-require-hashes" not in settings
    otherwise = (*closure.built_otherwise, *building_settings(settings))
    resolution = Resolution(
        command=commands.resolve(),
        read=read_report,
        converge=Convergence(commands=commands, closure=closure),
    )
    return EnvironmentInstall(
        inputs=_inputs(request, closure, settings),
        commands=(commands.install(),) if files else (),
        locked=locked,
        resolution=resolution if files and not otherwise else None,
        fresh_because="; ".join(closure.unprovable if locked else (*closure.unprovable, *otherwise)),
        checks=(commands.check(),),
    )


def _constraints(settings: Mapping[str, PipSetting]) -> list[str]:
    names = ("constraint", "build-constraint")
    return [file for name in names if name in settings for file in settings[name].value.split()]


def _inputs(
    request: EnvironmentRequest, closure: Closure, settings: Mapping[str, PipSetting]
) -> dict[str, str]:
    project = request.project
    return {
        "requirements files": " ".join(request.settings.requirements),
        **{name: f"sha256:{digest}" for name, digest in closure.files.items()},
        **{path: f"sha256:{project.digest(path)}" for path in closure.local},
        **{f"${{{name}}}": _digest(request.environment[name]) for name in closure.variables},
        **setting_inputs(settings),
    }


def _digest(value: str) -> str:
    # A variable may hold a secret, or a URL with one, whose rotation changes nothing.
    return f"sha256:{hashlib.sha256(without_credentials(value).encode()).hexdigest()}"
