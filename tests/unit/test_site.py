"""The site: every page has a place in the navigation and an address of its own, and diagrams show what the code has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from docs.site_pages import FRONT, LISTS, address, listed, toctrees
from layerwright.build._decide import Action
from layerwright.build.layers.names import PYTHON, STAND_INS, VENV, plugin_layer, tool_layer
from tests.fixtures.pages import DOCS, PAGES, ROOT, named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIAGRAMS = sorted((DOCS / "_static").glob("*.svg"))
# They are pages of a forge alone.
NOT_ON_THE_SITE = {ROOT / "core" / "README.md"}
SVG = "{http://www.w3.org/2000/svg}"


def marked(diagram: str, attribute: str) -> Iterator[ET.Element]:
    """Yield the groups of *diagram* that state a fact about what *attribute* names, from top to bottom."""
    tree = ET.parse(DOCS / "_static" / f"{diagram}.svg")
    return (group for group in tree.iter(f"{SVG}g") if attribute in group.attrib)


def in_navigation() -> list[Path]:
    return [page for index in LISTS.values() for pages in listed(index).values() for page in pages]


def test_every_page_is_in_the_navigation() -> None:
    front = ROOT / "README.md"
    assert set(PAGES) - NOT_ON_THE_SITE == {front, *in_navigation()}


def test_the_navigation_has_sections_in_the_order_of_reading() -> None:
    assert list(listed(LISTS[FRONT])) == [
        "Getting started",
        "Guides",
        "Reference",
        "Explanation",
        "Plugins",
        "Examples",
        "Project",
    ]


def test_every_page_has_one_place_in_the_navigation() -> None:
    entries = [
        line for index in LISTS.values() for line in toctrees(index).splitlines() if line.startswith("/")
    ]
    assert sorted(entries) == sorted({*entries})
    assert {entry[1:] for entry in entries} == {
        address(named(page).removesuffix(".md")) for page in in_navigation()
    }


def test_every_page_has_an_address_of_its_own() -> None:
    pages = [page for page in PAGES if page not in NOT_ON_THE_SITE]
    addresses = [address(named(page).removesuffix(".md")) for page in pages]
    assert sorted(set(addresses)) == sorted(addresses)
    assert FRONT in addresses


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("README", "index"),
        ("docs/index", "contents"),
        ("docs/errors", "errors"),
        ("docs/plugins/index", "plugins/index"),
        ("plugins/uv/README", "plugins/uv"),
        ("CHANGELOG", "changelog"),
    ],
)
def test_an_address_is_shorter_than_the_path_of_its_file(file: str, expected: str) -> None:
    assert address(file) == expected


def test_the_picture_of_the_layers_has_their_names_in_the_order_of_path() -> None:
    layers = [group.attrib["data-layer"] for group in marked("layers", "data-layer")]
    assert layers == sorted((VENV, tool_layer("pip"), PYTHON), reverse=True)


def test_the_picture_of_path_has_every_layer_in_its_order() -> None:
    layers = [group.attrib["data-layer"] for group in marked("path", "data-layer")]
    every = (VENV, tool_layer("pip"), PYTHON, plugin_layer("NAME"), STAND_INS)
    assert layers == sorted(every, reverse=True)


def test_the_picture_of_two_images_has_the_layers_that_are_in_images() -> None:
    layers = [group.attrib["data-layer"] for group in marked("shared", "data-layer")]
    assert layers == sorted((VENV, PYTHON), reverse=True)


def test_the_picture_of_a_decision_has_every_action() -> None:
    assert {group.attrib["data-action"] for group in marked("decision", "data-action")} == set(Action)


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_what_a_diagram_states_is_what_it_shows(diagram: Path) -> None:
    root = ET.parse(diagram).getroot()
    assert root.find(f"{SVG}title") is not None, (
        "a reader without the picture has its title and its description"
    )
    assert root.find(f"{SVG}desc") is not None
    for group in root.iter(f"{SVG}g"):
        stated = group.attrib.get("data-layer") or group.attrib.get("data-action")
        name = next(text.text for text in group.iter(f"{SVG}text") if "name" in text.attrib.get("class", ""))
        assert stated in (None, name)


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_has_the_colours_of_light_and_dark(diagram: Path) -> None:
    text = diagram.read_text()
    colours = set(re.findall(r"var\((--\w+)\)", text))
    light, dark = re.findall(r"svg\.lw \{([^}]*)\}", text)[:2]
    site = re.findall(
        r'data-theme="(?:light|dark)"\] \S+ svg\.lw \{([^}]*)\}', (DOCS / "_static" / "site.css").read_text()
    )
    for declared in (light, dark, *site):
        assert colours <= set(re.findall(r"(--\w+):", declared))


def test_every_diagram_is_on_a_page() -> None:
    shown = {name for page in PAGES for name in re.findall(r"_static/([a-z-]+\.svg)\)", page.read_text())}
    assert shown == {diagram.name for diagram in DIAGRAMS}


def test_the_front_page_and_that_of_the_distribution_say_in_the_same_two_sentences_what_it_is_for() -> None:
    front, distribution = (
        (folder / "README.md").read_text().split("\n\n") for folder in (ROOT, ROOT / "core")
    )
    assert front[1] == distribution[1]
    assert len(re.findall(r"\.(?=\s|$)", front[1])) == 2
