"""What other buildpacks ask for counts like configuration, and what they do not get is told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from layerwright.build._contribute import Contribution
from layerwright.build._decide import Action, Decision
from layerwright.build.phase import Built
from layerwright.buildpack._plan_entries import asked, needed, unmet
from layerwright.cnb.build_plan import BuildpackPlan, Require
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.errors import UserError
from layerwright.output.log import Log


def plan(*entries: tuple[str, dict[str, object]]) -> BuildpackPlan:
    return BuildpackPlan(tuple(Require(name, metadata) for name, metadata in entries))


def built(**versions: str) -> Built:
    """Return what was built with these tools, of which the first is there at launch."""
    tools = [name for name in versions if name != "python"]
    made = [
        Contribution(
            name=f"tool-{name}",
            path=Path("/layers", name),
            types=LayerTypes(build=True, launch=name == tools[0]),
            decision=Decision(action=Action.KEEP, reasons=()),
            seconds=0,
            size=0,
            exported=LayerTypes(launch=name == tools[0]),
        )
        for name in tools
    ]
    return Built(contributions=tuple(made), dropped=(), processes=(), versions=versions)


def test_versions_and_launch_are_configuration_and_all_metadata_is_shown() -> None:
    stream = io.StringIO()
    entries = plan(
        ("python", {}),
        ("python", {"version": "3.12", "build": True}),
        ("acme", {"launch": True, "version": "2"}),
        ("acme", {"version": "2"}),
    )
    giver, tables, _ = asked(entries, Log(stream))
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
        plan(("acme", {"launch": False}), ("acme", {"launch": "yes"}), ("acme", {"build": True})),
        plan(("python", {"version": "*"}), ("acme", {"version": ""})),
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


@pytest.mark.parametrize(
    ("metadata", "table"),
    [({"version": "3.12.*"}, {"version": "3.12"}), ({"version": 3.12}, {"version": "3.12"})],
)
def test_a_version_may_be_written_as_other_buildpacks_do(
    metadata: dict[str, object], table: dict[str, object]
) -> None:
    assert asked(plan(("python", metadata)), Log(io.StringIO())).tables == {"python": table}


def test_launch_may_be_quoted() -> None:
    assert asked(plan(("acme", {"launch": "true"})), Log(io.StringIO())).tables == {"acme": {"launch": True}}


def test_a_tool_that_is_not_used_or_missing_at_launch_is_unmet() -> None:
    entries = plan(
        ("python", {"launch": True}),
        ("venv", {"launch": True, "version": "1"}),
        ("acme", {"launch": True}),
        ("base", {"launch": True}),
        ("base", {}),
        ("other", {}),
    )
    assert unmet(entries, built(python="3.13.2", acme="1.0", base="1.0")) == {
        "base": "at launch, but the configuration leaves it out of the run image",
        "other": "which this application does not use",
    }


def test_a_tool_that_an_unchanged_build_leaves_out_is_not_at_launch() -> None:
    assert unmet(
        plan(("acme", {"launch": True})),
        Built(contributions=(), dropped=(), processes=(), versions={"acme": "1.0"}),
    ) == {"acme": "at launch, but the configuration leaves it out of the run image"}


@pytest.mark.parametrize(
    ("others", "layers"),
    [
        ((), set()),
        ((("python", {}),), {"python"}),
        ((("venv", {"build": True}),), {"python", "venv"}),
        ((("acme", {"version": "1"}),), {"python", "tool-acme", "venv"}),
        ((("python", {"launch": True}), ("venv", {"build": "false"})), set()),
        ((("python", {"launch": True, "build": "true"}),), {"python"}),
    ],
)
def test_a_requirement_of_another_buildpack_needs_layers_at_build_unless_it_is_for_launch_alone(
    others: tuple[tuple[str, dict[str, object]], ...], layers: set[str]
) -> None:
    own = tuple((name, {}) for name in ("python", "acme", "venv"))
    assert needed(plan(*own, *others)) == layers
    assert needed(plan(*others, *own)) == layers


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        ("3.13", True),
        ("3.13.2", True),
        ("3.13.*", True),
        (">=3.12,<3.14", True),
        ("3", True),
        ("3.12", False),
        ("3.1", False),
        (">3.13.2", False),
        ("latest", False),
    ],
)
def test_another_version_than_was_asked_for_is_unmet(wanted: str, met: bool) -> None:
    found = unmet(plan(("python", {"version": wanted})), built(python="3.13.2"))
    words = f"in version {wanted.removesuffix('.*')}, and the application has 3.13.2"
    assert found == ({} if met else {"python": words})
