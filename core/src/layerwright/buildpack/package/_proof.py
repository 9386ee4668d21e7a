"""Tests that a buildpack works with its own contents alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError
from layerwright.process.command import Command

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.process.runner import Runner

__all__ = ["prove_buildpack"]

_REPORT: Final = """\
import json, pathlib, runpy, sys
buildpack = runpy.run_path(sys.argv[1], run_name="buildpack")["buildpack"]
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.plugins.own import with_declared
from layerwright.plugins.entry_points import entry_points
from layerwright.errors import ConfigurationError
from layerwright.plugins.loading import load_plugins
sources, found, broken = Sources({}, {}, buildpack.given()), entry_points(), {}
try:
    found = with_declared(found, sources, pathlib.Path.cwd(), allowed=False)
except ConfigurationError as error:
    broken["its defaults"] = error.cause
plugins = load_plugins(found, hooks=buildpack.given_hooks())
broken |= {one.entry_point.label: one.reason for one in plugins.broken}
try:
    configure(sources, plugins.tables)
except ConfigurationError as error:
    broken.setdefault("its defaults", error.cause)
print("\\n" + json.dumps({"managers": sorted(plugins.package_managers), "broken": broken}))
"""


def prove_buildpack(directory: Path, runner: Runner) -> tuple[str, ...]:
    """Load the buildpack in *directory* with its own interpreter, and return its package managers.

    ``SiteError``: it does not load, or one of its plugins does not.
    """
    import json

    python = directory / "python" / "bin" / "python3"
    argv = (str(python), "-I", "-B", "-c", _REPORT, str(directory / "buildpack.py"))
    completed = runner.within({}).try_run(Command(argv=argv))
    if completed.returncode:
        raise _failed(completed.output.strip())
    report = json.loads(completed.output.splitlines()[-1])
    if report["broken"]:
        raise _failed("\n".join(f"{name}: {reason}" for name, reason in report["broken"].items()))
    return tuple(report["managers"])


def _failed(cause: str) -> SiteError:
    return SiteError(
        "The buildpack does not work with its own interpreter.",
        cause=cause,
        remedy=(
            "If a module is missing, package its distribution with --plugin or --requirements.",
            "If it needs another Python, choose that one: --python VERSION",
        ),
        reference="buildpack-not-proved",
    )
