"""The choices of a build and its explanation, before the first change: package manager, settings, interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.choose._configured import configured
from layerwright.build.choose.variables import sort_variables
from layerwright.build.detect import detect
from layerwright.build.notices.misspelt import misspelt_files
from layerwright.build.notices.unclaimed import nothing_detected
from layerwright.config.processes import in_procfile
from layerwright.config.python_request import request_python
from layerwright.config.sources import read_sources
from layerwright.config.version_files import VERSION_FILE
from layerwright.contract.values.project import ProjectRequest
from layerwright.errors import UserError
from layerwright.plugins.blame import blaming, checked_value
from layerwright.plugins.entry_points import disabled_plugins, disabled_tables
from layerwright.plugins.loading import Loader
from layerwright.plugins.own import with_declared
from layerwright.process.redaction import KNOWN
from layerwright.pythons.interpreter import VersionSource, specifier
from layerwright.pythons.provider import minor_of
from layerwright.pythons.select import select
from layerwright.pythons.specifiers import version_matcher
from layerwright.pythons.support import end_of_life

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from layerwright.build.choose.variables import Variables
    from layerwright.build.request import BuildRequest
    from layerwright.config.python_request import PythonRequest
    from layerwright.config.reading import Configuration, ToolSettings
    from layerwright.config.sources import Sources
    from layerwright.contract.package_manager import PackageManager
    from layerwright.plugins.host import Plugins
    from layerwright.pythons.provider import Candidate, Provider

__all__ = ["Prepared", "prepare"]

# The failures of an installation that another version of Python, for which there are wheels, may not have.
_OF_PYTHON: Final = frozenset({
    "distribution-not-built",
    "missing-header",
    "missing-library",
    "missing-program",
    "no-such-version",
    "not-for-this-python",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The package manager with its settings and evidence, and the interpreter with the request for it.

    ``others`` are the package managers whose tools it uses.
    """

    configuration: Configuration
    plugins: Plugins
    manager: PackageManager
    others: tuple[PackageManager, ...]
    reason: str
    python_request: PythonRequest
    provider: Provider
    candidate: Candidate
    today: date
    variables: Variables
    launches_here: bool = True
    passed_over: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def settings(self) -> ToolSettings:
        """The package manager's settings."""
        settings: ToolSettings = self.configuration.tools[self.manager.name]
        return settings

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of the commands that build."""
        return self.variables.for_commands

    @property
    def command_environment(self) -> dict[str, str]:
        """The environment that every command starts from: the user's variables, and those for all programs."""
        return {
            **self.environment,
            # Core compiles bytecode once, hash-based; bytecode that a tool writes would be stale after a restore.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            # Compilers translate their messages, and diagnoses match the English ones.
            "LANGUAGE": "C",
        }

    @property
    def end_of_life(self) -> str:
        """A warning if the chosen Python no longer gets security fixes, else nothing."""
        end, minor = end_of_life(self.candidate.version), minor_of(self.candidate.version)
        if end is None or self.today < end:
            return ""
        return (
            f"Python {minor} has had no security fixes since its end of life, {end.isoformat()}.\n"
            f"Move to a newer one: {self.python_request.winner.origin} decides."
        )

    @property
    def python_warnings(self) -> tuple[str, ...]:
        """The warnings about the chosen Python: its end of life, and files that should name one and do not."""
        return (*filter(None, [self.end_of_life]), *self.unread)

    @property
    def python_words(self) -> tuple[str, ...]:
        """The interpreter and its origin; each source of a version, the winner marked; unsuitable interpreters."""
        request, candidate = self.python_request, self.candidate
        seen = (
            f"{s.origin}: {s.value}{' (decides)' if s is request.winner else ''}" for s in request.sources
        )
        return (
            f"Python {candidate.version} from {candidate.provider}: {candidate.origin}",
            *seen,
            *self.passed_over,
            *filter(None, [self._elsewhere]),
        )

    @property
    def as_json(self) -> dict[str, Any]:
        """The choices as JSON values, for explanations and records."""
        return {
            "package-manager": {"name": self.manager.name, "reason": self.reason},
            "python": {
                "version": self.candidate.version,
                "provider": self.candidate.provider,
                "origin": self.candidate.origin,
                "sources": [
                    {"origin": s.origin, "value": s.value, "wins": s is self.python_request.winner}
                    for s in self.python_request.sources
                ],
            },
        }

    def default_words(self, reference: str) -> str:
        """Return a sentence if no file or setting names the version of Python, and another one could be the remedy.

        *reference* is that of the error.
        """
        if self.python_request.winner.origin != "default" or reference not in _OF_PYTHON:
            return ""
        return (
            f"No file names a Python version, so Python {minor_of(self.candidate.version)} was chosen. If the"
            f" requirements are for another one, write it to {VERSION_FILE}."
        )

    @property
    def _elsewhere(self) -> str:
        """The Python of an image, if it is another minor version than that of this machine."""
        best = self.python_request.best_minor
        if not self.launches_here:
            return ""
        if self.candidate.provider != "system" or best in ("", minor_of(self.candidate.version)):
            return ""
        return f"an image gets Python {best}: to build with the same one here and there, name it in {VERSION_FILE}"


