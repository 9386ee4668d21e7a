"""Layers that plugins contribute: made, kept, explained and removed like every other layer."""

from __future__ import annotations

import io
import shutil
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build._decide import Action
from layerwright.build.explain import explain
from layerwright.build.hooks.blame import naming
from layerwright.build.phase import build
from layerwright.cnb.layers.layer_env import apply_launch
from layerwright.errors import CommandFailed, PluginError, SiteError
from layerwright.output.log import Log
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint
from layerwright.process.command import Command
from layerwright.process.runner import Runner
from tests.unit import contributing
from tests.unit.build.samples import words_of
from tests.unit.contributing import write_data
from tests.unit.small import EVIDENCE, PLUGIN, small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.build.explain import Explanation
    from layerwright.build.phase import Built
    from layerwright.build.request import BuildRequest

DATA = EntryPoint(PLUGIN_GROUP, "data", "tests.unit.contributing", "layerwright-data", "2.0")


class Place:
    """A directory with an application whose layers a plugin contributes to."""

    def __init__(self, root: Path) -> None:
        self.root, self.app, self.layers = root, root / "app", root / "layers"
        self.layers.mkdir()
        self.log = ""
        self.lock("acme")

    def lock(self, *installed: str, **more: object) -> None:
        write_lock(self.app, *installed, **more)

    def request(self, *entry_points: EntryPoint, **more: Any) -> BuildRequest:
        return small_request(self.root, entry_points=(PLUGIN, EVIDENCE, *(entry_points or (DATA,))), **more)

    def build(self, *entry_points: EntryPoint, exec_env: str = "production", **more: Any) -> Built:
        stream = io.StringIO()
        request = replace(self.request(*entry_points, **more), exec_env=exec_env)
        try:
            return build(request, Log(stream, stream))
        finally:
            self.log = stream.getvalue()

    def decided(self, **more: Any) -> str:
        """Build, and return the decision about the layer ``plugin-data``."""
        [found] = [words_of(c.decision) for c in self.build(**more).contributions if c.name == "plugin-data"]
        return found

    def explain(self, **more: Any) -> Explanation:
        return explain(self.request(**more))

    def explained(self) -> str:
        """Return the decision that is explained about the layer ``plugin-data``."""
        [found] = [words_of(one.decision) for one in self.explain().layers if one.spec.name == "plugin-data"]
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# Making and keeping


def test_a_layer_is_filled_by_its_commands_after_the_virtual_environment(place: Place) -> None:
    write_data(place.app, {"scripts": ['echo "$DATA_HOME $PWD" > "$1/where"'], "env": {"DATA_HOME": "LAYER"}})

    built = place.build()

    assert [c.name for c in built.contributions][-2:] == ["venv", "plugin-data"]
    # Its own environment is there from the next layer on.
    assert (place.layers / "plugin-data" / "where").read_text() == f" {place.app}\n"
    assert (
        "layerwright-data 2.0\n  Creating layer plugin-data: first build\n  $ fill plugin-data\n" in place.log
    )
    document = tomllib.loads((place.layers / "plugin-data.toml").read_text())
    assert document["types"] == {"build": True, "launch": True, "cache": True}
    assert apply_launch({}, [("plugin-data", place.layers / "plugin-data")]) == {
        "DATA_HOME": str(place.layers / "plugin-data")
    }


def test_it_is_kept_while_its_inputs_are_equal_and_no_command_runs(place: Place) -> None:
    write_data(place.app, {"inputs": {"words": "5"}})
    assert place.decided() == "created: first build"
    assert place.decided() == "kept: unchanged"
    assert "$ fill" not in place.log


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"inputs": {"words": "6"}}, "words: 5 → 6"),
        ({"scripts": ["echo 2"]}, "command fill plugin-data changed"),
        ({"depends-on": ["acme"]}, "acme version is new"),
        ({"python": "minor"}, "Python minor version is new; interpreter is new"),
        ({"python": "exact"}, "Python version is new; interpreter is new"),
        ({"target": True}, "target is new"),
    ],
)
def test_what_it_follows_from_is_an_input(place: Place, changed: Mapping[str, object], reason: str) -> None:
    write_data(place.app, {"inputs": {"words": "5"}})
    place.build()
    write_data(place.app, {"inputs": {"words": "5"}, **changed})
    assert place.decided() == f"created: {reason}"


def test_the_execution_environment_is_an_input(place: Place) -> None:
    write_data(place.app, {})
    place.build()
    assert place.decided(exec_env="test") == "created: execution environment: production → test"


