"""Credentials for registries, where docker, podman and skopeo keep them.

https://docs.docker.com/reference/cli/docker/login/ and
https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
"""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.errors import SiteError
from layerwright.image.reference import DOCKER
from layerwright.process.command import Command
from layerwright.process.redaction import KNOWN
from layerwright.process.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Credentials", "find_credentials"]

# The name under which docker itself stores them.
_DOCKER_KEY: Final = "https://index.docker.io/v1/"
_DEFAULT_PORT: Final = ":443"
_RUN: Final = Path("/run/containers")
_TOKEN_USER: Final = "<token>"  # noqa: S105  # the name that helpers use


class Credentials(NamedTuple):
    """A user with a password, or an identity token, which a registry exchanges for others.

    *source* is the file or the helper that has them.
    """

    user: str = ""
    password: str = ""
    identity: str = ""
    source: str = ""

    def __repr__(self) -> str:
        """Return text without secrets."""
        return f"Credentials(user={self.user!r})"

    @property
    def words(self) -> str:
        """What they are and where they come from, without secrets."""
        owner = "an identity token" if self.identity else f"the user {self.user}"
        return f"{owner}, from {self.source}"


def find_credentials(registry: str, repository: str, environment: Mapping[str, str]) -> Credentials | None:
    """Return the credentials for a *repository* of *registry*; ``None`` if there are none.

    Everything secret in them is known to the log from then on. ``SiteError``: a file or a helper cannot be used.
    """
    keys = [f"{registry}/{repository}"]
    while "/" in keys[-1]:
        keys.append(keys[-1].rpartition("/")[0])
    keys += [_DOCKER_KEY, "index.docker.io"] if registry == DOCKER else []
    for path in _files(environment):
        found = _in_file(path, keys, environment)
        if found is not None:
            KNOWN.learn([secret for secret in (found.password, found.identity) if secret])
            return found
    return None


def _files(environment: Mapping[str, str]) -> Iterator[Path]:
    if environment.get("REGISTRY_AUTH_FILE"):
        yield Path(environment["REGISTRY_AUTH_FILE"])
    home = Path(environment.get("HOME") or "/")
    docker = environment.get("DOCKER_CONFIG")
    yield (Path(docker) if docker else home / ".docker") / "config.json"
    run = environment.get("XDG_RUNTIME_DIR")
    # Without that directory, as for root: containers-auth.json(5).
    yield (Path(run) / "containers" if run else _RUN / str(os.geteuid())) / "auth.json"
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json"


def _in_file(path: Path, keys: list[str], environment: Mapping[str, str]) -> Credentials | None:
    try:
        document = json.loads(path.read_bytes())
        auths, helpers = (_table(document, name) for name in ("auths", "credHelpers"))
        store = document.get("credsStore") or ""
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (AttributeError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON of the expected form"
        raise _unusable(f"{path}: {reason}.") from error
    for key in keys:
        named = next((name for name in helpers if _host(name) == _host(key)), None)
        if named is not None:
            return _helped(str(helpers[named]), named, path, environment)
        name = next((name for name in auths if _plain(name) == _plain(key)), None)
        if name is not None:
            found = _read(auths[name], path)
            if found is not None:
                return found
            if store:
                return _helped(store, name, path, environment)
    return None


def _table(document: Any, name: str) -> dict[str, Any]:
    return dict(document.get(name) or {})


def _plain(key: str) -> str:
    """Return a key without the default port, and without what older releases of docker wrote around it."""
    if key == _DOCKER_KEY:
        return key
    bare = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    host, slash, path = bare.removesuffix("/v1").removesuffix("/v2").partition("/")
    return f"{host.lower().removesuffix(_DEFAULT_PORT)}{slash}{path}"


def _host(key: str) -> str:
    return _plain(key).partition("/")[0] if key != _DOCKER_KEY else key


def _read(entry: Any, path: Path) -> Credentials | None:
    if not isinstance(entry, dict):
        return None
    if entry.get("identitytoken"):
        return Credentials(identity=str(entry["identitytoken"]), source=str(path))
    if entry.get("auth"):
        try:
            user, _, password = b64decode(str(entry["auth"])).decode().partition(":")
        except ValueError as error:
            raise _unusable(f"{path}: an entry is damaged.") from error
        return Credentials(user, password.rstrip("\0"), source=str(path))
    if entry.get("username"):
        return Credentials(str(entry["username"]), str(entry.get("password") or ""), source=str(path))
    return None


def _helped(helper: str, key: str, path: Path, environment: Mapping[str, str]) -> Credentials | None:
    """Return what a credential helper answers.

    https://github.com/docker/docker-credential-helpers
    """
    program = shutil.which(f"docker-credential-{helper}", path=environment.get("PATH", os.defpath))
    if program is None:
        raise _unusable(f"The credential helper docker-credential-{helper} is not on PATH.")
    done = Runner(env=environment).answer(Command(argv=(program, "get"), stdin=key))
    output = done.output
    if done.returncode:
        if "not found" in output:
            return None
        raise _unusable(f"docker-credential-{helper} ended with status {done.returncode}.")
    try:
        document = json.loads(output[output.index("{") :])
        user, secret = str(document["Username"]), str(document["Secret"])
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(
            f"docker-credential-{helper} answered with something else than credentials."
        ) from error
    source = f"docker-credential-{helper}, which {path} names"
    if user == _TOKEN_USER:
        return Credentials(identity=secret, source=source)
    return Credentials(user, secret, source=source)


def _unusable(cause: str) -> SiteError:
    return SiteError(
        "The credentials for registries cannot be read.",
        cause=cause,
        remedy="Log in again, or set REGISTRY_AUTH_FILE to another file.",
        reference="registry-credentials",
    )
