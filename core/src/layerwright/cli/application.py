"""The source tree, the application directory and the layers directory, as every command takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.config.application import choose_application
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.local.platform import LocalPlatform

__all__ = ["application_directory", "platform"]


def application_directory(name: str) -> Path:
    """Return the directory *name*, absolute and without symbolic links; ``UserError``: not a directory."""
    path = Path(name).resolve()
    if path.is_dir():
        return path
    raise UserError(
        f"{name} is not a directory." if path.exists() else f"{name} does not exist.",
        remedy="Pass the directory of the application.",
        reference="no-application-directory",
    )


def _is_unusable(character: str) -> bool:
    return character in "\"'\\`$:" or not character.isprintable()


def platform(
    app: str, layers: str | None, environment: Mapping[str, str], *, option: str | None = None
) -> LocalPlatform:
    """Return the embedded platform for the application in *app*, which *option*, ``--app``, may choose.

    Its layers are in *layers* or in the user's cache directory.
    """
    from layerwright.local.places import default_cache, default_layers
    from layerwright.local.platform import LocalPlatform

    application = choose_application(application_directory(app), environment, option=option)
    directory, cache = application.project.root, default_cache(environment)
    place = Path(layers).resolve() if layers else default_layers(directory, cache)
    wrong = sorted(set(filter(_is_unusable, str(place))))
    if wrong:
        raise UserError(
            f"{place} cannot be used for layers.",
            cause=f"The path contains {', '.join(map(ascii, wrong))}, which search paths and scripts do not allow.",
            remedy="Choose another directory with --layers or LAYERWRIGHT_CACHE_DIR.",
            reference="layers-path",
        )
    tree, choice = application.project.tree, application.choice
    return LocalPlatform(directory, place, cache, environment, tree=tree, choice=choice)
