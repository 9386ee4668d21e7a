from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.venv._occasion import forget_occasion

if TYPE_CHECKING:
    from pathlib import Path


def write(site_packages: Path, name: str, record: str, *files: str) -> Path:
    directory = site_packages / f"{name}.dist-info"
    directory.mkdir(parents=True)
    for file in files:
        (directory / file).write_text("x")
    (directory / "RECORD").write_bytes(record.encode())
    return directory


def test_what_says_nothing_of_the_content_is_taken_out_of_the_record_as_well(tmp_path: Path) -> None:
    lines = [
        "a.py,sha256=1,1\r\n",
        "a-1.dist-info/REQUESTED,sha256=2,0\r\n",
        "a-1.dist-info/uv_cache.json,sha256=3,9\r\n",
    ]
    lines += ["REQUESTED,sha256=4,1\r\n", "b-1.dist-info/REQUESTED,,\r\n", "a-1.dist-info/RECORD,,\r\n"]
    directory = write(tmp_path, "a-1", "".join(lines), "REQUESTED", "uv_cache.json", "direct_url.json")
    other = tmp_path / "kept-aside"
    other.hardlink_to(directory / "RECORD")

    forget_occasion(tmp_path)

    assert (directory / "RECORD").read_bytes().decode() == "".join([lines[0], *lines[3:]])
    assert sorted(path.name for path in directory.iterdir()) == ["RECORD", "direct_url.json"]
    assert other.read_bytes().decode() == "".join(lines)


def test_a_distribution_without_them_is_left_alone(tmp_path: Path) -> None:
    directory = write(tmp_path, "a-1", "a-1.dist-info/REQUESTED,,\n")
    before = (directory / "RECORD").stat().st_ino
    forget_occasion(tmp_path)
    assert (directory / "RECORD").stat().st_ino == before
