"""Authorization for requests: none, a user with a password, or a token for a repository.

https://distribution.github.io/distribution/spec/auth/token/ and
https://distribution.github.io/distribution/spec/auth/oauth/
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64decode
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from layerwright.image.registry.errors import TryAgainError, login_error, words_of
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.errors import SiteError
    from layerwright.image.registry.credentials import Credentials
    from layerwright.image.registry.http import Http

__all__ = ["BUSY", "Login"]

BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""The answers after which another attempt may succeed."""
# 400: a token to exchange that is not valid, according to OAuth.
_REFUSED: Final = frozenset({400, 401, 403})
_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


class Login:
    """The authorizations for one *registry*: kept for each scope, and renewed when the registry asks again."""

    def __init__(self, registry: str, http: Http, credentials: Callable[[str], Credentials | None]) -> None:
        self._registry: Final = registry
        self._http: Final = http
        self._credentials: Final = credentials
        self._known: dict[str, str] = {}
        self._used: dict[str, Credentials | None] = {}

    def authorization(self, scope: str) -> str:
        """Return the value of the header for *scope* as far as it is known; empty if it is not."""
        return self._known.get(scope, "")

    def refused(self, repository: str, words: str, *, wrong: bool = False) -> SiteError:
        """Return the error for *repository*, with what the registry says and which login was found.

        *wrong* is whether the registry refuses the login itself, and not only what was asked with it.
        """
        if repository not in self._used:
            found, wrong = "It did not ask for a login.", False
        elif (used := self._used[repository]) is None:
            found, wrong = "No login for it was found on this machine.", False
        elif wrong:
            found = f"A login for it was found, and is refused: {used.words}."
        else:
            found = f"The login that was found for it is {used.words}."
        return login_error(self._registry, repository, f"{words}. {found}", refused=wrong)

    def answer(self, challenges: list[str], scope: str, repository: str) -> bool:
        """Get an authorization for *scope* as one of *challenges* asks; return whether there is one.

        ``LayerwrightError``: the credentials cannot be read, or are refused.
        """
        credentials = self._used[repository] = self._credentials(repository)
        for challenge in challenges:
            kind, _, rest = challenge.partition(" ")
            values = {name: quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
            if kind.lower() == "bearer" and "realm" in values:
                try:
                    token = self._token(values, scope, repository, credentials)
                except TryAgainError as error:
                    server = urlsplit(values["realm"]).netloc
                    raise TryAgainError(f"the token server {server}: {error}", after=error.after) from error
                KNOWN.learn([token])
                if scope.startswith(f"repository:{repository}:pull,push") and not _allows_push(
                    token, repository
                ):
                    # A registry may say so only after the first layer.
                    raise self.refused(repository, "It gives a token that does not allow a push")
                self._known[scope] = f"Bearer {token}"
                return True
            if kind.lower() == "basic" and credentials is not None and credentials.password:
                self._known[scope] = _basic(credentials)
                return True
        return False

    def _token(
        self, challenge: Mapping[str, str], scope: str, repository: str, credentials: Credentials | None
    ) -> str:
        """Ask the server that *challenge* names for a token."""
        query = [("scope", each) for each in scope.split()]
        if challenge.get("service"):
            query.insert(0, ("service", challenge["service"]))
        realm = challenge["realm"]
        if credentials is not None and credentials.identity:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": credentials.identity,
                "client_id": "layerwright",
            }
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            # Several scopes are one value here.
            asked = {**dict(query), **form, "scope": scope}
            answer = self._http.request("POST", realm, kind, urlencode(asked).encode())
        else:
            url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"
            own = _basic(credentials) if credentials is not None and credentials.password else ""
            answer = self._http.request("GET", url, {}, authorization=own)
        content = answer.read()
        if answer.status in BUSY:
            raise TryAgainError(words_of(answer.status, answer.reason, content))
        try:
            document = json.loads(content) if answer.status == 200 else {}
            token = str(document.get("token") or document.get("access_token") or "")
        except (AttributeError, ValueError):
            token = ""
        if not token:
            words = words_of(answer.status, answer.reason, content)
            # Any other answer is no judgement about the credentials.
            wrong = answer.status in _REFUSED
            raise self.refused(repository, f"{words}, when it was asked for a token", wrong=wrong)
        return token


def _allows_push(token: str, repository: str) -> bool:
    """Return whether *token* allows to push, as far as it says what it allows.

    https://distribution.github.io/distribution/spec/auth/jwt/
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        access = claims["access"]
        actions = [action for each in access if each["name"] == repository for action in each["actions"]]
    except (IndexError, KeyError, TypeError, ValueError):
        # Other tokens are known to their registry alone.
        return True
    return "push" in actions or "*" in actions


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.user}:{credentials.password}"
    encoded = b64encode(pair.encode()).decode()
    KNOWN.learn([encoded])
    return f"Basic {encoded}"
