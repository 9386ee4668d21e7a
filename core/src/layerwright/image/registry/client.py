"""A client of registries: every request with its authorization, and again after failures that may pass.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

from __future__ import annotations

import random
import time
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from layerwright.image.reference import DOCKER, same_registry
from layerwright.image.registry.errors import (
    TryAgainError,
    refused_error,
    unreachable_error,
    words_of,
)
from layerwright.image.registry.http import Body, Http
from layerwright.image.registry.login import BUSY, Login
from layerwright.image.registry.loopback import speaks_tls
from layerwright.process.authority import is_loopback
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layerwright.image.registry.credentials import Credentials
    from layerwright.image.registry.http import Answer

__all__ = ["DELAYS", "PULL", "PUSH", "RegistryClient", "Site"]

T = TypeVar("T")
DELAYS: Final = (1.0, 3.0, 9.0, 27.0)
"""The seconds before each further attempt, unless the registry names others."""
UPLOADS: Final = 3
"""The contents that are sent at the same time. Some registries would turn more away."""
PULL: Final = "pull"
PUSH: Final = "pull,push"
_LONGEST_WAIT: Final = 120.0


class Site:
    """How this machine reaches registries: those with plain HTTP, mirrors of others, and the credentials.

    ``told`` is called with each failure that may pass, and when the next attempt is, before the pause until then.
    ``uploads`` is how many contents are sent at the same time.
    """

    def __init__(
        self,
        *,
        plain: Sequence[str] = (),
        mirrors: Mapping[str, str] | None = None,
        credentials: Callable[[str, str], Credentials | None] = lambda _registry, _repository: None,
        delays: Sequence[float] = DELAYS,
        wait: Callable[[float], None] = time.sleep,
        told: Callable[[str], None] = lambda _words: None,
        uploads: int = UPLOADS,
    ) -> None:
        self.plain: Final = frozenset(plain)
        self.mirrors: Final = dict(mirrors or {})
        self.credentials: Final = credentials
        self.delays: Final = tuple(delays)
        self.wait: Final = wait
        self.uploads: Final = uploads
        self.told: Final = told

    def is_plain(self, registry: str) -> bool:
        """Return whether *registry* speaks plain HTTP."""
        return any(same_registry(registry, one, "http") for one in self.plain)

    def mirror(self, registry: str) -> str:
        """Return the mirror of *registry*; empty if it has none."""
        return next((mirror for one, mirror in self.mirrors.items() if same_registry(registry, one)), "")


class RegistryClient:
    """Sends requests about the repositories of one *registry*."""

    def __init__(self, registry: str, site: Site) -> None:
        self.registry: Final = registry
        self._site: Final = site
        self.uploads: Final = site.uploads
        self._is_near: Final = is_loopback(urlsplit(f"//{registry}").hostname or "")
        self._tls: bool | None = None
        self._http: Final = Http()
        self._renewing: Final = Lock()
        self._telling: Final = Lock()
        self._login: Final = Login(
            registry, self._http, lambda repository: site.credentials(registry, repository)
        )

    def url(self, repository: str, rest: str) -> str:
        """Return the URL of *rest* in *repository*."""
        host = "registry-1.docker.io" if self.registry == DOCKER else self.registry
        return f"{'https' if self._uses_tls() else 'http'}://{host}/v2/{repository}/{rest}"

    def tell(self, told: Callable[[str], None], words: str) -> None:
        """Call *told* with *words*, for one thread at a time."""
        with self._telling:
            told(words)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def again(self, attempt: Callable[[], T]) -> T:
        """Return the result of *attempt*; after ``TryAgainError`` it is called again, later each time.

        ``SiteError``: every attempt failed.
        """
        attempts = len(self._site.delays) + 1
        for number, delay in enumerate((*self._site.delays, None), 1):
            try:
                return attempt()
            except TryAgainError as error:
                if delay is None:
                    plain = self._site.is_plain(self.registry)
                    raise unreachable_error(self.registry, str(error), tries=number, plain=plain) from error
                # Many builds that a registry has turned away together should not come back together.
                pause = delay * random.uniform(0.75, 1.25) if error.after is None else error.after  # noqa: S311
                pause = min(pause, _LONGEST_WAIT)
                self.tell(
                    self._site.told,
                    redacted(
                        f"The registry {self.registry} does not answer as it should: {error}."
                        f" Trying again in {pause:.0f} s (attempt {number + 1} of {attempts})."
                    ),
                )
                self._site.wait(pause)
        raise AssertionError  # pragma: no cover

    def once(
        self,
        method: str,
        url: str,
        repository: str,
        *,
        actions: str = PULL,
        headers: Mapping[str, str] | None = None,
        body: bytes | Body = b"",
        also_pull: str = "",
    ) -> Answer:
        """Return the answer to one request for *actions* in *repository*, and to pull from the one *also_pull*.

        The caller decides what an answer with another status than those of authorization means. ``TryAgainError``:
        the registry is busy, or there is no answer. ``SiteError``: it refuses access.
        """
        scope = f"repository:{repository}:{actions}"
        if also_pull:
            scope += f" repository:{also_pull}:{PULL}"
        start = body.file.tell() if isinstance(body, Body) else 0
        is_renewed = False
        while True:
            if isinstance(body, Body):
                body.file.seek(start)
            known = self._login.authorization(scope)
            answer = self._http.request(method, url, headers or {}, body, authorization=known)
            if answer.status != 401 or is_renewed:
                break
            answer.read()
            with self._renewing:
                # Another thread may have got an authorization meanwhile.
                if self._login.authorization(scope) == known:
                    is_renewed = True
                    challenges = answer.headers.get_all("WWW-Authenticate") or []
                    if not self._login.answer(challenges, scope, repository):
                        raise self._login.refused(repository, "It asks for a login")
        if answer.status in (401, 403):
            words = words_of(answer.status, answer.reason, answer.read())
            # A token was given for the login.
            wrong = answer.status == 401 and self._login.authorization(scope).startswith("Basic")
            raise self._login.refused(repository, words, wrong=wrong)
        if answer.status in BUSY:
            words = words_of(answer.status, answer.reason, answer.read())
            raise TryAgainError(words, after=_after(answer))
        return answer

    def _uses_tls(self) -> bool:
        if self._site.is_plain(self.registry):
            return False
        if not self._is_near:
            return True
        if self._tls is None:
            self._tls = speaks_tls(self.registry)
        return bool(self._tls)

    def refused(self, answer: Answer, what: str, *, zstd: bool = False) -> Exception:
        """Return the error for an unexpected *answer* to a request for *what*: see :func:`refused_error`."""
        words = f"{words_of(answer.status, answer.reason, answer.read())}."
        # What servers with TLS answer to a request without.
        plain = answer.status == 400 and answer.url.startswith("http://")
        return refused_error(self.registry, what, words, plain=plain, zstd=zstd)


def _after(answer: Answer) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
