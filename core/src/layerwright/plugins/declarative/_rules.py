"""The rules of a declaration beyond its keys and types: each reports every place that breaks it."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from layerwright.config.models import ToolSettings
from layerwright.config.reading import CORE_TABLES
from layerwright.config.sources import PACKAGE_MANAGER
from layerwright.config.tables import keys_of
from layerwright.config.values import shown
from layerwright.contract.names import is_plain_name
from layerwright.plugins.declarative._model import PROJECT_FILE, LockTable, index_names, scripts
from layerwright.plugins.declarative._placeholders import (
    IN_COMMANDS,
    IN_TOOL_ENV,
    OPTIONS,
    VALUE,
    placeholder_problems,
)
from layerwright.plugins.declarative._settings import DEFAULTS
from layerwright.plugins.entry_points import NO_EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.plugins.declarative._model import Declaration, SettingTable, ToolTable

    Tell = Callable[[str, str], None]

__all__ = ["apply_rules", "check_diagnoses"]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATTERN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_*]*")
# They affect which programs start and which modules are imported, also in the application.
_CORES_OWN: Final = re.compile(
    r"PATH|HOME|(BASH_)?ENV|VIRTUAL_ENV|((LD|DYLD|PYTHON|LAYERWRIGHT|CNB)_|PYTHON).*", re.DOTALL
)
_FOR_COMMANDS: Final = ("HOME", "VIRTUAL_ENV")
# Hardly anything runs without these.
_NEEDED: Final = ("HOME", "PATH")
_STARTS: Final = ("{tool}/", "{venv}/")
_SCRIPT: Final = "{tool}/bin/"


def apply_rules(declaration: Declaration, tell: Tell) -> None:
    """Call *tell* with the dotted key and a message for every mistake in *declaration*."""
    for rule in (
        _names,
        _claims,
        _files,
        _lock_file,
        _tool,
        _settings,
        _variables,
        _values,
        _commands,
    ):
        rule(declaration, tell)


def _names(declaration: Declaration, tell: Tell) -> None:
    name = declaration.name
    if name and not is_plain_name(name):
        tell("name", f'must be lower-case words joined by "-", such as acme or acme-tool, not "{name}"')
    elif name in {*CORE_TABLES, *PACKAGE_MANAGER}:
        tell("name", f'must differ: "{name}" is already a key of the configuration')
    lock = declaration.environment.lock
    prose = {
        "display-name": declaration.display_name,
        "tool.because": declaration.tool.because,
        "environment.lock.written-by": lock.written_by if lock else None,
    }
    for key, text in prose.items():
        if text and not text.isprintable():
            tell(key, f"must be one line of printable characters, not {shown(text)}")


def _claims(declaration: Declaration, tell: Tell) -> None:
    detect = declaration.detect
    if not (detect.files or detect.evidence):
        tell("detect.files", "is empty, and so is detect.tables: nothing claims an application")
    tables = {"detect.tables": detect.tables, "detect.fallback.tables": detect.fallback.tables}
    for key, names in tables.items():
        for number, name in enumerate(names):
            if "" in name.split(".") or not name.isprintable():
                tell(
                    f"{key}[{number}]",
                    f"must be a table of {PROJECT_FILE}, such as tool.acme, not {shown(name)}",
                )
    for number, name in enumerate(detect.refines):
        if not is_plain_name(name) or name == declaration.name:
            tell(
                f"detect.refines[{number}]", f"must be the name of another package manager, not {shown(name)}"
            )


def _lock_file(declaration: Declaration, tell: Tell) -> None:
    lock = declaration.environment.lock
    if lock is None:
        return
    if lock.form == "toml" and lock.packages is None:
        tell("environment.lock.packages", "is missing: the array of tables that contains the distributions")
    given = {"packages": lock.packages is not None, "pins": lock.pins != LockTable.pins}
    for key in (key for key, is_given in given.items() if is_given and lock.form != "toml"):
        words = (
            f'is for the format "toml", not for "{lock.form}"'
            if lock.form
            else "needs environment.lock.packages"
        )
        tell(f"environment.lock.{key}", words)


def _files(declaration: Declaration, tell: Tell) -> None:
    environment = declaration.environment
    lock = environment.lock
    files = {f"detect.files[{n}]": file for n, file in enumerate(declaration.detect.files)}
    fallback = declaration.detect.fallback.files
    files |= {f"detect.fallback.files[{n}]": file for n, file in enumerate(fallback)}
    files |= {"environment.lock.file": lock.file} if lock else {}
    files |= {f"environment.inputs.tables.{file}": file for file in environment.inputs.tables}
    for key, file in files.items():
        parts = file.split("/")
        if file == "." or file.startswith("~") or {"", ".."} & set(parts) or not file.isprintable():
            tell(key, f"must be a file of the application, relative to its directory, not {shown(file)}")
        elif key.startswith("detect.") and file == NO_EVIDENCE:
            tell(key, f'must be another file: in the evidence of a plugin, "{file}" means that there is none')
    for number, file in enumerate(environment.inputs.files):
        if not file or not file.isprintable():
            tell(f"environment.inputs.files[{number}]", f"must be a file or a directory, not {shown(file)}")


def _tool(declaration: Declaration, tell: Tell) -> None:
    tool = declaration.tool
    if tool.distribution and not _is_distribution(tool.distribution):
        words = f'must be the name of a distribution, optionally with extras, not "{tool.distribution}"'
        tell("tool.distribution", words)
    if tool.version is None and tool.lock is None:
        tell("tool.version", "is missing, and so is tool.lock, which would contain it")
    valid = True
    for key, version in {"tool.version": tool.version, "tool.oldest": tool.oldest}.items():
        if version is not None and not _is_version(version):
            tell(key, f'must be one version, for example "1.2.3", not "{version}"')
            valid = False
    if valid and tool.version is not None and tool.oldest is not None:
        from packaging.version import Version

        if Version(tool.version) < Version(tool.oldest):
            tell("tool.version", f"is {tool.version}, which is before tool.oldest, {tool.oldest}")
    if tool.because is not None and tool.oldest is None:
        tell("tool.because", "explains tool.oldest, which is missing")
    for number, script in enumerate(tool.scripts):
        if not script or "/" in script:
            tell(f"tool.scripts[{number}]", f'must be the name of a script, not "{script}"')
    for number, words in enumerate(tool.launchers):
        if not words.split():
            tell(f"tool.launchers[{number}]", "is blank")
    for number, name in enumerate(declaration.environment.never_removes):
        if "[" in name or not _is_distribution(name):
            tell(
                f"environment.never-removes[{number}]",
                f"must be the name of a distribution, not {shown(name)}",
            )


def _is_version(text: str) -> bool:
    # Every build reads the declaration, and importing `packaging` takes long.
    if text.isascii() and all(map(str.isdecimal, text.split("."))):
        return True
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _is_distribution(text: str) -> bool:
    """Return whether *text* is the name of a distribution, which may have extras, and nothing else."""
    name, _, extra = text.partition("[")
    if is_plain_name(name) and (name == text or (extra.endswith("]") and is_plain_name(extra[:-1]))):
        return True
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(text)
    except InvalidRequirement:
        return False
    return not (found.specifier or found.url or found.marker)


def _settings(declaration: Declaration, tell: Tell) -> None:
    common, environment = keys_of(ToolSettings), declaration.environment
    for name, setting in declaration.settings.items():
        key = f"settings.{name}"
        if name in common:
            tell(key, "exists for every package manager; remove it")
        elif not is_plain_name(name):
            tell(key, 'must have a name of lower-case words joined by "-", such as test-groups')
        if setting.default is not None and setting.type in DEFAULTS:
            kind = type(DEFAULTS[setting.type].value)
            if type(setting.default) is not kind:
                tell(f"{key}.default", f"must be of the setting's type, {setting.type}")
        _option(key, setting, tell)
    commands = (*environment.first, *environment.commands)
    if declaration.settings and not any(OPTIONS in command for command in commands):
        tell("settings", f'change nothing: no command has the word "{OPTIONS}"')


def _option(key: str, setting: SettingTable, tell: Tell) -> None:
    if setting.option is None and setting.otherwise is None:
        tell(f"{key}.option", "is missing, and so is otherwise: the setting changes nothing")
    has_value = setting.type in ("string", "array")
    _placeholders(f"{key}.option", setting.option or "", (VALUE,) if has_value else (), tell)
    _placeholders(f"{key}.otherwise", setting.otherwise or "", (), tell)
    if has_value and setting.option is not None and f"{{{VALUE}}}" not in setting.option:
        tell(f"{key}.option", f"must contain {{{VALUE}}}, the value of the setting")


def _variables(declaration: Declaration, tell: Tell) -> None:
    tool, environment = declaration.tool, declaration.environment
    exact = {
        "tool.env": tool.env,
        "environment.env": environment.env,
    }
    for key, variables in exact.items():
        for name in variables:
            if not _VARIABLE.fullmatch(name):
                tell(f"{key}.{name}", "must be the name of a variable: letters, digits and _")
            elif _CORES_OWN.fullmatch(name) and not (key == "environment.env" and name in _FOR_COMMANDS):
                tell(f"{key}.{name}", "must not be set by a package manager: other programs use it too")
    for key, names, pattern in (
        ("environment.secrets", environment.secrets, _PATTERN),
        ("environment.inputs.variables", environment.inputs.variables, _PATTERN),
        ("reserved-env", declaration.reserved_env, _VARIABLE),
    ):
        for number, name in enumerate(names):
            if not pattern.fullmatch(name):
                ending = ", with * for any characters" if pattern is _PATTERN else ""
                tell(f"{key}[{number}]", f'must be the name of a variable{ending}, not "{name}"')
            elif key != "environment.inputs.variables" and any(
                fnmatchcase(needed, name) for needed in _NEEDED
            ):
                tell(f"{key}[{number}]", f'must not match HOME or PATH, but "{name}" does')
    for key, name in index_names(declaration).items():
        if not _VARIABLE.fullmatch(name) or _CORES_OWN.fullmatch(name):
            tell(f"indexes.{key}", f'must be the name of a variable of the tool, not "{name}"')


def _values(declaration: Declaration, tell: Tell) -> None:
    for name, value in declaration.tool.env.items():
        _placeholders(f"tool.env.{name}", value, IN_TOOL_ENV, tell)
    for name, value in declaration.environment.env.items():
        _placeholders(f"environment.env.{name}", value, IN_COMMANDS, tell)


def _commands(declaration: Declaration, tell: Tell) -> None:
    environment = declaration.environment
    for kind, commands in {"first": environment.first, "commands": environment.commands}.items():
        for number, command in enumerate(commands):
            key = f"environment.{kind}[{number}]"
            if not command:
                tell(key, "is empty")
                continue
            for word in command:
                if word != OPTIONS and OPTIONS in word:
                    tell(key, f'has {OPTIONS} in "{word}"; it must be a word of its own')
                elif word != OPTIONS:
                    _placeholders(key, word, IN_COMMANDS, tell)
            _program(key, command[0], declaration.tool, tell)


def check_diagnoses(declaration: Declaration, tell: Tell) -> None:
    """Call *tell* like :func:`apply_rules`, for diagnoses that can never apply."""
    from layerwright.process.failures.diagnosis import problem_of

    for number, diagnosis in enumerate(declaration.environment.diagnoses):
        problem = problem_of(diagnosis.diagnosis())
        if problem:
            tell(f"environment.diagnoses[{number}]", f"can never apply: {problem}")


def _program(key: str, word: str, tool: ToolTable, tell: Tell) -> None:
    if not (word.startswith(_STARTS) or word == "{python}"):
        words = "must start with {tool}/…, {venv}/… or {python}"
        tell(key, f"{words}: PATH may lead to another program elsewhere")
    elif {"", ".", ".."} & set(word.split("/")[1:]):
        tell(key, f'must start with a program in that directory, not with "{word}"')
    elif tool.distribution and word.startswith(_SCRIPT) and word.removeprefix(_SCRIPT) not in scripts(tool):
        tell(key, f"starts with {word}, but tool.scripts has only {', '.join(scripts(tool))}")


def _placeholders(key: str, text: str, names: tuple[str, ...], tell: Tell) -> None:
    for problem in placeholder_problems(text, names):
        tell(key, problem)
