"""``layerwright plugins check``: reports every mistake in the declaration of a package manager."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.errors import UserError
from layerwright.plugins.declarative.read import read_package_manager

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Check the given file, and print which package manager it declares."""
    del environment
    file = Path(arguments.file)
    if not file.is_file():
        raise UserError(
            f"{file} {'is a directory' if file.is_dir() else 'does not exist'}.",
            remedy="Pass the file to check, usually package-manager.toml.",
            reference="package-manager-declaration",
        )
    manager = read_package_manager(file, shown=arguments.file)
    files = " or ".join(manager.declaration.detect.files)
    log.line(
        f"{arguments.file} declares {manager.display_name} {manager.version}, for applications with {files}."
    )
    return 0
