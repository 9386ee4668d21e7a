"""Names of images in registries.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests and, for the names without a
registry, https://github.com/distribution/reference
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Self

from layerwright.errors import UserError
from layerwright.image.descriptor import is_digest
from layerwright.process.authority import authority

__all__ = ["DOCKER", "PREFIX", "Reference", "same_registry"]

DOCKER: Final = "docker.io"
"""The registry of a name without one."""
PREFIX: Final = "docker://"
"""What may stand before a name, as skopeo and others have it."""
_PART: Final = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"({_PART}(\.{_PART})*|\[[0-9A-Fa-f:]+\])(:(?P<port>\d{{1,5}}))?", re.ASCII)
_LAST_PORT: Final = 65535
_REPOSITORY: Final = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
_TAG: Final = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


def same_registry(one: str, other: str, scheme: str = "https") -> bool:
    """Return whether two addresses, ``host[:port]``, are those of the same registry, which is reached by *scheme*."""
    return authority(f"{scheme}://{one}") == authority(f"{scheme}://{other}")


class Reference(NamedTuple):
    """An image in a registry: ``host[:port]``, the repository, and a tag or a digest."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what *text* names, ``docker.io`` and ``latest`` by default; ``UserError``: it names no image."""
        name, _, digest = text.removeprefix(PREFIX).partition("@")
        first, slash, rest = name.partition("/")
        # As Docker decides it: a first part without any of these is a user of the default registry.
        is_host = slash and ("." in first or ":" in first or first == "localhost")
        registry, path = (first, rest) if is_host else (DOCKER, name)
        repository, _, tag = path.partition(":")
        if registry == DOCKER and repository and "/" not in repository:
            repository = f"library/{repository}"
        problem = ""
        host = _HOST.fullmatch(registry)
        if host is None or int(host["port"] or 0) > _LAST_PORT:
            problem = f"{registry} is not the address of a registry."
        elif not _REPOSITORY.fullmatch(repository):
            problem = f"{repository or 'It'} is not the name of a repository, which has lower-case letters and digits."
        elif (tag or path.endswith(":")) and not _TAG.fullmatch(tag):
            problem = f"{tag or 'It'} is not a tag."
        elif ("@" in text or digest) and not is_digest(digest):
            problem = f"{digest or 'It'} is not a SHA-256 digest."
        if problem:
            raise UserError(
                f"{text or 'An empty text'} is not the name of an image.",
                cause=problem,
                remedy="Write it as REGISTRY/REPOSITORY:TAG, for example registry.example.com/team/app:1.2",
                reference="image-name",
            )
        return cls(registry, repository, "" if digest else tag or "latest", digest)

    @property
    def version(self) -> str:
        """The tag, or the digest."""
        return self.digest or self.tag

    @property
    def words(self) -> str:
        """The complete name."""
        return f"{self.registry}/{self.repository}" + (f"@{self.digest}" if self.digest else f":{self.tag}")
