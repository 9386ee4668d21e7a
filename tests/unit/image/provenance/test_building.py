"""The provenance of an image says what went into it, without secrets, and equally for equal images."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.bom.component import Bom, Component, pypi_purl
from layerwright.config.sources import Sources
from layerwright.image.attached.bills import bills
from layerwright.image.base.image import BaseImage
from layerwright.image.provenance.building import Asked, build_of
from layerwright.image.provenance.statement import provenance
from layerwright.output.record import Recorder
from layerwright.process.redaction import KNOWN
from layerwright.process.version import __version__
from tests.unit.image.samples import DEBIAN, WEB, base, image

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.image.image import Image

RECORD: dict[str, Any] = {
    "version": 1,
    "layerwright": __version__,
    "target": "linux/amd64 (debian 12)",
    "execution-environment": "production",
    "package-manager": {"name": "pip", "reason": "requirements.txt exists"},
    "python": {
        "version": "3.13.0",
        "provider": "standalone",
        "origin": "https://mirror.example.com/python.tar.gz",
        "sources": [],
    },
    "distributions": [{"name": "flask", "version": "3.1.3"}],
}
BOM = Bom(
    name="shop",
    components=(
        Component(
            name="python",
            version="3.13.0",
            purl="pkg:generic/python@3.13.0",
            hashes=(f"sha256:{'1' * 64}",),
            notes={"layerwright:layer": "python"},
        ),
        Component(
            name="flask",
            version="3.1.3",
            purl=pypi_purl("flask", "3.1.3"),
            hashes=(f"sha256:{'2' * 64}", f"sha512:{'3' * 128}"),
            url="https://files.example.com/flask-3.1.3-py3-none-any.whl",
            notes={"layerwright:layer": "venv"},
        ),
        Component(name="uv", version=""),
    ),
)
NO_BASE = BaseImage(base({})[0])


@pytest.fixture
def made(tmp_path: Path) -> Image:
    return image(tmp_path / "made", WEB)


def sources(files: dict[str, Any] | None = None, **environment: str) -> Sources:
    return Sources({"layerwright.toml": files or {}}, environment)


def said(
    made: Image,
    *,
    on: BaseImage = NO_BASE,
    asked: Asked | None = None,
    record: dict[str, Any] | None = None,
) -> dict[str, Any]:
    making = build_of(made, on, asked or Asked("shop", "", sources()), BOM, {**RECORD, **(record or {})})
    document = provenance("shop", made.digest, making, bills(BOM))
    assert document.content == provenance("shop", made.digest, making, bills(BOM)).content
    statement: dict[str, Any] = json.loads(document.content)
    return statement


def definition(*arguments: Any, **named: Any) -> dict[str, Any]:
    found: dict[str, Any] = said(*arguments, **named)["predicate"]["buildDefinition"]
    return found


def test_it_is_a_statement_about_the_image_of_slsa(made: Image) -> None:
    statement = said(made)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [
        {"name": "shop", "digest": {"sha256": made.digest.removeprefix("sha256:")}}
    ]
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    details = statement["predicate"]["runDetails"]
    assert details["builder"]["version"] == {"layerwright": __version__}
    assert [one["name"] for one in details["byproducts"]] == [
        "sbom.cdx.json",
        "sbom.spdx.json",
        "build record, portable part",
    ]
    assert all(len(one["digest"]["sha256"]) == 64 for one in details["byproducts"])
    assert "metadata" not in details


def test_every_archive_has_its_hashes_and_its_url(made: Image) -> None:
    python, flask, uv = definition(made)["resolvedDependencies"]
    assert python == {
        "name": "python 3.13.0",
        "uri": "pkg:generic/python@3.13.0",
        "digest": {"sha256": "1" * 64},
        "downloadLocation": "https://mirror.example.com/python.tar.gz",
        "annotations": {"layerwright:layer": "python"},
    }
    assert flask["digest"] == {"sha256": "2" * 64, "sha512": "3" * 128}
    assert flask["downloadLocation"] == "https://files.example.com/flask-3.1.3-py3-none-any.whl"
    assert uv == {"name": "uv", "uri": "pkg:generic/uv@", "annotations": {}}


def test_an_interpreter_of_this_machine_has_no_url(made: Image) -> None:
    record = {"python": {"version": "3.13.0", "provider": "system", "origin": "/usr/bin/python3"}}
    assert "downloadLocation" not in definition(made, record=record)["resolvedDependencies"][0]
    assert definition(made, record=record)["internalParameters"]["python"] == {
        "version": "3.13.0",
        "provider": "system",
    }


def test_the_base_image_is_named_with_its_digest(made: Image) -> None:
    digest = f"sha256:{'4' * 64}"
    found = definition(made, on=BaseImage(base(DEBIAN)[0], "docker.io/library/debian:13", digest))
    assert found["externalParameters"]["base"] == "docker.io/library/debian:13"
    assert found["resolvedDependencies"][0] == {
        "name": "base image",
        "uri": "docker://docker.io/library/debian:13",
        "digest": {"sha256": "4" * 64},
    }
    local = definition(made, on=BaseImage(base(DEBIAN)[0], "", digest))
    assert "base" not in local["externalParameters"]
    assert local["resolvedDependencies"][0] == {"name": "base image", "digest": {"sha256": "4" * 64}}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, []),
        ({"revision": "abc"}, []),
        (
            {"source": "https://git.example.com/shop"},
            [{"name": "source", "uri": "https://git.example.com/shop"}],
        ),
        (
            {"source": "https://git.example.com/shop", "revision": "abc"},
            [{"name": "source", "uri": "https://git.example.com/shop", "digest": {"gitCommit": "abc"}}],
        ),
    ],
)
def test_the_source_is_what_the_labels_say(
    made: Image, labels: dict[str, str], expected: list[dict[str, object]]
) -> None:
    table = {
        **made.config["Labels"],
        **{f"org.opencontainers.image.{key}": value for key, value in labels.items()},
    }
    labelled = replace(made, config={**made.config, "Labels": table})
    found = definition(labelled)["resolvedDependencies"]
    assert [one for one in found if one["name"] == "source"] == expected


def test_what_was_asked_and_decided_is_there(made: Image) -> None:
    asked = Asked(
        "shop",
        "services/api",
        sources({"package-manager": "pip", "pip": {"version": "26.3"}}, LAYERWRIGHT_PYTHON_VERSION="3.13"),
    )
    found = definition(made, asked=asked)
    assert found["externalParameters"] == {
        "application": "shop",
        "directory": "services/api",
        "settings": {"package-manager": "pip", "pip.version": "26.3"},
        "variables": {"LAYERWRIGHT_PYTHON_VERSION": "3.13"},
    }
    decided = found["internalParameters"]
    assert decided["packageManager"] == "pip"
    assert decided["python"] == {"version": "3.13.0", "provider": "standalone"}
    assert decided["layers"]["python"]["inputs"] == {"Python version": "3.13.0"}
    assert set(decided["layers"]) == {"python", "venv"}


def test_what_a_build_did_not_say_is_left_open(made: Image) -> None:
    found = definition(made, record={"python": None, "package-manager": None})["internalParameters"]
    assert (found["packageManager"], found["python"]) == (None, {})


def recorded(made: Image, **record: Any) -> dict[str, Any]:
    found: dict[str, Any] = said(made, record=record)["predicate"]["runDetails"]["byproducts"][-1]
    return found


def test_the_portable_part_of_the_build_record_is_there_with_its_digest(made: Image) -> None:
    found = recorded(made)
    content = base64.b64decode(found["content"])
    assert found["digest"] == {"sha256": hashlib.sha256(content).hexdigest()}
    assert found["mediaType"] == "application/json"
    assert json.loads(content) == {
        **RECORD,
        "python": {"version": "3.13.0", "provider": "standalone"},
    }
    compact = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content.decode() == f"{compact}\n"


def test_times_paths_and_what_was_kept_do_not_change_the_digest_of_the_record(made: Image) -> None:
    other = Recorder().record(application="/srv/shop", status=0, output="/tmp/output.log")
    assert recorded(made, **{**other, **RECORD, "layers": [{"action": "keep"}]}) == recorded(made)
    assert recorded(made, target="linux/arm64 (debian 12)")["digest"] != recorded(made)["digest"]


def test_an_image_that_no_build_made_has_no_record(made: Image) -> None:
    making = build_of(made, NO_BASE, Asked("shop", "", sources()), BOM, RECORD)
    document = provenance("shop", made.digest, replace(making, record=b""), ())
    assert json.loads(document.content)["predicate"]["runDetails"]["byproducts"] == []


def test_it_has_no_secret(made: Image) -> None:
    KNOWN.learn(["hunter2-hunter2"])
    asked = Asked(
        "shop",
        "",
        sources(
            {"python": {"mirror": "https://me:pass-word-9@mirror.example.com/"}, "x": ["is hunter2-hunter2"]},
            LAYERWRIGHT_ACME_PASSWORD="also-secret-7",
            LAYERWRIGHT_PYTHON_MIRROR="https://me:pass-word-9@mirror.example.com/",
        ),
    )
    variables = definition(made, asked=asked)["externalParameters"]["variables"]
    assert variables == {
        "LAYERWRIGHT_ACME_PASSWORD": "****",
        "LAYERWRIGHT_PYTHON_MIRROR": "https://****@mirror.example.com/",
    }
    hidden = recorded(made, **{"package-manager": {"name": "pip", "reason": "is hunter2-hunter2"}})
    assert b"hunter2" not in base64.b64decode(hidden["content"])
    text = json.dumps(said(made, asked=asked))
    assert not [secret for secret in ("hunter2", "pass-word-9", "also-secret-7") if secret in text]


def test_a_date_is_written_as_text(made: Image) -> None:
    asked = Asked("shop", "", sources({"policy": {"until": date(2027, 1, 1)}}))
    assert definition(made, asked=asked)["externalParameters"]["settings"] == {"policy.until": "2027-01-01"}
