"""Downloads the wheels of a tool in this process, where it is certain which package index pip would ask, and how.

pip takes half a second of a processor for that, and a fork cannot start it. Every wheel has a hash in the lock, so it
does not matter who downloads it. Whatever is not simple or does not succeed is left to pip, which says what is wrong.
"""

from __future__ import annotations

import json
import shutil
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urljoin
from urllib.request import HTTPRedirectHandler, Request

from typing_extensions import override

from layerwright.build.wheels.downloads._index import is_secure, repository_of
from layerwright.build.wheels.pins import SHA256
from layerwright.build.wheels.tags import best_archive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.client import HTTPMessage
    from pathlib import Path
    from urllib.request import OpenerDirector

    from layerwright.build.wheels.pins import Pin
    from layerwright.contract.wheels import LockedWheels

__all__ = ["download_directly"]

_ACCEPT: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_AT_ONCE: Final = 8
_SECONDS: Final = 15
_LARGEST_PAGE: Final = 64_000_000


def download_directly(
    locked: LockedWheels, missing: Sequence[Pin], minor: str, directory: Path, environment: Mapping[str, str]
) -> None:
    """Download the wheels of *missing* in *locked*, for CPython *minor* on this machine, into *directory*.

    *environment* has the user's variables. Any number of them may be missing afterwards, or have another content.
    """
    repository = repository_of(locked, environment)
    if repository is None:
        return
    from concurrent.futures import ThreadPoolExecutor
    from http.client import HTTPException
    from ssl import create_default_context
    from urllib.request import HTTPSHandler, ProxyHandler, build_opener

    pool = ThreadPoolExecutor(max_workers=_AT_ONCE)
    try:
        # Reading the certificates takes longer than a download.
        context = create_default_context(cafile=repository.certificates or None)
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context), _Redirections)
        list(pool.map(lambda pin: _download(pin, minor, repository.url, directory, opener), missing))
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        # An index that is down, or answers something else.
        pass
    finally:
        # After a signal, nothing waits for the rest.
        pool.shutdown(wait=False, cancel_futures=True)


class _Redirections(HTTPRedirectHandler):
    @override
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(pin: Pin, minor: str, index: str, directory: Path, opener: OpenerDirector) -> None:
    page = f"{index}{pin.name}/"
    with _answer(page, opener) as answer:
        files: Any = json.loads(answer.read(_LARGEST_PAGE))["files"]
    found = {one["filename"]: one["url"] for one in files if _hash(one) in pin.hashes}
    name = best_archive(found, minor)
    if PurePosixPath(name).name == name and name.endswith(".whl"):
        with _answer(urljoin(page, found[name]), opener) as answer, (directory / name).open("xb") as file:
            shutil.copyfileobj(answer, file)


def _hash(file: Any) -> str:
    return f"{SHA256}{file['hashes'].get('sha256')}"


def _answer(url: str, opener: OpenerDirector) -> IO[bytes]:
    _check(url)
    request = Request(url, headers={"Accept": _ACCEPT})  # noqa: S310  # checked above
    answer: IO[bytes] = opener.open(request, timeout=_SECONDS)
    return answer


def _check(url: str) -> None:
    if not is_secure(url):
        raise ValueError(url)
