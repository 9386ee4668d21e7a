"""The documentation says what the code does: tables, commands, examples and links are held to it."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from jsonschema import Draft202012Validator

import layerwright_pdm
from docs.site_pages import address
from layerwright.build.choose.variables import RESERVED_ENV
from layerwright.build.indexes.entries import BINDING_ENTRIES, BINDING_TYPES
from layerwright.build.indexes.entries import VARIABLES as INDEX_VARIABLES
from layerwright.build.policy.known_code import KNOWN_CODE
from layerwright.cli.parser import build_parser, parse
from layerwright.config.editing.change import parse_value
from layerwright.config.policy.models import ExceptionSettings, PolicySettings
from layerwright.config.policy.reading import policy_variables
from layerwright.config.processes import processes
from layerwright.config.reading import configure
from layerwright.config.schema import schema_of
from layerwright.config.sources import FILES, INDEX_PREFIX, NOT_SETTINGS, Sources, read_sources, variable
from layerwright.config.tables import keys_of
from layerwright.config.values import shown
from layerwright.contract.values.project import ProjectRequest
from layerwright.errors import ERRORS_PAGE
from layerwright.files.project import Project
from layerwright.plugins.declarative.read import Declaration, read_package_manager
from layerwright_frameworks.settings import FrameworksSettings
from layerwright_nltk.settings import NltkSettings
from layerwright_pip.manager import Pip
from layerwright_pipenv.manager import Pipenv
from layerwright_poetry.manager import Poetry
from layerwright_uv.manager import Uv
from tests.fixtures.pages import DOCS, PAGES, ROOT, blocks, named, rows, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOR_AUTHORS = frozenset(DOCS.glob("plugins/**/*.md"))
# Theirs are of the application that they create: test_getting_started.
GETTING_STARTED = frozenset(DOCS.glob("getting-started/*.md"))
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir() and path.name != "plugins")
PDM = read_package_manager(Path(layerwright_pdm.__file__).with_name("package-manager.toml"))
MANAGERS = (PDM, Pip(), Pipenv(), Poetry(), Uv())
MODELS: dict[str, type[Any]] = {
    "frameworks": FrameworksSettings,
    **{manager.name: manager.settings_model for manager in MANAGERS},
}
SETTINGS = configure(Sources({}, {}), MODELS).settings
COMMANDS = {
    name: parser
    for action in build_parser()._actions
    if isinstance(action, argparse._SubParsersAction)
    for name, parser in action.choices.items()
}
MAKE_TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
OTHER_PROGRAMS = {
    "apt-get",
    "cd",
    "chmod",
    "cosign",
    "curl",
    "docker",
    "echo",
    "export",
    "journalctl",
    "jq",
    "kubectl",
    "ls",
    "mkdir",
    "pack",
    "pdm",
    "pip",
    "pip-compile",
    "pipenv",
    "podman",
    "poetry",
    "python",
    "python3",
    "rm",
    "scp",
    "sed",
    "skopeo",
    "source",
    "systemctl",
    "touch",
    "uv",
}


def documented_commands() -> Iterator[tuple[Path, list[str]]]:
    for page in PAGES:
        for block in blocks(page, "console"):
            for line in re.findall(r"^\$ (.+)$", block, re.MULTILINE):
                words = shlex.split(line.partition(" > ")[0])
                while re.match(r"[A-Z_]+=", words[0]):
                    del words[0]
                yield page, words


def examples_in_toml() -> Iterator[Any]:
    for page in PAGES:
        # Those for plugin authors are of other files as well, and run: tests/docs.
        found = blocks(page, "toml") if page not in FOR_AUTHORS | GETTING_STARTED else ()
        for number, block in enumerate(found, start=1):
            yield pytest.param(block, id=f"{named(page)}:{number}")


def references(files: Iterable[Path]) -> Iterator[str]:
    """Yield each ``reference`` that the code gives to an error, as a pattern where it is put together."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_bytes())):
            match node:
                case ast.keyword(arg="reference", value=value):
                    yield from patterns(value)
                case ast.AnnAssign(target=ast.Name(id="reference"), value=value):
                    yield from patterns(value)


