"""What can be wrong with the values of a plugin, or happen while they are computed."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from layerwright import (
    Command,
    Detection,
    Diagnosis,
    EnvironmentInstall,
    Expected,
    IndexVariables,
    LayerEnv,
    Locked,
    LockedWheels,
    Offline,
    Scope,
    SecretStr,
    ToolLayer,
    ToolSettings,
    Update,
    UserError,
    checked,
    redacted,
)
from tests.conformance.declared import ByTwoFiles
from tests.conformance.planted.tiny import INDEX, LOCK, Tiny, locked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from layerwright import EnvironmentRequest, IndexRequest, OfflineRequest, ProjectRequest, ToolRequest


class ByAnAbsentFile(Tiny):
    def detect(self, request: ProjectRequest) -> Detection | None:
        return Detection(evidence="tiny.toml") if request.project.exists(LOCK) else None


class ByNothing(Tiny):
    def detect(self, request: ProjectRequest) -> Detection | None:
        return None


class ByFallback(Tiny):
    def detect(self, request: ProjectRequest) -> Detection | None:
        return Detection(evidence=LOCK, fallback=True) if request.project.exists(LOCK) else None


class BySetup(Tiny):
    def detect(self, request: ProjectRequest) -> Detection | None:
        return next((Detection(evidence=f) for f in (LOCK, "setup.py") if request.project.exists(f)), None)


class ByAnyProject(Tiny):
    def detect(self, request: ProjectRequest) -> Detection | None:
        found = super().detect(request)
        return found or (
            Detection(evidence="pyproject.toml") if request.project.exists("pyproject.toml") else None
        )


class Lists(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        install = super().environment(request)
        sameness = Locked(update=Update(archives={7: "acme"}))  # type: ignore[dict-item]
        return replace(install, commands=list(install.commands), sameness=sameness)


class ExpectingAList(Tiny):
    def expects(self, request: EnvironmentRequest) -> Expected | None:
        return Expected(names=[], source=LOCK)  # type: ignore[arg-type]


class StartingWhenItExpects(Tiny):
    def expects(self, request: EnvironmentRequest) -> Expected | None:
        subprocess.run(["/bin/true"], check=True, env={})
        return super().expects(request)


class Words(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        command = replace(self.sync(request), remedy="Lock again.", cwd=".", env={"TINY_JOBS": 2})
        inputs = {**self.inputs(request), 2: "jobs"}
        return replace(super().environment(request), commands=(command,), inputs=inputs)


class Counting(Tiny):
    asked = 0

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        self.asked += 1
        return {**super().inputs(request), "asked before": str(self.asked % 2)}


class Hashing(Tiny):
    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        return {LOCK: str(hash(request.project.text(LOCK))), "groups": " ".join(request.settings.groups)}


class WithUnlockedWheels(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        return replace(super().tool_layer(request), wheels=LockedWheels(hashed="tiny==1.0\n"))


class WithWheelsElsewhere(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        lock = f"tiny==1.0 --hash=sha256:{'0' * 64}\n"
        wheels = LockedWheels(hashed=lock, scripts=("tiny",), directories=(Path("/srv/wheels"),))
        return replace(super().tool_layer(request), wheels=wheels)


class WithCredentialsForWheels(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        lock = f"tiny==1.0 --hash=sha256:{'0' * 64}\n"
        index = {"PIP_INDEX_URL": request.environment.get("PIP_INDEX_URL", "")}
        return replace(super().tool_layer(request), wheels=LockedWheels(hashed=lock, index=index))


class Doing(Tiny):
    """Does something while it describes its tool layer."""

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        self.do(request)
        return super().tool_layer(request)

    def do(self, request: ToolRequest) -> None:
        raise NotImplementedError


class Writing(Doing):
    def do(self, request: ToolRequest) -> None:
        request.project.path("tiny.log").write_text("asked")


class Starting(Doing):
    def do(self, request: ToolRequest) -> None:
        subprocess.run([sys.executable, "-I", "-c", ""], env={}, check=True)


class Connecting(Doing):
    def do(self, request: ToolRequest) -> None:
        socket.socket().close()


class Printing(Doing):
    def do(self, request: ToolRequest) -> None:
        print("asked")


class AskingItsEnvironment(Doing):
    def do(self, request: ToolRequest) -> None:
        os.environ.get("TINY_HOME")


class ListingItsEnvironment(Doing):
    def do(self, request: ToolRequest) -> None:
        dict(os.environ)


class AskingWhenImported(Doing):
    def do(self, request: ToolRequest) -> None:
        import_module("tests.conformance.planted.at_import")


class ImportingWhatAsks(Doing):
    """Is right: what the modules of others do is not its business."""

    def do(self, request: ToolRequest) -> None:
        import_module("tests.conformance.at_import")


class ReadingElsewhere(Doing):
    def do(self, request: ToolRequest) -> None:
        Path("/proc/version").read_text()


class ListingElsewhere(Doing):
    def do(self, request: ToolRequest) -> None:
        list(Path("/proc").iterdir())


@dataclass(frozen=True)
class OwnSettings:
    version: str | None = field(default=None, metadata={"help": "version of Tiny"})
    launch: bool = field(default=False, metadata={"help": "whether it is there at launch"})
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})


class WithOwnSettings(Tiny):
    settings_model = OwnSettings


@dataclass(frozen=True, kw_only=True)
class SilentSettings(ToolSettings):
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MutableSettings(ToolSettings):
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})
    sources: Annotated[tuple[str, ...] | dict[str, str], "of the index"] = field(
        default=(), metadata={"help": "where archives are"}
    )


class WithMutableSettings(Tiny):
    settings_model = MutableSettings


def even(value: int) -> int:
    if value % 2 or value < 10:
        raise ValueError("is odd, or too small")
    return value


@dataclass(frozen=True, kw_only=True)
class CheckedSettings(ToolSettings):
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})
    jobs: Annotated[int | None, checked(even)] = field(default=None, metadata={"help": "how many at once"})


class WithCheckedSettings(Tiny):
    settings_model = CheckedSettings


@dataclass(frozen=True, kw_only=True)
class JobSettings(ToolSettings):
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})
    jobs: int | None = field(default=None, metadata={"help": "how many at once"})


class WithoutJobs(Tiny):
    settings_model = JobSettings

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        sync = self.sync(request)
        jobs = () if request.settings.jobs is None else (f"--jobs={request.settings.jobs}",)
        return replace(super().environment(request), first=(replace(sync, argv=(*sync.argv, *jobs)),))


class WithoutVariables(Tiny):
    """Looks before the installation for another group where a variable says so."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        sync = self.sync(request)
        group = request.environment.get("TINY_GROUP", "")
        return replace(super().environment(request), first=(replace(sync, argv=(*sync.argv, group)),))


