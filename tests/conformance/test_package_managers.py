"""What every package manager of ours keeps to, whichever it is: it computes values, and nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from layerwright import (
    Command,
    EnvironmentInstall,
    EnvironmentRequest,
    Interpreter,
    PackageManager,
    Project,
    SecretStr,
    Target,
    Tool,
    ToolLayer,
    ToolRequest,
)
from layerwright.config import configure
from layerwright.config_sources import Sources
from layerwright.prepare import RESERVED_ENV
from layerwright.testing.applications import Application
from layerwright_pip.manager import Pip
from layerwright_poetry.manager import Poetry
from layerwright_uv.manager import Uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LAYERS: Final = Path("/layers")
SECRET: Final = "hunter2"
PYPROJECT: Final = (
    '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["acme"]\n'
)
UV_LOCK: Final = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "acme"
version = "1.0"
source = { registry = "https://example.com/simple" }
wheels = [
    { url = "https://example.com/acme-1.0-py3-none-any.whl", hash = "sha256:aaa", size = 1 },
]

[[package]]
name = "app"
version = "1"
source = { virtual = "." }
"""
POETRY_LOCK: Final = """\
[[package]]
name = "acme"
version = "1.0"
description = ""
optional = false
python-versions = ">=3.9"
groups = ["main"]
files = [
    {file = "acme-1.0-py3-none-any.whl", hash = "sha256:aaa"},
]

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "abc"
"""
PURE: Final = """\
import sys
from pathlib import Path
from tests.conformance.test_package_managers import SAMPLES, describe

sample, root = SAMPLES[sys.argv[1]], Path(sys.argv[2])
describe(sample, root)  # What is imported on the way may be compiled and cached.

def refuse(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(mode, str) and set(mode) & set("wax+"):
            raise SystemExit(f"wrote {path}")
    elif event.startswith(("os.", "shutil.", "socket.", "subprocess.")) and event not in HARMLESS:
        raise SystemExit(f"did {event}")

HARMLESS = {"os.listdir", "os.scandir", "os.walk", "os.fwalk"}
sys.addaudithook(refuse)
describe(sample, root)
"""


@dataclass(frozen=True)
class Sample:
    """A package manager, the files of an application that is its own, and the name of the one that locks it."""

    manager: PackageManager
    files: Mapping[str, str]
    lock: str

    def write(self, root: Path) -> Application:
        """Write the application into *root*."""
        app = Application(root)
        for name, text in self.files.items():
            app.write(name, text)
        return app


SAMPLES: Final = {
    "pip": Sample(Pip(), {"requirements.txt": "acme==1.0 --hash=sha256:aaa\n"}, "requirements.txt"),
    "poetry": Sample(Poetry(), {"pyproject.toml": PYPROJECT, "poetry.lock": POETRY_LOCK}, "poetry.lock"),
    "uv": Sample(Uv(), {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}, "uv.lock"),
}


def describe(
    sample: Sample, root: Path, environment: Mapping[str, str] | None = None, **configured: Any
) -> tuple[ToolLayer, EnvironmentInstall]:
    """Have the package manager of *sample* describe the build of the application in *root*, as core does."""
    manager, name = sample.manager, sample.manager.name
    settings = configure(
        Sources({"layerwright.toml": {name: configured}}, {}), {name: manager.settings_model}
    )
    common: dict[str, Any] = {
        "project": Project(root),
        "settings": settings.tools[name],
        "environment": {"HOME": "/nowhere", "PIP_CONFIG_FILE": "/dev/null", **(environment or {})},
        "interpreter": Interpreter(version="3.13.1", prefix=LAYERS / "python"),
        "target": Target(os="linux", arch="amd64"),
        "venv": LAYERS / "venv",
    }
    layer = LAYERS / f"tool-{name}"
    tool = manager.tool_layer(ToolRequest(layer=layer, **common))
    install = manager.environment(
        EnvironmentRequest(
            tool=Tool(version=tool.version, layer=layer),
            cache=LAYERS / f"cache-{name}",
            report=Path("/private/report.json"),
            **common,
        )
    )
    return tool, install


def commands(tool: ToolLayer, install: EnvironmentInstall) -> Iterator[Command]:
    yield from (*tool.install, *install.commands, *install.checks)
    if install.resolution is not None:
        yield install.resolution.command


@pytest.fixture(params=SAMPLES, ids=str)
def sample(request: pytest.FixtureRequest) -> Sample:
    return SAMPLES[request.param]


@pytest.fixture
def app(sample: Sample, tmp_path: Path) -> Application:
    return sample.write(tmp_path)


def test_it_claims_its_own_application_by_a_file_that_exists(sample: Sample, app: Application) -> None:
    found = sample.manager.detect(Project(app.path), sample.manager.settings_model())
    assert found is not None
    assert found.evidence in sample.files


