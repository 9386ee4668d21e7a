"""What a build finds of the last one under a lifecycle, and what it leaves: the image is the same in every case."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright import Command, ContributedLayer, LayerEnv, hookimpl
from layerwright.errors import UserError
from layerwright.testing.tree import tree
from tests.unit.buildpack.packed.platform import Platform
from tests.unit.buildpack.test_phases import make, phases
from tests.unit.small import write_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright import HookContext
    from tests.unit.buildpack.test_phases import Phases

__all__ = ["phases"]

CREATED = dict.fromkeys(["absent-tools", "cache-small", "python", "tool-small", "venv"], "created")
KEPT = dict.fromkeys(CREATED, "kept")
BIN = "bin/tool"
NOTE = "needed, and not in the cache. So the build begins again, and creates what is missing."


class After:
    """Runs the shell commands *script* after the install, with the virtual environment as their argument."""

    def __init__(self, script: str) -> None:
        self.script = script

    @hookimpl
    def layerwright_post_install(self, context: HookContext) -> list[Command]:
        return [Command(argv=("/bin/sh", "-ec", self.script, "sh", str(context.venv)), shown="after")]


class Data:
    """Contributes a layer whose file has *text*, which depends on the distributions *depends_on*."""

    def __init__(self, text: str = "1", *depends_on: str) -> None:
        self.text, self.depends_on = text, depends_on

    @hookimpl
    def layerwright_layers(self, context: HookContext) -> list[ContributedLayer]:
        script = 'cat "$2"/bin/python3.13 > /dev/null; echo "$3" > "$1/data"'
        argv = (
            "/bin/sh",
            "-ec",
            script,
            "sh",
            str(context.layer),
            str(context.interpreter.prefix),
            self.text,
        )
        fill = Command(argv=argv, shown="fill")
        return [ContributedLayer(commands=(fill,), depends_on=self.depends_on)]


@pytest.fixture
def platform(phases: Phases) -> Platform:
    write_lock(phases.app, "acme", converges=True)
    platform = Platform(phases)
    assert platform.build() == CREATED
    return platform


def commands(platform: Platform) -> list[str]:
    return [line for line in platform.log.splitlines() if line.startswith("  $ ")]


def fresh(platform: Platform, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the files and the labels of a first build of the same application."""
    platform.lose_image()
    platform.lose_cache()
    platform.build(**more)
    return platform.files(), platform.labels()


def state(platform: Platform) -> tuple[dict[str, Any], dict[str, Any]]:
    return platform.files(), platform.labels()


def test_a_first_build_exports_layers_for_launch_and_packs_them_in_one_layer_of_the_cache(
    platform: Platform,
) -> None:
    assert platform.exported() == {"absent-tools", "python", "venv"}
    assert {path.name for path in platform.cache.iterdir() if path.is_dir()} == {"cache-small", "packed"}
    assert {path.name for path in (platform.cache / "packed").glob("*.pack")} == {
        f"{name}.pack" for name in CREATED if name != "cache-small"
    }


def test_with_nothing_changed_no_layer_has_files_and_no_command_runs(platform: Platform) -> None:
    before, cached = state(platform), tree(platform.cache)
    assert platform.build() == KEPT
    assert platform.exported() == set()
    assert commands(platform) == []
    assert state(platform) == before
    assert tree(platform.cache) == cached
    assert platform.phases.layers.joinpath("python.toml").exists()


def test_the_log_of_a_kept_layer_has_its_size_and_its_types(platform: Platform) -> None:
    platform.phases.main("build")
    sizes = {c.name: c.size for c in platform.phases.build().contributions}
    assert sizes["python"] > 0
    assert platform.phases.build().contributions[0].exported.words == "launch, cache"


def test_without_a_cache_the_image_is_enough_as_long_as_nothing_changes(platform: Platform) -> None:
    before = state(platform)
    platform.lose_cache()
    found = platform.build()
    # Nothing has the package manager, and no command needs it.
    assert found == {**{k: v for k, v in KEPT.items() if k != "tool-small"}, "cache-small": "created"}
    assert commands(platform) == []
    assert state(platform) == before
    platform.lose_cache()
    write_lock(platform.phases.app, "base", converges=True)
    assert platform.build()["venv"] == "created"
    assert state(platform) == fresh(platform)