class ByVariable(Tiny):
    """Is right: core counts the group that a variable adds to the command."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        sync = self.sync(request)
        group = request.environment.get("TINY_GROUP", "")
        return replace(super().environment(request), commands=(replace(sync, argv=(*sync.argv, group)),))


class ByIndex(Tiny):
    """Is right: core counts the index in the arguments, and nothing keeps its credentials."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        sync = self.sync(request)
        index = redacted(request.environment.get(INDEX, ""))
        return replace(super().environment(request), commands=(replace(sync, argv=(*sync.argv, index)),))


@dataclass(frozen=True, kw_only=True)
class ConstraintSettings(ToolSettings):
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})
    constraints: str | None = field(default=None, metadata={"help": "file with constraints"})


class ByExecutionEnvironment(Tiny):
    """Is right: core counts the execution environment, and knows a working directory."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        sync = self.sync(request)
        argv = (*sync.argv, request.exec_env)
        return replace(super().environment(request), commands=(replace(sync, argv=argv, cwd=None),))


class WithConstraints(Tiny):
    """Is right: what a setting names counts with its content."""

    settings_model = ConstraintSettings
    counts = True

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        file = request.settings.constraints
        counted = {file: request.project.digest(file)} if file and self.counts else {}
        return {**super().inputs(request), **counted}

    def sync(self, request: EnvironmentRequest) -> Command:
        command, file = super().sync(request), request.settings.constraints
        return replace(command, argv=(*command.argv, f"--constraints={file}")) if file else command


class WithoutTheContentOfConstraints(WithConstraints):
    counts = False


class ForConstraintsThatItParses(WithConstraints):
    """Is right: a comment in the file makes no difference."""

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        file = request.settings.constraints
        lines = request.project.text(file).splitlines() if file else []
        return {**Tiny.inputs(self, request), "constraints": " ".join(n for n in lines if n[:1] not in "#[")}


class RefusingOtherConstraints(WithConstraints):
    """Is right: a file that is not in its form is an error."""

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        file = request.settings.constraints
        if file and request.project.text(file):
            raise UserError(f"{file} is not empty.", cause="It must be.", reference="tiny-constraints")
        return Tiny.inputs(self, request)


@dataclass(frozen=True, kw_only=True)
class IndexSettings(ToolSettings):
    groups: tuple[str, ...] = field(default=(), metadata={"help": "groups to install"})
    index: str | None = field(default=None, metadata={"help": "URL of a package index"})
    token: str | None = field(default=None, metadata={"help": "token for it"})


class WithAnIndex(Tiny):
    """Is right: what a setting says of the index reaches the command as a secret."""

    settings_model = IndexSettings

    def sync(self, request: EnvironmentRequest) -> Command:
        command, settings = super().sync(request), request.settings
        env = {**command.env, **self.given(settings)} if settings.index or settings.token else command.env
        return replace(command, env=env)

    def given(self, settings: IndexSettings) -> Mapping[str, str | SecretStr]:
        return {"TINY_REGISTRY": SecretStr(f"{settings.index} {settings.token}")}


class RefusingCredentials(WithAnIndex):
    """Is right: the settings of an index may have no password."""

    def sync(self, request: EnvironmentRequest) -> Command:
        if "@" in (request.settings.index or ""):
            raise UserError("A password is in the index.", cause="It is shown.", reference="tiny-password")
        return super().sync(request)


class UnmarkedIndex(WithAnIndex):
    """Puts what a setting says into a variable as it is."""

    def given(self, settings: IndexSettings) -> Mapping[str, str | SecretStr]:
        return {"TINY_REGISTRY": settings.index or ""}


class ShowingTheToken(WithAnIndex):
    def sync(self, request: EnvironmentRequest) -> Command:
        command = super().sync(request)
        return replace(command, argv=(*command.argv, f"--token={request.settings.token}"))


class LookingForCredentials(Tiny):
    """Finds by itself what is there, and shows it."""

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        found = {n: v for n, v in request.environment.items() if n.startswith("TINY_MIRROR_")}
        return {**super().inputs(request), **found}


class GroupsByAPrefix(WithoutVariables):
    """Looks for further groups in every variable that begins as it says."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        sync = self.sync(request)
        groups = (v for n, v in sorted(request.environment.items()) if n.startswith("TINY_GROUP_"))
        return replace(Tiny.environment(self, request), first=(replace(sync, argv=(*sync.argv, *groups)),))


