from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from layerwright.build._contribute import Contribution, Contributor
from layerwright.build._decide import Action, Decision, LayerSpec
from layerwright.build._specify import DescribedTool
from layerwright.build.bom.merging import Part, merged
from layerwright.build.bom.write import write_boms
from layerwright.build.venv.resolved import write_record
from layerwright.build.wheels._unpack import Scheme, unpack
from layerwright.build.wheels.wheel import ArchivedWheel, contents_digest
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.locked import LockedArchive
from layerwright.contract.sameness import Locked, Resolved, Unprovable
from layerwright.contract.values.environment import EnvironmentInstall
from layerwright.contract.values.tool import ToolLayer
from layerwright.contract.wheels import LockedWheels
from layerwright.errors import PluginError, SiteError, UserError
from layerwright.output.log import Log
from layerwright.process.command import Command
from layerwright.pythons.interpreter import Interpreter
from layerwright.pythons.provider import ARCHIVE_SHA256
from layerwright.testing import wheel
from tests.unit.build.bom.samples import install
from tests.unit.build.samples import Acme

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from layerwright.build._specify import Described
    from layerwright.build.request import BuildRequest

TYPES = {
    "python": LayerTypes(build=True, launch=True, cache=True),
    "tool-acme": LayerTypes(build=True, cache=True),
    "absent-tools": LayerTypes(launch=True),
    "cache-acme": LayerTypes(cache=True),
    "venv": LayerTypes(build=True, launch=True, cache=True),
}
BOTH = ("cdx", "spdx")


@dataclass(frozen=True)
class Specified:
    """What the documents need of the specifications of all layers."""

    interpreter: Interpreter
    python: LayerSpec
    tools: tuple[DescribedTool, ...]
    install: EnvironmentInstall


@dataclass(frozen=True)
class Requested:
    """What the documents need of the request for a build."""

    layers: LayersDirectory
    sbom_formats: frozenset[str]


class Site:
    """A complete build of an application, with a package manager that is a program."""

    def __init__(self, root: Path) -> None:
        self.layers = LayersDirectory(root)
        for name, types in TYPES.items():
            self.layers.create(name)
            self.layers.write(name, types=types, metadata={}, env=LayerEnv())
        self.interpreter = Interpreter(version="3.13.2", prefix=root / "python")
        spec = LayerSpec(name="python", types=TYPES["python"], inputs={ARCHIVE_SHA256: 64 * "0"})
        layer = ToolLayer(version="4.2", inputs={}, install=(Command(argv=("acme-setup",)),))
        tool = DescribedTool(manager=Acme(), tool=layer, spec=replace(spec, name="tool-acme"))
        self.specified = Specified(self.interpreter, spec, (tool,), installed(Unprovable("it is a test")))

    @property
    def site_packages(self) -> Path:
        return self.interpreter.site_packages(self.layers.path / "venv")

    def write(
        self, action: Action = Action.CREATE, again: Collection[str] = (), formats: Collection[str] = BOTH
    ) -> None:
        log = Log(io.StringIO(), io.StringIO())
        contributor = Contributor(self.layers, environment={}, log=log)
        contributor.contributions += [
            Contribution(
                name, self.layers.path / name, types, Decision(action=action, reasons=()), 0.0, 0, types
            )
            for name, types in TYPES.items()
        ]
        self.due = contributor.due_boms(frozenset(formats), again=again)
        write_boms(
            cast("BuildRequest", Requested(self.layers, frozenset(formats))),
            self.due,
            cast("Described", self.specified),
            label="layerwright-acme 1.0",
        )

    def lock(self, hashed: str, contents: Mapping[str, str] | None = None) -> None:
        """Lock the tool, with the digests of the files of wheels in *contents*."""
        [tool] = self.specified.tools
        wheels = LockedWheels(hashed=hashed, contents=contents or {})
        self.specified = replace(
            self.specified, tools=(tool._replace(tool=replace(tool.tool, wheels=wheels)),)
        )

    def document(self, name: str) -> Any:
        return json.loads(self.layers.sbom_path(name, "cdx").read_bytes())

    def components(self, name: str) -> list[str]:
        return [f"{one['name']} {one['version']}" for one in self.document(name)["components"]]


