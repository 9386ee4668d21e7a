"""Commands are inputs of the layer that they fill, by what can change their result, wherever it is built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from layerwright.build.layers.commands import (
    Places,
    change_of_command,
    command_inputs,
    directory_of,
    variables_of,
)
from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.process.command import Command
from layerwright.process.redaction import SecretStr

PLACES = Places(
    application=Path("/srv/app"),
    named={"/srv/app/layers": "{layers}", "/srv/app/layers/python/bin/python3.13": "{python}"},
)
SYNC = Command(argv=("/srv/app/layers/tool-acme/bin/acme", "sync"), shown="acme sync")


def inputs(*commands: Command, others: tuple[str, ...] = ()) -> dict[str, str]:
    return command_inputs(commands, PLACES, others)


def test_the_arguments_count_without_what_the_log_shows_in_their_place() -> None:
    assert inputs(SYNC) == {"command acme sync": "{layers}/tool-acme/bin/acme sync"}


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        ("uv sync --locked", "uv sync"),
        ("pip install acme==1.0", "pip install"),
        ("put uv, uvx on PATH", "put uv, uvx on PATH"),
        ("", "acme"),
        ("/opt/acme/bin/acme --all", "acme"),
    ],
)
def test_a_command_is_called_by_the_words_that_the_log_shows_before_any_option(
    shown: str, title: str
) -> None:
    argv = ("/srv/app/layers/tool-acme/bin/acme", "--all")
    assert list(inputs(replace(SYNC, argv=argv, shown=shown))) == [f"command {title}"]


def test_two_commands_of_one_name_are_distinguished() -> None:
    assert list(inputs(SYNC, SYNC, SYNC)) == [
        "command acme sync",
        "command acme sync (2)",
        "command acme sync (3)",
    ]


def test_paths_are_the_same_words_wherever_the_build_is() -> None:
    text = "file:///srv/app/x /srv/app=/srv/app/layers/venv /srv/app/layers/python/bin/python3.13 /srv/apples"
    assert PLACES.portable(text) == (
        "file://{application}/x {application}={layers}/venv {python} /srv/apples"
    )


def test_variables_count_by_their_names_and_secrets_never() -> None:
    env = {
        "ACME_INDEX": "https://u:s3cr3t@example.com/simple",
        "ACME_CACHE": "/srv/app/layers/cache-acme",
        "ACME_PASSWORD": SecretStr("s3cr3t"),
        "ACME_COLOR": None,
        "ACME_PROXY": "http://proxy.example.com",
    }
    found = inputs(replace(SYNC, env=env, without_effect=frozenset({"ACME_PROXY"})))
    assert found == {
        **inputs(SYNC),
        "ACME_CACHE": "{layers}/cache-acme",
        "ACME_INDEX": "https://****@example.com/simple",
    }


def test_a_variable_that_not_all_commands_have_says_of_which() -> None:
    clean = Command(argv=("/acme", "clean"), shown="acme clean", env={"A": "1", "B": "1"})
    found = inputs(
        replace(SYNC, env={"A": "1", "B": "2"}), clean, replace(clean, shown="acme tidy", env={"A": "1"})
    )
    assert {name: value for name, value in found.items() if not name.startswith("command ")} == {
        "A": "1",
        "B of acme clean": "1",
        "B of acme sync": "2",
    }


def test_a_working_directory_counts_where_it_is_not_the_application() -> None:
    assert inputs(replace(SYNC, cwd=Path("/srv/app"))) == inputs(SYNC)
    found = inputs(replace(SYNC, cwd=Path("/srv/app/layers/tool-acme")))
    assert found["working directory of acme sync"] == "{layers}/tool-acme"


def test_standard_input_counts_as_a_digest() -> None:
    name = "standard input of acme sync"
    one, same, other = (inputs(replace(SYNC, stdin=text))[name] for text in ("acme==1", "acme==1", "acme==2"))
    assert one.startswith("sha256:")
    assert one == same != other


def test_a_script_of_the_plugin_that_an_argument_names_counts_with_its_content(tmp_path: Path) -> None:
    places = replace(PLACES, named={**PLACES.named, str(tmp_path): "{plugin}"})
    script = tmp_path / "fill_script.py"
    fill = replace(
        SYNC, argv=("/usr/bin/python3", str(script), str(tmp_path / "absent.py"), "/srv/app/fill.py")
    )
    script.write_text("print(1)")
    before = command_inputs([fill], places, ())
    script.write_text("print(2)")
    after = command_inputs([fill], places, ())
    assert before.keys() == {"command acme sync", "{plugin}/fill_script.py"}
    assert before["command acme sync"] == after["command acme sync"]
    assert before["{plugin}/fill_script.py"] != after["{plugin}/fill_script.py"]


def test_an_input_of_the_plugin_with_the_same_name_stays() -> None:
    found = inputs(replace(SYNC, env={"ACME_INDEX": "a"}), others=("ACME_INDEX",))
    assert found["ACME_INDEX (commands)"] == "a"


def test_what_a_tool_layer_sets_for_commands_counts_as_they_see_it() -> None:
    env = LayerEnv().override("ACME_HOME", "/srv/app/layers/tool-acme").default("ACME_JOBS", "1")
    env = env.default("ACME_LEVEL", "1", scope=Scope.BUILD).override("ACME_CACHE", "off", scope=Scope.LAUNCH)
    env = env.default("ACME_TOKEN", "none").append("ACME_PATHS", "/x")
    users = {"ACME_HOME": "/elsewhere", "ACME_LEVEL": "2", "ACME_TOKEN": "s3cr3t-tok3n", "ACME_PATHS": "/y"}
    assert variables_of([env], users, PLACES) == {
        "ACME_HOME": "{layers}/tool-acme",
        "ACME_JOBS": "1",
        "ACME_LEVEL": "2",
        "ACME_PATHS": "/x",
    }


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ("acme sync", "acme sync --group=docs", "command acme sync: --group=docs is new"),
        ("acme sync --all", "acme sync", "command acme sync: --all is gone"),
        ("acme sync -g 'a b'", "acme sync -g c", "command acme sync: 'a b' → c"),
        ("acme a b", "acme b a", "command acme sync changed"),
        ("acme '", "acme", "command acme sync changed"),
    ],
)
def test_a_change_names_the_arguments_that_differ(then: str, now: str, words: str) -> None:
    assert change_of_command("command acme sync", then, now) == words


def test_the_directory_of_a_plugin_is_that_of_its_import_package() -> None:
    assert directory_of(Places).name == "layerwright"
