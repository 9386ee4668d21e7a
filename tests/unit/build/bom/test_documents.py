from __future__ import annotations

import json
from typing import TYPE_CHECKING

from layerwright.build.bom.component import Bom, Component, Licence, unique
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.identity import text_of
from layerwright.build.bom.reading import read_cyclonedx
from layerwright.build.bom.spdx import spdx
from tests.unit.build.bom.samples import as_cyclonedx, as_spdx, faults

if TYPE_CHECKING:
    from pathlib import Path

FLASK = Component(
    name="flask",
    version="3.1.0",
    purl="pkg:pypi/flask@3.1.0",
    description="A framework",
    licence=Licence(expression="BSD-3-Clause"),
    hashes=(f"sha256:{64 * '0'}", f"sha1:{40 * '1'}"),
    url="https://files.example.com/flask.whl",
    homepage="https://example.com",
    requires=("click", "absent", "flask"),
    parts=(Component(name="inner", version="1", kind="file"),),
    notes={"layerwright:editable": "true"},
)
CLICK = Component(name="click", version="8", licence=Licence(names=("BSD", "Ours")))
CUSTOM = Component(name="custom", version="", licence=Licence(expression="MIT AND LicenseRef-Mine"))
ALL = (FLASK, CLICK, CUSTOM)


def test_both_documents_are_valid(tmp_path: Path) -> None:
    assert faults(tmp_path, ALL) == []
    assert faults(tmp_path, ()) == []


def test_equal_contents_have_equal_documents_and_others_another_identifier() -> None:
    bom = Bom(name="venv", components=ALL)
    assert cyclonedx(bom) == cyclonedx(bom)
    assert spdx(bom) == spdx(bom)
    assert as_cyclonedx(ALL)["serialNumber"] != as_cyclonedx([CLICK])["serialNumber"]
    assert as_spdx(ALL)["documentNamespace"] != as_spdx([CLICK])["documentNamespace"]


def test_a_document_in_cyclonedx_has_everything_that_is_known_of_a_component() -> None:
    document = as_cyclonedx(ALL)
    assert document["components"][0] == {
        "type": "library",
        "bom-ref": "pkg:pypi/flask@3.1.0",
        "name": "flask",
        "version": "3.1.0",
        "description": "A framework",
        "hashes": [{"alg": "SHA-256", "content": 64 * "0"}, {"alg": "SHA-1", "content": 40 * "1"}],
        "licenses": [{"expression": "BSD-3-Clause"}],
        "purl": "pkg:pypi/flask@3.1.0",
        "externalReferences": [
            {"type": "distribution", "url": "https://files.example.com/flask.whl"},
            {"type": "website", "url": "https://example.com"},
        ],
        "properties": [{"name": "layerwright:editable", "value": "true"}],
        "components": [
            {"type": "file", "bom-ref": "pkg:pypi/flask@3.1.0|inner@1", "name": "inner", "version": "1"}
        ],
    }
    assert document["components"][1]["licenses"] == [
        {"license": {"name": "BSD"}},
        {"license": {"name": "Ours"}},
    ]
    assert document["dependencies"] == [
        {"ref": "root", "dependsOn": ["pkg:pypi/flask@3.1.0", "custom@"]},
        {"ref": "pkg:pypi/flask@3.1.0", "dependsOn": ["click@8"]},
        {"ref": "click@8"},
        {"ref": "custom@"},
    ]


def test_a_document_in_spdx_says_what_contains_and_what_requires_what() -> None:
    document = as_spdx(ALL)
    root, flask, inner, click, custom = (package["SPDXID"] for package in document["packages"])
    assert {
        (r["spdxElementId"], r["relationshipType"], r["relatedSpdxElement"])
        for r in document["relationships"]
    } == {
        ("SPDXRef-DOCUMENT", "DESCRIBES", root),
        (root, "CONTAINS", flask),
        (root, "CONTAINS", click),
        (root, "CONTAINS", custom),
        (flask, "CONTAINS", inner),
        (flask, "DEPENDS_ON", click),
    }
    assert document["packages"][1]["checksums"] == [
        {"algorithm": "SHA256", "checksumValue": 64 * "0"},
        {"algorithm": "SHA1", "checksumValue": 40 * "1"},
    ]


def test_a_licence_that_is_no_spdx_identifier_is_named_in_spdx() -> None:
    document = as_spdx(ALL)
    declared = {package["name"]: package["licenseDeclared"] for package in document["packages"]}
    assert declared == {
        "venv": "NOASSERTION",
        "flask": "BSD-3-Clause",
        "inner": "NOASSERTION",
        "click": "LicenseRef-BSD-1 AND LicenseRef-Ours-2",
        "custom": "MIT AND LicenseRef-Mine",
    }
    assert [one["licenseId"] for one in document["hasExtractedLicensingInfos"]] == [
        "LicenseRef-BSD-1",
        "LicenseRef-Mine",
        "LicenseRef-Ours-2",
    ]


def test_a_document_in_cyclonedx_is_read_as_it_was_written() -> None:
    bom = Bom(name="venv", components=ALL)
    read = read_cyclonedx(json.loads(cyclonedx(bom)))
    assert cyclonedx(Bom(name="venv", components=read)) == cyclonedx(bom)


def test_two_of_one_name_have_references_of_their_own(tmp_path: Path) -> None:
    document = as_cyclonedx([CLICK, CLICK])
    assert [one["bom-ref"] for one in document["components"]] == ["click@8", "click@8#2"]
    assert faults(tmp_path, [CLICK, CLICK]) == []


def test_one_thing_that_is_described_twice_is_listed_once() -> None:
    again = Component(name="Flask", version="", purl=FLASK.purl)
    assert unique([FLASK, again, CLICK]) == (CLICK, FLASK)


def test_the_text_of_a_document_has_a_line_for_each_item_and_loses_nothing() -> None:
    document = {"a": [{"b": [1, {"c": "é"}]}, {"d": []}], "e": [], "f": {"g": [None, True]}, "h": "x"}
    text = text_of(document)
    assert json.loads(text) == document
    assert text.splitlines()[1:5] == [b' "a": [', rb'  {"b": [1, {"c": "\u00e9"}]},', b'  {"d": []}', b" ],"]
