from __future__ import annotations

import fcntl
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright.build.lock import locked, running
from layerwright.cnb.launch import Process, write_launch
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.config.application import Choice
from layerwright.config.reading import PythonSettings
from layerwright.errors import SiteError, UserError
from layerwright.local._journal import Journal
from layerwright.local._refusals import tell_running
from layerwright.local.places import default_cache, default_layers, default_store
from layerwright.local.platform import LocalPlatform
from layerwright.output.log import Log

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Built:
    """An application with layers as a build would have left them."""

    root: Path

    @property
    def layers(self) -> Path:
        return self.root / "layers"

    @property
    def app(self) -> Path:
        return self.root / "app"

    def platform(self, **environment: str) -> LocalPlatform:
        return LocalPlatform(self.app, self.layers, self.root / "cache", environment)

    def layer(self, name: str, env: LayerEnv, *, launch: bool = True, commands: Sequence[str] = ()) -> None:
        directory = LayersDirectory(self.layers)
        layer = directory.create(name)
        (layer / "bin").mkdir()
        for command in commands:
            (layer / "bin" / command).write_text("#!/bin/sh\n")
            (layer / "bin" / command).chmod(0o755)
        directory.write(name, types=LayerTypes(build=True, launch=launch), metadata={}, env=env)

    def processes(self, *processes: Process) -> None:
        write_launch(self.layers / "launch.toml", processes)


@pytest.fixture
def built(tmp_path: Path) -> Built:
    built = Built(tmp_path)
    built.app.mkdir()
    built.layers.mkdir()
    built.layer("venv", LayerEnv().override("VIRTUAL_ENV", "/venv"), commands=["serve"])
    built.processes(
        Process(type="web", command=("serve",), args=("--port", "1"), default=True),
        Process(type="worker", command=("serve",), working_directory="sub"),
    )
    return built


def silent() -> Log:
    return Log(io.StringIO(), io.StringIO())


def test_the_default_process_has_its_arguments_and_the_application_directory(built: Built) -> None:
    launch = built.platform().launch(silent(), None, [])

    assert launch.argv == (str(built.layers / "venv" / "bin" / "serve"), "--port", "1")
    assert launch.directory == built.app


def test_a_layer_has_a_digest_once_a_complete_build_has_recorded_it(built: Built) -> None:
    platform = built.platform()
    assert platform.digests() == {}
    Journal(built.layers).commit(changed={"venv"})
    assert platform.digests().keys() == {"venv"}


def test_a_script_runs_in_its_directory(built: Built) -> None:
    script = built.app / "hello.py"
    script.touch()
    platform = LocalPlatform(built.app, built.layers, built.root / "cache", {}, script="hello.py")
    assert platform.launch(silent(), "web", []).directory == built.app
    assert platform.launch(silent(), "serve", []).directory == built.app
    assert platform.request().project.script == "hello.py"
    (built.layers / "launch.toml").unlink()
    with pytest.raises(UserError) as caught:
        platform.launch(silent(), "web", [])
    assert caught.value.remedy[0].endswith(f" {script}")


def test_arguments_take_the_place_of_those_that_may_be_replaced(built: Built) -> None:
    assert built.platform().launch(silent(), "web", ["--help"]).argv[1:] == ("--help",)


def test_arguments_that_a_process_cannot_take_are_not_dropped_without_a_word(built: Built) -> None:
    said = io.StringIO()
    taking, not_taking = (*("sh", "-c", 'exec serve "$@"'), "sh"), ("sh", "-c", "serve | tee log")
    built.processes(Process(type="a", command=taking), Process(type="b", command=not_taking))

    assert built.platform().launch(Log(said, said), "a", ["x"]).argv[1:] == (*taking[1:], "x")
    assert said.getvalue() == ""

    built.platform().launch(Log(said, said), "b", ["x"])
    assert said.getvalue().splitlines() == [
        "  Warning: The process b takes no arguments, because it is a shell script: serve | tee log",
        '  Put "$@" into it where the arguments belong, and build again.',
    ]


def test_a_process_type_has_a_working_directory_and_an_environment_of_its_own(built: Built) -> None:
    env = (
        LayerEnv()
        .override("ROLE", "w", scope=Scope.process("worker"))
        .override("ALL", "a", scope=Scope.LAUNCH)
    )
    built.layer("tool-roles", env)

    worker, web = (built.platform().launch(silent(), name, []) for name in ("worker", "web"))

    assert worker.directory == built.app / "sub"
    assert (worker.environment["ROLE"], worker.environment["ALL"]) == ("w", "a")
    assert "ROLE" not in web.environment


