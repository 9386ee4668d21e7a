"""Proves a bundle by a build from it in which the network is cut, where the machine allows that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import names_in
from layerwright.build.layers.names import PYTHON, VENV
from layerwright.config.sources import BUNDLE, STORE
from layerwright.errors import CommandFailed, SiteError, UserError
from layerwright.files.removal import remove_tree
from layerwright.local.places import CACHE_DIR
from layerwright.process.command import Command
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.build.fetch.bundle import Bundle
    from layerwright.output.log import Log

__all__ = ["prove"]

_CUTS: Final = (("unshare", "--net"), ("unshare", "--map-root-user", "--net"))
# Nothing listens on this port, which RFC 863 gives to a service that discards everything.
_NOWHERE: Final = "http://127.0.0.1:9"
_PROXIES: Final = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy")


def prove(
    bundle: Bundle,
    application: Sequence[str],
    *,
    layers: Path,
    scratch: Path,
    store: Path,
    environment: Mapping[str, str],
    log: Log,
) -> bool:
    """Build *application*, words of the command line, from *bundle* into new *layers*.

    Return whether the network was cut. Caches are new ones in *scratch*: nothing but the bundle has the downloads. Only
    the unpacked interpreter comes from *store*, which is left without it. ``UserError``: the build fails, or installs
    something other than the build that left *layers*.
    """
    before = _installed(layers)
    for path in (layers, scratch):
        if path.exists():
            remove_tree(path)
    (scratch / "store").mkdir(mode=0o700, parents=True)
    for entry in store.glob(f"{PYTHON}-*"):
        # The bundle has its archive, whose checksum was verified.
        entry.rename(scratch / "store" / entry.name)
    runner = Runner(env=environment)
    cut = next((words for words in _CUTS if _works(words, runner)), ())
    program = (sys.executable, "-m", "layerwright.cli")
    command = Command(
        argv=(*cut, *program, "build", *application, "--layers", str(layers), "--exec-env", bundle.exec_env),
        env={
            CACHE_DIR: str(scratch / "cache"),
            STORE: str(scratch / "store"),
            "XDG_CACHE_HOME": str(scratch / "user"),
            BUNDLE: str(bundle.directory),
            **({} if cut else {**dict.fromkeys(_PROXIES, _NOWHERE), "NO_PROXY": "", "no_proxy": ""}),
        },
        shown="layerwright build, with the network cut"
        if cut
        else "layerwright build, with no proxy to reach",
    )
    log.command(command.words)
    try:
        runner.capture(command)
    except CommandFailed as error:
        raise UserError(
            "The application cannot be built from the bundle, without a network.",
            cause=error.cause,
            remedy=(
                "The output above shows what needs a network: remove it from the application, or add it as a wheel.",
                "If a plugin or `build.commands` downloads something, a bundle cannot have it.",
            ),
            reference="bundle-not-proved",
        ) from error
    different = sorted(f"{name} {version}" for name, version in before ^ _installed(layers))
    if different:
        raise UserError(
            "A build from the bundle installs something other than a build with a network.",
            cause=f"These are in one of the virtual environments alone: {', '.join(different)}.",
            remedy="Lock the application, so that both install the same.",
            reference="bundle-not-proved",
        )
    return bool(cut)


def _installed(layers: Path) -> set[tuple[str, str]]:
    """Return the names and versions of the distributions in the virtual environment in *layers*."""
    places = (layers / VENV / "lib").glob("python3*/site-packages")
    return {found for place in places for found in names_in(place)}


def _works(words: Sequence[str], runner: Runner) -> bool:
    try:
        return runner.try_run(Command(argv=(*words, "true"))).returncode == 0
    except SiteError:
        return False