def prepare(request: BuildRequest) -> Prepared:
    """Choose the package manager, read its settings, and choose the interpreter, without changing anything.

    Raises every error in the application or its configuration that can be known by now.
    """
    project = request.project
    KNOWN.learn_environment(request.environment)
    sources = read_sources(project, request.environment, request.given)
    found = with_declared(request.entry_points, sources, project.root, allowed=request.own_package_managers)
    disabled = disabled_plugins(request.environment)
    sources = sources.without(disabled_tables(found, disabled))
    loader = Loader(found, disabled=disabled, hooks=request.hooks)
    detected = detect(project, sources, found, disabled, loader)
    if detected is None:
        raise nothing_detected(project, found, disabled) or _not_python(request)
    manager, others, plugins, configuration = configured(detected.name, project, found, loader, sources)
    for broken in plugins.broken:
        if any(broken.entry_point == entry_point for entry_point, _ in request.hooks):
            # Hooks of the platform, which apply to every application, must not be left out silently.
            raise broken.error
    variables = sort_variables(request, (manager, *others))
    # It is read again at the end; an error that is reported only then would cost an installation.
    in_procfile(project)
    label = plugins.provider(manager.name).label
    about = ProjectRequest(project=project, settings=configuration.tools[manager.name])
    pinned = _version_source("python_pin", manager.python_pin, about, label)
    locked = _version_source("python_bounds", manager.python_bounds, about, label)
    own, given = _configured_python(sources)
    python_request = request_python(project, configured=own, pinned=pinned, locked=locked, given=given)
    providers = request.providers(configuration.python)
    winner = python_request.winner
    asked = f"{winner.value}, which {winner.origin} asks for,"
    provider, candidate = select(
        winner.specifier, python_request.prefer, providers, within=python_request.within, asked=asked
    )
    python_request.check(candidate.version)
    return Prepared(
        configuration=configuration,
        plugins=plugins,
        manager=manager,
        others=others,
        reason=detected.reason,
        python_request=python_request,
        provider=provider,
        candidate=candidate,
        today=request.today,
        variables=variables,
        launches_here=bool(request.launch_path),
        passed_over=tuple(
            f"not from {other.name}: {place}"
            for other in takewhile(lambda p: p is not provider, providers)
            for place in other.looked_in()
        ),
        unread=(*misspelt_files(project), *python_request.warnings),
    )


def _configured_python(sources: Sources) -> tuple[VersionSource | None, VersionSource | None]:
    """Return the version that the application or its user configures, and the one that others set."""
    found: dict[bool, VersionSource] = {}
    for value, origin, _, given in sources.raws(("python", "version")):
        if given not in found:
            # A value that is not a string is an error of the configuration, unless a stronger source decides.
            text = str(value)
            found[given] = VersionSource(origin=origin, value=text, specifier=specifier(text, origin))
    return found.get(False), found.get(True)


def _version_source(
    name: str,
    method: Callable[[ProjectRequest], VersionSource | None],
    about: ProjectRequest,
    label: str,
) -> VersionSource | None:
    """Return the Python version that *method* of the package manager, called *name*, returns for *about*."""
    with blaming(label, name):
        source = method(about)
    if source is None:
        return None
    found = checked_value(source, VersionSource, label, name)
    try:
        version_matcher(found.specifier)
    except ValueError:
        # Its value is not shown: a plugin may have read it from a lock file that is a link to outside the
        # application.
        raise UserError(
            f"{found.origin} is not a Python version.",
            cause="It is not a PEP 440 version specifier (>=3.12,<3.14).",
            remedy=f"Correct {found.origin}, or recreate the file with the tool that wrote it.",
            reference="bad-python-version",
        ) from None
    return found


def _not_python(request: BuildRequest) -> UserError:
    choice = request.choice
    return UserError(
        "No Python application was found.",
        cause=f"Nothing in {request.project.root} looks like one.",
        remedy=f"Choose another directory: {choice.origin} names {choice.directory}."
        if choice
        else "Pass the application directory, or change to it.",
        reference="nothing-detected",
    )