def installed(sameness: Locked | Unprovable) -> EnvironmentInstall:
    return EnvironmentInstall(inputs={}, commands=(), sameness=sameness)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_each_layer_gets_a_document_in_each_format_except_for_what_only_we_wrote(site: Site) -> None:
    install(site.site_packages, "flask", "3.1.0")
    write_record(
        site.layers.path / "venv", [Resolved(name="flask", version="3.1.0", hashes=(f"sha256:{64 * 'a'}",))]
    )
    site.write()
    assert sorted(path.name for path in site.layers.path.glob("*.json")) == [
        "python.sbom.cdx.json",
        "python.sbom.spdx.json",
        "tool-acme.sbom.cdx.json",
        "tool-acme.sbom.spdx.json",
        "venv.sbom.cdx.json",
        "venv.sbom.spdx.json",
    ]
    [python] = site.document("python")["components"]
    [flask] = site.document("venv")["components"]
    assert python["hashes"] == [{"alg": "SHA-256", "content": 64 * "0"}]
    assert flask["hashes"] == [{"alg": "SHA-256", "content": 64 * "a"}]


def test_a_tool_that_is_a_program_is_a_distribution_only_if_a_lock_says_so(site: Site) -> None:
    site.write()
    [program] = site.document("tool-acme")["components"]
    assert (program["name"], program["version"], "purl" in program) == ("acme", "4.2", False)
    digest = f"--hash=sha256:{64 * '0'}"
    locked = f"Acme_Tool==4.2 ; python_version >= '3.9' {digest}\nacme-tool==4.1 ; python_version < '3.9' {digest}\n"
    site.lock(locked)
    site.write()
    [program] = site.document("tool-acme")["components"]
    assert program["purl"] == "pkg:pypi/acme-tool@4.2"
    assert program["hashes"] == [{"alg": "SHA-256", "content": 64 * "0"}]


def test_a_tool_that_is_not_needed_is_in_no_document(site: Site) -> None:
    [tool] = site.specified.tools
    site.specified = replace(site.specified, tools=(tool._replace(tool=replace(tool.tool, install=())),))
    site.write()
    assert site.components("tool-acme") == []


def test_a_program_that_is_locked_by_several_archives_has_the_hash_of_none(site: Site) -> None:
    two = [f"sha256:{64 * digit}" for digit in "01"]
    site.lock(f"acme==4.2 --hash={two[1]} --hash={two[0]}\n")
    site.write()
    [program] = site.document("tool-acme")["components"]
    assert "hashes" not in program
    assert {"name": "layerwright:pinned-hashes", "value": " ".join(two)} in program["properties"]


@pytest.mark.parametrize(
    ("known", "expected"), [("the wheel's files", True), ("other files", False), (None, False)]
)
def test_the_wheel_of_a_tool_is_recognised_by_its_files(
    site: Site, known: str | None, *, expected: bool
) -> None:
    place = site.layers.path / "tool-acme" / "venv"
    packed = wheel("acme", "4.2", entry_points={"acme": "acme:main"})
    archived = ArchivedWheel(io.BytesIO(packed.data))
    unpack(
        archived,
        Scheme(
            base=place,
            site=site.interpreter.site_packages(place),
            scripts=place / "bin",
            python=place / "bin" / "python",
            minor=site.interpreter.minor,
        ),
    )
    digest = contents_digest(archived) if expected else known
    value, source = f"sha256:{packed.sha256}", f"sha256:{64 * 'f'}"
    site.lock(f"acme==4.2 --hash={value} --hash={source}\n", {value: digest} if digest else {})
    site.write()
    [tool] = site.document("tool-acme")["components"]
    assert tool.get("hashes") == ([{"alg": "SHA-256", "content": packed.sha256}] if expected else None)


def test_distributions_in_a_virtual_environment_of_the_tools_own_are_in_its_document(site: Site) -> None:
    install(site.interpreter.site_packages(site.layers.path / "tool-acme" / "venv"), "acme", "4.2")
    install(site.interpreter.site_packages(site.layers.path / "tool-acme" / "venv"), "base", "1.0")
    site.write()
    assert site.components("tool-acme") == ["acme 4.2", "base 1.0"]


