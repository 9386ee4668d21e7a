"""The buildpack: what the lifecycle gives it, what it leaves behind, and how it ends."""

from __future__ import annotations

import gc
import io
import os
import shutil
import signal
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import (
    PLUGIN_API,
    Command,
    ContributedLayer,
    LayerEnv,
    Process,
    ProposedProcess,
    buildpack,
    hookimpl,
)
from layerwright.buildpack import Buildpack
from layerwright.cnb.context import BuildContext, DetectContext
from layerwright.errors import Interrupted, PluginError, UserError
from layerwright.files.record import write_record
from layerwright.output.log import Log
from tests.unit import small
from tests.unit.build.samples import words_of
from tests.unit.small import LOCK, Small, SmallPython, write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright import HookContext
    from layerwright.build.phase import Built

ENTRY_POINTS = f"""\
[layerwright]
small = tests.unit.small

[layerwright.conclusive]
{LOCK} = tests.unit.small

[layerwright.api]
{PLUGIN_API} = tests.unit.small
"""


class SmallBuildpack(Buildpack):
    """A buildpack whose interpreter is just a script."""

    def providers(self, *_: object) -> Sequence[SmallPython]:
        return [SmallPython()]


class Hooks:
    """The hooks of those who make the buildpack."""

    @hookimpl
    def layerwright_processes(self, context: HookContext) -> list[ProposedProcess]:
        health = Process(type="health", command=("check", *sorted(context.distributions)))
        return [ProposedProcess(process=health, because="every application has it")]

    @hookimpl
    def layerwright_post_install(self, context: HookContext) -> list[Command]:
        return [Command(argv=("sh", "-c", f"echo the venv is {context.venv}"), shown="look")]


