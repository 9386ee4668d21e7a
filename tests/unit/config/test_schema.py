"""The JSON Schema of the configuration accepts what a build accepts, as far as a schema can know it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping  # noqa: TC003  # the reader evaluates the annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from layerwright.cli.main import main
from layerwright.config.reading import ToolSettings, configure
from layerwright.config.schema import schema_of
from layerwright.config.sources import FILES, Sources
from layerwright.errors import ConfigurationError
from layerwright.plugins.declarative.read import Declaration, read_table

if TYPE_CHECKING:
    from pathlib import Path


class Owner(BaseModel):
    name: str


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server.

    It has more to say.
    """

    url: str
    retries: int = 3


@dataclass(frozen=True, kw_only=True)
class AcmeSettings(ToolSettings):
    with_: tuple[str, ...] = field(default=("main",), metadata={"help": "groups to install"})
    workers: Annotated[int, Field(ge=1)] = 1
    server: Server | None = None
    servers: tuple[Server, ...] = ()
    pairs: tuple[tuple[str, ...], ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    mode: Server | tuple[Server, ...] = ()
    limit: int | str | None = None
    owner: Owner | None = None
    function: Callable[[], None] | None = None


MODELS: dict[str, type[Any]] = {"acme": AcmeSettings, "server": Server}


def schema(file: str = "layerwright.toml") -> dict[str, Any]:
    return schema_of(file, MODELS, Declaration)


def acme() -> dict[str, Any]:
    properties: dict[str, Any] = schema()["properties"]["acme"]["properties"]
    return properties


@pytest.mark.parametrize("file", FILES)
def test_the_schema_is_valid_and_says_which_file_it_is_for(file: str) -> None:
    found = schema(file)
    Draft202012Validator.check_schema(found)
    name = file.removesuffix(".toml")
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"https://layerwright.example.com/schemas/{name}.json"
    assert found["x-taplo-info"] == {"patterns": [rf"^(.*(/|\\){name}\.toml|{name}\.toml)$"]}
    json.dumps(found)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("launch", {"type": "boolean", "default": False}),
        ("with", {"type": "array", "items": {"type": "string"}, "default": ["main"]}),
        ("workers", {"type": "integer", "minimum": 1, "default": 1}),
        (
            "servers",
            {
                "type": "array",
                "items": {
                    "description": "A server.",
                    "type": "object",
                    "properties": {
                        "url": {"type": "string"},
                        "retries": {"type": "integer", "default": 3},
                    },
                    "required": ["url"],
                    "additionalProperties": False,
                },
                "default": [],
            },
        ),
        (
            "pairs",
            {
                "type": "array",
                "items": {"type": "array", "items": {"type": "string"}},
                "default": [],
            },
        ),
        ("env", {"type": "object", "additionalProperties": {"type": "string"}}),
        ("limit", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("owner", {"$ref": "#/$defs/Owner"}),
        ("function", {}),
    ],
)
def test_a_key_has_the_type_and_the_default_of_its_field(key: str, expected: dict[str, Any]) -> None:
    found = acme()[key]
    found.pop("description", None)
    assert found == expected


def test_a_key_and_a_table_are_described() -> None:
    assert acme()["with"]["description"] == "Groups to install."
    tables = schema()["properties"]
    assert "description" not in tables["acme"]
    assert (tables["acme"]["title"], tables["server"]["description"]) == ("Settings of acme", "A server.")
    assert acme()["server"]["description"] == "A server."
    assert [kind["type"] for kind in acme()["mode"]["anyOf"]] == ["object", "array"]
    assert "Owner" in schema()["$defs"]


