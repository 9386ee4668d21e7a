"""The forms in which a secret is written: as it is, percent-encoded, in JSON, in base64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["arranged"]

# Shorter ones are only masked as words: the secret "pass" would otherwise mask a part of "passed".
_LONG: Final = 8
_LONG_WORD: Final = 12


def arranged(values: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the forms of *values* to mask anywhere, longest first, and those to mask only as whole words."""
    anywhere: set[str] = set()
    words: set[str] = set()
    for value in values:
        is_word = len(value) < _LONG or (value.isalpha() and len(value) < _LONG_WORD)
        (words if is_word else anywhere).add(value)
        anywhere.update(form for form in _forms(value) if len(form) >= _LONG and form != value)
    return tuple(sorted(anywhere, key=len, reverse=True)), tuple(sorted(words, key=len, reverse=True))


def _forms(value: str) -> Iterator[str]:
    import binascii

    data = value.encode(errors="surrogateescape")
    if not value.isalnum() or not value.isascii():
        encoded = _percent_encoded(data, "02X")
        yield from (encoded, _percent_encoded(data, "02x"), encoded.replace("%2F", "/"))
        import json

        yield json.dumps(value)[1:-1]
        yield json.dumps(value, ensure_ascii=False)[1:-1]
    if len(value) < 6:
        return
    for offset in range(3):
        # As part of a longer text: what its neighbours have a part in is left out.
        text = binascii.b2a_base64(b"\0" * offset + data, newline=False).decode()
        whole = text[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]
        yield whole
        yield whole.replace("+", "-").replace("/", "_")


def _percent_encoded(data: bytes, digits: str) -> str:
    return "".join(
        chr(b) if (chr(b).isalnum() and b < 128) or b in b"-._~" else f"%{b:{digits}}" for b in data
    )
