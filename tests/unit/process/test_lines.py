from __future__ import annotations

import pytest

from layerwright.process._lines import lines

CUT = " … (the rest of this line is left out)"


def read(data: bytes, longest: int = 10, chunk: int = 7) -> list[str]:
    return list(lines((data[at : at + chunk] for at in range(0, len(data), chunk)), longest))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b"a\nb\r\n\nc", ["a", "b", "", "c"]),
        (b"\n", [""]),
        (b"0123456789\nb\n", ["0123456789", "b"]),
        (b"10%\r20%\r30%\r\n", ["30%"]),
        (b"10%\r20%\r30%", ["30%"]),
        (b"10%\r20%\r30%\r", ["30%"]),
        (b"0123456789\rb\n", ["b"]),
        (b"012345678\rb\n", ["b"]),
        (b"0123456789abcdefghij\rb\n", ["b"]),
        (b"\r" * 25 + b"b\n", ["b"]),
        (b"\x1b[1ma\x1b[0m\n", ["a"]),
        (b"\xff\n", ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_a_line_is_what_it_was_last_however_it_comes(data: bytes, found: list[str]) -> None:
    for chunk in range(1, 30):
        assert read(data, chunk=chunk) == found


def test_the_end_of_a_line_that_is_too_long_is_left_out_with_what_may_be_half_a_secret() -> None:
    assert read(b"a b c d https://hunter2@example.com\nnext\n", 20) == [f"a b c d{CUT}", "next"]
    assert read(b"0123456789" * 1000 + b"\n", 5000) == [f"{'0123456789' * 90}0123{CUT}"]
    assert read(b"x" * 25) == [CUT]


def test_no_line_is_longer_than_it_may_be_however_its_parts_are_cut() -> None:
    for length in range(9, 33):
        [line] = read(b"a " * 100 + b"x" * length + b"\n")
        assert line == f"a a a a a{CUT}"
