"""``layerwright verify``: checks every layer for changes since the last build."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from layerwright.cli.application import platform
from layerwright.cli.build import build_application
from layerwright.config.application import OPTION
from layerwright.errors import SiteError
from layerwright.output.verbosity import VARIABLE, verbosity
from layerwright.process.boundary import terminable, usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from layerwright.local.manifests import Verified
    from layerwright.output.log import Log

__all__ = ["run"]

_SHOWN: Final = 20


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Verify; return 0 if nothing changed, or after a repair; raise ``SiteError`` otherwise."""
    if arguments.verbosity:
        environment = {**environment, VARIABLE: arguments.verbosity}
    log = log.at(verbosity(environment))
    local = platform(arguments.app, arguments.layers, environment, option=arguments.directory)
    with terminable(), usual_modes():
        found = local.verify(log)
    log.heading("Layers")
    for one in found:
        _tell(one, log)
    wrong = [one for one in found if one.differences or one.entries is None]
    if not wrong:
        return 0
    if not arguments.repair:
        raise _error(wrong, arguments)
    return build_application(
        arguments.app,
        log,
        environment,
        layers=arguments.layers,
        afresh=[one.name for one in wrong],
        exec_env=arguments.exec_env,
        option=arguments.directory,
    )


def _tell(one: Verified, log: Log) -> None:
    count = len(one.differences)
    if one.entries is None:
        log.note(f"{one.name}: unknown, the build recorded nothing about it")
    elif not count:
        log.note(f"{one.name}: unchanged" + (f", {one.entries:,} paths" if one.entries > 1 else ""))
    else:
        log.note(f"{one.name}: {count:,} path{'s differ' if count > 1 else ' differs'}")
    for difference in one.differences[:_SHOWN]:
        log.note(f"  {difference}")
    if count > _SHOWN:
        log.note(f"  and {count - _SHOWN:,} more")


def _error(wrong: Sequence[Verified], arguments: Namespace) -> SiteError:
    where = f"--layers {arguments.layers} " if arguments.layers else ""
    option = f" {OPTION} {shlex.quote(arguments.directory)}" if arguments.directory else ""
    repair = f"Rebuild them: layerwright verify --repair {where}{arguments.app}{option}"
    differ = [one.name for one in wrong if one.differences]
    if not differ:
        return SiteError(
            "The layers cannot be verified.",
            cause=f"No build recorded the contents of: {', '.join(one.name for one in wrong)}.",
            remedy=repair,
            reference="layers-not-recorded",
        )
    return SiteError(
        "The layers have changed since they were built.",
        cause=f"Modified or damaged: {', '.join(differ)}.",
        remedy=repair,
        reference="layers-differ",
    )
