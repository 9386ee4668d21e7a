from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from layerwright.cnb.launch import Process
from layerwright.config.processes import FoundProcess
from layerwright.config.reading import (
    Configuration,
    PythonSettings,
    Setting,
    ToolSettings,
    checked,
    configure,
)
from layerwright.config.sources import Sources, read_sources
from layerwright.errors import ConfigurationError
from layerwright.files.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def not_ancient(version: str) -> str:
    if version.startswith("9"):
        raise ValueError("It is too old.")
    return version


@dataclass(frozen=True, kw_only=True)
class AcmeSettings(ToolSettings):
    version: Annotated[str | None, checked(not_ancient)] = field(
        default=None, metadata={"help": "which acme"}
    )
    requirements: tuple[str, ...] = ("requirements.txt",)


MODELS: dict[str, type[ToolSettings]] = {"acme": AcmeSettings, "pip-tools": ToolSettings}


def configured(
    layerwright: dict[str, Any] | None = None,
    *,
    pyproject: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
    left_out: tuple[str, ...] = (),
) -> Configuration:
    files = {
        "layerwright.toml": layerwright or {},
        "pyproject.toml": {"tool": {"layerwright": pyproject or {}}},
    }
    return configure(Sources(files, environment or {}).without(left_out), MODELS)


def problems(
    layerwright: dict[str, Any] | None = None,
    *,
    pyproject: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        configured(layerwright, pyproject=pyproject, environment=environment)
    return caught.value.problems


def test_without_configuration_everything_is_at_its_default() -> None:
    configuration = configured()
    assert configuration.package_manager.value is None
    assert configuration.python == PythonSettings()
    assert configuration.tool("acme") == AcmeSettings()
    assert configuration.processes == ()
    assert {setting.origin for setting in configuration.settings} == {"default"}


def test_every_setting_is_listed_with_its_value_its_origin_and_what_it_is_for() -> None:
    configuration = configured({"acme": {"version": "26"}, "processes": {"web": "serve"}})
    listed = [(setting.key, setting.value, setting.origin) for setting in configuration.settings]
    assert listed == [
        ("package-manager", None, "default"),
        ("app-dir", None, "default"),
        ("python.version", None, "default"),
        ("python.provider", "auto", "default"),
        ("python.mirror", None, "default"),
        ("build.commands", (), "default"),
        ("image.base", None, "default"),
        ("image.plain-http", (), "default"),
        ("image.mirrors", (), "default"),
        ("image.user", None, "default"),
        ("image.owner", "1000:1000", "default"),
        ("image.ports", (), "default"),
        ("image.stop-signal", None, "default"),
        ("image.labels", (), "default"),
        ("image.compression", "auto", "default"),
        ("image.exclude", (), "default"),
        ("image.attach", "auto", "default"),
        ("image.key", None, "default"),
        ("acme.version", "26", "layerwright.toml: acme.version"),
        ("acme.launch", False, "default"),
        ("acme.stand-in", True, "default"),
        ("acme.requirements", ("requirements.txt",), "default"),
        ("pip-tools.version", None, "default"),
        ("pip-tools.launch", False, "default"),
        ("pip-tools.stand-in", True, "default"),
        ("processes.web", "serve", "layerwright.toml: processes.web"),
    ]
    assert configuration.settings[18].help == "which acme"


def test_the_strongest_value_of_each_key_wins_and_says_where_it_is_from() -> None:
    configuration = configured(
        {"acme": {"launch": True}, "package-manager": "acme"},
        pyproject={"acme": {"launch": False, "requirements": ["prod.txt"]}, "python": {"version": "3.12"}},
        environment={"LAYERWRIGHT_PYTHON_VERSION": "3.13", "LAYERWRIGHT_PIP_TOOLS_STAND_IN": "false"},
    )
    assert configuration.tool("acme") == AcmeSettings(launch=True, requirements=("prod.txt",))
    assert configuration.tool("pip-tools") == ToolSettings(stand_in=False)
    assert configuration.python.version == "3.13"
    assert configuration.package_manager.value == "acme"
    assert configuration.package_manager.origin == "layerwright.toml: package-manager"
    origins = {setting.key: setting.origin for setting in configuration.settings}
    assert origins["acme.launch"] == "layerwright.toml: acme.launch"
    assert origins["acme.requirements"] == "pyproject.toml: tool.layerwright.acme.requirements"
    assert origins["python.version"] == "LAYERWRIGHT_PYTHON_VERSION"
    assert origins["pip-tools.stand-in"] == "LAYERWRIGHT_PIP_TOOLS_STAND_IN"
    assert origins["acme.version"] == "default"


def test_all_problems_are_reported_at_once_each_with_its_place() -> None:
    found = problems(
        {"acme": {"lanch": True, "version": "9.0"}, "package-manager": ["acme"]},
        pyproject={"acme": {"launch": "yes"}, "python": {"version": "banana", "provider": "brew"}},
        environment={"LAYERWRIGHT_ACME_STAND_IN": "maybe", "LAYERWRIGHT_ACME_LANCH": "1"},
    )
    assert found == (
        'layerwright.toml: package-manager must be a string, not ["acme"]',
        'pyproject.toml: tool.layerwright.python.version is "banana": '
        "it is neither a version (3.13, 3.13.1) nor a version specifier (>=3.12,<3.14)",
        'pyproject.toml: tool.layerwright.python.provider must be one of "auto", "standalone", "system", not "brew"',
        "layerwright.toml: acme.lanch is an unknown key; did you mean launch?",
        'layerwright.toml: acme.version is "9.0": It is too old.',
        'pyproject.toml: tool.layerwright.acme.launch must be true or false, not "yes"',
        'LAYERWRIGHT_ACME_STAND_IN must be true or false, not "maybe"',
        "LAYERWRIGHT_ACME_LANCH is not a setting's variable; did you mean LAYERWRIGHT_ACME_LAUNCH?",
    )


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ({"acme": 1}, "layerwright.toml: acme must be a table, not 1"),
        ({"processes": ["web"]}, 'layerwright.toml: processes must be a table, not ["web"]'),
        (
            {"pyhton": {}},
            "layerwright.toml: pyhton is an unknown table; did you mean python?"
            " (if it belongs to a package manager: is the plugin layerwright-pyhton installed?)",
        ),
        (
            {"uv": {"launch": True}},
            "layerwright.toml: uv is an unknown table"
            " (if it belongs to a package manager: is the plugin layerwright-uv installed?)",
        ),
        (
            {"packagemanager": "pip"},
            "layerwright.toml: packagemanager is an unknown key; did you mean package-manager?",
        ),
        (
            {"acme": {"stand_in": True}},
            "layerwright.toml: acme.stand_in is an unknown key; did you mean stand-in?",
        ),
        ({"acme": {"x": True}}, "layerwright.toml: acme.x is an unknown key"),
        (
            {"python": {"mirror": "ftp://example.com"}},
            'layerwright.toml: python.mirror is "ftp://example.com": '
            "must start with https://, http:// or file://",
        ),
    ],
)
def test_a_wrong_name_or_value_is_refused_with_the_nearest_right_one(
    tables: dict[str, Any], problem: str
) -> None:
    assert problems(tables) == (problem,)


