"""The files of a new plugin, from templates with placeholders such as ``@NAME@``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.layers.names import VENV
from layerwright.config.reading import CORE_TABLES
from layerwright.config.sources import PACKAGE_MANAGER
from layerwright.contract.names import is_plain_name
from layerwright.errors import SiteError, UserError
from layerwright.plugins.api import PLUGIN_API

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DECLARATIVE", "HOOKS", "PROGRAMMED", "distribution_name", "skeleton", "write_files"]

DECLARATIVE: Final = "declarative"
HOOKS: Final = "hooks"
PROGRAMMED: Final = "programmed"
_TEMPLATES: Final = Path(__file__).parent / "templates"
# The directories of templates for each kind of plugin.
_PARTS: Final = {
    DECLARATIVE: ("every", "package_manager", DECLARATIVE),
    HOOKS: ("every", HOOKS),
    PROGRAMMED: ("every", "package_manager", PROGRAMMED),
}
_SUFFIX: Final = ".in"
# Tables of the configuration, and other names in a build plan.
_TAKEN: Final = CORE_TABLES | {*PACKAGE_MANAGER, VENV}


def distribution_name(name: str) -> str:
    """Return the conventional name of the distribution for the plugin *name*."""
    return f"layerwright-{name}"


def skeleton(name: str, kind: str) -> Mapping[str, str]:
    """Return the files of the plugin *name*, by their paths in its directory.

    Its *kind* is ``PROGRAMMED`` or ``DECLARATIVE``, for a package manager, or ``HOOKS``. ``UserError``: the name is not
    valid.
    """
    cause = _unfit(name)
    if cause:
        short = name.removeprefix(distribution_name(""))
        raise UserError(
            f'"{name}" cannot be the name of a plugin.',
            cause=cause,
            remedy=f"Choose {short}: layerwright plugins new {short}"
            if short != name and not _unfit(short)
            else "Choose another one, for example: layerwright plugins new acme",
            reference="plugin-name",
        )
    module = f"layerwright_{name.replace('-', '_')}"
    words = {
        "@API@": str(PLUGIN_API),
        "@DISTRIBUTION@": distribution_name(name),
        "@FILE@": "package-manager.toml" if kind == DECLARATIVE else "manager.py",
        "@MODULE@": module,
        "@NAME@": name,
    }
    files = {}
    for directory in (_TEMPLATES / part for part in _PARTS[kind]):
        for template in sorted(directory.rglob(f"*{_SUFFIX}")):
            path = template.relative_to(directory).as_posix().removesuffix(_SUFFIX)
            text = template.read_text(encoding="utf-8")
            for placeholder, value in words.items():
                text = text.replace(placeholder, value)
            files[path.replace("/package/", f"/{module}/")] = text
    return files


def _unfit(name: str) -> str:
    """Return why *name* is not a valid name of a plugin; empty if it is."""
    if name in _TAKEN:
        return "Layerwright uses that name itself."
    if not is_plain_name(name):
        return (
            "It is the name of a table and of a layer: it begins with a lower-case letter, and has lower-case words "
            "and digits, joined by hyphens."
        )
    if name.startswith(distribution_name("")):
        return f"The distribution of its plugin would be called {distribution_name(name)}."
    return ""


def write_files(files: Mapping[str, str], directory: Path) -> None:
    """Write *files* into *directory*, which must not exist or be empty; ``UserError`` otherwise."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        taken = any(directory.iterdir())
    except FileExistsError:
        taken = True
    except OSError as error:
        raise _unwritable(directory, error) from error
    if taken:
        raise UserError(
            f"{directory} already exists.",
            cause="A new plugin does not overwrite files.",
            remedy="Choose another directory: --output DIR",
            reference="plugin-directory",
        )
    try:
        for name, text in files.items():
            file = directory / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as opened:
                opened.write(text)
    except OSError as error:
        raise _unwritable(directory, error) from error


def _unwritable(directory: Path, error: OSError) -> SiteError:
    return SiteError(
        f"The plugin cannot be written to {directory}.",
        cause=str(error),
        remedy="Choose another directory: --output DIR",
        reference="plugin-directory",
    )
