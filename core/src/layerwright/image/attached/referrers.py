"""The artifacts that a registry lists for an image: by its API, or by a tag where a registry has no such API.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers and
https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
"""

from __future__ import annotations

import http.client
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urljoin

from layerwright.errors import SiteError
from layerwright.image.descriptor import INDEX, json_bytes
from layerwright.image.registry.client import PULL, PUSH
from layerwright.image.registry.errors import refused_error, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.image.registry.client import RegistryClient
    from layerwright.image.registry.http import Answer

__all__ = ["Referrers", "list_under_tag", "referrers", "referrers_tag"]

_NEXT: Final = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_MOST_PAGES: Final = 100


class Referrers(NamedTuple):
    """The descriptors of the artifacts of an image, with their ``artifactType``, and whether the registry lists them.

    If not, the clients keep the list, under a tag.
    """

    entries: tuple[Mapping[str, Any], ...]
    is_listed: bool


def referrers_tag(digest: str) -> str:
    """Return the tag for the list of the artifacts of the image with *digest*."""
    return digest.replace(":", "-")


def referrers(client: RegistryClient, repository: str, digest: str, actions: str = PULL) -> Referrers:
    """Return the artifacts of the image with *digest* in *repository*.

    ``SiteError``: the registry cannot be asked, or the tag for their list leads to something else.
    """
    url = client.url(repository, f"referrers/{digest}")
    entries: list[Mapping[str, Any]] = []
    for _ in range(_MOST_PAGES):
        try:
            answer, content = _get(client, url, repository, actions)
        except SiteError as error:
            if error.reference != "registry-login":
                raise
            # Some registries without this API refuse what they do not know. With the tag it is a matter of the login.
            break
        found = _entries(content) if answer.status == http.client.OK else None
        if found is None:
            break
        entries += found
        following = _NEXT.search(answer.headers.get("Link", ""))
        if following is None:
            return Referrers(tuple(entries), is_listed=True)
        url = urljoin(answer.url, following[1])
    return Referrers(_under_tag(client, repository, digest, actions), is_listed=False)


def list_under_tag(
    client: RegistryClient, repository: str, digest: str, entries: Iterable[Mapping[str, Any]]
) -> None:
    """Write the list of the artifacts of the image with *digest*, for a registry that keeps none."""
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(entries)}
    url = client.url(repository, f"manifests/{referrers_tag(digest)}")

    def attempt() -> None:
        answer = client.once(
            "PUT",
            url,
            repository,
            actions=PUSH,
            headers={"Content-Type": INDEX},
            body=json_bytes(document),
        )
        if answer.status not in (http.client.CREATED, http.client.OK):
            raise client.refused(answer, f"the list of what is attached to {digest}")
        answer.read()

    client.again(attempt)


def _under_tag(
    client: RegistryClient, repository: str, digest: str, actions: str
) -> tuple[Mapping[str, Any], ...]:
    tag = referrers_tag(digest)
    answer, content = _get(client, client.url(repository, f"manifests/{tag}"), repository, actions)
    if answer.status == http.client.NOT_FOUND:
        return ()
    found = _entries(content) if answer.status == http.client.OK else None
    if found is None:
        words = (
            f"The tag {tag} of {repository} leads to something else."
            if answer.status == http.client.OK
            else f"{words_of(answer.status, answer.reason, content)}."
        )
        raise refused_error(client.registry, f"the list of what is attached to {digest}", words)
    return tuple(found)


def _get(client: RegistryClient, url: str, repository: str, actions: str) -> tuple[Answer, bytes]:
    def attempt() -> tuple[Answer, bytes]:
        answer = client.once("GET", url, repository, actions=actions, headers={"Accept": INDEX})
        return answer, answer.read()

    return client.again(attempt)


def _entries(content: bytes) -> list[Mapping[str, Any]] | None:
    """Return the descriptors in an index; ``None``: it is none."""
    try:
        document = json.loads(content)
        found = document["manifests"] or []
        return [one for one in found if isinstance(one, dict)]
    except (KeyError, TypeError, ValueError):
        return None
