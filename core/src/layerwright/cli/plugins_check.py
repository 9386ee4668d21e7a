"""``layerwright plugins check``: everything that is wrong with the declaration of a package manager."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.declarative.read import read_package_manager

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Check the file that was named, and say which package manager it declares."""
    del environment
    manager = read_package_manager(Path(arguments.file), shown=arguments.file)
    files = " or ".join(manager.declaration.detect.files)
    log.line(
        f"{arguments.file} declares {manager.display_name} {manager.version}, for applications with {files}."
    )
    return 0
