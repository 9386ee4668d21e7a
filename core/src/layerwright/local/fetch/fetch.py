"""Fetches a bundle: builds once with the network, keeps what that took from it, and proves it without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from layerwright.build.fetch.gather import Gathering
from layerwright.local.fetch._prove import prove

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.build.fetch.bundle import Bundle
    from layerwright.local.fetch.place import Place
    from layerwright.local.platform import LocalPlatform
    from layerwright.output.log import Log

__all__ = ["Fetched", "fetch"]


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A complete bundle, and whether the network was cut for its proof."""

    bundle: Bundle
    was_cut: bool


def fetch(
    local: LocalPlatform,
    place: Place,
    application: Sequence[str],
    *,
    exec_env: str,
    environment: Mapping[str, str],
    log: Log,
) -> Fetched:
    """Fetch the application of *local*, whose layers and cache are in the scratch directory of *place*, into it.

    *application* are the words that name it on the command line, and *environment* is the user's. ``UserError``: it
    cannot be built without a network. Unless this returns, the directory has no manifest, except
    that of an earlier bundle if the build did not begin.
    """
    with place.prepared(local.tree):
        request = local.request(exec_env=exec_env)
        gathering = Gathering(
            request=request,
            staged=place.staged,
            scratch=place.scratch,
            downloads=place.scratch / "cache" / "downloads",
        )
        gathering.check()
        place.begin()
        local.build(log, exec_env=request.exec_env)
        bundle = gathering.gather(log)
        was_cut = prove(
            bundle,
            application,
            layers=local.layers,
            scratch=place.scratch / "proof",
            store=place.scratch / "store",
            environment=environment,
            log=log,
        )
        place.complete()
    return Fetched(bundle=replace(bundle, directory=place.into), was_cut=was_cut)
