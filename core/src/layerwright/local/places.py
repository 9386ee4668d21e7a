"""The cache directory and the layers directories of the embedded platform."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.config.sources import STORE
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "APPS",
    "AUDIT",
    "CACHE_DIR",
    "IMAGES",
    "IMAGE_ATTACHED",
    "IMAGE_BASES",
    "IMAGE_BLOBS",
    "IMAGE_CHECKED",
    "IMAGE_LAYERS",
    "IMAGE_PYTHONS",
    "default_audit",
    "default_cache",
    "default_images",
    "default_layers",
    "default_store",
    "image_layers",
]

CACHE_DIR: Final = "LAYERWRIGHT_CACHE_DIR"
APPS: Final = "apps"
"""The directory, in the cache, of what belongs to one application each."""
AUDIT: Final = "audit"
"""The directory, in the cache, of copies and indexes of vulnerability databases."""
IMAGES: Final = "images"
"""The directory, in the cache, of what images consist of. Each that follows is one in it."""
IMAGE_BLOBS: Final = "blobs"
"""The compressed layers."""
IMAGE_BASES: Final = "base"
"""The contents of base images from registries."""
IMAGE_PYTHONS: Final = "pythons"
"""The interpreters for finished images."""
IMAGE_LAYERS: Final = "layers"
"""The records of which compressed layer a directory makes."""
IMAGE_ATTACHED: Final = "attached"
"""The records of what is attached to images in registries."""
IMAGE_CHECKED: Final = "checked"
"""The records of what was found out about base images and registries."""
# With the digest, a name stays within the limit of file systems, and the path within that of sockets.
_LONGEST_NAME: Final = 40


def default_cache(environment: Mapping[str, str]) -> Path:
    """Return the directory for everything that can be recreated: ``LAYERWRIGHT_CACHE_DIR``, else the user's cache.

    The user's cache is that of the XDG Base Directory Specification, which ignores a relative ``XDG_CACHE_HOME``.
    """
    configured = environment.get(CACHE_DIR)
    if configured:
        return Path(configured).absolute()
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else _home(environment) / ".cache") / "layerwright"


def _home(environment: Mapping[str, str]) -> Path:
    named = environment.get("HOME", "")
    # Not Path.home, which raises where this returns "~".
    for home in map(Path, (named, os.path.expanduser("~"))):  # noqa: PTH111
        if home.is_absolute():
            return home
    raise UserError(
        "Your home directory is not known.",
        cause=(
            f"HOME is {named}, which is not an absolute path."
            if named
            else f"HOME is not set, and the system knows no home directory of user {os.getuid()}."
        ),
        remedy=f"Set {CACHE_DIR}, XDG_CACHE_HOME or HOME to a directory that you can write to.",
        reference="no-home-directory",
    )


def default_store(environment: Mapping[str, str], cache: Path) -> Path:
    """Return the directory of the store of layers: ``LAYERWRIGHT_STORE``, else one in the directory *cache*."""
    configured = environment.get(STORE)
    return Path(configured).absolute() if configured else cache / "store"


def default_layers(app: Path, cache: Path) -> Path:
    """Return the layers directory of the application at *app*, one for each application.

    Its path is valid in search paths, shells and first lines of scripts, whatever the name of the application.
    """
    import hashlib
    import re

    key = hashlib.sha256(os.fsencode(app)).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", app.name).strip("-.")[:_LONGEST_NAME]
    return cache / APPS / f"{name or 'root'}-{key}" / "layers"


def image_layers(app: Path, cache: Path) -> Path:
    """Return the layers directory of the image of the application at *app*: another interpreter than this machine's."""
    return default_layers(app, cache).with_name("image")


def default_images(cache: Path) -> Path:
    """Return the directory in *cache* for the layers of images, compressed, and for base images."""
    return cache / IMAGES


def default_audit(cache: Path) -> Path:
    """Return the directory in *cache* for copies and indexes of vulnerability databases."""
    return cache / AUDIT
