from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.build.bom.component import Component, Licence
from layerwright.build.bom.installed import UNREADABLE, distributions, interpreter_component
from layerwright.contract.locked import LockedArchive
from layerwright.process.redaction import KNOWN, SecretStr
from layerwright.pythons.interpreter import Interpreter
from tests.unit.build.bom.samples import as_cyclonedx, faults, install

if TYPE_CHECKING:
    from pathlib import Path

HASH = f"sha256:{64 * 'a'}"


def found(site_packages: Path, *archives: LockedArchive) -> dict[str, Component]:
    return {one.name: one for one in distributions(site_packages, "3.13.2", archives)}


def archive(filename: str, digit: str) -> LockedArchive:
    url = f"https://files.example.com/{filename}"
    return LockedArchive(
        name="A_cme", version="1.0", filename=filename, hashes=(f"sha256:{64 * digit}",), url=url
    )


def direct(url: str, **more: object) -> str:
    return json.dumps({"url": url, **more})


def test_nothing_is_installed_where_there_is_nothing(tmp_path: Path) -> None:
    assert distributions(tmp_path / "absent", "3.13.2") == ()


def test_a_distribution_is_described_by_its_metadata_and_by_the_hash_of_its_archive(tmp_path: Path) -> None:
    install(
        tmp_path,
        "Zope.Interface",
        "7.0",
        "Summary: Interfaces for Python",
        "License-Expression: ZPL-2.1",
        "Project-URL: Source Code, https://git.example.com/zope",
        "Project-URL: Changelog, https://example.com/zope",
    )
    resolved = LockedArchive(name="zope-interface", version="7.0", hashes=(HASH,))
    assert found(tmp_path, resolved) == {
        "zope-interface": Component(
            name="zope-interface",
            version="7.0",
            purl="pkg:pypi/zope-interface@7.0",
            description="Interfaces for Python",
            licence=Licence(expression="ZPL-2.1"),
            hashes=(HASH,),
            homepage="https://git.example.com/zope",
        )
    }


@pytest.mark.parametrize(
    ("line", "homepage"),
    [
        ("Home-page: https://example.com", "https://example.com"),
        ("Home-page: UNKNOWN", ""),
        ("Project-URL: Homepage, https://example.com/a b", ""),
        ("Project-URL: no url", ""),
        ("Project-URL: Homepage, ftp://example.com", ""),
    ],
)
def test_only_an_address_of_the_web_is_a_homepage(tmp_path: Path, line: str, homepage: str) -> None:
    install(tmp_path, "acme", "1.0", line)
    assert found(tmp_path)["acme"].homepage == homepage


def test_what_no_tool_counts_as_installed_is_left_out(tmp_path: Path) -> None:
    (install(tmp_path, "no_record") / "RECORD").unlink()
    (install(tmp_path, "no_metadata") / "METADATA").unlink()
    (install(tmp_path, "no_version") / "METADATA").write_text("Name: no-version\n")
    assert found(tmp_path) == {}


def test_a_field_over_several_lines_is_read_whole(tmp_path: Path) -> None:
    directory = install(tmp_path, "acme", "1.0", "License: MIT License", "        Permission", "Summary: x")
    (directory / "METADATA").write_text(" begins badly\r\n" + (directory / "METADATA").read_text())
    assert found(tmp_path)["acme"].licence == Licence()
    assert found(tmp_path)["acme"].description == "x"


def test_what_a_distribution_requires_on_this_python_is_there(tmp_path: Path) -> None:
    install(
        tmp_path,
        "app",
        "1.0",
        "Requires-Dist: a>=1",
        "Requires-Dist: b[fast] ; python_version >= '3.12'",
        "Requires-Dist: old ; python_version < '3.12'",
        "Requires-Dist: not a requirement!",
    )
    install(tmp_path, "b", "1.0", "Requires-Dist: c ; extra == 'fast'", "Requires-Dist: d ; extra == 'slow'")
    for name in ("a", "c", "d", "old"):
        install(tmp_path, name, "1.0")
    requires = {name: one.requires for name, one in found(tmp_path).items() if one.requires}
    assert requires == {"app": ("a", "b"), "b": ("c",)}


