"""``layerwright fetch``: puts everything that a build takes from a network into a directory."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.cli.application import application_path, platform
from layerwright.config.sources import BUNDLE, STORE
from layerwright.local.fetch.fetch import fetch
from layerwright.local.fetch.place import Place
from layerwright.local.places import CACHE_DIR
from layerwright.local.surroundings import Surroundings
from layerwright.output.verbosity import VARIABLE, verbosity
from layerwright.output.words import bytes_words, seconds_words
from layerwright.process.boundary import terminable, usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.local.fetch.fetch import Fetched
    from layerwright.output.log import Log

__all__ = ["run"]

# An image, and most machines without a network, have no interpreter of their own.
_FOR_ANY_MACHINE = Surroundings(providers=("standalone",), keeps_downloads=True)


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Fetch the bundle, and print what it has."""
    started = time.monotonic()
    if arguments.verbosity:
        environment = {**environment, VARIABLE: arguments.verbosity}
    log = log.at(verbosity(environment))
    place = Place(Path(arguments.into).resolve())
    own = {name: value for name, value in environment.items() if name != BUNDLE}
    inside = {**own, CACHE_DIR: str(place.scratch / "cache"), STORE: str(place.scratch / "store")}
    local = platform(
        arguments.app,
        str(place.scratch / "layers"),
        inside,
        option=arguments.directory,
        surroundings=_FOR_ANY_MACHINE,
    )
    words = (
        str(application_path(arguments.app)),
        *(("--app", arguments.directory) if arguments.directory else ()),
    )
    with usual_modes(), terminable():
        fetched = fetch(local, place, words, exec_env=arguments.exec_env, environment=own, log=log)
    _tell(fetched, log, seconds=time.monotonic() - started)
    return 0


def _tell(fetched: Fetched, log: Log, *, seconds: float) -> None:
    bundle = fetched.bundle
    log.heading("Fetched")
    archive = (
        f" ({bundle.python_archive})" if bundle.python_archive else ", which the other machine must have"
    )
    log.note(f"Python {bundle.python}{archive}")
    for name, version in sorted(bundle.tools.items()):
        log.note(f"{name} {version}")
    size = bytes_words(sum(file.size for file in bundle.archives))
    log.note(f"{bundle.archives_words} of distributions, tools and build backends: {size}")
    if bundle.cache:
        log.note(f"the download cache: {bytes_words(bundle.cache.size)}")
    proof = (
        "with the network cut"
        if fetched.was_cut
        else "with no proxy to reach: this machine cannot cut the network"
    )
    log.note(f"Proved by a build from it, {proof}")
    log.note(f"{bytes_words(bundle.size)} in {bundle.directory}, in {seconds_words(seconds)}")
    log.note(f"On the other machine: layerwright build APP --bundle {bundle.directory.name}")