def test_a_table_that_is_left_out_may_have_anything_in_it() -> None:
    tables = {"beta": {"launch": "?"}, "gamma": 5, "python": {"version": "3.13"}}
    environment = {"LAYERWRIGHT_BETA_LAUNCH": "?", "LAYERWRIGHT_PIP_TOOLS_LAUNCH": "1"}
    configuration = configured(tables, environment=environment, left_out=("beta", "gamma", "pip"))
    assert configuration.python.version == "3.13"
    assert configuration.tool("pip-tools").launch
    with pytest.raises(ConfigurationError) as caught:
        configured(tables, environment=environment, left_out=("gamma",))
    assert len(caught.value.problems) == 2


def test_a_mirror_may_be_a_directory_of_this_machine() -> None:
    assert configured({"python": {"mirror": "file:///srv/python"}}).python.mirror == "file:///srv/python"


def test_a_wrong_name_is_reported_for_each_file_that_has_it() -> None:
    assert problems({"acme": {"x": 1}}, pyproject={"acme": {"x": 2}}) == (
        "layerwright.toml: acme.x is an unknown key",
        "pyproject.toml: tool.layerwright.acme.x is an unknown key",
    )


def test_a_variable_named_after_a_table_is_not_a_setting() -> None:
    assert problems({"acme": {}}, environment={"LAYERWRIGHT_ACME": "1"}) == (
        "LAYERWRIGHT_ACME is not a setting's variable; did you mean LAYERWRIGHT_ACME_LAUNCH?",
    )


