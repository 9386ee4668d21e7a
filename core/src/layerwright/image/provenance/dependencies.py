"""What went into an image, as resource descriptors.

https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.image.provenance.statement import digests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from layerwright.build.bom.component import Component

__all__ = ["components", "image_dependency", "source"]

_SOURCE: Final = "org.opencontainers.image.source"
_REVISION: Final = "org.opencontainers.image.revision"


def components(found: Iterable[Component], urls: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield each of the components *found* in layers: what was installed, from which archive.

    *urls* are the URLs of archives, by the name of the component, where its document has none.
    """
    known = urls or {}
    for one in found:
        place = one.url or known.get(one.name, "")
        yield {
            "name": f"{one.name} {one.version}".rstrip(),
            "uri": one.purl or f"pkg:generic/{one.name}@{one.version}",
            **({"digest": digests(*one.hashes)} if one.hashes else {}),
            **({"downloadLocation": place} if place else {}),
            "annotations": dict(sorted(one.notes.items())),
        }


def image_dependency(name: str, digest: str, role: str) -> dict[str, Any]:
    """Return the image *name*, empty for one in a layout or a file, with *digest*; *role* is what it is for."""
    return {
        "name": role,
        **({"uri": f"docker://{name}"} if name else {}),
        "digest": digests(digest),
    }


def source(labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the source that *labels* of an image name: a repository, with the revision if they have it."""
    repository, revision = labels.get(_SOURCE, ""), labels.get(_REVISION, "")
    if repository:
        git = {"digest": {"gitCommit": revision}} if revision else {}
        yield {"name": "source", "uri": repository, **git}
