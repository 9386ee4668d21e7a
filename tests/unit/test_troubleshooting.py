"""The page on symptoms quotes messages as the code has them, and leads to the entry of each error."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.pages import DOCS, ROOT, blocks, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = DOCS / "troubleshooting.md"
# Shorter ones are pieces of messages, such as "{name} is {value}", which match nearly everything.
LEAST_LETTERS = 12


def messages() -> Iterator[str]:
    """Yield a pattern for each line of a string in core and the plugins."""
    for file in [*ROOT.glob("core/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_bytes())):
            match node:
                case ast.Constant(value=str(text)):
                    yield from map(pattern, text.split("\n"))
                case ast.JoinedStr(values=parts):
                    pieces = (pattern(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in parts)
                    yield "".join(pieces)


def pattern(text: str) -> str:
    """Return what matches *text*, with anything in the place of ``{name}``."""
    return re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))


QUOTED = [
    re.sub("^(Error|Warning): ", "", line) for block in blocks(PAGE, "text") for line in block.splitlines()
]
SYMPTOMS = sections(PAGE, "##")


def test_each_message_on_the_page_is_one_of_the_code() -> None:
    known = {one for one in messages() if len(re.sub(r"\W|\.\+", "", one)) >= LEAST_LETTERS}
    assert len(QUOTED) >= 6
    assert [quoted for quoted in QUOTED if not any(re.fullmatch(one, quoted) for one in known)] == []


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_a_symptom_says_what_to_do(symptom: str) -> None:
    text = SYMPTOMS[symptom]
    assert "**What to do.**" in text or "| What " in text or symptom == "Something else"


@pytest.mark.parametrize("symptom", [title for title, text in SYMPTOMS.items() if "Error: " in text])
def test_a_symptom_that_is_an_error_leads_to_its_entry(symptom: str) -> None:
    assert re.search(r"\(errors\.md#[a-z-]+\)", SYMPTOMS[symptom])