def test_bytecode_of_a_changed_module_needs_the_interpreter_alone(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    (phases.app / "app.py").write_text("one")
    platform.build()
    before, kept = state(platform), {**KEPT, "bytecode": "kept"}
    (phases.app / "app.py").write_text("two")
    assert platform.build() == kept
    assert platform.exported() == set()
    assert [path.name for path in phases.layers.glob(".layerwright/*/*")] == ["python"]
    assert state(platform) == before
    platform.lose_cache()
    (phases.app / "app.py").write_text("three")
    found = platform.build()
    assert f"The contents of python are {NOTE}" in platform.log
    assert (found["python"], found["venv"], "tool-small" in found) == ("created", "kept", False)
    assert platform.exported() == {"python"}
    assert state(platform) == before


def test_a_damaged_pack_of_the_interpreter_alone_leads_to_a_new_interpreter_alone(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    (phases.app / "app.py").write_text("one")
    platform.build()
    before = state(platform)
    alter(platform.cache / "packed" / "python.pack")
    (phases.app / "app.py").write_text("two")
    assert platform.build() == {**KEPT, "bytecode": "kept", "python": "created"}
    assert platform.exported() == {"python"}
    assert state(platform) == before


def test_editable_distributions_are_read_by_every_build(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    url = f'{{"url": "file://{phases.app}", "dir_info": {{"editable": true}}}}'
    script = f"cd \"$1\"/lib/python*/site-packages/acme-1.dist-info; echo '{url}' > direct_url.json"
    platform.build(make(hooks=(After(script),)))
    assert platform.build() == KEPT
    assert [path.name for path in phases.layers.glob(".layerwright/*/venv/lib")] == ["lib"]
    assert platform.exported() == set()


def test_without_the_image_the_cache_has_everything(platform: Platform) -> None:
    before = state(platform)
    platform.lose_image()
    assert platform.build() == KEPT
    assert platform.exported() == {"absent-tools", "python", "venv"}
    assert commands(platform) == []
    assert state(platform) == before
    assert platform.build() == KEPT
    assert platform.exported() == set()


def test_a_change_unpacks_the_layers_and_exports_the_changed_one_alone(platform: Platform) -> None:
    write_lock(platform.phases.app, "acme", "base", converges=True)
    assert platform.build() == {**KEPT, "venv": "updated"}
    assert platform.exported() == {"venv"}
    after = state(platform)
    assert platform.build() == KEPT
    assert state(platform) == after == fresh(platform)


def test_a_package_manager_that_resolves_first_needs_the_files_and_leaves_them_unexported(
    phases: Phases,
) -> None:
    write_lock(phases.app, "acme", resolves=True)
    platform = Platform(phases)
    platform.build()
    before = state(platform)
    assert platform.build() == KEPT
    assert commands(platform) == ["  $ resolve"]
    assert platform.exported() == set()
    assert state(platform) == before


def test_downloads_are_as_they_were_after_a_build_that_changed_no_layer(phases: Phases) -> None:
    write_lock(phases.app, "acme", resolves=True, pages="replaced")
    platform = Platform(phases)
    platform.build()
    cached = tree(platform.cache)
    assert platform.build() == KEPT
    assert tree(platform.cache) == cached
    write_lock(phases.app, "acme", "base", resolves=True, pages="replaced")
    platform.build()
    assert tree(platform.cache / "cache-small") != {
        name.partition("/")[2]: entry for name, entry in cached.items() if name.startswith("cache-small/")
    }


def test_downloads_that_a_package_manager_writes_into_stay_as_they_are(phases: Phases) -> None:
    write_lock(phases.app, "acme", resolves=True, pages="continued")
    platform = Platform(phases)
    platform.build()
    before = (platform.cache / "cache-small" / "page").read_text()
    assert platform.build() == KEPT
    now = (platform.cache / "cache-small" / "page").read_text()
    assert now.startswith(before)
    assert now != before


def test_commands_after_the_install_have_the_files_which_are_not_exported_again(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform, after = Platform(phases), make(hooks=(After('ls "$1"/lib/python*/site-packages'),))
    platform.build(after)
    before = state(platform)
    for lost in ((), (platform.lose_image,)):
        for lose in lost:
            lose()
        assert platform.build(after) == KEPT
        assert "    acme-1.dist-info\n" in platform.log
        assert platform.exported() == (set() if not lost else {"absent-tools", "python", "venv"})
        assert state(platform) == before


def test_commands_after_the_install_that_nothing_has_files_for_lead_to_new_layers(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform, after = Platform(phases), make(hooks=(After('cat "$1"/lib/python*/site-packages/*/METADATA'),))
    platform.build(after)
    before = state(platform)
    platform.lose_cache()
    assert platform.build(after) == {**CREATED, "cache-small": "kept"}
    assert f"The contents of absent-tools and python and tool-small and venv are {NOTE}" in platform.log
    assert state(platform) == before


def test_a_link_to_another_layer_is_a_program_wherever_that_is(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    script = 'cd "$1/bin"; date +%N > changed; ln -sf ../../python/bin/python3.13 python'
    for _ in range(2):
        platform.build(make(hooks=(After(script),)))
        assert platform.labels()["venv"]["data"]["outline"]["bin"] == "python"


def test_what_commands_after_the_install_change_is_exported_and_packed(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    platform.build()
    changing = make(hooks=(After('date +%N > "$1/changed"'),))
    assert platform.build(changing) == KEPT
    assert platform.exported() == {"venv"}
    changed = platform.image["venv"]
    assert "changed" in changed.files
    assert platform.build() == KEPT
    assert platform.exported() == set()
    platform.lose_image()
    platform.build()
    assert platform.image["venv"].files == changed.files


def test_a_hook_that_reads_the_virtual_environment_finds_its_files(phases: Phases) -> None:
    found: list[str] = []

    class Reading:
        @hookimpl
        def layerwright_layers(self, context: HookContext) -> list[ContributedLayer]:
            found.append((next(context.venv.rglob("METADATA"))).read_text())
            return []

    write_lock(phases.app, "acme")
    platform, reading = Platform(phases), make(hooks=(Reading(),))
    platform.build(reading)
    assert platform.build(reading) == KEPT
    assert platform.exported() == set()
    platform.lose_cache()
    assert platform.build(reading) == {**CREATED, "cache-small": "kept"}
    assert found == ["Name: acme\nVersion: 1\n\n"] * 3


@pytest.mark.parametrize("depends_on", [(), ("acme",)])
def test_layers_of_plugins_are_kept_like_others(phases: Phases, depends_on: tuple[str, ...]) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    platform.build(make(hooks=(Data("1", *depends_on),)))
    before = state(platform)
    kept = {**KEPT, "plugin-buildpack": "kept"}
    assert platform.build(make(hooks=(Data("1", *depends_on),))) == kept
    assert platform.exported() == set()
    assert state(platform) == before
    changed = make(hooks=(Data("2", *depends_on),))
    assert platform.build(changed) == {**KEPT, "plugin-buildpack": "created"}
    assert platform.exported() == {"plugin-buildpack"}
    platform.lose_cache()
    assert platform.build(make(hooks=(Data("1", *depends_on),)))["plugin-buildpack"] == "created"
    assert state(platform) == before
    platform.build()
    assert "plugin-buildpack" not in platform.image
    assert not (platform.cache / "packed" / "plugin-buildpack.pack").exists()


def test_what_later_buildpacks_require_is_there_for_them(platform: Platform) -> None:
    before, venv = platform.files(), platform.phases.layers / "venv"
    own = "".join(f'[[entries]]\nname = "{name}"\n' for name in ("python", "small", "venv"))
    assert platform.build(plan=f'{own}[[entries]]\nname = "python"\n') == KEPT
    assert platform.exported() == {"python"}
    assert not venv.exists()
    asked = f'{own}[[entries]]\nname = "small"\n[entries.metadata]\nbuild = true\n'
    for lose in (lambda: None, platform.lose_cache):
        lose()
        found = platform.build(plan=asked)
        assert platform.exported() >= {"python", "venv"}
        assert platform.phases.read("tool-small.toml")["types"]["build"] is True
        assert (platform.phases.layers / "tool-small" / "bin" / "small").exists()
    assert found["tool-small"] == "created"
    assert platform.files() == before
    # Such layers are not restored from the image.
    assert platform.build() == KEPT
    assert platform.exported() >= {"python", "venv"}
    assert platform.build() == KEPT
    assert platform.exported() == set()


def test_another_package_manager_version_is_made_once_a_command_needs_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.build.layers.tool.version_input", lambda name: f"other {name} version")
    found = platform.build()
    assert "tool-small" not in found
    assert commands(platform) == []
    assert platform.build(make(hooks=(After("true"),)))["tool-small"] == "created"
    assert platform.build()["tool-small"] == "kept"


def test_the_environment_of_a_layer_can_change_alone(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = platform.image["venv"].files
    monkeypatch.setattr("layerwright.build.venv.describe.LayerEnv", lambda: LayerEnv().override("MORE", "1"))
    assert platform.build() == KEPT
    assert platform.exported() == {"venv"}
    assert {*platform.image["venv"].files} - {*before} == {"env/MORE.override"}
    assert platform.build() == KEPT
    assert platform.exported() == set()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, alter, Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("file", ["venv.pack", "python.toml"])
def test_a_damaged_pack_is_never_a_wrong_layer(
    platform: Platform, damage: Callable[[Path], object], file: str
) -> None:
    before = state(platform)
    # Otherwise the pack is not read.
    platform.lose_image()
    damage(platform.cache / "packed" / file)
    platform.build()
    assert state(platform) == before
    assert platform.build(make(hooks=(After("true"),))) == KEPT
    assert state(platform) == before


def test_a_cache_of_which_only_the_metadata_came_back_is_none(platform: Platform) -> None:
    before = state(platform)
    platform.lose_image()
    for file in (platform.cache / "packed").iterdir():
        file.unlink()
    (platform.cache / "packed").rmdir()
    assert platform.build() == {**CREATED, "cache-small": "kept"}
    assert state(platform) == before


def test_a_cache_of_another_build_than_the_image_is_what_a_change_starts_from(platform: Platform) -> None:
    image = dict(platform.image)
    write_lock(platform.phases.app, "acme", "base", converges=True)
    platform.build()
    changed = state(platform)
    platform.image = image
    assert platform.build() == KEPT
    assert state(platform) == changed
    platform.image = image
    write_lock(platform.phases.app, "acme", converges=True)
    assert platform.build() == KEPT
    assert platform.exported() == set()
    assert platform.build(make(hooks=(After("true"),)))["venv"] == "updated"
    assert f"The contents of venv are {NOTE}" in platform.log
    assert platform.files() == {name: layer.files for name, layer in image.items()}


@pytest.mark.parametrize("metadata", [{"contents": 1}, {"outline": "x"}, {"outline": {"bin": 1.0}}])
def test_metadata_of_an_image_that_is_not_ours_is_not_trusted(
    platform: Platform, metadata: dict[str, object]
) -> None:
    before = state(platform)
    platform.image["venv"].metadata["data"].update(metadata)
    assert platform.build()["venv"] in ("kept", "created")
    assert state(platform) == before


def test_a_layer_with_something_that_no_cache_holds_is_created_by_the_next_build(phases: Phases) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    platform.build(make(hooks=(After('mkfifo "$1/pipe"'),)))
    assert not (platform.cache / "packed" / "venv.pack").exists()
    assert platform.build() == {**KEPT, "venv": "created"}
    assert "pipe" not in platform.image["venv"].files


@pytest.mark.parametrize(
    "script",
    ["touch bin/$(printf 'a\\377')", "for n in $(seq 700); do touch bin/$n-{}; done".format("n" * 100)],
)
def test_a_layer_with_names_that_no_label_holds_is_unpacked_by_every_build(
    phases: Phases, script: str
) -> None:
    write_lock(phases.app, "acme")
    platform = Platform(phases)
    platform.build(make(hooks=(After(f'cd "$1"; {script}; chmod +x bin/*'),)))
    before = state(platform)
    assert "outline" not in before[1]["venv"]["data"]
    assert platform.build() == KEPT
    assert platform.exported() == set()
    assert state(platform) == before


def test_a_full_disk_while_unpacking_leaves_nothing_of_a_layer(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: object, tree: Path, _digest: str) -> None:
        tree.mkdir()
        (tree / "half").touch()
        raise OSError(28, "No space left on device")

    before = state(platform)
    platform.lose_image()
    with monkeypatch.context() as patch:
        patch.setattr("layerwright.buildpack.packed._packs.unpack_compressed", full)
        assert platform.build() == {**CREATED, "cache-small": "kept"}
    assert state(platform) == before


def test_nothing_is_synced_that_is_lost_with_the_container_anyway(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    assert platform.build() == KEPT
    assert synced == []


def test_a_full_disk_while_packing_costs_the_pack_alone(
    phases: Phases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, before: Path | None) -> str:
        assert before is None
        raise OSError(28, "No space left on device")

    write_lock(phases.app, "acme")
    platform = Platform(phases)
    with monkeypatch.context() as patch:
        patch.setattr("layerwright.buildpack.packed._packs.write_compressed", full)
        assert platform.build() == CREATED
    assert not (platform.cache / "packed").exists()
    before = platform.files()
    assert platform.build() == {**CREATED, "cache-small": "kept"}
    assert platform.files() == before


POLICY = {"LAYERWRIGHT_POLICY_LICENCES_ALLOWED": "MIT"}


@pytest.mark.parametrize("cached", [True, False])
def test_a_stricter_policy_reads_the_files_of_a_kept_layer_wherever_these_are(
    platform: Platform, cached: bool
) -> None:
    if not cached:
        platform.lose_cache()
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        platform.build(**POLICY)
    # Without a cache they have to be made first.
    assert bool(commands(platform)) is not cached


def test_a_policy_that_a_kept_layer_satisfies_is_remembered_without_exporting_it(platform: Platform) -> None:
    before = platform.files()
    held = {"LAYERWRIGHT_POLICY_HASHES": "required"}
    assert platform.build(**held) == KEPT
    assert "  Policy: hashes = required" in platform.log
    assert platform.exported() == set()
    assert platform.build(**held) == KEPT
    assert "Policy" not in platform.log
    assert platform.files() == before
