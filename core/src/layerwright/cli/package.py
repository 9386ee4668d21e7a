"""``layerwright package``: creates a self-contained buildpack."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.buildpack.package.assemble import PackageRequest, package
from layerwright.buildpack.package.source import READY_MADE
from layerwright.local.places import default_cache
from layerwright.output.words import bytes_words, seconds_words
from layerwright.process.boundary import terminable
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Package, then print the result and how to use it."""
    started = time.monotonic()
    request = PackageRequest(
        environment=environment,
        cache=default_cache(environment),
        source=Path(arguments.source).resolve() if arguments.source else READY_MADE,
        output=Path(arguments.output) if arguments.output else None,
        python=arguments.python,
        api=arguments.api or "",
        target=arguments.target,
        plugins=tuple(arguments.plugin),
        requirements=tuple(map(Path, arguments.requirements)),
    )
    runner = Runner(
        # Our own commands must not import what a user's variables name.
        env={name: value for name, value in environment.items() if not name.startswith("PYTHON")},
        on_line=log.output,
        on_command=lambda command: log.command(command.words),
    )
    with terminable():
        packaged = package(request, log, runner)
    log.note(f"{packaged.path}: {bytes_words(packaged.size)}")
    if packaged.digest:
        log.note(packaged.digest)
    log.note(f"Packaged in {seconds_words(time.monotonic() - started)}.")
    log.note(f"Use it: pack build IMAGE --builder BUILDER --buildpack {packaged.path}")
    return 0