def test_an_archive_a_repository_and_a_local_directory_are_told_apart(tmp_path: Path) -> None:
    archive = "https://files.example.com/a-1.0-py3-none-any.whl"
    install(tmp_path, "a", **{"direct_url.json": direct(archive, archive_info={})})
    repository = direct("https://git.example.com/b", vcs_info={"vcs": "git", "commit_id": "c0ffee"})
    install(tmp_path, "b", **{"direct_url.json": repository})
    install(tmp_path, "c", **{"direct_url.json": direct("file:///home/ann/c", dir_info={"editable": True})})
    install(tmp_path, "d", **{"direct_url.json": direct("file:///home/ann/d", dir_info={})})
    install(tmp_path, "e", **{"direct_url.json": "{"})
    there = found(tmp_path)
    assert (there["a"].url, there["a"].purl) == (
        archive,
        "pkg:pypi/a@1.0?download_url=https:%2F%2Ffiles.example.com%2Fa-1.0-py3-none-any.whl",
    )
    assert there["b"].purl == "pkg:pypi/b@1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example.com%2Fb%40c0ffee"
    assert (there["c"].url, there["c"].purl) == ("", "pkg:pypi/c@1.0")
    assert there["c"].notes == {"layerwright:editable": "true", "layerwright:local-source": "true"}
    assert there["d"].notes == {"layerwright:local-source": "true"}
    assert there["e"].notes == {}


def test_a_url_with_a_password_loses_it(tmp_path: Path) -> None:
    KNOWN.learn_secret(SecretStr("hunter2hunter2"))
    install(tmp_path, "a", **{"direct_url.json": direct("https://ann:hunter2hunter2@example.com/a.whl")})
    assert "hunter2" not in repr(found(tmp_path)["a"])


