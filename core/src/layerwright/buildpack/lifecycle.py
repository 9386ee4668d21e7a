"""Builds an image with the Cloud Native Buildpacks lifecycle, without a container engine or a registry.

Detect and build run through the lifecycle as on any platform, and the image is exported into a directory. Platform
API: https://github.com/buildpacks/spec/blob/main/platform.md
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from layerwright.build.lock import PRIVATE, locked
from layerwright.buildpack.package.source import READY_MADE, SCRIPT, describe, load_buildpack
from layerwright.cnb.api import EXEC_ENV_API
from layerwright.cnb.exit_status import LIFECYCLE
from layerwright.cnb.package.oci_layout import read_image, write_base_image
from layerwright.cnb.target import Target
from layerwright.errors import CommandFailed, UserError
from layerwright.files.digests import RECORD_DIRECTORY
from layerwright.files.removal import remove_tree
from layerwright.plugins.entry_points import PLUGIN_GROUP, entry_points
from layerwright.process.command import Command
from layerwright.process.failures.diagnosis import Diagnosis
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from layerwright.cnb.package.descriptor import Descriptor
    from layerwright.cnb.package.oci_layout import LayoutImage
    from layerwright.output.log import Log

__all__ = ["ImageRequest", "build_image"]

_PROGRAMS: Final = ("lifecycle", "launcher")
# The first with OCI layouts, and the first with execution environments.
_PLATFORM_API: Final = "0.12"
_EXEC_ENV_PLATFORM_API: Final = "0.15"
_RUN_IMAGE: Final = "localhost/run:base"
# Certificates: an index that needs them here needs them in the build as well.
_CERTIFICATES: Final = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE")
_OF_THIS_MACHINE: Final = ("LAYERWRIGHT_CACHE_DIR", "LAYERWRIGHT_LIFECYCLE")
# Files of a build that the next one does not use.
_PASSING: Final = ("application", "bin", "buildpacks", "layers", "platform")
_STUB: Final = """\
#!/bin/sh
exec '{python}' -I "${{0%/*}}/../{script}" {phase}
"""


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """The inputs of an image of the source tree ``application``, with its ``name`` if it has another one.

    ``lifecycle`` is the directory with the programs ``lifecycle`` and ``launcher``; ``place`` is the directory for
    the image and everything else that is kept for the next build. ``run_image`` is the directory of the run image in
    OCI layout; without one it is empty. ``environment`` holds the user's variables. With ``clean`` nothing of the
    last build is used. Paths of the application in ``without`` are left out of the image.
    """

    application: Path
    lifecycle: Path
    place: Path
    environment: Mapping[str, str]
    run_image: Path | None = None
    exec_env: str = ""
    clean: bool = False
    without: tuple[Path, ...] = ()
    name: str = ""


def build_image(request: ImageRequest, log: Log) -> tuple[Path, LayoutImage]:
    """Build the image of *request*; return its directory, in OCI layout, and its contents.

    ``CommandFailed``: a phase of the lifecycle failed; the last image is unchanged.
    """
    for program in _PROGRAMS:
        if not os.access(request.lifecycle / program, os.X_OK):
            raise UserError(
                f"There is no lifecycle in {request.lifecycle}.",
                cause=f"{request.lifecycle / program} is not an executable file.",
                remedy=f"Pass the directory that contains {' and '.join(_PROGRAMS)} of a lifecycle's release.",
                reference="no-lifecycle",
            )
    with locked(request.place, log) as lock:
        work = request.place / PRIVATE / "lifecycle"
        command = _prepare(request, work)
        runner = Runner(
            env={k: v for k, v in request.environment.items() if not k.startswith(("CNB_", "PYTHON"))},
            on_line=log.quote,
            on_command=lambda started: log.command(started.words),
            keep_open=[lock],
        )
        log.heading("Lifecycle")
        try:
            runner.run(command)
        except CommandFailed as error:
            raise CommandFailed(
                "The lifecycle did not create an image.",
                returncode=error.returncode,
                cause=f"It ended with status {error.returncode}: {LIFECYCLE.get(error.returncode, 'unknown')}.",
                remedy="Read its output above; an error of the buildpack says what to do.",
                reference="lifecycle-failed",
                transient=error.transient,
            ) from error
        finally:
            # Variables may be secrets; the rest is in the image and in the cache.
            _remove(*(work / name for name in _PASSING))
        layout = request.place / "image"
        image = read_image(layout / _image_path(request))
        return layout / _image_path(request), image


def _prepare(request: ImageRequest, work: Path) -> Command:
    """Write the lifecycle's input files into *work*, and return the command that starts it."""
    target = Target.of_this_machine()
    _remove(*(work / name for name in _PASSING))
    for name in ("bin", "cache", "layers", "platform", "platform/env"):
        (work / name).mkdir(parents=True, exist_ok=True)
    (work / "platform").chmod(0o700)
    # The name under which the lifecycle is started selects the phase.
    (work / "bin" / "creator").symlink_to(request.lifecycle / "lifecycle")
    # It changes the owner of the files that it exports.
    shutil.copytree(request.application, work / "application", symlinks=True, ignore=_excluding(request))
    descriptor = _write_buildpack(request, work, target)
    (work / "order.toml").write_text(
        f'[[order]]\n[[order.group]]\nid = "{descriptor.id}"\nversion = "{descriptor.version}"\n',
        encoding="utf-8",
    )
    (work / "run.toml").write_text(f'[[images]]\nimage = "{_RUN_IMAGE}"\n', encoding="utf-8")
    for name, value in _for_the_build(request.environment).items():
        (work / "platform" / "env" / name).write_bytes(os.fsencode(value))
    _place_run_image(request, target)
    return Command(
        argv=(
            str(work / "bin" / "creator"),
            "-no-color",
            f"-app={work / 'application'}",
            f"-buildpacks={work / 'buildpacks'}",
            f"-cache-dir={work / 'cache'}",
            f"-launcher={request.lifecycle / 'launcher'}",
            f"-launcher-sbom={work}",
            f"-layers={work / 'layers'}",
            "-layout",
            f"-layout-dir={request.place / 'image'}",
            f"-order={work / 'order.toml'}",
            f"-platform={work / 'platform'}",
            f"-run={work / 'run.toml'}",
            *(["-skip-restore"] if request.clean else []),
            f"-uid={os.getuid()}",
            f"-gid={os.getgid()}",
            _image_name(request),
        ),
        env={
            "CNB_EXPERIMENTAL_MODE": "warn",
            "CNB_PLATFORM_API": _EXEC_ENV_PLATFORM_API if request.exec_env else _PLATFORM_API,
            **({"CNB_EXEC_ENV": request.exec_env} if request.exec_env else {}),
        },
        cwd=work,
        shown=f"creator -layout {_image_name(request)}",
        # Its own status is 51 for every failure of a buildpack.
        diagnoses=(
            Diagnosis(
                pattern=r"failed to build: exit status 75\b",
                summary="The buildpack failed.",
                reference="lifecycle-failed",
                transient=True,
            ),
        ),
    )


