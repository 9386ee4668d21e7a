"""Opens NaCl's secret boxes, with which cosign encrypts private keys: XSalsa20 and Poly1305.

https://nacl.cr.yp.to/secretbox.html. Written out because a box is some hundred bytes, opened once for a command, and
neither the standard library nor ``cryptography`` has XSalsa20.
"""

from __future__ import annotations

import hmac
import struct
from typing import Final

__all__ = ["open_box"]

_CONSTANTS: Final = struct.unpack("<4I", b"expand 32-byte k")
_WORD: Final = 0xFFFFFFFF
_PRIME: Final = (1 << 130) - 5
_CLAMP: Final = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
_TAG: Final = 16
_BLOCK: Final = 64
_KEY: Final = 32
_NONCE: Final = 24
# The indices of the words of a column round, then of a row round.
_ROUNDS: Final = (
    (0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11),
    (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14),
)  # fmt: skip


def open_box(box: bytes, nonce: bytes, key: bytes) -> bytes:
    """Return the content of *box*; ``ValueError``: *key* or *nonce* is not that of the box, or the box is damaged."""
    if len(key) != _KEY or len(nonce) != _NONCE or len(box) < _TAG:
        raise ValueError("the box, its nonce or its key has another length")
    stream = _stream(key, nonce, _KEY + len(box) - _TAG)
    expected = _poly1305(box[_TAG:], stream[:_KEY])
    if not hmac.compare_digest(expected, box[:_TAG]):
        raise ValueError("the key does not open the box")
    return bytes(one ^ other for one, other in zip(box[_TAG:], stream[_KEY:], strict=True))


def _stream(key: bytes, nonce: bytes, size: int) -> bytes:
    """Return the first *size* bytes of XSalsa20."""
    words = _rounds(_state(key, nonce[:16]))
    inner = struct.pack("<8I", *(words[index] for index in (0, 5, 10, 15, 6, 7, 8, 9)))
    blocks = []
    for number in range(-(-size // _BLOCK)):
        before = _state(inner, nonce[16:] + struct.pack("<Q", number))
        after = _rounds(before)
        blocks.append(struct.pack("<16I", *((a + b) & _WORD for a, b in zip(before, after, strict=True))))
    return b"".join(blocks)[:size]


def _state(key: bytes, middle: bytes) -> list[int]:
    words, between = struct.unpack("<8I", key), struct.unpack("<4I", middle)
    first, second, third, fourth = _CONSTANTS
    return [first, *words[:4], second, *between, third, *words[4:], fourth]


def _rounds(state: list[int]) -> list[int]:
    words = list(state)
    for _ in range(10):
        for a, b, c, d in _ROUNDS:
            words[b] ^= _rotated(words[a] + words[d], 7)
            words[c] ^= _rotated(words[b] + words[a], 9)
            words[d] ^= _rotated(words[c] + words[b], 13)
            words[a] ^= _rotated(words[d] + words[c], 18)
    return words


def _rotated(value: int, bits: int) -> int:
    value &= _WORD
    return (value << bits | value >> (32 - bits)) & _WORD


def _poly1305(message: bytes, key: bytes) -> bytes:
    factor = int.from_bytes(key[:16], "little") & _CLAMP
    total = 0
    for start in range(0, len(message), 16):
        chunk = message[start : start + 16] + b"\1"
        total = (total + int.from_bytes(chunk, "little")) * factor % _PRIME
    total += int.from_bytes(key[16:], "little")
    return (total & ((1 << 128) - 1)).to_bytes(16, "little")
