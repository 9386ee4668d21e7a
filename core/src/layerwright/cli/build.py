"""``layerwright build``: builds an application into layers."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.boundary import terminable
from layerwright.cli.application import application_directory, platform
from layerwright.output import bytes_words
from layerwright.report import tell_layers

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.build import Built
    from layerwright.output import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Build, then say what was made and how to run it."""
    if arguments.lifecycle:
        return _run_lifecycle(arguments, log, environment)
    started = time.monotonic()
    local = platform(arguments.app, arguments.layers, environment)
    with terminable():
        built = local.build(log, clean=arguments.clean, exec_env=arguments.exec_env)
    tell_layers(built, log, seconds=time.monotonic() - started)
    _how_to_run(built, arguments, log)
    return 0


def _run_lifecycle(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    from layerwright.lifecycle import ImageRequest, build_image
    from layerwright.local import default_cache, default_layers

    application = application_directory(arguments.app)
    usual = default_layers(application, default_cache(environment)).parent / "image-build"
    request = ImageRequest(
        application=application,
        lifecycle=Path(arguments.lifecycle).resolve(),
        place=Path(arguments.layers).resolve() if arguments.layers else usual,
        environment=environment,
        run_image=Path(arguments.run_image).resolve() if arguments.run_image else None,
        exec_env=arguments.exec_env,
        clean=arguments.clean,
    )
    with terminable():
        path, image = build_image(request, log)
    log.heading("Image")
    rows = [(layer.made_by, bytes_words(layer.size), layer.digest[:19]) for layer in image.layers]
    log.table(("layer", "stored", "digest"), rows, right=(1,))
    log.note(f"{path}: {image.digest}")
    log.note(f"Use it: skopeo copy oci:{path} docker-daemon:{path.parent.name}:latest")
    return 0


def _how_to_run(built: Built, arguments: Namespace, log: Log) -> None:
    log.heading("Processes")
    for process, origin in built.processes:
        mark = " (default)" if process.default else ""
        log.note(f"{process.type}{mark}: {' '.join((*process.command, *process.args))}  [{origin}]")
    if not built.processes:
        log.note('None. Name one in a Procfile ("web: gunicorn app:app") or in [tool.layerwright.processes].')
    where = f" --layers {arguments.layers}" if arguments.layers else ""
    default = any(process.default for process, _ in built.processes)
    what = "" if default else " " + next((p.type for p, _ in built.processes), "python")
    log.note(f"Run it: {_program()} run{where} {arguments.app}{what}")


def _program() -> str:
    """Return what to type for this very program."""
    called = Path(sys.argv[0])
    if called.name != "layerwright":
        return f"{sys.executable} -m layerwright.cli"
    found = shutil.which("layerwright")
    return "layerwright" if found and Path(found).samefile(called) else str(called)
