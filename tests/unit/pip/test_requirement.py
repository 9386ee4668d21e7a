"""A requirement is of the kind that pip takes it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import Requirement as Pep508

from layerwright import Project
from layerwright_pip import requirement as module
from layerwright_pip.requirement import Kind, Target, bad_requirement, target, without_credentials

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


@pytest.fixture
def project(app: Application) -> Project:
    app.write("pkg/pyproject.toml", "")
    app.write("wheels/a-1-py3-none-any.whl", b"")
    return Project(app.path)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("flask", Kind.INDEX),
        ("pkg", Kind.INDEX),
        ('flask[async]>=3 ; python_version > "3.9"', Kind.INDEX),
        ("git==1.0", Kind.INDEX),
        ("https://example.com/a-1.zip", Kind.URL),
        ("a @ https://example.com/a-1.zip", Kind.URL),
        ("a[x]@https://example.com/a-1.zip ; os_name == 'posix'", Kind.URL),
        ("git+https://example.com/a#egg=a", Kind.VCS),
        ("a @ hg+ssh://hg@example.com/a", Kind.VCS),
    ],
)
def test_kind_of_what_is_elsewhere(project: Project, text: str, kind: Kind) -> None:
    assert target(text, project).kind is kind


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ("./pkg", Kind.DIRECTORY, "pkg"),
        ("./pkg[extra] ; python_version > '3'", Kind.DIRECTORY, "pkg"),
        (".", Kind.DIRECTORY, "."),
        ("wheels/a-1-py3-none-any.whl", Kind.ARCHIVE, "wheels/a-1-py3-none-any.whl"),
        ("./missing.tar.gz", Kind.ARCHIVE, "missing.tar.gz"),
    ],
)
def test_kind_of_what_is_in_the_application(project: Project, text: str, kind: Kind, path: str) -> None:
    url = (project.root / path).as_uri()
    assert target(text, project) == Target(kind=kind, path=path, url=url)


def test_a_file_url_is_a_directory_or_an_archive(project: Project) -> None:
    directory = (project.root / "pkg").as_uri()
    archive = (project.root / "wheels" / "a-1-py3-none-any.whl").as_uri()
    assert target(directory, project).kind is Kind.DIRECTORY
    assert target(f"a @ {archive}", project) == Target(
        kind=Kind.ARCHIVE, path=str(project.root / "wheels" / "a-1-py3-none-any.whl"), url=archive
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("./pkg[extra]", Kind.DIRECTORY),
        ("pkg", Kind.DIRECTORY),
        ("file:///somewhere/else", Kind.DIRECTORY),
        ("git+https://example.com/a#egg=a", Kind.VCS),
        ("a @ git+https://example.com/a", Kind.VCS),
    ],
)
def test_kind_of_what_is_editable(project: Project, text: str, kind: Kind) -> None:
    assert target(text, project, editable=True).kind is kind


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("flask", ""),
        ("flask == 3.*, != 3.1", ""),
        ("flask ;", ""),
        ("flask ; python_version > '3' and (os_name == 'nt' or extra == 'x')", ""),
        ("git+https://example.com/a", ""),
        ("./pkg", ""),
        ("fla sk", "Expected semicolon"),
        ("flask=3", "an exact version is written with =="),
        ("flask ; python > 3", "Expected a marker"),
        ("./none", "there is no such directory or archive"),
        ("wheels/none.whl", "there is no such archive"),
    ],
)
def test_what_is_wrong_with_a_requirement(project: Project, text: str, problem: str) -> None:
    found = bad_requirement(text, target(text, project), project)
    assert (problem in found) if problem else not found
    assert "\n" not in found


@settings(max_examples=50, deadline=None)
@given(st.from_regex(module._USUAL, fullmatch=True))
def test_a_usual_requirement_is_one_by_the_standard(text: str) -> None:
    Pep508(text)


@settings(max_examples=50, deadline=None)
@given(st.from_regex(module._USUAL_MARKER, fullmatch=True))
def test_a_usual_marker_is_one_by_the_standard(text: str) -> None:
    Marker(text)


def test_credentials_are_taken_out_of_urls_only() -> None:
    text = "a @ https://user:pass@example.com/a b@example.com git+ssh://git@example.com/x"
    assert without_credentials(text) == "a @ https://example.com/a b@example.com git+ssh://example.com/x"
