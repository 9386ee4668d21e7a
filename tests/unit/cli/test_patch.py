"""``layerwright inspect`` and ``layerwright patch``, on images in layouts, files and a registry."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.images import patch
from layerwright.cli.parser import parse
from layerwright.errors import SiteError, UserError
from layerwright.image.base.image import BaseImage
from layerwright.image.output.archive import write_archive_of
from layerwright.image.output.layout import read_layout, write_layout
from layerwright.image.patching import python_of
from layerwright.image.settings import DEFAULT_OWNER
from layerwright.output.log import Log
from layerwright.pythons.provider import Candidate
from tests.fixtures.registry import served_registry
from tests.unit.image.samples import DEBIAN, WEB, base, image
from tests.unit.small import SmallPython

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Newer(SmallPython):
    """Provides the next patch release."""

    def candidates(self, wanted: object = None) -> Sequence[Candidate]:
        return [Candidate(version="3.13.1", provider=self.name, origin="/small", inputs={})]


class Site:
    """Images in directories."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.image = image(root / "made", WEB, base=BaseImage(base(DEBIAN)[0], "debian:1", "sha256:1"))
        write_layout(self.image, root / "image")
        self.name = f"oci:{root}/image"

    def run(self, *arguments: str) -> str:
        stream = io.StringIO()
        parsed = parse(arguments)
        environment = {"LAYERWRIGHT_CACHE_DIR": str(self.root / "cache"), "HOME": str(self.root)}
        assert parsed.run(parsed, Log(stream, stream), environment) == 0
        return stream.getvalue()

    def python(self, name: str) -> str:
        return python_of(read_layout(self.root / name, "amd64", "linux")[0], name)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(patch, "providers", lambda *_arguments: (Newer(),))
    return Site(tmp_path)


def test_an_image_is_shown(site: Site) -> None:
    said = site.run("inspect", site.name)
    assert "  python " in said
    assert "  web: serve app:main --port 80\n" in said
    assert "  acme-web 1.0\n" in said
    assert said.endswith(f"  on debian:1\n  {site.image.digest}\n")
    assert json.loads(site.run("inspect", site.name, "--json"))["digest"] == site.image.digest


def test_differences_are_shown(site: Site) -> None:
    write_layout(image(site.root / "other"), site.root / "other-image")
    other = f"oci:{site.root}/other-image"
    assert "- process web serve app:main --port 80\n" in site.run("inspect", site.name, other)
    assert "base: debian:1 → none" in json.loads(site.run("inspect", site.name, other, "--json"))
    assert site.run("inspect", site.name, site.name) == "No difference.\n"
    assert "without a named base" in site.run("inspect", other)


def test_a_name_without_an_image_is_an_error(site: Site) -> None:
    with pytest.raises(UserError, match="There is no image") as caught:
        site.run("inspect", f"oci:{site.root}/nothing")
    assert caught.value.reference == "no-image"


def test_python_is_replaced_where_the_image_is(site: Site) -> None:
    said = site.run("patch", site.name, "--python", "3.13.1")
    assert "  Python 3.13.0 → 3.13.1\n" in said
    assert site.python("image") == "3.13.1"


def test_the_compression_is_that_of_the_image(site: Site) -> None:
    layer = site.image.layers[-1]
    zstd = layer.descriptor._replace(media_type="application/vnd.oci.image.layer.v1.tar+zstd")
    found = replace(site.image, layers=(replace(layer, descriptor=zstd),))
    assert [patch._compression(each) for each in (site.image, found)] == ["gzip", "zstd"]


def test_the_base_alone_is_replaced(site: Site) -> None:
    write_layout(base(DEBIAN, {})[0], site.root / "base")
    said = site.run("patch", site.name, "--base", f"oci:{site.root}/base")
    assert "Python" not in said
    assert len(read_layout(site.root / "image", "amd64", "linux")[0].layers) == len(site.image.layers) + 1


def test_without_a_change_it_is_a_misuse(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        site.run("patch", site.name)
    assert "--python or --base is needed." in capsys.readouterr().err


def test_the_patched_image_goes_where_the_options_say(site: Site) -> None:
    site.run("patch", site.name, "--python", "3.13.1", "--output", f"oci:{site.root}/new")
    assert (site.python("image"), site.python("new")) == ("3.13.0", "3.13.1")
    write_archive_of(site.image, site.root / "app.tar", "app:1")
    site.run("patch", f"{site.root}/app.tar", "--python", "3.13.1", "--base", site.name)
    assert "on " in site.run("inspect", f"{site.root}/app.tar")


def test_an_image_in_a_registry_is_patched_there_and_only_python_is_sent(site: Site) -> None:
    with served_registry() as registry:
        name = f"{registry.address}/team/app:1"
        # Everything but the version is as it was.
        site.run("patch", site.name, "--python", "3.13.1", "--push", name)
        before = registry.manifests["team/app", "1"]
        registry.requests.clear()
        site.run("patch", name, "--python", "3.13.1")
        assert registry.manifests["team/app", "1"] == before
        assert registry.count("PATCH", "") == 0


def test_a_push_that_would_be_refused_is_found_before_a_python_is_made(site: Site) -> None:
    with served_registry() as registry:
        registry.login = "basic"
        with pytest.raises(SiteError, match="refuses access"):
            site.run("patch", site.name, "--python", "3.13.1", "--push", f"{registry.address}/team/app:1")
    with pytest.raises(UserError, match="cannot be pushed to"):
        site.run("patch", f"registry.example.com/app@sha256:{'0' * 64}", "--python", "3.13.1")
    assert not (site.root / "cache" / "images" / "pythons").exists()


def test_without_a_layer_of_python_the_owner_is_the_usual_one(site: Site) -> None:
    made, _ = base({})
    assert patch._owner(made) == DEFAULT_OWNER