GOOD = {
    "nothing": "",
    "every kind of value": (
        'package-manager = "acme"\napp-dir = "web"\n[python]\nversion = "3.13"\nprovider = "system"\n[build]\n'
        'commands = ["a"]\n[acme]\nlaunch = true\nwith = ["a"]\nworkers = 2\nenv = {A = "b"}\nmode = {url = "u"}\n'
        '[[acme.servers]]\nurl = "u"\n[server]\nurl = "u"\n'
    ),
    "processes": (
        '[processes]\nweb = "serve"\nworker = ["a", "b"]\n[processes.other]\ncommand = "x"\n'
        'default = true\nworking-directory = "y"\n'
    ),
}
BAD = {
    "an unknown key": '[server]\nurl = "u"\n[acme]\nlunch = true\n',
    "an unknown table": '[server]\nurl = "u"\n[acne]\nlaunch = true\n',
    "a string for a boolean": '[server]\nurl = "u"\n[acme]\nlaunch = "yes"\n',
    "a string for an array": '[server]\nurl = "u"\n[acme]\nwith = "a"\n',
    "a number that is too small": '[server]\nurl = "u"\n[acme]\nworkers = 0\n',
    "a value that is no choice": '[server]\nurl = "u"\n[python]\nprovider = "conda"\n',
    "a missing key": "[server]\nretries = 1\n",
    "an unknown key of a process": '[server]\nurl = "u"\n[processes.web]\ncomand = "x"\n',
    "a process that is a number": '[server]\nurl = "u"\n[processes]\nweb = 1\n',
}


def is_valid(tree: dict[str, Any], file: str = "layerwright.toml") -> bool:
    return Draft202012Validator(schema(file)).is_valid(tree)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in (GOOD | BAD).items()])
def test_the_schema_and_a_build_agree(text: str) -> None:
    tree = tomllib.loads(text)
    # A table with a required key must be there for a build.
    complete = {"server": {"url": "u"}, **tree}
    try:
        configure(Sources({"layerwright.toml": complete}, {}), MODELS)
    except ConfigurationError:
        accepted = False
    else:
        accepted = True
    assert accepted == (text in GOOD.values())
    assert is_valid(complete) == accepted
    assert is_valid({"tool": {"layerwright": complete, "ruff": {}}}, "pyproject.toml") == accepted


DECLARED = """\
[package-managers.own]
display-name = "Own"
detect = {files = ["own.lock"]}
tool = {distribution = "own", version = "1.0"}
environment = {commands = [["{tool}/bin/own", "sync"]]}
"""


@pytest.mark.parametrize(
    ("change", "valid"), [(("", ""), True), (("files", "flies"), False), (("[[", "[1, ["), False)]
)
def test_a_declaration_of_a_package_manager_is_checked_too(
    tmp_path: Path, change: tuple[str, str], valid: bool
) -> None:
    tree = tomllib.loads(DECLARED.replace(*change))
    read = read_table({**tree["package-managers"]["own"], "name": "own"}, prefix="", directory=tmp_path)
    assert (not read.problems) == valid
    assert is_valid(tree) == valid


def test_a_name_that_no_process_can_have_is_refused() -> None:
    assert not is_valid({"processes": {"a b": "x"}})


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def printed(*words: str) -> dict[str, Any]:
        assert main(["config", "schema", *words]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return printed


def test_the_printed_schema_has_the_plugins_that_are_installed(
    printed: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    layerwright = printed()
    assert {"pip", "uv", "poetry", "frameworks"} < set(layerwright["properties"])
    pyproject = printed("--for", "pyproject")
    assert (
        pyproject["properties"]["tool"]["properties"]["layerwright"]["properties"]
        == layerwright["properties"]
    )
    monkeypatch.setenv("LAYERWRIGHT_DISABLE_PLUGINS", "layerwright-poetry")
    assert "poetry" not in printed()["properties"]


def test_the_printed_schema_has_what_the_named_application_declares(
    printed: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "layerwright.toml").write_text(DECLARED)
    found = printed("--app", str(tmp_path))
    assert found["properties"]["own"]["properties"]["launch"]["type"] == "boolean"
    assert "own" in found["properties"]["package-manager"]["enum"]
