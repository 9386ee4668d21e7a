"""A package index on loopback: it serves real distributions with the simple API, like the public index."""

from __future__ import annotations

import hashlib
import html
import json
import os
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from typing_extensions import override

from layerwright.testing.distributions import Artifact
from layerwright.testing.loopback.server import LoopbackServer, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["PackageIndex"]

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "application/vnd.pypi.simple.v1+html"


class PackageIndex(LoopbackServer):
    """Serves wheels and sdists by the simple repository API: HTML (PEP 503) and JSON (PEP 691).

    It also serves the metadata of wheels (PEP 658, PEP 714). Every file has its SHA-256 and its ``Requires-Python``,
    and what is said about it: when it was uploaded, or that it is yanked. Without ``has_json``, it serves HTML alone.
    Caching headers are those of the public index: a page is valid for ten minutes (or *page_max_age* seconds), a file
    forever.
    """

    root: ClassVar[str] = "/simple/"

    def __init__(self, *, page_max_age: int = 600) -> None:
        self._page_max_age = page_max_age
        # A path is replaced by its artifact at the first request.
        self._files: dict[str, Artifact | Path] = {}
        self._more: dict[str, dict[str, object]] = {}
        self._statuses: dict[str, dict[str, str]] = {}
        self.has_json = True
        super().__init__()

    def add(self, *artifacts: Artifact) -> None:
        """Offer *artifacts*; each replaces an earlier one of the same file name."""
        self._files.update((artifact.filename, artifact) for artifact in artifacts)

    def add_directory(self, directory: Path) -> None:
        """Offer the wheels and sdists now in *directory*; each is read when its project is requested."""
        self._files.update((path.name, path) for path in sorted(directory.glob("*.whl")))
        self._files.update((path.name, path) for path in sorted(directory.glob("*.tar.gz")))

    def remove(self, name: str, version: str) -> None:
        """Stop offering *version* of *name*."""
        for artifact in self._release(name, version):
            del self._files[artifact.filename]

    def say_uploaded(self, name: str, version: str, when: str) -> None:
        """Say that the files of *version* of *name* were uploaded at *when*, in RFC 3339 (PEP 700)."""
        self._say(name, version, "upload-time", when)

    def yank(self, name: str, version: str, reason: str = "") -> None:
        """Mark the files of *version* of *name* as yanked (PEP 592)."""
        self._say(name, version, "yanked", reason or True)

    def set_status(self, name: str, status: str, reason: str = "") -> None:
        """Give the project *name* a status (PEP 792); a quarantined one offers no files."""
        self._statuses[canonicalize_name(name)] = {"status": status, **({"reason": reason} if reason else {})}

    def clear(self) -> None:
        """Offer nothing, without login or faults, say it in JSON as well, and forget the requests."""
        self._files.clear()
        self._more.clear()
        self._statuses.clear()
        self.has_json = True
        self.forget()

    def requirement(self, name: str, version: str) -> str:
        """Return ``name==version`` with the hash of each of its files, as a line of a requirements file."""
        hashes = (f"--hash=sha256:{artifact.sha256}" for artifact in self._release(name, version))
        return " ".join([f"{name}=={version}", *hashes])

    def pip_env(self) -> dict[str, str]:
        """Return the environment variables that make pip use this index, and no configuration file.

        pip retries once, without waiting: it overcomes a fault for one request, and reports at once that an index is
        down.
        """
        return {
            "PIP_INDEX_URL": self.url,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DEFAULT_TIMEOUT": "30",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PIP_RETRIES": "1",
            # Loopback is trusted anyway, but pip caches only files from https or from a host named here.
            "PIP_TRUSTED_HOST": "127.0.0.1",
        }

    @override
    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        """Return a page of the simple API, a file, or a wheel's metadata."""
        files = dict(self._files)
        match path.strip("/").split("/"):
            case ["simple"]:
                projects = sorted({_project(filename) for filename in files})
                return self._page(headers, *_projects_page(projects))
            case ["simple", name] if artifacts := self._artifacts(name):
                return self._page(headers, *self._project_page(canonicalize_name(name), artifacts))
            case ["files", filename] if filename in files:
                return _file(self._artifact(filename).data)
            case ["files", filename] if filename.endswith(".whl.metadata") and filename[:-9] in files:
                return _file(self._artifact(filename[:-9]).metadata.encode())
        return Response(status=404)

    def _page(
        self, headers: Mapping[str, str], content: Mapping[str, object], anchors: Iterable[str]
    ) -> Response:
        accepted = headers.get("accept", "")
        if _JSON in accepted and self.has_json:
            content_type, body = _JSON, json.dumps({"meta": {"api-version": "1.1"}, **content})
        else:
            content_type = _HTML if _HTML in accepted else "text/html; charset=utf-8"
            body = "<!DOCTYPE html>\n" + "<br>\n".join(anchors) + "\n"
        cached = f"max-age={self._page_max_age}, public"
        return Response(
            body=body.encode(),
            headers={"Content-Type": content_type, "Cache-Control": cached, "Vary": "Accept"},
        )

    def _project_page(
        self, project: str, artifacts: Sequence[Artifact]
    ) -> tuple[Mapping[str, object], Iterable[str]]:
        status = self._statuses.get(project)
        offered = [] if status and status["status"] == "quarantined" else artifacts
        more = {artifact.filename: self._more.get(artifact.filename, {}) for artifact in offered}
        page = {
            "name": project,
            "versions": sorted({artifact.version for artifact in offered}),
            "files": [{**_entry(artifact), **more[artifact.filename]} for artifact in offered],
            **({"project-status": status} if status else {}),
        }
        return page, [_anchor(artifact, more[artifact.filename].get("yanked")) for artifact in offered]

    def _say(self, name: str, version: str, key: str, value: object) -> None:
        for artifact in self._release(name, version):
            self._more.setdefault(artifact.filename, {})[key] = value

    def _artifacts(self, name: str) -> list[Artifact]:
        project = canonicalize_name(name)
        return [self._artifact(filename) for filename in list(self._files) if _project(filename) == project]

    def _artifact(self, filename: str) -> Artifact:
        file = self._files[filename]
        if not isinstance(file, Artifact):
            self._files[filename] = file = Artifact.read(file)
        return file

    def _release(self, name: str, version: str) -> list[Artifact]:
        artifacts = [artifact for artifact in self._artifacts(name) if artifact.version == version]
        if not artifacts:
            raise LookupError(f"the index has no {name} {version}")
        return artifacts


