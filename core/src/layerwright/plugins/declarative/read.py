"""Reads a declaration: from the file of a plugin, or from a table of an application's own configuration."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from layerwright.config.sources import Raw
from layerwright.config.tables import TableReader
from layerwright.contract.locked import locked_requirements
from layerwright.contract.tool_versions import pinned_version
from layerwright.errors import UserError
from layerwright.files import bounded
from layerwright.plugins.declarative._model import Declaration
from layerwright.plugins.declarative._rules import apply_rules, check_diagnoses
from layerwright.plugins.declarative.manager import made_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from layerwright.plugins.declarative.manager import DeclaredPackageManager

__all__ = ["Declaration", "Read", "read_file", "read_package_manager", "read_table"]


class Read(NamedTuple):
    """The result: a package manager, or all mistakes, a line for each with its file and key."""

    manager: DeclaredPackageManager | None
    problems: tuple[str, ...] = ()


def read_package_manager(file: Path, *, shown: str = "", in_build: bool = False) -> DeclaredPackageManager:
    """Return the package manager that *file* declares; ``UserError``: it has mistakes, which are all listed.

    Messages call the file *shown*, by default its name. *in_build* is that of :func:`read_table`.
    """
    shown = shown or file.name
    found = read_file(file, shown=shown, in_build=in_build)
    if found.manager is not None:
        return found.manager
    count = len(found.problems)
    raise UserError(
        f"{shown} has {'a problem' if count == 1 else f'{count} problems'}.",
        cause="\n".join(found.problems),
        remedy=f"Correct {'it' if count == 1 else 'them'}: docs/plugins/declarative.md describes every key.",
        reference="package-manager-declaration",
    )


def read_file(file: Path, *, shown: str, in_build: bool = False) -> Read:
    """Read the declaration *file*, which problems call *shown*. *in_build* is that of :func:`read_table`."""
    import tomllib

    try:
        tree = tomllib.loads(bounded.read(file).decode("utf-8-sig"))
    except OSError as error:
        return Read(None, (f"{shown}: could not be read: {error.strerror}",))
    except UnicodeDecodeError:
        return Read(None, (f"{shown}: is not UTF-8 text",))
    except (ValueError, RecursionError) as error:
        return Read(None, (f"{shown}: is not valid TOML: {error}",))
    return read_table(tree, prefix=f"{shown}: ", directory=file.parent, in_build=in_build)


def read_table(tree: Mapping[str, Any], *, prefix: str, directory: Path, in_build: bool = False) -> Read:
    """Read the declaration *tree*; problems begin with *prefix* and the key, and files are in *directory*.

    With *in_build*, the patterns of diagnoses are not compiled and checked: only a failure needs them, and its error
    names those that are defective.
    """
    problems: list[str] = []

    def tell(key: str, words: str) -> None:
        problems.append(f"{prefix}{key} {words}")

    wrong: set[str] = set()

    def tell_unreadable(key: str, words: str) -> None:
        wrong.add(key)
        tell(key, words)

    def tell_unless_unreadable(key: str, words: str) -> None:
        # This key, and all keys below it, have stand-in values, which are not worth a message.
        if not wrong & {key, *accumulate(key.split("."), "{}.{}".format)}:
            tell(key, words)

    raws = {key: Raw(value, key) for key, value in tree.items()}
    declaration = TableReader(tell_unreadable).table(Declaration, raws)
    apply_rules(declaration, tell_unless_unreadable)
    if not in_build:
        check_diagnoses(declaration, tell_unless_unreadable)
    lock = _lock(declaration, directory, tell)
    if problems:
        return Read(None, tuple(dict.fromkeys(problems)))
    return Read(
        made_from(
            declaration, declaration.tool.version or pinned_version(declaration.tool.distribution, lock), lock
        )
    )


def _lock(declaration: Declaration, directory: Path, tell: Callable[[str, str], None]) -> str:
    """Return the text of the tool's lock file, which must exist and pin the default version."""
    tool = declaration.tool
    if tool.lock is None or not tool.distribution:
        return ""
    try:
        text = bounded.read(directory / tool.lock).decode()
    except (OSError, ValueError):
        tell(
            "tool.lock",
            f'must be a readable requirements file next to this one, not "{tool.lock}"',
        )
        return ""
    pinned = pinned_version(tool.distribution, text)
    loose = [entry.key for entry in locked_requirements(text) if not entry.pins]
    if not pinned:
        tell("tool.lock", f'must have a line "{tool.distribution}==…", but {tool.lock} has none')
    elif tool.version not in (None, pinned):
        tell("tool.version", f"is {tool.version}, but {tool.lock} pins {pinned}; remove one of them")
    elif loose:
        tell(
            "tool.lock",
            f"must pin every distribution with a hash, but {tool.lock} does not pin {', '.join(loose)}",
        )
    return text
