"""Everything that the platform and the user have given for indexes, in the terms of no tool."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.indexes._list import certificates_of, indexes_of, login_of, merged
from layerwright.build.indexes._netrc import netrc
from layerwright.build.indexes.entries import (
    GIT,
    INDEX,
    NETRC,
    PYTHON_MIRROR,
    from_bindings,
    from_variables,
)
from layerwright.cnb.bindings import binding_directories
from layerwright.errors import UserError
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layerwright.build.indexes._list import Login, Merged
    from layerwright.build.indexes._netrc import Netrc
    from layerwright.build.indexes.entries import Entry
    from layerwright.build.request import BuildRequest
    from layerwright.contract.sources.index import Index
    from layerwright.files.project import Project
    from layerwright.process.redaction import SecretStr

__all__ = ["CERTIFICATES", "Given", "given"]

_NETRC_FILE: Final = "netrc"
CERTIFICATES: Final = "certificates.pem"
"""The name of the file with the certificates to trust, among the temporary files of a build."""


class Given(NamedTuple):
    """The indexes, the variables that serve every program, and the texts of the files that these name.

    ``mirror`` is the mirror of interpreters. ``notes`` and ``warnings`` are for the log.
    """

    indexes: tuple[Index, ...]
    variables: Mapping[str, str | SecretStr]
    files: Mapping[str, str]
    mirror: str | SecretStr
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def given(request: BuildRequest, place: Path) -> Given:
    """Return what is given to the build of *request*, whose files will be in the directory *place*.

    ``UserError`` with all mistakes, none of whose values it shows; ``SiteError``: a binding cannot be used.
    """
    problems: list[str] = []
    project, environment = request.project, request.environment
    bindings = from_bindings(binding_directories(environment, request.platform))
    variables = from_variables(environment, lambda name: _text(project, name), problems)
    entries = (*variables, *bindings)
    of_indexes, of_git, of_mirrors = (
        merged(entry for entry in entries if entry.role == role) for role in (INDEX, GIT, PYTHON_MIRROR)
    )
    indexes = indexes_of(of_indexes, problems)
    git = tuple(_logins(of_git, problems))
    mirror = _mirror(of_mirrors, problems)
    certificates = certificates_of((*of_indexes, *of_git), problems)
    if problems:
        raise _wrong(problems)
    texts = [text for entry in entries if entry.role == NETRC and (text := entry.values.get("netrc"))]
    file = _netrc(indexes, texts, project, environment)
    files: dict[str, str] = {}
    found: dict[str, str | SecretStr] = {}
    if file.text:
        files[_NETRC_FILE], found["NETRC"] = file.text, str(place / _NETRC_FILE)
    if certificates:
        from layerwright.build.indexes._certificates import USERS, bundle

        users = [project.path(environment[name]) for name in USERS if environment.get(name)]
        files[CERTIFICATES] = bundle(certificates, users)
    if git:
        from layerwright.build.indexes._git import git_variables

        found |= git_variables(git, str(place / CERTIFICATES) if certificates else "", environment)
    indexes = tuple(
        replace(index, in_netrc=_host(index) in file.hosts)
        for index in sorted(indexes, key=lambda index: not index.default)
    )
    return Given(
        indexes=indexes,
        variables=found,
        files=files,
        mirror=mirror,
        notes=tuple(_notes(indexes, bindings, file)),
        warnings=tuple(_warnings(file)),
    )


def _netrc(
    indexes: tuple[Index, ...], texts: list[str], project: Project, environment: Mapping[str, str]
) -> Netrc:
    logins = [_login(index) for index in indexes if index.has_secret and _host(index)]
    own = environment.get("NETRC") or f"{environment.get('HOME', '')}/.netrc"
    if logins or texts:
        # Otherwise programs find the user's file themselves.
        texts = [*texts, _text(project, own) or ""]
    return netrc(logins, texts)


def _login(index: Index) -> Login:
    from layerwright.build.indexes._list import Login, plain

    return Login(index.url, plain(index.username), plain(index.password))


def _host(index: Index) -> str:
    return _login(index).host


def _logins(found: tuple[Merged, ...], problems: list[str]) -> Iterator[Login]:
    for one in found:
        login = login_of(one, problems)
        if login is not None:
            KNOWN.learn_environment({"GIT_USERNAME": login.username, "GIT_PASSWORD": login.password})
            yield login


def _mirror(found: tuple[Merged, ...], problems: list[str]) -> str | SecretStr:
    if len(found) > 1:
        problems.append(
            f"There are {len(found)} mirrors of interpreters: {', '.join(one.origin for one in found)}."
        )
    problems += [
        f"{one.places['certificate']} is not used for interpreters: set SSL_CERT_FILE for the build instead."
        for one in found
        if "certificate" in one.values
    ]
    mirrors = indexes_of(found, problems)
    return mirrors[0].location if mirrors else ""


def _notes(indexes: tuple[Index, ...], bindings: tuple[Entry, ...], file: Netrc) -> Iterator[str]:
    for index in indexes:
        what = "the default index" if index.default else "index"
        login = " with credentials" if index.has_secret else " with a keyring" if index.keyring else ""
        yield f"{what} {index.name}: {KNOWN.masked(index.url)}{login}, from {index.origin}"
    others = [one.origin for one in bindings if one.role in (GIT, NETRC, PYTHON_MIRROR)]
    if others:
        yield f"credentials and mirrors from {', '.join(others)}"
    if file.ambiguous:
        yield f"not in netrc, because indexes of one host have different credentials: {', '.join(file.ambiguous)}"


def _warnings(file: Netrc) -> Iterator[str]:
    if file.users:
        yield (
            f"The netrc file of the user has credentials for {', '.join(file.users)} as well.\n"
            "Programs that read netrc use those instead of the ones that were given for the index."
        )


def _text(project: Project, name: str) -> str | None:
    path = project.path(name)
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
    except OSError:
        return None


def _wrong(problems: list[str]) -> UserError:
    return UserError(
        "The package indexes that were given to the build cannot be used.",
        cause="\n".join(dict.fromkeys(problems)),
        remedy="Correct the bindings or variables above, then build again.",
        reference="bad-index",
    )