class InTheBuildAlone(Tiny):
    def env(self, request: ToolRequest) -> LayerEnv:
        return LayerEnv().override("TINY_HOME", str(request.layer), scope=Scope.BUILD)


class LookingIntoTheEnvironment(Tiny):
    """Updates only where nothing is installed that its tool does not remove."""

    def update(self, request: EnvironmentRequest) -> Update | None:
        place = self.site_packages(request)
        # Python 3.13 also lists a directory that does not exist, which another check would find.
        there = place.is_dir() and any(place.glob("pip-*.dist-info"))
        return None if there else super().update(request)


class Raising(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        return {}["boom"]


class RaisingWhenAsked(Tiny):
    def detect(self, request: ProjectRequest) -> Detection | None:
        raise KeyError("boom")


class RaisingForOthers(Tiny):
    def also_uses(self, request: ProjectRequest) -> tuple[str, ...]:
        raise KeyError("boom")


class Refusing(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        raise UserError("Nothing is good enough.", cause="It is never.", reference="tiny-refusal")


class Nothing(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        super().environment(request)


class OneCommand(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), commands=self.sync(request))


class RaisingForExtras(Tiny):
    """Stumbles over a release that its first application does not have."""

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        if "extra" in {release["name"] for release in locked(request)}:
            raise KeyError("extra")
        return super().inputs(request)


class Declared(Tiny, ByTwoFiles):
    """As if it were declared."""


class WithSilentSettings(Tiny):
    settings_model = SilentSettings


class FirstAlone(Tiny):
    """Looks at the first release of the lock file, and not at what comes after it."""

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        return {LOCK: str(locked(request)[0]), "groups": " ".join(request.settings.groups)}


class NamesAlone(Tiny):
    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        names = " ".join(r["name"] for r in locked(request))
        return {LOCK: names, "groups": " ".join(request.settings.groups)}


class VersionsAlone(Tiny):
    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        names = " ".join(f"{r['name']} {r['version']}" for r in locked(request))
        return {LOCK: names, "groups": " ".join(request.settings.groups)}


class WholeDirectory(Tiny):
    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        return {**super().inputs(request), "application": request.project.digest(".")}


class WithoutGroups(Tiny):
    """Is right: core counts the groups among the arguments."""

    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        return {LOCK: hashlib.sha256(request.project.text(LOCK).encode()).hexdigest()}


class OneVersion(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        return replace(super().tool_layer(request), version="1.0")


class OtherAtLaunch(Tiny):
    def env(self, request: ToolRequest) -> LayerEnv:
        env = super().env(request)
        return env.override("TINY_LAUNCHED", "1") if request.settings.launch else env


class Commanding(Tiny):
    """Fills the environment with another command than the right one."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), commands=(self.other(self.sync(request)),))

    def other(self, command: Command) -> Command:
        raise NotImplementedError


class ByPath(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, argv=("tiny", *command.argv[1:]))


class Elsewhere(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, argv=(*command.argv, "--log=/var/log/tiny.log"))


class SettingPythonPath(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, env={"PYTHONPATH": str(command.cwd)})


class InSomeDirectory(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, cwd=Path("lib"))


class InTheDirectoryOfTheProcess(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, argv=(*command.argv, Path.cwd().name))


class WithoutRemedy(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, remedy=())


class WithoutReference(Commanding):
    def other(self, command: Command) -> Command:
        return replace(command, reference="command-failed")


class Diagnosing(Commanding):
    """Is right: its command has a diagnosis that can apply."""

    diagnosis = Diagnosis(pattern=r"no (?P<what>\w+)", summary="No {what}.", reference="tiny-lacks")

    def other(self, command: Command) -> Command:
        return replace(command, diagnoses=(self.diagnosis,))


class DiagnosingByAFunction(Diagnosing):
    """Is right: core calls the function only after a failure."""

    def other(self, command: Command) -> Command:
        return replace(command, diagnoses=self.diagnoses)

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        return (self.diagnosis,)


class DiagnosingByADefectiveFunction(DiagnosingByAFunction):
    diagnosis = replace(Diagnosing.diagnosis, pattern=r"no (?P<what>\w+")


class DiagnosingByARaisingFunction(DiagnosingByAFunction):
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        raise ValueError("no idea")


class DiagnosingByNoPattern(Diagnosing):
    diagnosis = replace(Diagnosing.diagnosis, pattern=r"no (?P<what>\w+")


class DiagnosingByAnotherGroup(Diagnosing):
    diagnosis = replace(Diagnosing.diagnosis, pattern=r"no (?P<which>\w+)")


class DiagnosingEverything(Diagnosing):
    diagnosis = replace(Diagnosing.diagnosis, pattern=r"(?P<what>\w*)")


class DiagnosingWithoutReference(Diagnosing):
    diagnosis = replace(Diagnosing.diagnosis, reference="Tiny lacks")


class InThePath(Tiny):
    def env(self, request: ToolRequest) -> LayerEnv:
        return super().env(request).prepend("PATH", str(request.layer / "venv" / "bin"))


class ReservingHome(Tiny):
    reserved_env = frozenset({"HOME"})


class ReservingInATuple(Tiny):
    reserved_env = ("TINY_ELSEWHERE",)


class Absent(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        return replace(super().tool_layer(request), stand_ins={})


class Talkative(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        return replace(super().tool_layer(request), stand_ins={"tiny": "Not\nhere,\nnot\nthere."})


class KeepingCredentials(Tiny):
    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        return {**super().inputs(request), "index": request.environment.get("TINY_INDEX_URL", "")}


class BundlingAList(Tiny):
    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(options=["--pre"])  # type: ignore[arg-type]


class BundlingCredentials(Tiny):
    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(env={"TINY_INDEX": request.environment.environment.get("TINY_INDEX_URL", "")})


class UnmarkedForABundle(Tiny):
    def offline(self, request: OfflineRequest) -> Offline:
        return Offline(index={"PIP_INDEX_URL": request.environment.environment.get("TINY_INDEX_URL", "")})


class KeepingADigest(Tiny):
    def inputs(self, request: EnvironmentRequest) -> Mapping[str, str]:
        index = request.environment.get("TINY_INDEX_URL", "")
        return {**super().inputs(request), "index": f"sha256:{hashlib.sha256(index.encode()).hexdigest()}"}


class ShowingCredentials(Commanding):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        self.password = request.environment.get("TINY_PASSWORD", "")
        return super().environment(request)

    def other(self, command: Command) -> Command:
        return replace(command, argv=(*command.argv, f"--password={self.password}"))


class UnmarkedCredentials(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        secret = request.environment.get("TINY_PASSWORD", "")
        command = replace(self.sync(request), env={"TINY_PASSWORD": secret})
        return replace(super().environment(request), commands=(command,))


class RefusingIndexes(Tiny):
    """Right: it cannot take any."""

    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        return None


class TakingIndexes(Tiny):
    """Right: the default index in a variable, and a sentence for every other one."""

    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        default = request.default
        return IndexVariables(
            variables={INDEX: default.location} if default else {},
            unused={index.name: "tiny has one index." for index in request.extra},
        )


class LosingIndexes(Tiny):
    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        return IndexVariables(variables={})


class WithoutIndexes(Tiny):
    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        unused = {index.name: "tiny has no index." for index in request.indexes}
        return IndexVariables(variables={"TINY_COLOR": "red"}, unused=unused)


class Choosing(Tiny):
    """Right: it asks an index with a login, and chooses among releases of an age unless the user has."""

    def index_urls(self, request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
        return ("", "https://example.com/simple", SecretStr("https://me:s3cret-4711@example.com/simple"))

    def release_age_variables(self, request: EnvironmentRequest, before: datetime) -> Mapping[str, str]:
        return {} if "TINY_BEFORE" in request.environment else {"TINY_BEFORE": before.isoformat()}


class AskingNames(Tiny):
    def index_urls(self, request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
        return ("acme", SecretStr("acme"), "https://me:s3cret-4711@example.com/simple")


class AskingNumbers(Tiny):
    def index_urls(self, request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
        return (1,)  # type: ignore[return-value]


class ChoosingForEver(Tiny):
    def release_age_variables(self, request: EnvironmentRequest, before: datetime) -> Mapping[str, str]:
        return {"TINY_BEFORE": "2026-01-01"}


class ChoosingForTheUser(Tiny):
    def release_age_variables(self, request: EnvironmentRequest, before: datetime) -> Mapping[str, str]:
        return {"TINY_BEFORE": before.isoformat()}


class UnmarkedIndexes(TakingIndexes):
    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        found = super().index_variables(request)
        if found is None or request.default is None:
            return found
        location = request.default.location
        assert isinstance(location, SecretStr)
        return replace(found, variables={INDEX: location.get_secret_value()})


class ReservedIndexes(TakingIndexes):
    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        default = request.default
        unused = {index.name: "tiny has one index." for index in request.extra}
        return IndexVariables(
            variables={"TINY_ELSEWHERE": default.location} if default else {}, unused=unused
        )


class RaisingForIndexes(Tiny):
    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        raise KeyError("boom")