def _project(filename: str) -> str:
    if filename.endswith(".whl"):
        return parse_wheel_filename(filename)[0]
    return parse_sdist_filename(filename)[0]


def _projects_page(projects: Sequence[str]) -> tuple[Mapping[str, object], Iterable[str]]:
    anchors = [f'<a href="/simple/{project}/">{project}</a>' for project in projects]
    return {"projects": [{"name": project} for project in projects]}, anchors


def _file(data: bytes) -> Response:
    return Response(
        body=data,
        headers={
            "Content-Type": "application/octet-stream",
            "Cache-Control": "max-age=365000000, immutable, public",
        },
    )


def _entry(artifact: Artifact) -> dict[str, object]:
    entry: dict[str, object] = {
        "filename": artifact.filename,
        "url": f"/files/{quote(artifact.filename)}",
        "hashes": {"sha256": artifact.sha256},
        "size": len(artifact.data),
        "requires-python": artifact.requires_python or None,
    }
    if artifact.is_wheel:
        entry["core-metadata"] = {"sha256": _metadata_sha256(artifact)}
    return entry


def _anchor(artifact: Artifact, yanked: object) -> str:
    attributes = {"href": f"/files/{quote(artifact.filename)}#sha256={artifact.sha256}"}
    if yanked:
        attributes["data-yanked"] = "" if yanked is True else str(yanked)
    if artifact.requires_python:
        attributes["data-requires-python"] = artifact.requires_python
    if artifact.is_wheel:
        attributes["data-core-metadata"] = f"sha256={_metadata_sha256(artifact)}"
    words = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a {words}>{artifact.filename}</a>"


def _metadata_sha256(artifact: Artifact) -> str:
    return hashlib.sha256(artifact.metadata.encode()).hexdigest()
