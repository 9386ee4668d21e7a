from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest
from typing_extensions import override

from layerwright.build._decide import LayerSpec
from layerwright.build.layers.ahead import Ahead, unpacking_ahead
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.contract.values.tool import ToolLayer
from layerwright.contract.wheels import LockedWheels, WheelLayout
from layerwright.process.forks import Forked
from layerwright.testing import wheel
from layerwright.testing.loopback.index import PackageIndex
from tests.unit.build.samples import Site

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from layerwright.build._specify import Described, DescribedTool

PYTHON = LayerSpec(name="python", types=LayerTypes(build=True), inputs={"Python version": "3.13.2"})
ACME = LayerSpec(name="tool-acme", types=LayerTypes(build=True), inputs={"Acme version": "1.2"})


class One(NamedTuple):
    """A described tool."""

    tool: ToolLayer
    spec: LayerSpec = ACME


class All(NamedTuple):
    """What of a description counts here."""

    interpreter: object
    python: LayerSpec = PYTHON


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def tool(tmp_path: Path) -> ToolLayer:
    """Return a tool whose wheel is at hand."""
    (tmp_path / "wheels").mkdir()
    acme = wheel("acme", "1.2", entry_points={"acme": "acme:main"})
    acme.save(tmp_path / "wheels")
    return locked(WheelLayout.USER, f"acme==1.2 --hash=sha256:{acme.sha256}", tmp_path / "wheels")


def locked(layout: WheelLayout, hashed: str, *directories: Path) -> ToolLayer:
    wheels = LockedWheels(hashed=hashed, layout=layout, scripts=("acme",), directories=directories)
    return ToolLayer(version="1.2", inputs={}, install=(), wheels=wheels)


class AtOnce(Forked[tuple[str, ...]]):
    """Does the work when it is begun."""

    def __init__(self, work: Callable[[], tuple[str, ...] | None]) -> None:
        super().__init__()
        self._result = work()

    @override
    def __call__(self) -> tuple[str, ...] | None:
        return self._result


def at_once(work: Callable[[], tuple[str, ...] | None]) -> Forked[tuple[str, ...]]:
    return AtOnce(work)


def never(work: Callable[[], tuple[str, ...] | None]) -> Forked[tuple[str, ...]]:
    del work
    return Forked()


def unpacking(site: Site, tool: ToolLayer) -> AbstractContextManager[Ahead]:
    described, one = cast("Described", All(site.interpreter)), cast("DescribedTool", One(tool))
    return unpacking_ahead(site.contributor(), described, [one], site.runner)


def layer(tmp_path: Path) -> Path:
    path = tmp_path / "tool-acme"
    path.mkdir()
    return path


def test_what_was_unpacked_is_moved_into_the_layer(site: Site, tool: ToolLayer, tmp_path: Path) -> None:
    ahead = Ahead(tmp_path / "ahead", fork=at_once)
    ahead.begin(tmp_path / "tool-acme", tool, site.interpreter, site.runner)

    into = layer(tmp_path)
    assert ahead.move(into) == ("acme 1.2",)

    script = (into / "bin" / "acme").read_text()
    assert script.startswith(f"#!{site.interpreter.executable}\n")
    assert str(tmp_path / "ahead") not in script
    assert ahead.move(into) == ()
    ahead.end()
    assert not (tmp_path / "ahead").exists()


def test_what_has_no_wheel_or_no_other_core_is_left_to_its_layer(
    site: Site, tool: ToolLayer, tmp_path: Path
) -> None:
    into = layer(tmp_path)
    no_wheel = Ahead(tmp_path / "one", fork=at_once)
    no_wheel.begin(
        tmp_path / "tool-acme",
        locked(WheelLayout.USER, f"acme==1.3 --hash=sha256:{'0' * 64}"),
        site.interpreter,
        site.runner,
    )
    no_core = Ahead(tmp_path / "two", fork=never)
    no_core.begin(tmp_path / "tool-acme", tool, site.interpreter, site.runner)
    assert no_wheel.move(into) == no_core.move(into) == ()
    assert list(into.iterdir()) == []


def test_scripts_of_an_environment_are_written_for_the_layer(
    site: Site, tool: ToolLayer, tmp_path: Path
) -> None:
    assert tool.wheels is not None
    own = replace(tool, wheels=replace(tool.wheels, layout=WheelLayout.ENVIRONMENT))
    ahead = Ahead(tmp_path / "ahead", fork=at_once)
    ahead.begin(tmp_path / "tool-acme", own, site.interpreter, site.runner)

    into = layer(tmp_path)
    assert ahead.move(into) == ("acme 1.2",)
    assert (into / "bin" / "acme").read_text().startswith(f"#!{into}/venv/bin/python\n")


def test_a_tool_that_is_not_locked_is_not_begun(site: Site, tmp_path: Path) -> None:
    ahead = Ahead(tmp_path / "ahead", fork=at_once)
    unlocked = ToolLayer(version="1.2", inputs={}, install=())
    ahead.begin(tmp_path / "tool-acme", unlocked, site.interpreter, site.runner)
    assert not (tmp_path / "ahead").exists()


def test_a_wheel_that_is_not_at_hand_is_downloaded(site: Site, tool: ToolLayer, tmp_path: Path) -> None:
    assert tool.wheels is not None
    with PackageIndex() as index:
        index.add(wheel("acme", "1.2", entry_points={"acme": "acme:main"}))
        there = replace(
            tool.wheels, directories=(), index={"PIP_INDEX_URL": index.url, "PIP_CONFIG_FILE": os.devnull}
        )
        ahead = Ahead(tmp_path / "ahead", fork=at_once)
        runner = site.runner.within({"HOME": str(tmp_path)})
        ahead.begin(tmp_path / "tool-acme", replace(tool, wheels=there), site.interpreter, runner)
    assert ahead.move(layer(tmp_path)) == ("acme 1.2",)


def test_a_failed_build_leaves_nothing_of_it(site: Site, tool: ToolLayer) -> None:
    place = site.layers.path / ".layerwright" / "ahead"
    (place / "tool-acme").mkdir(parents=True)  # of a killed build

    def fail() -> None:
        with unpacking(site, tool):
            assert (place / "tool-acme").is_dir()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not place.exists()


def test_nothing_is_begun_if_the_tool_is_kept(site: Site, tool: ToolLayer) -> None:
    site.contributor().contribute(ACME, create=lambda _layer: None)
    with unpacking(site, tool):
        assert not (site.layers.path / ".layerwright" / "ahead").exists()