def test_a_command_that_is_no_process_type_has_its_own_arguments(built: Built) -> None:
    launch = built.platform().launch(silent(), "sh", ["-c", "exit"])

    assert launch.argv[1:] == ("-c", "exit")
    assert Path(launch.argv[0]).name == "sh"


def test_only_launch_layers_are_in_the_environment_and_nothing_of_this_machines_tools(built: Built) -> None:
    built.layer("tool-pip", LayerEnv().override("PIP_PYTHON", "/venv"), launch=False)

    environment = (
        built.platform(
            PATH="/home/developer/bin",
            PYTHONPATH="/elsewhere",
            PIP_INDEX_URL="https://example.com",
            LAYERWRIGHT_CACHE_DIR="/cache",
            VIRTUAL_ENV="/elsewhere",
            LANG="C.UTF-8",
        )
        .launch(silent(), None, [])
        .environment
    )

    assert environment == {
        "LANG": "C.UTF-8",
        "PATH": f"{built.layers}/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "VIRTUAL_ENV": "/venv",
    }


@pytest.mark.parametrize("read_only", [True, False])
def test_a_process_that_writes_no_bytecode_beside_its_modules_finds_that_of_the_build(
    built: Built, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    kept = built.layers / ".layerwright" / "bytecode"
    (kept / "prefix").mkdir(parents=True)
    usual = built.platform(PYTHONPYCACHEPREFIX="/mine", PYTHONDONTWRITEBYTECODE="")
    assert (
        usual.launch(silent(), None, [])
        .environment.keys()
        .isdisjoint({"PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"})
    )
    assert usual.request().bytecode is None
    platform = built.platform(**({} if read_only else {"PYTHONDONTWRITEBYTECODE": "1"}))
    if read_only:
        real = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: path != built.app and real(path, mode))
    environment = platform.launch(silent(), None, []).environment
    assert environment["PYTHONPYCACHEPREFIX"] == str(kept / "prefix")
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert platform.request().bytecode == kept


def test_a_command_that_is_nowhere_is_said_to_be_nowhere(built: Built) -> None:
    built.processes()

    with pytest.raises(UserError) as caught:
        built.platform().launch(silent(), "no-such-command", [])

    assert caught.value.reference == "no-such-process"
    assert caught.value.cause.startswith("The process types are: none.")


def test_no_default_process_is_an_error_that_names_the_types(built: Built) -> None:
    built.processes(Process(type="a", command=("a",)), Process(type="b", command=("b",)))

    with pytest.raises(UserError, match="There is no default process") as caught:
        built.platform().launch(silent(), None, [])

    assert caught.value.cause == "The process types are: a, b."


def test_without_any_process_it_says_how_to_define_one_and_starts_nothing_else(built: Built) -> None:
    built.processes()

    with pytest.raises(UserError) as caught:
        built.platform().launch(silent(), None, [])

    assert caught.value.reference == "no-process"
    assert "layerwright explain" in caught.value.remedy[0]


def test_a_damaged_list_of_processes_is_the_sites_fault(built: Built) -> None:
    (built.layers / "launch.toml").write_text("processes = 3\n")

    with pytest.raises(SiteError) as caught:
        built.platform().launch(silent(), None, [])

    assert caught.value.reference == "damaged-build"


def test_without_a_build_there_is_nothing_to_launch(built: Built) -> None:
    (built.layers / "launch.toml").unlink()

    with pytest.raises(UserError) as caught:
        built.platform().launch(silent(), None, [])

    assert caught.value.reference == "not-built"
    assert caught.value.remedy == (f"Build it: layerwright build --layers {built.layers} {built.app}",)


def test_where_layers_usually_are_needs_no_words(built: Built) -> None:
    cache = built.root / "cache"
    platform = LocalPlatform(built.app, default_layers(built.app, cache), cache, {})

    with pytest.raises(UserError) as caught:
        platform.launch(silent(), None, [])

    assert caught.value.remedy == (f"Build it: layerwright build {built.app}",)


