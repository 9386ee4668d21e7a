from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build._contribute import Contributor, Filled
from layerwright.build._decide import SCHEMA, Action, Decision, LayerSpec, digest_input
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.contract.sameness import Locked, Update
from layerwright.errors import CommandFailed, SiteError, UserError
from layerwright.files.trees.tree import tree_of
from layerwright.output.log import Log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INPUTS = {"Python version": "3.13.1", "target": "linux/amd64"}
CONTENT = {"requirements.txt": digest_input("a" * 64), "extras": "tls"}
METADATA = {"schema": SCHEMA, "inputs": INPUTS, "content-inputs": CONTENT, "resolution": "sha256:1"}
TYPES = LayerTypes(build=True, cache=True)


SPEC = LayerSpec(
    name="venv", types=TYPES, inputs=INPUTS, content_inputs=CONTENT, sameness=Locked(update=Update())
)


def spec(**changes: Any) -> LayerSpec:
    return replace(SPEC, **changes)


class Layers:
    """A contributor to a directory, and what it says."""

    def __init__(self, path: Path, store: Path | None = None) -> None:
        self.directory = LayersDirectory(path)
        self.log = io.StringIO()
        self._store = store

    def contributor(self, **environment: str) -> Contributor:
        self.log.truncate(0)
        self.log.seek(0)
        return Contributor(
            self.directory, environment=environment, log=Log(self.log, self.log), store=self._store
        )

    def stored(self, one: LayerSpec, *, create: Fill) -> None:
        """Contribute the layer, and wait until it is stored."""
        contributor = self.contributor()
        contributor.contribute(one, create=create)
        contributor.settle()

    def metadata(self, name: str = "venv") -> Mapping[str, object] | None:
        return self.directory.restored(name).metadata


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path / "layers")


class Fill:
    """Writes *text* to a file of the layer, or raises; notes what was there before."""

    def __init__(
        self, text: str = "", *, resolution: str | None = None, error: BaseException | None = None
    ) -> None:
        self.seen: list[list[str]] = []
        self._text, self._resolution, self._error = text, resolution, error

    def __call__(self, layer: Path, before: Path | None = None) -> Filled:
        assert before is None
        self.seen.append(sorted(path.name for path in layer.iterdir()))
        (layer / "file").write_text(self._text)
        if self._error is not None:
            raise self._error
        return Filled(self._resolution)


def test_a_layer_is_created_empty_and_declared_complete(layers: Layers) -> None:
    create = Fill("made", resolution="sha256:1")
    contributor = layers.contributor()
    contribution = contributor.contribute(spec(env=LayerEnv().override("A", "1")), create=create)
    assert create.seen == [[]]
    assert contribution.decision == Decision(action=Action.CREATE, reasons=("first build",))
    assert (contribution.name, contribution.path) == ("venv", layers.directory.path / "venv")
    assert (contribution.types, contribution.size) == (TYPES, 4)
    assert contribution.seconds >= 0
    assert contributor.contributions == [contribution]
    assert layers.metadata() == {**METADATA, "size": "4"}
    assert layers.directory.restored("venv").types == TYPES
    assert (contribution.path / "env" / "A.override").read_text() == "1"
    assert layers.log.getvalue().startswith(
        "  Creating layer venv: first build\n  Layer venv created: 4 B in "
    )


