"""Errors of registries, and which of them may not occur again."""

from __future__ import annotations

import json
from typing import Any, Final

from layerwright.errors import SiteError
from layerwright.process.redaction import redacted

__all__ = ["TryAgainError", "login_error", "refused_error", "unreachable_error", "words_of"]

_LONGEST: Final = 300


class TryAgainError(Exception):
    """A failure that may not occur in the next attempt; ``after`` are the seconds that the registry asks to wait."""

    def __init__(self, words: str, *, after: float | None = None) -> None:
        super().__init__(words)
        self.after: Final = after


def unreachable_error(registry: str, cause: str, *, tries: int) -> SiteError:
    """Return the error after the last of *tries* attempts."""
    return SiteError(
        f"The registry {registry} does not answer as it should.",
        cause=redacted(f"After {tries} attempts: {cause}."),
        remedy=(
            "Check the address, and that this machine can reach it (HTTPS_PROXY and NO_PROXY are honoured).",
            "Run the command again: what the registry has is not sent again.",
            "If it speaks HTTP without TLS, add it to image.plain-http; if its certificate is signed by your own"
            " authority, set SSL_CERT_FILE.",
        ),
        reference="registry-unreachable",
        transient=True,
    )


def login_error(registry: str, repository: str, cause: str) -> SiteError:
    """Return the error if the registry wants other credentials, or none have the right."""
    return SiteError(
        f"The registry {registry} refuses access to {repository}.",
        cause=redacted(cause),
        remedy=(
            f"Log in: docker login {registry} (or podman, skopeo: their files are read as well).",
            "Check that this user may read or write the repository, and that the repository exists.",
        ),
        reference="registry-login",
    )


def refused_error(registry: str, what: str, cause: str) -> SiteError:
    """Return the error of a request that will not succeed in another attempt."""
    return SiteError(
        f"The registry {registry} refuses {what}.",
        cause=redacted(cause),
        remedy="The words of the registry say why. Check the name of the image, and the registry's limits and rules.",
        reference="registry-refused",
    )


def words_of(status: int, reason: str, body: bytes) -> str:
    """Return what a registry says in an answer with an error."""
    try:
        errors: Any = json.loads(body)["errors"]
        said = "; ".join(f"{one.get('code', '')}: {one.get('message', '')}" for one in errors)
    except (AttributeError, KeyError, TypeError, ValueError):
        said = ""
    return f"It answered {status} {reason}" + (f" ({said[:_LONGEST]})" if said else "")
