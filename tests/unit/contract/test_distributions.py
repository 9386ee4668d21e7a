"""A tool with dependencies gets a virtual environment inside its layer, by the pip that Python itself brings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import layerwright
from layerwright import Interpreter, Project, SecretStr, Target, ToolRequest, ToolSettings, bundled_pip
from layerwright.contract._bundled_pip_script import prepare
from layerwright.contract._expose_script import main
from layerwright.contract.distributions import install_distributions
from layerwright.errors import CommandFailed
from layerwright.process.runner import Runner
from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import clean_env, interpreters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGE: Final = Path(layerwright.__file__).parent / "contract"
HASHED: Final = """\
# Made by a tool.
acme==1.0 \\
    --hash=sha256:aaa \\
    --hash=sha256:bbb
base==2.0 ; python_version >= "3.8" \\
    --hash=sha256:ccc
one==1 --hash=sha256:ddd
"""


def request(
    root: Path, *, environment: Mapping[str, str] | None = None, interpreter: Interpreter | None = None
) -> ToolRequest:
    return ToolRequest(
        project=Project(root / "app"),
        settings=ToolSettings(),
        environment=environment or {},
        interpreter=interpreter or Interpreter(version="3.13.1", prefix=root / "python"),
        target=Target(os="linux", arch="amd64"),
        layer=root / "tool",
        venv=root / "venv",
    )


def test_what_is_locked_is_installed_exactly_and_from_wheels(tmp_path: Path) -> None:
    make, install, expose = install_distributions(
        request(tmp_path), HASHED, scripts=["acme"], shown="pip install acme"
    )
    assert make.argv[1:] == ("-I", "-m", "venv", "--without-pip", str(tmp_path / "tool" / "venv"))
    assert install.argv[:2] == (str(tmp_path / "tool" / "venv" / "bin" / "python"), "-I")
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile"} <= set(install.argv)
    assert (install.stdin, install.words) == (HASHED, "pip install acme")
    assert expose.argv[-3:] == ("expose", str(tmp_path / "tool"), "acme")


def test_what_comes_beside_it_is_resolved_around_what_is_locked(tmp_path: Path) -> None:
    _, _, also, _ = install_distributions(
        request(tmp_path), HASHED, also=["extra>=1"], scripts=["acme"], shown="pip install acme"
    )
    assert also.stdin == 'acme==1.0\nbase==2.0 ; python_version >= "3.8"\none==1\nextra>=1\n'
    assert not {"--no-deps", "--require-hashes"} & set(also.argv)
    assert also.words == "pip install extra>=1 (not hash-pinned)"


def test_with_nothing_locked_all_is_resolved(tmp_path: Path) -> None:
    _, install, _ = install_distributions(
        request(tmp_path), also=["acme==3"], scripts=["acme"], shown="pip install acme==3"
    )
    assert (install.stdin, install.words) == ("acme==3\n", "pip install acme==3")


def test_of_the_users_settings_only_those_that_reach_the_index_are_passed_on(tmp_path: Path) -> None:
    environment = {"PIP_INDEX_URL": "https://example.com/", "PIP_TARGET": "/elsewhere", "HOME": "/home/me"}
    secret = SecretStr("https://me:secret@example.com/")
    _, install, _ = install_distributions(
        request(tmp_path, environment=environment),
        HASHED,
        scripts=["acme"],
        env={"PIP_EXTRA_INDEX_URL": secret},
        shown="pip install acme",
    )
    assert install.env == {
        "PIP_EXTRA_INDEX_URL": secret,
        "PIP_INDEX_URL": "https://example.com/",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_TARGET": None,
    }


def test_an_index_setting_with_credentials_is_a_secret(tmp_path: Path) -> None:
    url = "https://me:secret@example.com/"
    environment = {"PIP_EXTRA_INDEX_URL": f"https://example.com/ {url}", "PIP_RETRIES": "1"}
    _, install = install_distributions(
        request(tmp_path, environment=environment), also=["acme"], scripts=["acme"], shown="pip install acme"
    )[:2]

    assert install.env["PIP_EXTRA_INDEX_URL"] == SecretStr(f"https://example.com/ {url}")
    assert install.env["PIP_RETRIES"] == "1"


def test_the_bundled_pip_runs_in_the_layer_and_says_what_it_was_told_to(tmp_path: Path) -> None:
    command = bundled_pip(request(tmp_path), "--user", requirements="pip\n", shown="pip install --user pip")
    python, script, action, option, *_ = command.argv
    assert (python, Path(script).parent, action, option) == (
        str(tmp_path / "python" / "bin" / "python3.13"),
        PACKAGE,
        "install",
        "--user",
    )
    assert (command.cwd, command.env) == (tmp_path / "tool", {"PIP_ROOT_USER_ACTION": "ignore"})


@pytest.mark.integration
def test_the_bundled_pip_runs_with_nothing_of_ours_on_its_path(tmp_path: Path) -> None:
    (tmp_path / "copy.py").write_text("raise SystemExit('imported')")
    argv = [sys.executable, str(PACKAGE / "_bundled_pip_script.py"), "debug"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "ensurepip/_bundled/pip-" in done.stdout
    assert str(PACKAGE) not in done.stdout


def test_the_bundled_wheel_comes_first_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "ensurepip" / "_bundled" / "pip-24.2-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.touch()
    monkeypatch.setattr(sys, "path", [str(PACKAGE), "/elsewhere"])
    prepare(str(tmp_path / "ensurepip" / "__init__.py"))
    assert sys.path == [str(wheel), "/elsewhere"]


def test_an_interpreter_without_a_bundled_pip_says_so(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="has no bundled pip"):
        prepare(str(tmp_path / "__init__.py"))


# The scripts


def installed(layer: Path) -> Path:
    directory = layer / "venv" / "bin"
    directory.mkdir(parents=True)
    for name in ("acme", "other"):
        (directory / name).write_text(f"#!/bin/sh\necho {name}\n")
        (directory / name).chmod(0o755)
    return layer


def test_only_the_scripts_that_were_named_are_on_the_path(tmp_path: Path) -> None:
    layer = installed(tmp_path / "tool")
    assert main(["expose", str(layer), "acme"]) == 0
    assert [path.name for path in (layer / "bin").iterdir()] == ["acme"]
    assert subprocess.check_output([layer / "bin" / "acme"], text=True) == "acme\n"


def test_of_executables_that_need_nothing_else_nothing_else_is_kept(tmp_path: Path) -> None:
    layer = installed(tmp_path / "tool")
    assert main(["extract", str(layer), "acme"]) == 0
    assert [path.name for path in layer.iterdir()] == ["bin"]
    assert subprocess.check_output([layer / "bin" / "acme"], text=True) == "acme\n"


def test_a_script_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expose", str(installed(tmp_path / "tool")), "acme", "absent"]) == 1
    assert capsys.readouterr().err == "The distributions have no script absent.\n"


# For real


ACME: Final = """\
import base, importlib.util
def main():
    print("acme with base", base.__version__ + (", extra" if importlib.util.find_spec("extra") else ""))
