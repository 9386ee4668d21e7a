"""The source tree, the application directory and the layers directory, as every command takes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.config.application import choose_application
from layerwright.config.sources import BUNDLE
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.local.platform import LocalPlatform
    from layerwright.local.surroundings import Surroundings

__all__ = ["OR_AN_IMAGE", "application_path", "platform", "with_bundle"]

OR_AN_IMAGE: Final = "Or an image: REGISTRY/NAME:TAG, oci:DIR, or a file that ends with .tar."
"""What else commands take that read finished images."""


def application_path(name: str, *, otherwise: str = "") -> Path:
    """Return the directory or script *name*, absolute and without symbolic links.

    ``UserError``: it is neither. *otherwise* is what else the command takes, as a sentence.
    """
    path = Path(name).resolve()
    if path.is_dir() or (path.is_file() and path.suffix == ".py"):
        return path
    if path.is_file():
        raise UserError(
            f"{name} is neither a directory nor a Python script.",
            cause="The name of a script ends with .py.",
            remedy="Pass the directory of the application, or rename the script.",
            reference="not-a-script",
        )
    raise UserError(
        f"{name} is not a directory." if path.exists() else f"{name} does not exist.",
        remedy=(
            "Pass the directory of the application, or a Python script.",
            *([otherwise] if otherwise else ()),
        ),
        reference="no-application-directory",
    )


def with_bundle(environment: Mapping[str, str], directory: str | None) -> Mapping[str, str]:
    """Return *environment* with the bundle in *directory*, the value of ``--bundle``, if there is one."""
    return {**environment, BUNDLE: str(Path(directory).resolve())} if directory else environment


def _is_unusable(character: str) -> bool:
    return character in "\"'\\`$:" or not character.isprintable()


def platform(
    app: str,
    layers: str | None,
    environment: Mapping[str, str],
    *,
    option: str | None = None,
    surroundings: Surroundings | None = None,
    place: Callable[[Path, Path], Path] | None = None,
    otherwise: str = "",
) -> LocalPlatform:
    """Return the embedded platform for the application in *app*, which *option*, ``--app``, may choose.

    Its layers are in *layers*, or where *place* says for an application and the user's cache directory, by default
    :func:`default_layers`. *surroundings* are what they are for, by default this machine. *otherwise* is that of
    :func:`application_path`.
    """
    from layerwright.local.places import default_cache, default_layers
    from layerwright.local.platform import LocalPlatform
    from layerwright.local.surroundings import Surroundings

    application = choose_application(application_path(app, otherwise=otherwise), environment, option=option)
    project, cache = application.project, default_cache(environment)
    usual = (place or default_layers)(project.root / project.script, cache)
    directory = Path(layers).resolve() if layers else usual
    wrong = sorted(set(filter(_is_unusable, str(directory))))
    if wrong:
        raise UserError(
            f"{directory} cannot be used for layers.",
            cause=f"The path contains {', '.join(map(ascii, wrong))}, which search paths and scripts do not allow.",
            remedy="Choose another directory with --layers or LAYERWRIGHT_CACHE_DIR.",
            reference="layers-path",
        )
    return LocalPlatform(
        project.root,
        directory,
        cache,
        environment,
        tree=project.tree,
        choice=application.choice,
        script=project.script,
        surroundings=surroundings or Surroundings(),
    )
