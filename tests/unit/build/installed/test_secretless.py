from __future__ import annotations

import csv
import hashlib
import json
import os
import stat
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.secretless import (
    hide_in_metadata,
    holds_secret,
    new_report,
    read_report,
    without_secrets,
)
from layerwright.contract.sameness import Resolved
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t-t0ken"


def distribution(site_packages: Path, files: dict[str, str], *, recorded: bool = True) -> Path:
    """Put the metadata *files* of a distribution there, with a ``RECORD`` of them."""
    place = site_packages / "acme-1.dist-info"
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text)
    if recorded:
        names = [f"acme-1.dist-info/{name}" for name in files]
        rows = [f"{name},sha256=old,1\n" for name in names] + ["acme.py,,\n", "acme-1.dist-info/RECORD,,\n"]
        (place / "RECORD").write_text("".join(rows))
    return place


# What is installed


def test_the_secret_of_an_archives_url_is_taken_out_and_the_record_is_right(tmp_path: Path) -> None:
    url = json.dumps({"url": "https://me:secret@example.com/acme.whl?sig=abcdef", "archive_info": {}})
    place = distribution(tmp_path, {"direct_url.json": url, "METADATA": "Name: acme\n"})
    before = (place / "direct_url.json").stat().st_ino

    hide_in_metadata(tmp_path)

    content = (place / "direct_url.json").read_bytes()
    assert json.loads(content)["url"] == "https://****@example.com/acme.whl?sig=****"
    assert (place / "direct_url.json").stat().st_ino != before, "a cache may have it by a hard link"
    rows = {row[0]: row[1:] for row in csv.reader((place / "RECORD").read_text().splitlines())}
    digest = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    assert rows == {
        "acme-1.dist-info/direct_url.json": [f"sha256={digest}", str(len(content))],
        "acme-1.dist-info/METADATA": ["sha256=old", "1"],
        "acme.py": ["", ""],
        "acme-1.dist-info/RECORD": ["", ""],
    }


def test_a_known_secret_is_taken_out_of_all_metadata_and_an_example_stays(tmp_path: Path) -> None:
    KNOWN.learn([SECRET])
    text = (
        f"Name: acme\nRequires-Dist: b @ https://{SECRET}@example.com/\n\nSee https://me:secret@example.com/"
    )
    place = distribution(tmp_path, {"METADATA": text, "large.txt": SECRET * 100_000})
    (place / "licenses").mkdir()

    hide_in_metadata(tmp_path)

    assert (place / "METADATA").read_text() == text.replace(SECRET, "****")
    assert (place / "large.txt").read_text().startswith(SECRET), "nothing of a megabyte is metadata"


def test_a_distribution_without_a_record_is_left_for_others_to_complain_of(tmp_path: Path) -> None:
    place = distribution(tmp_path, {"direct_url.json": '{"url": "https://a:b@example.com"}'}, recorded=False)
    hide_in_metadata(tmp_path)
    assert (place / "direct_url.json").read_text() == '{"url": "https://****@example.com"}'
    assert not (place / "RECORD").exists()


def test_a_resolved_set_is_recorded_without_secrets() -> None:
    resolved = [
        Resolved(name="a", version="1", url="https://example.com/a.whl?token=abcd"),
        Resolved(name="b", version="1"),
    ]
    assert without_secrets(resolved) == (
        Resolved(name="a", version="1", url="https://example.com/a.whl?token=****"),
        Resolved(name="b", version="1"),
    )


# A cache


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    cache = tmp_path / "cache-acme"
    (cache / "http" / "a").mkdir(parents=True)
    (cache / "http" / "a" / "page").write_text("a link")
    (cache / "link").symlink_to("/nowhere")
    large = cache / "large"
    large.write_text(SECRET)
    os.truncate(large, 9_000_000)
    return cache


def test_a_cache_holds_a_secret_if_a_file_in_it_does_that_is_new(cache: Path) -> None:
    KNOWN.learn([SECRET])
    assert not holds_secret(cache, since=0)
    (cache / "http" / "other").write_text(f"a link with {SECRET}")
    assert holds_secret(cache, since=0)
    os.utime(cache / "http" / "other", (1000, 1000))
    assert not holds_secret(cache, since=1001)


def test_without_secrets_no_cache_is_looked_into(cache: Path) -> None:
    (cache / "http" / "other").write_text(f"a link with {SECRET}")
    assert not holds_secret(cache, since=0)


# A report


def test_only_its_owner_can_read_a_report(tmp_path: Path) -> None:
    report, elsewhere = tmp_path / "report.json", tmp_path / "elsewhere"
    elsewhere.write_text("not ours")
    report.symlink_to(elsewhere)

    new_report(report)

    assert stat.S_IMODE(report.lstat().st_mode) == 0o600
    assert elsewhere.read_text() == "not ours"
    with pytest.raises(FileNotFoundError, match="nothing was written"):
        read_report(report)
    report.write_text("{}")
    assert read_report(report) == "{}"
