"""What the metadata of a layer says about it beside its inputs, so that a build can do without its contents."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.cnb.layers.layer_env import LayerEnv

__all__ = ["CONTENTS", "ENVIRONMENT", "OUTLINE", "digest_of", "has_outline", "remembered"]

CONTENTS: Final = "contents"
"""The digest of its pack."""
ENVIRONMENT: Final = "environment"
"""The digest of its environment files."""
OUTLINE: Final = "outline"
"""The names of files in it."""


def remembered(metadata: Mapping[str, object] | None) -> dict[str, Any]:
    """Return what is remembered in *metadata* of a layer."""
    known = metadata or {}
    return {key: known[key] for key in (CONTENTS, ENVIRONMENT, OUTLINE) if key in known}


def has_outline(metadata: Mapping[str, object] | None) -> bool:
    """Return whether *metadata* is complete enough to do without the contents of a layer."""
    known = remembered(metadata)
    outline = known.get(OUTLINE)
    return (
        all(isinstance(known.get(key), str) for key in (CONTENTS, ENVIRONMENT))
        and isinstance(outline, dict)
        and all(isinstance(text, str) for text in outline.values())
    )


def digest_of(env: LayerEnv) -> str:
    """Return the SHA-256 of the names and contents of the files of *env*, as hexadecimal digits."""
    digest = hashlib.sha256()
    for name, content in sorted(env.files().items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
