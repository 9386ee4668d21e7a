from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.process.failures import _memory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory that stands for the root of the control groups; ``own`` is the file of this process."""
    monkeypatch.setattr(_memory, "_CGROUPS", str(tmp_path / "own"))
    monkeypatch.setattr(_memory, "_MOUNTS", str(tmp_path))
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {
                "own": "0::/build/x\n",
                "build/x/memory.events": "low 0\noom 1\noom_kill 3\noom_group_kill 0\n",
                "build/x/memory.max": "512000000\n",
            },
            id="version 2",
        ),
        pytest.param(
            {"own": "0::/elsewhere\n", "memory.events": "oom_kill 3\n", "memory.max": "512000000\n"},
            id="version 2 in a container",
        ),
        pytest.param(
            {
                "own": "5:cpu,memory:/build\n1:cpu:/\n0::/\n",
                "memory/build/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
                "memory/build/memory.limit_in_bytes": "512000000\n",
            },
            id="version 1",
        ),
    ],
)
def test_the_control_group_says_what_was_killed_and_what_there_is(
    machine: Path, files: dict[str, str]
) -> None:
    write(machine, files)
    assert (_memory.kills(), _memory.limit()) == (3, 512_000_000)


def test_without_a_limit_there_is_none(machine: Path) -> None:
    write(machine, {"own": "0::/\n", "memory.events": "low 0\n", "memory.max": "max\n"})
    assert (_memory.kills(), _memory.limit()) == (0, None)
    write(machine, {"own": "1:memory:/\n", "memory/memory.limit_in_bytes": "9223372036854771712\n"})
    assert _memory.limit() is None


def test_where_nothing_can_be_read_nothing_is_known(machine: Path) -> None:
    assert (_memory.kills(), _memory.limit()) == (0, None)