WHEEL = archive("a_cme-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "1")
OTHER = archive("a_cme-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "2")
PURE = archive("a_cme-1.0-py2.py3-none-any.whl", "3")
SOURCE = archive("a_cme-1.0.tar.gz", "4")
NAMELESS = archive("", "5")
BROKEN = archive("a_cme.whl", "6")
TAGS = {
    "binary": "Tag: cp313-cp313-manylinux_2_17_x86_64\nTag: cp313-cp313-manylinux2014_x86_64\n",
    "pure": "Tag: py2-none-any\nTag: py3-none-any\n",
    "built": "Tag: cp313-cp313-linux_x86_64\n",
    "unknown": "",
}


@pytest.mark.parametrize(
    ("tags", "archives", "right"),
    [
        ("binary", (OTHER, WHEEL, PURE, SOURCE), WHEEL),
        ("pure", (OTHER, WHEEL, PURE, SOURCE), PURE),
        ("built", (OTHER, WHEEL, PURE, SOURCE), SOURCE),
        ("built", (OTHER, BROKEN, WHEEL), None),
        ("unknown", (OTHER, WHEEL), None),
        ("unknown", (SOURCE,), SOURCE),
        ("binary", (NAMELESS, NAMELESS), None),
    ],
)
def test_the_archive_of_a_distribution_is_the_one_whose_name_has_its_tags(
    tmp_path: Path, tags: str, archives: tuple[LockedArchive, ...], right: LockedArchive | None
) -> None:
    install(tmp_path, "A.cme", "1.0", WHEEL=f"Wheel-Version: 1.0\n{TAGS[tags]}")
    one = found(tmp_path, *archives)["a-cme"]
    assert (one.hashes, one.url) == ((right.hashes, right.url) if right else ((), ""))


def test_a_url_of_a_lock_file_loses_its_credentials(tmp_path: Path) -> None:
    install(tmp_path, "A.cme")
    url = "https://ann:hunter2hunter2@files.example.com/a.whl"
    one = found(tmp_path, LockedArchive(name="a-cme", version="1.0", url=url))["a-cme"]
    assert "hunter2" not in repr(one)


def test_what_is_no_hash_is_left_out(tmp_path: Path) -> None:
    install(tmp_path, "A.cme")
    wrong = LockedArchive(name="a-cme", version="1.0", hashes=("sha256:aa", "md5:00", HASH))
    one = found(tmp_path, wrong)["a-cme"]
    assert one.hashes == (HASH,)
    assert faults(tmp_path, [one]) == []


def test_several_hashes_of_one_algorithm_are_those_of_several_archives(tmp_path: Path) -> None:
    install(tmp_path, "A.cme")
    other, long = f"sha256:{64 * 'e'}", f"sha512:{128 * 'e'}"
    one = found(tmp_path, LockedArchive(name="a-cme", version="1.0", hashes=(HASH, long)))["a-cme"]
    assert (one.hashes, one.notes) == ((HASH, long), {})
    one = found(tmp_path, LockedArchive(name="a-cme", version="1.0", hashes=(other, HASH)))["a-cme"]
    assert (one.hashes, one.notes) == ((), {"layerwright:pinned-hashes": " ".join(sorted((HASH, other)))})
    assert faults(tmp_path, [one]) == []


def test_the_archive_of_another_version_is_not_that_of_this_one(tmp_path: Path) -> None:
    install(tmp_path, "A.cme", "2.0")
    assert found(tmp_path, SOURCE)["a-cme"].hashes == ()


# What a distribution contains


def test_the_documents_of_a_wheel_are_merged_without_duplicates(tmp_path: Path) -> None:
    sboms = install(tmp_path, "numpy", "2.0") / "sboms"
    (sboms / "more").mkdir(parents=True)
    openblas = {"name": "openblas", "version": "0.3", "purl": "pkg:generic/openblas@0.3", "type": "library"}
    document = {"bomFormat": "CycloneDX", "components": [openblas, {"name": "NumPy", "version": "2.0"}]}
    (sboms / "a.cdx.json").write_text(json.dumps(document))
    package = {
        "name": "openblas",
        "versionInfo": "0.3",
        "SPDXID": "SPDXRef-1",
        "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:generic/openblas@0.3"}],
    }
    fortran = {"name": "libgfortran", "versionInfo": "5", "SPDXID": "SPDXRef-2"}
    document = {"spdxVersion": "SPDX-2.3", "packages": [package, fortran]}
    (sboms / "more" / "b.spdx.json").write_text(json.dumps(document))
    numpy = found(tmp_path)["numpy"]
    assert [(part.name, part.version) for part in numpy.parts] == [("libgfortran", "5"), ("openblas", "0.3")]
    assert numpy.notes == {}
    assert faults(tmp_path, [numpy]) == []


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"bomFormat": 1}', '{"spdxVersion": "SPDX-2.3"}', "\0", 1000 * "["]
)
def test_a_broken_document_is_named_and_breaks_nothing(tmp_path: Path, content: str) -> None:
    sboms = install(tmp_path, "acme") / "sboms"
    sboms.mkdir()
    (sboms / "x.cdx.json").write_text(content)
    one = found(tmp_path)["acme"]
    assert (one.parts, one.notes) == ((), {UNREADABLE: "x.cdx.json"})
    assert faults(tmp_path, [one]) == []