class Phases:
    """Runs the phases of a buildpack on the application in ``app`` below *root*, as a lifecycle would."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self.app, self.layers = root, root / "app", root / "layers"
        self._patch = patch
        for directory in (self.app, self.layers, root / "platform" / "env"):
            directory.mkdir(parents=True)
        (root / "plan.toml").touch()
        self.cnb = {
            "CNB_BUILDPACK_DIR": str(root / "buildpack"),
            "CNB_PLATFORM_DIR": str(root / "platform"),
            "CNB_BUILD_PLAN_PATH": str(root / "plan.toml"),
            "CNB_BP_PLAN_PATH": str(root / "entries.toml"),
            "CNB_LAYERS_DIR": str(self.layers),
            "CNB_TARGET_OS": "linux",
            "CNB_TARGET_ARCH": "amd64",
        }
        self.log = ""

    def set(self, **variables: str) -> None:
        """Set *variables* as the user of a platform does."""
        for name, value in variables.items():
            (self.root / "platform" / "env" / name).write_text(value)

    def detect(
        self,
        buildpack: Buildpack | None = None,
        *,
        process: Mapping[str, str] | None = None,
        **variables: str,
    ) -> tuple[int, dict[str, Any]]:
        """Return the exit status and the build plan."""
        stream = io.StringIO()
        context = DetectContext.of(self.cnb, self.app)
        status = (buildpack or make()).detect(context, process or {}, variables, Log(stream, stream))
        self.log = stream.getvalue()
        return status, tomllib.loads((self.root / "plan.toml").read_text())

    def build(
        self,
        buildpack: Buildpack | None = None,
        *,
        plan: str = "",
        process: Mapping[str, str] | None = None,
        **variables: str,
    ) -> Built:
        """Build with the entries *plan*, in the environment *process* of the lifecycle."""
        (self.root / "entries.toml").write_text(plan)
        stream = io.StringIO()
        context = BuildContext.of(self.cnb, self.app)
        inherited = {"PATH": "/usr/bin:/bin", **self.cnb, **(process or {})}
        try:
            return (buildpack or make()).build(context, inherited, variables, Log(stream, stream))
        finally:
            self.log = stream.getvalue()

    def main(self, *arguments: str, buildpack: Buildpack | None = None) -> object:
        """Run the whole process, and return its exit status."""
        self._patch.chdir(self.app)
        self._patch.setattr("sys.argv", ["buildpack.py", *arguments])
        for name in [name for name in os.environ if name.startswith(("CNB_", "PYTHON", "PIP_"))]:
            self._patch.delenv(name)
        for name, value in self.cnb.items():
            self._patch.setenv(name, value)
        # It would end the tests.
        left: list[object] = []
        self._patch.setattr("layerwright.buildpack.phases.leave", left.append)
        umask = os.umask(0o077)
        try:
            with pytest.raises(SystemExit) as raised:
                (buildpack or make()).main()
        finally:
            os.umask(umask)
            gc.enable()
        code = raised.value.code
        assert left == ([code] if isinstance(code, int) else [])
        return code

    def read(self, name: str) -> dict[str, Any]:
        return tomllib.loads((self.layers / name).read_text())


def make(**fields: Any) -> Buildpack:
    return SmallBuildpack(id="acme/python", version="1.2.3", **fields)


@pytest.fixture
def phases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Phases:
    metadata = tmp_path / "site" / "layerwright_small-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return Phases(tmp_path, monkeypatch)


def test_a_directory_that_lasts_is_a_store_of_layers(phases: Phases, tmp_path: Path) -> None:
    write_lock(phases.app)
    store = tmp_path / "volume" / "store"
    phases.build(LAYERWRIGHT_STORE=str(store))
    assert {path.name.partition("-")[0] for path in store.iterdir()} == {"python", "tool"}


# Detect


def test_the_plan_provides_and_requires_what_others_can_ask_for(phases: Phases) -> None:
    write_lock(phases.app)
    status, plan = phases.detect()
    names = [{"name": "python"}, {"name": "small"}, {"name": "venv"}]
    assert (status, plan) == (0, {"provides": names, "requires": names})
    assert phases.log == f"small, because {LOCK} exists\n"


def test_what_is_no_application_for_python_fails(phases: Phases) -> None:
    (phases.app / "main.go").touch()
    assert phases.detect() == (100, {})
    assert phases.log == f"Nothing in {phases.app} looks like a Python application.\n"


@pytest.mark.parametrize("script", [[], ["release_notes.py"], ["fabfile.py", "noxfile.py"]])
@pytest.mark.parametrize(
    "file", ["bun.lock", "package.json", "requirements.yml", "go.mod", "smal.lock", "pyproject.toml"]
)
def test_what_may_be_for_another_buildpack_is_left_to_it(
    phases: Phases, file: str, script: list[str]
) -> None:
    for name in (file, *script):
        (phases.app / name).touch()
    (phases.app / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert phases.detect() == (100, {})
    assert phases.log.startswith("No package manager claims this application.\n  ")


@pytest.mark.parametrize(
    ("file", "text"),
    [("pyproject.toml", '[tool.layerwright.python]\nversion = "3.13"\n'), ("layerwright.toml", "[python]\n")],
)
def test_what_is_configured_for_layerwright_passes_so_that_the_build_can_say_what_lacks(
    phases: Phases, file: str, text: str
) -> None:
    (phases.app / file).write_text(text)
    status, plan = phases.detect()
    assert (status, plan["provides"]) == (0, [{"name": "python"}, {"name": "venv"}])
    with pytest.raises(UserError, match=r"No package manager claims this application|No Python application"):
        phases.build()


def test_the_users_variables_are_configuration(phases: Phases) -> None:
    phases.detect(make(defaults={"package-manager": "other"}), LAYERWRIGHT_PACKAGE_MANAGER="small")
    assert phases.log == "small, because LAYERWRIGHT_PACKAGE_MANAGER names it\n"


def test_a_default_package_manager_is_no_reason_to_take_any_directory_for_python(phases: Phases) -> None:
    (phases.app / "package.json").touch()
    assert phases.detect(make(defaults={"package-manager": "small"}))[0] == 100


def test_the_operator_of_a_builder_configures_where_the_user_does_not(phases: Phases) -> None:
    operators = {"LAYERWRIGHT_PACKAGE_MANAGER": "small"}
    phases.detect(process=operators)
    assert phases.log == "small, because LAYERWRIGHT_PACKAGE_MANAGER names it\n"
    with pytest.raises(UserError, match='"other" is not installed'):
        phases.detect(process=operators, LAYERWRIGHT_PACKAGE_MANAGER="other")


def test_a_plugin_can_be_switched_off(phases: Phases) -> None:
    write_lock(phases.app)
    assert phases.detect(LAYERWRIGHT_DISABLE_PLUGINS="small")[1]["provides"] == [
        {"name": "python"},
        {"name": "venv"},
    ]


# Build


def test_layers_processes_and_nothing_unmet_are_left_for_the_lifecycle(phases: Phases) -> None:
    write_lock(phases.app, "web")
    built = phases.build(plan='[[entries]]\nname = "small"\n')
    assert [c.name for c in built.contributions] == [
        "python",
        "tool-small",
        "absent-tools",
        "cache-small",
        "venv",
    ]
    assert phases.read("python.toml")["types"] == {"build": False, "launch": True, "cache": False}
    assert phases.read("tool-small.toml")["types"] == {"build": False, "launch": False, "cache": False}
    assert phases.read("packed.toml")["types"] == {"build": False, "launch": False, "cache": True}
    assert [p["type"] for p in phases.read("launch.toml")["processes"]] == ["web"]
    assert phases.read("build.toml") == {"unmet": []}


def test_the_log_ends_with_the_processes_or_says_that_there_are_none(
    phases: Phases, capfd: pytest.CaptureFixture[str]
) -> None:
    (phases.root / "entries.toml").touch()
    for distributions, words in (
        (["web"], "Processes\n  web (default): "),
        (
            [],
            "Processes\n"
            "  None: neither the configuration nor a Procfile defines one, and no plugin proposes one.\n",
        ),
        (
            ["no-process", "no-web"],
            "  Warning: layerwright-small 1.0 proposes none, because no-process is installed.\n"
            "  Install another.\n"
            "  Warning: layerwright-small 1.0 proposes no process web, because no-web is installed.\n"
            "  Install another.\n"
            "  Define one in a Procfile",
        ),
        (
            ["no-process", "no-web", "old-worker"],
            "old-worker (default): old-worker  [layerwright-small 1.0, because old-worker is installed]\n"
            "  Warning: layerwright-small 1.0 proposes no process web, because no-web is installed.\n"
            "  Install another.\n",
        ),
        (
            ["old-worker"],
            "  Warning: The process old-worker (layerwright-small 1.0, because old-worker is installed): It is old.\n",
        ),
    ):
        write_lock(phases.app, *distributions)
        assert phases.main("build") == 0
        assert words in capfd.readouterr().out


def test_a_tool_is_available_at_launch_if_another_buildpack_requires_it(phases: Phases) -> None:
    write_lock(phases.app)
    entries = '[[entries]]\nname = "small"\n[entries.metadata]\nlaunch = true\n'
    phases.build(plan=entries)
    assert phases.read("tool-small.toml")["types"]["launch"] is True
    assert phases.log.startswith("Build plan\n  small: launch = True\n")


def test_the_applications_configuration_decides_and_what_is_not_met_is_reported(phases: Phases) -> None:
    write_lock(phases.app)
    (phases.app / "layerwright.toml").write_text("[small]\nlaunch = false\n")
    entries = '[[entries]]\nname = "small"\n[entries.metadata]\nlaunch = true\n[[entries]]\nname = "other"\n'
    phases.build(plan=entries)
    assert phases.read("tool-small.toml")["types"]["launch"] is False
    assert phases.read("build.toml") == {"unmet": [{"name": "small"}, {"name": "other"}]}
    assert "Warning: The build plan asks for other, which this application does not use.\n" in phases.log


def test_a_version_in_the_build_plan_is_one_more_source_and_stronger_than_the_buildpack(
    phases: Phases,
) -> None:
    write_lock(phases.app)
    entries = '[[entries]]\nname = "python"\n[entries.metadata]\nversion = "3.13"\n'
    phases.build(make(defaults={"python": {"version": "3.12"}}), plan=entries)
    assert "the build plan: python.version: 3.13 (decides)" in phases.log


def test_the_hooks_of_the_buildpack_are_called_and_named_after_it(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    built = phases.build(make(hooks=(Hooks(),)))
    found = {process.type: (process.command, origin) for process, origin in built.processes}
    assert found["health"] == (("check", "acme"), "acme/python 1.2.3, because every application has it")
    assert f"    the venv is {phases.layers / 'venv'}\n" in phases.log


def test_defective_hooks_end_the_build_and_are_named(phases: Phases) -> None:
    write_lock(phases.app)

    class Misspelt:
        @hookimpl
        def layerwright_procesess(self) -> None: ...

    with pytest.raises(PluginError, match=r"a defect in acme/python 1\.2\.3"):
        phases.build(make(hooks=(Misspelt(),)))


def test_hooks_cannot_provide_package_managers() -> None:
    with pytest.raises(ValueError, match="cannot provide package managers"):
        make(hooks=(small,))


def test_a_hook_that_exits_ends_the_build_with_an_error(
    phases: Phases, capfd: pytest.CaptureFixture[str]
) -> None:
    class Leaving:
        @hookimpl
        def layerwright_processes(self, context: HookContext) -> list[ProposedProcess]:
            raise SystemExit(0)

    write_lock(phases.app)
    (phases.root / "entries.toml").touch()
    assert phases.main("build", buildpack=make(hooks=(Leaving(),))) == 1
    assert "a defect in acme/python 1.2.3" in capfd.readouterr().err


def test_the_users_proxy_is_obeyed_by_downloads_of_interpreters(
    phases: Phases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://other.example.com")
    write_lock(phases.app)
    (phases.root / "entries.toml").touch()
    phases.set(https_proxy="http://proxy.example.com", LD_PRELOAD="/invalid")
    assert phases.main("build") == 0
    assert os.environ["https_proxy"] == "http://proxy.example.com"
    assert "LD_PRELOAD" not in os.environ


@pytest.mark.parametrize(
    ("file", "decides"),
    [
        ("", "the buildpack acme/python 1.2.3: python.version: 3.13 (decides)"),
        (".python-version", ".python-version: >=3.12 (decides)"),
    ],
)
def test_a_default_python_counts_where_the_application_says_nothing(
    phases: Phases, file: str, decides: str
) -> None:
    write_lock(phases.app)
    if file:
        (phases.app / file).write_text(">=3.12\n")
    phases.build(make(defaults={"python": {"version": "3.13"}}))
    assert decides in phases.log


def test_what_the_build_image_sets_is_left_out_and_what_the_user_sets_is_an_error(phases: Phases) -> None:
    write_lock(phases.app)
    hostile = {"PYTHONPATH": "/invalid", "SMALL_ELSEWHERE": "yes", "VIRTUAL_ENV": "/invalid"}
    phases.build(process=hostile)
    assert "Variables ignored, because the user did not set them: PYTHONPATH, SMALL_ELSEWHERE" in phases.log
    with pytest.raises(UserError, match=r"SMALL_ELSEWHERE\.") as raised:
        phases.build(process=hostile, SMALL_ELSEWHERE="yes")
    assert raised.value.reference == "reserved-environment"


def test_a_contributed_layer_is_kept_when_a_lifecycle_restores_it_and_created_when_it_does_not(
    phases: Phases,
) -> None:
    class Contributing:
        @hookimpl
        def layerwright_layers(self, context: HookContext) -> list[ContributedLayer]:
            fill = Command(
                argv=("/bin/sh", "-c", 'echo 1 > "$1/data"', "sh", str(context.layer)), shown="fill"
            )
            return [ContributedLayer(commands=(fill,), env=LayerEnv().override("DATA", str(context.layer)))]

    def decided() -> str:
        built = phases.build(make(hooks=(Contributing(),)))
        [layer] = [c for c in built.contributions if c.name == "plugin-buildpack"]
        return words_of(layer.decision)

    write_lock(phases.app)
    assert decided() == "created: first build"
    record, layer = phases.layers / "plugin-buildpack.toml", phases.layers / "plugin-buildpack"
    assert phases.read(record.name)["types"] == {"build": False, "launch": True, "cache": False}
    assert (layer / "env" / "DATA.override").read_text() == str(layer)
    # A lifecycle restores no types.
    record.write_text(
        record.read_text().partition("[metadata]")[1] + record.read_text().partition("[metadata]")[2]
    )
    assert decided() == "kept: unchanged"
    assert phases.read(record.name)["types"]["launch"] is True
    shutil.rmtree(layer)
    shutil.rmtree(phases.layers / "packed")
    record.write_text("[metadata]\n")
    assert decided() == "created: its contents were not restored"
    assert phases.build().dropped == ("plugin-buildpack",)


def test_the_second_build_keeps_what_was_restored(phases: Phases) -> None:
    write_lock(phases.app, "acme", locked=True)
    phases.build()
    for record in phases.layers.glob("*.toml"):
        document = tomllib.loads(record.read_text())
        if "types" in document:
            # The lifecycle brings the metadata back, and never the types.
            record.write_text(
                record.read_text().partition("[types]")[0] + "[metadata]\n" + metadata_of(record)
            )
    for name in ("launch.toml", "build.toml"):
        (phases.layers / name).unlink()

    built = phases.build()

    assert {c.name: c.decision.action.value for c in built.contributions} == dict.fromkeys(
        ["python", "tool-small", "absent-tools", "cache-small", "venv"], "kept"
    )
    assert phases.read("venv.toml")["types"] == {"build": False, "launch": True, "cache": False}
    assert (phases.layers / "launch.toml").exists()


def metadata_of(record: Path) -> str:
    return record.read_text().partition("[metadata]\n")[2]


# The process


def test_the_phases_end_with_the_status_of_the_specification(
    phases: Phases, capfd: pytest.CaptureFixture[str]
) -> None:
    assert phases.main("detect") == 100
    write_lock(phases.app, "web")
    assert phases.main("detect") == 0
    (phases.root / "entries.toml").touch()
    assert phases.main("build") == 0
    out = capfd.readouterr().out
    assert "\nLayers\n  layer" in out
    assert "$ get small" not in out
    assert (phases.layers / "venv.toml").stat().st_mode & 0o777 == 0o644
    assert (phases.layers / "tool-small" / "bin").stat().st_mode & 0o777 == 0o755


def test_the_users_variable_says_how_much_a_build_prints(
    phases: Phases, capfd: pytest.CaptureFixture[str]
) -> None:
    write_lock(phases.app, "web")
    (phases.root / "entries.toml").touch()
    phases.set(LAYERWRIGHT_LOG="verbose\n")
    assert phases.main("build") == 0
    assert "  $ get small\n    installing\n" in capfd.readouterr().out
    phases.set(LAYERWRIGHT_LOG="loud")
    assert phases.main("build") == 1
    assert "#log-verbosity\n" in capfd.readouterr().err


def test_the_platforms_variables_are_read_from_its_directory(
    phases: Phases, capfd: pytest.CaptureFixture[str]
) -> None:
    phases.set(LAYERWRIGHT_PACKAGE_MANAGER="small\n")
    assert phases.main("detect") == 0
    assert capfd.readouterr().out == "small, because LAYERWRIGHT_PACKAGE_MANAGER names it\n"


def test_an_index_in_a_binding_of_the_platform_is_for_the_build(
    phases: Phases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Small, "takes_indexes", True)
    write_lock(phases.app, "acme")
    binding = phases.root / "platform" / "bindings" / "acme"
    binding.mkdir(parents=True)
    for entry, text in {"type": "pypi\n", "uri": "https://packages.example.com/simple\n"}.items():
        (binding / entry).write_text(text)
    phases.build()
    assert (
        "the default index acme: https://packages.example.com/simple, from the binding acme\n" in phases.log
    )


def test_what_is_printed_in_the_detect_phase_survives_being_formatted(
    phases: Phases, capfd: pytest.CaptureFixture[str]
) -> None:
    phases.set(LAYERWRIGHT_PACKAGE_MANAGER="100%sure")
    assert phases.main("detect") == 1
    assert 'Error: The package manager "100%%sure" is not installed.\n' in capfd.readouterr().err


@pytest.mark.parametrize("phase", ["detect", "build"])
def test_a_missing_variable_is_an_error_and_no_failure(
    phases: Phases, phase: str, capfd: pytest.CaptureFixture[str]
) -> None:
    del phases.cnb["CNB_PLATFORM_DIR"]
    assert phases.main(phase) == 1
    assert "without CNB_PLATFORM_DIR" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [(), ("launch",), ("detect", "build")])
def test_there_are_two_phases(phases: Phases, arguments: tuple[str, ...]) -> None:
    assert phases.main(*arguments) == "buildpack.py takes one argument: detect or build."


class Odd(SmallBuildpack):
    """Ends in an unusual way."""

    error: BaseException = ValueError()

    def detect(self, *_: object) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("odd"), 1),
        (KeyboardInterrupt(), 128 + signal.SIGINT),
        (Interrupted(signal.SIGTERM), 128 + signal.SIGTERM),
        # A signal of this number there is not; the status would be taken for that of a detect phase that fails.
        (Interrupted(-28), 1),
        (SystemExit(0), 1),
        (SystemExit(100), 1),
    ],
)
def test_no_error_ends_like_a_detect_phase_that_fails(
    phases: Phases, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int
) -> None:
    monkeypatch.setattr(Odd, "error", error)
    assert phases.main("detect", buildpack=Odd(id="acme/odd", version="1.0.0")) == status


def test_interpreters_come_from_archives_unless_the_application_says_otherwise(tmp_path: Path) -> None:
    from layerwright.config.reading import PythonSettings

    buildpack = Buildpack(id="acme/python", version="1.2.3")
    for settings, names in (
        (PythonSettings(), ["standalone"]),
        (PythonSettings(provider="system"), ["system"]),
    ):
        assert [p.name for p in buildpack.providers(settings, {}, tmp_path)] == names


def test_the_package_has_one_public_name() -> None:
    assert buildpack.Buildpack is Buildpack
    with pytest.raises(AttributeError, match="has no attribute 'Other'"):
        _ = buildpack.Other


# A tree with several applications


def test_a_directory_of_the_tree_that_the_user_names_is_detected_and_built(phases: Phases) -> None:
    (phases.app / "services" / "api").mkdir(parents=True)
    write_lock(phases.app / "services" / "api")
    (phases.app / "services" / "api" / "Procfile").write_text("web: serve\n")
    words = "services/api, because LAYERWRIGHT_APP_DIR names it\n"
    assert phases.detect()[0] == 100
    status, plan = phases.detect(LAYERWRIGHT_APP_DIR="services/api")
    assert (status, [one["name"] for one in plan["provides"]]) == (0, ["python", "small", "venv"])
    assert phases.log.startswith(f"Application directory: {words}")
    phases.build(LAYERWRIGHT_APP_DIR="services/api")
    assert phases.log.startswith(f"Application directory\n  {words}")
    [process] = phases.read("launch.toml")["processes"]
    assert process["working-dir"] == f"{phases.app}/services/api"


def test_a_script_that_the_user_names_is_the_application(phases: Phases) -> None:
    write_lock(phases.app)
    (phases.app / "hello.py").write_text("print('hello')\n")
    managers = []
    for chosen in ({}, {"LAYERWRIGHT_SCRIPT": "hello.py"}):
        status, plan = phases.detect(**chosen)
        managers.append((status, plan["provides"][1]["name"]))
    # The lock file belongs to another application.
    assert managers == [(0, "small"), (0, "pip")]


def test_a_directory_that_is_named_but_has_no_application_passes_so_that_the_build_can_say_it(
    phases: Phases,
) -> None:
    (phases.app / "web").mkdir()
    (phases.app / "layerwright.toml").write_text('app-dir = "web"\n[python]\nversion = "3.13"\n')
    assert phases.detect()[0] == 0
    with pytest.raises(UserError, match="No Python application was found") as caught:
        phases.build()
    assert caught.value.remedy == ("Choose another directory: layerwright.toml: app-dir names web.",)
    write_lock(phases.app / "web")
    phases.build()
    assert (
        "  Warning: Not read, because the application is web: layerwright.toml: python.version.\n"
        in phases.log
    )


def test_the_record_of_a_build_on_a_developers_machine_is_not_in_the_image(phases: Phases) -> None:
    write_lock(phases.app, "web")
    write_record(phases.app, "{}")
    phases.build()
    assert sorted(path.name for path in phases.app.iterdir()) == [LOCK]


@pytest.mark.parametrize(("installed", "status"), [("web", 0), ("no-such-thing", 1)])
def test_a_platform_that_collects_traces_gets_one(phases: Phases, installed: str, status: int) -> None:
    tracing = phases.layers.parent / "tracing"
    tracing.mkdir()
    write_lock(phases.app, installed)
    (phases.root / "entries.toml").touch()
    if status:
        phases.set(LAYERWRIGHT_PYTHON_VERSION="not a version")
    assert phases.main("build") == status
    [file] = (tracing / "buildpacks").iterdir()
    assert file.name.endswith("-build.jsonl")
    assert f'"exit_status", "value": {{"intValue": "{status}"}}' in file.read_text()


def test_modules_get_bytecode_after_the_build_commands_which_may_write_some(phases: Phases) -> None:
    write_lock(phases.app)
    (phases.app / "layerwright.toml").write_text('[build]\ncommands = ["touch made.py"]\n')
    (phases.app / "a.py").touch()
    built = phases.build()
    # The interpreter, a script, compiles nothing.
    assert "without bytecode: a.py, made.py" in phases.log
    assert [c.name for c in built.contributions][-1] == "bytecode"
    assert "bytecode" not in built.dropped
    for name in ("a.py", "made.py"):
        (phases.app / name).unlink()
    (phases.app / "layerwright.toml").unlink()
    assert phases.build().dropped == ("bytecode",)


def test_a_policy_of_the_platform_is_not_replaced_by_a_variable_of_the_user(phases: Phases) -> None:
    write_lock(phases.app, "acme", resolves=True)
    name = "LAYERWRIGHT_POLICY_HASHES"
    phases.build(process={"LAYERWRIGHT_POLICY_YANKED": " "})
    with pytest.raises(UserError) as raised:
        phases.build(process={name: "required"}, **{name: "allow"})
    assert "hashes = required, from the environment of the platform: policy.hashes" in raised.value.cause
    with pytest.raises(UserError) as raised:
        phases.build(make(defaults={"policy": {"hashes": "required"}}), **{name: "allow"})
    assert "from the buildpack acme/python 1.2.3: policy.hashes (of the platform)" in raised.value.cause
