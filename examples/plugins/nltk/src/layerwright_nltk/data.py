"""The layer with NLTK's data: which data, and how they are downloaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import Command, ContributedLayer, Diagnosis, LayerEnv, PythonDependence, UserError, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright import HookContext

__all__ = ["FILE", "data_layer", "diagnoses"]

FILE: Final = "nltk.txt"
"""The file that other platforms read the names of the data from, separated by white space."""

_SCRIPT: Final = Path(__file__).with_name("download_script.py")
_MIRROR: Final = "NLTK_DOWNLOAD_URL"
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")
# NLTK begins each line with its name, and wraps messages after 70 characters.
_WRAP: Final = r"(?:\[nltk_data\] )?"


def data_layer(context: HookContext) -> tuple[ContributedLayer, ...]:
    """Return the layer with the data that the application names; none if it names none.

    ``UserError``: a name is not valid for NLTK's data.
    """
    names = tuple(sorted(set(_names(context))))
    if not names:
        return ()
    # The command finds the mirror in its environment: a URL may contain a password, and arguments are shown.
    mirror = context.environment.get(_MIRROR)
    download = Command(
        argv=(str(context.venv / "bin" / "python"), str(_SCRIPT), str(context.layer), *names),
        shown=f"python -m nltk.downloader {' '.join(names)}",
        diagnoses=diagnoses,
        remedy=("Read what NLTK has printed.", f"If its server is at fault, set {_MIRROR} to a mirror."),
        reference="nltk-download-failed",
    )
    return (
        ContributedLayer(
            commands=(download,),
            inputs={_MIRROR: redacted(mirror)} if mirror else {},
            depends_on=("nltk",),
            # The data are the same for every Python and every machine.
            depends_on_python=PythonDependence.NONE,
            depends_on_target=False,
            env=LayerEnv().prepend("NLTK_DATA", str(context.layer)),
        ),
    )


def _names(context: HookContext) -> Iterator[str]:
    if context.settings.data:
        found, origin = context.settings.data, "nltk.data in the configuration"
    else:
        text = context.project.text(FILE) if context.project.exists(FILE) else ""
        found, origin = tuple(text.split()), FILE
    for name in found:
        if not _NAME.fullmatch(name):
            shown = context.project.quoted(FILE, name) if origin == FILE else name
            raise UserError(
                f"{origin} contains a name that is not valid for NLTK's data: {shown}",
                cause="A name consists of letters, digits, and the characters _ . -",
                remedy=f"Correct {origin}; names are separated by white space.",
                reference="nltk-data-name",
            )
        yield name


def diagnoses() -> tuple[Diagnosis, ...]:
    """Return what failures of a download mean. Core calls it only after one."""
    return (
        Diagnosis(
            pattern=rf"Package {_WRAP}'(?P<name>[\w.-]+)' {_WRAP}not {_WRAP}found",
            summary="NLTK has no data with the name {name}.",
            remedy=("Correct the name in [tool.layerwright.nltk] or in nltk.txt.",),
            reference="nltk-unknown-data",
        ),
        Diagnosis(
            pattern=rf"<urlopen {_WRAP}error",
            summary="NLTK's server could not be reached.",
            remedy=(f"Build again later, check the network, or set {_MIRROR} to a mirror.",),
            reference="nltk-server-unreachable",
            transient=True,
        ),
    )
