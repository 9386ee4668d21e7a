from __future__ import annotations

import pytest

from layerwright.cli.page._markup import Markup, code, element, joined, text, verbatim
from layerwright.process.redaction import KNOWN


def test_text_is_never_markup() -> None:
    assert text("""<script>alert("1" & '2')</script>""") == (
        "&lt;script&gt;alert(&quot;1&quot; &amp; &#x27;2&#x27;)&lt;/script&gt;"
    )


@pytest.mark.parametrize("secret", ['s3cret&<more>"it\'s"', "aVeryLongSecret123"])
def test_a_secret_is_masked_before_it_is_escaped(secret: str) -> None:
    KNOWN.learn([secret])
    assert text(f"token {secret}.") == "token ****."
    assert element("p", f"token {secret}", id=secret) == '<p id="****">token ****</p>'


def test_credentials_of_a_url_are_masked() -> None:
    assert text("https://user:pass@example.com/") == "https://****@example.com/"


def test_control_characters_and_those_that_turn_text_around_are_visible() -> None:
    assert text("a\x1b[1mb\u202ec\nd") == "a\\x1b[1mb\\u202ec\nd"


def test_an_element_has_its_children_and_attributes_in_order() -> None:
    assert element("p", "a <", element("code", "b"), None, "", class_="x y", data_label='"') == (
        '<p class="x y" data-label="&quot;">a &lt;<code>b</code></p>'
    )
    assert element("p", id="") == "<p></p>"
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_parts_are_joined_with_text_between_them() -> None:
    assert joined(["<", code("b"), None], " & ") == "&lt; &amp; <code>b</code>"


def test_what_is_joined_or_verbatim_is_not_escaped_again() -> None:
    style = verbatim("a > b { color: red }")
    assert isinstance(style, Markup)
    assert joined([style]) == "a > b { color: red }"
