"""The pages for plugin authors have every public name, field, method and hook, as the code has it."""

from __future__ import annotations

import inspect
import re

import pytest

import layerwright
from layerwright import Hooks
from tests.docs.promises import constructor, fields, members, methods, signature
from tests.fixtures.pages import DOCS, rows, sections

HOOKS = DOCS / "plugins" / "hooks.md"
PAGES = [*sorted(DOCS.glob("plugins/values/*.md")), HOOKS]
NAMES = [name for name in layerwright.__all__ if name != "__version__"]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(layerwright, name)) and name != "Hooks"]
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(layerwright, name))]
HOOK_NAMES = [name for name in vars(Hooks) if name.startswith("layerwright_")]
FIELD_TABLES = ("Field", "Attribute")
QUESTIONS = ["Called", "How often", "May return", "If it raises"]


def section(name: str) -> str:
    """Return what the pages say below the heading *name*, which exactly one of them has."""
    [text] = [found[name] for page in PAGES if name in (found := sections(page, "##"))]
    return text


def tables(text: str) -> dict[str, list[list[str]]]:
    """Return the rows of each table in *text*, by the first cell of its head."""
    found = re.findall(r"^\| ([A-Z][^|]*) \|.*\n\|[-|]+\|\n((?:\|.*\n?)+)", text, re.MULTILINE)
    return {head: rows(body) for head, body in found}


def plain(cell: str) -> str:
    return cell.strip("`").replace("\\|", "|")


def shown_signature(text: str) -> str:
    """Return the signature in a block of *text*, in one line."""
    [block] = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[:1]
    line = " ".join(str(block).split())
    return line.replace("( ", "(").replace(", )", ")").replace(" )", ")")


def test_every_public_name_has_one_section() -> None:
    headings = [heading for page in PAGES for heading in sections(page, "##")]
    assert [name for name in NAMES if headings.count(name) != 1] == []
    classes = {heading for heading in headings if re.fullmatch(r"[A-Z]\w*[a-z]\w*[A-Z]\w*", heading)}
    assert classes <= {*NAMES}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_the_fields_and_members_of_its_section(name: str) -> None:
    kind = getattr(layerwright, name)
    found = tables(section(name))
    rows_of_fields = [row for head in FIELD_TABLES for row in found.get(head, ())]
    assert {plain(row[0]): (plain(row[1]), plain(row[2])) for row in rows_of_fields} == fields(kind)
    assert {plain(row[0]) for row in found.get("Member", ())} == members(kind)


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_the_methods_of_its_section(name: str) -> None:
    kind = getattr(layerwright, name)
    text = section(name)
    others = [body for head, body in tables(text).items() if head not in (*FIELD_TABLES, "Member")]
    assert {plain(row[0]) for body in others for row in body} == methods(kind)
    assert not constructor(kind) or shown_signature(text) == constructor(kind)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_called_as_its_section_says(name: str) -> None:
    assert shown_signature(section(name)) == signature(getattr(layerwright, name))


def test_every_hook_has_a_section_with_its_signature() -> None:
    found = {name: text for name, text in sections(HOOKS, "##").items() if name.startswith("layerwright_")}
    assert {name: shown_signature(text) for name, text in found.items()} == {
        name: signature(getattr(Hooks, name)) for name in HOOK_NAMES
    }


@pytest.mark.parametrize("hook", HOOK_NAMES)
def test_a_hook_says_when_it_is_called_what_it_returns_and_what_a_failure_does(hook: str) -> None:
    text = section(hook)
    assert re.findall(r"^\| ([A-Z][a-z ]+) \| \S", text, re.MULTILINE) == QUESTIONS
    assert re.search(rf"^ *def {hook}\(", text, re.MULTILINE)


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "plugins" / "index.md"
    linked = {(index.parent / link).resolve() for link in re.findall(r"\]\(([^)#]+)\)", index.read_text())}
    assert {*DOCS.glob("plugins/**/*.md")} - {index} <= linked
