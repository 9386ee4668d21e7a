"""``layerwright build``: builds an application into layers."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwright.build.report import processes_json, tell_layers, tell_processes
from layerwright.cli.application import platform, with_bundle
from layerwright.files.record import write_record
from layerwright.output.record import Recorder, json_text
from layerwright.output.verbosity import VARIABLE, verbosity
from layerwright.process.boundary import failure, terminable, usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Collection, Mapping

    from layerwright.build.phase import Built
    from layerwright.output.log import Log

__all__ = ["build_application", "run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Build into layers or into an image, as *arguments* say."""
    if arguments.verbosity:
        environment = {**environment, VARIABLE: arguments.verbosity}
    environment = with_bundle(environment, arguments.bundle)
    if arguments.lifecycle:
        from layerwright.cli.images.lifecycle import build_application_image

        return build_application_image(arguments, log.at(verbosity(environment)), environment)
    shown = log
    if arguments.json:
        from layerwright.output.aside import log_aside

        # Standard output is for the record alone.
        shown = log_aside(environment)
    return build_application(
        arguments.app,
        shown,
        environment,
        layers=arguments.layers,
        clean=arguments.clean,
        exec_env=arguments.exec_env,
        option=arguments.directory,
        record_to=log if arguments.json else None,
    )


def build_application(
    app: str,
    log: Log,
    environment: Mapping[str, str],
    *,
    layers: str | None = None,
    clean: bool = False,
    afresh: Collection[str] = (),
    exec_env: str = "",
    option: str | None = None,
    record_to: Log | None = None,
) -> int:
    """Build *app*, or the directory in it that *option* names, into layers; print the result and how to run it.

    The layers in *afresh* are recreated. However it ends, the record is written into the application directory, and
    to *record_to*.
    """
    started = time.monotonic()
    recorder = Recorder()
    log = log.at(verbosity(environment), [recorder.follow])
    local = platform(app, layers, environment, option=option)

    def record(**result: Any) -> None:
        found = recorder.record(application=str(local.app), output=str(local.output), **result)
        write_record(local.app, f"{json_text(found)}\n")
        if record_to is not None:
            record_to.json(found)

    with usual_modes():
        try:
            with terminable():
                built = local.build(log, clean=clean, afresh=afresh, exec_env=exec_env)
        except (Exception, KeyboardInterrupt) as error:
            shown = failure(error)
            record(status=shown.exit_status, error=shown)
            raise
        result = {"dropped": list(built.dropped), **processes_json(built.processes, built.not_proposed)}
        record(status=0, digests=local.digests(), result=result)
    tell_layers(built, log, seconds=time.monotonic() - started)
    tell_processes(built, log)
    directory = os.path.normpath(os.path.join(app, local.choice.directory)) if local.choice else app  # noqa: PTH118
    _how_to_run(built, directory, layers, log)
    return 0


def _how_to_run(built: Built, app: str, layers: str | None, log: Log) -> None:
    if not built.processes:
        return
    where = f" --layers {layers}" if layers else ""
    default = any(process.default for process, _ in built.processes)
    what = "" if default else f" {built.processes[0].process.type}"
    application = "" if app == "." else f" --app {shlex.quote(app)}"
    log.note(f"Run it: {_program()} run{where}{application}{what}")


def _program() -> str:
    """Return how to type the name of this program."""
    called = Path(sys.argv[0])
    if called.name != "layerwright":
        return f"{sys.executable} -m layerwright.cli"
    # Without shutil, whose import takes longer than this.
    places = (Path(directory, called.name) for directory in os.get_exec_path())
    found = next((place for place in places if os.access(place, os.X_OK)), None)
    return called.name if found and found.samefile(called) else str(called)