"""


class Machine:
    """A real interpreter, an index on loopback with a tool and what it needs, and a layer to install them into."""

    def __init__(self, root: Path, index: PackageIndex) -> None:
        [(minor, executable), *_] = reversed(interpreters().items())
        environment = {**clean_env(root), **index.pip_env(), "PIP_USER": "1", "PIP_REQUIRE_HASHES": "0"}
        self.request: Final = request(
            root,
            environment=environment,
            interpreter=Interpreter(version=f"{minor}.0", prefix=executable.parents[1]),
        )
        self.request.layer.mkdir()
        self.runner: Final = Runner(env=environment)

    def install(self, hashed: str = "", **arguments: Any) -> None:
        for command in install_distributions(self.request, hashed, shown="pip install", **arguments):
            self.runner.run(command)

    def tool(self) -> str:
        return subprocess.check_output(
            [self.request.layer / "bin" / "acme"], env={"PATH": "/invalid"}, text=True
        )


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with PackageIndex() as index:
        index.add(
            wheel(
                "acme",
                "1.0",
                requires=["base"],
                entry_points={"acme": "acme:main"},
                files={"acme/__init__.py": ACME},
            ),
            wheel("base", "1.0", entry_points={"base": "base:main"}),
            wheel("base", "2.0"),
            wheel("extra", "1.0", requires=["base"]),
        )
        yield index


@pytest.mark.integration
def test_the_tool_finds_its_own_distributions_and_nobody_else_does(
    tmp_path: Path, index: PackageIndex
) -> None:
    machine = Machine(tmp_path, index)
    hashed = f"{index.requirement('acme', '1.0')}\n{index.requirement('base', '1.0')}\n"
    machine.install(hashed, also=["extra"], scripts=["acme"])
    assert machine.tool() == "acme with base 1.0, extra\n"
    assert sorted(path.name for path in machine.request.layer.iterdir()) == ["bin", "venv"]
    assert [path.name for path in (machine.request.layer / "bin").iterdir()] == ["acme"]


@pytest.mark.integration
def test_a_version_of_a_tool_that_does_not_exist_is_to_be_configured(
    tmp_path: Path, index: PackageIndex
) -> None:
    machine = Machine(tmp_path, index)
    with pytest.raises(CommandFailed, match=r"There is no acme==7\.0\.") as caught:
        machine.install(scripts=["acme"], also=["acme==7.0"])
    assert "configure another one" in caught.value.remedy[-1]


def test_a_distribution_that_is_not_the_locked_one_is_refused(tmp_path: Path, index: PackageIndex) -> None:
    machine = Machine(tmp_path, index)
    with pytest.raises(CommandFailed, match=r"An archive of acme==1\.0 is not"):
        machine.install(f"acme==1.0 --hash=sha256:{'0' * 64}\n", scripts=["acme"])
    assert not list(machine.request.layer.glob("venv/lib/*/site-packages/acme*"))