def test_another_archive_of_a_distribution_that_it_depends_on_recreates_it(place: Place) -> None:
    write_data(place.app, {"depends-on": ["Acme", "absent"]})
    place.build()
    record = place.layers / "venv/lib/python3.13/site-packages/acme-1.dist-info/RECORD"
    assert place.decided() == "kept: unchanged"

    record.write_text("acme/__init__.py,sha256=abc,3\n")

    words = place.decided()
    assert words.startswith("created: Acme version: 1 (RECORD e3b0c44298fc) → 1 (RECORD ")
    assert "absent" not in words


def test_a_name_that_an_input_of_the_plugin_has_hides_none_of_core(place: Place) -> None:
    write_data(place.app, {"inputs": {"execution environment": "mine"}})
    place.build()
    inputs = tomllib.loads((place.layers / "plugin-data.toml").read_text())["metadata"]["inputs"]
    assert inputs["execution environment"] == "mine"
    assert inputs["execution environment (commands)"] == "production"


def test_a_plugin_can_have_several_layers_for_the_build_alone_too(place: Place) -> None:
    write_data(
        place.app,
        {"name": "tools", "launch": False, "env": {"TOOLS": "LAYER"}},
        {"name": "words", "scripts": ['echo "$TOOLS" > "$1/seen"']},
    )
    built = place.build()
    assert {c.name: c.types.words for c in built.contributions[-2:]} == {
        "plugin-data-tools": "build, cache",
        "plugin-data-words": "build, launch, cache",
    }
    seen = (place.layers / "plugin-data-words" / "seen").read_text()
    assert seen == f"{place.layers / 'plugin-data-tools'}\n"


def test_commands_after_the_install_see_its_environment(place: Place) -> None:
    place.lock("after")
    write_data(place.app, {"env": {"DATA_HOME": "LAYER"}, "scope": "env.build"})
    place.build()
    seen = place.log.partition("After the install\n")[2]
    assert f"DATA_HOME={place.layers / 'plugin-data'}" in seen


def test_a_layer_that_was_made_may_have_changed_the_venv(place: Place) -> None:
    write_data(place.app, {})
    place.build()
    assert place.build().changed == set()
    write_data(place.app, {"inputs": {"words": "6"}})
    assert place.build().changed == {"plugin-data", "venv"}


@pytest.mark.parametrize(("python", "count"), [("none", 0), ("minor", 1), ("exact", 1)])
def test_what_depends_on_python_gets_bytecode(place: Place, python: str, count: int) -> None:
    write_data(place.app, {"python": python})
    place.build()
    assert place.log.partition("layerwright-data 2.0\n")[2].count("$ compile bytecode") == count


def test_hooks_of_a_buildpack_itself_contribute_layers_too(place: Place) -> None:
    write_data(place.app, {})
    own = EntryPoint(PLUGIN_GROUP, "", "hook 1", "acme/python", "1.2.3")
    request = replace(small_request(place.root), hooks=((own, contributing),))
    stream = io.StringIO()
    assert build(request, Log(stream, stream)).contributions[-1].name == "plugin-buildpack"
    assert "acme/python 1.2.3\n  Creating layer plugin-buildpack: first build\n" in stream.getvalue()


# Removing


def test_it_is_removed_when_the_plugin_no_longer_returns_it(place: Place) -> None:
    write_data(place.app, {})
    place.build()
    write_data(place.app)
    assert place.build().dropped == ("plugin-data",)
    assert not (place.layers / "plugin-data").exists()


def test_it_is_removed_when_the_plugin_is_disabled(place: Place) -> None:
    write_data(place.app, {})
    place.build()
    environment = {"LAYERWRIGHT_DISABLE_PLUGINS": "data"}
    assert place.explain(environment=environment).dropped == ("plugin-data",)
    assert place.build(environment=environment).dropped == ("plugin-data",)


# Failing


def test_a_failing_command_names_the_plugin_and_leaves_nothing_that_looks_complete(place: Place) -> None:
    write_data(place.app, {"scripts": ['echo half > "$1/data"', "exit 3"]})
    with pytest.raises(CommandFailed) as caught:
        place.build()
    assert caught.value.summary == "fill plugin-data ended with status 3."
    assert caught.value.cause.startswith("layerwright-data 2.0 runs it for the layer plugin-data.\n")
    assert caught.value.remedy == ("Ask the owner of the data.",)
    assert not (place.layers / "plugin-data.toml").exists()
    write_data(place.app, {"scripts": []})
    assert place.decided() == "created: an earlier build did not finish it"
    assert not (place.layers / "plugin-data" / "data").exists()


def test_a_program_that_cannot_be_started_names_the_plugin() -> None:
    command = Command(argv=("/nowhere/fill",))
    with pytest.raises(SiteError) as caught, naming("layerwright-data 2.0", "has it run"):
        Runner(env={}).run(command)
    assert caught.value.summary == "Could not start /nowhere/fill."
    assert caught.value.cause.startswith("layerwright-data 2.0 has it run.\n")
    assert caught.value.reference == "command-not-started"


