"""The environment's content: what determines it, and the command that makes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_poetry
from layerwright import EnvironmentInstall, Locked, SecretStr, Update, UserError
from layerwright_poetry.environment import environment
from layerwright_poetry.manager import PoetrySettings
from tests.unit.poetry.requests import HOME, environment_request
from tests.unit.sameness import archives_of, locked_in, unproved, update_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

PYPROJECT = '[project]\nname = "Demo.App"\n[tool.poetry]\n'
NO_PACKAGE = f"{PYPROJECT}package-mode = false\n"
SCRIPT = Path(layerwright_poetry.__file__).parent / "poetry_script.py"


def install(
    app: Application,
    pyproject: str = NO_PACKAGE,
    lock: str = "",
    *,
    settings: PoetrySettings | None = None,
    more: Mapping[str, str] | None = None,
    exec_env: str = "production",
    venv: Path = Path("/layers/venv"),
) -> EnvironmentInstall:
    app.write("pyproject.toml", pyproject)
    app.write("poetry.lock", lock)
    return environment(
        environment_request(
            app, settings=settings, environment=HOME | dict(more or {}), exec_env=exec_env, venv=venv
        )
    )


def source(kind: str, url: str) -> str:
    package = '[[package]]\nname = "x"\nversion = "1"\n\n'
    return f'{package}[package.source]\ntype = "{kind}"\nurl = "{url}"\nreference = "y"\n\n'


def test_the_environment_is_synchronised_with_the_lock_file(app: Application) -> None:
    found = install(app)
    [command] = found.commands
    assert command.argv == (
        "/layers/tool-poetry/venv/bin/python",
        "-I",
        "-B",
        str(SCRIPT),
        "sync",
        "--no-interaction",
        "--only=main",
    )
    assert command.env == {"POETRY_CACHE_DIR": "/layers/cache-poetry", "VIRTUAL_ENV": "/layers/venv"}
    assert (command.cwd, command.words) == (app.path, "poetry sync --only=main")
    assert "run `poetry lock` and commit poetry.lock" in command.remedy[0]
    assert update_of(found) == Update(keeps=frozenset({"pip", "demo_app"}))
    assert found.keeps_cache
    assert found.inputs.keys() == {"poetry.lock", "pyproject.toml", "application directory"}


def test_groups_and_extras_are_as_configured(app: Application) -> None:
    settings = PoetrySettings(groups=("web", "main"), test_groups=("test", "web"), extras=("fast", "x"))
    found = install(app, settings=settings)
    assert found.commands[0].words == "poetry sync --only=main,web --extras=fast --extras=x"
    found = install(app, settings=settings, exec_env="test")
    assert found.commands[0].words == "poetry sync --only=main,web,test --extras=fast --extras=x"


@pytest.mark.parametrize(
    ("addition", "counts"),
    [
        ("[tool.other]\nkey = 1\n", False),
        ("[dependency-groups]\nweb = []\n", True),
        ('[build-system]\nrequires = ["poetry-core"]\n', True),
        ('[tool.poetry.dependencies]\nacme = "^1"\n', True),
    ],
)
def test_of_pyproject_the_tables_count_that_poetry_reads(
    app: Application, addition: str, counts: bool
) -> None:
    before = install(app).inputs
    assert (install(app, NO_PACKAGE + addition).inputs != before) is counts


def test_pyproject_may_have_no_table_of_tools_at_all(app: Application) -> None:
    assert "application" in install(app, '[project]\nname = "demo"\n').inputs


def test_a_lock_file_must_be_there(app: Application) -> None:
    app.write("pyproject.toml", "")
    with pytest.raises(UserError, match=r"There is no poetry\.lock") as raised:
        environment(environment_request(app))
    assert raised.value.reference == "missing-poetry-lock"


def test_pyproject_must_be_there(app: Application) -> None:
    app.write("poetry.lock", "")
    with pytest.raises(UserError, match=r"pyproject\.toml does not exist"):
        environment(environment_request(app))


def test_local_directories_and_archives_count(app: Application) -> None:
    app.write("libs/a/a.py", "")
    lock = source("directory", "libs/a") + source("legacy", "https://example.com") + source("file", "b.whl")
    found = install(app, lock=lock)
    assert {"libs/a", "b.whl"} <= found.inputs.keys()
    app.write("libs/a/b.py", "")
    changed = install(app, lock=lock)
    assert [key for key in changed.inputs if changed.inputs[key] != found.inputs[key]] == ["libs/a"]


LOCK = """\
[[package]]
name = "acme"
version = "1.0"
files = [
    {file = "acme-1.0.tar.gz", hash = "sha256:bb"},
    {file = "acme-1.0-py3-none-any.whl", hash = "sha256:aa"},
]

