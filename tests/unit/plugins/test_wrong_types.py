from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from layerwright import (
    Command,
    Detection,
    Diagnosis,
    EnvironmentInstall,
    Expected,
    Locked,
    LockedWheels,
    NotProposed,
    Process,
    ProposedProcess,
    Resolution,
    SecretStr,
    ToolLayer,
    Unprovable,
    Update,
)
from layerwright.plugins.wrong_types import wrong_types

COMMAND = Command(argv=("/bin/acme",), env={"ACME": None, "PASSWORD": SecretStr("hunter2")}, cwd=Path("/"))
TOOL = ToolLayer(version="1", inputs={}, install=(COMMAND,))
INSTALL = EnvironmentInstall(inputs={"a": "b"}, commands=(COMMAND,), sameness=Locked(update=Update()))
RESOLUTION = Resolution(command=COMMAND, read=lambda text: (), converge=lambda change: ())


def locked(update: Any) -> Locked:
    return Locked(update=update)


def test_a_proposal_of_wrong_types_is_named() -> None:
    web = Process(type="web", command=("web",))
    assert wrong_types(ProposedProcess(process=web, because="it is"), NotProposed(because="it is not")) == ()
    assert wrong_types(ProposedProcess(process="web", because="it is", warning=None, fallback="no")) == (  # type: ignore[arg-type]
        "ProposedProcess.process is 'web'",
        "ProposedProcess.warning is None",
        "ProposedProcess.fallback is 'no'",
    )
    assert wrong_types(NotProposed(because="it is", remedy=1, type=2)) == (  # type: ignore[arg-type]
        "NotProposed.remedy is 1",
        "NotProposed.type is 2",
    )


def test_values_of_the_right_types_are_left_alone() -> None:
    assert wrong_types(None, TOOL, INSTALL) == ()
    assert wrong_types(Detection(evidence="acme.lock"), TOOL) == ()


@pytest.mark.parametrize(
    "sameness", [Locked(), Locked(update=RESOLUTION), RESOLUTION, Unprovable("a is editable")]
)
def test_every_choice_of_sameness_is_right(sameness: Locked | Resolution | Unprovable) -> None:
    assert wrong_types(replace(INSTALL, sameness=sameness)) == ()


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
        (
            {"install": (Command(argv=("/bin/acme",), diagnoses=[]),)},  # type: ignore[arg-type]
            "ToolLayer.install[0].diagnoses is a list: []",
        ),
        (
            {"install": (Command(argv=("/bin/acme",), diagnoses=("none",)),)},  # type: ignore[arg-type]
            "ToolLayer.install[0].diagnoses[0] is 'none'",
        ),
        ({"wheels": "acme.lock"}, "ToolLayer.wheels is 'acme.lock'"),
        ({"wheels": LockedWheels(hashed=b"")}, "LockedWheels.hashed is b''"),  # type: ignore[arg-type]
        (
            {"wheels": LockedWheels(hashed="", layout="user")},  # type: ignore[arg-type]
            "LockedWheels.layout is 'user'",
        ),
        (
            {"wheels": LockedWheels(hashed="", scripts="acme")},  # type: ignore[arg-type]
            "LockedWheels.scripts is a str: 'acme'",
        ),
        (
            {"wheels": LockedWheels(hashed="", directories=("wheels",))},  # type: ignore[arg-type]
            "LockedWheels.directories[0] is 'wheels'",
        ),
        (
            {"wheels": LockedWheels(hashed="", contents=[])},  # type: ignore[arg-type]
            "LockedWheels.contents is a list: []",
        ),
        (
            {"wheels": LockedWheels(hashed="", index={"PIP_INDEX_URL": 1})},  # type: ignore[dict-item]
            "LockedWheels.index['PIP_INDEX_URL'] is 1",
        ),
        ({"depends_on_python": "minor"}, "ToolLayer.depends_on_python is 'minor'"),
        ({"depends_on_target": None}, "ToolLayer.depends_on_target is None"),
    ],
)
def test_each_value_of_a_wrong_type_is_named(values: dict[str, Any], words: str) -> None:
    tool = ToolLayer(**{"version": "1", "inputs": {}, "install": (), **values})
    assert wrong_types(None, tool) == (words,)


def test_a_function_for_diagnoses_is_right_and_not_called() -> None:
    def diagnoses() -> tuple[Diagnosis, ...]:
        raise AssertionError("called")

    command = Command(argv=("/bin/acme",), diagnoses=diagnoses)
    assert wrong_types(ToolLayer(version="1", inputs={}, install=(command,))) == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"inputs": None}, "EnvironmentInstall.inputs is a NoneType: None"),
        ({"commands": COMMAND}, f"EnvironmentInstall.commands is a Command: {COMMAND!r}"),
        (
            {"sameness": "locked"},
            "EnvironmentInstall.sameness is 'locked', not Locked, a Resolution or Unprovable",
        ),
        ({"sameness": locked("acme")}, "Locked.update is 'acme'"),
        ({"sameness": locked(Update(archives={"acme==1": 5}))}, "Update.archives['acme==1'] is 5"),  # type: ignore[dict-item]
        ({"sameness": locked(Update(keeps={"pip"}))}, "Update.keeps is a set: {'pip'}"),  # type: ignore[arg-type]
        ({"sameness": locked(Update(diagnosis="acme"))}, "Update.diagnosis is a str: 'acme'"),  # type: ignore[arg-type]
        ({"sameness": replace(RESOLUTION, command="acme")}, "Resolution.command[0] is 'acme'"),
        ({"sameness": locked(replace(RESOLUTION, read=None))}, "Resolution.read is None"),
        ({"sameness": replace(RESOLUTION, converge=())}, "Resolution.converge is ()"),
        ({"sameness": replace(RESOLUTION, reinstall="pip")}, "Resolution.reinstall is 'pip'"),  # type: ignore[arg-type]
        ({"sameness": Unprovable(True)}, "Unprovable.because is True"),  # type: ignore[arg-type]
        ({"first": "acme"}, "EnvironmentInstall.first is a str: 'acme'"),
        ({"checks": [COMMAND]}, f"EnvironmentInstall.checks is a list: [{COMMAND!r}]"),
        ({"keeps_cache": None}, "EnvironmentInstall.keeps_cache is None"),
        ({"shares": "wheels"}, "EnvironmentInstall.shares is 'wheels'"),
    ],
)
def test_each_value_of_a_wrong_type_of_an_environment_is_named(values: dict[str, Any], words: str) -> None:
    install = EnvironmentInstall(**{"inputs": {}, "commands": (), "sameness": Locked(), **values})
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
