"""``layerwright image``: builds an application into an image, without an engine or a lifecycle."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Final

from layerwright.build.lock import shared
from layerwright.cli.application import application_path, platform, with_bundle
from layerwright.cli.images._attaching import Attaching
from layerwright.cli.images._delivery import Delivery
from layerwright.cli.images._documents import documents_about
from layerwright.cli.images._output import parse_output, parse_push
from layerwright.cli.images.registries import opened
from layerwright.cnb.target import Target
from layerwright.config.application import choose_application
from layerwright.config.reading import image_settings, python_settings
from layerwright.config.sources import read_sources
from layerwright.errors import SiteError
from layerwright.image.base.check import check_base
from layerwright.image.base.contents import base_contents
from layerwright.image.base.find import find_base
from layerwright.image.compose import ImageRequest
from layerwright.image.inspecting import layer_name
from layerwright.image.layers.built import BuiltLayer
from layerwright.image.layers.bytecode import Compiler
from layerwright.image.parts import read_parts
from layerwright.image.reading import DamagedImageError
from layerwright.image.settings import Choices
from layerwright.image.signing.key import PASSWORD
from layerwright.local.places import IMAGE_CHECKED, default_cache, default_images, image_layers
from layerwright.local.surroundings import Surroundings
from layerwright.output.aside import log_aside
from layerwright.output.record import Recorder
from layerwright.output.verbosity import VARIABLE, verbosity
from layerwright.output.words import bytes_words
from layerwright.process.boundary import terminable, usual_modes
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from layerwright.config.sources import Sources
    from layerwright.image.attached.artifact import Document
    from layerwright.image.base.image import BaseImage
    from layerwright.image.image import Image
    from layerwright.image.layers.making import LayerSource
    from layerwright.image.registry.push import Pushed
    from layerwright.local.platform import LocalPlatform
    from layerwright.output.log import Log

__all__ = ["run"]

_UNREACHABLE: Final = "download-failed"
_WIDEST: Final = 40
_FAILED: Final = "downloads-failed"


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Build into layers, compose the image, and write it where *arguments* say."""
    if arguments.verbosity:
        environment = {**environment, VARIABLE: arguments.verbosity}
    environment = with_bundle(environment, arguments.bundle)
    shown = log_aside(environment) if arguments.digest else log
    recorder = Recorder()
    shown = shown.at(verbosity(environment), [recorder.follow])
    output = None if arguments.output is None else parse_output(arguments.output)
    name = None if arguments.push is None else parse_push(arguments.push)
    with usual_modes(), terminable():
        sources = _sources(arguments, environment)
        settings = image_settings(sources)
        # The configuration leaves open where an interpreter comes from.
        is_free = python_settings(sources).provider == "auto"
        cache = default_cache(environment)
        images = default_images(cache)
        attaching = Attaching.of(arguments, settings, environment, output, name)
        environment = {key: value for key, value in environment.items() if key != PASSWORD}
        with opened(settings, environment, images, shown) as registries:
            compression = arguments.compression or settings.compression
            delivery = Delivery(registries, name, output, attaching, images, compression)
            # Whatever can be found before the build is found now.
            if name is not None:
                registries.check(name)
            target = Target.of_this_machine()
            base_name = arguments.base or settings.base or ""
            base = _known(find_base(base_name, target, registries), images, shown)
            choice = delivery.choice(base)
            failed = images / IMAGE_CHECKED / _FAILED if is_free else None
            local = _built(arguments, shown, environment, base.target(target), failed)
            with shared(local.layers, shown):
                request = ImageRequest(
                    base=base,
                    parts=read_parts(local.layers, local.digests()),
                    tree=local.tree,
                    directory=os.path.relpath(local.app, local.tree).removeprefix(os.curdir),
                    settings=Choices.of(settings),
                    without=(cache, *([output.path] if output else []), *attaching.places),
                    compiler=_compiler(local, shown),
                )
                if base.contents is not None:
                    unfit = check_base(base_name, base.contents, request.parts, images / IMAGE_CHECKED)
                    if unfit:
                        shown.warning(unfit)

                def made(image: Image, written: Sequence[LayerSource]) -> tuple[Document, ...]:
                    if any(isinstance(source, BuiltLayer) for source in written):
                        _prove(request, shown)
                    if not attaching.is_needed:
                        return ()
                    return documents_about(local, image, base, sources, recorder, attaching.key)

                delivered = delivery.deliver(request, choice, made, shown)
                image = delivered.image
                if output is not None:
                    program = Path(local.script).stem or local.app.name
                    output.write(image, program, attaching.in_layout(image, delivered.documents))
                attaching.write(delivered.documents)
    _tell(image, base, shown)
    if choice.because:
        shown.note(f"Layers are compressed with gzip, because {choice.because}.")
    if output is not None:
        shown.note(f"{output.words}: {image.digest}")
    if name is not None:
        shown.note(f"{name.words}: {image.digest}")
        shown.note(_pushed_words(delivered.pushed))
        attaching.tell(delivered.attached, shown)
    if not name and not output:
        shown.note(image.digest)
    if arguments.digest:
        log.line(image.digest)
    return 0


