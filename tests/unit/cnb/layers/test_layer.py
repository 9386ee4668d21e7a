from __future__ import annotations

import os
import stat
import tomllib
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes, RestoredLayer
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

BUILD = LayerTypes(build=True, cache=True)
NONE = LayerEnv()
ENV = LayerEnv().prepend("PATH", "/x").default("A", "1", scope=Scope.LAUNCH)


@pytest.fixture
def layers(tmp_path: Path) -> LayersDirectory:
    return LayersDirectory(tmp_path / "layers")


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


# What a lifecycle leaves of the last build: never types, and numbers that came through JSON.
RECORDS = {
    "metadata": '[metadata]\nversion = "1"\nsize = 12345678901234567168.0\n[metadata.inputs]\na = 1.0\n',
    "no metadata": "",
    "metadata that is no table": 'metadata = "words"',
    "damaged": "[metadata",
}
STATES = [
    pytest.param(record, contents, id=f"{record or 'nothing'}{' and contents' * contents}")
    for record, contents in product([None, *RECORDS], [False, True])
]
TYPES = [
    pytest.param(types, id=types.words or "no type")
    for types in (LayerTypes(build=b, launch=r, cache=c) for b, r, c in product([True, False], repeat=3))
]


def restore(layers: LayersDirectory, record: str | None, *, contents: bool) -> None:
    """Have in the layers directory what there is of the layer "a" before a build."""
    layers.path.mkdir(exist_ok=True)
    if record is not None:
        (layers.path / "a.toml").write_text(RECORDS[record])
        (layers.path / "a.sbom.cdx.json").touch()
    if contents:
        for relative in ("protected/file", "env/STALE.override", "env.launch/web/STALE.default"):
            file = layers.path / "a" / relative
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("stale")
        (layers.path / "a" / "protected").chmod(0o555)


