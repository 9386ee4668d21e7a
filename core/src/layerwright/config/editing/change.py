"""Writes or removes one setting in the application's configuration file, preserving comments and layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerwright.config.application import check_directory
from layerwright.config.models import BuildSettings, ImageSettings, PythonSettings, ToolSettings
from layerwright.config.reading import BUILD, IMAGE, PROCESSES, configure
from layerwright.config.sources import APP_DIR, FILES, PACKAGE_MANAGER, POLICY, Key, Sources, origin_in
from layerwright.config.tables import keys_of, nearest
from layerwright.config.values import shown, typed
from layerwright.errors import ConfigurationError, SiteError, UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from layerwright.files.project import Project

__all__ = ["Edit", "choose_file", "edit", "edited", "parse_value", "removal", "write"]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A checked change of one setting that is not written yet: the file, its new text, a message for the user."""

    file: str
    text: str
    words: str


def edit(
    project: Project,
    environment: Mapping[str, str],
    models: Mapping[str, type[Any]],
    key: str,
    text: str,
    *,
    left_out: Collection[str] = (),
) -> Edit:
    """Return the change of *project*'s configuration file that sets *key* to the value of *text*.

    Tables in *left_out* are not read.

    ``UserError``: there is no such setting, the value is invalid, or the configuration as a whole is. Or the
    application is a script, whose configuration is in comments.
    """
    import tomllib

    value = parse_value(key, text, models)
    if project.script:
        raise _in_comments(project.script, _parts(key), value)
    file, parts = choose_file(project), _parts(key)
    if parts == APP_DIR:
        check_directory(project.root, text, key)
    changed = edited(project.text(file) if project.exists(file) else "", file, parts, value)
    trees = {name: project.toml(name) for name in FILES} | {file: tomllib.loads(changed)}
    sources = Sources(trees, environment).without(left_out)
    configured = configure(sources, models)
    words = f"{key} = {shown(value)} in {file}"
    strongest = sources.raws(parts)[0].origin
    if configured.policy is not None and parts[0] == POLICY:
        # None overrides another: the strictest decides.
        stricter = [
            one for one in configured.settings if one.key == key and one.origin != origin_in(file, parts)
        ]
        words += "".join(f"; {one.origin} decides: {shown(one.value)}" for one in stricter)
    elif strongest != origin_in(file, parts):
        words += f", but {strongest} overrides it here"
    return Edit(file=file, text=changed, words=words)


def removal(
    project: Project,
    environment: Mapping[str, str],
    models: Mapping[str, type[Any]],
    key: str,
    *,
    left_out: Collection[str] = (),
) -> Edit:
    """Return the change that removes *key*, a setting or a table, from the strongest file of *project* that has it.

    The key may be wrong, and so may the rest of the configuration: this is how to correct it. ``UserError``: no file
    has the key, or the file cannot be edited safely.
    """
    import tomllib

    from layerwright.config.editing._removing import removed

    parts = _parts(key)
    trees = {name: project.toml(name) for name in FILES}
    sources = Sources(trees, environment)
    file = next(
        (f for f in FILES for raw in sources.in_files(parts) if raw.origin == origin_in(f, parts)), None
    )
    if file is None:
        there = sorted(".".join(each) for each in sources.keys)
        elsewhere = [raw.origin for raw in sources.raws(parts)]
        raise _wrong(
            f"No file sets {key}{nearest(key, there)}",
            f"Unset the variable {elsewhere[0]}."
            if elsewhere
            else "`layerwright config` lists the settings.",
            cause=f"Set in files: {', '.join(there) or 'nothing'}.",
        )
    changed = removed(project.text(file), file, parts)
    words = f"{key} removed from {file}"
    try:
        now = configure(
            Sources({**trees, file: tomllib.loads(changed)}, environment).without(left_out), models
        )
    except ConfigurationError:
        # Something else is wrong, and the next command says so.
        return Edit(file=file, text=changed, words=words)
    setting = next((each for each in now.settings if each.key == key), None)
    if setting is not None:
        words += f"; now {shown(setting.value)} ({setting.origin})"
    return Edit(file=file, text=changed, words=words)