def _write_buildpack(request: ImageRequest, work: Path, target: Target) -> Descriptor:
    """Write the ready-made buildpack as a directory whose programs run with this interpreter."""
    descriptor = describe(
        load_buildpack(READY_MADE), READY_MADE, target._replace(distro_name="", distro_version="")
    )
    if request.exec_env:
        descriptor = replace(descriptor, api=EXEC_ENV_API)
    place = work / "buildpacks" / descriptor.id.replace("/", "_") / descriptor.version
    (place / "bin").mkdir(parents=True)
    (place / "buildpack.toml").write_text(descriptor.toml(), encoding="utf-8")
    shutil.copyfile(READY_MADE / SCRIPT, place / SCRIPT)
    for phase in ("detect", "build"):
        program = place / "bin" / phase
        program.write_text(_STUB.format(python=sys.executable, script=SCRIPT, phase=phase), encoding="utf-8")
        program.chmod(0o755)
    return descriptor


def _for_the_build(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the build: those of package managers, and our own."""
    managers = (e.name.upper().replace("-", "_") for e in entry_points() if e.group == PLUGIN_GROUP)
    prefixes = ("LAYERWRIGHT_", *(f"{name}_" for name in managers))
    return {
        name: value
        for name, value in environment.items()
        if (name.startswith(prefixes) and name not in _OF_THIS_MACHINE) or name in _CERTIFICATES
    }


def _place_run_image(request: ImageRequest, target: Target) -> None:
    place, draft = request.place / "image" / "localhost" / "run" / "base", request.place / PRIVATE / "run"
    _remove(draft)
    if request.run_image is None:
        draft.mkdir()
        write_base_image(draft, target)
    else:
        _check_run_image(request.run_image)
        shutil.copytree(request.run_image, draft)
    _remove(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(place)


def _check_run_image(path: Path) -> None:
    try:
        read_image(path)
    except ValueError as error:
        raise UserError(
            f"{path} cannot be used as the run image.",
            cause=str(error),
            remedy="Pass a directory with one image in OCI layout: skopeo copy docker://IMAGE oci:DIRECTORY",
            reference="no-run-image",
        ) from error


def _excluding(request: ImageRequest) -> Callable[[str, list[str]], set[str]]:
    """Return an ``ignore`` function for :func:`shutil.copytree` that skips the build's directory."""
    left_out = {str(path.resolve()) for path in (request.place, *request.without)}
    left_out.add(str(request.application / RECORD_DIRECTORY))
    return lambda folder, names: {name for name in names if os.path.join(folder, name) in left_out}  # noqa: PTH118


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            remove_tree(path)


def _image_name(request: ImageRequest) -> str:
    # Valid names of a repository: https://github.com/opencontainers/distribution-spec
    letters = "".join(
        c if c.isascii() and c.isalnum() else "-" for c in (request.name or request.application.name).lower()
    )
    return f"localhost/{letters.strip('-') or 'app'}:latest"


def _image_path(request: ImageRequest) -> str:
    return _image_name(request).replace(":", "/")