def _prove(request: ImageRequest, log: Log) -> None:
    # Images that have all layers from before need neither.
    from tempfile import TemporaryDirectory

    from layerwright.image.launch.proof import prove_start

    with TemporaryDirectory(prefix="layerwright-") as temporary:
        why_not = prove_start(request, runner=Runner(env={}), temporary=Path(temporary))
    if why_not:
        log.detail(
            f"The interpreter is not started at its path in the image, which this machine forbids: {why_not}"
        )


def _known(base: BaseImage, images: Path, log: Log) -> BaseImage:
    """Return *base* with what it contains, as far as it can be read."""
    if not base.image.layers:
        return base
    log.heading("Base image")
    log.note(f"{base.name}: {base.digest}" if base.name else base.digest)
    try:
        return base._replace(contents=base_contents(base.image, images / IMAGE_CHECKED))
    except DamagedImageError as error:
        # It may only be compressed in a way that is unknown here, and a registry mounts it all the same.
        log.warning(f"It is not checked whether the application can run on the base image. {error.cause}")
        return base


def _sources(arguments: Namespace, environment: Mapping[str, str]) -> Sources:
    tree = application_path(arguments.app)
    project, _ = choose_application(tree, environment, option=arguments.directory)
    return read_sources(project, environment)


def _built(
    arguments: Namespace, log: Log, environment: Mapping[str, str], target: Target, failed: Path | None
) -> LocalPlatform:
    """Build into layers for *target*; return the platform that has them.

    An archive that cannot be downloaded is replaced by an interpreter of this machine, unless *failed* is ``None``.
    That file exists after a failure: without a network, every image would wait for all attempts.
    """

    def build(provider: str, *, retries: bool = True) -> LocalPlatform:
        local = platform(
            arguments.app,
            None,
            environment,
            option=arguments.directory,
            surroundings=Surroundings((provider,), target, "", retries=retries),
            place=image_layers,
        )
        local.build(log, clean=arguments.clean, exec_env=arguments.exec_env)
        return local

    try:
        local = build("standalone", retries=failed is None or not failed.exists())
    except SiteError as error:
        if failed is None or error.reference != _UNREACHABLE:
            raise
        failed.parent.mkdir(parents=True, exist_ok=True)
        failed.touch()
        log.warning(
            "The archive of Python cannot be downloaded, so the image gets a copy of this machine's interpreter:\n"
            "on other machines, equal sources will give another image. To do without this attempt, set\n"
            'LAYERWRIGHT_PYTHON_PROVIDER to "system"; to make this an error, to "standalone".'
        )
        return build("system")
    if failed is not None:
        failed.unlink(missing_ok=True)
    return local


def _compiler(local: LocalPlatform, log: Log) -> Compiler:
    def told(words: str) -> None:
        log.heading("Modules of the application")
        log.note(words)

    return Compiler(local.source_tree(), Runner(env={}), Path(gettempdir()), told)


def _tell(image: Image, base: BaseImage, log: Log) -> None:
    log.heading("Image")
    rows = [
        (
            layer_name(layer)[:_WIDEST],
            bytes_words(layer.descriptor.size),
            layer.descriptor.digest[:19],
        )
        for layer in image.layers
    ]
    log.table(("layer", "stored", "digest"), rows, right=(1,))
    if not base.image.layers:
        log.warning(
            "This image has no base, so it has no operating system, and nothing in it can run.\n"
            "Choose one with glibc: --base debian:13-slim"
        )


def _pushed_words(pushed: Pushed) -> str:
    mounted = f", {pushed.mounted} mounted from another repository" if pushed.mounted else ""
    if not pushed.sent:
        return f"Nothing sent{mounted}: the registry had everything."
    parts = f"{pushed.sent} part{'s' if pushed.sent > 1 else ''}"
    return f"Sent {bytes_words(pushed.size)} in {parts}{mounted}; {pushed.present} were there."