def write(project: Project, change: Edit) -> None:
    """Write *change*, completely or not at all; the file keeps its mode, and a symbolic link stays one."""
    from layerwright.files.atomic import write_atomically

    path = project.path(change.file).resolve()
    try:
        mode = path.stat().st_mode if path.exists() else None
        write_atomically(path, change.text)
        if mode is not None:
            path.chmod(mode)
    except OSError as error:
        raise SiteError(
            f"{change.file} could not be written.",
            cause=f"{error.strerror}: {error.filename}",
            remedy="Check that its directory can be written to, and that the disk is not full.",
            reference="unwritable-file",
        ) from error


def choose_file(project: Project) -> str:
    """Return the file to write to: the strongest existing one, else ``layerwright.toml``."""
    return next((file for file in FILES if project.exists(file)), next(iter(FILES)))


def parse_value(key: str, text: str, models: Mapping[str, type[Any]]) -> Any:
    """Return the TOML value of *text* for *key*; ``UserError``: it is invalid."""
    parts = _parts(key)
    tables: dict[str, type[Any]] = {
        "python": PythonSettings,
        BUILD: BuildSettings,
        IMAGE: ImageSettings,
        **models,
    }
    if parts == PACKAGE_MANAGER:
        managers = [name for name, model in models.items() if issubclass(model, ToolSettings)]
        if text not in managers:
            raise _wrong(
                f'No installed plugin provides the package manager "{text}"{nearest(text, managers)}',
                "Correct the name, or install the plugin that provides it.",
                cause=f"Installed package managers: {', '.join(managers) or 'none'}.",
            )
        return text
    if parts == APP_DIR or (parts[0] == PROCESSES and len(parts) > 1):
        return text
    if parts[0] == POLICY:
        from layerwright.config.policy.models import TABLES, PolicySettings

        if parts[1:] and parts[1] in TABLES:
            raise _wrong(
                f"{key} is a table, which this command does not write", f"Write [{key}] into the file."
            )
        tables[POLICY] = PolicySettings
    keys = {f"{table}.{name}": name for table, model in tables.items() for name in keys_of(model)}
    if key not in keys:
        raise _wrong(
            f"There is no setting {key}{nearest(key, (*keys, *PACKAGE_MANAGER, *APP_DIR))}",
            "`layerwright config` lists the settings.",
        )
    from typing import get_type_hints

    model, name = tables[parts[0]], keys[key]
    hint = get_type_hints(model, include_extras=True)[keys_of(model)[name].name]
    try:
        value = typed(text, hint, text=True)
    except ValueError as error:
        raise _wrong(f"{key} {error}", "Nothing was written. Set another value.") from None
    return list(value) if isinstance(value, tuple) else value


def edited(text: str, file: str, key: Key, value: object) -> str:
    """Return *text*, the text of *file*, with *key* set to *value* and everything else unchanged."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError
    from tomlkit.items import InlineTable

    # The library adds lines that end in a plain newline, whatever the other lines end in.
    crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    key = (*FILES[file], *key)
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n") if crlf else text)
        table: Any = document
        for depth, name in enumerate(key[:-1], start=1):
            if name not in table:
                in_line = isinstance(table, InlineTable)
                # Only the innermost table gets its own header.
                table[name] = tomlkit.inline_table() if in_line else tomlkit.table(depth < len(key) - 1)
            table = table[name]
            if not isinstance(table, dict):
                raise ConfigurationError([f"{file}: {'.'.join(key[:depth])} must be a table"])
        table[key[-1]] = value
        changed = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise UserError(
            f"{file} could not be edited safely.",
            cause=f"{error}.",
            remedy=f"Edit it by hand, in [{'.'.join(key[:-1])}]: {key[-1]} = {shown(value)}",
            reference="uneditable-file",
        ) from error
    return changed.replace("\n", "\r\n") if crlf else changed


def _parts(key: str) -> Key:
    return tuple(key.split(".", 1))


def _in_comments(script: str, key: Key, value: object) -> UserError:
    table = ".".join(("tool", "layerwright", *key[:-1]))
    return UserError(
        f"{script} must be edited by hand.",
        cause="The configuration of a script is in its comments, which this command does not change.",
        remedy=(
            f"Add this to the block `# /// script`: # [{table}]",
            f"And below it: # {key[-1]} = {shown(value)}",
        ),
        reference="uneditable-file",
    )


def _wrong(problem: str, remedy: str, cause: str = "") -> UserError:
    summary = problem if problem.endswith("?") else f"{problem}."
    return UserError(summary, cause=cause, remedy=remedy, reference="configuration")
