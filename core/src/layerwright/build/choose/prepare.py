"""The choices of a build and its explanation, before the first change: package manager, settings, interpreter."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from layerwright.build.choose._configured import configured
from layerwright.build.choose.prepared import Prepared
from layerwright.build.choose.variables import sort_variables
from layerwright.build.detect import detect
from layerwright.build.notices.misspelt import misspelt_files
from layerwright.cnb.api import BINDING_ROOT, BINDINGS
from layerwright.config.processes import in_procfile
from layerwright.config.python_request import request_python
from layerwright.config.sources import INDEX_PREFIX, read_sources
from layerwright.contract.values.project import ProjectRequest
from layerwright.errors import UserError
from layerwright.plugins.blame import blaming, checked_value
from layerwright.plugins.entry_points import disabled_plugins, disabled_tables
from layerwright.plugins.loading import Loader
from layerwright.plugins.own import with_declared
from layerwright.process.redaction import KNOWN
from layerwright.pythons.interpreter import VersionSource, specifier
from layerwright.pythons.select import select
from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.build.indexes.join import Joined
    from layerwright.build.request import BuildRequest
    from layerwright.config.reading import Configuration
    from layerwright.config.sources import Sources
    from layerwright.contract.package_manager import PackageManager

__all__ = ["prepare"]


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
        from layerwright.build.notices.unclaimed import nothing_detected

        raise nothing_detected(project, found, disabled) or _not_python(request)
    manager, others, plugins, configuration = configured(detected.name, project, found, loader, sources)
    for broken in plugins.broken:
        if any(broken.entry_point == entry_point for entry_point, _ in request.hooks):
            # Hooks of the platform, which apply to every application, must not be left out silently.
            raise broken.error
    label = plugins.provider(manager.name).label
    joined = _joined(request, manager, configuration, label)
    if joined is not None:
        request = replace(request, environment=joined.environment)
    variables = sort_variables(request, (manager, *others))
    # It is read again at the end; an error that is reported only then would cost an installation.
    in_procfile(project)
    about = ProjectRequest(project=project, settings=configuration.tools[manager.name])
    pinned = _version_source("python_pin", manager.python_pin, about, label)
    locked = _version_source("python_bounds", manager.python_bounds, about, label)
    own, given = _configured_python(sources)
    python_request = request_python(project, configured=own, pinned=pinned, locked=locked, given=given)
    settings = configuration.python
    if joined is not None and joined.mirror and settings.mirror is None:
        settings = replace(settings, mirror=joined.mirror)
    providers = request.providers(settings)
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
        joined=joined,
        supply_words=request.supply.words if request.supply else (),
    )


def _joined(
    request: BuildRequest, manager: PackageManager, configuration: Configuration, label: str
) -> Joined | None:
    """Return the user's variables together with what is given for indexes; ``None`` if nothing is."""
    environment = request.environment
    names_bindings = environment.get(BINDING_ROOT) or (
        request.platform and (request.platform / BINDINGS).is_dir()
    )
    if not names_bindings and not any(name.startswith(INDEX_PREFIX) for name in environment):
        return None
    from layerwright.build.indexes.join import joined

    return joined(request, manager, configuration.tools[manager.name], label)


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
