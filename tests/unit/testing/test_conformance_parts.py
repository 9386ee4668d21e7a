"""What the checks are made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest

from layerwright import Command, EnvironmentInstall, Locked, Project, SecretStr, ToolLayer
from layerwright.testing.conformance._asking import observe
from layerwright.testing.conformance._inputs import InputChecks
from layerwright.testing.conformance._secrets import Variables
from layerwright.testing.conformance._source import private_imports
from layerwright.testing.conformance.trial.canonical import flattened
from layerwright.testing.conformance.trial.observe import Observed, kind_of
from layerwright.testing.conformance.trial.subject import Subject
from layerwright.testing.conformance.trial.trials import Asked, samples, values_of, values_of_variable
from layerwright.testing.conformance.trial.verdict import changes, fail
from tests.conformance.planted.applications import application
from tests.conformance.planted.tiny import Tiny
from tests.conformance.planted.values import WithCheckedSettings

if TYPE_CHECKING:
    from layerwright import ToolRequest

COMMAND = Command(argv=("/bin/acme",), env={"ACME": None, "PASSWORD": SecretStr("hunter2")}, cwd=Path("/"))
TOOL = ToolLayer(version="1", inputs={}, install=(COMMAND,))
INSTALL = EnvironmentInstall(inputs={"a": "b"}, commands=(COMMAND,), sameness=Locked())


class Raising(Tiny):
    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        raise ValueError("no idea")


def test_values_are_flattened_to_what_can_be_compared(tmp_path: Path) -> None:
    assert flattened((COMMAND, {"b", "a"}), "it") == {
        "it[0].argv[0]": "'/bin/acme'",
        "it[0].env['ACME']": "None",
        "it[0].env['PASSWORD']": "SecretStr f52fbd32",
        "it[0].cwd": f"{Path('/')!r}",
        "it[0].stdin": "''",
        "it[0].shown": "''",
        "it[0].remedy": "tuple",
        "it[0].reference": "'command-failed'",
        "it[0].diagnoses": "tuple",
        "it[0].without_effect": "frozenset",
        "it[1][0]": "\"'a'\"",
        "it[1][1]": "\"'b'\"",
    }
    functions = {"f": partial(print, 1, end=""), "g": INSTALL.__eq__, "h": len, "p": Project(tmp_path)}
    found = flattened(functions)
    assert found["['f'].func"] == "print"
    assert found["['f'].args[0]"] == "1"
    assert found["['g'].__eq__.inputs['a']"] == "'b'"
    assert (found["['h']"], found["['p']"]) == ("len", f"the project in {tmp_path}")


@pytest.mark.parametrize(
    ("event", "arguments", "kind"),
    [
        ("open", ("/app/acme.lock", "r", 0), ""),
        ("open", ("/elsewhere", "r", 0), "read"),
        ("open", (b"/elsewhere", "rb", 0), "read"),
        ("open", (3, "r", 0), ""),
        ("open", ("/app/acme.lock", "w", 0), "write"),
        ("open", ("/app/acme.lock", "r+", 0), "write"),
        ("open", ("/app/acme.lock", None, os.O_WRONLY | os.O_CREAT), "write"),
        ("open", ("/app/acme.lock", None, os.O_RDONLY), ""),
        ("os.listdir", ("/elsewhere",), "read"),
        ("os.scandir", ("/app/src",), ""),
        ("os.remove", ("/app/acme.lock", -1), "write"),
        ("shutil.rmtree", ("/app",), "write"),
        ("subprocess.Popen", ("acme",), "process"),
        ("os.posix_spawn", ("acme",), "process"),
        ("socket.connect", (None, ("127.0.0.1", 80)), "network"),
        ("os.putenv", (b"A", b"B"), "variable"),
        ("compile", (None, None), ""),
    ],
)
def test_events_are_distinguished(event: str, arguments: tuple[object, ...], kind: str) -> None:
    assert kind_of(event, arguments, ["/app", ""]) == kind


def test_what_was_done_is_reported_once() -> None:
    observed = Observed({}, [("read", "b"), ("write", "c"), ("read", "a"), ("read", "b")])
    assert observed.of("read") == ["a", "b"]


def test_a_plugin_that_raises_in_the_other_process_is_reported(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="ValueError: no idea"):
        observe(Subject.of(Raising(), application, tmp_path / "subject"), tmp_path)


@pytest.mark.parametrize(
    ("hint", "values"),
    [
        (bool, [True, False]),
        (str | None, ["sample"]),
        (tuple[str, ...], [["sample"]]),
        (Literal["a", "b"], ["a", "b"]),
        (Annotated[bool | tuple[str, ...], "checked"], [True, False, ["sample"]]),
        (int | None, [1, 2]),
        (float, [0.5, 1.5]),
        (list[int], [[1], [2]]),
        (frozenset[str], [["sample"]]),
        (set, [["sample"]]),
        (tuple[Literal["a"], bool], [["a", True]]),
        (dict[str, int], [{"sample": 1}]),
        (Mapping[str, tuple[str, ...]], [{"sample": ["sample"]}]),
        (dict, [{"sample": "sample"}]),
        (tuple[Path, ...], []),
        (Path, []),
        (None, []),
    ],
)
def test_settings_are_tried_with_values_of_their_types(hint: Any, values: list[object]) -> None:
    assert list(values_of(hint)) == values


def test_a_sample_that_is_given_is_tried_too(tmp_path: Path) -> None:
    subject = Subject.of(WithCheckedSettings(), application, tmp_path / "a", samples={"jobs": 12})

    assert list(samples(subject)) == [("groups", ["sample"]), ("jobs", 12)]
    InputChecks().test_every_setting_has_a_value_to_try(subject)


def test_a_sample_of_no_setting_is_a_failure(tmp_path: Path) -> None:
    subject = Subject.of(Tiny(), application, tmp_path / "a", samples={"group": ["sample"]})

    with pytest.raises(pytest.fail.Exception, match="group is not one of its settings"):
        InputChecks().test_every_setting_has_a_value_to_try(subject)


def test_what_a_plugin_refuses_on_purpose_is_not_described(tmp_path: Path) -> None:
    subject = Subject.of(Tiny(), application, tmp_path / "a")

    assert subject.describe_if_it_can_be(settings={"groups": 1}) is None
    assert subject.describe_if_it_can_be() == subject.describe()


def test_variables_are_tried_with_what_their_names_sound_like() -> None:
    assert values_of_variable("ACME_MIRROR") == ("https://example.com/other/",)
    assert values_of_variable("ACME_JOBS") == ("1", "sample")
    assert values_of_variable("ACME_INDEX_PASSWORD") == ()


def test_variables_that_are_asked_for_are_known() -> None:
    asked = Asked({"HOME": "/home"})

    assert (asked.get("ACME"), "BASE" in asked, dict(asked), len(asked)) == (
        None,
        False,
        {"HOME": "/home"},
        1,
    )
    assert asked.names == {"ACME", "BASE", "HOME"}


def test_a_variable_that_sounds_like_a_credential_is_one_when_it_is_asked_for() -> None:
    variables = Variables({"HOME": "/home"}, frozenset({"ACME_TOKEN"}))

    assert dict(variables) == {"HOME": "/home"}
    assert "hunter2" in variables["ACME_MIRROR_URL"]
    assert variables["ACME_PASSWORD"] in variables["ACME_MIRROR_URL"]
    assert "ACME_TOKEN" not in variables
    assert "ACME_JOBS" not in variables
    assert len(variables) == 3


def test_what_is_not_public_is_found_wherever_it_is_imported() -> None:
    source = """\
import json, layerwright, layerwright.cnb.layers.layer
from layerwright import Command, journal
from layerwright.errors import UserError
from . import layers
from .layerwright import other
json.loads, layerwright.Command, layerwright.build.phase, layers.names
"""
    assert sorted(private_imports(source)) == [
        (1, "layerwright.cnb.layers.layer"),
        (2, "journal"),
        (3, "layerwright.errors"),
        (6, "layerwright.build"),
    ]


def test_a_failure_says_what_why_and_what_instead() -> None:
    shown = changes({"a": "1", "b": "2"}, {"b": "3", "c": "4"})
    with pytest.raises(pytest.fail.Exception) as failure:
        fail("It is wrong.", why="because.", instead="be right.", shown=shown)

    assert str(failure.value).splitlines() == [
        "It is wrong.",
        "",
        "    a: 1 != (nothing)",
        "    b: 2 != 3",
        "    c: (nothing) != 4",
        "",
        "Why it matters: because.",
        "Instead: be right.",
    ]
    with pytest.raises(pytest.fail.Exception, match=r"It is wrong\.\n\nWhy"):
        fail("It is wrong.", why="because.", instead="be right.")
