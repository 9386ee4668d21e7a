"""What other buildpacks ask for counts like configuration, and what they do not get is told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from layerwright.cnb.build_plan import BuildpackPlan, Require
from layerwright.cnb.layer import LayerTypes
from layerwright.contribute import Action, Contribution, Decision
from layerwright.errors import UserError
from layerwright.output import Log
from layerwright.plan_entries import asked, unmet


def plan(*entries: tuple[str, dict[str, object]]) -> BuildpackPlan:
    return BuildpackPlan(tuple(Require(name, metadata) for name, metadata in entries))


def made(name: str, *, launch: bool = False) -> Contribution:
    return Contribution(
        name=name,
        path=Path("/layers", name),
        types=LayerTypes(build=True, launch=launch),
        decision=Decision(action=Action.KEEP, reasons=()),
        seconds=0,
        size=0,
    )


def test_versions_and_launch_are_configuration_and_all_metadata_is_shown() -> None:
    stream = io.StringIO()
    entries = plan(
        ("python", {}),
        ("python", {"version": "3.12", "build": True}),
        ("acme", {"launch": True, "version": "2"}),
        ("acme", {"version": "2"}),
    )
    giver, tables = asked(entries, Log(stream))
    assert giver == "the build plan"
    assert tables == {"python": {"version": "3.12"}, "acme": {"launch": True, "version": "2"}}
    assert stream.getvalue() == (
        "Build plan\n"
        "  python: version = 3.12, build = True\n"
        "  acme: launch = True, version = 2\n"
        "  acme: version = 2\n"
    )


@pytest.mark.parametrize(
    "entries",
    [
        plan(),
        plan(("python", {}), ("acme", {}), ("venv", {})),
        plan(("python", {"launch": True}), ("venv", {"launch": True, "version": "1"})),
        plan(("acme", {"launch": False}), ("acme", {"launch": "true"}), ("acme", {"build": True})),
    ],
)
def test_nothing_else_is_configuration(entries: BuildpackPlan) -> None:
    assert asked(entries, Log(io.StringIO())).tables == {}


def test_without_metadata_there_is_nothing_to_show() -> None:
    stream = io.StringIO()
    asked(plan(("python", {})), Log(stream))
    assert stream.getvalue() == ""


def test_two_versions_of_one_thing_are_an_error_that_names_both() -> None:
    entries = plan(("python", {"version": "3.12"}), ("python", {"version": "3.13"}))
    with pytest.raises(UserError, match=r"two versions of python: 3\.12 and 3\.13") as raised:
        asked(entries, Log(io.StringIO()))
    assert raised.value.reference == "build-plan-versions"


def test_a_tool_that_is_not_used_or_not_there_at_launch_is_unmet() -> None:
    entries = plan(
        ("python", {"launch": True}),
        ("venv", {"launch": True}),
        ("acme", {"launch": True}),
        ("base", {"launch": True}),
        ("base", {}),
        ("other", {}),
    )
    layers = [made("python"), made("tool-acme", launch=True), made("tool-base"), made("venv")]
    assert unmet(entries, layers) == {
        "base": "to be there at launch, and the configuration says that it is not",
        "other": "which this application does not use",
    }
