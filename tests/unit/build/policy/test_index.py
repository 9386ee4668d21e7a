from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.policy.candidate import Archive
from layerwright.build.policy.indexes.default import default_index
from layerwright.build.policy.indexes.index import Index, Page, pages_of, read_page
from layerwright.errors import SiteError
from layerwright.pythons.interpreter import Interpreter
from layerwright.testing.distributions import wheel
from layerwright.testing.loopback.index import PackageIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INDEX = "https://a.example.com/simple"


@pytest.fixture
def served() -> Iterator[PackageIndex]:
    with PackageIndex() as index:
        index.add(wheel("acme", "1.0"))
        yield index


def page(served: PackageIndex, project: str = "acme", **environment: str) -> Page:
    return Index(served.url, environment).page(project)


def test_an_index_says_when_an_archive_was_uploaded_and_whether_it_is_yanked(served: PackageIndex) -> None:
    served.say_uploaded("acme", "1.0", "2026-01-02T03:04:05Z")
    served.yank("acme", "1.0", "broken")
    served.set_status("acme", "archived", "use base")
    (archive,) = page(served).archives
    assert archive.filename == "acme-1.0-py3-none-any.whl"
    assert (archive.uploaded, archive.yanked) == ("2026-01-02T03:04:05Z", "broken")
    assert (page(served).status, page(served).status_reason) == ("archived", "use base")


def test_a_yanked_archive_needs_no_reason(served: PackageIndex) -> None:
    served.yank("acme", "1.0")
    assert page(served).archives[0].yanked == ""


def test_a_project_in_quarantine_has_a_page_without_files(served: PackageIndex) -> None:
    served.set_status("acme", "quarantined")
    assert page(served) == Page(status="quarantined")


def test_a_project_that_the_index_does_not_have_is_no_error(served: PackageIndex) -> None:
    assert page(served, "base") == Page()


def test_an_index_without_json_says_nothing(served: PackageIndex) -> None:
    served.has_json = False
    assert page(served).unreadable == f"{served.url} has no JSON (PEP 691)"


def test_an_index_that_is_a_directory_says_nothing() -> None:
    assert (
        Index("file:///srv/simple", {}).page("acme").unreadable == "file:///srv/simple is not served by HTTP"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "sends JSON that cannot be read"),
        (b"[" * 100_000, "sends JSON that cannot be read"),
        (b"[]", "sends JSON that is no page of a project"),
        (b'{"files": 3}', "sends JSON that is no page of a project"),
    ],
)
def test_a_page_that_is_none_says_nothing(content: bytes, words: str) -> None:
    assert read_page(content, INDEX) == Page(unreadable=f"{INDEX} {words}")


def test_what_has_the_wrong_type_is_left_out() -> None:
    files: list[Any] = [
        3,
        {"filename": 1, "hashes": [], "upload-time": 5, "yanked": False},
        {"filename": "a", "hashes": {"sha256": "AB"}, "yanked": True},
    ]
    found = read_page(json.dumps({"files": files, "project-status": "archived"}).encode(), INDEX)
    assert found == Page(
        archives=(Archive(), Archive(filename="a", hashes=frozenset({"sha256:ab"}), yanked="")),
    )


def test_credentials_are_those_of_the_url_or_of_netrc(served: PackageIndex, tmp_path: Path) -> None:
    location = served.require_login("me", "s3cr@t")
    assert Index(location, {}).page("acme").archives
    assert "@" not in Index(location, {}).shown
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password s3cr@t\n")
    assert page(served, HOME=str(tmp_path)).archives
    assert page(served, NETRC=str(tmp_path / ".netrc")).archives


@pytest.mark.parametrize("netrc", ["machine other login me password x\n", "machine\n", ""])
def test_an_index_that_refuses_the_login_is_an_error(
    served: PackageIndex, tmp_path: Path, netrc: str
) -> None:
    served.require_login("me", "s3cr@t")
    (tmp_path / ".netrc").write_text(netrc)
    with pytest.raises(SiteError) as caught:
        page(served, HOME=str(tmp_path))
    assert caught.value.summary == f"The package index {served.url} could not be asked about acme."
    assert caught.value.cause.startswith("It answers 401 ")
    assert not caught.value.transient


def test_an_index_that_is_busy_is_asked_again(served: PackageIndex) -> None:
    served.fail("/simple/acme/", times=2)
    assert page(served).archives
    served.fail("/simple/acme/")
    with pytest.raises(SiteError, match="could not be asked about acme") as caught:
        page(served)
    assert caught.value.transient


def test_an_index_that_cannot_be_reached_is_an_error(served: PackageIndex) -> None:
    served.close()
    with pytest.raises(SiteError) as caught:
        page(served)
    assert "Connection refused" in caught.value.cause
    assert caught.value.transient


def test_the_certificates_are_those_that_installers_trust(served: PackageIndex) -> None:
    with pytest.raises(SiteError, match="could not be asked about acme") as caught:
        page(served, PIP_CERT="/nowhere/ca.pem")
    assert "No such file" in caught.value.cause


def test_several_pages_come_in_order(served: PackageIndex) -> None:
    index = Index(served.url, {})
    found = pages_of([(index, "base"), (index, "acme")])
    assert [bool(one.archives) for one in found] == [False, True]


class Bundled:
    """An interpreter whose bundled pip has a module with *text*."""

    def __init__(self, root: Path) -> None:
        self.interpreter = Interpreter(version="3.13.0", prefix=root)
        self._directory = root / "lib" / "python3.13" / "ensurepip" / "_bundled"
        self._directory.mkdir(parents=True)

    def write(self, text: str | None) -> None:
        from zipfile import ZipFile

        with ZipFile(self._directory / "pip-1-py3-none-any.whl", "w") as archive:
            archive.writestr("pip/x.py", "")
            if text is not None:
                archive.writestr("pip/_internal/models/index.py", text)


def test_the_default_index_is_the_one_that_the_bundled_pip_knows(tmp_path: Path) -> None:
    bundled = Bundled(tmp_path)
    assert default_index(bundled.interpreter) == ""
    bundled.write(None)
    assert default_index(bundled.interpreter) == ""
    bundled.write("PyPI = None\n")
    assert default_index(bundled.interpreter) == ""
    bundled.write(
        'X = 1\nPyPI = PackageIndex("https://index.example.com/", file_storage_domain="f.example.com")\n'
    )
    assert default_index(bundled.interpreter) == "https://index.example.com/simple/"


def test_the_pip_that_is_bundled_here_knows_one() -> None:
    import sys
    from pathlib import Path

    here = Interpreter(version=".".join(map(str, sys.version_info[:3])), prefix=Path(sys.base_prefix))
    assert default_index(here).startswith("https://")