@pytest.mark.parametrize(
    ("layer", "cause"),
    [
        (
            {"name": "Big Data"},
            '"Big Data" cannot be the name of a layer: lower-case words and digits, joined by hyphens, the first'
            " character a letter.",
        ),
        (
            {"env": {"PATH": "/x", "LD_PRELOAD": "x", "PYTHONPATH": "x", "VIRTUAL_ENV": "x", "FINE": "x"}},
            "Its environment changes LD_PRELOAD, PATH, PYTHONPATH, VIRTUAL_ENV,"
            " which programs of other layers depend on. The directory bin of a layer is always on PATH.",
        ),
        (
            {"env": {"DATA_TOKEN": "hunter2-hunter2"}, "token": "hunter2-hunter2"},
            "It returned a secret in env/DATA_TOKEN.override, a file that stays in the layer.",
        ),
    ],
)
def test_a_layer_that_cannot_be_is_the_plugins_defect(
    place: Place, layer: Mapping[str, object], cause: str
) -> None:
    write_data(place.app, layer)
    for act in (place.build, place.explain):
        with pytest.raises(PluginError) as caught:
            act()
        assert caught.value.summary == "This is a defect in layerwright-data 2.0, not in your application."
        assert caught.value.cause == f"layerwright_layers returned an invalid layer.\n{cause}"


def test_the_name_of_the_entry_point_must_be_fit_for_a_layer(place: Place) -> None:
    write_data(place.app, {})
    with pytest.raises(PluginError) as caught:
        place.build(DATA._replace(name="My Data"))
    assert 'The entry point "My Data" cannot be part of the name of a layer' in caught.value.cause


def test_two_layers_of_one_name_are_the_plugins_defect(place: Place) -> None:
    write_data(place.app, {}, {})
    with pytest.raises(PluginError) as caught:
        place.build()
    assert caught.value.cause == (
        "It contributes two layers plugin-data. ContributedLayer.name must tell them apart."
    )


def test_two_plugins_cannot_contribute_one_layer(place: Place) -> None:
    write_data(place.app, {"name": "words"}, {})
    other = DATA._replace(
        name="data-words", module="tests.unit.contributing_too", distribution="layerwright-other"
    )
    with pytest.raises(PluginError) as caught:
        place.build(DATA, other)
    assert caught.value.summary == "Two plugins provide the layer plugin-data-words."
    assert caught.value.cause == "They are layerwright-data 2.0 and layerwright-other 2.0."


@pytest.mark.parametrize(
    ("file", "meaning"),
    [
        ("bin/sh", "processes are started with the command of that name"),
        ("lib/libssl.so.3", "every program would load it instead of the system's"),
        ("include/Python.h", "later builds would compile with it instead of the system's"),
        ("exec.d/run", "a launcher runs it before every process"),
        ("env/PATH.prepend", "platforms set variables from it"),
    ],
)
def test_files_that_affect_more_than_the_application_are_refused(
    place: Place, file: str, meaning: str
) -> None:
    write_data(place.app, {"scripts": [f'mkdir "$1/{file.partition("/")[0]}"; touch "$1/{file}"']})
    with pytest.raises(PluginError) as caught:
        place.build()
    [_, line] = caught.value.cause.splitlines()
    found = file if file.startswith(("bin", "lib", "include")) else file.partition("/")[0]
    assert line == f"{found}: {meaning}."


def test_other_files_may_be_anywhere_in_it(place: Place) -> None:
    script = 'mkdir "$1/bin" "$1/lib"; touch "$1/bin/python" "$1/lib/libdata.so" "$1/pyvenv.cfg"'
    write_data(place.app, {"scripts": [script]})
    assert place.decided() == "created: first build"


# Secrets


def test_commands_have_the_secrets_of_the_application_and_of_the_plugin_but_not_of_installers(
    place: Place,
) -> None:
    write_data(place.app, {"scripts": ['env > "$1/seen"'], "token": "hunter2-hunter2"})
    environment = {
        "COLOR": "red",
        "DATABASE_PASSWORD": "letmein45",
        "DATA_MIRROR": "https://me:letmein46@example.com/data",
        "PIP_INDEX_URL": "https://me:letmein43@example.com/simple",
        "SMALL_PASSWORD": "letmein44",
    }
    place.build(environment=environment)
    seen = dict(
        line.split("=", 1) for line in (place.layers / "plugin-data" / "seen").read_text().splitlines()
    )
    assert seen["DATA_TOKEN"] == "hunter2-hunter2"
    # Those that begin with the name of the plugin are its own.
    assert [name for name in environment if name in seen] == ["COLOR", "DATABASE_PASSWORD", "DATA_MIRROR"]


