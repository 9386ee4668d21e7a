"""``layerwright inspect``: shows what an image is made of, or how two differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cli.images.registries import opened
from layerwright.cnb.target import Target
from layerwright.config.reading import image_settings
from layerwright.config.sources import Sources
from layerwright.image.attached.find import find_with_attached
from layerwright.image.inspecting import differences, inspect_image
from layerwright.local.places import default_cache, default_images
from layerwright.output.aside import log_aside
from layerwright.output.words import bytes_words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from layerwright.image.attached.find import Attachment
    from layerwright.image.inspecting import Inspected
    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Print one image, or the differences of two; return 0."""
    images = default_images(default_cache(environment))
    # The standard output is JSON alone.
    shown = log_aside(environment) if arguments.json else log
    with opened(image_settings(Sources({}, environment)), environment, images, shown) as registries:
        target = Target.of_this_machine()
        named = [name for name in (arguments.image, arguments.other) if name]
        images_found = [find_with_attached(name, target, registries) for name in named]
        found = [inspect_image(each.image.image, each.image.digest) for each in images_found]
    if len(found) > 1:
        lines = differences(*found)
        if arguments.json:
            log.json(lines)
        else:
            for line in lines or ["No difference."]:
                log.line(line)
    elif arguments.json:
        log.json({**found[0].document, "attached": [_as_json(each) for each in images_found[0].attached]})
    else:
        _show(found[0], images_found[0].attached, log)
    return 0


def _show(image: Inspected, attached: Sequence[Attachment], log: Log) -> None:
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
    log.heading("Attached")
    for each in attached:
        log.note(f"{each.words} {each.digest[:19]}")
    if not attached:
        log.note("Nothing.")
    log.heading("Image")
    log.note(f"on {image.base}" if image.base else "without a named base")
    log.note(image.digest)


def _as_json(attachment: Attachment) -> dict[str, object]:
    return {
        "media-type": attachment.media_type,
        "digest": attachment.digest,
        "annotations": dict(attachment.annotations),
    }