[package.dependencies]
base = "*"

[[package]]
name = "kit"
version = "2.0"
files = []

[package.source]
type = "directory"
url = "libs/kit"

[metadata]
content-hash = "cc"
"""


def test_the_archives_of_the_lock_file_are_known(app: Application) -> None:
    app.write("libs/kit/kit.py", "")
    assert {one.name for one in locked_in(install(app, lock=LOCK))} == {"acme"}


def test_archives_are_distinguished_by_their_hashes_and_local_ones_by_their_contents(
    app: Application,
) -> None:
    app.write("libs/kit/kit.py", "")
    before = archives_of(install(app, lock=LOCK))
    assert list(before) == ["acme==1.0", "kit==2.0"]
    assert (
        archives_of(install(app, lock=LOCK.replace("base = ", "other = ").replace('"cc"', '"dd"'))) == before
    )

    rebuilt = archives_of(install(app, lock=LOCK.replace("aa", "cc")))
    assert {key for key in before if rebuilt[key] != before[key]} == {"acme==1.0"}

    app.write("libs/kit/kit.py", "edited = True\n")
    edited = archives_of(install(app, lock=LOCK))
    assert {key for key in before if edited[key] != before[key]} == {"kit==2.0"}


def test_a_lock_file_that_cannot_be_read_needs_a_fresh_environment_after_a_change(app: Application) -> None:
    assert install(app, lock='[[package]]\nversion = "1"\n').sameness == Locked()


def test_what_comes_from_indexes_and_repositories_is_in_the_lock_file(app: Application) -> None:
    found = install(app, lock=source("git", "https://example.com/a") + source("url", "https://example.com/b"))
    assert update_of(found) is not None
    assert len(found.inputs) == 3


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"POETRY_CONFIG_DIR": "{app}/own/pypoetry"}, "own"),
        ({"XDG_CONFIG_HOME": "{app}/own"}, "own"),
        ({"HOME": "{app}"}, ".config"),
    ],
)
def test_settings_that_choose_archives_count(
    app: Application, variables: dict[str, str], folder: str
) -> None:
    environment = {name: value.format(app=app.path) for name, value in variables.items()}
    names = ["poetry.toml", f"{app.path}/{folder}/pypoetry/config.toml"]
    for name in ("poetry.toml", "own/pypoetry/config.toml", ".config/pypoetry/config.toml"):
        app.write(name, "[virtualenvs]\nin-project = true\n")
    before = install(app, lock=LOCK, more=environment)
    for name in names:
        app.write(name, "[installer]\nno-binary = ['acme']\n")
    after = install(app, lock=LOCK, more=environment)
    assert after.inputs.keys() - before.inputs.keys() == {f"installer in {name}" for name in names}
    assert not {*archives_of(after).values()} & {*archives_of(before).values()}


def test_variables_that_choose_archives_count_and_others_do_not(app: Application) -> None:
    more = {
        "POETRY_INSTALLER_NO_BINARY": "acme",
        "POETRY_INSTALLER_ONLY_BINARY": "",
        "POETRY_INSTALLER_PARALLEL": "false",
        "POETRY_REQUESTS_MAX_RETRIES": "1",
    }
    before, after = install(app, lock=LOCK), install(app, lock=LOCK, more=more)
    assert after.inputs.keys() - before.inputs.keys() == {"POETRY_INSTALLER_NO_BINARY"}
    assert not {*archives_of(after).values()} & {*archives_of(before).values()}


def test_passwords_are_secrets_of_the_command_and_no_inputs(app: Application) -> None:
    more = {
        "POETRY_HTTP_BASIC_PRIVATE_USERNAME": "me",
        "POETRY_HTTP_BASIC_PRIVATE_PASSWORD": "s3cret",
    }
    found = install(app, more=more)
    assert found.inputs == install(app).inputs
    assert found.commands[0].env["POETRY_HTTP_BASIC_PRIVATE_PASSWORD"] == SecretStr("s3cret")
    assert "POETRY_HTTP_BASIC_PRIVATE_USERNAME" not in found.commands[0].env


def test_an_application_that_is_a_package_counts_with_the_files_of_its_metadata(
    app: Application,
) -> None:
    app.write("README.md", "one")
    pyproject = PYPROJECT + f'readme = ["README.md"]\ndescription = "{300 * "x"}"\nrequires = [1]\n'
    before = install(app, pyproject).inputs["application"]
    assert install(app, pyproject).inputs["application"] == before
    app.write("main.py", "")
    assert install(app, pyproject).inputs["application"] == before
    seen = {before}
    for name in ("README.md", "LICENSE.txt", "src/demo_app/__init__.py", "demo_app.py"):
        app.write(name, "another")
        seen.add(install(app, pyproject).inputs["application"])
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("more", "settings", "reason"),
    [
        ("", PoetrySettings(), ""),
        ('build = "build.py"', PoetrySettings(), "tool.poetry.build is a program"),
        (
            "",
            PoetrySettings(with_=("poetry-a",)),
            "a plugin of Poetry can change the application: poetry-a",
        ),
    ],
)
def test_a_package_that_is_made_by_programs_recreates_every_environment(
    app: Application, more: str, settings: PoetrySettings, reason: str
) -> None:
    found = unproved(install(app, PYPROJECT + more, settings=settings))
    assert found.startswith(reason)
    assert bool(found) is bool(reason)


@pytest.mark.parametrize(
    ("pyproject", "keeps"),
    [
        (NO_PACKAGE, {"pip", "demo_app"}),
        ("[tool.poetry]\npackage-mode = false\n", {"pip"}),
        (PYPROJECT, {"pip"}),
    ],
)
def test_poetry_does_not_remove_pip_or_the_application_where_it_does_not_install_that(
    app: Application, pyproject: str, keeps: set[str]
) -> None:
    app.write("demo_app.py", "")
    found = update_of(install(app, pyproject))
    assert found is not None
    assert found.keeps == keeps
    (app.path / "demo_app.py").unlink()
    assert update_of(install(app, PYPROJECT)) == replace(found, keeps=frozenset({"pip", "demo_app"}))


@pytest.mark.parametrize("place", ["demo_app.py", "src/demo_app.py", "demo_app/a.py", "src/demo_app/a.py"])
def test_an_application_without_an_import_package_is_not_installed_itself(
    app: Application, place: str
) -> None:
    found = install(app, PYPROJECT)
    assert found.commands[0].words == "poetry sync --only=main --no-root"
    [warning] = found.warnings
    assert warning.startswith(
        "The application itself is not installed, because there is no package demo_app."
    )
    before = found.inputs
    app.write(place, "")
    assert install(app, PYPROJECT).commands[0].words == "poetry sync --only=main"
    assert install(app, PYPROJECT).warnings == ()
    assert install(app, PYPROJECT).inputs != before


@pytest.mark.parametrize("pyproject", [NO_PACKAGE, f'{PYPROJECT}packages = [{{include = "lib"}}]\n', ""])
def test_an_application_that_says_what_it_is_is_installed_as_it_says(
    app: Application, pyproject: str
) -> None:
    assert install(app, pyproject).commands[0].words == "poetry sync --only=main"


@pytest.mark.parametrize(
    ("pyproject", "file", "key"),
    [
        (f'{PYPROJECT}readme = "README.md"\n', "README.md", "tool.poetry.readme"),
        (f'{PYPROJECT}readme = ["demo_app.py", "MORE.md"]\n', "MORE.md", "tool.poetry.readme"),
        ('[project]\nname = "demo-app"\nreadme = "README.md"\n', "README.md", "project.readme"),
        ('[project]\nname = "demo-app"\nreadme.file = "README.md"\n', "README.md", "project.readme"),
        ('[project]\nname = "demo-app"\nlicense = {file = "LICENSE"}\n', "LICENSE", "project.license"),
    ],
)
def test_a_file_that_the_applications_metadata_lacks_is_named(
    app: Application, pyproject: str, file: str, key: str
) -> None:
    app.write("demo_app.py", "")
    with pytest.raises(UserError) as caught:
        install(app, pyproject)
    assert caught.value.summary == f"{file} does not exist."
    assert caught.value.cause.startswith(f"{key} in pyproject.toml names it")
    assert caught.value.reference == "missing-metadata-file"
    app.write(file, "")
    install(app, pyproject)


@pytest.mark.parametrize(
    "pyproject",
    [
        '[project]\nname = "demo-app"\nlicense = "MIT"\nreadme = {text = "README.md", content-type = "text/plain"}\n',
        f'{NO_PACKAGE}readme = "README.md"\n',
        '[project]\nname = "nowhere"\nreadme = "README.md"\n',
    ],
)
def test_a_file_that_is_never_read_may_be_missing(app: Application, pyproject: str) -> None:
    app.write("demo_app.py", "")
    install(app, pyproject)


def test_a_link_to_another_file_is_no_lock_file_and_poetry_does_not_get_to_print_it(app: Application) -> None:
    app.write("pyproject.toml", NO_PACKAGE)
    (app.path.parent / "shadow").write_text("hunter2 = 1\n")
    (app.path / "poetry.lock").symlink_to("../shadow")
    with pytest.raises(UserError) as caught:
        environment(environment_request(app))
    assert caught.value.reference == "outside-lock-file"


def test_settings_outside_of_the_application_are_refused_and_poetry_does_not_get_to_print_them(
    app: Application,
) -> None:
    (app.path.parent / "secret").write_text("hunter2 = 1\n")
    (app.path / "poetry.toml").symlink_to("../secret")
    with pytest.raises(UserError, match=r"poetry\.toml is a link to a file outside"):
        install(app, NO_PACKAGE)


def test_the_setting_root_decides_whether_the_application_itself_is_installed(app: Application) -> None:
    pyproject = f'{PYPROJECT}readme = "absent.md"\n[tool.poetry.build]\nscript = "build.py"\n'
    without = install(app, pyproject, settings=PoetrySettings(root=False))
    assert without.commands[0].words == "poetry sync --only=main --no-root"
    assert without.warnings == ()
    assert "application" not in without.inputs
    found = update_of(without)
    assert found is not None
    assert found.keeps == {"pip", "demo_app"}

    always = install(app, PYPROJECT, settings=PoetrySettings(root=True))
    assert always.commands[0].words == "poetry sync --only=main"
    with pytest.raises(UserError, match=r"absent\.md does not exist"):
        install(app, pyproject, settings=PoetrySettings(root=True))


def test_a_local_dependency_that_the_source_tree_lacks_is_named(app: Application) -> None:
    with pytest.raises(UserError) as raised:
        install(app, lock=source("directory", "../lib"))
    assert (raised.value.summary, raised.value.reference) == ("../lib does not exist.", "path-outside-tree")


def test_a_local_dependency_of_a_group_that_is_not_installed_may_be_missing(app: Application) -> None:
    lock = source("directory", "../lib").replace("\n\n", '\ngroups = ["dev"]\n\n', 1)
    assert install(app, lock=lock).commands
    with pytest.raises(UserError) as raised:
        install(app, lock=lock, settings=PoetrySettings(groups=("dev",)))
    assert raised.value.reference == "path-outside-tree"
