"""The providers of interpreters that the configuration allows, in the order in which they are asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.config.reading import PythonSettings
    from layerwright.pythons.provider import Provider

__all__ = ["providers"]


def providers(
    settings: PythonSettings,
    auto: Sequence[str],
    environment: Mapping[str, str],
    cache: Path,
    *,
    retries: bool = True,
) -> tuple[Provider, ...]:
    """Return the configured provider, or those in *auto* if the platform chooses.

    *environment* is the user's, for finding interpreters of this machine; *cache* is the directory for downloads and
    for what was found out about those interpreters. If *retries*, a download that fails is tried again, later each
    time.
    """

    def system() -> Provider:
        from layerwright.pythons.system.provider import SystemProvider

        return SystemProvider(
            env=environment,
            home=Path(environment.get("HOME", "/")),
            cache_dir=cache,
            runner=Runner(env={"PATH": os.defpath}),
        )

    def standalone() -> Provider:
        from layerwright.pythons.standalone.provider import DELAYS, StandaloneProvider

        delays = DELAYS if retries else ()
        return StandaloneProvider(
            os.uname().machine, cache / "downloads", mirror=settings.mirror, delays=delays
        )

    known = {"system": system, "standalone": standalone}
    return tuple(known[name]() for name in (auto if settings.provider == "auto" else (settings.provider,)))
