"""Makes inputs public: layer metadata is a label of the image, which anyone can read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["label", "published", "without_known_secrets"]

_DIGEST: Final = "sha256:"
_SHORT: Final = 12
_URL: Final = r"[\w.+-]*://\S*"
# After a blank or a character that precedes a path in a setting: not the slash of linux/amd64.
_PATH: Final = r"(?:^|(?<=[\s=:,;'\"(\[]))[~.]?/[^\s'\",;)\]]+"
_TIME: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d|(?<![\w.])\d{10,}(?![\w.])"
_FEWEST_DIGITS: Final = 10
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{64}")


def published(inputs: Mapping[str, str]) -> dict[str, str]:
    """Return *inputs* for layer metadata: those that contain a URL, a path of this machine or a time become digests."""
    return {label(name): _published(value) for name, value in inputs.items()}


def label(name: str) -> str:
    """Return the name of an input for layer metadata: a URL or a path in it becomes its last part and a digest."""
    if "/" not in name:
        return name
    return re.sub(f"{_URL}|{_PATH}", lambda found: _by_last_part(found[0]), name)


def without_known_secrets(inputs: Mapping[str, str]) -> dict[str, str]:
    """Return *inputs* without secrets in their names and values, and without digests of secrets."""
    digests = KNOWN.digests()
    return {_clean(name, digests): _clean(value, digests) for name, value in inputs.items()}


def _published(value: str) -> str:
    # Few have a slash or as many digits as a time, and the expression takes long to compile.
    can_match = "/" in value or sum(map(str.isdecimal, value)) >= _FEWEST_DIGITS
    if value.startswith(_DIGEST) or not (can_match and re.search(f"{_URL}|{_PATH}|{_TIME}", value)):
        return value
    return _DIGEST + _sha256(value)


def _by_last_part(found: str) -> str:
    return f"{found.rstrip('/').rpartition('/')[2]} ({_sha256(found)[:_SHORT]})"


def _clean(text: str, digests: Collection[str]) -> str:
    for digest in _HEXADECIMAL.findall(text):
        if digest in digests:
            text = text.replace(digest, _sha256("a secret"))
    return KNOWN.masked_url(text)


def _sha256(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