def patterns(value: ast.expr | None) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.IfExp(body=body, orelse=otherwise):
            yield from patterns(body)
            yield from patterns(otherwise)
        case ast.JoinedStr(values=parts):
            yield "".join(next(patterns(part), "[a-z-]+") for part in parts)


def anchors(page: Path) -> set[str]:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_setting_is_in_the_table_with_its_default() -> None:
    section = sections(DOCS / "configuration.md", "##")["Keys"]
    documented = {row[0]: row[2] for row in rows(section)}
    assert documented == {
        f"`{setting.key}`": "-" if setting.value is None else f"`{shown(setting.value)}`"
        for setting in SETTINGS
    }


def test_every_setting_is_in_the_table_of_variables() -> None:
    section = sections(DOCS / "environment-variables.md", "##")["Settings"]
    documented = {row[0]: row[1] for row in rows(section) if row[0].islower()}
    assert documented == {
        f"`{setting.key}`": f"`{variable(tuple(setting.key.split('.')))}`" for setting in SETTINGS
    }


def test_a_documented_variable_is_one_that_is_read() -> None:
    of_the_tests = {"LAYERWRIGHT_BASE_IMAGE", "LAYERWRIGHT_REGISTRIES", "LAYERWRIGHT_STEPS"}
    read = {variable(tuple(setting.key.split("."))) for setting in SETTINGS} | NOT_SETTINGS | of_the_tests
    read |= policy_variables().keys()
    for page in PAGES:
        for name in re.findall(r"\bLAYERWRIGHT_[A-Z_]*[A-Z]\b", page.read_text()):
            of_index = name.startswith(INDEX_PREFIX) and name.rpartition("_")[2] in INDEX_VARIABLES
            assert name in read or of_index or name.startswith("LAYERWRIGHT_PROCESSES_"), named(page)


def test_every_rule_of_the_policy_is_in_its_tables() -> None:
    page = sections(DOCS / "policy.md", "##")
    keys = keys_of(PolicySettings)
    rules = {
        row[0].strip("`"): re.findall(r'`"([^"`]+)"`', row[1]) for row in rows(page["Rules"]) if "`" in row[0]
    }
    assert list(rules) == list(keys)
    hints = get_type_hints(PolicySettings)
    for key, field in keys.items():
        if get_origin(hints[field.name]) is Literal:
            assert rules[key] == list(get_args(hints[field.name]))
    variables = {row[1].strip("`"): tuple(row[0].strip("`").split(".")) for row in rows(page["Variables"])}
    assert variables == policy_variables()
    exceptions = [row[0].strip("`") for row in rows(page["Exceptions"]) if "`" in row[0]]
    assert sorted(exceptions) == sorted(keys_of(ExceptionSettings))
    known = re.findall(
        r"`([a-z-]+)`", page["Rules"].partition("### Code at every start")[2].partition("###")[0]
    )
    assert {name for name, _ in KNOWN_CODE} <= set(known)


def test_every_reserved_variable_is_listed() -> None:
    by_title = sections(DOCS / "environment-variables.md", "##")
    section = by_title["Reserved variables"] + by_title["Variables of the application"]
    reserved = RESERVED_ENV.union(*(manager.reserved_env for manager in MANAGERS))
    assert set(re.findall(r"`((?:PYTHON|[A-Z]+_)\w+)`", section)) == reserved


