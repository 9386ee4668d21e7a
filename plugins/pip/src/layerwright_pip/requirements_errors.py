"""The errors of requirements files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MOST_INCLUDED", "bad", "bare_name", "missing", "recursive", "refuse_unlikely", "too_many"]

# In a file that is not a requirements file, every line is bad.
_MOST_TOLD: Final = 50
_SUFFIXES: Final = (".txt", ".in")
# Reading files that each include the next one twice would never end, for pip as well.
MOST_INCLUDED: Final = 300


def refuse_unlikely(name: str, path: Path) -> None:
    """Raise ``UserError`` if *path* is outside the application and not named like a requirements file.

    pip prints what it reads, and a file with nothing but a password is a valid requirements file.
    """
    if path.resolve().suffix not in _SUFFIXES:
        raise UserError(
            f"{name} is outside the application, and is not named like a requirements file.",
            cause=f"It is {path.resolve()}. pip would print its contents.",
            remedy=(
                "Put the requirements into the application,",
                f"or into a file whose name ends with {' or '.join(_SUFFIXES)}.",
            ),
            reference="outside-requirements-file",
        )


def bare_name(place: str) -> UserError:
    """Return the error for a line at *place* that is a single word, which may be a password."""
    return UserError(
        f"{place} is a single word, in a file outside the application.",
        cause="pip would print it, and a password alone on its line looks like a name.",
        remedy=(
            "Give the distribution a version there, as in NAME>=1.0,",
            "or put the file into the application.",
        ),
        reference="outside-requirements-file",
    )


def missing(name: str, place: str) -> UserError:
    """Return the error for a file *name* that does not exist; *place* includes it, if not the configuration."""
    return UserError(
        f"{name} does not exist.",
        cause=f"{place} includes it; a path is relative to the file that contains it."
        if place
        else "The configuration names it in `requirements`, or pip's in `constraint`.",
        remedy=(f"Create {name},", f"or correct {place}." if place else "or correct the configuration."),
        reference="missing-requirements-file",
    )


def recursive(cycle: tuple[str, ...], place: str) -> UserError:
    """Return the error for files that include each other in *cycle*; *place* closes it."""
    return UserError(
        f"{cycle[0]} includes itself.",
        cause=f"{' includes '.join(cycle)}.",
        remedy=f"Remove the line {place}.",
        reference="recursive-requirements-file",
    )


def too_many(place: str) -> UserError:
    """Return the error for files that include others too often; *place* is the last one."""
    return UserError(
        f"The requirements files include others more than {MOST_INCLUDED} times.",
        cause=f"The last one is included by {place}.",
        remedy="Include each file once.",
        reference="recursive-requirements-file",
    )


def bad(problems: list[str]) -> UserError:
    """Return the error for *problems*, a line for each that is not a requirement."""
    count = len(problems)
    return UserError(
        "A line is not a requirement." if count == 1 else f"{count} lines are not requirements.",
        cause="\n".join(
            [*problems[:_MOST_TOLD], *([f"… and {count - _MOST_TOLD} more"] if count > _MOST_TOLD else [])]
        ),
        remedy="Correct it, for example: flask>=3.1"
        if count == 1
        else "Correct them, for example: flask>=3.1",
        reference="bad-requirement",
    )
