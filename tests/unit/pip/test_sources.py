"""What pip installs for an application, and which applications it claims."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright import Detection, Locked, Project, ProjectRequest, Resolution, UserError
from layerwright.testing import project_request
from layerwright_pip.environment import environment, read
from layerwright_pip.expected import expected
from layerwright_pip.manager import Pip, PipSettings
from layerwright_pip.sources import claim, entries, read_sources
from tests.unit.pip.requests import environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

PROJECT = "[project]\nname = 'hello'\nversion = '1'\ndependencies = ['six']\n"
BUILT = f"{PROJECT}[build-system]\nrequires = ['flit_core']\n"
SCRIPT = '# /// script\n# dependencies = ["six"]\n# requires-python = ">=3.12"\n# ///\n'


def claimed(app: Application, settings: PipSettings | None = None) -> Detection | None:
    return Pip().detect(project_request(app, settings=settings or PipSettings()))


# Claims


@pytest.mark.parametrize(
    ("files", "evidence"),
    [
        ({"pyproject.toml": PROJECT}, "pyproject.toml"),
        ({"setup.py": ""}, "setup.py"),
        ({"setup.cfg": "", "setup.py": ""}, "setup.py"),
        ({"setup.cfg": "[metadata]\nname = a\n", "main.py": ""}, "setup.cfg"),
        ({"hello.py": SCRIPT, "helper.py": ""}, "hello.py"),
        ({"main.py": SCRIPT, "other.py": SCRIPT}, "main.py"),
        ({"main.py": ""}, "main.py"),
        ({"app.py": "", "tool.py": ""}, "app.py"),
    ],
)
def test_whatever_else_declares_an_application_is_a_fallback(
    app: Application, files: dict[str, str], evidence: str
) -> None:
    for name, text in files.items():
        app.write(name, text)
    assert claimed(app) == Detection(evidence=evidence, fallback=True)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"pyproject.toml": "[tool.ruff]\n"},
        {"setup.cfg": "[flake8]\n"},
        {"release_notes.py": ""},
        {"one.py": SCRIPT, "two.py": SCRIPT},
        {"main.py": "", "package.json": "{}"},
        {"tool.py": SCRIPT, "go.mod": ""},
        {"main.py": "", "environment.yml": ""},
        {"main.py": "", "requirments.txt": ""},
        {"main.py": "", "Requirement.text": ""},
        {"main.py": "", "requirements/prod.txt": ""},
        {"main.py": "", "requirements.in": ""},
        {"pyproject.toml": f"{PROJECT}[tool.poetry]\n"},
        {"pyproject.toml": f"{PROJECT}[tool.uv]\n", "main.py": ""},
        {"pyproject.toml": "tool = 1\n"},
    ],
)
def test_what_belongs_to_others_or_to_none_is_not_claimed(app: Application, files: dict[str, str]) -> None:
    for name, text in files.items():
        app.write(name, text)
    assert claimed(app) is None


def test_a_chosen_script_is_the_application_whatever_is_beside_it(app: Application) -> None:
    for name, text in {"pyproject.toml": PROJECT, "requirements.txt": "flask\n", "go.mod": ""}.items():
        app.write(name, text)
    app.write("hello.py", SCRIPT)
    app.write("plain.py", "")
    for script, installed in {"hello.py": ("hello.py",), "plain.py": ()}.items():
        project = Project(app.path, script=script)
        assert claim(ProjectRequest(project=project, settings=PipSettings())) == Detection(
            evidence=script, fallback=True
        )
        assert entries(project, ("requirements.txt",)) == installed


def test_what_a_script_has_for_uv_is_said_not_to_count(app: Application) -> None:
    block = '# /// script\n# dependencies = ["six"]\n# [tool.uv]\n# exclude-newer = "2026-01-01"\n# ///\n'
    app.write("hello.py", block)
    app.write("hello.py.lock", "")
    _, warning = environment(environment_request(app)).warnings
    assert warning == (
        "pip does not read what hello.py has for uv: exclude-newer in [tool.uv], hello.py.lock.\n"
        "It counts if uv installs from hello.py.lock."
    )


def test_where_other_files_are_configured_only_these_are_evidence(app: Application) -> None:
    app.write("pyproject.toml", PROJECT)
    assert claimed(app, PipSettings(requirements=("web.txt",))) is None
    assert claimed(app, PipSettings(requirements=(".",))) == Detection(evidence="pyproject.toml")
    app.write("sub/readme", "")
    assert claimed(app, PipSettings(requirements=("sub",))) is None


# What is installed


@pytest.mark.parametrize(
    ("files", "installed"),
    [
        ({"requirements.txt": "", "pyproject.toml": PROJECT}, ("requirements.txt",)),
        ({"pylock.toml": "", "pyproject.toml": PROJECT}, ("pylock.toml",)),
        ({"pyproject.toml": PROJECT, "main.py": SCRIPT}, (".",)),
        ({"pyproject.toml": f"{BUILT}[tool.poetry]\n"}, (".",)),
        ({"setup.cfg": "[options]\n", "main.py": ""}, (".",)),
        ({"main.py": SCRIPT}, ("main.py",)),
        ({"main.py": ""}, ()),
        ({}, ("requirements.txt",)),
    ],
)
def test_the_first_source_that_exists_is_installed(
    app: Application, files: dict[str, str], installed: tuple[str, ...]
) -> None:
    for name, text in files.items():
        app.write(name, text)
    assert entries(Project(app.path), ("requirements.txt",)) == installed
    assert entries(Project(app.path), ("web.txt",)) == ("web.txt",)


@pytest.mark.parametrize("name", [".", "pyproject.toml", "./pyproject.toml", "setup.cfg", "setup.py"])
def test_a_file_that_describes_a_project_means_the_project(app: Application, name: str) -> None:
    app.write("pyproject.toml", BUILT)
    request = environment_request(app, settings=PipSettings(requirements=("base.txt", name)))
    found = read_sources(request)
    assert (found.files, found.lines, found.origins) == (("base.txt",), ".\n", ("base.txt", "pyproject.toml"))


def test_extras_and_groups_are_installed_beside_requirements_files(app: Application) -> None:
    app.write("requirements.txt", "flask")
    app.write(
        "pyproject.toml",
        f"{BUILT}[project.optional-dependencies]\ntls = ['certifi']\n[dependency-groups]\njobs = ['rq']\nt = ['p']\n",
    )
    settings = PipSettings(extras=("tls",), groups=("jobs",), test_groups=("t",))
    found = read_sources(environment_request(app, settings=settings))
    assert (found.files, found.lines) == (("requirements.txt",), ".[tls]\nrq\n")
    assert found.words == (".[tls]", "--group jobs")
    request = replace(environment_request(app, settings=settings), exec_env="test")
    assert read_sources(request).words == (".[tls]", "--group jobs --group t")


def test_a_lock_file_is_installed_alone(app: Application) -> None:
    app.write("pylock.toml", "")
    app.write("pyproject.toml", "[dependency-groups]\njobs = ['rq']\n")
    with pytest.raises(UserError) as caught:
        read_sources(environment_request(app, settings=PipSettings(groups=("jobs",))))
    assert caught.value.reference == "pylock-with-others"


# The installation


def test_a_project_is_resolved_first_and_its_content_is_an_input(app: Application) -> None:
    app.write("pyproject.toml", BUILT)
    found = environment(environment_request(app))
    [command] = found.commands
    assert (command.argv[-2:], command.stdin) == (("-r", "/dev/stdin"), ".\n")
    assert command.words == "pip install ."
    assert isinstance(found.sameness, Resolution)
    assert found.sameness.command.stdin == ".\n"
    assert found.inputs.keys() == {"pyproject.toml", "."}
    [warning] = found.warnings
    assert warning == (
        "The dependencies of pyproject.toml are not locked: a later build may install newer releases.\n"
        "To lock them, run `uv lock`, and commit uv.lock."
    )


@pytest.mark.parametrize(
    ("files", "remedy"),
    [
        (
            {"setup.py": ""},
            "To lock them, run `pip-compile --generate-hashes setup.py`, and commit requirements.txt.",
        ),
        (
            {"main.py": SCRIPT},
            "Pin each with ==. Or, if main.py is the whole application, run `uv lock --script main.py`, and commit"
            " main.py.lock: then uv installs it.",
        ),
    ],
)
def test_the_warning_says_how_to_lock(app: Application, files: dict[str, str], remedy: str) -> None:
    for name, text in files.items():
        app.write(name, text)
    [warning] = environment(environment_request(app)).warnings
    assert warning.splitlines()[1] == remedy


def test_uv_reads_the_same_from_its_standard_input(app: Application) -> None:
    app.write("pyproject.toml", PROJECT)
    app.write("requirements.txt", "flask")
    settings = PipSettings(installer="uv", requirements=("requirements.txt", "pyproject.toml"))
    found = environment(environment_request(app, settings=settings))
    compiles, installs = found.commands
    assert compiles.argv[-2:] == ("requirements.txt", "-")
    assert installs.argv[-4:] == ("-r", "requirements.txt", "-r", "-")
    assert (compiles.stdin, installs.stdin) == ("six\n", "six\n")
    assert installs.words == "uv pip install -r requirements.txt (dependencies of pyproject.toml)"
    assert len(found.warnings) == 1


def test_an_application_without_dependencies_needs_no_command(app: Application) -> None:
    app.write("main.py", "")
    found = environment(environment_request(app))
    assert (found.commands, found.sameness, found.warnings) == ((), Locked(), ())


def test_a_bad_requirement_is_reported_with_its_file(app: Application) -> None:
    app.write("pyproject.toml", "[project]\nname = 'a'\ndependencies = ['six', 'flask=3']\n")
    with pytest.raises(UserError) as caught:
        environment(environment_request(app))
    assert caught.value.summary.startswith("project.dependencies in pyproject.toml")
    assert caught.value.cause.startswith("flask=3: ")


def test_the_requirements_of_a_project_are_expected(app: Application) -> None:
    app.write("pyproject.toml", f"{BUILT}[dependency-groups]\njobs = ['rq']\n")
    request = environment_request(app, settings=PipSettings(groups=("jobs",)))
    found = expected(request, read(request))
    assert found is not None
    assert (found.names, found.source) == (frozenset({"hello", "six", "rq"}), "pyproject.toml")
    assert found.uncertain


def test_a_script_names_the_python_that_it_is_for(app: Application) -> None:
    app.write("main.py", SCRIPT)
    bounds = Pip().python_bounds(project_request(app, settings=PipSettings()))
    assert bounds is not None
    assert (bounds.origin, bounds.specifier) == ("main.py: requires-python", ">=3.12")
    app.write("main.py", '# /// script\n# dependencies = ["six"]\n# ///\n')
    assert Pip().python_bounds(project_request(app, settings=PipSettings())) is None
