"""A script with the lock file that uv writes for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Detection, EnvironmentRequest, Expected, Project, UserError
from layerwright.testing import project_request
from layerwright_uv.configuration import configuration_inputs
from layerwright_uv.diagnoses import diagnoses
from layerwright_uv.environment import environment
from layerwright_uv.expected import expected
from layerwright_uv.lock_file import Lock, lock_of, python_bounds
from layerwright_uv.manager import Uv, UvSettings
from layerwright_uv.tool import tool_layer
from tests.unit.sameness import update_of
from tests.unit.uv.requests import NO_FILES, environment_request, tool_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

LOCK = """\
version = 1
requires-python = ">=3.12"

[manifest]
requirements = [
    { name = "acme" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "here", editable = "." },
]

[[package]]
name = "acme"
version = "1.0"
source = { registry = "https://example.com/simple" }
sdist = { url = "https://example.com/acme.tar.gz", hash = "sha256:aa" }
dependencies = [{ name = "base" }]

[[package]]
name = "base"
version = "1.0"
source = { registry = "https://example.com/simple" }
sdist = { url = "https://example.com/base.tar.gz", hash = "sha256:bb" }

[[package]]
name = "here"
version = "1.0"
source = { editable = "." }
"""


def script(*more: str) -> str:
    lines = ['dependencies = ["acme"]', *more]
    return "\n".join(["# /// script", *(f"# {line}" for line in lines), "# ///", "import acme\n"])


@pytest.fixture
def locked(app: Application) -> Application:
    app.write("hello.py", script())
    app.write("hello.py.lock", LOCK)
    return app


def request(app: Application, settings: UvSettings | None = None) -> EnvironmentRequest:
    from dataclasses import replace

    found = environment_request(app, settings=settings)
    return replace(found, project=Project(app.path, script="hello.py"))


# The claim


def test_its_lock_file_claims_a_directory_of_one_script(locked: Application) -> None:
    asked = project_request(locked, settings=UvSettings())
    assert Uv().detect(asked) == Detection(evidence="hello.py.lock")
    assert Uv().python_bounds(asked) == python_bounds(Project(locked.path, script="hello.py"))
    bounds = python_bounds(Project(locked.path))
    assert bounds is not None
    assert (bounds.origin, bounds.value) == ("hello.py.lock: requires-python", ">=3.12")


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.txt", "setup.py", "pylock.toml", "Pipfile"])
def test_beside_a_project_it_belongs_to_a_tool_of_the_project(locked: Application, name: str) -> None:
    locked.write(name, "")
    assert lock_of(Project(locked.path)) is None
    assert lock_of(Project(locked.path, script="hello.py")) == Lock("hello.py.lock", "hello.py")


def test_a_lock_file_of_another_script_claims_nothing(locked: Application) -> None:
    locked.write("other.py", "")
    assert lock_of(Project(locked.path, script="other.py")) is None
    locked.write("other.py", script())
    assert lock_of(Project(locked.path)) is None


# The environment


def test_it_is_synced_into_the_venv_and_checked_without_a_project(locked: Application) -> None:
    found = environment(request(locked))
    [command] = found.commands
    assert command.argv[1:5] == ("sync", "--locked", "--script=hello.py", "--active")
    assert command.env["VIRTUAL_ENV"] == "/layers/venv"
    assert command.words == "uv sync --locked --script=hello.py --active"
    [check] = update_of(found).diagnosis
    assert check.words == "uv lock --check --script=hello.py"
    assert {"metadata of hello.py", "hello.py.lock", "pyproject.toml"} <= found.inputs.keys()
    assert "hello.py" not in found.inputs
    assert expected(request(locked)) == Expected(
        names=frozenset({"acme", "base", "here"}), source="hello.py.lock"
    )


def test_its_code_is_no_input_but_its_metadata_and_the_project_that_it_names_are(locked: Application) -> None:
    locked.write("hello.py.lock", LOCK.replace('editable = "."', 'registry = "https://example.com/simple"'))
    first = environment(request(locked)).inputs
    locked.write("hello.py", script() + "print('changed')\n")
    assert environment(request(locked)).inputs == first
    locked.write("hello.py", script('requires-python = ">=3.13"'))
    second = environment(request(locked)).inputs
    assert {name for name in first if first[name] != second[name]} == {"metadata of hello.py"}
    locked.write("hello.py.lock", LOCK)
    third = environment(request(locked)).inputs
    locked.write("pyproject.toml", "[project]\nname = 'here'\n")
    fourth = environment(request(locked)).inputs
    assert "pyproject.toml" in {name for name in third if third[name] != fourth[name]}


def test_settings_for_uv_count_wherever_uv_reads_them(locked: Application) -> None:
    project = Project(locked.path, script="hello.py")
    assert configuration_inputs(project, NO_FILES, "hello.py") == {}
    locked.write("pyproject.toml", "[tool.uv]\nno-binary = true\n")
    beside = configuration_inputs(Project(locked.path, script="hello.py"), NO_FILES, "hello.py")
    assert beside.keys() == {"[tool.uv]"}
    locked.write("hello.py", script("[tool.uv]", "no-build = true"))
    assert configuration_inputs(Project(locked.path, script="hello.py"), NO_FILES, "hello.py") != beside


def test_its_metadata_may_require_a_version_of_uv(locked: Application) -> None:
    locked.write("hello.py", script("[tool.uv]", 'required-version = "==0.13.8"'))
    assert tool_layer(tool_request(locked)).version == "0.13.8"


def test_what_selects_parts_of_a_project_is_refused(locked: Application) -> None:
    settings = UvSettings(groups=("dev",))
    with pytest.raises(UserError) as caught:
        environment(request(locked, settings))
    assert caught.value.summary.startswith("hello.py.lock is installed as a whole")
    [command] = environment(request(locked, UvSettings(editable=False, frozen=True))).commands
    assert command.words == "uv sync --frozen --script=hello.py --active --no-editable"


def test_without_its_lock_file_the_error_names_the_command(app: Application) -> None:
    app.write("hello.py", script())
    for asked in (request(app), environment_request(app)):
        with pytest.raises(UserError) as caught:
            environment(asked)
        assert caught.value.summary == "hello.py.lock does not exist."
        assert caught.value.remedy[0] == "Run `uv lock --script hello.py`, and commit hello.py.lock."


def test_a_stale_lock_file_is_named_as_it_is_called(locked: Application) -> None:
    [command] = environment(request(locked)).commands
    assert callable(command.diagnoses)
    lock = Lock("hello.py.lock", "hello.py", others=("pyproject.toml",))
    assert command.diagnoses() is diagnoses(lock)
    stale = command.diagnoses()[0]
    assert stale.summary == "hello.py.lock does not match hello.py."
    assert stale.cause.endswith("hello.py.lock was written: hello.py, pyproject.toml.")
    assert stale.remedy[0] == "Run `uv lock --script hello.py`, commit hello.py.lock, and build again."
    assert "LAYERWRIGHT_UV_FROZEN" in stale.remedy[1]
    warned = environment(request(locked, UvSettings(frozen=True))).warnings
    assert "checking that it matches hello.py" in warned[0]


def test_the_settings_beside_a_script_count_because_uv_reads_them(locked: Application) -> None:
    from dataclasses import replace

    def names() -> set[str]:
        return {*environment(replace(request(locked), environment={"HOME": "/nowhere"})).inputs}

    before = names()
    locked.write("uv.toml", "no-build = true\n")
    assert names() - before == {"./uv.toml"}
