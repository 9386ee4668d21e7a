"""Composes an image from a base image, the layers of a build, and the application."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from layerwright.files.trees.placed import Moves
from layerwright.image.image import Image
from layerwright.image.launch.environment import image_environment, process_environment
from layerwright.image.launch.labels import BASE_DIGEST, BASE_NAME, metadata_labels
from layerwright.image.launch.start import START, start_of, start_programs
from layerwright.image.layers.application import application_layers
from layerwright.image.layers.built import LAYERS, BuiltLayer
from layerwright.image.layers.bytecode import bytecode_layers
from layerwright.image.layers.files import Programs
from layerwright.image.layers.making import CREATED, LayerMaker

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from layerwright.image.base.image import BaseImage
    from layerwright.image.layers.bytecode import Compiler
    from layerwright.image.layers.making import LayerSource
    from layerwright.image.parts import Parts
    from layerwright.image.settings import Choices

__all__ = ["WORKSPACE", "ImageRequest", "compose"]

WORKSPACE: Final = "/workspace"
"""The directory of the source tree in an image, as platforms have it by default."""


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """The inputs of an image: its base, the parts of the build, and the source *tree*.

    *directory* is that of the application in the tree, empty if it is the tree. The paths *without* are left out.
    *compiler* makes the bytecode of the application's modules; without it they have none.
    """

    base: BaseImage
    parts: Parts
    tree: Path
    directory: str = ""
    settings: Choices
    without: Collection[Path] = field(default_factory=tuple)
    compiler: Compiler | None = None

    @property
    def application(self) -> str:
        """The application directory in the image."""
        return f"{WORKSPACE}/{self.directory}".rstrip("/")

    @property
    def moves(self) -> Moves:
        """The paths of the layers directory and of the tree, with those in the image."""
        tree = os.fspath(self.tree)
        # In URLs, such as those that record where an editable distribution is.
        sources = {tree: WORKSPACE, quote(tree): WORKSPACE}
        return Moves({os.fspath(self.parts.root): LAYERS}, sources)


def compose(request: ImageRequest, maker: LayerMaker) -> Image:
    """Return the image of *request*, whose layers *maker* makes; ``LayerwrightError``: one cannot be made."""
    base, parts, settings = request.base, request.parts, request.settings
    moves = request.moves
    built = [
        maker.layer(
            BuiltLayer(
                name=layer.name,
                path=layer.path,
                contents=layer.contents,
                moves=moves,
                owner=settings.owner,
            )
        )
        for layer in parts.layers
    ]
    files = application_layers(
        request.tree, WORKSPACE, settings.owner, exclude=settings.exclude, without=request.without
    )
    sources: list[LayerSource] = [*files, *bytecode_layers(files, request.compiler)]
    application = [maker.layer(source) for source in sources]
    programs = [maker.layer(_programs(request))] if base.has_shell else []
    labels = metadata_labels(
        parts.processes,
        [(part, layer.diff_id) for part, layer in zip(parts.layers, built, strict=True)],
        [layer.diff_id for layer in application],
        _run_image(base),
    )
    annotations = {BASE_NAME: base.name, BASE_DIGEST: base.digest} if base.name else {}
    return Image(
        layers=(*base.image.layers, *built, *programs, *application),
        config=_config(request, {**labels, **annotations, **settings.labels}),
        platform=base.image.platform,
        created=CREATED,
        annotations=annotations,
    )


def _programs(request: ImageRequest) -> Programs:
    parts, variables = request.parts, request.base.environment
    environments = {
        process.type: process_environment(parts, variables, process.type) for process in parts.processes
    }
    return Programs(
        words="Programs that start processes",
        texts=start_programs(
            parts.processes, image_environment(parts, variables), environments, request.application
        ),
    )


def _run_image(base: BaseImage) -> dict[str, str]:
    top = base.image.layers[-1].diff_id if base.image.layers else ""
    return {"topLayer": top, "reference": base.digest, "image": base.name}


def _config(request: ImageRequest, labels: Mapping[str, str]) -> dict[str, Any]:
    base, settings, parts = request.base, request.settings, request.parts
    inherited = {key: value for key, value in base.image.config.items() if key not in ("Cmd", "Entrypoint")}
    environment = image_environment(parts, base.environment)
    if not base.has_shell:
        # No program sets the variables of a process type, and only the default one is started without another setting.
        for process in parts.processes:
            if process.default:
                environment |= process_environment(parts, base.environment, process.type)
    start: Mapping[str, Any] = (
        {"Entrypoint": [START]} if base.has_shell else start_of(parts.processes, request.application)
    )
    config: dict[str, Any] = {
        **inherited,
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "WorkingDir": request.application,
        "User": _user(request),
        "Labels": {**(inherited.get("Labels") or {}), **labels},
        **start,
    }
    if settings.ports:
        config["ExposedPorts"] = {
            **(inherited.get("ExposedPorts") or {}),
            **{port if "/" in port else f"{port}/tcp": {} for port in settings.ports},
        }
    if settings.stop_signal:
        config["StopSignal"] = settings.stop_signal
    return config


def _user(request: ImageRequest) -> str:
    """Return the configured user, else that of the base, else the owner of the files: never root by default."""
    inherited = str(request.base.image.config.get("User") or "")
    if request.settings.user:
        return request.settings.user
    owner = request.settings.owner
    is_root = inherited.partition(":")[0] in ("", "0", "root")
    return f"{owner.uid}:{owner.gid}" if is_root else inherited