def test_without_a_resolution_the_hashes_are_those_of_the_lock_file(site: Site) -> None:
    install(site.site_packages, "flask", "3.1.0")
    archive = LockedArchive(name="Flask", version="3.1.0", hashes=(f"sha256:{64 * 'c'}",))
    site.specified = replace(site.specified, install=installed(Locked(archives=lambda: [archive])))
    site.write()
    assert site.document("venv")["components"][0]["hashes"] == [{"alg": "SHA-256", "content": 64 * "c"}]
    site.specified = replace(site.specified, install=installed(Locked()))
    site.write()
    assert "hashes" not in site.document("venv")["components"][0]


def test_a_wrong_value_from_a_plugin_is_its_defect(site: Site) -> None:
    wrong = cast("Any", lambda: ["flask"])
    site.specified = replace(site.specified, install=installed(Locked(archives=wrong)))
    with pytest.raises(PluginError) as raised:
        site.write()
    assert "Locked.archives" in raised.value.cause


def test_a_kept_layer_keeps_its_documents_and_gets_them_where_one_is_missing(site: Site) -> None:
    site.write()
    install(site.site_packages, "late", "1.0")
    site.write(Action.KEEP)
    assert site.due == ()
    assert site.components("venv") == []
    site.layers.sbom_path("venv", "spdx").unlink()
    site.write(Action.KEEP)
    assert site.components("venv") == ["late 1.0"]


def test_what_a_later_command_has_installed_is_in_the_document(site: Site) -> None:
    site.write()
    install(site.site_packages, "late", "1.0")
    site.write(Action.KEEP, again=["venv"])
    assert site.components("venv") == ["late 1.0"]


def test_a_layer_that_is_not_here_keeps_what_is_known_of_it(site: Site) -> None:
    site.write()
    document = site.document("venv")
    (site.layers.path / "venv").rename(site.layers.path.parent / "gone")
    site.write(Action.KEEP, again=["venv"])
    assert site.document("venv") == document


def test_documents_in_formats_that_are_not_declared_are_neither_written_nor_left(site: Site) -> None:
    site.write(formats=["spdx"])
    assert site.layers.sbom_formats("venv") == {"spdx"}
    site.write()
    site.layers.sbom_path("venv", "syft").touch()
    site.write(Action.KEEP, formats=["cdx"])
    assert site.layers.sbom_formats("venv") == {"cdx"}
    site.write(Action.CREATE, formats=[])
    assert site.due == ()
    assert site.layers.sbom_formats("venv") == set()


# Merging


@pytest.mark.parametrize(
    ("part", "names"),
    [(Part.LAUNCH, ["python", "flask"]), (Part.BUILD, ["acme"]), (Part.ALL, ["python", "acme", "flask"])],
)
def test_what_an_image_has_and_what_only_the_build_had_are_apart(
    site: Site, part: Part, names: list[str]
) -> None:
    install(site.site_packages, "flask", "3.1.0")
    site.write()
    bom = merged(site.layers, part, name="shop", version="2")
    assert (bom.name, bom.version) == ("shop", "2")
    assert [one.name for one in bom.components] == names
    layers = {"python": "python", "flask": "venv", "acme": "tool-acme"}
    assert [one.notes["layerwright:layer"] for one in bom.components] == [layers[name] for name in names]


@pytest.mark.parametrize(
    ("lost", "cause"),
    [
        (["venv"], "The last build wrote no venv.sbom.cdx.json into {layers}."),
        (["python", "venv"], "The last build wrote none into {layers} for the layers python, venv."),
    ],
)
def test_a_document_that_is_missing_is_an_error_and_not_an_empty_one(
    site: Site, lost: list[str], cause: str
) -> None:
    site.write()
    for name in lost:
        site.layers.sbom_path(name, "cdx").unlink()
    with pytest.raises(UserError) as raised:
        merged(site.layers, Part.LAUNCH, name="shop")
    assert (raised.value.reference, raised.value.cause) == ("no-sbom", cause.format(layers=site.layers.path))


@pytest.mark.parametrize("content", ["{", "{}"])
def test_a_damaged_document_is_named(site: Site, content: str) -> None:
    site.write()
    site.layers.sbom_path("venv", "cdx").write_text(content)
    with pytest.raises(SiteError) as raised:
        merged(site.layers, Part.LAUNCH, name="shop")
    assert raised.value.reference == "damaged-build"
    assert "venv.sbom.cdx.json" in raised.value.cause
