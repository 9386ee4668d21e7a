from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from layerwright.config.values import _UNDECIDED, _plainly, checked, plain, shown, typed


def no_spaces(value: str) -> str:
    if " " in value:
        raise ValueError("It holds a space.")
    return value.lower()


PROVIDER = Literal["auto", "system"]
HINTS: tuple[Any, ...] = (
    str,
    bool,
    str | None,
    bool | None,
    tuple[str, ...],
    tuple[str, ...] | None,
    str | tuple[str, ...],
    PROVIDER,
    PROVIDER | None,
    PROVIDER | bool,
    int,
    list[str],
    dict[str, str],
    Annotated[str, checked(no_spaces)],
    Annotated[str | None, checked(no_spaces)],
    Annotated[str, checked(no_spaces), Field(max_length=3)],
    Annotated[str, Field(max_length=3), checked(no_spaces)],
    Annotated[int, checked(lambda number: number + 1)],
)
SCALARS = st.one_of(
    st.booleans(), st.integers(), st.floats(allow_nan=False), st.sampled_from(["auto", "A b"]), st.text()
)
TOML_VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=4
)


@given(st.sampled_from(HINTS), TOML_VALUES)
def test_what_is_read_without_pydantic_is_what_pydantic_reads(hint: Any, raw: object) -> None:
    import json

    value = _plainly(raw, hint)
    if value is _UNDECIDED:
        return
    expected = TypeAdapter(hint).validate_json(json.dumps(raw), strict=True)
    assert (type(value), value) == (type(expected), expected)


@given(st.sampled_from(HINTS), TOML_VALUES)
def test_a_value_is_either_read_or_refused_in_words(hint: Any, raw: object) -> None:
    refusal: ValueError | None = None
    try:
        typed(raw, hint)
    except ValueError as error:
        refusal = error
    assert refusal is None or str(refusal).startswith(("must be ", "is "))
    assert not isinstance(refusal, ValidationError)


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        ("text", str),
        (True, bool),
        (["a", "b"], tuple[str, ...]),
        ("text", str | tuple[str, ...]),
        ("auto", PROVIDER),
        ("auto", PROVIDER | None),
        ("text", Annotated[str | None, checked(no_spaces)]),
    ],
)
def test_the_usual_types_need_no_pydantic(raw: object, hint: Any) -> None:
    assert _plainly(raw, hint) is not _UNDECIDED


def test_a_plain_value_does_not_import_pydantic() -> None:
    code = (
        "import sys; from layerwright.config.values import typed; typed(['a'], tuple[str, ...]);"
        "sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


def test_an_array_of_a_file_is_a_tuple() -> None:
    assert typed(["a"], tuple[str, ...]) == ("a",)
    assert typed([1, 2], tuple[int, ...]) == (1, 2)


def test_a_checked_value_is_what_the_function_returns() -> None:
    assert typed("ABC", Annotated[str, checked(no_spaces)]) == "abc"
    assert typed(1, Annotated[int, checked(lambda number: number + 1)]) == 2


@pytest.mark.parametrize(
    ("raw", "hint", "words"),
    [
        ("yes", bool, 'must be true or false, not "yes"'),
        (1, bool, "must be true or false, not 1"),
        (3.13, str, "must be a string, not 3.13"),
        (["a", True], tuple[str, ...], 'must be an array of strings, not ["a", true]'),
        ("a", tuple[str, ...] | None, 'must be an array of strings, not "a"'),
        ({"a": 1}, str | tuple[str, ...], "must be a string or an array of strings, not {a = 1}"),
        ("other", PROVIDER, 'must be one of "auto", "system", not "other"'),
        ("other", PROVIDER | None, 'must be one of "auto", "system", not "other"'),
        (1, Annotated[str | None, checked(no_spaces)], "must be a string, not 1"),
        ("a b", Annotated[str | None, checked(no_spaces)], 'is "a b": It holds a space.'),
        ("abcd", Annotated[str, Field(max_length=3)], 'is "abcd": String should have at most 3 characters'),
        (dt.date(2026, 1, 2), str, "must be a string, not 2026-01-02"),
        (dt.date(2026, 1, 2), int, "must be no date or time, not 2026-01-02"),
        pytest.param(
            10**5000, str, "must be a string, not a number of thousands of digits", id="long string"
        ),
        pytest.param(
            10**5000,
            int,
            "must be a number that can be shown, not a number of thousands of digits",
            id="long number",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_words_for_the_user(raw: object, hint: Any, words: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        typed(raw, hint)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("true", bool, True),
        ("FALSE", bool, False),
        ("1", bool | None, True),
        ("0", bool, False),
        ("1", str, "1"),
        ("true", str | None, "true"),
        ("a.txt, b.txt,", tuple[str, ...], ("a.txt", "b.txt")),
        ("a", list[str] | None, ["a"]),
        ("5", int, 5),
        ("1,2", tuple[int, ...], (1, 2)),
        ("ABC", Annotated[str | None, checked(no_spaces)], "abc"),
        ("gunicorn a,b", str | tuple[str, ...], "gunicorn a,b"),
        ("system", PROVIDER, "system"),
    ],
)
def test_the_text_of_a_variable_stands_for_a_value_of_the_setting(
    text: str, hint: Any, value: object
) -> None:
    assert typed(text, hint, text=True) == value


def test_a_text_that_stands_for_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^must be true or false, not "maybe"$'):
        typed("maybe", bool, text=True)
    with pytest.raises(ValueError, match=r"^is not UTF-8 text$"):
        typed("\udcff", str, text=True)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gunicorn app:app", '"gunicorn app:app"'),
        ('say "hé"', r'"say \"hé\""'),
        ("3.13\u200b", r'"3.13\u200b"'),
        ("https://user:secret@example.com/simple", '"https://****@example.com/simple"'),
        (True, "true"),
        (("a", False), '["a", false]'),
        ({"command": ["a"], "default": True}, '{command = ["a"], default = true}'),
        (3.5, "3.5"),
        (None, "not set"),
        (Path("here"), "here"),
    ],
)
def test_a_value_is_shown_as_toml_and_without_secrets(value: object, words: str) -> None:
    assert shown(value) == words


@dataclass(frozen=True)
class Server:
    with_: tuple[str, ...]
    stand_in: bool


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        ("https://me:secret@example.com/", "https://****@example.com/"),
        (Path("/a"), "/a"),
        (("a", ["b"]), ["a", ["b"]]),
        ({"a": Path("b")}, {"a": "b"}),
        (Server(with_=("a",), stand_in=True), {"with": ["a"], "stand-in": True}),
    ],
)
def test_a_value_as_json_has_it_has_the_keys_of_the_files_and_no_credentials(
    value: object, expected: object
) -> None:
    assert plain(value) == expected
