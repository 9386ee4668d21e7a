from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.build.installed.dist_info import Installed, differences, installed_in
from layerwright.contract.sameness import Resolved

if TYPE_CHECKING:
    from pathlib import Path

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: of the description\n"


def install(
    site_packages: Path,
    name: str,
    version: str,
    *,
    metadata: str | None = METADATA,
    record: str | None = "",
    direct_url: object = None,
) -> None:
    directory = site_packages / f"{name}-{version}.dist-info"
    directory.mkdir(parents=True)
    if metadata is not None:
        (directory / "METADATA").write_text(metadata.format(name=name, version=version))
    if record is not None:
        (directory / "RECORD").write_text(record)
    if direct_url is not None:
        text = direct_url if isinstance(direct_url, str) else json.dumps(direct_url)
        (directory / "direct_url.json").write_text(text)


# Reading


def test_nothing_is_installed_where_there_is_nothing(tmp_path: Path) -> None:
    assert installed_in(tmp_path / "absent") == installed_in(tmp_path) == ()


def test_what_is_installed_is_known_by_its_metadata(tmp_path: Path) -> None:
    install(tmp_path, "Zope.Interface", "7.0")
    install(tmp_path, "flask", "3.1.0", metadata="version: 3.1.0\nNAME: Flask\r\nHome-page: x\n")
    (tmp_path / "module.py").touch()
    assert installed_in(tmp_path) == (
        Installed(name="flask", version="3.1.0"),
        Installed(name="zope-interface", version="7.0"),
    )


@pytest.mark.parametrize(
    ("metadata", "record"),
    [
        (None, ""),
        (METADATA, None),
        ("Name: flask\n", ""),
        ("Version: 3.1.0\n", ""),
        ("Name:\nVersion: 3.1.0\n", ""),
        ("\n\nName: flask\nVersion: 3.1.0\n", ""),
    ],
)
def test_a_damaged_distribution_is_not_installed(
    tmp_path: Path, metadata: str | None, record: str | None
) -> None:
    install(tmp_path, "flask", "3.1.0", metadata=metadata, record=record)
    assert installed_in(tmp_path) == ()


@pytest.mark.parametrize(
    ("direct_url", "url"),
    [
        ({"url": "https://example.com/a.whl", "archive_info": {}}, "https://example.com/a.whl"),
        ({"url": "file:///app/lib", "dir_info": {"editable": True}}, "file:///app/lib"),
        (
            {"url": "https://example.com/a.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            "https://example.com/a.git@c0ffee",
        ),
        ({"vcs_info": {}}, ""),
        ({"url": "https://example.com/a.git", "vcs_info": "git"}, ""),
        (["https://example.com/a.whl"], ""),
        ("no JSON", ""),
    ],
)
def test_a_direct_reference_has_its_url_and_its_commit(tmp_path: Path, direct_url: object, url: str) -> None:
    install(tmp_path, "a", "1.0", direct_url=direct_url)
    assert installed_in(tmp_path) == (Installed(name="a", version="1.0", url=url),)


# Differences


FLASK = Resolved(name="flask", version="3.1.0", hashes=("sha256:1",))
LOCAL = Resolved(name="local", version="1.0", url="file:///app/lib")


def test_two_equal_sets_have_no_difference() -> None:
    installed = [
        Installed(name="local", version="1.0", url="file:///app/lib"),
        Installed(name="flask", version="3.1.0"),
    ]
    assert differences(installed, [FLASK, LOCAL]) == ()
    assert differences([], []) == ()


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        ([], ["flask 3.1.0 is not installed", "local 1.0 is not installed"]),
        (
            [
                Installed(name="flask", version="3.0.0"),
                Installed(name="local", version="1.0"),
                Installed(name="other", version="1.0"),
            ],
            [
                "flask is installed in version 3.0.0, not 3.1.0",
                "local came from the index, not file:///app/lib",
                "other 1.0 is installed but was not resolved",
            ],
        ),
        (
            [
                Installed(name="flask", version="3.1.0", url="https://example.com/flask.whl"),
                Installed(name="local", version="1.0", url="file:///elsewhere"),
            ],
            [
                "flask came from https://example.com/flask.whl, not the index",
                "local came from file:///elsewhere, not file:///app/lib",
            ],
        ),
        (
            [
                Installed(name="flask", version="3.1.0"),
                Installed(name="flask", version="3.0.0"),
                Installed(name="local", version="1.0", url="file:///app/lib"),
            ],
            ["flask is installed in version 3.0.0, not 3.1.0"],
        ),
    ],
)
def test_each_difference_is_reported(installed: list[Installed], found: list[str]) -> None:
    assert differences(installed, [FLASK, LOCAL]) == tuple(found)
