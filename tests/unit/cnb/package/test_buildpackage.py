from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cnb.package.buildpackage import MODIFIED, Buildpackage, path_in_image, write_buildpackage
from layerwright.cnb.package.descriptor import Descriptor
from layerwright.cnb.target import Target
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTOR = Descriptor(
    id="acme/python", version="1.2.3", name="Acme's Python", targets=(Target(os="linux", arch="arm64"),)
)
PLACE = "/cnb/buildpacks/acme_python/1.2.3"


def source(path: Path) -> Path:
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "detect").write_text("#!/bin/sh\n")
    (path / "bin" / "detect").chmod(0o755)
    (path / "buildpack.toml").write_text(DESCRIPTOR.toml())
    (path / ("long-" * 30)).write_text("a name that the oldest tar format cannot hold")
    (path / "link").symlink_to("bin")
    return path


def write(directory: Path, output: Path, descriptor: Descriptor = DESCRIPTOR) -> Buildpackage:
    work = output.parent / f"work-{output.name}"
    work.mkdir()
    return write_buildpackage(directory, descriptor, output, work)


def blobs(path: Path) -> dict[str, bytes]:
    with tarfile.open(path, "r:") as archive:
        return {
            member.name.lstrip("/"): archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.isfile()
        }


def image(path: Path) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Return the manifest, the configuration and the layer of the image at *path*, each found by its digest."""
    files = blobs(path)

    def blob(descriptor: dict[str, Any]) -> bytes:
        content = files["blobs/" + descriptor["digest"].replace(":", "/")]
        assert "sha256:" + hashlib.sha256(content).hexdigest() == descriptor["digest"]
        assert len(content) == descriptor["size"]
        return content

    [entry] = json.loads(files["index.json"])["manifests"]
    manifest = json.loads(blob(entry))
    [layer] = manifest["layers"]
    return manifest, json.loads(blob(manifest["config"])), blob(layer)


def test_the_file_is_an_oci_image_layout_whose_digests_are_those_of_its_files(tmp_path: Path) -> None:
    written = write(source(tmp_path / "source"), tmp_path / "x.cnb")
    manifest, config, layer = image(written.path)

    assert json.loads(blobs(written.path)["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert config["rootfs"] == {
        "type": "layers",
        "diff_ids": ["sha256:" + hashlib.sha256(gzip.decompress(layer)).hexdigest()],
    }
    assert (config["os"], config["architecture"]) == ("linux", "arm64")
    assert written.size == written.path.stat().st_size
    assert written.digest.removeprefix("sha256:") in "".join(blobs(written.path))


def test_the_labels_say_what_platforms_ask_for(tmp_path: Path) -> None:
    _, config, _ = image(write(source(tmp_path / "source"), tmp_path / "x.cnb").path)
    labels = {name: json.loads(value) for name, value in config["config"]["Labels"].items()}

    assert labels == {
        "io.buildpacks.buildpack.layers": {
            "acme/python": {
                "1.2.3": {
                    "api": "0.10",
                    "layerDiffID": config["rootfs"]["diff_ids"][0],
                    "name": "Acme's Python",
                    "stacks": [{"id": "*"}],
                    "targets": [{"os": "linux", "arch": "arm64"}],
                }
            }
        },
        "io.buildpacks.buildpackage.metadata": {
            "id": "acme/python",
            "version": "1.2.3",
            "name": "Acme's Python",
            "stacks": [{"id": "*"}],
        },
    }


def test_a_buildpack_without_a_name_has_none_in_its_labels(tmp_path: Path) -> None:
    bare = Descriptor(id="acme", version="1.2.3", targets=(Target(os="linux", arch="amd64"),))
    _, config, _ = image(write(source(tmp_path / "source"), tmp_path / "x.cnb", bare).path)
    assert "name" not in "".join(config["config"]["Labels"].values())


def test_the_layer_holds_the_buildpack_where_builders_expect_it(tmp_path: Path) -> None:
    directory = source(tmp_path / "source")
    _, _, layer = image(write(directory, tmp_path / "x.cnb").path)
    (tmp_path / "layer").write_bytes(layer)
    with tarfile.open(tmp_path / "layer") as archive:
        members = archive.getmembers()
        archive.extractall(tmp_path / "unpacked", filter="tar")

    assert path_in_image(DESCRIPTOR) == PLACE
    assert difference(tree(directory), tree(tmp_path / "unpacked" / PLACE[1:])) == ""
    assert [m.name for m in members[:4]] == ["/cnb", "/cnb/buildpacks", "/cnb/buildpacks/acme_python", PLACE]
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", MODIFIED)}
    assert {oct(m.mode) for m in members} == {"0o755", "0o644"}
    assert [m.name for m in members] == sorted(m.name for m in members)


def test_equal_content_gives_equal_bytes_whatever_its_times_and_modes(tmp_path: Path) -> None:
    one, other = source(tmp_path / "one"), source(tmp_path / "deeper" / "other")
    (other / "buildpack.toml").chmod(0o600)
    (other / "bin").chmod(0o700)
    os.utime(other / "buildpack.toml", (1, 1))
    first, second = write(one, tmp_path / "1.cnb"), write(other, tmp_path / "2.cnb")

    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.digest == second.digest


def test_other_content_has_another_digest(tmp_path: Path) -> None:
    directory = source(tmp_path / "source")
    first = write(directory, tmp_path / "1.cnb")
    (directory / "bin" / "detect").write_text("#!/bin/sh\nexit 100\n")
    assert write(directory, tmp_path / "2.cnb").digest != first.digest


def test_what_no_image_can_hold_leaves_the_old_file(tmp_path: Path) -> None:
    directory = source(tmp_path / "source")
    (tmp_path / "x.cnb").write_text("old")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(directory / "socket"))
        with pytest.raises(ValueError, match="neither a file nor a directory"):
            write(directory, tmp_path / "x.cnb")

    assert (tmp_path / "x.cnb").read_text() == "old"


def test_anyone_may_read_the_file(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        written = write(source(tmp_path / "source"), tmp_path / "x.cnb")
    finally:
        os.umask(before)
    assert written.path.stat().st_mode & 0o777 == 0o644
