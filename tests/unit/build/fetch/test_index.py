from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from layerwright.build.fetch.index import project_of, write_index

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("filename", "project"),
    [
        ("Typing_Extensions-4.0-py3-none-any.whl", "typing-extensions"),
        ("acme-1.0.tar.gz", "acme"),
        ("zope-interface-5.0.zip", "zope-interface"),
        ("strange", "strange"),
    ],
)
def test_an_archive_belongs_to_the_project_in_its_name(filename: str, project: str) -> None:
    assert project_of(filename) == project


def test_each_project_has_a_page_with_relative_links_and_hashes(tmp_path: Path) -> None:
    (tmp_path / "archives").mkdir()
    for name in ("acme-1.0.tar.gz", "acme-1.0-py3-none-any.whl", "base-2+local-py3-none-any.whl"):
        (tmp_path / "archives" / name).write_text(name)

    write_index(tmp_path)

    assert sorted(path.name for path in (tmp_path / "simple").iterdir()) == ["acme", "base"]
    page = (tmp_path / "simple" / "acme" / "index.html").read_text()
    digest = hashlib.sha256(b"acme-1.0.tar.gz").hexdigest()
    assert f'<a href="../../archives/acme-1.0.tar.gz#sha256={digest}">acme-1.0.tar.gz</a>' in page
    assert page.count("<a ") == 2
    # In a URL, a plus may mean a space.
    assert (
        "archives/base-2%2Blocal-py3-none-any.whl#"
        in (tmp_path / "simple" / "base" / "index.html").read_text()
    )