def test_a_process_is_a_command_line_an_array_or_a_table() -> None:
    configuration = configured(
        {
            "processes": {
                "web": "gunicorn 'app:create()'",
                "worker": ["celery", "worker"],
                "admin": {"command": "python manage.py", "default": True, "working-directory": "site"},
            }
        },
        environment={"LAYERWRIGHT_PROCESSES_WORKER": "sleep 1", "LAYERWRIGHT_PROCESSES_NIGHTLY_JOB": "job"},
    )
    assert configuration.processes == (
        FoundProcess(
            Process(type="web", command=("gunicorn", "app:create()")), "layerwright.toml: processes.web"
        ),
        FoundProcess(Process(type="worker", command=("sleep", "1")), "LAYERWRIGHT_PROCESSES_WORKER"),
        FoundProcess(
            Process(type="admin", command=("python", "manage.py"), default=True, working_directory="site"),
            "layerwright.toml: processes.admin",
        ),
        FoundProcess(Process(type="nightly-job", command=("job",)), "LAYERWRIGHT_PROCESSES_NIGHTLY_JOB"),
    )


def test_a_process_of_an_array_is_taken_word_for_word() -> None:
    (found,) = configured({"processes": {"web": ["echo", "$HOME && x"]}}).processes
    assert found.process.command == ("echo", "$HOME && x")


@pytest.mark.parametrize(
    ("process", "problem"),
    [
        (3, " must be a string or an array of strings, not 3"),
        ("", " has no command"),
        (" ", " has no command"),
        ([""], " has no command"),
        ([], " has no command"),
        ('"unbalanced', ": a quotation mark or a backslash at the end has nothing to close it"),
        ({"default": True}, " has no command"),
        ({"command": " "}, " has no command"),
        ({"command": "x", "default": "yes"}, '.default must be true or false, not "yes"'),
        ({"comand": "x"}, ".comand is an unknown key; did you mean command?"),
    ],
)
def test_a_process_that_cannot_be_run_is_refused(process: object, problem: str) -> None:
    assert problems({"processes": {"web": process}}) == (f"layerwright.toml: processes.web{problem}",)


def test_a_name_that_is_no_process_type_is_refused() -> None:
    (problem,) = problems({"processes": {"my web": "serve"}})
    assert problem.startswith("layerwright.toml: processes.my web: 'my web' is not a process type")


def test_only_one_process_can_be_the_default() -> None:
    process = {"command": "serve", "default": True}
    assert problems({"processes": {"a": process}}, pyproject={"processes": {"b": process}}) == (
        "Only one process can be the default: "
        "layerwright.toml: processes.a, pyproject.toml: tool.layerwright.processes.b",
    )


def test_values_are_plain_data_that_compare_equal() -> None:
    assert configured() == configured()
    assert replace(configured().package_manager, value="acme") == Setting(
        key="package-manager", value="acme", help="the package manager"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[acme]\nlaunch = true\nversion = "26"\nrequirements = ["a.txt"]\n'
        '[python]\nversion = "3.13"\nprovider = "system"\n'
        '[processes]\nweb = "serve"\nworker = {command = ["a"], default = true}\n',
    ],
)
def test_the_usual_configuration_is_read_without_pydantic(tmp_path: Path, text: str) -> None:
    (tmp_path / "layerwright.toml").write_text(text)
    code = """
import sys
from dataclasses import dataclass
from pathlib import Path
from layerwright.config.reading import ToolSettings, configure
from layerwright.config.sources import read_sources
from layerwright.files.project import Project

@dataclass(frozen=True, kw_only=True)
class Acme(ToolSettings):
    requirements: tuple[str, ...] = ()

configure(read_sources(Project(Path(sys.argv[1])), {}), {"acme": Acme})
sys.exit("pydantic" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-I", "-c", code, str(tmp_path)], check=False).returncode == 0


def test_a_malformed_file_is_refused_before_any_value(tmp_path: Path) -> None:
    (tmp_path / "layerwright.toml").write_text("[acme\n")
    with pytest.raises(Exception, match=r"layerwright\.toml is not valid TOML"):
        read_sources(Project(tmp_path), {})
