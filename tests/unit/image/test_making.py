"""Layers are written once, and are the same bytes whenever and wherever they are written."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import threading
from typing import TYPE_CHECKING, ClassVar

import pytest

from layerwright.errors import SiteError, UserError
from layerwright.files.trees.placed import Moves
from layerwright.image.layers.built import BuiltLayer
from layerwright.image.layers.compression import Compression, decompressed
from layerwright.image.layers.files import Programs
from layerwright.image.layers.tar import FILE, Member
from layerwright.image.layers.trees import Owner
from layerwright.image.layers.writing import write_archive
from tests.unit.image.samples import built, maker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.image import Layer

OWNER = Owner(1000, 1000)


class Counted(Programs):
    """Programs that count how often they are read."""

    read: ClassVar[list[int]] = []

    def members(self) -> Iterator[tuple[Member, bytes | Path]]:
        self.read.append(1)
        return super().members()


@pytest.fixture(autouse=True)
def reset() -> None:
    Counted.read.clear()


def venv(root: Path, contents: str = "1") -> BuiltLayer:
    moves = Moves({str(root): "/layers/layerwright_python"})
    return BuiltLayer(name="venv", path=built(root) / "venv", contents=contents, moves=moves, owner=OWNER)


def archive(layer: Layer) -> tarfile.TarFile:
    with layer.blobs.open(layer.descriptor) as file:
        content = file.read()
    assert layer.descriptor.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert layer.descriptor.size == len(content)
    plain = gzip.decompress(content)
    assert layer.diff_id == f"sha256:{hashlib.sha256(plain).hexdigest()}"
    return tarfile.open(fileobj=io.BytesIO(plain))


def test_a_layer_is_at_the_path_where_platforms_have_it(tmp_path: Path) -> None:
    found = archive(maker(tmp_path / "images").layer(venv(tmp_path / "somewhere")))
    place = "/layers/layerwright_python/venv"
    assert [member.name for member in found][:4] == [
        "/layers",
        "/layers/layerwright_python",
        place,
        f"{place}/bin",
    ]
    script = found.extractfile(f"{place}/bin/serve")
    assert script is not None
    assert script.read() == f"#!{place}/bin/python\nprint()\n".encode()
    assert (
        found.getmember(f"{place}/bin/python").linkname == "/layers/layerwright_python/python/bin/python3.13"
    )


def test_two_places_give_the_same_bytes(tmp_path: Path) -> None:
    first = maker(tmp_path / "images").layer(venv(tmp_path / "one"))
    second = maker(tmp_path / "others").layer(venv(tmp_path / "another" / "place"))
    assert first.descriptor == second.descriptor


def test_a_layer_that_was_made_is_not_read_again(tmp_path: Path) -> None:
    source = Counted(words="", texts={"/x": "1"})
    first = maker(tmp_path).layer(source)
    again = maker(tmp_path).layer(source)
    assert again.descriptor == first.descriptor
    assert again.diff_id == first.diff_id
    assert len(Counted.read) == 1
    with again.blobs.open(again.descriptor) as file:
        assert len(file.read()) == again.descriptor.size
    assert len(Counted.read) == 1


def test_a_layer_whose_file_was_removed_is_made_again_when_it_is_needed(tmp_path: Path) -> None:
    layer = maker(tmp_path).layer(Counted(words="", texts={"/x": "1"}))
    for file in (tmp_path / "blobs" / "sha256").iterdir():
        file.unlink()
    archive(layer)
    assert len(Counted.read) == 2


def test_a_damaged_record_is_not_used(tmp_path: Path) -> None:
    source = Counted(words="", texts={"/x": "1"})
    maker(tmp_path).layer(source)
    for file in (tmp_path / "layers").iterdir():
        file.write_text("damaged")
    maker(tmp_path).layer(source)
    assert len(Counted.read) == 2


def test_a_layer_whose_contents_are_not_known_is_read_each_time(tmp_path: Path) -> None:
    maker(tmp_path).layer(venv(tmp_path / "one", contents=""))
    assert not (tmp_path / "layers").exists()


def test_a_file_that_cannot_be_moved_is_an_error_that_names_it(tmp_path: Path) -> None:
    source = venv(tmp_path / "one")
    (source.path / "x.so").write_bytes(b"\0" + os.fsencode(tmp_path / "one"))
    with pytest.raises(UserError, match="The layer venv cannot be put into an image") as caught:
        maker(tmp_path).layer(source)
    assert "x.so contains the path" in caught.value.cause
    assert list((tmp_path / "blobs" / "sha256").iterdir()) == []


@pytest.mark.parametrize("change", ["longer", "shorter", "gone"])
def test_a_file_that_changes_meanwhile_is_an_error_and_leaves_nothing(tmp_path: Path, change: str) -> None:
    file = tmp_path / "file"
    if change != "gone":
        file.write_text("12345" if change == "longer" else "1")

    class Changing(Programs):
        def members(self) -> Iterator[tuple[Member, bytes | Path]]:
            yield Member(b"/file", FILE, 0o644, 0, 0, 3), file

    with pytest.raises(SiteError, match="changed while they were read"):
        maker(tmp_path).layer(Changing(words="", texts={}))
    assert list((tmp_path / "blobs" / "sha256").iterdir()) == []


def test_programs_are_executable_in_directories_of_root(tmp_path: Path) -> None:
    found = archive(maker(tmp_path).layer(Programs(words="", texts={"/a/b/c": "1", "/a/d": "2"})))
    assert [(member.name, member.mode, member.uid) for member in found] == [
        ("/a", 0o755, 0),
        ("/a/b", 0o755, 0),
        ("/a/b/c", 0o755, 0),
        ("/a/d", 0o755, 0),
    ]


@pytest.mark.parametrize("compression", list(Compression))
def test_an_archive_of_several_pieces_is_the_same_on_every_number_of_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: Compression
) -> None:
    big = tmp_path / "big"
    big.write_bytes(os.urandom(1 << 20) * 21)
    small = b"x" * 9_000_000
    members: list[tuple[Member, bytes | Path]] = [
        (Member(b"/big", FILE, 0o644, 0, 0, 21 << 20), big),
        (Member(b"/small", FILE, 0o644, 0, 0, len(small)), small),
    ]
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid, cores=cores: range(cores))
        file = io.BytesIO()
        found.append((write_archive(members, file, compression), file.getvalue()))
    assert found[0] == found[1]
    written, content = found[0]
    assert written.size == len(content)
    plain = decompressed(io.BytesIO(content), compression.suffix).read()
    assert written.diff_id == f"sha256:{hashlib.sha256(plain).hexdigest()}"
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert archive.extractfile("/small").read() == small  # type: ignore[union-attr]


def test_a_failure_in_a_large_archive_waits_for_the_other_cores_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(20 << 20))

    class Changing(Programs):
        def members(self) -> Iterator[tuple[Member, bytes | Path]]:
            yield Member(b"/file", FILE, 0o644, 0, 0, 30 << 20), file

    before = threading.active_count()
    with pytest.raises(SiteError, match="changed while they were read"):
        maker(tmp_path).layer(Changing(words="", texts={}))
    assert threading.active_count() == before
    assert list((tmp_path / "blobs" / "sha256").iterdir()) == []


def test_a_large_file_is_written_whole(tmp_path: Path) -> None:
    layer = venv(tmp_path / "one")
    (layer.path / "data").write_bytes(os.urandom(3 << 20))
    found = archive(maker(tmp_path).layer(layer)).extractfile("/layers/layerwright_python/venv/data")
    assert found is not None
    assert found.read() == (layer.path / "data").read_bytes()