def test_every_command_has_a_section() -> None:
    headings = sections(DOCS / "command-line.md", "##")
    assert list(headings) == [f"layerwright {name}" for name in COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_its_options_and_arguments(name: str) -> None:
    section = sections(DOCS / "command-line.md", "##")[f"layerwright {name}"]
    [usage] = re.findall(r"^```text\n(.*)\n```$", section, re.MULTILINE)
    actions = [action for action in COMMANDS[name]._actions if "--help" not in action.option_strings]
    options = {" ".join(filter(None, (a.option_strings[-1], a.metavar))) for a in actions if a.option_strings}
    shown = (action for action in actions if action.help != argparse.SUPPRESS)
    arguments = {str(a.metavar) for a in shown if not a.option_strings}
    assert {row[0].strip("`") for row in rows(section)} == options
    needed = {f"{a.option_strings[-1]} {a.metavar}" for a in actions if a.option_strings and a.required}
    assert set(re.findall(r"\[(--\w.*?)\]", usage)) == options - needed
    positional = re.sub(r"\[--.*?\]", "", usage)
    assert set(re.findall(r"--\S+ [A-Z]+", positional)) == needed
    positional = re.sub(r"--\S+ [A-Z]+", "", positional).removeprefix(f"layerwright {name}")
    assert set(re.findall(r"[A-Z|]+", positional)) == arguments


def test_every_reference_has_an_entry_and_every_entry_a_reference() -> None:
    used = set(references([*ROOT.glob("core/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]))
    documented = set(sections(DOCS / "errors.md", "###"))
    assert [u for u in sorted(used) if not any(re.fullmatch(u, entry) for entry in documented)] == []
    assert [e for e in sorted(documented) if not any(re.fullmatch(u, e) for u in used)] == []


def test_the_address_in_an_error_is_that_of_its_page_on_the_site() -> None:
    project = tomllib.loads((ROOT / "core" / "pyproject.toml").read_text())["project"]
    assert f"{project['urls']['Documentation']}{address('docs/errors')}.html" == ERRORS_PAGE


@pytest.mark.parametrize("example", list(examples_in_toml()))
def test_an_example_in_toml_is_accepted(example: str) -> None:
    file = example.partition("\n")[0].removeprefix("# ")
    assert file in FILES, "its first line is a comment with the name of the file"
    tree = tomllib.loads(example)
    configuration = configure(Sources({file: tree}, {}), {**MODELS, "nltk": NltkSettings})
    assert any(setting.origin.startswith(file) for setting in configuration.settings)
    schema = schema_of(file, {**MODELS, "nltk": NltkSettings}, Declaration)
    # A package manager that the example declares itself has a table as well, which the schema is not told of here.
    if "package-managers" not in example:
        Draft202012Validator(schema).validate(tree)


def test_a_documented_command_exists() -> None:
    for page, (program, *arguments) in documented_commands():
        name = Path(program).name
        if name == "layerwright":
            parsed = parse(arguments)
            # Their plugins are not installed here: the tutorial installs its own.
            if parsed.command == "config set" and page not in FOR_AUTHORS:
                parse_value(parsed.key, parsed.value, MODELS)
        elif name == "make":
            assert arguments[0] in MAKE_TARGETS, named(page)
        else:
            assert name in OTHER_PROGRAMS, named(page)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("directory", EXAMPLES, ids=named)
def test_an_example_application_is_described_and_has_a_process_to_run(directory: Path) -> None:
    assert (directory / "README.md").exists()
    project = Project(directory)
    configuration = configure(read_sources(project, {}), MODELS)
    readme = (directory / "README.md").read_text()
    # A uv.lock names the index that it is for, and is made where the example is tried.
    makes_its_lock = "uv lock" in readme
    asked = (m.detect(ProjectRequest(project=project, settings=configuration.tool(m.name))) for m in MANAGERS)
    claims = [claim for claim in asked if claim is not None and not claim.fallback]
    assert len(claims) == (0 if makes_its_lock else 1)
    assert "web" in [p.type for p, _ in processes(configuration.processes, project, ()) if p.default]


def test_the_variables_and_the_bindings_of_indexes_are_those_that_are_read() -> None:
    page = (DOCS / "indexes.md").read_text()
    assert set(re.findall(rf"^\| `{INDEX_PREFIX}NAME_(\w+)`", page, re.MULTILINE)) == {*INDEX_VARIABLES}
    [_, *table] = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (.+) \|$", page, re.MULTILINE)
    assert {type_ for type_, _ in table} == {*BINDING_TYPES}
    known = {name for names in BINDING_ENTRIES.values() for name in names}
    assert {entry for _, words in table for entry in re.findall("`([^`]+)`", words)} <= known
