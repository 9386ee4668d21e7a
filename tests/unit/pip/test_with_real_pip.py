"""The commands do what they say, with a real pip, on every interpreter of this machine."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from layerwright import Change, CommandFailed, Interpreter, Project, Resolution
from layerwright.cnb.layers.layer_env import apply_build
from layerwright.process.runner import Runner
from layerwright.testing.applications import Application
from layerwright.testing.distributions import sdist, source_tree, wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import clean_env, interpreters
from layerwright.testing.tree import tree
from layerwright_pip.environment import environment
from layerwright_pip.manager import PipSettings
from layerwright_pip.resolution import read_report
from layerwright_pip.tool import tool_layer
from tests.unit.pip.requests import environment_request, tool_request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright import Command, EnvironmentInstall, LayerEnv, Resolved, ToolLayer

pytestmark = pytest.mark.integration


class Build:
    """The layers of an application, made with the interpreter of one minor version, where it is."""

    def __init__(self, app: Application, index: PackageIndex, *, minor: str, base: Path, **env: str) -> None:
        if minor not in interpreters():
            pytest.skip(f"this machine has no Python {minor}")
        self.app = app
        self.layers = base / "layers"
        self.tool = self.layers / "tool-pip"
        self.prefix = interpreters()[minor].parent.parent
        self.python = f"{minor}.0"
        home = base / "home"
        for directory in (home, self.tool):
            directory.mkdir(parents=True)
        self.env = clean_env(home) | index.pip_env() | env

    @property
    def interpreter(self) -> Interpreter:
        return Interpreter(version=self.python, prefix=self.prefix)

    @property
    def site_packages(self) -> Path:
        return self.interpreter.site_packages(self.layers / "venv")

    @property
    def bundled(self) -> Path:
        library = self.prefix / "lib" / f"python{self.interpreter.minor}"
        [wheel] = (library / "ensurepip" / "_bundled").glob("pip-*.whl")
        return wheel

    def describe_tool(self, version: str | None = None) -> ToolLayer:
        return tool_layer(
            tool_request(
                self.app,
                settings=PipSettings(version=version),
                environment=self.env,
                python=self.python,
                prefix=self.prefix,
                layers=self.layers,
            )
        )

    def install_pip(self, version: str | None = None) -> None:
        layer = self.describe_tool(version)
        self.run(*layer.install)
        self.write_env(layer.env)

    def write_env(self, env: LayerEnv) -> None:
        for name, content in env.files().items():
            (self.tool / name).parent.mkdir(exist_ok=True)
            (self.tool / name).write_bytes(content)

    def describe(self) -> EnvironmentInstall:
        request = environment_request(
            self.app, environment=self.env, python=self.python, prefix=self.prefix, layers=self.layers
        )
        return environment(request)

    def create(self) -> tuple[Resolved, ...]:
        python, venv = str(self.interpreter.executable), str(self.layers / "venv")
        argv = [python, "-I", "-m", "venv", "--clear", "--without-pip", venv]
        subprocess.run(argv, check=True)
        self.run(*self.describe().commands)
        return self.reported()

    def resolution(self) -> Resolution:
        resolution = self.describe().sameness
        assert isinstance(resolution, Resolution)
        return resolution

    def resolve(self) -> tuple[Resolved, ...]:
        self.run(self.resolution().command)
        return self.reported()

    def converge(self, change: Change) -> None:
        self.run(*self.resolution().converge(change))

    def reported(self) -> tuple[Resolved, ...]:
        return read_report((self.layers.parent / "report.json").read_text(), project=Project(self.app.path))

    def run(self, *commands: Command) -> None:
        runner = Runner(env=apply_build(self.env, [("tool-pip", self.tool)]), on_line=print)
        for command in commands:
            runner.run(command)

    def content(self) -> Mapping[str, object]:
        """What is in site-packages, but for the marks of what was asked for by name."""
        found = tree(self.site_packages)
        return {path: entry for path, entry in found.items() if not path.endswith(("/REQUESTED", "/RECORD"))}


@pytest.fixture
def served(index: PackageIndex) -> PackageIndex:
    index.add(wheel("alpha", "1.0", requires=["beta"]), sdist("Beta_X", "1.0"), wheel("beta", "1.0"))
    index.add(wheel("gamma", "1.0"), wheel("pip", "26.3"))
    return index


@pytest.mark.parametrize("minor", ["3.10", "3.11", "3.12", "3.13"])
def test_pip_gets_a_layer_of_its_own(
    app: Application, index: PackageIndex, tmp_path: Path, minor: str
) -> None:
    build = Build(app, index, minor=minor, base=tmp_path, PIP_TARGET="/nowhere", PIP_PRE="1")
    # The bundled pip takes its own version for installed already.
    index.add_directory(build.bundled.parent)
    app.write("copy.py", "raise SystemExit('imported')")
    app.write("setup.cfg", "[install]\nprefix=/nowhere\n")
    version = build.bundled.name.split("-")[1]
    build.install_pip(version)
    layer = build.tool
    assert (layer / "bin" / "pip").read_text().startswith(f"#!{build.interpreter.executable}\n")
    assert (build.interpreter.site_packages(layer) / f"pip-{version}.dist-info").is_dir()
    assert {path.name for path in layer.iterdir()} == {"bin", "lib", "env"}
    assert not list(layer.glob("**/__pycache__"))


def test_the_shipped_hashes_are_those_of_the_real_pip(
    app: Application, wheelhouse_index: PackageIndex, tmp_path: Path
) -> None:
    build = Build(app, wheelhouse_index, minor="3.13", base=tmp_path)
    build.install_pip()
    version = build.describe_tool().version
    assert (build.interpreter.site_packages(build.tool) / f"pip-{version}.dist-info").is_dir()


def test_a_pip_that_is_not_the_pinned_one_is_refused(
    app: Application, served: PackageIndex, tmp_path: Path
) -> None:
    with pytest.raises(CommandFailed) as error:
        Build(app, served, minor="3.13", base=tmp_path).install_pip()
    assert error.value.reference == "pip-not-installed"


@pytest.fixture(scope="module")
def pip_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the bundled pip once for all tests, and compile it as core does."""
    base = tmp_path_factory.mktemp("pip")
    (base / "app").mkdir()
    with PackageIndex() as index:
        build = Build(Application(base / "app"), index, minor="3.13", base=base)
        index.add_directory(build.bundled.parent)
        build.install_pip(build.bundled.name.split("-")[1])
    subprocess.run([build.interpreter.executable, "-I", "-m", "compileall", "-q", build.tool], check=True)
    return build.tool


