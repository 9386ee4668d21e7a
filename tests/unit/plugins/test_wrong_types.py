from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layerwright import Command, Detection, EnvironmentInstall, Expected, Resolution, SecretStr, ToolLayer
from layerwright.plugins.wrong_types import wrong_types

COMMAND = Command(argv=("/bin/acme",), env={"ACME": None, "PASSWORD": SecretStr("hunter2")}, cwd=Path("/"))
TOOL = ToolLayer(version="1", inputs={}, install=(COMMAND,))
INSTALL = EnvironmentInstall(inputs={"a": "b"}, commands=(COMMAND,))


def test_values_of_the_right_types_are_left_alone() -> None:
    resolution = Resolution(command=COMMAND, read=lambda text: (), converge=lambda change: ())
    install = EnvironmentInstall(inputs={}, commands=(), resolution=resolution)

    assert wrong_types(None, TOOL, INSTALL) == ()
    assert wrong_types(Detection(evidence="acme.lock"), TOOL, install) == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"version": 1}, "ToolLayer.version is 1"),
        ({"env": {}}, "ToolLayer.env is {}"),
        ({"inputs": [("a", "b")]}, "ToolLayer.inputs is a list: [('a', 'b')]"),
        ({"inputs": {1: "b"}}, "a key of ToolLayer.inputs is 1"),
        ({"stand_ins": {"acme": None}}, "ToolLayer.stand_ins['acme'] is None"),
        ({"install": [COMMAND]}, f"ToolLayer.install is a list: [{COMMAND!r}]"),
        ({"install": ("acme",)}, "ToolLayer.install[0] is 'acme'"),
        ({"launchers": ("acme", 1)}, "ToolLayer.launchers[1] is 1"),
        (
            {"install": (Command(argv=("/bin/acme", Path("x"))),)},  # type: ignore[arg-type]
            f"ToolLayer.install[0].argv[1] is {Path('x')!r}",
        ),
        (
            {"install": (Command(argv=("/bin/acme",), cwd="x"),)},  # type: ignore[arg-type]
            "ToolLayer.install[0].cwd is 'x'",
        ),
        (
            {"install": (Command(argv=("/bin/acme",), env={"A": 1}),)},  # type: ignore[dict-item]
            "ToolLayer.install[0].env['A'] is 1",
        ),
        (
            {"install": (Command(argv=("/bin/acme",), env=[]),)},  # type: ignore[arg-type]
            "ToolLayer.install[0].env is a list: []",
        ),
        ({"depends_on_python": "minor"}, "ToolLayer.depends_on_python is 'minor'"),
        ({"depends_on_target": None}, "ToolLayer.depends_on_target is None"),
    ],
)
def test_each_value_of_a_wrong_type_is_named(values: dict[str, Any], words: str) -> None:
    tool = ToolLayer(**{"version": "1", "inputs": {}, "install": (), **values})
    assert wrong_types(None, tool) == (words,)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"inputs": None}, "EnvironmentInstall.inputs is a NoneType: None"),
        ({"commands": COMMAND}, f"EnvironmentInstall.commands is a Command: {COMMAND!r}"),
        ({"locked": 1}, "EnvironmentInstall.locked is 1"),
        ({"converges": "yes"}, "EnvironmentInstall.converges is 'yes'"),
        ({"archives": {"acme==1": 5}}, "EnvironmentInstall.archives['acme==1'] is 5"),
        ({"resolution": COMMAND}, f"EnvironmentInstall.resolution is {COMMAND!r}"),
        ({"fresh_because": True}, "EnvironmentInstall.fresh_because is True"),
        ({"first": "acme"}, "EnvironmentInstall.first is a str: 'acme'"),
        ({"diagnosis": "acme"}, "EnvironmentInstall.diagnosis is a str: 'acme'"),
        ({"checks": [COMMAND]}, f"EnvironmentInstall.checks is a list: [{COMMAND!r}]"),
        ({"keeps_cache": None}, "EnvironmentInstall.keeps_cache is None"),
    ],
)
def test_each_value_of_a_wrong_type_of_an_environment_is_named(values: dict[str, Any], words: str) -> None:
    install = EnvironmentInstall(**{"inputs": {}, "commands": (), **values})
    assert wrong_types(install) == (words,)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, ()),
        ({"names": ["acme"]}, ("Expected.names is a list: ['acme']",)),
        ({"names": frozenset({1})}, ("an item of Expected.names is 1",)),
        ({"source": None}, ("Expected.source is None",)),
        ({"uncertain": True}, ("Expected.uncertain is True",)),
    ],
)
def test_each_value_of_a_wrong_type_of_what_is_expected_is_named(
    values: dict[str, Any], words: tuple[str, ...]
) -> None:
    found = Expected(**{"names": frozenset({"acme"}), "source": "acme.lock", **values})
    assert wrong_types(found) == words
