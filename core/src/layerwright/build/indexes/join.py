"""Joins what is given for indexes with the user's variables, in the terms of the package manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.indexes._list import plain
from layerwright.build.indexes.given import CERTIFICATES, given
from layerwright.config.sources import INDEX_PREFIX
from layerwright.contract.sources.index import IndexRequest, IndexVariables
from layerwright.contract.sources.pip import pip_index_variables
from layerwright.errors import UserError
from layerwright.files.passing import passing_place, write_passing_file
from layerwright.plugins.indexes import index_variables
from layerwright.process.redaction import KNOWN, SecretStr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from layerwright.build.request import BuildRequest
    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.sources.index import Index

__all__ = ["Joined", "joined"]

_EXTRA: Final = "PIP_EXTRA_INDEX_URL"


class Joined(NamedTuple):
    """The user's variables together with those of the indexes, and the files that these name.

    ``restored`` are variables of the user that commands without credentials get instead. ``mirror`` is the mirror of
    interpreters. ``notes`` and ``warnings`` are for the log.
    """

    environment: Mapping[str, str]
    restored: Mapping[str, str]
    indexes: tuple[Index, ...]
    files: Mapping[Path, str]
    mirror: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def write_files(self) -> None:
        """Write the files, which only their owner can read."""
        for path, text in self.files.items():
            write_passing_file(path, text)


def joined(request: BuildRequest, manager: PackageManager, settings: Any, label: str) -> Joined:
    """Return the variables of *request* together with those in which *manager*, of the plugin *label*, gets indexes.

    ``UserError``: what is given has mistakes, or *manager* cannot take indexes.
    """
    place = passing_place(request.report)
    found = given(request, place)
    tools: Mapping[str, str | SecretStr] = {}
    of_manager = IndexVariables(variables={})
    certificates = place / CERTIFICATES if CERTIFICATES in found.files else None
    if found.indexes:
        asked = IndexRequest(
            project=request.project, settings=settings, indexes=found.indexes, certificates=certificates
        )
        # pip installs the tools of most package managers, but not from an index of the application's own names.
        tools = {n: v for n, v in pip_index_variables(asked).variables.items() if n != _EXTRA}
        answer = index_variables(manager, asked, label)
        if answer is None:
            raise _not_supported(manager, found.indexes)
        of_manager = answer
    own = {n: v for n, v in request.environment.items() if not n.startswith(INDEX_PREFIX)}
    wanted = {**tools, **of_manager.variables}
    # The user's own variables win, except over the file of certificates, which contains the user's own.
    kept = sorted(n for n, v in wanted.items() if own.get(n) and v != str(certificates) and v != own[n])
    added = {**{n: v for n, v in wanted.items() if n not in kept}, **found.variables}
    users = {plain(index.username) for index in found.indexes} - {""}
    secret = {
        name
        for name, value in added.items()
        if isinstance(value, SecretStr) or value in users or name in found.variables
    }
    for value in added.values():
        if isinstance(value, SecretStr):
            KNOWN.learn_secret(value)
    KNOWN.learn_variables(secret)
    return Joined(
        environment={**own, **{name: plain(value) for name, value in added.items()}},
        restored={name: own[name] for name in sorted(secret) if name in own},
        indexes=found.indexes,
        files={place / name: text for name, text in found.files.items()},
        mirror=plain(found.mirror),
        notes=(*found.notes, *([_stay(kept)] if kept else [])),
        warnings=(
            *found.warnings,
            *(
                f"{manager.display_name} does not use the index {name}.\n{why}"
                for name, why in of_manager.unused.items()
            ),
        ),
    )


def _stay(names: list[str]) -> str:
    stay = "stays" if len(names) == 1 else "stay"
    return f"{', '.join(names)} {stay} as set in the environment, and not as the indexes above say"


def _not_supported(manager: PackageManager, indexes: tuple[Index, ...]) -> UserError:
    listed = "\n".join(f"{index.name}, from {index.origin}" for index in indexes)
    return UserError(
        f"{manager.display_name} cannot take package indexes from the platform.",
        cause=f"Its plugin does not say how. These are given to the build:\n{listed}",
        remedy=(
            f"Remove them, and set the variables of {manager.display_name} itself.",
            "Or install a newer version of its plugin.",
        ),
        reference="indexes-not-supported",
    )
