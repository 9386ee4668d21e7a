"""What can be wrong with the builds of a plugin: with what its tool is told to do, and what the tool then does."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright import (
    EnvironmentInstall,
    Expected,
    IndexVariables,
    LayerEnv,
    LockedWheels,
    Scope,
    Unprovable,
    Update,
    distribution_layer,
    hookimpl,
)
from layerwright.testing import wheel
from tests.conformance.planted import tool
from tests.conformance.planted.resolving import Convergence, Resolving
from tests.conformance.planted.tiny import Tiny

if TYPE_CHECKING:
    from layerwright import (
        Change,
        Command,
        EnvironmentRequest,
        IndexRequest,
        PackageManager,
        ToolLayer,
        ToolRequest,
    )
    from layerwright.testing.distributions import Artifact

CHOSEN = "PLANTED"
"""The variable that says which of these classes a build is to find as the package manager ``tiny``."""


class Littering(Tiny):
    flags = ("litter",)


class Expecting(Tiny):
    """Expects a release that the lock file does not have, and not one that it has."""

    def expects(self, request: EnvironmentRequest) -> Expected | None:
        return Expected(names=frozenset({"acme", "extra"}), source="tiny.lock")


class ExpectingNothing(Tiny):
    def expects(self, request: EnvironmentRequest) -> Expected | None:
        return None


class Fresh(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), sameness=Unprovable("it is better so"))


class WithoutLogin(Tiny):
    """Passes the login on in a variable that its tool does not read."""

    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        location = request.default.location if request.default else ""
        return IndexVariables(variables={"TINY_UNREAD": location})


class Forgetful(Tiny):
    flags = ("forget",)


class Leaving(Tiny):
    flags = ("leave",)


class ByNames(Tiny):
    flags = ("names",)


class WithoutArchives(Tiny):
    def update(self, request: EnvironmentRequest) -> Update:
        return Update()


class Unchecked(Tiny):
    """Says that its lock file proves the result, and looks at no hash."""

    flags = ("unchecked",)


class Unlocked(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), sameness=Unprovable("its lock file has no hashes"))


class Patching(Tiny):
    flags = ("patches",)


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


class OtherAtLaunch(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        layer = super().tool_layer(request)
        return replace(layer, inputs={**layer.inputs, "launch": str(request.settings.launch)})


class ByPath(Tiny):
    """Leaves it to PATH which pip its tool runs."""

    flags = ("path",)


class Lacking(Tiny):
    """Locks its tool, and not what that requires."""

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        artifact = requiring("absent>=2")
        lock = f"tiny=={artifact.version} --hash=sha256:{artifact.sha256}\n"
        return distribution_layer(
            request, "tiny", artifact.version, scripts=["tiny"], hashed=lock, env=self.env(request)
        )


class OtherWheels(Tiny):
    """Says that its tool is another version than the one that the commands install."""

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        artifact = requiring("absent>=2")
        lock = f"tiny=={artifact.version} --hash=sha256:{artifact.sha256}\n"
        return replace(super().tool_layer(request), wheels=LockedWheels(hashed=lock, scripts=("tiny",)))


class AbsentWheels(OtherWheels):
    """Locks wheels that do not exist."""

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        lock = f"tiny==1.0 --hash=sha256:{'0' * 64}\n"
        return replace(super().tool_layer(request), wheels=LockedWheels(hashed=lock, scripts=("tiny",)))


def requiring(*requires: str) -> Artifact:
    """Return the tool itself, in another version, with requirements."""
    source = Path(tool.__file__).read_text()
    files = {"tiny/__init__.py": source}
    return wheel("tiny", "1.5", requires=requires, entry_points={"tiny": "tiny:main"}, files=files)


class ReservingNothing(Tiny):
    reserved_env = frozenset()


class ReservingActivation(Tiny):
    reserved_env = frozenset({"VIRTUAL_ENV"})


class RelativeToWhereItStarts(Tiny):
    def sync(self, request: EnvironmentRequest) -> Command:
        return replace(super().sync(request), cwd=Path())


class KeepingVersions(Resolving):
    """Leaves what has the right version, from whatever archive."""

    def converge(self, sync: Command) -> Convergence:
        return Keeping(sync)


class Keeping(Convergence):
    def __call__(self, change: Change) -> tuple[Command, ...]:
        return (self.sync,)


@hookimpl
def layerwright_package_managers() -> list[PackageManager]:
    chosen: type[Tiny] = globals()[os.environ[CHOSEN]]
    return [chosen()]
