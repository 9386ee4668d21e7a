"""``layerwright detect``: shows which package manager would be used, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.detect import detect
from layerwright.build.notices.unclaimed import nothing_detected
from layerwright.cli.application import application_path
from layerwright.config.application import choose_application
from layerwright.config.sources import read_sources
from layerwright.plugins.entry_points import disabled_plugins, entry_points
from layerwright.plugins.own import with_declared
from layerwright.plugins.unusable import unusable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["detect_application", "run"]

_NONE_APPLIES = 100


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Detect in the given application directory."""
    return detect_application(arguments.app, log, environment, option=arguments.directory)


def detect_application(
    app: str, log: Log, environment: Mapping[str, str], *, option: str | None = None
) -> int:
    """Print the package manager that would be used for *app*; return 0, or 100 if there is none."""
    project, choice = choose_application(application_path(app), environment, option=option)
    if choice is not None:
        log.line(f"Application directory: {choice.words}")
    sources = read_sources(project, environment)
    found = with_declared(entry_points(), sources, project.root, allowed=True)
    disabled = disabled_plugins(environment)
    detected = detect(project, sources, found, disabled)
    if detected is not None:
        log.line(f"{detected.name}, because {detected.reason}")
        for warning in unusable(found, disabled):
            log.warning(warning)
        return 0
    missing = nothing_detected(project, found, disabled)
    if missing is None:
        log.line(f"Nothing in {project.root} looks like a Python application.")
    else:
        log.error(missing)
    for warning in unusable(found, disabled):
        log.warning(warning)
    return _NONE_APPLIES
