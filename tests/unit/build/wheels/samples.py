"""Wheels with every kind of file, and the interpreter that they are installed for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing import Artifact

PYTHON = Interpreter(version="3.13.2", prefix=Path("/layers/python"))
"""It does not exist: nothing that is tested with it starts it."""


def packed(files: Mapping[str, str | bytes], *, executable: tuple[str, ...] = ()) -> bytes:
    """Return a zip archive of *files*, with directories, of which those that are *executable* may be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def tool(*, name: str = "acme", version: str = "1.0", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return a wheel with two standalone executables, ``acme`` and ``helper``, and the files *more*."""
    info, scripts = f"{name}-{version}.dist-info", f"{name}-{version}.data/scripts"
    files: dict[str, str | bytes] = {
        f"{scripts}/acme": b"\x7fELF acme",
        f"{scripts}/helper": b"\x7fELF helper",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        **(more or {}),
    }
    rows = "".join(f"{path},,\n" for path in files if not path.endswith("/"))
    files[f"{info}/RECORD"] = f"{rows}\n{info}/RECORD,,\n"
    return packed(files, executable=(f"{scripts}/acme", f"{scripts}/helper"))


def lock(*artifacts: Artifact) -> str:
    """Return a requirements file that locks *artifacts*."""
    return "".join(f"{one.name}=={one.version} --hash=sha256:{one.sha256}\n" for one in artifacts)