def test_it_claims_nobody_elses_application(sample: Sample, tmp_path: Path) -> None:
    for other in SAMPLES.values():
        if other is not sample:
            root = tmp_path / other.manager.name
            root.mkdir()
            other.write(root)
            assert sample.manager.detect(Project(root), sample.manager.settings_model()) is None


def test_describing_twice_gives_equal_values(sample: Sample, app: Application) -> None:
    first, second = describe(sample, app.path), describe(sample, app.path)
    assert first[0] == second[0]
    assert first[1].inputs == second[1].inputs
    assert first[1].commands == second[1].commands


@pytest.mark.integration
def test_describing_writes_nothing_and_starts_nothing(sample: Sample, app: Application) -> None:
    before = app.snapshot()
    argv = [sys.executable, "-c", PURE, sample.manager.name, str(app.path)]
    # Not measured: coverage writes files of its own.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        argv, cwd=Path(__file__).parents[2], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert app.snapshot() == before


def test_what_is_locked_is_kept_without_a_process_and_a_change_of_the_lock_is_seen(
    sample: Sample, app: Application
) -> None:
    _, install = describe(sample, app.path)
    assert (install.locked, install.fresh_because) == (True, "")
    app.write(sample.lock, sample.files[sample.lock].replace("1.0", "2.0"))
    assert describe(sample, app.path)[1].inputs != install.inputs


def test_another_version_of_the_tool_is_another_tool_layer(sample: Sample, app: Application) -> None:
    usual, _ = describe(sample, app.path)
    other, _ = describe(sample, app.path, version="24.0" if sample.manager.name == "pip" else "2.3.0")
    assert (usual.version, usual.inputs) != (other.version, other.inputs)
    assert other.inputs["hashes" if "hashes" in other.inputs else "not hash-pinned"]


def test_inputs_survive_a_round_trip_through_json(sample: Sample, app: Application) -> None:
    tool, install = describe(sample, app.path)
    for inputs in (tool.inputs, install.inputs):
        assert json.loads(json.dumps(inputs)) == inputs
        assert all(isinstance(value, str) for value in inputs.values())


def test_credentials_are_in_nothing_that_is_shown_or_kept(sample: Sample, app: Application) -> None:
    index = f"https://me:{SECRET}@example.com/simple"
    environment = {
        "PIP_INDEX_URL": index,
        "UV_DEFAULT_INDEX": index,
        "POETRY_HTTP_BASIC_ACME_PASSWORD": SECRET,
    }
    tool, install = describe(sample, app.path, environment)
    shown = [*tool.inputs.values(), *install.inputs.values(), *(c.words for c in commands(tool, install))]
    assert [text for text in shown if SECRET in text] == []
    written = [text for command in commands(tool, install) for text in (*command.argv, command.stdin)]
    assert [text for text in written if SECRET in text] == []
    revealed = [v for c in commands(tool, install) for v in c.env.values() if not isinstance(v, SecretStr)]
    assert [value for value in revealed if value and f":{SECRET}@" not in value and SECRET in value] == []


def test_commands_name_the_programs_that_they_run_by_their_paths(sample: Sample, app: Application) -> None:
    for command in commands(*describe(sample, app.path)):
        assert Path(command.argv[0]).is_relative_to(LAYERS), command.words


def test_commands_and_layers_leave_alone_what_an_interpreter_imports(
    sample: Sample, app: Application
) -> None:
    tool, install = describe(sample, app.path)
    own = {
        "PYTHONUSERBASE"
    }  # Where a user site-packages install is: of the tool's layer, and never a venv's.
    for command in commands(tool, install):
        assert not command.env.keys() & (RESERVED_ENV - own)
        assert "PATH" not in command.env
    names = {Path(name).name.partition(".")[0] for name in tool.env.files()}
    assert not names & ((RESERVED_ENV - own) | {"PATH", "LD_LIBRARY_PATH"})


def test_a_tool_that_is_absent_at_launch_has_a_few_lines_to_say(sample: Sample, app: Application) -> None:
    tool, _ = describe(sample, app.path)
    assert tool.stand_ins
    for text in tool.stand_ins.values():
        assert len(text.splitlines()) <= 3
        assert "launch = true" in text


def test_what_a_failing_command_says_ends_with_what_to_do(sample: Sample, app: Application) -> None:
    _, install = describe(sample, app.path)
    for command in install.commands:
        assert command.remedy
        assert command.reference != "command-failed"


def test_every_setting_says_what_it_is_for(sample: Sample) -> None:
    for field in dataclasses.fields(sample.manager.settings_model):
        assert field.metadata["help"]


def test_values_are_frozen(sample: Sample, app: Application) -> None:
    tool, install = describe(sample, app.path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        tool.version = "2"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        install.locked = False  # type: ignore[misc]
