from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.errors import UserError
from layerwright.local.fetch.place import Place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    return tmp_path / "app"


def stage(place: Place, app: Path, text: str) -> None:
    place.prepare(app)
    place.begin()
    (place.staged / "archives" / f"{text}.whl").write_text(text)
    (place.staged / "bundle.json").write_text(text)


def test_a_bundle_gets_its_manifest_last_and_nothing_unfinished_stays(tmp_path: Path, app: Path) -> None:
    place = Place(tmp_path / "bundle")
    stage(place, app, "first")
    (place.staged / "cache.pack").write_text("first")
    assert not (tmp_path / "bundle" / "bundle.json").exists()
    place.complete()
    assert sorted(path.name for path in place.into.iterdir()) == [
        "archives",
        "bundle.json",
        "cache.pack",
        "python",
    ]


def test_a_bundle_that_is_fetched_again_is_incomplete_until_it_is_replaced(tmp_path: Path, app: Path) -> None:
    place = Place(tmp_path / "bundle")
    stage(place, app, "first")
    (place.staged / "cache.pack").write_text("first")
    place.complete()
    (place.into / ".unfinished").mkdir()
    (place.into / ".unfinished" / "kept").touch()
    stage(place, app, "second")
    assert not (place.into / "bundle.json").exists()
    assert (place.scratch / "kept").exists()
    place.complete()
    assert [path.name for path in (place.into / "archives").iterdir()] == ["second.whl"]
    assert (place.into / "bundle.json").read_text() == "second"
    # The new bundle has none.
    assert not (place.into / "cache.pack").exists()


def stop(place: Place, app: Path, written: str = "", text: str = "") -> None:
    with place.prepared(app):
        if written:
            place.into.joinpath(written).parent.mkdir(parents=True, exist_ok=True)
            place.into.joinpath(written).write_text(text)
        raise KeyboardInterrupt


def fail(place: Place, app: Path, written: str = "", text: str = "") -> None:
    with pytest.raises(KeyboardInterrupt):
        stop(place, app, written, text)


@pytest.mark.parametrize("written", ["", ".unfinished/cache/lock", ".unfinished/bundle/archives/acme.whl"])
def test_a_fetch_that_fails_with_no_downloads_leaves_no_directory(
    tmp_path: Path, app: Path, written: str
) -> None:
    fail(Place(tmp_path / "new" / "bundle"), app, written)
    assert [path.name for path in tmp_path.iterdir()] == ["app"]


def test_a_fetch_that_fails_keeps_a_directory_that_was_there_and_what_it_had(
    tmp_path: Path, app: Path
) -> None:
    place = Place(tmp_path / "bundle")
    (place.into / "archives").mkdir(parents=True)
    fail(place, app)
    assert [path.name for path in place.into.iterdir()] == ["archives"]


def test_an_earlier_bundle_is_incomplete_if_downloads_are_added_to_it(tmp_path: Path, app: Path) -> None:
    place = Place(tmp_path / "bundle")
    stage(place, app, "first")
    place.complete()
    fail(place, app)
    assert (place.into / "bundle.json").read_text() == "first"
    assert not place.scratch.exists()
    fail(place, app, ".unfinished/cache/python.part", "half")
    assert not (place.into / "bundle.json").exists()


def test_a_fetch_that_fails_keeps_downloads_for_the_next_one_and_files_of_others(
    tmp_path: Path, app: Path
) -> None:
    place = Place(tmp_path / "bundle")
    fail(place, app, ".unfinished/cache/python.part", "half")
    assert (place.scratch / "cache" / "python.part").read_text() == "half"
    assert not place.staged.exists()
    other = Place(tmp_path / "other")
    fail(other, app, "notes.txt", "mine")
    assert [path.name for path in other.into.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("where", "cause"),
    [
        ("app", "It is in the application, which would then contain the bundle."),
        ("app/bundle", "It is in the application, which would then contain the bundle."),
        ("file", "It is not a directory."),
        ("full", "It has other files: a, b."),
    ],
)
def test_a_directory_for_something_else_is_refused(tmp_path: Path, app: Path, where: str, cause: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    for name in ("a", "b", "archives"):
        (tmp_path / "full" / name).touch()
    with pytest.raises(UserError) as caught:
        Place(tmp_path / where).prepare(app)
    assert (caught.value.reference, caught.value.cause) == ("bundle-place", cause)
