"""Errors of registries, and which of them may not occur again."""

from __future__ import annotations

import json
from typing import Any, Final

from layerwright.errors import SiteError
from layerwright.process.redaction import redacted

__all__ = [
    "TryAgainError",
    "ZstdRefusedError",
    "login_error",
    "refused_error",
    "unreachable_error",
    "words_of",
]

_LONGEST: Final = 300


class TryAgainError(Exception):
    """A failure that may not occur in the next attempt; ``after`` are the seconds that the registry asks to wait."""

    def __init__(self, words: str, *, after: float | None = None) -> None:
        super().__init__(words)
        self.after: Final = after


class ZstdRefusedError(SiteError):
    """A registry refuses an image that has layers with zstd, perhaps because of them."""


def unreachable_error(registry: str, cause: str, *, tries: int, plain: bool = False) -> SiteError:
    """Return the error after the last of *tries* attempts; *plain*: the configuration says that it has no TLS."""
    return SiteError(
        f"The registry {registry} does not answer as it should.",
        cause=redacted(f"After {tries} attempts: {cause}."),
        remedy=(
            "Check the address, and that this machine can reach it (HTTPS_PROXY and NO_PROXY are honoured).",
            *_maybe_tls(plain),
            "Run the command again: what the registry has is not sent again.",
        ),
        reference="registry-unreachable",
        transient=True,
    )


def login_error(registry: str, repository: str, cause: str, *, refused: bool = False) -> SiteError:
    """Return the error if there is no access to *repository*; *refused* is whether a login was found and is wrong."""
    where = f"docker login {registry} (or podman, skopeo: their files are read as well)."
    remedy = (
        (f"Log in again: {where}", "The password or the token may be wrong, or have expired.")
        if refused
        else (
            f"Log in: {where}",
            "Check that this user may read or write the repository, and that the repository exists.",
        )
    )
    return SiteError(
        f"The registry {registry} refuses access to {repository}.",
        cause=redacted(cause),
        remedy=remedy,
        reference="registry-login",
    )


def refused_error(
    registry: str, what: str, cause: str, *, plain: bool = False, zstd: bool = False
) -> SiteError:
    """Return the error of a request that will not succeed in another attempt.

    *plain*: it should perhaps use TLS. *zstd*: it is about an image that has such layers.
    """
    kind = ZstdRefusedError if zstd else SiteError
    return kind(
        f"The registry {registry} refuses {what}.",
        cause=redacted(cause),
        remedy=(
            *_maybe_tls(plain),
            "The words of the registry say why. Check the name of the image, and the registry's limits and rules.",
            *(("If it takes no layers with zstd: --compression gzip",) if zstd else ()),
        ),
        reference="registry-refused",
    )


def _maybe_tls(plain: bool) -> tuple[str, ...]:
    return ("If it speaks TLS, remove it from image.plain-http.",) if plain else ()


def words_of(status: int, reason: str, body: bytes) -> str:
    """Return what a registry says in an answer with an error."""
    try:
        errors: Any = json.loads(body)["errors"]
        said = "; ".join(f"{one.get('code', '')}: {one.get('message', '')}" for one in errors)
    except (AttributeError, KeyError, TypeError, ValueError):
        said = ""
    return f"It answered {status} {reason}" + (f" ({said[:_LONGEST]})" if said else "")