@pytest.mark.parametrize(
    ("provider", "names"),
    [("auto", ["system", "standalone"]), ("system", ["system"]), ("standalone", ["standalone"])],
)
def test_interpreters_come_from_the_configured_provider(
    built: Built, provider: str, names: list[str]
) -> None:
    request = built.platform(HOME=str(built.root)).request()
    found = request.providers(PythonSettings(provider=provider))  # type: ignore[arg-type]

    assert [one.name for one in found] == names


def test_a_request_has_the_users_environment_without_an_activated_venv(built: Built) -> None:
    request = built.platform(VIRTUAL_ENV="/elsewhere", LANG="C").request()
    assert request.environment == {"LANG": "C"}
    assert not request.report.is_relative_to(request.layers.layer_path("venv"))


def test_a_build_is_for_the_execution_environment_that_is_named(built: Built) -> None:
    assert built.platform().request().exec_env == "production"
    assert built.platform(CNB_EXEC_ENV="test").request().exec_env == "test"
    assert built.platform(CNB_EXEC_ENV="test").request(exec_env="production").exec_env == "production"


def test_a_launch_waits_for_a_build_of_the_same_layers_and_says_so(built: Built) -> None:
    (built.layers / ".layerwright").mkdir()
    lock = os.open(built.layers / ".layerwright" / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)

    class Ending(Log):
        """Ends the other build as soon as it is told of."""

        @override
        def line(self, text: str = "") -> None:
            super().line(text)
            os.close(lock)

    said = io.StringIO()
    assert built.platform().launch(Ending(said, said), None, []).argv[1:] == ("--port", "1")
    assert said.getvalue() == "Waiting for another build of this application to finish.\n"


@pytest.mark.parametrize("name", [".layerwright", ".layerwright/lock"])
def test_a_link_in_the_place_of_what_is_ours_is_not_followed(built: Built, name: str) -> None:
    (built.root / "victim").mkdir()
    place = built.layers / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(built.root / "victim" / ("lock" if name.endswith("lock") else ""))

    built.platform().launch(silent(), None, [])
    with pytest.raises(SiteError) as caught:
        built.platform().build(silent())

    assert caught.value.reference == "layers-directory"
    assert str(place) in caught.value.cause
    assert list((built.root / "victim").iterdir()) == []


def test_launching_needs_no_right_to_write_into_the_layers(built: Built) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in built.layers.rglob("*"))

    assert built.platform().launch(silent(), "web", []).announced is None

    assert sorted((path, path.stat().st_mtime_ns) for path in built.layers.rglob("*")) == before


def test_what_is_launched_announces_itself_to_builds(built: Built) -> None:
    with locked(built.layers, silent()):
        pass
    launch = built.platform().launch(silent(), "web", [])
    assert launch.announced is not None
    assert os.get_inheritable(launch.announced)

    with locked(built.layers, silent()):
        assert running(built.layers) == (os.getpid(),)
    os.close(launch.announced)


@pytest.mark.parametrize(("processes", "who"), [((4711, 12), "PID 4711, 12"), ((), "A process")])
def test_a_build_names_what_runs_from_its_layers(processes: tuple[int, ...], who: str) -> None:
    said = io.StringIO()
    tell_running(processes, Log(said, said))
    assert said.getvalue().startswith(f"  Warning: {who} runs from these layers; restart it afterwards.\n")


def test_a_build_that_nothing_runs_from_says_nothing() -> None:
    said = io.StringIO()
    tell_running(None, Log(said, said))
    assert said.getvalue() == ""


def test_a_stopped_build_is_put_right_before_a_launch(built: Built) -> None:
    with locked(built.layers, silent()):
        Journal(built.layers).begin()
    said = io.StringIO()

    assert built.platform().launch(Log(said, said), "web", []).argv[1:] == ("--port", "1")

    assert said.getvalue() == "  The last build was interrupted; starting from the last complete build.\n"
    assert not Journal(built.layers).is_open


def test_a_stopped_build_that_cannot_be_put_right_is_no_build(built: Built) -> None:
    private = built.layers / ".layerwright"
    private.mkdir()
    Journal(built.layers).begin()
    (private / "lock").mkdir()

    with pytest.raises(SiteError) as caught:
        built.platform().launch(silent(), "web", [])

    assert caught.value.reference == "stopped-build"
    assert caught.value.remedy[1].endswith(f": layerwright build --layers {built.layers} {built.app}")