class Retired:
    """A platform that keeps what it is given, and notes what there was at that moment."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self.log: list[str] = []

    def retire(self, path: Path) -> None:
        self.log.append(f"retire {path.name}")
        path.rename(self._kept / path.name)

    def preserve(self, name: str) -> Path | None:
        self.log.append(f"preserve {name}")
        return Path("/aside", name)


def make(layers: LayersDirectory, name: str, *, env: LayerEnv = NONE) -> Path:
    path = layers.create(name)
    (path / "file").write_text("contents")
    layers.write(name, types=BUILD, metadata={"version": "1", "inputs": {"a": "b"}}, env=env)
    return path


def make_again(layers: LayersDirectory) -> None:
    layers.write("a", types=BUILD, metadata={"version": "1", "inputs": {"a": "b"}}, env=NONE)


def test_the_types_are_named_in_the_order_of_the_specification() -> None:
    assert LayerTypes(cache=True, build=True, launch=True).words == "build, launch, cache"
    assert LayerTypes(launch=True).words == "launch"
    assert LayerTypes().words == ""


@pytest.mark.parametrize("name", ["", "build", "launch", "store", "sbom", "a/b", "..", "a.b", ".hidden"])
def test_some_names_are_no_layer_names(layers: LayersDirectory, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a layer"):
        layers.layer_path(name)
    with pytest.raises(ValueError, match="cannot be the name of a layer"):
        layers.invalidate(name)


def test_a_layer_has_its_name_from_its_directory_or_its_toml(layers: LayersDirectory) -> None:
    assert layers.names() == ()
    make(layers, "both")
    (layers.path / "directory").mkdir()
    (layers.path / "record.toml").touch()
    for other in ("launch.toml", "build.toml", "store.toml", ".both.toml.tmp", "a.sbom.cdx.json", "file"):
        (layers.path / other).touch()
    (layers.path / ".private").mkdir()

    assert layers.names() == ("both", "directory", "record")


def test_a_written_layer_is_restored_as_it_was_written(layers: LayersDirectory) -> None:
    path = make(layers, "a")

    assert layers.restored("a") == RestoredLayer(
        name="a",
        path=path,
        contents=True,
        metadata={"version": "1", "inputs": {"a": "b"}},
        types=BUILD,
    )


def test_a_platform_that_restores_all_contents_has_no_absent_layers(layers: LayersDirectory) -> None:
    layers.leave_out("acme")
    layers.finish()
    assert not layers.has_absent
    assert [layers.outline("acme", LayerEnv()), layers.bring("acme")] == [False, False]
    assert layers.names() == ()


def test_a_layer_that_was_never_made_is_restored_as_nothing(layers: LayersDirectory) -> None:
    restored = layers.restored("a")

    assert restored == RestoredLayer(name="a", path=layers.path / "a", contents=False, metadata=None)


def test_a_layer_that_was_discarded_for_a_reason_says_the_reason(layers: LayersDirectory) -> None:
    make(layers, "a")
    layers.discard("a", because="--clean")

    restored = layers.restored("a")

    assert restored == RestoredLayer(
        name="a", path=layers.path / "a", contents=False, metadata=None, discarded="--clean"
    )


def test_metadata_comes_back_without_contents_from_an_image(layers: LayersDirectory) -> None:
    layers.path.mkdir()
    (layers.path / "a.toml").write_text('[metadata]\nversion = "1"\nbig = 1.0')

    restored = layers.restored("a")

    assert (restored.contents, restored.types) == (False, None)
    assert restored.metadata == {"version": "1", "big": 1.0}


def test_contents_come_back_without_metadata(layers: LayersDirectory) -> None:
    make(layers, "a")
    layers.invalidate("a")

    restored = layers.restored("a")

    assert (restored.contents, restored.metadata, restored.problem) == (True, None, "")


def test_a_symlink_is_not_the_contents_of_a_layer(layers: LayersDirectory, tmp_path: Path) -> None:
    layers.path.mkdir()
    (layers.path / "a").symlink_to(tmp_path)

    assert not layers.restored("a").contents


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[metadata", "a.toml is not valid TOML: "),
        (b"\xff", "a.toml is not valid TOML: "),
        (b"metadata = 'words'", "the metadata in a.toml is not a table"),
    ],
)
def test_a_damaged_record_is_a_problem_and_not_an_error(
    layers: LayersDirectory, content: bytes, problem: str
) -> None:
    make(layers, "a")
    (layers.path / "a.toml").write_bytes(content)

    restored = layers.restored("a")

    assert restored.contents
    assert restored.metadata is None
    assert restored.problem.startswith(problem)


def test_a_record_that_cannot_be_read_is_a_problem_and_not_an_error(layers: LayersDirectory) -> None:
    (layers.path / "a.toml").mkdir(parents=True)

    assert layers.restored("a").problem == "a.toml cannot be read: Is a directory"


def test_a_record_without_metadata_is_an_empty_one(layers: LayersDirectory) -> None:
    layers.path.mkdir()
    (layers.path / "a.toml").write_text("[types]\nlaunch = true\ncache = 'yes'")

    restored = layers.restored("a")

    assert restored.metadata == {}
    assert restored.types == LayerTypes(launch=True)


def test_an_invalidated_layer_keeps_its_contents_and_loses_its_record(layers: LayersDirectory) -> None:
    path = make(layers, "a")

    layers.invalidate("a")
    layers.invalidate("a")

    assert (path / "file").read_text() == "contents"
    assert not (layers.path / "a.toml").exists()


def test_a_discarded_layer_leaves_nothing_behind(layers: LayersDirectory) -> None:
    make(layers, "a")
    for sbom_format in ("cdx", "spdx", "syft"):
        (layers.path / f"a.sbom.{sbom_format}.json").touch()
    make(layers, "a-b")

    layers.discard("a")
    layers.discard("a")

    assert sorted(path.name for path in layers.path.iterdir()) == ["a-b", "a-b.toml"]


def test_a_created_layer_is_an_empty_directory_that_everyone_can_read(layers: LayersDirectory) -> None:
    make(layers, "a")

    path = layers.create("a")

    assert not list(path.iterdir())
    assert path.stat().st_mode & 0o777 == 0o755
    assert layers.restored("a").metadata is None


def test_a_layer_loses_its_record_before_its_contents(layers: LayersDirectory, tmp_path: Path) -> None:
    make(layers, "a")
    platform = Retired(tmp_path)
    keeping = LayersDirectory(layers.path, retire=platform.retire, preserve=platform.preserve)

    keeping.create("a")

    assert platform.log == ["retire a.toml", "retire a"]
    assert (tmp_path / "a" / "file").read_text() == "contents"


def test_a_layer_is_preserved_before_it_is_updated(layers: LayersDirectory, tmp_path: Path) -> None:
    path = make(layers, "a")
    platform = Retired(tmp_path)
    keeping = LayersDirectory(layers.path, retire=platform.retire, preserve=platform.preserve)

    assert keeping.prepare_update("a") == Path("/aside/a")

    assert platform.log == ["preserve a", "retire a.toml"]
    assert (path / "file").exists()


def test_a_platform_that_brings_nothing_back_needs_no_preservation(layers: LayersDirectory) -> None:
    make(layers, "a")

    layers.prepare_update("a")

    assert not (layers.path / "a.toml").exists()


@pytest.mark.parametrize(("record", "contents"), STATES)
def test_every_restored_state_is_distinguished_from_the_others(
    layers: LayersDirectory, record: str | None, *, contents: bool
) -> None:
    restore(layers, record, contents=contents)

    restored = layers.restored("a")

    assert restored.contents is contents
    assert restored.types is None
    assert bool(restored.problem) is (record in {"damaged", "metadata that is no table"})
    assert (restored.metadata is None) is (record is None or bool(restored.problem))
    assert bool(restored.metadata) is (record == "metadata")
    assert layers.names() == (("a",) if contents or record is not None else ())


@pytest.mark.parametrize("types", TYPES)
@pytest.mark.parametrize(("record", "contents"), STATES)
def test_new_layers_are_empty_whatever_was_restored(
    layers: LayersDirectory, record: str | None, types: LayerTypes, *, contents: bool
) -> None:
    restore(layers, record, contents=contents)

    path = layers.create("a")
    assert [found.name for found in layers.path.iterdir()] == ["a"]
    assert not list(path.iterdir())

    layers.write("a", types=types, metadata={"version": "2"}, env=NONE)
    assert layers.restored("a") == RestoredLayer(
        name="a", path=path, contents=True, metadata={"version": "2"}, types=types
    )
    assert sorted(found.name for found in layers.path.iterdir()) == ["a", "a.toml"]


@pytest.mark.parametrize("types", TYPES)
@pytest.mark.parametrize("record", [None, *RECORDS])
def test_kept_layers_lose_stale_env_and_sbom_files_and_get_their_types_again(
    layers: LayersDirectory, record: str | None, types: LayerTypes
) -> None:
    restore(layers, record, contents=True)

    layers.write("a", types=types, metadata={"version": "2"}, env=ENV)

    restored = layers.restored("a")
    assert (restored.types, restored.metadata) == (types, {"version": "2"})
    assert all((restored.path / name).read_bytes() == content for name, content in ENV.files().items())
    assert not list(restored.path.rglob("STALE*"))
    assert (restored.path / "protected" / "file").exists()
    assert sorted(found.name for found in layers.path.iterdir()) == ["a", "a.toml"]


@pytest.mark.parametrize("types", TYPES)
@pytest.mark.parametrize("record", [None, *RECORDS])
def test_a_layer_without_contents_is_never_declared_complete(
    layers: LayersDirectory, record: str | None, types: LayerTypes
) -> None:
    restore(layers, record, contents=False)

    with pytest.raises(NotADirectoryError):
        layers.write("a", types=types, metadata={"version": "1"}, env=NONE)

    assert not (layers.path / "a.toml").exists()


def test_contents_that_went_missing_are_noticed_though_the_record_is_right(layers: LayersDirectory) -> None:
    path = make(layers, "a")
    remove_tree(path)

    with pytest.raises(NotADirectoryError):
        make_again(layers)


def test_a_kept_layer_keeps_its_sboms_and_a_changed_one_loses_them(layers: LayersDirectory) -> None:
    make(layers, "a")
    layers.write_sboms("a", {"cdx": b"1", "spdx": b"2"})
    assert layers.sbom_formats("a") == {"cdx", "spdx"}

    # A lifecycle restores no types.
    document = layers.path / "a.toml"
    document.write_text(
        document.read_text().partition("[metadata]")[1] + document.read_text().partition("[metadata]")[2]
    )
    make_again(layers)
    assert layers.sbom_path("a", "cdx").read_bytes() == b"1"

    layers.write_sboms("a", {"cdx": b"3"})
    assert layers.sbom_formats("a") == {"cdx"}
    layers.write("a", types=BUILD, metadata={"version": "other"}, env=NONE)
    assert not layers.sbom_path("a", "cdx").exists()


def test_what_is_in_the_place_of_environment_files_is_gone_from_a_kept_layer(
    layers: LayersDirectory, tmp_path: Path
) -> None:
    path = make(layers, "a")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "STALE.override").touch()
    (path / "env").touch()
    (path / "env.build").mkdir()
    (path / "env.build" / "STALE").symlink_to("absent")
    (path / "env.launch").mkdir()
    (path / "env.launch" / "web").symlink_to(outside)

    make_again(layers)

    assert [found.name for found in path.iterdir()] == ["file"]
    assert (outside / "STALE.override").exists()


@pytest.mark.parametrize("mask", [0o077, 0o000])
def test_umask_does_not_decide_who_can_read_what_is_written(layers: LayersDirectory, mask: int) -> None:
    layers.path.mkdir()
    with umask(mask):
        path = layers.create("a")
        layers.write("a", types=BUILD, metadata={}, env=ENV.override("A", "1", scope=Scope.process("web")))

    found = {
        str(file.relative_to(layers.path)): stat.S_IMODE(file.stat().st_mode)
        for file in layers.path.rglob("*")
    }
    assert {mode for name, mode in found.items() if (layers.path / name).is_dir()} == {0o755}
    assert {mode for name, mode in found.items() if (layers.path / name).is_file()} == {0o644}
    assert "a/env.launch/web/A.override" in found
    assert path.is_dir()


def test_the_environment_of_a_write_protected_layer_is_replaced(as_an_ordinary_user: Path) -> None:
    layers = LayersDirectory(as_an_ordinary_user)
    path = make(layers, "a", env=ENV)
    for directory in (path / "env", path / "env.launch", path):
        directory.chmod(0o555)

    make_again(layers)

    assert [found.name for found in path.iterdir()] == ["file"]


def test_a_write_protected_layer_is_recreated(as_an_ordinary_user: Path) -> None:
    layers = LayersDirectory(as_an_ordinary_user)
    path = make(layers, "a")
    path.chmod(0o555)

    layers.create("a")

    assert not list(path.iterdir())


def test_the_record_has_types_and_metadata_as_the_specification_names_them(layers: LayersDirectory) -> None:
    make(layers, "a")

    assert tomllib.loads((layers.path / "a.toml").read_text()) == {
        "types": {"build": True, "launch": False, "cache": True},
        "metadata": {"version": "1", "inputs": {"a": "b"}},
    }


def test_the_environment_of_a_layer_is_what_was_written_last(layers: LayersDirectory) -> None:
    path = make(layers, "a", env=ENV.override("GONE", "x", scope=Scope.process("web")))

    layers.write("a", types=BUILD, metadata={}, env=ENV)

    assert all((path / name).read_bytes() == content for name, content in ENV.files().items())
    assert sorted(str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()) == [
        "env.launch/A.default",
        "env/PATH.delim",
        "env/PATH.prepend",
        "file",
    ]
    assert (path / "env" / "PATH.prepend").read_bytes() == b"/x"


def test_a_foreign_environment_file_does_not_stay_in_a_kept_layer(layers: LayersDirectory) -> None:
    path = make(layers, "a")
    (path / "env.build").mkdir()
    (path / "env.build" / "STALE").touch()

    layers.write("a", types=BUILD, metadata={}, env=LayerEnv())

    assert not (path / "env.build").exists()


def test_a_layer_that_is_so_already_is_not_written_again(layers: LayersDirectory, tmp_path: Path) -> None:
    make(layers, "a", env=ENV)
    platform = Retired(tmp_path)
    record = (layers.path / "a.toml").stat()

    LayersDirectory(layers.path, retire=platform.retire).write(
        "a", types=BUILD, metadata={"inputs": {"a": "b"}, "version": "1"}, env=ENV
    )

    assert platform.log == []
    assert (layers.path / "a.toml").stat() == record


def test_a_record_replaces_a_damaged_one(layers: LayersDirectory) -> None:
    make(layers, "a")
    (layers.path / "a.toml").write_text("[metadata")

    layers.write("a", types=BUILD, metadata={"version": "2"}, env=LayerEnv())

    assert layers.restored("a").metadata == {"version": "2"}


def test_a_record_that_is_a_directory_is_replaced(layers: LayersDirectory) -> None:
    layers.create("a")
    (layers.path / "a.toml").mkdir()

    layers.write("a", types=BUILD, metadata={}, env=LayerEnv())

    assert layers.restored("a").metadata == {}


def test_a_layer_whose_environment_cannot_be_written_is_not_trusted(layers: LayersDirectory) -> None:
    make(layers, "a")
    remove_tree(layers.path / "a")
    (layers.path / "a").write_text("a file, and no directory")

    with pytest.raises(NotADirectoryError):
        layers.write("a", types=BUILD, metadata={}, env=ENV)

    assert not (layers.path / "a.toml").exists()


@pytest.mark.parametrize("value", [1, 1.0, True, None, ["a"], {"a": 1}, {"a": {"b": "c"}}])
def test_metadata_that_json_would_change_is_refused(layers: LayersDirectory, value: object) -> None:
    make(layers, "a")

    with pytest.raises(TypeError, match="metadata is strings and tables of strings; key is "):
        layers.write("a", types=BUILD, metadata={"key": value}, env=LayerEnv())

    assert layers.restored("a").metadata == {"version": "1", "inputs": {"a": "b"}}
