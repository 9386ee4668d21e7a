"""Attaches documents to an image in a registry, before the name of the image leads to it.

A name therefore never leads to an image whose documents are missing. A registry must accept an artifact before its
subject: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.errors import SiteError
from layerwright.files.atomic import write_atomically
from layerwright.image.attached.referrers import list_under_tag, referrers, referrers_tag
from layerwright.image.descriptor import digest_of, json_bytes
from layerwright.image.registry.client import PUSH
from layerwright.image.registry.pull import remote_digest
from layerwright.image.registry.pushing import push

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from layerwright.image.attached.artifact import Artifact
    from layerwright.image.image import Image
    from layerwright.image.reference import Reference
    from layerwright.image.registry.client import RegistryClient
    from layerwright.image.registry.push import Pushed
    from layerwright.image.registry.pushing import Push
    from layerwright.image.registry.registries import Registries

__all__ = ["Attached", "attach", "push_with"]

_REFUSED: Final = "registry-refused"


class Attached(NamedTuple):
    """What was done: how many documents were attached, how many were there, and the tag that lists them.

    The tag is empty if the registry lists them itself. ``refused`` is why the registry takes none.
    """

    sent: int = 0
    present: int = 0
    tag: str = ""
    refused: SiteError | None = None


def push_with(
    registries: Registries,
    image: Image,
    reference: Reference,
    artifacts: Sequence[Artifact],
    records: Path,
    told: Callable[[str], None],
    *,
    is_required: bool = False,
    begun: Push | None = None,
) -> tuple[Pushed, Attached]:
    """Attach *artifacts*, then make *reference* lead to *image*; *told* is called with what is being sent.

    Some of the image may have *begun* to be sent.

    What was done once is known from *records*, a directory: while nothing changes, the one request that finds out what
    *reference* leads to is the only one. ``LayerwrightError``: the registry cannot be reached, or refuses the image,
    or the artifacts if *is_required*.
    """
    known = [reference.registry, reference.repository, sorted(each.digest for each in artifacts)]
    record = records / digest_of(json_bytes(known)).partition(":")[2]
    there = registries.digest(reference) if begun is None else begun.there
    if there == image.digest and record.exists():
        record.touch()
        attached = Attached(present=len(artifacts))
    else:
        attached = attach(registries.client(reference.registry), reference, artifacts, told)
        if attached.refused is not None and is_required:
            raise attached.refused
    pushed = registries.push(image, reference, told) if begun is None else begun.finish(image)
    if attached.refused is None and not record.exists():
        records.mkdir(parents=True, exist_ok=True)
        write_atomically(record, json_bytes(known))
    return pushed, attached


def attach(
    client: RegistryClient, reference: Reference, artifacts: Sequence[Artifact], told: Callable[[str], None]
) -> Attached:
    """Put *artifacts*, all of one image, into the repository of *reference*, and list them there.

    ``LayerwrightError``: the registry cannot be reached.
    """
    if not artifacts:
        return Attached()
    sent = 0
    try:
        for each in artifacts:
            place = reference._replace(tag="", digest=each.digest)
            there = remote_digest(client, place, PUSH)
            push(client, each, place, there=there, told=told)
            sent += there != each.digest
        tag = _listed(client, reference.repository, artifacts)
    except SiteError as error:
        if error.reference != _REFUSED:
            raise
        return Attached(refused=error)
    return Attached(sent, len(artifacts) - sent, tag)


def _listed(client: RegistryClient, repository: str, artifacts: Sequence[Artifact]) -> str:
    """Add *artifacts* to the list under the tag, unless the registry keeps the list; return the tag."""
    subject = artifacts[0].subject.digest
    found = referrers(client, repository, subject, PUSH)
    if found.is_listed:
        return ""
    known = {entry.get("digest") for entry in found.entries}
    missing = [each.entry for each in artifacts if each.digest not in known]
    if missing:
        list_under_tag(client, repository, subject, (*found.entries, *missing))
    return referrers_tag(subject)
