"""Requirements that no requirements file contains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Project, UserError
from layerwright_pip.declared import (
    declared_by_groups,
    declared_by_project,
    declared_by_script,
    is_project,
)
from layerwright_pip.requirements_file import read_closure

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

BUILD = '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'


def project(app: Application, text: str) -> Project:
    app.write("pyproject.toml", text)
    return Project(app.path)


# Projects


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("pyproject.toml", "[project]\nname = 'a'\n", True),
        ("pyproject.toml", BUILD, True),
        ("pyproject.toml", "[tool.ruff]\n", False),
        ("setup.py", "", True),
        ("setup.cfg", "[metadata]\nname = a\n", False),
    ],
)
def test_a_project_is_what_pip_can_install_or_what_declares_dependencies(
    app: Application, file: str, text: str, expected: bool
) -> None:
    app.write(file, text)
    assert is_project(Project(app.path)) is expected


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (f"{BUILD}[project]\nname = 'a'\ndependencies = ['six']\n", "src.py"),
        ("[project]\nname = 'a'\nscripts.a = 'a:main'\n", "src.py"),
        ("[project]\nname = 'a'\ndynamic = ['dependencies']\n", "src.py"),
        ("[project]\nname = 'a'\n", "setup.py"),
        ("[project]\nname = 'a'\n", "src/a.py"),
    ],
)
def test_a_project_that_has_more_than_dependencies_is_installed_itself(
    app: Application, text: str, file: str
) -> None:
    app.write(file, "")
    found = declared_by_project(project(app, text), ".", ["tls", "web"])
    assert found[:3] == ("pyproject.toml", (".[tls,web]",), ".[tls,web]")


SETUP_CFG = "[flake8]\nmax-line-length = 100\n\n[metadata]\nversion = 1\nname = a\n"


@pytest.mark.parametrize("text", [SETUP_CFG, "[options]\ninstall_requires =\n  six\n"])
def test_setup_cfg_describes_a_project_if_pip_finds_another_file_beside_it(
    app: Application, text: str
) -> None:
    app.write("sub/setup.cfg", text)
    with pytest.raises(UserError) as caught:
        declared_by_project(Project(app.path), "sub", ())
    assert caught.value.summary == "sub/setup.cfg alone does not make a project."
    assert caught.value.remedy == (
        'Beside sub/setup.cfg, add a pyproject.toml of two lines: [build-system], requires = ["setuptools"]',
    )
    app.write("sub/pyproject.toml", "[tool.ruff]\n")
    assert declared_by_project(Project(app.path), "sub", ())[:3] == ("sub/setup.cfg", ("./sub",), "sub")


@pytest.mark.parametrize("text", ["[flake8]\n", "[metadata]\nlicense_files = x\n[tool]\nname = a\n"])
def test_setup_cfg_may_be_for_other_tools(app: Application, text: str) -> None:
    app.write("setup.cfg", text)
    assert not is_project(project(app, "[tool.ruff]\n"))


def test_a_project_below_is_named_as_a_path(app: Application) -> None:
    app.write("api/setup.py", "")
    assert declared_by_project(Project(app.path), "api", ())[:3] == ("api/setup.py", ("./api",), "api")
    app.write("services/api/setup.py", "")
    assert declared_by_project(Project(app.path), "services/api", ()).lines == ("services/api",)


def test_of_a_project_without_a_build_system_the_dependencies_are_installed(app: Application) -> None:
    text = "[project]\nname = 'a'\ndynamic = ['version']\ndependencies = ['six>=1', 'flask']\n"
    text += "optional-dependencies = { tls = ['certifi'], web = ['gunicorn'] }\n"
    found = declared_by_project(project(app, text), ".", ["tls"])
    assert found.lines == ("six>=1", "flask", "certifi")
    assert found.words == "(dependencies of pyproject.toml)"


def test_without_dependencies_there_is_nothing_to_install(app: Application) -> None:
    assert declared_by_project(project(app, "[project]\nname = 'a'\n"), ".", ()).lines == ()


@pytest.mark.parametrize(
    ("text", "extras", "reference"),
    [
        ("[tool.ruff]\n", (), "not-a-project"),
        ("[project]\nname = 'a'\n", ("tls",), "unknown-extra-or-group"),
        ("[project]\noptional-dependencies = { web = ['a'] }\n", ("tls",), "unknown-extra-or-group"),
        ("[project]\ndependencies = 'six'\n", (), "malformed-dependencies"),
        ("[project]\ndependencies = [1]\n", (), "malformed-dependencies"),
        ("[project]\noptional-dependencies.tls = 'six'\n", ("tls",), "malformed-dependencies"),
        ("project = 1\n", (), ""),
    ],
)
def test_what_is_no_project_or_lacks_what_is_named_is_refused(
    app: Application, text: str, extras: tuple[str, ...], reference: str
) -> None:
    if not reference:
        assert declared_by_project(project(app, text), ".", extras).lines == ()
        return
    with pytest.raises(UserError) as caught:
        declared_by_project(project(app, text), ".", extras)
    assert caught.value.reference == reference
    assert "pyproject.toml" in f"{caught.value.summary}{caught.value.cause}"


@pytest.mark.parametrize(
    "entry",
    [
        "--index-url https://index.example.com",
        "-r base.txt",
        "./kit",
        "six\\n--pre",
        "six=1",
        "",
        "# six",
        "x @ https://example.com/x\\n--pre",
        "@",
    ],
)
def test_what_a_requirements_file_would_take_and_a_project_does_not_is_refused(
    app: Application, entry: str
) -> None:
    app.write("kit/setup.py", "")
    text = f'[project]\nname = "a"\ndependencies = ["flask", "{entry}"]\n'
    with pytest.raises(UserError) as caught:
        declared_by_project(project(app, text), ".", ())
    assert (
        caught.value.summary
        == "project.dependencies in pyproject.toml has an entry that is not a requirement."
    )
    assert len(caught.value.cause.splitlines()) == 1


def test_an_archive_that_is_not_there_is_refused_with_the_place_that_names_it(app: Application) -> None:
    declared = declared_by_project(
        project(
            app, '[project]\nname = "a"\ndependencies = ["six @ file:///absent/six-1-py3-none-any.whl"]\n'
        ),
        ".",
        (),
    )
    with pytest.raises(UserError) as caught:
        read_closure(Project(app.path), {}, (), declared=[declared])
    assert (
        "pyproject.toml:1: six @ file:///absent/six-1-py3-none-any.whl: there is no such archive"
        in caught.value.cause
    )


@pytest.mark.parametrize(
    "entry",
    [
        "x @ https://example.com/x-1.tar.gz",
        "x[tls] @ git+https://example.com/x@main ; python_version >= '3.9'",
        "x @ file:///absent/x-1-py3-none-any.whl",
        "x@https://user:pass@example.com/x-1.tar.gz",
    ],
)
def test_a_dependency_may_be_a_direct_reference(app: Application, entry: str) -> None:
    text = f'[project]\nname = "a"\ndependencies = ["{entry}"]\n'
    assert declared_by_project(project(app, text), ".", ()).lines == (entry,)


# Dependency groups


def test_a_group_includes_others(app: Application) -> None:
    text = "[dependency-groups]\ntest = ['pytest', { include-group = 'Lint' }]\nlint = ['ruff>=0.1']\n"
    found = declared_by_groups(project(app, text), ["test", "LINT"])
    assert found is not None
    assert found.origin == "pyproject.toml"
    assert [line.replace(" ", "") for line in found.lines] == ["pytest", "ruff>=0.1", "ruff>=0.1"]
    assert found.words == "--group test --group LINT"


def test_no_group_needs_no_file(app: Application) -> None:
    assert declared_by_groups(Project(app.path), ()) is None


@pytest.mark.parametrize(
    ("text", "reference", "words"),
    [
        ("[project]\n", "unknown-extra-or-group", "pyproject.toml has: none."),
        ("[dependency-groups]\nlint = []\n", "unknown-extra-or-group", "pyproject.toml has: lint."),
        ("[dependency-groups]\ntest = ['=']\n", "malformed-dependency-groups", "="),
        (
            "[dependency-groups]\ntest = [{ include-group = 'test' }]\n",
            "malformed-dependency-groups",
            "test includes itself",
        ),
        ("[dependency-groups]\ntest = 'a'\n", "malformed-dependency-groups", ""),
        ("[dependency-groups]\ntest = [{ x = 'a' }]\n", "malformed-dependency-groups", ""),
    ],
)
def test_a_group_that_does_not_exist_or_is_malformed_is_refused(
    app: Application, text: str, reference: str, words: str
) -> None:
    with pytest.raises(UserError) as caught:
        declared_by_groups(project(app, text), ["test"])
    assert caught.value.reference == reference
    assert words in caught.value.cause


# Scripts


def test_the_metadata_of_a_script_declare_its_dependencies(app: Application) -> None:
    app.write("hello.py", '# /// script\n# dependencies = ["six"]\n# ///\n')
    assert declared_by_script(Project(app.path), "hello.py") == (
        "hello.py",
        ("six",),
        "(dependencies of hello.py)",
        (),
    )


def test_a_script_without_metadata_declares_none(app: Application) -> None:
    app.write("hello.py", "import six\n")
    with pytest.raises(UserError) as caught:
        declared_by_script(Project(app.path), "hello.py")
    assert caught.value.reference == "script-without-metadata"
