"""Build commands of the application's own: which run, where, with what, and what their failure says."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.build.explain import explain
from layerwright.build.phase import build
from layerwright.errors import CommandFailed, ConfigurationError, UserError
from layerwright.output.log import Log
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.build.phase import Built

ORIGIN = "layerwright.toml: build.commands"


class Place:
    """An application whose builds end with the *commands* that are given."""

    def __init__(self, root: Path) -> None:
        self.root, self.app, self.log = root, root / "app", ""
        (root / "layers").mkdir()
        write_lock(self.app)

    def configure(self, *commands: str) -> None:
        listed = ", ".join(f"'''{command}'''" for command in commands)
        (self.app / "layerwright.toml").write_text(f"[build]\ncommands = [{listed}]\n")

    def build(self, environment: Mapping[str, str] | None = None) -> Built:
        stream = io.StringIO()
        try:
            return build(small_request(self.root, environment=environment), Log(stream, stream))
        finally:
            self.log = stream.getvalue()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_they_run_in_order_in_the_application_directory_in_every_build(place: Place) -> None:
    place.configure("touch one", "pwd && ls one")
    built = place.build()
    said = f"\nAfter the install\n  $ touch one\n  $ pwd && ls one\n    {place.app}\n    one\n"
    assert said in place.log
    # They may have changed the virtual environment.
    assert built.done_late

    (place.app / "one").unlink()
    place.build()
    assert said in place.log


def test_they_run_after_those_of_plugins(place: Place) -> None:
    write_lock(place.app, "after")
    place.configure("echo own")
    place.build()
    assert place.log.index("$ look there") < place.log.index("$ echo own")


def test_without_a_shell_nothing_is_expanded_and_with_one_it_is(place: Place) -> None:
    place.configure("echo a,b", "echo $GREETING", "[[ -n $GREETING ]] && echo bash")
    place.build({"GREETING": "hello"})
    assert "    a,b\n" in place.log
    assert "    hello\n" in place.log
    assert "    bash\n" in place.log


def test_they_find_programs_of_the_layers_first(place: Place) -> None:
    place.configure("sh -c 'echo found $PATH'")
    place.build()
    assert f"    found {place.root}/layers/" in place.log


def test_they_have_the_secrets_of_the_application_and_not_those_of_installers(place: Place) -> None:
    place.configure("env")
    place.build(
        {"DB_PASSWORD": "hunter2hunter2", "SMALL_TOKEN": "hunter3hunter3", "SHOP": "1", "PYTHONPATH": "src"}
    )
    assert "DB_PASSWORD=" in place.log
    assert "hunter2hunter2" not in place.log
    assert "SMALL_TOKEN" not in place.log
    assert "PYTHONPATH=src" in place.log


def test_a_variable_configures_them_too(place: Place) -> None:
    place.build({"LAYERWRIGHT_BUILD_COMMANDS": "echo one, echo two"})
    assert "    one\n  $ echo two\n    two\n" in place.log


def test_one_that_fails_ends_the_build_and_names_itself_and_its_setting(place: Place) -> None:
    place.configure("true", "sh -c 'exit 3'", "echo never")
    with pytest.raises(CommandFailed) as caught:
        place.build()
    error = caught.value
    assert error.summary == "sh -c 'exit 3' ended with status 3."
    assert error.cause.startswith(f"{ORIGIN}[1] configures it.\n")
    assert error.remedy[-1] == f"Otherwise correct or remove the command in {ORIGIN}[1]."
    assert error.reference == "build-command-failed"
    assert "never" not in place.log


def test_one_whose_program_does_not_exist_is_named_too(place: Place) -> None:
    place.configure("compile-messages --all")
    with pytest.raises(UserError) as caught:
        place.build()
    assert caught.value.summary == "The build command could not be started: compile-messages --all"
    assert caught.value.cause == f"{ORIGIN}[0] configures it.\nNo such file or directory: compile-messages"
    assert caught.value.reference == "build-command-failed"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo 'hello", 'has nothing to close it: "echo \'hello"'),
        (" ", "a command is empty"),
    ],
)
def test_one_that_cannot_be_read_is_a_mistake_in_the_configuration(
    place: Place, command: str, words: str
) -> None:
    place.configure(command)
    with pytest.raises(ConfigurationError) as caught:
        place.build()
    [problem] = caught.value.problems
    assert problem.startswith(ORIGIN)
    assert problem.endswith(words)


def test_an_explanation_shows_them_after_those_of_plugins(place: Place) -> None:
    place.configure("touch one")
    explanation = explain(small_request(place.root))
    assert explanation.as_json()["post-install"] == [{"command": "touch one", "origin": f"{ORIGIN}[0]"}]
    assert not (place.app / "one").exists()
