"""``layerwright inspect``: shows what an image is made of, or how two differ."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from layerwright.cli.images.registries import opened
from layerwright.cnb.target import Target
from layerwright.config.reading import image_settings
from layerwright.config.sources import Sources
from layerwright.image.base.find import find_image
from layerwright.image.inspecting import differences, inspect_image
from layerwright.local.places import default_cache, default_images
from layerwright.output.log import Log, wants_colour
from layerwright.output.words import bytes_words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.image.inspecting import Inspected

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Print one image, or the differences of two; return 0."""
    images = default_images(default_cache(environment))
    # The standard output is JSON alone.
    shown = Log(sys.stderr, colour=wants_colour(sys.stderr, environment)) if arguments.json else log
    with opened(image_settings(Sources({}, environment)), environment, images, shown) as registries:
        target = Target.of_this_machine()
        named = [name for name in (arguments.image, arguments.other) if name]
        bases = [find_image(name, target, registries) for name in named]
        found = [inspect_image(base.image, base.digest) for base in bases]
    if len(found) > 1:
        lines = differences(*found)
        if arguments.json:
            log.json(lines)
        else:
            for line in lines or ["No difference."]:
                log.line(line)
    elif arguments.json:
        log.json(found[0].document)
    else:
        _show(found[0], log)
    return 0


def _show(image: Inspected, log: Log) -> None:
    log.heading("Layers")
    rows = [
        (
            layer.name,
            bytes_words(layer.size),
            layer.digest[:19],
            ", ".join(f"{key} {value}" for key, value in layer.made_from.items()),
        )
        for layer in image.layers
    ]
    log.table(("layer", "stored", "digest", "made from"), rows, right=(1,))
    log.heading("Processes")
    for name, command in image.processes.items():
        log.note(f"{name}: {command}")
    log.heading("Distributions")
    for name, version in image.distributions.items():
        log.note(f"{name} {version}")
    log.heading("Image")
    log.note(f"on {image.base}" if image.base else "without a named base")
    log.note(image.digest)
