"""The requirements of distributions: from an index, from local wheels, or from installed distributions."""

from __future__ import annotations

import email.parser
import json
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from layerwright.build.installed.closure import Requirer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

    from layerwright.buildpack.package.locks import Pin

__all__ = ["Known", "of_installed", "of_pins", "of_wheels"]

Known = dict[tuple[str, str], Requirer]
"""Metadata by normalised name and version."""


def of_pins(pins: Iterable[Pin], python: str) -> Known:
    """Return the metadata in the wheels of *pins* for CPython *python*, from the index in pip's settings.

    Raise ``subprocess.CalledProcessError`` if pip fails, after its output.
    """
    with tempfile.TemporaryDirectory() as directory:
        asked, report = Path(directory, "requirements.txt"), Path(directory, "report.json")
        asked.write_text("".join(f"{pin.line}\n" for pin in pins))
        options = ["--no-deps", "--require-hashes", "--only-binary=:all:", f"--python-version={python}"]
        options += ["--dry-run", "--ignore-installed", "--quiet", "--disable-pip-version-check"]
        # A pin that does not support this Python is a fault, which the check reports together with all others.
        options += ["--ignore-requires-python"]
        places = [f"--target={directory}/none", f"--report={report}", f"--requirement={asked}"]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, *places], check=True)
        found = [one["metadata"] for one in json.loads(report.read_text())["install"]]
    return _by_version(
        Requirer(
            name=canonicalize_name(one["name"]),
            version=one["version"],
            requires=tuple(one.get("requires_dist", ())),
            requires_python=one.get("requires_python", ""),
        )
        for one in found
    )


def of_wheels(directory: Path) -> Known:
    """Return the metadata of the wheels in *directory*."""
    return _by_version(
        Requirer(
            name=canonicalize_name(str(metadata["Name"])),
            version=str(metadata["Version"]),
            requires=tuple(map(str, metadata.get_all("Requires-Dist") or ())),
            requires_python=str(metadata["Requires-Python"] or ""),
        )
        for metadata in map(_metadata, directory.glob("*.whl"))
    )


def of_installed() -> Known:
    """Return the metadata of the distributions in this environment."""
    return _by_version(
        Requirer(
            name=canonicalize_name(one.metadata["Name"]),
            version=one.version,
            requires=tuple(one.requires or ()),
            requires_python=str(one.metadata.json.get("requires_python", "")),
        )
        for one in distributions()
    )


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        # At the top level: setuptools has those of others further down.
        tops = (name for name in archive.namelist() if name.count("/") == 1)
        [name] = (name for name in tops if name.endswith(".dist-info/METADATA"))
        return email.parser.BytesParser().parsebytes(archive.read(name), headersonly=True)


def _by_version(requirers: Iterable[Requirer]) -> Known:
    return {(one.name, one.version): one for one in requirers}