def test_no_value_of_a_foreign_document_makes_ours_invalid(tmp_path: Path) -> None:
    sboms = install(tmp_path, "acme") / "sboms"
    sboms.mkdir()
    wrong = {
        "name": "x",
        "version": 3,
        "type": "nonsense",
        "purl": "not a purl",
        "cpe": "cpe:wrong",
        "description": ["x"],
        "hashes": [
            {"alg": "SHA-256", "content": "zz"},
            {"alg": "CRC", "content": "00"},
            7,
            {"alg": "MD5", "content": 32 * "z"},
        ],
        "licenses": [{"expression": "What ever"}, {"license": "x"}],
        "externalReferences": [{"type": "website", "url": "https://a b"}, {"type": "distribution", "url": 4}],
        "properties": [{"name": 1}, {"value": "x"}],
        "components": [
            {"name": ""},
            {"name": "inner", "licenses": [{"license": 4}, {"license": {"id": "MIT"}}]},
        ],
        "bom-ref": "r",
    }
    other = {"name": "y", "licenses": [{"license": {"id": "No-Such"}}, {"license": {"name": "Free"}}]}
    links = [{"ref": "r", "dependsOn": ["nowhere", 3]}, "x", {"ref": 1}]
    document = {"bomFormat": "CycloneDX", "components": [wrong, other, 4], "dependencies": links}
    (sboms / "a.json").write_text(json.dumps(document))
    package = {
        "name": "z",
        "licenseDeclared": "LicenseRef-1",
        "downloadLocation": "git+x",
        "homepage": "NONE",
    }
    also = {"name": "w", "licenseDeclared": "mit", "primaryPackagePurpose": "APPLICATION"}
    described = {"name": "acme-src", "SPDXID": "SPDXRef-root"}
    packages = {
        "spdxVersion": "SPDX-2.3",
        "packages": [package, also, described, {"name": ""}],
        "relationships": [{"relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-root"}],
        "documentDescribes": ["SPDXRef-root", 3],
    }
    (sboms / "b.json").write_text(json.dumps(packages))
    one = found(tmp_path)["acme"]
    assert [part.name for part in one.parts] == ["w", "x", "y", "z"]
    assert faults(tmp_path, [one]) == []


def test_what_pip_and_setuptools_vendor_is_part_of_them(tmp_path: Path) -> None:
    (install(tmp_path, "pip", "26.3") / "RECORD").write_text("pip/_vendor/vendor.txt,,\npip/__init__.py,,\n")
    (tmp_path / "pip" / "_vendor").mkdir(parents=True)
    (tmp_path / "pip" / "_vendor" / "vendor.txt").write_text(
        "# six==1.0\nurllib3==2.5.0\n    certifi==2026.1  # why\nsetuptools==70.3.0\npip==26.3\n"
    )
    (install(tmp_path, "setuptools", "80.0") / "RECORD").write_text("setuptools/_vendor/x.py,,\n")
    install(tmp_path / "setuptools" / "_vendor", "more_itertools", "10.8", "License-Expression: MIT")
    (install(tmp_path / "setuptools" / "_vendor", "broken") / "METADATA").unlink()
    there = found(tmp_path)
    assert [f"{part.name} {part.version}" for part in there["pip"].parts] == [
        "certifi 2026.1",
        "setuptools 70.3.0",
        "urllib3 2.5.0",
    ]
    [part] = there["setuptools"].parts
    assert (part.name, part.licence.expression) == ("more-itertools", "MIT")


# Interpreters


def test_an_interpreter_is_known_to_scanners_and_contains_the_pip_of_ensurepip(tmp_path: Path) -> None:
    bundled = tmp_path / "lib" / "python3.13" / "ensurepip" / "_bundled"
    bundled.mkdir(parents=True)
    (bundled / "pip-24.2-py3-none-any.whl").touch()
    (bundled / "notes.whl").touch()
    python = interpreter_component(Interpreter(version="3.13.2", prefix=tmp_path), 64 * "b")
    assert (python.purl, python.cpe) == (
        "pkg:generic/python@3.13.2",
        "cpe:2.3:a:python:python:3.13.2:*:*:*:*:*:*:*",
    )
    assert python.hashes == (f"sha256:{64 * 'b'}",)
    assert [part.purl for part in python.parts] == ["pkg:pypi/pip@24.2"]
    copied = interpreter_component(Interpreter(version="3.13.2", prefix=tmp_path / "copy"), "")
    assert (copied.hashes, copied.parts) == ((), ())
    assert faults(tmp_path, [python, copied]) == []
    [described, _] = as_cyclonedx([python, copied])["components"]
    assert described["components"][0]["bom-ref"] == "pkg:generic/python@3.13.2|pkg:pypi/pip@24.2"
