"""The index that package managers ask if nothing names one, as the pip that is bundled with Python knows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile, ZipFile

if TYPE_CHECKING:
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["default_index"]

_MODULE: Final = "pip/_internal/models/index.py"
_NAMED: Final = re.compile(r'^PyPI = PackageIndex\(\s*"(https://[^"]+)"', re.MULTILINE)


def default_index(interpreter: Interpreter) -> str:
    """Return the URL of the simple API of that index; empty if *interpreter* brings no pip that says so."""
    bundled = interpreter.prefix / "lib" / f"python{interpreter.minor}" / "ensurepip" / "_bundled"
    for wheel in sorted(bundled.glob("pip-*.whl")):
        try:
            with ZipFile(wheel) as archive:
                text = archive.read(_MODULE).decode()
        except (OSError, BadZipFile, KeyError, UnicodeDecodeError):
            continue
        if found := _NAMED.search(text):
            return f"{found[1].rstrip('/')}/simple/"
    return ""
