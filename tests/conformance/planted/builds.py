"""What can be wrong with the builds of a plugin: with what its tool is told to do, and what the tool then does."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from layerwright import EnvironmentInstall, LayerEnv, Scope, hookimpl
from tests.conformance.planted.tiny import Tiny

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright import EnvironmentRequest, PackageManager, ToolRequest

CHOSEN = "PLANTED"
"""The variable that says which of these classes a build is to find as the package manager ``tiny``."""


class Littering(Tiny):
    flags = ("litter",)


class Fresh(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), fresh_because="it is better so")


class Forgetful(Tiny):
    flags = ("forget",)


class Leaving(Tiny):
    flags = ("leave",)


class ByNames(Tiny):
    flags = ("names",)


class WithoutArchives(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), archives={})


class Tracing(Tiny):
    flags = ("traces",)


class OwnPython(Tiny):
    """Takes the interpreter that it runs on itself for the application's."""

    def site_packages(self, request: EnvironmentRequest) -> Path:
        return request.venv / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages"


class Trusting(Tiny):
    flags = ("trust",)


class Wrapping(Tiny):
    flags = ("wrapper",)


class Scratching(Tiny):
    def env(self, request: ToolRequest) -> LayerEnv:
        return super().env(request).override("TINY_SCRATCH", "/proc/none", scope=Scope.LAUNCH)


class ByPath(Tiny):
    """Leaves it to PATH which pip its tool runs."""

    flags = ("path",)


class ReservingNothing(Tiny):
    reserved_env = frozenset()


class ReservingActivation(Tiny):
    reserved_env = frozenset({"VIRTUAL_ENV"})


@hookimpl
def layerwright_package_managers() -> list[PackageManager]:
    chosen: type[Tiny] = globals()[os.environ[CHOSEN]]
    return [chosen()]