def test_layers_that_were_copied_or_moved_are_refused(built: Built) -> None:
    file = built.layers / "venv" / "pyvenv.cfg"
    file.write_text(f"version = 3.13.0\nhome = {built.layers}/python/bin\n")
    assert built.platform().launch(silent(), "web", []).argv[1:] == ("--port", "1")

    file.write_text("version = 3.13.0\nhome = /elsewhere/python/bin\n")
    with pytest.raises(UserError) as caught:
        built.platform().launch(silent(), "web", [])
    assert caught.value.reference == "moved-layers"
    assert "/elsewhere/python/bin" in caught.value.cause
    assert caught.value.remedy[0] == f"Build them here: layerwright build --layers {built.layers} {built.app}"


def test_the_cache_is_where_the_variable_says_or_where_the_user_keeps_caches(tmp_path: Path) -> None:
    assert default_cache({"LAYERWRIGHT_CACHE_DIR": str(tmp_path)}) == tmp_path
    assert default_cache({"LAYERWRIGHT_CACHE_DIR": "here"}) == Path.cwd() / "here"
    assert default_cache({"XDG_CACHE_HOME": "/caches", "HOME": "/home/me"}) == Path("/caches/layerwright")
    # The specification ignores a relative path.
    assert default_cache({"XDG_CACHE_HOME": "c", "HOME": "/home/me"}) == Path("/home/me/.cache/layerwright")
    assert default_cache({}) == default_cache({"HOME": "me"}) == Path.home() / ".cache" / "layerwright"


def test_without_a_home_directory_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "me")
    with pytest.raises(UserError, match="home directory is not known") as caught:
        default_cache({})
    assert caught.value.cause == (
        f"HOME is not set, and the system knows no home directory of user {os.getuid()}."
    )
    with pytest.raises(UserError) as caught:
        default_cache({"HOME": "me"})
    assert caught.value.cause == "HOME is me, which is not an absolute path."
    assert default_cache({"LAYERWRIGHT_CACHE_DIR": "/cache"}) == Path("/cache")


def test_the_store_is_in_the_cache_or_where_the_variable_says(tmp_path: Path) -> None:
    assert default_store({}, tmp_path) == tmp_path / "store"
    assert default_store({"LAYERWRIGHT_STORE": "here"}, tmp_path) == Path.cwd() / "here"


def test_each_application_has_layers_of_its_own(tmp_path: Path) -> None:
    one, other, root = (default_layers(Path(p), tmp_path) for p in ("/a/shop", "/b/shop", "/"))

    assert len({one, other, root}) == 3
    assert one == default_layers(Path("/a/shop"), tmp_path)
    assert re.fullmatch(r"shop-[0-9a-f]{12}", one.parent.name)
    assert re.fullmatch(r"root-[0-9a-f]{12}", root.parent.name)
    assert os.path.commonpath([one, tmp_path]) == str(tmp_path)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        (b"quo'te", "quo-te"),
        (b'dq"x', "dq-x"),
        (b"a:b", "a-b"),
        (b"line\nbreak", "line-break"),
        (b"two words", "two-words"),
        (b"\xff\xfe", "root"),
        (b"caf\xe9", "caf"),
        ("zwölf".encode(), "zw-lf"),
        (b"-rf", "rf"),
        (b"..hidden", "hidden"),
        (b"x" * 255, "x" * 40),
        (b"my_app.v2-rc", "my_app.v2-rc"),
    ],
)
def test_an_application_may_be_called_anything_and_its_layers_path_is_of_safe_characters(
    name: bytes, safe: str
) -> None:
    app = Path(os.fsdecode(b"/a/" + name))
    layers = default_layers(app, Path("/cache"))
    assert layers.parent.name.rpartition("-")[0] == safe
    assert re.fullmatch(r"/cache/apps/[A-Za-z0-9._-]+/layers", str(layers))
    assert layers != default_layers(Path(f"{app}!"), Path("/cache"))


def test_remedies_name_an_application_in_a_tree_with_its_option(built: Built) -> None:
    built.processes()
    app = built.app / "api"
    platform = LocalPlatform(
        app, built.layers, built.root / "cache", {}, tree=built.app, choice=Choice("api", "--app")
    )
    assert platform.request().choice == Choice("api", "--app")
    assert (platform.request().project.root, platform.request().project.tree) == (app, built.app)
    with pytest.raises(UserError) as caught:
        platform.launch(silent(), None, [])
    assert caught.value.remedy[0].endswith(f"--layers {built.layers} {built.app} --app api")
