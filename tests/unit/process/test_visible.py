from __future__ import annotations

import sys
import unicodedata

import pytest

from layerwright.process.visible import harmless, visible

EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))
OBEYED = {c for c in EVERYTHING if unicodedata.category(c) in ("Cc", "Zl", "Zp") and c not in "\t\n"}
# Unicode Standard Annex 9, "Directional Formatting Characters".
TURNING = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def test_what_a_terminal_obeys_is_escaped_and_nothing_else() -> None:
    assert {c for c in EVERYTHING if harmless(c) != c} == OBEYED | TURNING
    assert all(harmless(c).isascii() and harmless(c).isprintable() for c in OBEYED | TURNING)


def test_what_cannot_be_seen_is_escaped_and_nothing_else() -> None:
    assert {c for c in EVERYTHING if visible(c) != c} == {c for c in EVERYTHING if not c.isprintable()}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("a\tb\nc", "a\tb\nc"),
        ("safe\u202egnp.exe", r"safe\u202egnp.exe"),
        ("one\rtwo", r"one\rtwo"),
        ("zwölf 😀 👨\u200d💻", "zwölf 😀 👨\u200d💻"),
    ],
)
def test_the_rest_of_a_harmless_text_stays(text: str, shown: str) -> None:
    assert harmless(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("six\u200b==1.17.0", r"six\u200b==1.17.0"),
        ("six\xa0==1", r"six\xa0==1"),
        ("s\0i\0x\0", r"s\x00i\x00x\x00"),
        ("a\tb\nc", r"a\tb\nc"),
        ("\udcff", r"\udcff"),
        ("zwölf", "zwölf"),
    ],
)
def test_a_visible_text_has_nothing_that_only_looks_right(text: str, shown: str) -> None:
    assert visible(text) == shown
