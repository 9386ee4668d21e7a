"""What ``layerwright audit`` looks at, what it writes, and its exit status."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.bom.component import Bom, Component, pypi_purl
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.spdx import spdx
from layerwright.cli.parser import parse
from layerwright.cli.trust import audit
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.errors import UserError
from layerwright.image.attached.artifact import Artifact
from layerwright.image.attached.bills import bills
from layerwright.image.base.image import BaseImage
from layerwright.image.output.layout import write_layout
from layerwright.local._journal import Journal
from layerwright.output.log import Log
from tests.unit.build.audit.samples import advisory, package, write_records
from tests.unit.image.samples import DEBIAN, WEB, base, image

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.errors import LayerwrightError

TODAY = date(2026, 11, 30)
FLASK = Component(name="flask", version="3.0", purl=pypi_purl("flask", "3.0"))
PIP = Component(name="pip", version="26.3", purl=pypi_purl("pip", "26.3"))


class Site:
    """An application with a complete build of two layers, and a database."""

    def __init__(self, root: Path) -> None:
        self.root, self.app, self.layers = root, root / "app", root / "layers"
        self.app.mkdir()
        journal = Journal(self.layers)
        for name, component, types in (
            ("venv", FLASK, LayerTypes(launch=True)),
            ("tool-pip", PIP, LayerTypes(build=True)),
        ):
            journal.layers.create(name)
            journal.layers.write(name, types=types, metadata={}, env=LayerEnv())
            bom = Bom(name=name, components=(component,))
            journal.layers.write_sboms(name, {"cdx": cyclonedx(bom), "spdx": spdx(bom)})
        (self.layers / "launch.toml").write_text("processes = []\n")
        self.environment: dict[str, str] = {}
        journal.commit()
        self.database = write_records(
            root / "osv",
            advisory(
                "GHSA-1",
                package("flask", {"introduced": "0"}, {"fixed": "3.1"}),
                database_specific={"severity": "HIGH"},
            ),
        )

    def audit(self, *options: str, what: str = "") -> tuple[int, str]:
        """Return the exit status and what was printed on standard output."""
        said = io.StringIO()
        arguments = parse(
            [
                "audit",
                what or str(self.app),
                "--layers",
                str(self.layers),
                "--database",
                str(self.database),
                *options,
            ]
        )
        environment = {
            "LAYERWRIGHT_CACHE_DIR": str(self.root / "cache"),
            "HOME": str(self.root),
            **self.environment,
        }
        status = audit.run(arguments, Log(said, said), environment, today=lambda: TODAY)
        return status, said.getvalue()

    def json(self, *options: str, what: str = "") -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.audit("--format", "json", *options, what=what)[1])
        return document

    def refused(self, *options: str, what: str = "") -> LayerwrightError:
        with pytest.raises(UserError) as raised:
            self.audit(*options, what=what)
        return raised.value


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_finding_is_shown_and_ends_with_status_1(site: Site) -> None:
    status, said = site.audit()
    assert status == 1
    assert said == (
        f"  Reading the vulnerability database {site.database}\n"
        "Audit of application: 2 distributions\n"
        f"  Database: {site.database}, 1 record, the newest 10 days old\n"
        "\n"
        "Findings\n"
        "  high  flask 3.0 → 3.1 (venv)\n"
        "    GHSA-1\n"
        "    The summary of GHSA-1\n"
        "\n"
        "1 finding: 1 high.\n"
    )


def test_without_a_finding_that_counts_the_status_is_0(site: Site) -> None:
    status, said = site.audit("--fail-on", "critical")
    assert (status, said.endswith("No finding (1 below critical).\n")) == (0, True)
    (site.database / "GHSA-1.json").unlink()
    write_records(site.database, advisory("GHSA-2", package("other", {"introduced": "0"})))
    assert site.audit()[0] == 0


def test_one_part_of_the_build_is_audited_alone(site: Site) -> None:
    write_records(site.database, advisory("GHSA-2", package("pip", {"introduced": "0"})))
    found = {
        part: [one["id"] for one in site.json("--part", part)["findings"]]
        for part in ("launch", "build", "all")
    }
    assert found == {"launch": ["GHSA-1"], "build": ["GHSA-2"], "all": ["GHSA-1", "GHSA-2"]}


def test_the_name_and_the_file_of_the_project_are_in_the_documents(site: Site) -> None:
    assert json.loads(site.audit("--format", "sarif")[1])["runs"][0]["results"][0]["locations"][0][
        "physicalLocation"
    ] == {"artifactLocation": {"uri": "."}}
    (site.app / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "2.0"\n')
    assert site.json()["application"] == {"name": "shop", "version": "2.0"}
    [result] = json.loads(site.audit("--format", "sarif")[1])["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "pyproject.toml"}}


def test_the_standard_output_is_the_document_alone(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(site.audit("--format", "vex")[1])["vulnerabilities"] == []
    assert "Reading the vulnerability database" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json", "sarif", "vex"])
def test_it_writes_a_file_and_replaces_its_own(site: Site, tmp_path: Path, form: str) -> None:
    file = tmp_path / "found"
    for _ in range(2):
        status, said = site.audit("--format", form, "--output", str(file))
        assert (status, said.splitlines()[-1]) == (1, f"Wrote {file}")
    if form == "text":
        assert file.read_text().startswith("Audit of application: 2 distributions\n")
    else:
        assert json.loads(file.read_text()) == json.loads(site.audit("--format", form)[1])


def test_another_file_is_not_overwritten_and_nothing_is_read_before(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("print()\n")
    error = site.refused("--output", str(file))
    assert error.summary == f"{file} already exists, and is not an audit in the format text."
    assert file.read_text() == "print()\n"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("form", ["text", "json", "sarif", "vex"])
def test_a_bill_of_materials_is_not_overwritten(site: Site, tmp_path: Path, form: str) -> None:
    file = tmp_path / "sbom.json"
    file.write_bytes(cyclonedx(Bom(name="shop", components=(FLASK,))))
    assert site.refused("--format", form, "--output", str(file)).reference == "output-not-ours"


def test_an_old_database_is_a_warning(site: Site) -> None:
    write_records(site.database, advisory("GHSA-1", package("flask"), modified="2026-11-01T00:00:00Z"))
    assert (
        "Warning: The newest record of the vulnerability database is 29 days old. Get it again."
        in site.audit()[1]
    )


def test_without_a_database_it_says_how_to_name_one(site: Site) -> None:
    error = site.refused("--database", "")
    assert error.reference == "no-vulnerability-database"
    assert any("--database osv" in step for step in error.remedy)


def test_before_the_first_build_it_says_to_build(site: Site) -> None:
    (site.layers / "launch.toml").unlink()
    assert site.refused().reference == "not-built"


@pytest.mark.parametrize("write", [cyclonedx, spdx])
def test_a_bill_of_materials_is_audited(site: Site, tmp_path: Path, write: Any) -> None:
    file = tmp_path / "shop.json"
    file.write_bytes(write(Bom(name="shop", components=(FLASK, PIP))))
    found = site.json(what=str(file))
    assert found["application"] == {"name": "shop", "version": ""}
    assert [(one["id"], one["places"]) for one in found["findings"]] == [("GHSA-1", [])]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"spdxVersion": "SPDX-2.3"}'])
def test_a_file_that_is_no_bill_of_materials_is_an_error(site: Site, tmp_path: Path, text: str) -> None:
    file = tmp_path / "shop.json"
    file.write_text(text)
    error = site.refused(what=str(file))
    assert (error.summary, error.reference) == (f"{file} is not a bill of materials.", "no-bill-of-materials")


def test_an_image_is_audited_by_the_bill_of_materials_that_is_attached_to_it(site: Site) -> None:
    made = image(site.root / "made", WEB)
    documents = bills(Bom(name="shop", components=(replace(FLASK, notes={"layerwright:layer": "venv"}),)))
    attached = [Artifact(document=each, subject=made.descriptor) for each in documents]
    write_layout(made, site.root / "image", attached)
    found = site.json(what=f"oci:{site.root}/image")
    assert [(one["id"], one["places"]) for one in found["findings"]] == [("GHSA-1", ["venv"])]


def test_an_image_without_one_is_audited_by_its_virtual_environment(site: Site) -> None:
    made = image(site.root / "made", WEB, base=BaseImage(base(DEBIAN)[0], "debian:1", "sha256:1"))
    write_layout(made, site.root / "image")
    write_records(site.database, advisory("GHSA-5", package("acme.web", versions=["1.0"])))
    found = site.json(what=f"oci:{site.root}/image")
    assert [(one["id"], one["distribution"], one["places"]) for one in found["findings"]] == [
        ("GHSA-5", "acme-web", ["venv"])
    ]


@pytest.mark.parametrize(
    ("what", "reference"),
    [
        ("missing", "no-application-directory"),
        ("./missing/app", "no-application-directory"),
        ("missing.json", "no-bill-of-materials"),
        ("/missing/image.tar", "no-image"),
        ("oci:/missing", "no-image"),
    ],
)
def test_what_does_not_exist_is_named_as_what_it_looks_like(site: Site, what: str, reference: str) -> None:
    error = site.refused(what=what)
    assert error.reference == reference
    # Every kind of what the command takes is named.
    assert "image" in " ".join(error.remedy)


def test_a_bill_of_materials_that_does_not_exist_cannot_be_read(site: Site) -> None:
    error = site.refused(what="missing.json")
    assert (error.summary, error.cause) == ("missing.json cannot be read.", "No such file or directory.")


def configure(site: Site, text: str, *, platform: str = "") -> None:
    site.app.joinpath("layerwright.toml").write_text(f"[policy]\n{text}\n")
    if platform:
        site.environment["LAYERWRIGHT_POLICY_VULNERABILITIES"] = platform


EXCEPTION = (
    '{distribution = "flask", rule = "vulnerabilities", id = "GHSA-1", reason = "why", expires = 2026-12-31}'
)


def test_the_policy_of_the_application_names_the_database_and_the_severity(site: Site) -> None:
    configure(site, 'vulnerabilities = {deny = "critical", database = "../osv"}')
    found = site.json("--database", "")
    assert (found["fail-on"], [one["fails"] for one in found["findings"]]) == ("critical", [False])
    assert site.json("--database", "", "--fail-on", "high")["fail-on"] == "high"


def test_the_mildest_severity_of_all_sources_decides(site: Site) -> None:
    configure(
        site,
        'vulnerabilities = {deny = "high"}',
        platform=f'{{deny = "medium", database = "{site.database}"}}',
    )
    assert site.json("--database", "")["fail-on"] == "medium"


def test_an_exception_of_the_policy_accepts_and_is_in_the_vex(site: Site) -> None:
    configure(site, f"exceptions = [{EXCEPTION}]")
    status, said = site.audit()
    assert status == 0
    assert "  Accepted until 2026-12-31: why [layerwright.toml: policy.exceptions[0]]\n" in said
    [one] = json.loads(site.audit("--format", "vex")[1])["vulnerabilities"]
    assert one["analysis"]["detail"] == "why (until 2026-12-31)"


def test_an_exception_that_has_expired_is_told_and_accepts_nothing(site: Site) -> None:
    configure(site, f"exceptions = [{EXCEPTION.replace('2026-12-31', '2026-11-29')}]")
    status, said = site.audit()
    assert status == 1
    assert "The exception expired on 2026-11-29: why [layerwright.toml: policy.exceptions[0]]" in said


def test_the_policy_of_the_environment_counts_for_images_and_documents(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_bytes(cyclonedx(Bom(name="shop", components=(FLASK,))))
    site.environment["LAYERWRIGHT_POLICY_VULNERABILITIES"] = (
        f'{{deny = "high", database = "{site.database}"}}'
    )
    assert site.json("--database", "", what=str(file))["fail-on"] == "high"


def test_a_mistake_in_the_policy_is_named(site: Site) -> None:
    configure(site, 'vulnerabilities = {deny = "grave"}')
    assert site.refused().reference == "configuration"