def test_secrets_are_in_no_input(place: Place) -> None:
    layer = {
        "token": "hunter2-hunter2",
        "scripts": ["echo hunter2-hunter2"],
        "inputs": {"a": "hunter2-hunter2"},
    }
    write_data(place.app, layer)
    place.build()
    assert "hunter2" not in (place.layers / "plugin-data.toml").read_text()
    assert "hunter2" not in place.log


# Explaining


def test_an_explanation_has_it_with_inputs_and_its_environment(place: Place) -> None:
    write_data(place.app, {"inputs": {"words": "5"}, "env": {"DATA_HOME": "LAYER"}})
    explanation = place.explain()
    [layer] = [one for one in explanation.as_json()["layers"] if one["name"] == "plugin-data"]
    assert layer == {
        "name": "plugin-data",
        "path": str(place.layers / "plugin-data"),
        "types": ["build", "launch", "cache"],
        "inputs": {
            "words": "5",
            "command fill plugin-data": "/bin/sh -c 'echo 1 > \"$1/data\"' sh {layers}/plugin-data",
            "execution environment": "production",
            "layer path": str(place.layers / "plugin-data"),
        },
        "action": "create",
        "reasons": ["first build"],
        "depends-on-python-patch": None,
    }
    assert explanation.launch_environment["DATA_HOME"] == str(place.layers / "plugin-data")
    assert explanation.asked == ("layerwright-small 1.0", "layerwright-data 2.0")


def test_explained_and_built_are_one_decision(place: Place) -> None:
    for data in ({}, {}, {"inputs": {"words": "6"}}, {"depends-on": ["acme"]}, {"depends-on": ["acme"]}):
        write_data(place.app, data)
        explained = place.explained()
        assert place.decided() == explained


def test_a_directory_for_programs_is_in_the_explained_path_once_it_is_there(place: Place) -> None:
    write_data(place.app, {"scripts": ['mkdir "$1/bin"']})
    layers = place.layers
    assert f"{layers}/plugin-data/bin" not in place.explain().launch_environment["PATH"]
    place.build()
    path = place.explain().launch_environment["PATH"]
    assert path.startswith(f"{layers}/venv/bin:{layers}/python/bin:{layers}/plugin-data/bin:")


def test_a_version_that_is_not_known_yet_leaves_the_decision_open(place: Place) -> None:
    write_data(place.app, {"depends-on": ["acme"]})
    place.build()
    place.lock("acme", "extra")

    [layer] = [one for one in place.explain().layers if one.spec.name == "plugin-data"]

    assert words_of(layer.decision) == (
        "kept: decided once the virtual environment is complete: kept if acme is unchanged, otherwise created"
    )
    assert layer.spec.inputs["acme version"] == "known once the virtual environment is complete"
    assert place.decided() == "kept: unchanged"


def test_what_does_not_depend_on_a_version_is_decided_although_the_venv_changes(place: Place) -> None:
    write_data(place.app, {})
    place.build()
    place.lock("acme", "extra")
    assert place.explained() == "kept: unchanged"
    write_data(place.app, {"depends-on": ["acme"], "inputs": {"words": "6"}})
    assert place.explained() == "created: words is new; acme version is new"


def test_where_the_contents_are_gone_it_is_created_whatever_is_installed(place: Place) -> None:
    write_data(place.app, {"depends-on": ["acme"]})
    place.build()
    shutil.rmtree(place.layers / "plugin-data")
    place.lock("acme", "extra")
    assert place.explained() == "created: its contents were not restored"


def test_plugins_are_asked_by_what_is_expected_before_the_install(place: Place) -> None:
    write_data(place.app, {})
    place.lock("acme", "without-data", expected=["acme", "Without_Data"])
    assert [one.spec.name for one in place.explain().layers if one.spec.name.startswith("plugin-")] == []
    assert [c.name for c in place.build().contributions if c.name.startswith("plugin-")] == []


def test_a_program_in_it_is_no_program_that_is_missing_at_launch(place: Place) -> None:
    write_data(
        place.app, {"scripts": ['mkdir "$1/bin"; touch "$1/bin/serve-data"; chmod +x "$1/bin/serve-data"']}
    )
    (place.app / "Procfile").write_text("web: serve-data\n")
    place.build()
    assert "serve-data is in no layer" not in place.log
    assert [
        layer.decision.action for layer in place.explain().layers if layer.spec.name == "plugin-data"
    ] == [Action.KEEP]
    assert not any("serve-data" in warning for warning in place.explain().warnings)
