"""Attributes defects to plugins: the error names the distribution, not the application."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from layerwright.errors import LayerwrightError, PluginError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["blaming", "checked_value", "conflict", "defect", "left_out", "words_of"]

T = TypeVar("T")
_TABLE_REMEDY: Final = "Rename or remove that table."


def defect(label: str, reason: str, *, table: bool = False) -> PluginError:
    """Return an error that blames *label* (a distribution and its version), not the application.

    With *table*, it is a table of the configuration that declares a package manager.
    """
    if table:
        return PluginError(
            f"The package manager of {label} cannot be used.",
            cause=reason,
            remedy=_TABLE_REMEDY,
            reference="plugin-defect",
        )
    return PluginError(
        f"This is a defect in {label}, not in your application.",
        cause=reason,
        remedy=(
            "Install another version of that plugin, or report this to its authors.",
            "If the application does not need it, add it to LAYERWRIGHT_DISABLE_PLUGINS.",
        ),
        reference="plugin-defect",
    )


def conflict(what: str, claimants: Iterable[EntryPoint]) -> PluginError:
    """Return an error that *claimants*, plugins of several distributions, provide the same thing, *what*.

    A claimant that is a table of the configuration is easier to change than an installed plugin.
    """
    labels = {entry_point.label: entry_point.plugin is not None for entry_point in claimants}
    return PluginError(
        f"{'Two' if len(labels) == 2 else 'Several'} plugins provide {what}.",
        cause=f"They are {' and '.join(sorted(labels))}.",
        remedy=_TABLE_REMEDY
        if any(labels.values())
        else "Uninstall one of them, or add its distribution to LAYERWRIGHT_DISABLE_PLUGINS.",
        reference="plugin-conflict",
    )


def left_out(entry_point: EntryPoint, reason: str) -> str:
    """Return the warning that the plugin of *entry_point* is ignored, for *reason*."""
    return f"{entry_point.label} could not be loaded and is ignored.\n{reason}"


@contextmanager
def blaming(label: str, what: str) -> Iterator[None]:
    """Turn exceptions of a plugin into its defect; a plugin may raise ``LayerwrightError`` on purpose.

    *what* names the part of the plugin that is called.
    """
    try:
        yield
    except LayerwrightError:
        raise
    except (Exception, SystemExit) as error:
        raise defect(label, f"{what} raised {words_of(error)}") from error


def checked_value(value: object, kind: type[T] | tuple[type[T], ...], label: str, what: str) -> T:
    """Return *value*, which *what* of the plugin *label* returned, if it is a *kind*; raise its defect otherwise."""
    if isinstance(value, kind):
        return value
    kinds = kind if isinstance(kind, tuple) else (kind,)
    raise defect(label, f"{what} returned {value!r}, not {' or '.join(one.__name__ for one in kinds)}.")


def words_of(error: BaseException) -> str:
    """Return the type of *error* and its text as one sentence."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."
