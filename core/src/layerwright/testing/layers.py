"""A layers directory with layers as the platform restores them after the last build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerwright.cnb import toml
from layerwright.cnb.layers.metadata import check_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.layers.layer_env import LayerEnv

__all__ = ["Layers"]


@dataclass(frozen=True)
class Layers:
    """A layers directory, which must exist (Buildpack API, "Layers")."""

    path: Path
    """The directory."""

    def restore(
        self,
        name: str,
        files: Mapping[str, str] | None,
        *,
        metadata: Mapping[str, object] | None = None,
        env: LayerEnv | None = None,
        types: Iterable[str] | None = None,
    ) -> Path:
        """Write layer *name* as the platform restores it; return the path of its contents.

        *files* are the contents, and *env* adds its files to them. Without *files* only the metadata is restored, as
        for a layer that is only in the image. A lifecycle restores no layer types, but the local platform keeps them:
        *types* names some of ``build``, ``launch`` and ``cache``.

        Raises ``TypeError`` if *metadata* is not valid for a layer.
        """
        given = metadata or {}
        check_metadata(given)
        document: dict[str, object] = {} if types is None else {"types": dict.fromkeys(types, True)}
        self.path.joinpath(f"{name}.toml").write_text(toml.dumps({**document, "metadata": given}))
        layer = self.path / name
        if files is not None:
            layer.mkdir()
            contents = {place: text.encode() for place, text in files.items()}
            for place, content in {**contents, **(env.files() if env else {})}.items():
                file = layer / place
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        return layer
