"""A package manager, its plugin and an interpreter that are just large enough to be built with, in a moment."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from layerwright import (
    Command,
    Detection,
    Diagnosis,
    EnvironmentInstall,
    Expected,
    IndexVariables,
    Locked,
    LockedArchive,
    NotProposed,
    PackageManager,
    Process,
    ProposedProcess,
    Resolution,
    Resolved,
    SecretStr,
    SharedCache,
    ToolLayer,
    Unprovable,
    Update,
    hookimpl,
)
from layerwright.build.request import BuildRequest
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.cnb.target import Target
from layerwright.files.project import Project
from layerwright.plugins.api import PLUGIN_API
from layerwright.plugins.entry_points import API_GROUP, CONCLUSIVE_GROUP, PLUGIN_GROUP, EntryPoint
from layerwright.pythons.provider import Candidate, anything

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright import EnvironmentRequest, HookContext, IndexRequest, ProjectRequest, ToolRequest
    from layerwright.config.reading import PythonSettings
    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Progress, Wanted

LOCK = "small.lock"
"""JSON: what will be ``installed``, and other keys for the rest of an ``EnvironmentInstall`` and for ``Expected``."""

_PYTHON = """\
#!/bin/sh
for last; do :; done
case "$*" in *"-m venv"*) mkdir -p "$last/bin" "$last/lib/python3.13/site-packages" ;; esac
"""


class Small(PackageManager):
    """Installs what its lock file says."""

    name = "small"
    display_name = "Small"
    reserved_env = frozenset({"SMALL_ELSEWHERE"})
    helper = ""
    takes_indexes = False

    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        """Return a variable for the default index, and one with its password; the others are not used."""
        if not self.takes_indexes:
            return None
        variables: dict[str, str | SecretStr] = {}
        if request.default is not None:
            variables["SMALL_INDEX"] = request.default.address
            if request.default.password is not None:
                variables["SMALL_KEY"] = request.default.password
                variables["SMALL_USER"] = request.default.username
        if request.certificates is not None:
            variables["SSL_CERT_FILE"] = str(request.certificates)
        return IndexVariables(
            variables=variables, unused={index.name: "It has one index." for index in request.extra}
        )

    def also_uses(self, request: ProjectRequest) -> tuple[str, ...]:
        return (self.helper,) if self.helper else ()

    def detect(self, request: ProjectRequest) -> Detection | None:
        return Detection(evidence=LOCK) if request.project.exists(LOCK) else None

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        get = "echo installing; mkdir bin; >bin/small; chmod +x bin/small"
        install = (Command(argv=("sh", "-c", get), cwd=request.layer, shown="get small"),)
        return ToolLayer(
            version="1",
            inputs={},
            install=install,
            stand_ins={"small": "Not here."},
            launchers=("small run",),
        )

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        lock = json.loads(request.project.text(LOCK))
        site_packages = request.interpreter.site_packages(request.venv)
        report = json.dumps(lock["installed"])

        def write(names: Sequence[str], shown: str) -> Command:
            script = "kill -9 $$; " if lock.get("killed") else ""
            script += 'set -e; cd "$1"; shift; rm -rf *; for n; do mkdir $n-1.dist-info; cd $n-1.dist-info;'
            script += " printf 'Name: %s\\nVersion: 1\\n\\n' $n > METADATA; : > RECORD; cd ..; done"
            if "fails" in lock:
                script = f"echo It fails. {lock.get('says', '')}; exit 1"
            found = Diagnosis(
                pattern=r"It fails\..*", summary="Failed.", reference=lock.get("fails", "small-failed")
            )
            argv = ("sh", "-c", script, "sh", str(site_packages), *names)
            return Command(argv=argv, shown=shown, diagnoses=(found,))

        page = f"date +%N >> '{request.cache}/page'; " if lock.get("pages") else ""
        if lock.get("pages") == "replaced":
            page = f"rm -f '{request.cache}/page'; {page}"
        tell = Command(argv=("sh", "-c", f"{page}printf %s '{report}' > '{request.report}'"), shown="resolve")
        download = Command(argv=("mkdir", "-p", str(request.cache / "downloads")), shown="download")
        resolution = Resolution(
            command=tell,
            read=lambda text: tuple(Resolved(name=name, version="1") for name in json.loads(text)),
            converge=lambda _change: (write(lock["installed"], "converge"),),
        )
        sameness: Locked | Resolution | Unprovable = Locked(
            update=Update() if lock.get("converges") else None,
            archives=lambda: [LockedArchive(**one) for one in lock.get("archives", ())],
        )
        if lock.get("fresh-because"):
            sameness = Unprovable(lock["fresh-because"])
        elif lock.get("resolves"):
            sameness = Locked(update=resolution) if lock.get("locked") else resolution
        return EnvironmentInstall(
            inputs={LOCK: f"sha256:{request.project.digest(LOCK)}"},
            commands=(download, write(lock["installed"], "install"), tell),
            sameness=sameness,
            keeps_cache=lock.get("keeps-cache", True),
            shares=SharedCache(**lock["shares"]) if "shares" in lock else None,
        )

    def expects(self, request: EnvironmentRequest) -> Expected | None:
        lock = json.loads(request.project.text(LOCK))
        if "expected" not in lock:
            return None
        named = frozenset(lock["expected"])
        return Expected(names=named, source=LOCK, uncertain=lock.get("uncertain", ""))


class SmallPython:
    """Provides one interpreter, a script that can make virtual environments of a sort."""

    name = "small"

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        return [Candidate(version="3.13.0", provider=self.name, origin="/small", inputs={})]

    def looked_in(self) -> Sequence[str]:
        return ["/small"]

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        executable = destination / "bin" / "python3.13"
        executable.parent.mkdir()
        executable.write_text(_PYTHON)
        executable.chmod(0o755)


@hookimpl
def layerwright_package_managers() -> list[PackageManager]:
    return [Small()]


@hookimpl
def layerwright_processes(context: HookContext) -> list[ProposedProcess | NotProposed]:
    """Propose a process for each distribution, those that are called so for one execution environment only.

    For ``no-web`` there is no process ``web``, and for ``no-process`` none at all.
    """
    return [_proposal(name) for name in sorted(context.distributions)]


def _proposal(name: str) -> ProposedProcess | NotProposed:
    because = f"{name} is installed"
    if name.startswith("no-"):
        type_ = name.removeprefix("no-").removeprefix("process")
        return NotProposed(type=type_, because=because, remedy="Install another.")
    return ProposedProcess(
        process=Process(
            type=name.removeprefix("perhaps-"), command=(name,), exec_env=tuple(name.split("-for-")[1:])
        ),
        because=because,
        warning="It is old." * name.startswith("old"),
        fallback=name.startswith("perhaps"),
    )


@hookimpl
def layerwright_post_install(context: HookContext) -> list[Command]:
    if "after" not in context.distributions:
        return []
    here = Command(argv=("sh", "-c", "echo here: $PWD; echo with: $(env)"), shown="look here")
    there = Command(argv=("sh", "-c", "echo there: $PWD"), shown="look there", cwd=context.venv)
    fail = Command(argv=("sh", "-c", "exit 3"), shown="fail there", remedy=("Try again.",))
    return [here, there, *([fail] if "fails-after" in context.distributions else [])]


PLUGIN = EntryPoint(PLUGIN_GROUP, "small", __name__, "layerwright-small", "1.0")
EVIDENCE = EntryPoint(CONCLUSIVE_GROUP, LOCK, __name__, "layerwright-small", "1.0")


def write_lock(app: Path, *installed: str, **more: object) -> None:
    """Write the lock file of the application at *app*."""
    app.mkdir(exist_ok=True)
    (app / LOCK).write_text(json.dumps({"installed": installed, **more}))


def made_for_this(entry_points: Sequence[EntryPoint]) -> list[EntryPoint]:
    """Return what says that the plugins among *entry_points* are made for the plugin API that there is."""
    plugins = (entry_point for entry_point in entry_points if entry_point.group == PLUGIN_GROUP)
    return [plugin._replace(group=API_GROUP, name=str(PLUGIN_API)) for plugin in plugins]


def small_request(
    root: Path,
    *,
    environment: Mapping[str, str] | None = None,
    entry_points: Sequence[EntryPoint] = (PLUGIN, EVIDENCE),
    today: date = date(2026, 11, 1),
    launch_path: str = "",
) -> BuildRequest:
    """Return what a build of the application in ``app`` below *root* starts from."""

    def providers(_settings: PythonSettings) -> Sequence[SmallPython]:
        return [SmallPython()]

    return BuildRequest(
        project=Project(root / "app"),
        layers=LayersDirectory(root / "layers"),
        environment={"PATH": "/usr/bin:/bin", **(environment or {})},
        target=Target.of_this_machine(),
        providers=providers,
        report=root / "report.json",
        output=root / "layers" / "output.log",
        entry_points=(*entry_points, *made_for_this(entry_points)),
        today=today,
        launch_path=launch_path,
    )
