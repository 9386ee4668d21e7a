"""Finds what of a virtual environment depends on the patch release of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.patches._installed import archives_in, in_distributions
from layerwright.build.patches._specifiers import comparisons, varies
from layerwright.pythons.provider import minor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.pythons.interpreter import Interpreter

__all__ = ["bytecode_format", "dependences"]

_MAGIC: Final = 2


def dependences(
    site_packages: Path, version: str, *, texts: Mapping[str, str], archives: Iterable[str] = ()
) -> dict[str, str]:
    """Return what depends on the patch of *version*: by words for the log, its specifier, empty for every patch.

    *texts* are the files that decide what is installed, by name. They and the distributions in *site_packages* compare
    with the version in markers and in ``Requires-Python``. Only comparisons that differ between patch releases count.
    *archives* are names of archives that were installed.
    """
    minor = minor_of(version)
    found = {f"{name} has {words}": s for name, text in texts.items() for words, s in comparisons(text)}
    named = archives_in((*archives, *texts.values()))
    found |= dict(in_distributions(site_packages, version, named))
    return {words: specifier for words, specifier in found.items() if varies(specifier, minor)}


def bytecode_format(interpreter: Interpreter) -> str:
    """Return the magic number of the interpreter's bytecode, as bytecode of its library has it; empty without any.

    It is the same in all final releases of a minor version, by a promise that Python makes and may break:
    https://docs.python.org/3/library/importlib.html#importlib.util.MAGIC_NUMBER
    """
    library = interpreter.prefix / "lib" / f"python{interpreter.minor}" / "__pycache__"
    name = f"os.cpython-{interpreter.minor.replace('.', '')}.pyc"
    try:
        with (library / name).open("rb") as file:
            return str(int.from_bytes(file.read(_MAGIC), "little"))
    except OSError:
        return ""