@pytest.fixture
def build(app: Application, served: PackageIndex, tmp_path: Path, pip_layer: Path) -> Build:
    build = Build(app, served, minor="3.13", base=tmp_path)
    shutil.copytree(pip_layer, build.tool, dirs_exist_ok=True)
    build.write_env(build.describe_tool().env)
    return build


def test_what_is_resolved_is_what_is_installed(app: Application, build: Build) -> None:
    app.write("requirements.txt", "alpha\nbeta.x\ngamma\n./local-1.0-py3-none-any.whl")
    wheel("local", "1.0").save(app.path)
    before = app.snapshot()
    resolved = build.create()
    assert [(d.name, d.version, len(d.hashes)) for d in resolved] == [
        ("alpha", "1.0", 1),
        ("beta", "1.0", 1),
        ("beta-x", "1.0", 1),
        ("gamma", "1.0", 1),
        ("local", "1.0", 1),
    ]
    assert resolved[-1].url == (app.path / "local-1.0-py3-none-any.whl").as_uri()
    # The second time, the wheel that was built from an sdist comes out of the cache.
    assert build.resolve() == build.create() == resolved
    assert app.snapshot() == before
    build.run(*build.describe().checks)


@pytest.mark.parametrize("guard", ["PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_VENV"])
def test_resolving_needs_no_virtual_environment(
    app: Application, build: Build, capsys: pytest.CaptureFixture[str], guard: str
) -> None:
    app.write("requirements.txt", "alpha\nbeta.x")
    build.env |= {guard: "true"}
    assert [d.words for d in build.resolve()] == ["alpha 1.0", "beta 1.0", "beta-x 1.0"]
    assert not (build.layers / "venv").exists()
    assert capsys.readouterr().out == ""


def test_an_environment_is_brought_to_what_a_fresh_one_would_be(
    app: Application, build: Build, served: PackageIndex
) -> None:
    app.write("links/placeholder", "")
    wheel("linked", "1.0").save(app.path / "links")
    app.write("requirements.txt", "alpha\nbeta.x\ngamma\n-r more/requirements.txt")
    app.write("more/requirements.txt", "-f ../links\nlinked")
    before = {d.name: d for d in build.create()}
    # A new version, one that is gone, and another file of the same version.
    served.add(wheel("beta", "2.0"), wheel("Beta_X", "1.0", files={"beta_x/more.py": ""}))
    wheel("linked", "2.0").save(app.path / "links")
    app.write("requirements.txt", "alpha\nbeta.x\n-r more/requirements.txt")
    wanted = build.resolve()
    changed = tuple(d for d in wanted if before.get(d.name) != d)
    assert [d.words for d in changed] == ["beta 2.0", "beta-x 1.0", "linked 2.0"]
    build.converge(
        Change(install=changed, replace=tuple(d.name for d in changed if d.name in before), remove=("gamma",))
    )
    converged = build.content()
    assert build.create() == wanted
    assert converged == build.content()


def test_an_editable_checkout_lands_in_the_environment(
    app: Application, build: Build, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    for path, text in source_tree("kit", "1.0").items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_text(text)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], cwd=repository, check=True)
    app.write("requirements.txt", f"-e git+{repository.as_uri()}#egg=kit")
    before = app.snapshot()
    [kit] = build.create()
    assert kit.url == (build.layers / "venv" / "src" / "kit").as_uri()
    assert app.snapshot() == before


def test_a_failing_installation_says_what_to_do(app: Application, build: Build) -> None:
    app.write("requirements.txt", "no-such-distribution")
    with pytest.raises(CommandFailed) as error:
        build.create()
    assert error.value.reference == "no-such-distribution"
    assert error.value.summary == "There is no distribution no-such-distribution."
