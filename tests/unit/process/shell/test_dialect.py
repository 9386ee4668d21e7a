from __future__ import annotations

import pytest

from layerwright.process.shell._dialect import bashisms
from layerwright.process.shell.tokens import scan


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("source env.sh && a", ["source"]),
        ("a; [[ b ]]", ["[["]),
        ("if [[ a ]]; then b; fi", ["[["]),
        ("A=1 declare -x b", ["declare"]),
        ("set -o pipefail; a", ["set pipefail"]),
        ("set -euo pipefail\na", ["set pipefail"]),
        ('[ "$A" == b ] && c', ["[ =="]),
        ("echo -e a", ["echo -e"]),
        ("trap 'a' SIGTERM", ["trap SIGTERM"]),
        ("a & kill -SIGTERM $!", ["kill -SIGTERM"]),
        ("a+=b c", ["+="]),
        ("a[1]=b c", ["arrays"]),
        ("time a", ["time"]),
        ("function a { b; }", ["function"]),
        ("case a in b) source c;; esac", ["source"]),
        (">log source a", ["source"]),
    ],
)
def test_commands_and_arguments_that_only_bash_has_are_found(text: str, found: list[str]) -> None:
    assert list(bashisms(scan(text).tokens)) == found


@pytest.mark.parametrize(
    "text",
    [
        "a source",
        "a > source",
        ". env.sh",
        "set -eu",
        "trap a TERM",
        "[ a = b ]",
        "echo -n == a",
        "A=1 a",
        "a == b",
        "kill -TERM 1",
    ],
)
def test_what_is_only_spelt_like_it_is_not(text: str) -> None:
    assert list(bashisms(scan(text).tokens)) == []