def test_a_layer_is_not_said_to_be_complete_before_it_is(layers: Layers) -> None:
    failing = Fill("half", error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        layers.contributor().contribute(spec(), create=failing)
    assert layers.log.getvalue() == "  Creating layer venv: first build\n"
    declared = spec(types=LayerTypes())
    seen: list[bool] = []
    contributor = layers.contributor()
    record = layers.directory.path / "venv.toml"
    contributor._log = Log(layers.log, followers=[lambda _event: seen.append(record.exists())])
    contributor.contribute(declared, create=Fill("made"))
    assert seen == [False, True]


def test_a_layer_that_takes_no_time_is_not_said_to_begin(layers: Layers) -> None:
    layers.contributor().contribute(spec(), create=Fill(), at_once=True)
    assert layers.log.getvalue() == "  Layer venv created: first build\n"


def test_the_seconds_of_a_layer_are_counted_from_when_work_on_it_began(layers: Layers) -> None:
    assert layers.contributor().contribute(spec(), create=Fill(), started=-1e9).seconds > 1e9


def test_an_unchanged_layer_is_kept_with_all_that_is_known_of_it(layers: Layers) -> None:
    layers.contributor().contribute(spec(), create=Fill("made", resolution="sha256:1"))
    record = layers.directory.path / "venv.toml"
    before = (record.stat().st_ino, record.read_bytes())
    never = Fill(error=AssertionError())
    contribution = layers.contributor().contribute(spec(), create=never, update=never)
    assert contribution.decision.action is Action.KEEP
    assert contribution.size == 4
    assert (record.stat().st_ino, record.read_bytes()) == before
    assert layers.log.getvalue() == "  Layer venv kept: unchanged\n"


@pytest.mark.parametrize("size", [{}, {"size": "large"}, {"size": {"a": "b"}}])
def test_the_size_of_a_kept_layer_is_found_out_where_it_is_not_known(
    layers: Layers, size: dict[str, object]
) -> None:
    layers.contributor().contribute(spec(), create=Fill("made"))
    layers.directory.write("venv", types=TYPES, metadata={**METADATA, **size}, env=LayerEnv())
    assert layers.contributor().contribute(spec(), create=Fill()).size == 4
    assert layers.metadata() == {**METADATA, "size": "4"}


def test_a_kept_layer_has_the_types_the_environment_and_the_inputs_of_this_build(layers: Layers) -> None:
    layers.contributor().contribute(spec(), create=Fill("made", resolution="sha256:1"))
    wanted = spec(
        types=LayerTypes(launch=True),
        content_inputs={},
        resolution="sha256:1",
        env=LayerEnv().override("A", "1"),
    )
    contribution = layers.contributor().contribute(wanted, create=Fill())
    assert contribution.decision.action is Action.KEEP
    assert layers.directory.restored("venv").types == LayerTypes(launch=True)
    assert layers.metadata() == {**METADATA, "content-inputs": {}, "size": "4"}
    assert (contribution.path / "env" / "A.override").read_text() == "1"
    assert (contribution.path / "file").read_text() == "made"


def test_a_layer_is_updated_in_place(layers: Layers) -> None:
    layers.contributor().contribute(spec(), create=Fill("made", resolution="sha256:1"))
    update = Fill("updated", resolution="sha256:2")
    contribution = layers.contributor().contribute(
        spec(resolution="sha256:2"), create=Fill(error=AssertionError()), update=update
    )
    assert contribution.decision.action is Action.UPDATE
    assert update.seen == [["file"]]
    assert layers.metadata() == {**METADATA, "resolution": "sha256:2", "size": "7"}


def test_an_updated_layer_is_as_large_as_a_fresh_one(layers: Layers) -> None:
    env = LayerEnv().override("A", "1").default("B", "2", scope=Scope.LAUNCH)
    fresh = layers.contributor().contribute(spec(env=env), create=Fill())
    changed = spec(env=env, content_inputs={"lock": "sha256:2"})
    updated = layers.contributor().contribute(changed, create=Fill(), update=lambda _path, _before: None)
    assert updated.decision.action is Action.UPDATE
    assert updated.size == fresh.size


def test_a_layer_that_was_looked_at_is_measured_by_what_has_changed_since(layers: Layers) -> None:
    env = LayerEnv().override("A", "a long value")

    def create(layer: Path) -> Filled:
        (layer / "file").write_text("made")
        tree = tree_of(layer)
        (layer / "bytecode").mkdir()
        (layer / "bytecode" / "file").write_text("compiled")
        return Filled(tree=tree)

    fresh = layers.contributor().contribute(spec(env=env), create=create)
    assert fresh.size == len("made" + "compiled")
    assert fresh.tree is not None
    assert "file" in fresh.tree.folders["bytecode/"]

    def update(layer: Path, _before: Path | None) -> Filled:
        return Filled(tree=tree_of(layer))

    changed = spec(env=env, content_inputs={"extras": "tls"})
    updated = layers.contributor().contribute(changed, create=Fill(), update=update)
    assert updated.size == fresh.size


def test_without_a_way_to_update_a_layer_is_created(layers: Layers) -> None:
    layers.contributor().contribute(spec(), create=Fill("made"))
    create = Fill("afresh")
    wanted = spec(content_inputs={}, sameness=Locked())
    contribution = layers.contributor().contribute(wanted, create=create)
    assert contribution.decision == Decision(
        action=Action.CREATE, reasons=("requirements.txt is gone", "extras is gone")
    )
    assert create.seen == [[]]


@pytest.mark.parametrize(
    "error",
    [
        CommandFailed("pip failed.", returncode=1, cause="It said so.", reference="r"),
        SiteError("It differs.", cause="It said so.", reference="r"),
    ],
)
def test_a_layer_that_cannot_be_updated_is_created(layers: Layers, error: Exception) -> None:
    layers.contributor().contribute(spec(), create=Fill("made"))
    create = Fill("afresh")
    contribution = layers.contributor().contribute(
        spec(content_inputs={"extras": "tls"}), create=create, update=Fill(error=error)
    )
    assert contribution.decision == Decision(
        action=Action.CREATE, reasons=("requirements.txt is gone", "the update failed")
    )
    assert create.seen == [[]]
    assert (contribution.path / "file").read_text() == "afresh"
    assert layers.log.getvalue().startswith(
        "  Updating layer venv: requirements.txt is gone\n"
        f"  Warning: {error}\n  It said so.\n  The layer cannot be updated, so it is recreated.\n"
        "  Layer venv created: requirements.txt is gone; the update failed ("
    )


@pytest.mark.parametrize("error", [UserError("No.", reference="r"), KeyboardInterrupt(), OSError()])
def test_what_ends_a_build_while_a_layer_changes_leaves_nothing_that_is_trusted(
    layers: Layers, error: BaseException
) -> None:
    layers.contributor().contribute(spec(), create=Fill("made"))
    broken = Fill("half", error=error)
    contributor = layers.contributor()
    with pytest.raises(type(error)):
        contributor.contribute(spec(content_inputs={}), create=Fill("afresh"), update=broken)
    assert contributor.contributions == []
    assert not (layers.directory.path / "venv.toml").exists()
    with pytest.raises(type(error)):
        layers.contributor().contribute(spec(), create=broken)
    assert not (layers.directory.path / "venv.toml").exists()
    contribution = layers.contributor().contribute(spec(), create=Fill("made"))
    assert contribution.decision.reasons == ("an earlier build did not finish it",)


# What layers are for each other


def add_bin(layer: Path) -> None:
    (layer / "bin").mkdir()


def test_each_layer_sees_the_build_environment_of_those_before_it(layers: Layers) -> None:
    contributor = layers.contributor(PATH="/usr/bin", A="user")
    assert contributor.environment == {"PATH": "/usr/bin", "A": "user"}
    env = LayerEnv().override("A", "python").override("B", "launch", scope=Scope.LAUNCH)
    contributor.contribute(spec(name="python", env=env), create=add_bin)
    contributor.contribute(spec(name="launched", types=LayerTypes(launch=True), env=env), create=add_bin)
    contributor.contribute(spec(name="downloads", types=LayerTypes(cache=True)), create=add_bin)
    python = layers.directory.path / "python"
    assert contributor.environment == {"PATH": f"{python}/bin{os.pathsep}/usr/bin", "A": "python"}


def test_a_layer_that_others_write_to_is_measured_again(layers: Layers) -> None:
    contributor = layers.contributor()
    wanted = spec(name="cache-pip", types=LayerTypes(cache=True))
    cache = contributor.contribute(wanted, create=Fill("made"))
    other = contributor.contribute(spec(), create=Fill())
    (cache.path / "wheel").write_text("wheel")
    contributor.measure(wanted)
    assert [c.size for c in contributor.contributions] == [9, 0]
    assert contributor.contributions[1] is other
    assert layers.metadata("cache-pip") == {**wanted.metadata, "size": "9"}
    assert layers.contributor().contribute(wanted, create=Fill()).size == 9


def test_what_would_happen_is_reported_without_doing_it(layers: Layers) -> None:
    assert layers.contributor().decide(spec()).action is Action.CREATE
    assert not layers.directory.path.exists()
    assert layers.log.getvalue() == ""


# The store of layers


STORED = spec(stored=True)


def with_store(root: Path, name: str) -> Layers:
    return Layers(root / name / "layers", root / "store")


def test_what_was_made_for_another_application_is_taken_and_not_made(tmp_path: Path) -> None:
    with_store(tmp_path, "one").stored(STORED, create=Fill("made"))
    create, layers = Fill("again"), with_store(tmp_path, "two")
    contribution = layers.contributor().contribute(STORED, create=create)
    assert create.seen == []
    assert (contribution.path / "file").read_text() == "made"
    assert contribution.decision == Decision(Action.CREATE, ("first build", "from the store"))
    assert contribution.size == 4
    assert layers.contributor().contribute(STORED, create=create).decision.action is Action.KEEP


def test_what_its_inputs_do_not_determine_is_made(tmp_path: Path) -> None:
    with_store(tmp_path, "one").stored(spec(), create=Fill("made"))
    create = Fill("again")
    with_store(tmp_path, "two").contributor().contribute(spec(), create=create)
    assert create.seen == [[]]
    assert not (tmp_path / "store").exists()


def test_a_layer_that_is_kept_or_stored_is_not_created(tmp_path: Path) -> None:
    one, two = with_store(tmp_path, "one"), with_store(tmp_path, "two")
    assert one.contributor().creates(STORED)
    one.stored(STORED, create=Fill("made"))
    assert not one.contributor().creates(STORED)
    assert not two.contributor().creates(STORED)
    assert two.contributor().creates(spec())


def test_what_is_made_again_on_request_takes_the_place_of_what_is_stored(tmp_path: Path) -> None:
    one = with_store(tmp_path, "one")
    one.stored(STORED, create=Fill("made"))
    one.directory.discard("venv", because="--clean")
    one.stored(STORED, create=Fill("repaired"))
    two = with_store(tmp_path, "two").contributor().contribute(STORED, create=Fill("again"))
    assert (two.path / "file").read_text() == "repaired"


def test_a_layer_is_stored_without_another_core_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    with_store(tmp_path, "one").stored(STORED, create=Fill("made"))
    two = with_store(tmp_path, "two").contributor().contribute(STORED, create=Fill("again"))
    assert (two.path / "file").read_text() == "made"


def test_a_stored_layer_that_was_changed_is_told_and_made(tmp_path: Path) -> None:
    with_store(tmp_path, "one").stored(STORED, create=Fill("made"))
    [file] = (tmp_path / "store").glob("*/contents/file")
    file.write_text("changed")
    two = with_store(tmp_path, "two")
    contribution = two.contributor().contribute(STORED, create=Fill("again"))
    assert (contribution.path / "file").read_text() == "again"
    assert contribution.decision.reasons == ("first build",)
    assert "The stored layer venv was changed and is removed: file\n" in two.log.getvalue()


def test_a_store_that_others_can_write_to_is_warned_about_once(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(0o777)
    layers = with_store(tmp_path, "one")
    contributor = layers.contributor()
    for name in ("python", "venv"):
        contributor.contribute(spec(name=name, stored=True), create=Fill("made"))
    words = f"The store of layers is not used: other users can write to {tmp_path / 'store'}."
    assert layers.log.getvalue().count(words) == 1
    assert list((tmp_path / "store").iterdir()) == []
