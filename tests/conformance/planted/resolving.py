"""A package manager that locks nothing and can be asked what it would install, and what can be wrong with that."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layerwright import EnvironmentInstall, Resolution, Resolved, normalised_name
from tests.conformance.planted.tiny import LOCK, Tiny, locked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Change, Command, EnvironmentRequest


@dataclass(frozen=True)
class Convergence:
    """The command that fills the environment also updates it, but keeps what has the right version."""

    sync: Command

    def __call__(self, change: Change) -> tuple[Command, ...]:
        again = (f"again={name}" for name in change.replace)
        return (replace(self.sync, argv=(*self.sync.argv, *again)),)


class Resolving(Tiny):
    """Is right; its lock file stands for what an index would answer."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return EnvironmentInstall(
            inputs=self.inputs(request),
            commands=(self.sync(request),),
            sameness=Resolution(
                command=replace(
                    self.sync(request),
                    argv=(*self.program(request), "resolve", LOCK, str(request.report)),
                    shown="tiny resolve",
                ),
                read=self.read,
                converge=self.converge(self.sync(request)),
            ),
        )

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        names = " ".join(f"{r['name']} {r['version']}" for r in locked(request))
        return {"requirements": names}

    def sync(self, request: EnvironmentRequest) -> Command:
        command = super().sync(request)
        return replace(command, argv=(*command.argv, f"report={request.report}"))

    def read(self, report: str) -> tuple[Resolved, ...]:
        return tuple(
            Resolved(name=normalised_name(r["name"]), version=r["version"], hashes=(f"sha256:{r['sha256']}",))
            for r in json.loads(report)
        )

    def converge(self, sync: Command) -> Convergence:
        return Convergence(sync)


class ResolvingWithoutHashes(Resolving):
    """Is right: its report says no hashes, so that versions decide."""

    def read(self, report: str) -> tuple[Resolved, ...]:
        return tuple(replace(resolved, hashes=()) for resolved in super().read(report))


class OtherVersions(Resolving):
    def read(self, report: str) -> tuple[Resolved, ...]:
        return tuple(replace(resolved, version="0") for resolved in super().read(report))


class OtherHashes(Resolving):
    def read(self, report: str) -> tuple[Resolved, ...]:
        return tuple(replace(resolved, hashes=("sha256:0",)) for resolved in super().read(report))


class ReadingNames(Resolving):
    def read(self, report: str) -> tuple[Resolved, ...]:
        return tuple(r["name"] for r in json.loads(report))


class Stumbling(Resolving):
    def read(self, report: str) -> tuple[Resolved, ...]:
        return tuple(Resolved(**r) for r in json.loads(report))


class Stopping(Resolving):
    def converge(self, sync: Command) -> Convergence:
        return StoppingConvergence(sync)


@dataclass(frozen=True)
class StoppingConvergence(Convergence):
    def __call__(self, change: Change) -> tuple[Command, ...]:
        return ()


class ConvergingByPath(Resolving):
    def converge(self, sync: Command) -> Convergence:
        return Convergence(replace(sync, argv=("tiny", *sync.argv[1:])))


class ConvergingWithoutRemedy(Resolving):
    def converge(self, sync: Command) -> Convergence:
        return Convergence(replace(sync, remedy=()))


class Failing(Resolving):
    def converge(self, sync: Command) -> Convergence:
        return FailingConvergence(sync)


@dataclass(frozen=True)
class FailingConvergence(Convergence):
    def __call__(self, change: Change) -> tuple[Command, ...]:
        raise KeyError(change.replace[0])
