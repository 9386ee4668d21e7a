"""The stand-in and a real lifecycle side by side: whatever one does otherwise than the other is an error."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import Launched, Lifecycle, PhaseFailed, Platform

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.lifecycle.image import Image
    from tests.lifecycle.lifecycle import Member
    from tests.lifecycle.real import RealLifecycle
    from tests.lifecycle.stand_in.stand_in import StandIn

__all__ = ["Both", "words"]

# What a lifecycle writes of itself, and what it has to tell another program of itself.
_ITS_OWN_LABELS = (
    "io.buildpacks.base.",
    "io.buildpacks.build.",
    "io.buildpacks.lifecycle.",
    "io.buildpacks.project.",
)


class Both(Lifecycle):
    """Does everything twice, compares, and gives what the real lifecycle gave."""

    name: ClassVar[str] = "both"

    def __init__(self, stand_in: StandIn, real: RealLifecycle) -> None:
        self.root = real.root  # type: ignore[misc]
        self.app, self.layers, self.platform = real.app, real.layers, real.platform  # type: ignore[misc]
        self.cache, self.home = real.cache, real.home  # type: ignore[misc]
        self._stand_in, self._real = stand_in, real
        self._images: dict[int, Image] = {}

    @override
    def build(
        self, *order: Path | Member | Sequence[Path | Member], platform: Platform | None = None
    ) -> Image:
        remove(self._stand_in.app)
        shutil.copytree(self._real.app, self._stand_in.app, symlinks=True)
        expected = _outcome(self._stand_in, order, platform)
        found = _outcome(self._real, order, platform)
        _compare(_plain(expected, self._stand_in), _plain(found, self._real))
        if isinstance(found, PhaseFailed):
            raise found
        assert not isinstance(expected, PhaseFailed)
        self._images[id(found)] = expected
        return found

    @override
    def _build(self, order: Sequence[Sequence[Member]], platform: Platform) -> Image:
        raise NotImplementedError

    @override
    def keep_cache(self) -> Callable[[], None]:
        restores = [self._stand_in.keep_cache(), self._real.keep_cache()]

        def restore() -> None:
            for each in restores:
                each()

        return restore

    @override
    def _keep_image(self, kept: Path) -> Callable[[], None]:
        raise NotImplementedError

    @override
    def lose_image(self) -> None:
        self._stand_in.lose_image()
        self._real.lose_image()

    @override
    def lose_cache(self) -> None:
        self._stand_in.lose_cache()
        self._real.lose_cache()

    @override
    def damage_cache(self) -> None:
        self._stand_in.damage_cache()
        self._real.damage_cache()

    @override
    def start(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        return self._real.start(image, process, *arguments, env=env)

    @override
    def launch(
        self, image: Image, process: str, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Launched:
        expected = self._stand_in.launch(self._images[id(image)], process, *arguments, env=env)
        found = self._real.launch(image, process, *arguments, env=env)
        assert expected.status == found.status, (expected, found)
        if found.status != 82:  # the launcher's words are its own
            assert _anywhere(expected.output, self._stand_in) == _anywhere(found.output, self._real)
        return found


def words(log: str) -> list[str]:
    """Return what a toy buildpack said: lines that start with ``|``, without it."""
    return re.findall(r"^\| ?(.*)$", log, re.MULTILINE)


def _outcome(
    lifecycle: Lifecycle,
    order: tuple[Path | Member | Sequence[Path | Member], ...],
    platform: Platform | None,
) -> Image | PhaseFailed:
    try:
        return lifecycle.build(*order, platform=platform)
    except PhaseFailed as error:
        return error


def _plain(outcome: Image | PhaseFailed, lifecycle: Lifecycle) -> dict[str, Any]:
    """Return all of *outcome* that should be the same under every lifecycle, wherever its root is."""
    said = [_anywhere(line, lifecycle) for line in words(outcome.log)]
    if isinstance(outcome, PhaseFailed):
        return {"phase": outcome.phase, "status": outcome.status, "said": said}
    root = str(lifecycle.root)
    tree = {
        path.removeprefix(root): entry[:2] if "/config/" in path else entry
        for path, entry in outcome.tree().items()
        if path.startswith(f"{root}/") and "buildpacksio_lifecycle" not in path
    }
    buildpacks = [
        {
            **made,
            "layers": {
                name: {**layer, "sha": outcome.layers(made["key"])[name] == layer["sha"]}
                for name, layer in made["layers"].items()
            },
        }
        for made in outcome.metadata["buildpacks"]
    ]
    return {
        "said": said,
        "tree": {
            path: (mode, kind, _anywhere(content, lifecycle))
            for path, (mode, kind, *rest) in tree.items()
            for content in ["".join(rest)]
        },
        "processes": outcome.processes,
        "buildpacks": json.loads(_anywhere(json.dumps(buildpacks), lifecycle)),
        "labels": {k: v for k, v in outcome.labels.items() if not k.startswith(_ITS_OWN_LABELS)},
        "env": {name: _anywhere(value, lifecycle) for name, value in outcome.env.items()},
        "entrypoint": outcome.entrypoint,
        "cnb": sorted(path for path in outcome.tree() if path.startswith("/cnb/")),
    }


def _compare(stand_in: Mapping[str, Any], real: Mapping[str, Any]) -> None:
    for key in sorted(stand_in.keys() | real.keys()):
        ours, theirs = stand_in.get(key), real.get(key)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            _compare(ours, theirs)
        elif ours != theirs:
            raise AssertionError(f"{key}: the stand-in has {ours!r}, the real lifecycle {theirs!r}")


def _anywhere(text: str, lifecycle: Lifecycle) -> str:
    return text.replace(str(lifecycle.root), "ROOT")
