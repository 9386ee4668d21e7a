"""``layerwright build --lifecycle``: builds an application into an image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.buildpack.lifecycle import ImageRequest, build_image
from layerwright.cli.application import application_path
from layerwright.config.application import choose_application
from layerwright.config.scripts import SCRIPT
from layerwright.config.sources import APP_DIR, variable
from layerwright.local.places import default_cache, default_layers
from layerwright.local.use import record_use
from layerwright.output.words import bytes_words
from layerwright.process.boundary import terminable, usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["build_application_image"]


def build_application_image(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Build, then print the contents of the image and how to use it."""
    application = choose_application(application_path(arguments.app), environment, option=arguments.directory)
    root, tree = application.project.root, application.project.tree
    if arguments.directory is not None:
        # The buildpack has no options.
        environment = {**environment, variable(APP_DIR): os.path.relpath(root, tree)}
    script, cache = application.project.script, default_cache(environment)
    if script:
        environment = {**environment, SCRIPT: script}
    usual = default_layers(root / script, cache).parent / "image-build"
    request = ImageRequest(
        application=tree,
        name=Path(script).stem or root.name,
        lifecycle=Path(arguments.lifecycle).resolve(),
        place=Path(arguments.layers).resolve() if arguments.layers else usual,
        environment=environment,
        run_image=Path(arguments.run_image).resolve() if arguments.run_image else None,
        exec_env=arguments.exec_env,
        clean=arguments.clean,
        without=(cache,),
    )
    with terminable(), usual_modes():
        record_use(request.place, root / script, cache)
        path, image = build_image(request, log)
    log.heading("Image")
    rows = [(layer.made_by, bytes_words(layer.size), layer.digest[:19]) for layer in image.layers]
    log.table(("layer", "stored", "digest"), rows, right=(1,))
    log.note(f"{path}: {image.digest}")
    log.note(f"Use it: skopeo copy oci:{path} docker-daemon:{path.parent.name}:latest")
    return 0
