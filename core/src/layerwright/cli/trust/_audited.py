"""What ``layerwright audit`` looks at: a built application, an image, or a bill of materials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.bom.merging import LAYER
from layerwright.config.reading import policy_of
from layerwright.config.sources import Sources, read_sources
from layerwright.errors import UserError
from layerwright.image.base.find import names_image

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.build.bom.component import Component
    from layerwright.config.policy.policy import Policy
    from layerwright.output.log import Log

__all__ = ["Audited", "audited"]

_JSON: Final = ".json"


@dataclass(frozen=True, kw_only=True)
class Audited:
    """The components of *name*; ``directory`` is that of the application, if there is one.

    ``policy`` is that of the application and its environment, or of the environment alone.
    """

    name: str
    version: str = ""
    components: tuple[Component, ...]
    directory: Path | None = None
    policy: Policy | None = None


def audited(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> Audited:
    """Return what *arguments* name; ``UserError``: there is no such thing, or it was not built."""
    what = arguments.what
    path = Path(what)
    policy = policy_of(Sources({}, environment))
    if what.endswith(_JSON) and not path.is_dir():
        return replace(_document(path), policy=policy)
    if names_image(what):
        return replace(_image(what, environment, log), policy=policy)
    return _built(arguments, log, environment)


def _built(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> Audited:
    from layerwright.build.bom.merging import Part, merged, named
    from layerwright.cli.application import OR_AN_IMAGE, platform
    from layerwright.files.project import Project

    local = platform(
        arguments.what, arguments.layers, environment, option=arguments.directory, otherwise=OR_AN_IMAGE
    )
    project = Project(local.app, local.tree, local.script)
    policy = policy_of(read_sources(project, environment))
    name, version = named(project)
    with local.complete(log) as layers:
        bom = merged(layers, Part(arguments.part), name=name, version=version)
    return Audited(name=name, version=version, components=bom.components, directory=local.app, policy=policy)


def _image(name: str, environment: Mapping[str, str], log: Log) -> Audited:
    """Return the bill of materials of the image *name*, or else the distributions in its virtual environment."""
    from layerwright.build.bom.component import Component, pypi_purl
    from layerwright.build.layers.names import VENV
    from layerwright.cli.images.registries import opened
    from layerwright.cnb.target import Target
    from layerwright.config.reading import image_settings
    from layerwright.image.attached.bills import bill_of
    from layerwright.image.attached.find import find_with_attached
    from layerwright.image.inspecting import inspect_image
    from layerwright.local.places import default_cache, default_images

    images = default_images(default_cache(environment))
    with opened(image_settings(Sources({}, environment)), environment, images, log) as registries:
        found = find_with_attached(name, Target.of_this_machine(), registries)
        bom = bill_of(found, name)
        if bom is not None:
            return Audited(name=name, components=bom.components)
        seen = inspect_image(found.image.image, found.image.digest)
    return Audited(
        name=name,
        components=tuple(
            Component(name=each, version=version, purl=pypi_purl(each, version), notes={LAYER: VENV})
            for each, version in seen.distributions.items()
        ),
    )


def _document(path: Path) -> Audited:
    from layerwright.build.bom.merging import read_bom
    from layerwright.files import bounded

    try:
        bom = read_bom(bounded.read(path))
    except OSError as error:
        raise _not_a_bill(f"{path} cannot be read.", f"{error.strerror}.") from error
    except ValueError as error:
        raise _not_a_bill(f"{path} is not a bill of materials.", str(error)) from error
    return Audited(name=bom.name or path.name, version=bom.version, components=bom.components)


def _not_a_bill(summary: str, cause: str) -> UserError:
    return UserError(
        summary,
        cause=cause,
        remedy="Name a CycloneDX or SPDX document in JSON, an application, or an image.",
        reference="no-bill-of-materials",
    )
