"""The lock files as they are committed, against the metadata that is on this machine."""

from __future__ import annotations

import tomllib

import pytest

from layerwright.buildpack.package.locks import pinned
from requirements.completeness import environments, faults
from requirements.locks import LOCKS, ROOT
from requirements.metadata import of_installed, of_wheels
from tests.fixtures.wheelhouse import TOOL_LOCKS, tool_wheelhouse, wheelhouse

KNOWN = of_installed()
for directory in (wheelhouse(), *map(tool_wheelhouse, TOOL_LOCKS)):
    KNOWN |= of_wheels(directory)
TEXTS = [text for one in KNOWN.values() for text in (one.requires_python, *one.requires)]
ANY = {"python_full_version": "3.12.0", "python_version": "3.12", "sys_platform": "linux"}


@pytest.mark.parametrize("name", LOCKS)
def test_each_lock_is_complete(name: str) -> None:
    lock = LOCKS[name]
    where = [
        environment
        for environment in environments(lock.oldest, [lock.file.read_text(), *TEXTS])
        if KNOWN.keys() >= {(pin.name, pin.version) for pin in pinned([lock.file], environment).values()}
    ]
    if not where:
        pytest.skip(f"this machine has not all that {lock.file.name} locks: run make wheelhouse")
    assert faults(lock.file, lock.requirements, KNOWN, where) == []


def test_what_is_installed_to_run_is_locked_the_same_in_all_three_files() -> None:
    runtime, run, dev = (pinned([LOCKS[name].file], ANY) for name in ("runtime", "run", "dev"))
    lines = {pin.line for pin in dev.values()}
    assert {pin.line for pin in run.values()} <= lines
    assert {pin.line for pin in runtime.values()} <= {pin.line for pin in run.values()}


def test_running_needs_few_distributions_and_no_tool_of_developers() -> None:
    run = pinned([LOCKS["run"].file], ANY)
    assert len(run) < 20
    assert not run.keys() & {"coverage", "hypothesis", "mypy", "pytest", "ruff", "sphinx"}


def test_the_tools_of_the_standard_extra_are_those_that_a_build_uses_by_default() -> None:
    extra = tomllib.loads((ROOT / "core" / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    tools = {name: pinned([LOCKS[name].file], ANY)[name].version for name in ("pip", "uv")}
    assert {f"{name}=={version}" for name, version in tools.items()} <= set(extra["standard"])


def test_every_lock_file_of_the_project_is_among_them() -> None:
    found = {
        path
        for pattern in ("*.lock", "*.txt")
        for folder in ("core", "plugins", "requirements", "examples/plugins")
        for path in (ROOT / folder).rglob(pattern)
        if "--hash=" in path.read_text()
    }
    assert found == {lock.file for lock in LOCKS.values()}
