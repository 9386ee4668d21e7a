"""What a requirement refers to: a distribution on an index, an archive, a directory or a repository."""

from __future__ import annotations

import os
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import frozen

if TYPE_CHECKING:
    from packaging.requirements import Requirement as Pep508

    from layerwright import Project

__all__ = [
    "Kind",
    "Requirement",
    "Target",
    "bad_requirement",
    "local_path",
    "parsed",
    "path_of",
    "target",
    "without_credentials",
]

_ARCHIVES: Final = (
    ".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz",
    ".tar.lzma",
)  # fmt: skip
# As text: most requirements have neither a URL nor extras, and need no expression but that for the usual forms.
_ARCHIVE_URL: Final = r"(?i)(https?|ftp):"
_VCS_URL: Final = r"(?i)((git|hg|svn|bzr)(\+[a-z-]+)?|ssh|sftp):"
_NAMED_URL: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?\s*@\s*(?P<url>\S+)"
_EXTRAS: Final = r"\[[^\]]+\]$"
_EXPANDED: Final = r"\$\{[A-Z0-9_]+\}"
_USERINFO: Final = r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s/@\"']*@"

# The usual forms. Importing `packaging` takes longer than the rest of an unchanged rebuild, so it judges only
# what these patterns do not match.
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_VERSION: Final = r"\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?"
_CLAUSE: Final = rf"(?:==|!=|<=|>=|<|>) ?{_VERSION}"
_USUAL_EXTRAS: Final = rf"(?:\[{_NAME}(?:, ?{_NAME})*\])?"
_USUAL: Final = re.compile(rf"{_NAME}{_USUAL_EXTRAS} ?(?:{_CLAUSE}(?:, ?{_CLAUSE})*)? *", re.ASCII)
_VARIABLE: Final = (
    "(?:python_version|python_full_version|sys_platform|platform_system|platform_machine|os_name"
    "|platform_python_implementation|implementation_name)"
)
_COMPARISON: Final = rf"{_VARIABLE} ?(?:==|!=|<=|>=|<|>) ?(?:\"[\w.-]+\"|'[\w.-]+')"
_COMPARISONS: Final = rf"{_COMPARISON}(?: (?:and|or) {_COMPARISON})*"
_TERM: Final = rf"(?:{_COMPARISON}|\({_COMPARISONS}\))"
_USUAL_MARKER: Final = rf"(?a:{_TERM}(?: (?:and|or) {_TERM})*)"


class Kind(Enum):
    """The kind of thing that a requirement refers to."""

    INDEX = "index"
    URL = "url"
    ARCHIVE = "archive"
    DIRECTORY = "directory"
    VCS = "vcs"


@frozen
class Target:
    """What a requirement refers to. ``path`` is set if it is on this machine, ``url`` if it is not from the index."""

    kind: Kind
    path: str = ""
    url: str = ""


@frozen
class Requirement:
    """A requirement and its place. ``text`` is as written, with ``${VARIABLES}`` and without options."""

    file: str
    line: int
    text: str
    target: Target
    editable: bool = False
    constraint: bool = False
    hashes: tuple[str, ...] = ()
    has_build_options: bool = False

    @property
    def place(self) -> str:
        """The file and the line, for messages."""
        return f"{self.file}:{self.line}"

    @property
    def has_hash(self) -> bool:
        """Whether its archive is pinned by a hash, as an option or as the fragment of its URL."""
        return bool(self.hashes) or re.search(r"[#&](sha256|sha384|sha512)=", self.target.url) is not None


def without_credentials(text: str) -> str:
    """Return *text* without the credentials of any URL in it."""
    return re.sub(_USERINFO, r"\g<scheme>", text) if "@" in text else text


def target(text: str, project: Project, *, editable: bool = False) -> Target:
    """Return what the requirement *text*, with its variables expanded, refers to."""
    name = _without_marker(text)
    named = re.fullmatch(_NAMED_URL, name) if "@" in name else None
    location = named["url"] if named else name
    is_url = ":" in location
    is_file = _is_file_url(location)
    if editable:
        path = path_of(location) if is_file else _without_extras(location)
        if is_file or project.is_directory(path):
            return _local(project, Kind.DIRECTORY, path)
        return Target(kind=Kind.VCS, url=without_credentials(location))
    if is_file:
        path = path_of(location)
        return _local(project, Kind.DIRECTORY if project.is_directory(path) else Kind.ARCHIVE, path)
    if is_url and re.match(_VCS_URL, location):
        return Target(kind=Kind.VCS, url=without_credentials(location))
    if is_url and re.match(_ARCHIVE_URL, location):
        return Target(kind=Kind.URL, url=without_credentials(location))
    path = _without_extras(name).rstrip()
    if _looks_like_path(path) and project.is_directory(path):
        return _local(project, Kind.DIRECTORY, path)
    if path.lower().endswith(_ARCHIVES):
        return _local(project, Kind.ARCHIVE, path)
    return Target(kind=Kind.INDEX)


def local_path(text: str) -> str:
    """Return the path that the requirement *text* consists of, if it is one: without extras and markers."""
    return _without_extras(_without_marker(text)).rstrip()


def path_of(url: str) -> str:
    """Return the path that the ``file:`` URL *url* stands for."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return url2pathname(urlsplit(url).path)


def bad_requirement(text: str, found: Target, project: Project) -> str:
    """Return what is wrong with the requirement *text*, in words for its author; empty if it is valid."""
    if found.kind is Kind.ARCHIVE and not project.exists(found.path):
        return "there is no such archive"
    if found.kind is not Kind.INDEX or _is_usual(text):
        return ""
    name, _, marker = (part.strip() for part in text.partition(";"))
    if _looks_like_path(name):
        return "there is no such directory or archive"
    from packaging.markers import InvalidMarker, Marker
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(name)
        if marker:
            Marker(marker)
    except (InvalidRequirement, InvalidMarker) as error:
        hint = "; an exact version is written with ==" if re.search(r"[^=<>!~]=[^=]", name) else ""
        return f"{str(error).splitlines()[0]}{hint}"
    return ""


def parsed(text: str) -> Pep508 | None:
    """Return the requirement (PEP 508) *text*, in which ``0`` stands for each variable; ``None`` if it is not one."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Pep508

    try:
        return Pep508(re.sub(_EXPANDED, "0", text))
    except InvalidRequirement:
        return None


def _is_usual(text: str) -> bool:
    name, separator, marker = text.partition(";")
    return bool(_USUAL.fullmatch(name) and (not separator or re.fullmatch(_USUAL_MARKER, marker.strip())))


def _without_marker(text: str) -> str:
    is_url = ":" in text and (
        _is_file_url(text) or re.match(_VCS_URL, text) is not None or re.match(_ARCHIVE_URL, text) is not None
    )
    return text.partition("; " if is_url else ";")[0].strip()


def _without_extras(text: str) -> str:
    return re.sub(_EXTRAS, "", text) if "]" in text else text


def _is_file_url(text: str) -> bool:
    return text[:5].lower() == "file:"


def _looks_like_path(name: str) -> bool:
    return os.sep in name or name.startswith(".")


def _local(project: Project, kind: Kind, path: str) -> Target:
    path = os.path.normpath(path)
    return Target(kind=kind, path=path, url=Path(os.path.normpath(project.path(path))).as_uri())
