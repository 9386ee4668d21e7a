"""What is audited of a bill of materials."""

from __future__ import annotations

from layerwright.build.audit.subject import Subject, subjects
from layerwright.build.bom.component import Component, pypi_purl


def component(name: str, version: str, *parts: Component, layer: str = "", **notes: str) -> Component:
    place = {"layerwright:layer": layer} if layer else {}
    return Component(
        name=name, version=version, purl=pypi_purl(name, version), parts=parts, notes={**place, **notes}
    )


def test_each_version_is_audited_once_with_every_place() -> None:
    pip = component("pip", "26.3")
    python = Component(
        name="python",
        version="3.13.1",
        purl="pkg:generic/python@3.13.1",
        parts=(pip,),
        notes={"layerwright:layer": "python"},
    )
    found = subjects(
        (python, component("pip", "26.3", layer="tool-pip"), component("Flask", "3.0", layer="venv"))
    )
    assert found == (
        Subject(name="flask", version="3.0", places=("venv",)),
        Subject(name="pip", version="26.3", places=("python in python", "tool-pip")),
    )


def test_what_a_distribution_contains_is_audited_and_says_in_what() -> None:
    inner = component("urllib3", "1.26", component("six", "1.16"))
    assert subjects([component("requests", "2.0", inner, layer="venv")])[1:] == (
        Subject(name="six", version="1.16", places=("urllib3 in requests in venv",)),
        Subject(name="urllib3", version="1.26", places=("requests in venv",)),
    )


def test_places_are_named_once_and_left_out_where_a_document_has_no_layers() -> None:
    assert subjects([component("a", "1"), component("a", "1")]) == (Subject(name="a", version="1"),)
    twice = [component("a", "1", layer="venv"), component("a", "1", layer="venv")]
    assert subjects(twice) == (Subject(name="a", version="1", places=("venv",)),)


def test_qualifiers_and_encodings_of_a_package_url_are_understood() -> None:
    url = Component(
        name="x", version="1", purl="pkg:pypi/Acme.Lib@1.0%2Bcpu?download_url=https://example.com/a@b#sub"
    )
    assert subjects([url]) == (Subject(name="acme-lib", version="1.0+cpu"),)


def test_other_packages_and_those_without_a_version_are_left_out() -> None:
    others = [
        Component(name="libssl", version="3", purl="pkg:deb/debian/libssl@3"),
        Component(name="x", version="", purl="pkg:pypi/x"),
        Component(name="y", version="1"),
    ]
    assert subjects(others) == ()


def test_a_local_source_has_a_name_of_its_own_but_its_parts_are_audited() -> None:
    own = component(
        "shop", "1.0", component("six", "1.16"), layer="venv", **{"layerwright:local-source": "true"}
    )
    assert [one.name for one in subjects([own])] == ["six"]
